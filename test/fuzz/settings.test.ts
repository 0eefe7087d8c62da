/**
 * R17.3: whatever stands in the settings files of a project, it is read or told as a ConfigurationError, and what is
 * written back changes nothing else. `LOCKSTEP_LONG` tries 100,000 of each.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type Arbitrary, array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseSyncConfig } from '../../src/engine/core/sync-config.ts'
import { setPatterns } from '../../src/host/app/config-text.ts'
import { EnvTextError, envLineOf, maskEnvText, setEnvValue } from '../../src/host/env-text.ts'
import { ConfigurationError } from '../../src/host/errors.ts'
import { assembleProject, loadProject } from '../../src/host/project.ts'
import { times } from '../support/long.ts'

const RUNS = times({ short: 1_000, long: 100_000 })

const CONFIG = '{ "syncFilePatterns": ["data/**"] }'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-fuzz-')))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/sync-config.json'), CONFIG)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function textOf(pieces: Arbitrary<string>, maxLength: number): Arbitrary<string> {
  return array(oneof({ weight: 12, arbitrary: pieces }, string({ unit: 'binary', maxLength: 8 })), {
    maxLength,
  }).map(parts => parts.join(''))
}

/** Whether it was read. Whatever else is thrown fails the test. */
function isRead(load: () => unknown): boolean {
  try {
    load()
    return true
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(error.message.length).toBeGreaterThan(10)
    return false
  }
}

/** Each kind of end must have been met, or the test would show nothing. */
function counting() {
  const met = { read: 0, refused: 0 }
  return { met, note: (read: boolean) => void (met[read ? 'read' : 'refused'] += 1) }
}

const JSON_PIECES = constantFrom(
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\uFEFF',
  'null',
  '1e999',
  '-0',
  'true',
  '//',
  '"syncFilePatterns"',
  '"privateSyncFilePatterns"',
  '"syncFilePatern"',
  '"contentRoot"',
  '"maxFileBytes"',
  '"conflictPolicy"',
  '"expectDeletes"',
  '"data/**"',
  '"!data/x/**"',
  '"../x"',
  '"__proto__"',
  '"\\u0000"',
  '"é"',
  '["data/**", "!a"]',
  '"contentRoot": "data"',
  '[[[[[[[[[[',
  ']]]]]]]]]]',
  '{"a":'.repeat(101),
  '{}',
  '[]',
)

const CONFIG_TEXTS = oneof(
  textOf(JSON_PIECES, 20),
  // Nearly right: one piece too many.
  array(
    constantFrom('"a": 1', '"syncFilePatterns": ["data/**"]', '"privateSyncFilePatterns": []', '"x": [{}]'),
    {
      maxLength: 4,
    },
  ).map(fields => `{${fields.join(',\n ')}}`),
)

test('R17.3 whatever stands in sync-config.json is read or told with its line, and patterns alone are written', () => {
  const { met, note } = counting()
  let written = 0
  const patterns = array(constantFrom('data/**', '!data/x', 'é/"x"', 'a\\b'), { maxLength: 3 })
  assert(
    property(CONFIG_TEXTS, patterns, (text, wanted) => {
      const parsed = parseSyncConfig(text)
      note(parsed.ok)
      if (!parsed.ok) {
        expect(parsed.line).toBeGreaterThan(0)
        expect(parsed.column).toBeGreaterThan(0)
        expect(parsed.line).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length)
        isRead(() => assembleProject(placeOf(), text, {}, ''))
        return
      }
      const after = setPatterns(text, 'syncFilePatterns', wanted)
      const plain = (json: string): object => JSON.parse(json.replace(/^\uFEFF/, '')) as object
      const before = plain(text)
      const isMissing = wanted.length === 0 && !('syncFilePatterns' in before)
      expect(plain(after)).toEqual(isMissing ? before : { ...before, syncFilePatterns: wanted })
      written += 1
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(met.read, met.refused, written)).toBeGreaterThan(RUNS / 20)
})

function placeOf() {
  return { folder, configFolder: 'data', configFile: 'data/sync-config.json' }
}

const ENV_PIECES = constantFrom(
  '=',
  ' ',
  '\n',
  '\r\n',
  '#',
  '"',
  "'",
  '`',
  '\\n',
  '\\',
  'export ',
  '\uFEFF',
  'x',
  '__proto__=1\n',
  ': ',
  '\t',
  'FILE_SYNC_BACKEND=',
  'supabase\n',
  'convex\n',
  'firestore\n',
  'custom\n',
  'drizzle\n',
  'FILE_SYNC_APP_ID=',
  'app\n',
  'FILE_SYNC_USER_ID=me\n',
  'FILE_SYNC_ENABLED=',
  'off\n',
  'FILE_SYNC_SQLITE_PATH=',
  '../../x.db\n',
  '/\n',
  '.\n',
  'SUPABASE_URL=',
  'https://a.supabase.co\n',
  'http://a\n',
  'SUPABASE_ANON_KEY=',
  'S3CRET\n',
  'SUPABASE_EMAIL=e\n',
  'CONVEX_URL=',
  'GOOGLE_APPLICATION_CREDENTIALS=',
  'FILE_SYNC_ADAPTER=',
  'SUPABASE_PASSWORD="S3CRET"\n',
)

test('R17.3 whatever stands in .env is read or told, one value alone is written, and no secret is shown', () => {
  const { met, note } = counting()
  const counts = { written: 0, hidden: 0 }
  const values = textOf(constantFrom('a', ' ', '"', "'", '`', '#', '\n', '\\', '=', '$'), 4)
  assert(
    property(textOf(ENV_PIECES, 24), values, (text, value) => {
      note(isRead(() => assembleProject(placeOf(), CONFIG, { FILE_SYNC_APP_ID: 'app' }, text)))
      envLineOf(text, 'SUPABASE_URL')
      const before = { ...parseEnv(text) }
      try {
        const after = setEnvValue(text, 'FILE_SYNC_USER_ID', value)
        expect({ ...parseEnv(after) }).toEqual({ ...before, FILE_SYNC_USER_ID: value })
        counts.written += 1
      } catch (error) {
        if (!(error instanceof EnvTextError)) throw error
      }
      const shown = maskEnvText(text, () => false)
      expect(shown.split('\n')).toHaveLength(text.split('\n').length)
      if (!text.includes('S3CRET') || /S3CRET[^\n]*=/.test(text)) return
      expect(shown).not.toContain('S3CRET')
      counts.hidden += 1
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(met.read, met.refused, counts.written, counts.hidden)).toBeGreaterThan(RUNS / 20)
})

const PACKAGE_TEXTS = oneof(
  textOf(
    constantFrom(
      '{',
      '}',
      '"name"',
      ':',
      '"app"',
      '"@me/app"',
      ',',
      '[',
      ']',
      'null',
      '1',
      '"\\u0000"',
      '\uFEFF',
    ),
    12,
  ),
  array(
    constantFrom(
      '"name": "app"',
      '"name": "a b"',
      '"name": 1',
      '"name": {}',
      '"__proto__": {"name": "x"}',
      '"v": "1"',
    ),
    {
      maxLength: 3,
    },
  ).map(fields => `{${fields.join(', ')}}`),
  constantFrom('null', '""', '[]'),
)

test('R17.3 whatever stands in package.json, the folder has an app or is told why not', () => {
  const { met, note } = counting()
  const path = join(folder, 'package.json')
  assert(
    property(PACKAGE_TEXTS, text => {
      writeFileSync(path, text)
      note(isRead(() => loadProject(folder, {})))
    }),
    { numRuns: RUNS },
  )
  rmSync(path)
  expect(Math.min(met.read, met.refused)).toBeGreaterThan(RUNS / 20)
})

test('R17.3 a package.json that is nested without end is read, or told', () => {
  const path = join(folder, 'package.json')
  for (const text of ['['.repeat(200_000), `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]) {
    writeFileSync(path, text)
    isRead(() => loadProject(folder, {}))
  }
  rmSync(path)
})
