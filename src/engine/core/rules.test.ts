import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deniedBy } from './denylist.ts'
import { compileRules } from './rules.ts'
import type { Rules } from './rules.ts'
import { isWithin, parentOf } from './tree.ts'
import type { PatternEntry, SyncConfig } from './sync-config.ts'

function entry(pattern: string, index = 0): PatternEntry {
  return { pattern, index, line: index + 3 }
}

function config(shared: readonly string[], mine: readonly string[] = []): SyncConfig {
  return {
    shared: shared.map(entry),
    private: mine.map(entry),
    contentRoot: null,
    conflictPolicy: [],
    expectDeletes: [],
    maxFileBytes: null,
  }
}

function rules(
  shared: readonly string[],
  mine: readonly string[] = [],
  userId: string | null = 'ann',
): Rules {
  return compileRules({ config: config(shared, mine), userId })
}

describe('classification', () => {
  const all = rules(['data/**', '!data/tmp/**', 'data/**/*.md'], ['data/me/**', '!data/me/public/**'])

  test('R12 names channel, list and pattern', () => {
    expect(all.classify('data/a.json')).toEqual({
      kind: 'synced',
      channel: 'shared',
      pattern: entry('data/**'),
      list: 'syncFilePatterns',
      alsoShared: false,
    })
  })

  test('R15 a file of both lists is private, and says so', () => {
    expect(all.classify('data/me/a.json')).toEqual({
      kind: 'synced',
      channel: 'private',
      pattern: entry('data/me/**'),
      list: 'privateSyncFilePatterns',
      alsoShared: true,
    })
  })

  test('a file that the private list takes out is shared', () => {
    expect(all.classify('data/me/public/a.json')).toMatchObject({ kind: 'synced', channel: 'shared' })
  })

  test('R12 names the pattern that takes a file out', () => {
    expect(all.classify('data/tmp/a.md')).toEqual({
      kind: 'unmatched',
      excludedBy: entry('!data/tmp/**', 1),
      list: 'syncFilePatterns',
    })
    expect(rules([], ['a/**', '!a/b']).classify('a/b')).toEqual({
      kind: 'unmatched',
      excludedBy: entry('!a/b', 1),
      list: 'privateSyncFilePatterns',
    })
    expect(all.classify('other/a.md')).toEqual({ kind: 'unmatched', excludedBy: null, list: null })
  })

  test('R15 without a user a private file stays here, also where it is shared as well', () => {
    const anonymous = rules(['data/**'], ['data/me/**', 'mine/**'], null)
    expect(anonymous.classify('data/me/a')).toEqual({
      kind: 'private-without-user',
      pattern: entry('data/me/**'),
      alsoShared: true,
    })
    expect(anonymous.classify('mine/a')).toMatchObject({ kind: 'private-without-user', alsoShared: false })
    expect(anonymous.classify('data/a')).toMatchObject({ kind: 'synced', channel: 'shared' })
  })

  test.each(['data/.env', 'data/sync.db', 'data/x/.git/HEAD', 'data/a.md.conflict', 'data/_tmp-lockstep-1'])(
    'R10 %s is denied whatever the patterns say',
    path => {
      const everything = rules(['**', path], ['**', path])
      expect(everything.classify(path)).toEqual({ kind: 'denied', entry: deniedBy(path) })
    },
  )

  test.each(['../data/a', '/data/a', 'data\\a', 'data//a', ''])('R11 %j is unsafe', path => {
    expect(rules(['**']).classify(path)).toMatchObject({
      kind: 'unsafe',
      reason: expect.stringMatching(/\.$/),
    })
  })

  test('R11 what Windows cannot hold is unsafe there only', () => {
    const windows = compileRules({ config: config(['**']), os: 'windows', userId: null })
    expect(windows.classify('data/aux.json')).toMatchObject({ kind: 'unsafe' })
    expect(rules(['**']).classify('data/aux.json')).toMatchObject({ kind: 'synced' })
  })
})

describe('scanning', () => {
  test('begins in the folders of both lists', () => {
    expect(rules(['data/notes/**', 'data/agents/*.json'], ['data/notes/me/**', 'mine/*']).scanBases).toEqual([
      'data/agents',
      'data/notes',
      'mine',
    ])
    expect(rules([]).scanBases).toEqual([])
    expect(rules(['node_modules/a/**', 'data/*']).scanBases).toEqual(['data'])
  })

  test('looks into a folder where either list may match, and into none that is denied', () => {
    const both = rules(['data/notes/**'], ['data/me/**'])
    expect(
      ['', 'data', 'data/notes', 'data/notes/x', 'data/me'].filter(folder => both.prunes(folder)),
    ).toEqual([])
    expect(both.prunes('data/other')).toBe(true)
    expect(both.prunes('data/notes/node_modules')).toBe(true)
    expect(both.prunes('data/notes/.git')).toBe(true)
  })
})

const name = fc.constantFrom('a', 'b', '.a', 'c.md', '.env', 'x.DB', 'node_modules', '..')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'))
const glob = fc.oneof(
  fc.constantFrom('**', '**/*.md', 'a/**', '**/.a/**', '*/*', '**/b'),
  fc
    .array(fc.constantFrom('a', 'b', '*', '**', '.*', '*.md', '{a,.env}', '!(a)'), {
      minLength: 1,
      maxLength: 3,
    })
    .map(names => names.join('/')),
)
const list = fc
  .array(fc.tuple(fc.constantFrom('', '', '', '!'), glob), { minLength: 1, maxLength: 3 })
  .map(patterns =>
    // Before a group of anything else it would be a second negation.
    patterns.map(([sign, text]) => (text.startsWith('!') ? text : sign + text)),
  )
const userId = fc.constantFrom('ann', null)

test('R10 R15 no denied file syncs, no private file is shared, and a scan finds whatever syncs', () => {
  const seen = { shared: 0, private: 0, both: 0, denied: 0, anonymous: 0 }
  fc.assert(
    fc.property(list, list, userId, path, (shared, mine, user, path) => {
      const all = rules(shared, mine, user)
      const found = all.classify(path)
      if (deniedBy(path) !== null) {
        seen.denied++
        expect(['denied', 'unsafe']).toContain(found.kind)
      }
      const isPrivate = rules([], mine, user).classify(path)
      if (isPrivate.kind === 'private-without-user') {
        seen.anonymous++
        expect(found.kind).toBe('private-without-user')
      }
      if (isPrivate.kind === 'synced') expect(found).toMatchObject({ kind: 'synced', channel: 'private' })
      if (found.kind !== 'synced') return
      seen[found.channel]++
      if (found.alsoShared) seen.both++
      expect(rules(shared, [], user).classify(path).kind === 'synced').toBe(
        found.channel === 'shared' || found.alsoShared,
      )
      expect(all.scanBases.some(base => isWithin(base, parentOf(path)))).toBe(true)
      for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
        expect(all.prunes(folder)).toBe(false)
      }
    }),
    { numRuns: 4000 },
  )
  // The rarest is seen some 50 times.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
})

describe("R15.7 a folder's name in a pattern", () => {
  const named = compileRules({
    config: config(
      ['data/**', '!data/secrets', '!data/**/drafts', '!data/*.tmp'],
      ['data/private', '**/own'],
    ),
    userId: 'ann',
  })

  test.each([
    ['data/secrets', 'unmatched'],
    ['data/secrets/pw.md', 'unmatched'],
    ['data/secrets/deep/pw.md', 'unmatched'],
    ['data/x/drafts/a.md', 'unmatched'],
    ['data/secrets2/a.md', 'synced'],
    ['data/x.tmp/a.md', 'synced'],
  ])('of a negation of shared files %s is %s', (path, kind) => {
    expect(named.classify(path).kind).toBe(kind)
  })

  test.each(['data/private', 'data/private/diary.md', 'data/private/a/b.md', 'x/own/c.md'])(
    'of private files %s is private',
    path => {
      expect(named.classify(path)).toMatchObject({ kind: 'synced', channel: 'private' })
    },
  )

  test('a scan looks into it where it is private, and not where it is left out', () => {
    const both = rules(['data/**', '!data/secrets'], ['own/private'])
    expect([both.prunes('own/private'), both.prunes('data/secrets')]).toEqual([false, true])
    expect(both.scanBases).toEqual(['data', 'own'])
  })

  test('of shared files it is a file, as it is in a negation of private ones', () => {
    const literal = compileRules({ config: config(['data'], ['own/**', '!own/not']), userId: 'ann' })
    expect(literal.classify('data/a.md').kind).toBe('unmatched')
    expect(literal.classify('own/not/a.md')).toMatchObject({ channel: 'private' })
    const paths = literal.namedPaths.map(({ path }) => path)
    expect(paths).toEqual(['data', 'own/not'])
  })
})

describe('R10 what the settings of a folder name', () => {
  const own = compileRules({
    config: config(['data/**']),
    userId: null,
    ownFiles: [{ path: 'data/Store', category: 'databases', reason: 'It is the database.' }],
  })

  test.each(['data/Store', 'data/store'])('%s never syncs, in any case of letters', path => {
    expect(own.classify(path)).toEqual({
      kind: 'denied',
      entry: { pattern: 'data/Store', category: 'databases', reason: 'It is the database.' },
    })
  })

  const clef = { category: 'credentials', reason: 'It is a key.' } as const
  const spelled = compileRules({
    config: config(['**']),
    userId: null,
    ownFiles: [
      { path: 'package.json', category: "sync's own files", reason: 'It names the app.' },
      { path: 'data/cl\u00e9.json', ...clef },
      { path: 'data/.state', isTree: true, ...clef },
    ],
  })

  test.each([
    'pac\u212aage.json',
    'package.j\u017fon',
    'pack\u200dage.json',
    'package.json.',
    'package.json ',
    'data/cle\u0301.json',
    'DATA/CLE\u0301.JSON',
    'data./cl\u00e9.json',
    'data/.\u017ftate/a/b',
    'data/.state./a',
  ])('R10.10 %j is another spelling of one', path => {
    expect(spelled.classify(path)).toMatchObject({ kind: 'denied' })
  })

  test.each(['data/package.json', 'package.json5', 'data/cle.json', 'data/.states/a', 'a.b/c.d'])(
    'R10.10 %s is another name',
    path => expect(spelled.classify(path).kind).toBe('synced'),
  )

  test('R10.2 of a folder all that lies in it, and it is not gone into', () => {
    const reason = 'It is the state.'
    const ownFiles = [{ path: 'data/.State', isTree: true, category: "sync's own files", reason }] as const
    const rules = compileRules({ config: config(['data/**', 'data/.state/x/*.md']), userId: null, ownFiles })
    for (const path of ['data/.State/running.json', 'data/.state/folders/a/b.md'])
      expect(rules.classify(path)).toMatchObject({ kind: 'denied', entry: { reason } })
    expect(rules.classify('data/.states/a.md')).toMatchObject({ kind: 'synced' })
    expect([rules.prunes('data/.state'), rules.prunes('data/.states')]).toEqual([true, false])
  })

  test('and nothing else is denied for it', () => {
    for (const path of ['data/store.md', 'data/store/a.md', 'data/deep/Store'])
      expect(own.classify(path)).toMatchObject({ kind: 'synced' })
  })
})

test('R11 a name that no record can have says whether it would sync but for that', () => {
  const all = rules(['data/**', '!data/tmp/**'])
  expect(all.classify('data/a\nb.md')).toMatchObject({ kind: 'unsafe', isMatched: true })
  expect(all.classify('data/tmp/a\nb.md')).toMatchObject({ kind: 'unsafe', isMatched: false })
  expect(all.classify('data/.git/a\nb')).toMatchObject({ kind: 'unsafe', isMatched: false })
})
