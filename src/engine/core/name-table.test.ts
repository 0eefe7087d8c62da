import { describe, expect, test } from 'vitest'
import { nameTable } from './name-table.ts'

const of = (...patterns: readonly string[]) => {
  const find = nameTable(patterns.map(pattern => ({ pattern })))
  return (path: string): string | undefined => find(path)?.pattern
}

describe('several names in a row', () => {
  const find = of(
    '.claude/settings.json',
    '.gemini/settings.json',
    '.config/gh/hosts.yml',
    '.github/workflows/',
  )

  test.each([
    ['.claude/settings.json', '.claude/settings.json'],
    ['a/.GEMINI/Settings.json', '.gemini/settings.json'],
    ['a/b/.config/gh/hosts.yml/c', '.config/gh/hosts.yml'],
    ['.github/workflows/deep/x.yml', '.github/workflows/'],
  ])('%s is found by %s', (path, pattern) => expect(find(path)).toBe(pattern))

  test.each([
    'settings.json',
    'x.claude/settings.json',
    'gh/hosts.yml',
    '.config/x/gh/hosts.yml',
    '.github/x',
  ])('%s is not found', path => expect(find(path)).toBeUndefined())
})

describe('stars', () => {
  test.each([
    ['secret*.bak*', ['secret.bak', 'secrets.bak2'], ['report.bak', 'a-secret.bak']],
    ['.kube/config*', ['.kube/config', '.kube/config2'], ['config', 'kube/config', '.kube/x/config']],
    ['*.kube/a*', ['x.kube/a', '.kube/ab'], ['x.kube', 'kube/a']],
    ['a*b*c', ['abc', 'axbxc'], ['ab', 'acb']],
    ['*a*b*', ['xaxbx', 'ab'], ['ba']],
    ['*a*b', ['ab', 'xaxb'], ['abx']],
    ['a*', ['a', 'ab', 'x/ab'], ['ba']],
    ['*~', ['~', 'a~'], ['~a']],
  ])('%s means what it says', (pattern, found, others) => {
    const find = of(pattern)
    expect(found.filter(path => find(path) === undefined)).toEqual([])
    expect(others.filter(path => find(path) !== undefined)).toEqual([])
  })
})

test('a name of files alone is no folder’s', () => {
  const find = nameTable([{ pattern: 'HEAD', isFile: true }, { pattern: 'heads/' }])
  expect(find('a/head')?.pattern).toBe('HEAD')
  expect(find('a/HEAD/b')).toBeNull()
  expect(find('a/heads/b')?.pattern).toBe('heads/')
  const both = nameTable([{ pattern: 'HEAD', isFile: true }, { pattern: 'he*/' }])
  expect(both('a/HEAD/b')?.pattern, 'nor does it hide one that is').toBe('he*/')
})

test.each([
  '',
  '/',
  '*',
  '**',
  'a/*',
  '*/a',
  'a//b',
  '/a',
  'a?',
  '[ab]',
  '{a,b}',
  '!a',
  '@(a)',
  'a\\b',
  'a.',
  'a ',
  'a\u200b',
])('R10 a pattern of another form is an error and not passed over: %j', pattern =>
  expect(() => of(pattern)).toThrow(/is no name/),
)
