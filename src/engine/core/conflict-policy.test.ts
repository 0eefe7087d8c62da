import { describe, expect, test } from 'vitest'
import { compileConflictPolicy, mergePolicy, newestSide } from './conflict-policy.ts'

describe('R5 conflict policy', () => {
  test('merges where nothing is said', () => {
    expect(compileConflictPolicy([])('data/a.md')).toBe('merge')
    expect(compileConflictPolicy([{ pattern: 'data/*.json', policy: 'ask' }])('data/a.md')).toBe('merge')
  })

  test('the last entry that matches wins, so that exceptions follow the rule', () => {
    const policyOf = compileConflictPolicy([
      { pattern: 'data/**', policy: 'ask' },
      { pattern: 'data/cache/**', policy: 'remote' },
      { pattern: 'data/cache/keep.json', policy: 'local' },
    ])
    expect(['data/a.md', 'data/cache/b.json', 'data/cache/keep.json'].map(policyOf)).toEqual([
      'ask',
      'remote',
      'local',
    ])
  })

  test('merge and union merge, and nothing else does', () => {
    const policies = ['merge', 'union', 'ask', 'newest', 'local', 'remote'] as const
    expect(policies.map(mergePolicy)).toEqual(['merge', 'union', null, null, null, null])
  })

  test('newest compares times, and in doubt takes what other devices have', () => {
    expect(newestSide({ localMs: 2, remoteMs: 1 })).toBe('local')
    expect(newestSide({ localMs: 1, remoteMs: 2 })).toBe('remote')
    expect(newestSide({ localMs: 1, remoteMs: 1 })).toBe('remote')
  })
})
