import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countWork } from '../../../test/support/work.ts'
import { deniedBy, deniesFolder, DENYLIST, TEMPORARY_PREFIX } from './denylist.ts'

/** A file or folder for each entry. */
const EXAMPLES: readonly (readonly [pattern: string, ...names: string[]])[] = [
  ['.env*', '.env', '.env.local', '.envrc'],
  ['credentials.json', 'credentials.json'],
  ['service-account*.json', 'service-account.json', 'service-account-prod.json'],
  ['.aws/', '.aws', '.aws/config'],
  ['.docker/config.json', '.docker/config.json'],
  ['.npmrc', '.npmrc'],
  ['.pypirc', '.pypirc'],
  ['.yarnrc.yml', '.yarnrc.yml'],
  ['.sessions.json', '.sessions.json'],
  ['*.key', 'server.key', '.key'],
  ['*.pem', 'a.pem'],
  ['*.p12', 'a.p12'],
  ['*.pfx', 'a.pfx'],
  ['*.jks', 'a.jks'],
  ['.ssh/', '.ssh', '.ssh/known_hosts'],
  ['id_rsa*', 'id_rsa', 'id_rsa.pub', 'id_rsa_work'],
  ['id_ed25519*', 'id_ed25519'],
  ['id_ecdsa*', 'id_ecdsa'],
  ['.git/', '.git', '.git/HEAD'],
  ['node_modules/', 'node_modules', 'node_modules/a/index.js'],
  ...['db', 'db3', 'sqlite', 'sqlite3', 'sl3', 's3db'].flatMap(end =>
    ['', '-wal', '-shm', '-journal'].map(log => [`*.${end}${log}`, `a.${end}${log}`] as const),
  ),
  ['*.duckdb', 'a.duckdb'],
  ['*.duckdb.wal', 'a.duckdb.wal'],
  ['*.mdb', 'a.mdb'],
  ['*.accdb', 'a.accdb'],
  ['*.tfstate*', 'terraform.tfstate', 'terraform.tfstate.backup', '.tfstate'],
  ['sync-config.json', 'sync-config.json'],
  ['.sync-status.json', '.sync-status.json'],
  ['.sync-failures.json', '.sync-failures.json'],
  ['*.conflict', 'a.md.conflict'],
  ['_tmp-*', '_tmp-1', `${TEMPORARY_PREFIX}42`],
  ['*~', 'a.md~'],
  ['*.swp', '.a.md.swp'],
  ['*.swo', '.a.md.swo'],
  ['.#*', '.#a.md'],
  ['#*#', '#a.md#', '##'],
  ['.DS_Store', '.DS_Store'],
  ['Thumbs.db', 'Thumbs.db'],
  ['desktop.ini', 'desktop.ini'],
]

test('R10 every entry has an example, a category and a reason', () => {
  expect(DENYLIST.map(entry => entry.pattern)).toEqual(EXAMPLES.map(([pattern]) => pattern))
  for (const { category, reason } of DENYLIST) {
    expect(category).not.toBe('')
    expect(reason).toMatch(/^[A-Z].{20,}\.$/)
  }
})

describe.each(EXAMPLES)('R10 denies %s', (pattern, ...names) => {
  test.each(names)('%s at any depth, in any case, and all below it', name => {
    for (const path of [name, `data/${name}`, `data/a/b/${name}`]) {
      for (const cased of [path, path.toUpperCase(), path.replace(/[a-z]/, letter => letter.toUpperCase())]) {
        expect(deniedBy(cased)?.pattern).toBe(pattern)
        expect(deniedBy(`${cased}/below/x.json`)).not.toBeNull()
        expect(deniesFolder(cased)).toBe(true)
      }
    }
  })
})

test('F25 R10 denies a file in a folder that is denied', () => {
  expect(deniedBy('data/.env/secret.json')?.pattern).toBe('.env*')
  expect(deniedBy('data/NODE_MODULES/a/b.json')?.pattern).toBe('node_modules/')
})

test.each([
  'data/a.md',
  'data/env',
  'data/a.env',
  'data/my-credentials.json',
  'data/credentials.json5',
  'data/service-account.yaml',
  'data/docker/config.json',
  'data/.docker/other.json',
  'data/.docker/a/config.json',
  'data/.docker',
  'config.json',
  'data/key',
  'data/a.keys',
  'data/.gitignore',
  'data/.github/x.yml',
  'data/db',
  'data/a.db.json',
  'data/a.sqlite4',
  'data/a_tmp-b',
  'data/#a',
  'data/#',
  'data/a#',
  'data/conflict',
  'data/tfstate',
  'data/~a',
  'data/Thumbs',
])('R10 lets %s be', path => {
  expect(deniedBy(path)).toBeNull()
})

test('R10 the case of letters that a file system folds is folded', () => {
  expect(deniedBy('data/.\u017fsh/x')?.pattern).toBe('.ssh/') // long s
  expect(deniedBy('data/a.\u212aey')?.pattern).toBe('*.key') // Kelvin sign
})

test('the top folder is never denied', () => {
  expect(deniesFolder('')).toBe(false)
})

test('R10 the matcher says what the patterns mean', () => {
  const expressions = DENYLIST.map(entry => {
    const body = entry.pattern
      .replace(/\/$/, '')
      .replace(/[.*+?^${}()|[\]\\]/g, character => (character === '*' ? '[^/]*' : `\\${character}`))
    return new RegExp(`(?:^|/)${body}(?:/|$)`, 'i')
  })
  const pieces = EXAMPLES.flatMap(([, ...names]) => names).flatMap(name => [
    name,
    name.slice(1),
    name.slice(0, -1),
  ])
  const path = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.stringMatching(/^[a-z#~._-]{1,4}$/)), {
      minLength: 1,
      maxLength: 3,
    })
    .chain(parts => fc.constantFrom(parts.join('/'), parts.join('')))
  let denied = 0
  fc.assert(
    fc.property(path, candidate => {
      const expected = expressions.some(expression => expression.test(candidate))
      expect(deniedBy(candidate) !== null).toBe(expected)
      if (expected) denied++
    }),
    { numRuns: 1000 },
  )
  expect(denied).toBeGreaterThan(100)
  expect(denied).toBeLessThan(1000)
})

test('a path costs some forty steps', async () => {
  const [, steps] = await countWork(`
    const { deniedBy } = await load('engine/core/denylist.ts')
    const paths = Array.from({ length: 10_000 }, (_, i) => 'data/agents/agent-' + (i % 100) + '/state/note-' + i + '.json')
    count()
    if (!paths.every(path => deniedBy(path) === null)) throw new Error('denied')
    count()`)
  expect(steps! / 10_000).toBeLessThan(80)
})
