import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { excludeFiles } from './exclude-files.ts'
import { loadProject, type Project } from './project.ts'

let top: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-exclude-')))
  mkdirSync(join(top, 'data'))
})

afterEach(() => rmSync(top, { recursive: true, force: true }))

function project(config: string): Project {
  writeFileSync(join(top, 'data/sync-config.json'), config)
  return loadProject(top, { LOCKSTEP_HOME: join(top, 'home'), FILE_SYNC_USER_ID: 'ann' })
}

const configNow = (): string => readFileSync(join(top, 'data/sync-config.json'), 'utf8')

describe('R10.13 a file that is excluded', () => {
  test('is named by a negation, and nothing else of the settings changes', () => {
    const config = '{\r\n\t"note": "mine",\r\n\t"syncFilePatterns": [\r\n\t\t"data/**"\r\n\t]\r\n}\r\n'
    excludeFiles(project(config), ['data/keys.md'])
    expect(configNow()).toBe(config.replace('"data/**"', '"data/**",\r\n\t\t"!data/keys.md"'))
  })

  test('of the private ones becomes no shared one', () => {
    excludeFiles(project('{"syncFilePatterns":["data/**"],"privateSyncFilePatterns":["data/own/**"]}'), [
      'data/own/keys.md',
      'data/keys.md',
    ])
    expect(JSON.parse(configNow())).toEqual({
      syncFilePatterns: ['data/**', '!data/own/keys.md', '!data/keys.md'],
      privateSyncFilePatterns: ['data/own/**', '!data/own/keys.md'],
    })
  })

  test.each([
    'data/[id].md',
    'data/a*.md',
    'data/what?.md',
    'data/{a,b}.md',
    'data/+(a).md',
    'data/!(a).md',
    'data/!a.md',
  ])('is the one with the name %s, and no other', path => {
    const { rules } = project('{"syncFilePatterns":["data/**"]}')
    excludeFiles(project('{"syncFilePatterns":["data/**"]}'), [path])
    const after = loadProject(top, { LOCKSTEP_HOME: join(top, 'home') }).rules
    const others = ['data/i.md', 'data/ab.md', 'data/whatx.md', 'data/a.md', 'data/b.md', 'data/c.md']
    expect([rules.classify(path).kind, after.classify(path).kind]).toEqual(['synced', 'unmatched'])
    expect(others.map(other => after.classify(other).kind)).toEqual(others.map(() => 'synced'))
  })

  test('has to be one that syncs; otherwise nothing is written', () => {
    const config = '{"syncFilePatterns":["data/*.md"]}'
    expect(() => excludeFiles(project(config), ['data/a.md', 'data/b.txt'])).toThrow(
      '"data/b.txt" does not sync',
    )
    expect(configNow()).toBe(config)
  })
})
