/** The two state stores, led through the same random story, keep and forget the same contents. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type {
  HistoryEntry,
  StateChange,
  StateStore,
  StoredHistoryEntry,
} from '../../src/engine/ports/state-store.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { openStateStore } from '../../src/platform/state/store.ts'
import { createMemoryStateStore } from '../fakes/memory-state-store.ts'
import { prune } from '../support/prune.ts'
import { wholeBase } from '../support/whole-base.ts'

const KEY = { database: '/tmp/sync.db', appId: 'app', ownerId: 'shared', channel: 'shared' } as const
const CONTENTS = Array.from({ length: 6 }, (_, index) => Buffer.from(`content ${index} `.repeat(index * 20)))
const DIGESTS = CONTENTS.map(bytes => nodeCodec.digest(bytes))
const RUNS = 20
const HOUR_MS = 60 * 60_000

interface Step {
  readonly name:
    | 'edit'
    | 'sync'
    | 'unsync'
    | 'overwrite'
    | 'conflict'
    | 'resolve'
    | 'hold'
    | 'release'
    | 'prune'
  readonly path: string
  readonly content: number
  readonly other: number
}

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(
    'edit',
    'sync',
    'unsync',
    'overwrite',
    'conflict',
    'resolve',
    'hold',
    'release',
    'prune',
  ),
  path: fc.constantFrom('a', 'b', 'c'),
  content: fc.nat(CONTENTS.length - 1),
  other: fc.nat(CONTENTS.length - 1),
})

test('R1 R5 R6 R8 both stores keep what is named and forget the rest, in any order of events', async () => {
  const seen = { kept: 0, forgotten: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async steps => {
      const folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'))
      const stores: StateStore[] = [createMemoryStateStore(), openStateStore(join(folder, 'state.db'))]
      try {
        for (const [hour, of] of steps.entries()) {
          for (const store of stores) await take(store, of, hour * HOUR_MS)
          const [inMemory, inSqlite] = stores.map(kept)
          expect(inSqlite).toEqual(inMemory)
          expect(entries(stores[1]!)).toEqual(entries(stores[0]!))
          if (of.name !== 'prune') continue
          expect(inSqlite).toEqual(expect.arrayContaining(named(stores[1]!)))
          seen.kept += inSqlite!.length
          seen.forgotten += DIGESTS.length - inSqlite!.length
        }
      } finally {
        for (const store of stores) store.close()
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: RUNS },
  )
  expect(seen.kept).toBeGreaterThan(RUNS)
  expect(seen.forgotten).toBeGreaterThan(RUNS)
})

async function take(store: StateStore, of: Step, time: number): Promise<void> {
  const scope = store.openScope(KEY)
  // Half of all history is too old at each pruning.
  if (of.name === 'prune') {
    await prune(store, { maxAgeMs: time / 2, maxBytes: Number.MAX_SAFE_INTEGER }, time)
    return
  }
  await store.commit(changes(scope, of, time))
}

function changes(scope: number, { name, path, content, other }: Step, time: number): StateChange[] {
  const [digest, bytes] = [DIGESTS[content]!, CONTENTS[content]!]
  const entry = { digest, size: bytes.length, etag: 'e', version: time, fingerprint: null }
  const synced: StateChange[] = [
    { kind: 'base-content-put', digest, bytes },
    { kind: 'base-set', scope, path, entry },
  ]
  const replaced = DIGESTS[other]!
  const otherPut: StateChange = { kind: 'content-put', digest: replaced, bytes: CONTENTS[other]! }
  switch (name) {
    case 'sync':
      return synced
    case 'edit': {
      const former = historyEntry(path, replaced, time)
      return [...synced, { kind: 'own-history-add', scope, entry: { ...former, cause: 'edited-here' } }]
    }
    case 'unsync':
      return [{ kind: 'base-delete', scope, path }]
    case 'overwrite':
      return [otherPut, { kind: 'history-add', scope, entry: historyEntry(path, replaced, time) }, ...synced]
    case 'conflict': {
      const base = { digest, lastUpdated: time }
      const remote = { digest: replaced, lastUpdated: time, etag: 'e' }
      return [
        otherPut,
        { kind: 'conflict-set', scope, conflict: { path, base, local: null, remote, since: time } },
      ]
    }
    case 'resolve':
      return [{ kind: 'conflict-delete', scope, path }]
    case 'hold': {
      const hold = {
        channel: 'shared',
        side: 'local',
        path,
        digest,
        kind: 'delete',
        incoming: null,
        reason: 'mass-delete',
        since: time,
      } as const
      return [{ kind: 'hold-set', scope, hold }]
    }
    case 'release':
      return [{ kind: 'hold-delete', scope, side: 'local', path }]
    case 'prune':
      return []
  }
}

function historyEntry(path: string, digest: string, time: number): HistoryEntry {
  const aside = { size: 1, time, version: null, cause: 'overwritten', device: 'd', mtimeMs: null } as const
  return { path, channel: 'shared', digest, ...aside }
}

function kept(store: StateStore): string[] {
  return DIGESTS.filter((digest, index) => {
    const bytes = store.readContent(digest)
    if (bytes !== null) expect(Buffer.compare(bytes, CONTENTS[index]!)).toBe(0)
    return bytes !== null
  })
}

function entries(store: StateStore): StoredHistoryEntry[] {
  return store.loadHistory(store.openScope(KEY))
}

/** Those put at least once: bases and the history always are. */
function named(store: StateStore): string[] {
  const scope = store.openScope(KEY)
  const bases = [...wholeBase(store, scope).values()].map(entry => entry.digest)
  return [...bases, ...store.loadHistory(scope).map(entry => entry.digest)]
}
