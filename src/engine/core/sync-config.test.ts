import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countWork } from '../../../test/support/work.ts'
import { createSyncConfigText, parseSyncConfig } from './sync-config.ts'
import type { SyncConfig } from './sync-config.ts'

const EMPTY: SyncConfig = {
  shared: [],
  private: [],
  contentRoot: null,
  conflictPolicy: [],
  expectDeletes: [],
  maxFileBytes: null,
}

describe('a good file', () => {
  test('gives patterns with index and line', () => {
    const text = [
      '{',
      '  "syncFilePatterns": ["data/**/*.md",',
      '    "!data/drafts/**"],',
      '  "privateSyncFilePatterns": [',
      '    "data/me/**"',
      '  ]',
      '}',
    ].join('\n')
    expect(parseSyncConfig(text)).toEqual({
      ok: true,
      config: {
        ...EMPTY,
        shared: [
          { pattern: 'data/**/*.md', index: 0, line: 2 },
          { pattern: '!data/drafts/**', index: 1, line: 3 },
        ],
        private: [{ pattern: 'data/me/**', index: 0, line: 5 }],
      },
    })
  })

  test.each(['\n', '\r\n', '\r'])('counts lines that end with %j', end => {
    const parsed = parseSyncConfig(['{', '"syncFilePatterns": [', '', '"a/*"', ']}'].join(end))
    expect(parsed).toMatchObject({ config: { shared: [{ line: 4 }] } })
  })

  test('may have nothing in it: then nothing syncs', () => {
    expect(parseSyncConfig('{}')).toEqual({ ok: true, config: EMPTY })
  })

  test('may begin with a byte order mark', () => {
    expect(parseSyncConfig('\uFEFF{}')).toEqual({ ok: true, config: EMPTY })
  })

  test('may have fields that we do not know', () => {
    expect(parseSyncConfig('{"$schema": "x", "other": {"a": [1]}}')).toEqual({ ok: true, config: EMPTY })
  })

  test('may say more', () => {
    const text = JSON.stringify({
      contentRoot: './content/',
      conflictPolicy: [{ pattern: 'data/**/*.json', policy: 'newest', note: 'ours' }],
      expectDeletes: ['data/queue/**', '!data/queue/keep/**'],
      maxFileBytes: 1_000_000,
    })
    expect(parseSyncConfig(text)).toEqual({
      ok: true,
      config: {
        ...EMPTY,
        contentRoot: 'content',
        conflictPolicy: [{ pattern: 'data/**/*.json', policy: 'newest' }],
        expectDeletes: [
          { pattern: 'data/queue/**', index: 0, line: 1 },
          { pattern: '!data/queue/keep/**', index: 1, line: 1 },
        ],
        maxFileBytes: 1_000_000,
      },
    })
  })

  test('is what we create', () => {
    const text = createSyncConfigText(['data/**/*.md', '!data/x/**'])
    expect(text).toMatch(/^\{\n {2}"syncFilePatterns": \[\n/)
    expect(text.endsWith('}\n')).toBe(true)
    const parsed = parseSyncConfig(text)
    expect(parsed).toMatchObject({ ok: true, config: { shared: [{ line: 3 }, { line: 4 }], private: [] } })
  })
})

describe('R12 a broken file says where and why', () => {
  test.each([
    ['', 1, 1, 'empty'],
    [' \n ', 1, 1, 'empty'],
    ['[]', 1, 1, 'one object'],
    ['null', 1, 1, 'one object'],
    ['{\n  // note\n}', 2, 3, 'comments'],
    ['{"syncFilePatterns": ["a/*",]}', 1, 29, 'comma before the "]"'],
    ['{"syncFilePatterns": [],\n}', 2, 1, 'comma before the "}"'],
    ['{"syncFilePatterns": ["a/*" "b/*"]}', 1, 29, '"," is expected'],
    ['{"syncFilePatterns" ["a/*"]}', 1, 21, '":" is expected'],
    ['{"syncFilePatterns": ["a/*"]', 1, 29, '"}" is missing'],
    ['{"syncFilePatterns": ["a/*"', 1, 28, '"]" is missing'],
    ['{"syncFilePatterns": [\n"a/*]}', 2, 1, 'not closed'],
    ['{"syncFilePatterns": [a]}', 1, 23, 'needs double quotes'],
    ["{'a': 1}", 1, 2, ''],
    ['{} {}', 1, 4, 'something follows'],
    ['{"syncFilePatterns": ["data\\*.md"]}', 1, 23, 'After a backslash'],
    ['{"syncFilePatterns": ["data\\\\*.md"]}', 1, 23, 'use "/"'],
    ['{"syncFilePatterns": "data/**"}', 1, 22, '"syncFilePatterns" must be a list, [ … ], but is text'],
    ['{"syncFilePatterns": null}', 1, 22, 'but is null'],
    ['{"privateSyncFilePatterns": {}}', 1, 29, '"privateSyncFilePatterns" must be a list'],
    ['{"syncFilePatterns": ["a/*",\n 7]}', 2, 2, 'patterns in double quotes, not a number'],
    ['{"syncFilePatterns": ["a/*",\n "/b"]}', 2, 2, 'The pattern "/b" in "syncFilePatterns" cannot be used'],
    [`{"syncFilePatterns": ["${'x'.repeat(201)}"]}`, 1, 23, 'longer than 200'],
    ['{"syncFilePatterns": [],\n "syncFilePatterns": []}', 2, 2, 'stands twice'],
    ['{"x": 1, "x": 1}', 1, 10, '"x" stands twice'],
    ['{"contentRoot": 1}', 1, 17, '"contentRoot" must be text'],
    ['{"contentRoot": "../x"}', 1, 17, '".."'],
    ['{"contentRoot": ""}', 1, 17, 'such as "data"'],
    ['{"maxFileBytes": "1"}', 1, 18, 'whole number of bytes'],
    ['{"maxFileBytes": 0}', 1, 18, 'whole number of bytes'],
    ['{"maxFileBytes": 1.5}', 1, 18, 'whole number of bytes'],
    ['{"conflictPolicy": {}}', 1, 20, 'must be a list'],
    ['{"expectDeletes": "data/queue/**"}', 1, 19, '"expectDeletes" must be a list'],
    [
      '{"expectDeletes": [\n true]}',
      2,
      2,
      '"expectDeletes" must hold patterns in double quotes, not true or false',
    ],
    ['{"expectDeletes": ["a/*",\n "/b"]}', 2, 2, 'The pattern "/b" in "expectDeletes" cannot be used'],
    ['{"conflictPolicy": ["a"]}', 1, 21, 'such as { "pattern"'],
    ['{"conflictPolicy": [{"policy": "ask"}]}', 1, 21, '"pattern" is missing'],
    ['{"conflictPolicy": [{"pattern": "a/*"}]}', 1, 21, '"policy" is missing'],
    [
      '{"conflictPolicy": [{"pattern": "a/*", "policy": "mine"}]}',
      1,
      50,
      'merge, union, ask, newest, local, remote',
    ],
    ['{"conflictPolicy": [{"pattern": "a/", "policy": "ask"}]}', 1, 33, 'ends with "/"'],
    ['{\n "privateSyncFilePattern": []}', 2, 2, 'write "privateSyncFilePatterns"'],
    ['{"privatePatterns": []}', 1, 2, 'write "privateSyncFilePatterns"'],
    ['{"syncFilePatterns": [],\n "syncFilePattern": []}', 2, 2, '"syncFilePatterns" is there as well'],
    ['{"conflictpolicy": []}', 1, 2, 'write "conflictPolicy"'],
  ])('%j', (text, line, column, part) => {
    const parsed = parseSyncConfig(text)
    expect(parsed).toMatchObject({ ok: false, line, column })
    expect(parsed.ok ? '' : parsed.reason).toContain(part)
  })
})

test('takes what JSON.parse takes, and nothing else', () => {
  const good =
    '{\n  "syncFilePatterns": ["data/**", "!data/x/*"],\n  "n": [1.5e3, true, null, "\\u0041"]\n}\n'
  const edit = fc.tuple(
    fc.nat({ max: good.length }),
    fc.nat({ max: 3 }),
    fc.constantFrom('', ...Array.from('{}[]",:/ \n0-.e\\u\u00a0\t')),
  )
  const seen = { good: 0, bad: 0 }
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 2 }), edits => {
      const text = edits.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), good)
      const parsed = parseSyncConfig(text)
      if (isJson(text)) {
        seen.good++
        // What is JSON is refused only for what it says.
        if (!parsed.ok) expect(parsed.reason).toMatch(/pattern|must|twice|no field/)
      } else {
        seen.bad++
        expect(parsed.ok).toBe(false)
        if (!parsed.ok) expect(parsed.reason).not.toContain('not JSON (')
      }
    }),
    { numRuns: 3000 },
  )
  expect(seen.good).toBeGreaterThan(100)
  expect(seen.bad).toBeGreaterThan(100)
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('R15.9 the work that patterns may make', () => {
  const textOf = (count: number, pattern: (at: number) => string): string =>
    JSON.stringify({ syncFilePatterns: Array.from({ length: count }, (_, at) => pattern(at)) }, null, 1)

  test('a thousand ordinary patterns are fine, one more is told with its line', () => {
    const ordinary = (at: number): string => `data/agent-${at}/{notes,state}/**/*.{json,md,txt}`
    expect(parseSyncConfig(textOf(1_000, ordinary)).ok).toBe(true)
    expect(parseSyncConfig(textOf(1_001, ordinary))).toMatchObject({
      ok: false,
      line: 1_003,
      reason: expect.stringContaining('more than 1,000 patterns'),
    })
  })

  test('the lists of a file count together', () => {
    const list = Array.from({ length: 251 }, (_, at) => `data/${at}`)
    const policies = list.map(pattern => ({ pattern, policy: 'ask' }))
    const four = {
      syncFilePatterns: list,
      privateSyncFilePatterns: list,
      expectDeletes: list,
      conflictPolicy: policies,
    }
    expect(parseSyncConfig(JSON.stringify(four))).toMatchObject({ ok: false })
    expect(parseSyncConfig(JSON.stringify({ ...four, conflictPolicy: [] })).ok).toBe(true)
  })

  test.each([
    ['negations behind something', '**/*!(a|b)*.md'],
    ['many braces', 'data/{a,b}{c,d}{e,f}{g,h}{i,j}{k,l}{m,n}{o,p}/?????????????/**'],
  ])('of %s few are fine, and hundreds an error that names one', (_, pattern) => {
    expect(parseSyncConfig(textOf(5, () => pattern)).ok).toBe(true)
    expect(parseSyncConfig(textOf(500, () => pattern))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('too much work'),
    })
  })

  test('a hundred thousand patterns are refused by their number, and not looked at', async () => {
    const [, blocks] = await countWork(`
      const { parseSyncConfig } = await load('engine/core/sync-config.ts')
      const text = JSON.stringify({ syncFilePatterns: Array.from({ length: 100_000 }, (_, at) => 'data/' + at + '/*') })
      count()
      if (parseSyncConfig(text).ok) throw new Error('accepted')
      count()`)
    expect(blocks).toBeLessThan(3_000_000)
  })

  test.each(['\n', '\r\n', '\r'])('each has its line, with %j between lines', end => {
    const text = ['{"syncFilePatterns": [', '"a",', '"b", "c"', '], "privateSyncFilePatterns": ["d"]}'].join(
      end,
    )
    const parsed = parseSyncConfig(text)
    if (!parsed.ok) throw new Error(parsed.reason)
    expect([...parsed.config.shared, ...parsed.config.private].map(({ line }) => line)).toEqual([2, 3, 3, 4])
  })
})
