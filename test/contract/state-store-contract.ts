/** What every state store must do, the one in memory too. */
import { describe, expect, test } from 'vitest'
import type { BaseEntry } from '../../src/engine/core/entry.ts'
import { DEFAULT_RETENTION, FILE_TIMES, OWN_ENTRY_BYTES } from '../../src/engine/core/retention.ts'
import type {
  ConflictRecord,
  Decision,
  HistoryEntry,
  HoldRecord,
  RecentDelete,
  Resolution,
  RetryRecord,
  ScopeKey,
  StateChange,
  StateStore,
  StatusRecord,
} from '../../src/engine/ports/state-store.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { KEEP_ALL, KEEP_NONE, passDays, prune } from '../support/prune.ts'
import { wholeBase } from '../support/whole-base.ts'

export interface StateStoreHarness {
  /** A store on a new, empty state. */
  open(): StateStore
  /** Another handle on the same state, as another process has. */
  openAgain(store: StateStore): StateStore
}

const KEY: ScopeKey = { database: '/tmp/sync.db', appId: 'app', ownerId: 'shared', channel: 'shared' }
const NOW = 1_800_000_000_000
/** Beyond the grain of the life clock. */
const LATER = NOW + 120_000
const DAY_MS = 24 * 60 * 60 * 1000

export function stateStoreContract(name: string, harness: StateStoreHarness): void {
  describe(`state store: ${name}`, () => {
    test('R4 a scope belongs to one database, app, owner and channel', () => {
      const store = harness.open()
      const id = store.openScope(KEY)
      const others = [
        store.openScope({ ...KEY, database: '/tmp/other.db' }),
        store.openScope({ ...KEY, appId: 'other' }),
        store.openScope({ ...KEY, ownerId: 'ada', channel: 'private' }),
        store.openScope({ ...KEY, channel: 'private' }),
      ]
      expect(new Set([id, ...others]).size).toBe(5)
      expect(store.openScope({ ...KEY })).toBe(id)
      expect(harness.openAgain(store).openScope({ ...KEY })).toBe(id)
    })

    test('R10.7 a content was here where a base or the history of the file says so, in whatever scope', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const elsewhere = store.openScope({ ...KEY, database: '/tmp/b' })
      const was = (path: string, digest: string): boolean => store.wasHere(path, digest)
      await store.commit([{ kind: 'base-set', scope: elsewhere, path: 'a.md', entry: baseEntry('A', null) }])
      const a = baseEntry('A', null).digest
      expect([was('a.md', a), was('b.md', a), was('a.md', 'other')]).toEqual([true, false, false])
      await store.commit([{ kind: 'base-delete', scope: elsewhere, path: 'a.md' }])
      expect(was('a.md', a)).toBe(false)
      const cases = [
        ['overwritten', true],
        ['deleted', true],
        ['merged', true],
        ['recovered', true],
        ['replaced-by-restore', true],
        ['lost-conflict', false],
        ['conflict-copy', false],
      ] as const
      for (const [cause, expected] of cases) {
        const entry = { ...historyEntry('c.md', cause, NOW), cause }
        await store.commit([contentPut(cause), { kind: 'history-add', scope, entry }])
        expect([cause, was('c.md', entry.digest)]).toEqual([cause, expected])
      }
    })

    test('R10.7 what a person trusts is told by reason and path, and taken back', async () => {
      const store = harness.open()
      const reason = 'may-run-code'
      const one = { reason, path: 'a.json', what: 'digest' } as const
      const all = { reason, path: null, what: '**/*.json' } as const
      const before = store.foreignCommits()
      await store.commit([
        { kind: 'trust-add', trust: one },
        { kind: 'trust-add', trust: all },
        { kind: 'trust-add', trust: all },
      ])
      expect(store.foreignCommits()).toBeGreaterThan(before)
      const again = harness.openAgain(store)
      expect(again.isTrusted(one)).toBe(true)
      expect(again.isTrusted({ ...one, path: 'b.json' })).toBe(false)
      expect(again.isTrusted({ ...one, what: 'other' })).toBe(false)
      expect(again.isTrusted({ ...one, path: null })).toBe(false)
      expect(again.loadTrust(reason)).toEqual(['**/*.json'])
      await again.commit([{ kind: 'trust-delete', trust: all }])
      expect(again.loadTrust(reason)).toEqual([])
      expect(again.isTrusted(one)).toBe(true)
    })

    test('R15 a path is private elsewhere until it is handed over, and again once that is agreed on anew', async () => {
      const store = harness.open()
      const shared = store.openScope(KEY)
      const [ada, bob] = ['ada', 'bob'].map(ownerId =>
        store.openScope({ ...KEY, ownerId, channel: 'private' }),
      )
      const adaElsewhere = store.openScope({ ...KEY, database: '/tmp/b', ownerId: 'ada', channel: 'private' })
      const base = { kind: 'base-set', scope: ada!, path: 'a.md', entry: baseEntry('A', null) } as const
      const claims = (): boolean[] =>
        [shared, ada!, bob!, adaElsewhere].map(scope => {
          const found = store.privateElsewhere(scope, ['a.md', 'none.md', 'ä "quoted", \\.md'])
          expect(['', 'a.md']).toContain(found.join())
          return found.length === 1
        })
      expect(claims()).toEqual([false, false, false, false])
      await store.commit([base, { ...base, scope: shared, path: 'b.md' }])
      expect(claims()).toEqual([true, false, true, false])
      expect(store.privateElsewhere(bob!, ['b.md'])).toEqual([])
      await store.commit([{ kind: 'base-handed-over', scope: bob!, path: 'a.md' }])
      expect(claims()).toEqual([false, false, false, false])
      expect(wholeBase(store, ada!).get('a.md')).toEqual({ ...baseEntry('A', null), doubt: 'handed-over' })
      await store.commit([base])
      expect(claims()).toEqual([true, false, true, false])
      await store.commit([{ kind: 'base-gone', scope: ada!, path: 'a.md' }])
      expect(claims()).toEqual([false, false, false, false])
      const conflict = { path: 'a.md', base: null, local: null, remote: null, since: NOW }
      await store.commit([{ kind: 'conflict-set', scope: ada!, conflict }])
      expect(claims()).toEqual([true, false, true, false])
    })

    test('R4 a new scope has no base and no identity', () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      expect(store.loadIdentity(scope)).toEqual({ root: null, database: null })
      expect(wholeBase(store, scope)).toEqual(new Map())
      expect(store.loadStatus()).toBeNull()
    })

    test('R4.8 that a path was looked at elsewhere outweighs a doubt under which nobody had looked', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const entry = { digest: 'a'.repeat(64), size: 1, etag: '1', version: 1, fingerprint: null }
      const paths = ['data/a.md', 'data/b.md', 'data/c.md'] as const
      await store.commit(paths.map(path => ({ kind: 'base-set', scope, path, entry })))
      await store.commit([
        { kind: 'base-doubt', scope, path: paths[0], doubt: 'unwatched' },
        { kind: 'base-doubt', scope, path: paths[1], doubt: 'root-exchanged' },
        { kind: 'base-doubt', scope, doubt: 'elsewhere' },
        { kind: 'base-doubt', scope, path: paths[2], doubt: 'unwatched' },
      ])
      const doubts = [...wholeBase(store, scope).values()].map(({ doubt }) => doubt)
      expect(doubts).toEqual(['elsewhere', 'root-exchanged', 'elsewhere'])
    })

    test('R4.1 a database that has come to another address keeps its scope; a copy and another app have none', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      await store.commit([
        { kind: 'identity-set', scope, identity: { root: 'root', database: 'one' } },
        { kind: 'base-set', scope, path: 'p', entry: baseEntry('a', null) },
        { kind: 'scopes-watched', scopes: [scope] },
      ])
      const moved = { ...KEY, database: '/tmp/moved.db' }
      const copy = { ...KEY, database: '/tmp/copy.db' }
      expect(store.openScope(moved)).not.toBe(scope)
      store.adoptScope(copy, 'a copy of one')
      store.adoptScope({ ...moved, appId: 'other' }, 'one')
      expect(store.openScope(copy)).not.toBe(scope)
      store.adoptScope(moved, 'one')
      expect(store.openScope(moved)).toBe(scope)
      expect([...wholeBase(harness.openAgain(store), scope).keys()]).toEqual(['p'])
      expect(store.watchedScopes()).toEqual([scope])
      // What is agreed with another database is not given away.
      const other = store.openScope(KEY)
      expect(other).not.toBe(scope)
      await store.commit([
        { kind: 'identity-set', scope: other, identity: { root: 'root', database: 'two' } },
      ])
      store.adoptScope(KEY, 'one')
      expect(store.openScope(KEY)).toBe(other)
    })

    test('R4 the base comes back exactly, with fractions of times and large inodes', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const exact = baseEntry('a', { size: 7, mtimeMs: 1712345678901.2346, ctimeMs: 0.5, ino: 2 ** 60 })
      const untrusted = baseEntry('b', null)
      await store.commit([
        { kind: 'base-set', scope, path: 'data/ü/日本.md', entry: exact },
        { kind: 'base-set', scope, path: 'data/b', entry: untrusted },
      ])
      expect(wholeBase(harness.openAgain(store), scope)).toEqual(
        new Map([
          ['data/ü/日本.md', exact],
          ['data/b', untrusted],
        ]),
      )
    })

    test('R4 setting a base entry again replaces it, and another scope is untouched', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = store.openScope({ ...KEY, appId: 'other' })
      const [first, second] = [baseEntry('first', null), baseEntry('second', null)]
      await store.commit([
        { kind: 'base-set', scope, path: 'p', entry: first },
        { kind: 'base-set', scope: other, path: 'p', entry: first },
      ])
      await store.commit([{ kind: 'base-set', scope, path: 'p', entry: second }])
      expect(wholeBase(store, scope)).toEqual(new Map([['p', second]]))
      await store.commit([{ kind: 'base-delete', scope, path: 'p' }])
      expect(wholeBase(store, scope)).toEqual(new Map())
      expect(wholeBase(store, other)).toEqual(new Map([['p', first]]))
    })

    test('changes in one commit take effect in their order', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      await store.commit([
        { kind: 'base-set', scope, path: 'p', entry: baseEntry('x', null) },
        { kind: 'base-delete', scope, path: 'p' },
        { kind: 'base-delete', scope, path: 'q' },
        { kind: 'base-set', scope, path: 'q', entry: baseEntry('y', null) },
      ])
      expect([...wholeBase(store, scope).keys()]).toEqual(['q'])
    })

    test('commits take effect in the order in which they were asked for', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const versions = Array.from({ length: 20 }, (_, index) => index)
      await Promise.all(
        versions.map(version =>
          store.commit([{ kind: 'base-set', scope, path: 'p', entry: { ...baseEntry('x', null), version } }]),
        ),
      )
      expect(wholeBase(store, scope).get('p')?.version).toBe(19)
    })

    test('R8 the identity is kept for each scope', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const identity = { root: 'dev-1:ino-2', database: 'uuid' }
      await store.commit([{ kind: 'identity-set', scope, identity }])
      expect(harness.openAgain(store).loadIdentity(scope)).toEqual(identity)
      await store.commit([{ kind: 'identity-set', scope, identity: { root: 'x', database: null } }])
      expect(store.loadIdentity(scope)).toEqual({ root: 'x', database: null })
    })

    test('R1 contents come back byte for byte, large and small, compressible or not', async () => {
      const store = harness.open()
      const samples = [
        new Uint8Array(0),
        Uint8Array.of(0, 255, 254, 13, 10),
        Buffer.from('{"tiny":true}'),
        Buffer.from('all work and no play '.repeat(2_000)),
        Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 251)),
        Buffer.alloc(3 * 1024 * 1024, 'large'),
      ]
      const named = samples.map(bytes => ({ digest: nodeCodec.digest(bytes), bytes }))
      await store.commit(named.map(content => ({ kind: 'content-put', ...content })))
      const again = harness.openAgain(store)
      for (const { digest, bytes } of named) expect(same(again.readContent(digest), bytes)).toBe(true)
      expect(store.readContent('0'.repeat(64))).toBeNull()
    })

    test('R1 a content that is put twice stays, also within one commit', async () => {
      const store = harness.open()
      const put = contentPut('twice '.repeat(100))
      await store.commit([put, put])
      await store.commit([put])
      expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
    })

    test('R6 conflicts are kept with what is missing on a side', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const full = conflict('b')
      const bare: ConflictRecord = { path: 'a', base: null, local: null, remote: full.remote, since: NOW }
      await store.commit([
        { kind: 'conflict-set', scope, conflict: full },
        { kind: 'conflict-set', scope, conflict: bare },
      ])
      expect(harness.openAgain(store).loadConflicts(scope)).toEqual([bare, full])
      await store.commit([{ kind: 'conflict-delete', scope, path: 'b' }])
      expect(store.loadConflicts(scope)).toEqual([bare])
    })

    test('R8 holds and decisions are told apart by side', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const local = hold('p', 'local')
      const remote = hold('p', 'remote')
      const approval = decision('p', 'local')
      await store.commit([
        { kind: 'hold-set', scope, hold: remote },
        { kind: 'hold-set', scope, hold: local },
        { kind: 'decision-add', scope, decision: approval },
      ])
      const again = harness.openAgain(store)
      expect(again.loadHolds(scope)).toEqual([local, remote])
      expect(again.loadDecisions(scope)).toEqual([approval])
      await store.commit([
        { kind: 'hold-delete', scope, side: 'local', path: 'p' },
        { kind: 'decision-delete', scope, side: 'remote', path: 'p' },
      ])
      expect(store.loadHolds(scope)).toEqual([remote])
      expect(store.loadDecisions(scope)).toEqual([approval])
      await store.commit([{ kind: 'decision-delete', scope, side: 'local', path: 'p' }])
      expect(store.loadDecisions(scope)).toEqual([])
    })

    test('R13 retries survive', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const retry: RetryRecord = {
        path: 'p',
        attempts: 3,
        nextAt: NOW + 0.5,
        code: 'busy',
        message: 'locked',
      }
      await store.commit([{ kind: 'retry-set', scope, retry: { ...retry, attempts: 2 } }])
      await store.commit([{ kind: 'retry-set', scope, retry }])
      expect(harness.openAgain(store).loadRetries(scope)).toEqual([retry])
      await store.commit([{ kind: 'retry-delete', scope, path: 'p' }])
      expect(store.loadRetries(scope)).toEqual([])
    })

    test('the last status is kept', async () => {
      const store = harness.open()
      const status: StatusRecord = {
        state: 'idle',
        pending: 1,
        conflicts: 2,
        problems: 3,
        lastSyncedAt: null,
        at: NOW,
      }
      await store.commit([{ kind: 'status-set', status: { ...status, lastSyncedAt: 5 } }])
      await store.commit([{ kind: 'status-set', status }])
      expect(harness.openAgain(store).loadStatus()).toEqual(status)
    })

    test('R1 history is listed newest first, by path or whole, and ids never come again', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = store.openScope({ ...KEY, appId: 'other' })
      await store.commit([
        { kind: 'history-add', scope, entry: historyEntry('a', 'one', NOW) },
        { kind: 'history-add', scope, entry: historyEntry('b', 'two', NOW + 1) },
        { kind: 'history-add', scope, entry: historyEntry('a', 'three', NOW + 1) },
        { kind: 'history-add', scope: other, entry: historyEntry('a', 'four', NOW + 2) },
      ])
      const { id, ...newest } = harness.openAgain(store).loadHistory(scope)[0]!
      expect(newest).toEqual(historyEntry('a', 'three', NOW + 1))
      expect(store.loadHistory(scope).map(entry => entry.path)).toEqual(['a', 'b', 'a'])
      expect(store.loadHistory(scope, 'a').map(entry => entry.time)).toEqual([NOW + 1, NOW])
      expect(store.loadHistory(other)).toHaveLength(1)
      const highest = Math.max(id, store.loadHistory(other)[0]!.id)
      await prune(store, KEEP_NONE, NOW + DAY_MS)
      await store.commit([{ kind: 'history-add', scope, entry: historyEntry('a', 'five', NOW) }])
      expect(store.loadHistory(scope)[0]!.id).toBeGreaterThan(highest)
    })

    test('R1 pruning forgets what is too old, and the contents that nothing else names', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const [old, both, young] = ['old', 'both', 'young'].map(contentPut) as [Put, Put, Put]
      await store.commit([
        old,
        both,
        { kind: 'history-add', scope, entry: historyEntry('p', 'old', NOW) },
        { kind: 'history-add', scope, entry: historyEntry('p', 'both', NOW) },
      ])
      await passDays(store, 30, NOW)
      await store.commit([
        young,
        { kind: 'history-add', scope, entry: historyEntry('q', 'both', NOW + 30 * DAY_MS) },
        { kind: 'history-add', scope, entry: historyEntry('p', 'young', NOW + 31 * DAY_MS) },
      ])
      expect(await prune(store, KEEP_ALL, NOW + 31 * DAY_MS)).toBe(0)
      expect(await prune(store, { ...KEEP_ALL, maxAgeMs: 30 * DAY_MS }, NOW + 31 * DAY_MS)).toBe(2)
      expect(store.loadHistory(scope).map(entry => entry.path)).toEqual(['p', 'q'])
      expect(store.readContent(old.digest)).toBeNull()
      expect(store.readContent(both.digest)).not.toBeNull()
      expect(store.readContent(young.digest)).not.toBeNull()
    })

    test.each([
      ['40 days ahead', NOW + 40 * DAY_MS],
      ['60 days ahead', NOW + 60 * DAY_MS],
      ['in 2001', 978_300_000_000],
    ])(
      'R16.6 one start with a clock %s costs no history, and neither does what is put aside then',
      async (_name, wrong) => {
        const store = harness.open()
        const scope = store.openScope(KEY)
        const add = (text: string, time: number): StateChange[] => [
          contentPut(text),
          { kind: 'history-add', scope, entry: historyEntry('p', text, time) },
        ]
        await store.commit(add('before', NOW))
        expect(await store.pruneHistory(NOW)).toBe(0)
        expect(await harness.openAgain(store).pruneHistory(wrong)).toBe(0)
        await store.commit(add('meanwhile', wrong))
        expect(await store.pruneHistory(wrong)).toBe(0)
        await store.commit(add('after', NOW + 5_000))
        expect(await store.pruneHistory(NOW + 5_000)).toBe(0)
        expect(await harness.openAgain(store).pruneHistory(NOW + DAY_MS)).toBe(0)
        expect(store.loadHistory(scope).map(({ digest }) => digest)).toEqual(
          ['after', 'meanwhile', 'before'].map(text => contentPut(text).digest),
        )
        expect(await prune(store, { ...KEEP_ALL, maxBytes: 12 }, NOW + DAY_MS)).toBe(2)
        expect(store.readContent(contentPut('after').digest)).not.toBeNull()
      },
    )

    test('R16.7 how long history is kept is the folder’s, whichever engine asks', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      expect(store.loadRetention()).toEqual(DEFAULT_RETENTION)
      const year = { maxAgeMs: 365 * DAY_MS, maxBytes: 10 * 1024 * 1024 }
      await store.commit([{ kind: 'retention-set', retention: { maxAgeMs: 1, maxBytes: 1 } }])
      await store.commit([
        { kind: 'retention-set', retention: year },
        contentPut('old'),
        { kind: 'history-add', scope, entry: historyEntry('p', 'old', NOW) },
      ])
      const other = harness.openAgain(store)
      expect(other.loadRetention()).toEqual(year)
      for (let day = 1; day <= 40; day++) expect(await other.pruneHistory(NOW + day * DAY_MS)).toBe(0)
      expect(await prune(other, DEFAULT_RETENTION, NOW + 40 * DAY_MS)).toBe(1)
    })

    test('R16 what is put aside again and again, as it was, is one entry', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const { digest, bytes } = contentPut('text')
      const again = (change: Partial<HistoryEntry> = {}) => ({
        kind: 'history-add' as const,
        scope,
        entry: { ...historyEntry('p', 'text', NOW), ...change },
      })
      await store.commit([{ kind: 'content-put', digest, bytes }, again()])
      await store.commit([again({ time: NOW + 1_000 })])
      await store.commit([again({ time: NOW + 2_000 }), again({ path: 'q' })])
      expect(store.loadHistory(scope).map(({ path }) => path)).toEqual(['q', 'p'])
      await store.commit([again({ mtimeMs: NOW + 3_000 }), again()])
      expect(store.loadHistory(scope, 'p')).toHaveLength(3)
    })

    test('R8.16 a path is known by each of its last times, and by those in its history', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const at = (mtimeMs: number, path = 'p') => ({
        kind: 'file-time-add' as const,
        scope,
        entry: { path, digest: 'd', mtimeMs, time: NOW },
      })
      const times = Array.from({ length: FILE_TIMES + 1 }, (_, index) => NOW + 1 + 2 * index)
      await store.commit([at(times[0]!, 'q'), ...times.map(time => at(time)), at(times.at(-1)!)])
      const again = harness.openAgain(store)
      const known = (path: string, digest = 'd') =>
        times.filter(time => again.hadFile(scope, path, digest, time))
      expect(known('p')).toEqual(times.slice(1))
      expect(known('q')).toEqual([times[0]])
      expect(known('p', 'other')).toEqual([])
      const entry = { ...historyEntry('p', 'text', NOW), mtimeMs: times[3]! }
      await again.commit([{ kind: 'history-add', scope, entry }])
      expect(known('p', entry.digest)).toEqual([times[3]])
      await prune(again, KEEP_NONE, LATER)
      expect(known('p')).toEqual([])
    })

    test('R16.1 an own edit needs no bytes: it keeps what a base had, until it is forgotten', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('before')
      await store.commit(synced(scope, 'p', put.bytes))
      await store.commit([ownEdit(scope, 'p', 'before', NOW), ...synced(scope, 'p', Buffer.from('after'))])
      for (let round = 0; round < 2; round++) {
        expect(await store.pruneHistory(NOW)).toBe(0)
        expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
      }
      const [entry] = harness.openAgain(store).loadHistory(scope, 'p')
      expect(entry).toEqual({ id: entry!.id, ...ownEdit(scope, 'p', 'before', NOW).entry })
      expect(await prune(store, KEEP_NONE, LATER)).toBe(1)
      expect(store.readContent(put.digest)).toBeNull()
      expect(store.readContent(contentPut('after').digest)).not.toBeNull()
    })

    test('R16.1 an own edit whose content is not kept, or is in the history already, is none', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      await store.commit([ownEdit(scope, 'p', 'never kept', NOW)])
      expect(store.loadHistory(scope)).toEqual([])
      await store.commit([...synced(scope, 'p', Buffer.from('a')), ...synced(scope, 'q', Buffer.from('b'))])
      const again = ownEdit(scope, 'p', 'a', NOW)
      await store.commit([again, again, { ...again, entry: { ...again.entry, mtimeMs: null } }])
      expect(store.loadHistory(scope)).toHaveLength(1)
      await store.commit([ownEdit(scope, 'p', 'b', NOW), again, ownEdit(scope, 'q', 'a', NOW)])
      expect(store.loadHistory(scope).map(({ path }) => path)).toEqual(['q', 'p', 'p'])
      // The same value at another time: it was put there anew.
      await store.commit([{ ...again, entry: { ...again.entry, mtimeMs: 7 } }])
      expect(store.loadHistory(scope)[0]).toMatchObject({ path: 'p', digest: again.entry.digest, mtimeMs: 7 })
    })

    test('R8.16 a file that was put aside was there before only once it is replaced', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const aside = (path: string, text: string): StateChange => ({
        kind: 'history-add',
        scope,
        entry: { ...historyEntry(path, text, NOW), mtimeMs: null },
      })
      const { digest } = contentPut('a')
      const former = { digest, mtimeMs: 1_712_345_678_901.25 }
      await store.commit([
        contentPut('a'),
        aside('p', 'a'),
        aside('p', 'a'),
        aside('p', 'b'),
        aside('q', 'a'),
      ])
      expect(store.hadFile(scope, 'p', digest, former.mtimeMs)).toBe(false)
      await store.commit([{ kind: 'history-replaced', scope, path: 'p', former }])
      const again = harness.openAgain(store)
      expect(again.hadFile(scope, 'p', digest, former.mtimeMs)).toBe(true)
      expect(again.hadFile(scope, 'p', digest, former.mtimeMs + 5)).toBe(false)
      expect(again.hadFile(scope, 'q', digest, former.mtimeMs)).toBe(false)
      const times = again.loadHistory(scope, 'p').map(entry => [entry.digest, entry.mtimeMs])
      expect(times).toEqual([
        [contentPut('b').digest, null],
        [digest, former.mtimeMs],
      ])
      // Put aside again, it is another file by now.
      const replaced = { kind: 'history-replaced', scope, path: 'p', former: { digest, mtimeMs: 7 } } as const
      await again.commit([aside('p', 'a'), replaced])
      expect(again.loadHistory(scope, 'p').map(({ mtimeMs }) => mtimeMs)).toEqual([7, null, former.mtimeMs])
    })

    test('R8.17 mounts are replaced as one, each with the drive that is known there', async () => {
      const store = harness.open()
      expect(store.loadMounts()).toEqual([])
      const photos = { path: 'data/photos', drive: '2:1700000000000' }
      await store.commit([{ kind: 'mounts-set', mounts: [{ path: 'data/a', drive: null }, photos] }])
      expect(harness.openAgain(store).loadMounts()).toEqual([{ path: 'data/a', drive: null }, photos])
      await store.commit([{ kind: 'mounts-set', mounts: [photos] }])
      expect(store.loadMounts()).toEqual([photos])
    })

    test('R5 the content of the base that a staged write brings is kept with it, whatever is pruned before that base', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const { digest, bytes } = contentPut('what the record held\n')
      const base = { ...baseEntry('x', null), digest }
      const writes = [{ path: 'p.md', digest: contentPut('merged\n').digest, base }]
      const staged = { kind: 'staged-set', scope, writes } as const
      await store.commit([{ kind: 'base-content-put', digest, bytes }, staged])
      await prune(store, KEEP_NONE, LATER)
      const again = harness.openAgain(store)
      expect(same(again.readContent(digest), bytes)).toBe(true)
      const taken = { kind: 'base-set', scope, path: 'p.md', entry: base } as const
      await again.commit([taken, { ...staged, writes: [] }])
      await prune(again, KEEP_NONE, LATER)
      expect(same(again.readContent(digest), bytes)).toBe(true)
      await again.commit([{ kind: 'base-delete', scope, path: 'p.md' }])
      await prune(again, KEEP_NONE, LATER)
      expect(again.readContent(digest)).toBeNull()
    })

    test('R9.3 what is being appended is kept until it is known to be whole', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const [whole, other] = [contentPut('first\nsecond\n'), contentPut('put in place as a whole\n')]
      const writes = [
        { path: 'p.log', digest: whole.digest, base: null, appendedTo: 6 },
        { path: 'q.md', digest: other.digest, base: null },
      ]
      await store.commit([whole, other, { kind: 'staged-set', scope, writes }])
      await prune(store, KEEP_NONE, LATER)
      const again = harness.openAgain(store)
      expect(same(again.readContent(whole.digest), whole.bytes)).toBe(true)
      expect(again.readContent(other.digest)).toBeNull()
      await again.commit([{ kind: 'staged-set', scope, writes: [] }])
      await prune(again, KEEP_NONE, LATER)
      expect(again.readContent(whole.digest)).toBeNull()
    })

    test('R16.4 churn is thinned: all of the last hour, one an hour for a day, one a day afterwards', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const start = NOW - (NOW % DAY_MS)
      for (let minute = 0; minute < 3 * 24 * 60; minute += 10) {
        const time = start + minute * 60_000
        await store.commit([
          ...synced(scope, 'p', Buffer.from(`${minute}`)),
          ownEdit(scope, 'p', `${minute}`, time),
        ])
      }
      const end = start + 3 * DAY_MS
      expect(await store.pruneHistory(end)).toBeGreaterThan(390)
      const minutes = store.loadHistory(scope).map(({ time }) => (end - time) / 60_000)
      expect(minutes.filter(ago => ago < 60)).toEqual([10, 20, 30, 40, 50])
      expect(minutes.filter(ago => ago >= 60 && ago < 24 * 60)).toHaveLength(24)
      expect(minutes.filter(ago => ago >= 24 * 60).length).toBeLessThanOrEqual(3)
      expect(await store.pruneHistory(end)).toBe(0)
    })

    test('R16.4 own edits have a budget of their own, and never drive out what sync has replaced', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const replaced = contentPut('replaced by sync')
      await store.commit([
        replaced,
        { kind: 'history-add', scope, entry: historyEntry('p', 'replaced by sync', NOW) },
      ])
      const texts = Array.from({ length: 450 }, (_, index) => `${index}`.padEnd(50, '.'))
      await store.commit(
        texts.flatMap((text, index) => [
          ...synced(scope, `p${index}`, Buffer.from(text)),
          ownEdit(scope, `p${index}`, text, NOW + index),
        ]),
      )
      // A fifth of it, for 10 of them.
      const maxBytes = 5 * 10 * (50 + OWN_ENTRY_BYTES)
      expect(await prune(store, { ...KEEP_ALL, maxBytes }, NOW)).toBe(440)
      expect(store.loadHistory(scope).map(entry => entry.path)).toEqual([
        ...Array.from({ length: 10 }, (_, index) => `p${449 - index}`),
        'p',
      ])
      expect(store.readContent(replaced.digest)).not.toBeNull()
    })

    test('R16.4 a content that sync has replaced too outlives that entry with the own edit', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('both')
      await store.commit([
        put,
        { kind: 'history-add', scope, entry: historyEntry('p', 'both', NOW) },
        ownEdit(scope, 'q', 'both', NOW),
      ])
      await passDays(store, 20, NOW)
      await store.commit([ownEdit(scope, 'r', 'both', NOW + 20 * DAY_MS)])
      await passDays(store, 12, NOW + 20 * DAY_MS)
      expect(await prune(store, DEFAULT_RETENTION, NOW + 32 * DAY_MS)).toBe(2)
      expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
      // It counts towards the other budget no longer.
      const young = contentPut('young')
      const entry = historyEntry('p', 'young', NOW + 32 * DAY_MS)
      await store.commit([young, { kind: 'history-add', scope, entry }])
      expect(await prune(store, { ...KEEP_ALL, maxBytes: 5 * 300 }, NOW + 32 * DAY_MS)).toBe(0)
      expect(await prune(store, KEEP_NONE, NOW + 32 * DAY_MS)).toBe(2)
      expect(store.readContent(put.digest)).toBeNull()
    })

    test('R1 pruning forgets the oldest until the contents fit', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      // Too short to be compressed: 50 bytes each.
      const texts = Array.from({ length: 450 }, (_, index) => `${index}`.padEnd(50, '.'))
      await store.commit(
        texts.flatMap((text, index): StateChange[] => [
          contentPut(text),
          { kind: 'history-add', scope, entry: historyEntry(`p${index}`, text, NOW + index) },
        ]),
      )
      expect(await prune(store, { ...KEEP_ALL, maxBytes: 500 }, NOW)).toBe(440)
      expect(store.loadHistory(scope).map(entry => entry.path)).toEqual(
        Array.from({ length: 10 }, (_, index) => `p${449 - index}`),
      )
      expect(store.readContent(nodeCodec.digest(Buffer.from(texts[439]!)))).toBeNull()
      expect(store.readContent(nodeCodec.digest(Buffer.from(texts[440]!)))).not.toBeNull()
    })

    test('R1 R6 R8 pruning keeps what a conflict or a hold names, until it ends', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const held: HoldRecord = { ...hold('h', 'local'), digest: contentPut('held').digest }
      const names = ['base of c', 'local of c', 'remote of c', 'held']
      await store.commit([
        ...names.map(contentPut),
        ...names.map((text): StateChange => ({
          kind: 'history-add',
          scope,
          entry: historyEntry('c', text, 1),
        })),
        { kind: 'conflict-set', scope, conflict: conflict('c') },
        { kind: 'hold-set', scope, hold: held },
      ])
      expect(await prune(store, KEEP_NONE, NOW)).toBe(0)
      for (const text of names) expect(store.readContent(contentPut(text).digest)).not.toBeNull()
      await store.commit([
        { kind: 'conflict-delete', scope, path: 'c' },
        { kind: 'hold-delete', scope, side: 'local', path: 'h' },
      ])
      expect(await prune(store, KEEP_NONE, NOW)).toBe(4)
      for (const text of names) expect(store.readContent(contentPut(text).digest)).toBeNull()
    })

    test('pruning drops contents without history once their conflict has ended', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('remote of c')
      await store.commit([put, { kind: 'conflict-set', scope, conflict: conflict('c') }])
      await prune(store, KEEP_ALL, NOW)
      expect(store.readContent(put.digest)).not.toBeNull()
      await store.commit([{ kind: 'conflict-delete', scope, path: 'c' }])
      expect(await prune(store, KEEP_ALL, NOW)).toBe(0)
      expect(store.readContent(put.digest)).toBeNull()
    })

    test('R5 the content of a base comes back byte for byte, from bulk and from single commits', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const samples = [
        new Uint8Array(0),
        Uint8Array.of(0, 255, 254, 13, 10),
        Buffer.from('twice'),
        Buffer.from('twice'),
        ...Array.from({ length: 400 }, (_, index) => Buffer.from(`note ${index} `.repeat(index))),
        Buffer.alloc(1024 * 1024, 'large'),
      ]
      const inBulk = samples.map((bytes, index) => synced(scope, `bulk-${index}`, bytes))
      await store.commit(inBulk.flat())
      const single = Buffer.from('a live edit')
      await store.commit(synced(scope, 'single', single))
      await store.commit(synced(scope, 'the same again', single))
      const other = harness.openAgain(store)
      for (const bytes of [...samples, single]) {
        expect(same(other.readContent(nodeCodec.digest(bytes)), bytes)).toBe(true)
      }
      expect(wholeBase(store, scope).size).toBe(samples.length + 2)
    })

    test('R5 pruning keeps the content of a base for as long as a base in any scope names it', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = store.openScope({ ...KEY, appId: 'other' })
      const shared = Buffer.from('in both scopes')
      const replaced = Buffer.from('replaced')
      await store.commit([...synced(scope, 'p', shared), ...synced(other, 'q', shared)])
      await store.commit(synced(scope, 'r', replaced))
      await prune(store, KEEP_NONE, NOW)
      expect(same(store.readContent(nodeCodec.digest(replaced)), replaced)).toBe(true)

      await store.commit([
        { kind: 'base-delete', scope, path: 'p' },
        ...synced(scope, 'r', Buffer.from('newer')),
      ])
      expect(await prune(store, KEEP_NONE, NOW)).toBe(0)
      expect(store.readContent(nodeCodec.digest(replaced))).toBeNull()
      expect(same(store.readContent(nodeCodec.digest(shared)), shared)).toBe(true)

      await store.commit([{ kind: 'base-delete', scope: other, path: 'q' }])
      await prune(store, KEEP_ALL, NOW)
      expect(store.readContent(nodeCodec.digest(shared))).toBeNull()
      expect(store.readContent(nodeCodec.digest(Buffer.from('newer')))).not.toBeNull()
    })

    test('R6 R8 a conflict or a hold keeps the content of a base that is none any more', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const [based, held] = ['base of c', 'held'].map(text => Buffer.from(text)) as [Buffer, Buffer]
      await store.commit([
        ...synced(scope, 'c', based),
        ...synced(scope, 'h', held),
        { kind: 'conflict-set', scope, conflict: conflict('c') },
        { kind: 'hold-set', scope, hold: { ...hold('h', 'local'), digest: nodeCodec.digest(held) } },
      ])
      await store.commit([
        { kind: 'base-delete', scope, path: 'c' },
        { kind: 'base-delete', scope, path: 'h' },
      ])
      await prune(store, KEEP_NONE, NOW)
      expect(same(store.readContent(nodeCodec.digest(based)), based)).toBe(true)
      expect(same(store.readContent(nodeCodec.digest(held)), held)).toBe(true)
      await store.commit([
        { kind: 'conflict-delete', scope, path: 'c' },
        { kind: 'hold-delete', scope, side: 'local', path: 'h' },
      ])
      await prune(store, KEEP_ALL, NOW)
      expect(store.readContent(nodeCodec.digest(based))).toBeNull()
      expect(store.readContent(nodeCodec.digest(held))).toBeNull()
    })

    test.each([
      ['put again with the entry', true],
      ['named by the entry alone', false],
    ])('R1 the history keeps what was the content of a base: %s', async (_name, isPut) => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('old')
      await store.commit(synced(scope, 'p', put.bytes))
      await store.commit([
        ...(isPut ? [put] : []),
        { kind: 'history-add', scope, entry: historyEntry('p', 'old', NOW) },
        ...synced(scope, 'p', Buffer.from('new')),
      ])
      for (let round = 0; round < 2; round++) {
        expect(await prune(store, KEEP_ALL, NOW)).toBe(0)
        expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
      }
      expect(await prune(store, KEEP_NONE, LATER)).toBe(1)
      expect(store.readContent(put.digest)).toBeNull()
    })

    test('R5 a base keeps the content that it had from the history', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('restored')
      await store.commit([put, { kind: 'history-add', scope, entry: historyEntry('p', 'restored', NOW) }])
      await store.commit(synced(scope, 'p', put.bytes))
      expect(await prune(store, KEEP_NONE, LATER)).toBe(1)
      expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
      await store.commit([{ kind: 'base-delete', scope, path: 'p' }])
      await prune(store, KEEP_NONE, LATER)
      expect(store.readContent(put.digest)).toBeNull()
    })

    test('R5 a base keeps the content that it had from a conflict', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('remote of c')
      await store.commit([put, { kind: 'conflict-set', scope, conflict: conflict('c') }])
      await store.commit([...synced(scope, 'c', put.bytes), { kind: 'conflict-delete', scope, path: 'c' }])
      await prune(store, KEEP_NONE, LATER)
      expect(same(store.readContent(put.digest), put.bytes)).toBe(true)
    })

    test('R1 contents of bases do not count towards the limit of the history', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('in the history')
      await store.commit([
        put,
        { kind: 'history-add', scope, entry: historyEntry('p', 'in the history', NOW) },
        ...Array.from({ length: 50 }, (_, index) =>
          synced(scope, `p${index}`, Buffer.from(`${index}`)),
        ).flat(),
      ])
      expect(await prune(store, { ...KEEP_ALL, maxBytes: put.bytes.length }, NOW)).toBe(0)
      expect(await prune(store, { ...KEEP_ALL, maxBytes: put.bytes.length - 1 }, NOW)).toBe(1)
      expect(store.readContent(nodeCodec.digest(Buffer.from('49')))).not.toBeNull()
    })

    test('foreign commits are counted, own ones are not', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = harness.openAgain(store)
      const [before, otherBefore] = [store.foreignCommits(), other.foreignCommits()]
      const entry = baseEntry('p', null)
      await store.commit([{ kind: 'base-set', scope, path: 'p', entry }])
      expect(store.foreignCommits()).toBe(before)
      expect(other.foreignCommits()).toBeGreaterThan(otherBefore)
      const seen = other.foreignCommits()
      expect(other.foreignCommits()).toBe(seen)
    })

    test('R6 R8 what a person has decided counts, whoever has put it there', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const before = store.foreignCommits()
      await store.commit([{ kind: 'decision-add', scope, decision: decision('p', 'local') }])
      const between = store.foreignCommits()
      expect(between).toBeGreaterThan(before)
      await store.commit([{ kind: 'resolution-set', scope, resolution: resolution('p') }])
      expect(store.foreignCommits()).toBeGreaterThan(between)
    })

    test('R6 resolutions survive, and the content they name is not pruned', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const put = contentPut('put together by hand')
      const chosen = { ...resolution('p'), take: 'content', content: put.digest, copyPath: 'q' } as const
      await store.commit([
        put,
        { kind: 'resolution-set', scope, resolution: chosen },
        { kind: 'resolution-set', scope, resolution: resolution('o') },
      ])
      await prune(store, KEEP_NONE, NOW)
      const again = harness.openAgain(store)
      expect(again.loadResolutions(scope)).toEqual([resolution('o'), chosen])
      expect(same(again.readContent(put.digest), put.bytes)).toBe(true)
      await store.commit([{ kind: 'resolution-delete', scope, path: 'p' }])
      await prune(store, KEEP_NONE, NOW)
      expect(store.loadResolutions(scope)).toEqual([resolution('o')])
      expect(store.readContent(put.digest)).toBeNull()
    })

    test('R1 what is staged is replaced as one, for its scope alone', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = store.openScope({ ...KEY, appId: 'other' })
      const base = baseEntry('d', null)
      const write = { path: 'p', digest: 'merged', base }
      const removal = { path: 'q', digest: null, base: null }
      expect(store.loadStaged(scope)).toEqual([])
      await store.commit([{ kind: 'staged-set', scope, writes: [write] }])
      await store.commit([{ kind: 'staged-set', scope, writes: [removal, write] }])
      const again = harness.openAgain(store)
      expect(again.loadStaged(scope)).toEqual([removal, write])
      expect(again.loadStaged(other)).toEqual([])
      await store.commit([{ kind: 'staged-set', scope, writes: [] }])
      expect(store.loadStaged(scope)).toEqual([])
    })

    test('R1 what is sent is replaced as one, for its scope alone', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = store.openScope({ ...KEY, appId: 'other' })
      const write = { path: 'p', digest: 'd', version: 2, over: 'etag' }
      const removal = { path: 'q', digest: null, version: null, over: null }
      expect(store.loadSent(scope)).toEqual([])
      await store.commit([{ kind: 'sent-set', scope, writes: [write] }])
      await store.commit([{ kind: 'sent-set', scope, writes: [write, removal] }])
      const again = harness.openAgain(store)
      expect(again.loadSent(scope)).toEqual([write, removal])
      expect([again.loadSent(other), again.loadStaged(scope)]).toEqual([[], []])
      await store.commit([{ kind: 'sent-set', scope, writes: [] }])
      expect(store.loadSent(scope)).toEqual([])
    })

    test('R8.2 deletes of late are kept by side and path, once each', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const first = { path: 'data/a', digest: 'a', version: 7, at: NOW }
      const second = { path: 'data/b', digest: 'b', version: 8, at: NOW + 1_000 }
      const set = (deleted: RecentDelete) =>
        ({ kind: 'recent-delete-set', scope, side: 'remote', deleted }) as const
      expect(store.loadDeletes(scope, 'remote')).toEqual([])
      await store.commit([set(first), set(second)])
      await store.commit([set({ ...first, at: NOW + 5 })])
      const again = harness.openAgain(store)
      expect(again.loadDeletes(scope, 'remote')).toEqual([{ ...first, at: NOW + 5 }, second])
      expect(again.loadDeletes(scope, 'local')).toEqual([])
      await store.commit([{ kind: 'recent-delete-forget', scope, side: 'remote', path: 'data/a' }])
      expect(again.loadDeletes(scope, 'remote')).toEqual([second])
    })

    test('R8.7 what a delete of late names is not pruned with its base', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const [kept, gone] = [Buffer.from('kept'), Buffer.from('gone')]
      await store.commit([
        { kind: 'base-content-put', digest: 'kept', bytes: kept },
        { kind: 'base-content-put', digest: 'gone', bytes: gone },
        {
          kind: 'recent-delete-set',
          scope,
          side: 'remote',
          deleted: { path: 'p', digest: 'kept', version: 1, at: NOW },
        },
      ])
      await prune(store, { maxAgeMs: 1, maxBytes: 1 }, NOW)
      expect(same(store.readContent('kept'), kept)).toBe(true)
      expect(store.readContent('gone')).toBeNull()
    })

    test('two handles write in turns and see what the other has committed', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      const other = harness.openAgain(store)
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? store : other).commit([
            { kind: 'base-set', scope, path: `p${index}`, entry: baseEntry(`${index}`, null) },
          ]),
        ),
      )
      expect(wholeBase(store, scope).size).toBe(40)
      expect(wholeBase(other, scope)).toEqual(wholeBase(store, scope))
    })

    test('an empty commit changes nothing', async () => {
      const store = harness.open()
      const other = harness.openAgain(store)
      const before = other.foreignCommits()
      await store.commit([])
      expect(other.foreignCommits()).toBe(before)
    })

    test('a closed store refuses', async () => {
      const store = harness.open()
      const scope = store.openScope(KEY)
      store.close()
      await expect(store.commit([{ kind: 'base-delete', scope, path: 'p' }])).rejects.toThrow(/closed/)
      expect(() => wholeBase(store, scope)).toThrow()
    })
  })
}

type Put = Extract<StateChange, { kind: 'content-put' }>

function contentPut(text: string): Put {
  const bytes = Buffer.from(text)
  return { kind: 'content-put', digest: nodeCodec.digest(bytes), bytes }
}

/** What a sync of one file commits. */
function synced(scope: number, path: string, bytes: Uint8Array): StateChange[] {
  const digest = nodeCodec.digest(bytes)
  const entry = { ...baseEntry('', null), digest, size: bytes.length }
  return [
    { kind: 'base-content-put', digest, bytes },
    { kind: 'base-set', scope, path, entry },
  ]
}

function baseEntry(content: string, fingerprint: BaseEntry['fingerprint']): BaseEntry {
  const bytes = Buffer.from(content)
  return {
    digest: nodeCodec.digest(bytes),
    size: bytes.length,
    etag: `e-${content}`,
    version: NOW,
    fingerprint,
  }
}

function historyEntry(path: string, text: string, time: number): HistoryEntry {
  const { digest, bytes } = contentPut(text)
  return {
    path,
    channel: 'shared',
    digest,
    size: bytes.length,
    time,
    version: time % 2 === 0 ? NOW : null,
    cause: 'overwritten',
    device: 'laptop',
    mtimeMs: time + 0.25,
  }
}

function ownEdit(scope: number, path: string, text: string, time: number) {
  const entry = { ...historyEntry(path, text, time), cause: 'edited-here' as const }
  return { kind: 'own-history-add' as const, scope, entry }
}

function conflict(path: string): ConflictRecord {
  return {
    path,
    base: { digest: contentPut(`base of ${path}`).digest, lastUpdated: NOW },
    local: { digest: contentPut(`local of ${path}`).digest, lastUpdated: NOW + 0.25 },
    remote: { digest: contentPut(`remote of ${path}`).digest, lastUpdated: NOW + 1, etag: 'e2' },
    since: NOW + 2,
  }
}

function resolution(path: string): Resolution {
  return { path, take: 'local', localDigest: 'l', remoteEtag: 'e', content: null, copyPath: null }
}

function hold(path: string, side: 'local' | 'remote'): HoldRecord {
  return {
    channel: 'shared',
    side,
    path,
    digest: 'd',
    kind: 'delete',
    incoming: null,
    reason: 'mass-delete',
    since: NOW,
  }
}

function decision(path: string, side: 'local' | 'remote'): Decision {
  return { channel: 'shared', side, path, digest: 'd', decision: 'approve' }
}

/** Far faster than a deep comparison of large arrays. */
function same(actual: Uint8Array | null, expected: Uint8Array): boolean {
  return actual !== null && Buffer.compare(actual, expected) === 0
}
