/** R16.8: what a person wants forgotten is in no byte of the state's files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HistoryEntry, HoldRecord, StateChange } from '../../engine/ports/state-store.ts'
import { nodeCodec } from '../node-codec.ts'
import { type OpenedStateStore, openStateStore } from './store.ts'
import { KEEP_NONE, prune } from '../../../test/support/prune.ts'

const KEY = { database: '/tmp/sync.db', appId: 'app', ownerId: 'shared', channel: 'shared' } as const
const NOW = 1_800_000_000_000

let folder: string
let store: OpenedStateStore
let scope: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-erase-'))
  store = openStateStore(join(folder, 'state.db'))
  scope = store.openScope(KEY)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Nothing compresses it, so its bytes are found wherever they lie. */
const SECRET = randomBytes(2_000)
const OTHER = randomBytes(2_000)

const digestOf = (bytes: Uint8Array): string => nodeCodec.digest(bytes)

/** Which files have a part of the content in them, wherever a page ends. */
function filesWith(bytes: Buffer): string[] {
  const parts = [100, 900, 1_700].map(at => bytes.subarray(at, at + 24))
  return readdirSync(folder).filter(name => {
    const file = readFileSync(join(folder, name))
    return parts.some(part => file.includes(part))
  })
}

function synced(path: string, bytes: Buffer, of = scope): StateChange[] {
  const digest = digestOf(bytes)
  const entry = { digest, size: bytes.length, etag: 'e', version: NOW, fingerprint: null }
  return [
    { kind: 'base-content-put', digest, bytes },
    { kind: 'base-set', scope: of, path, entry },
  ]
}

function entryOf(path: string, bytes: Buffer): HistoryEntry {
  const aside = { time: NOW, version: NOW, cause: 'overwritten', device: 'laptop', mtimeMs: null } as const
  return { path, channel: 'shared', digest: digestOf(bytes), size: bytes.length, ...aside }
}

const replaced = (path: string, bytes: Buffer): StateChange[] => [
  { kind: 'content-put', digest: digestOf(bytes), bytes },
  { kind: 'history-add', scope, entry: entryOf(path, bytes) },
]

const edited = (path: string, bytes: Buffer): StateChange => {
  return { kind: 'own-history-add', scope, entry: { ...entryOf(path, bytes), cause: 'edited-here' } }
}

test.each([
  ['replaced by sync', () => replaced('p', SECRET)],
  ['edited by a program', () => [...synced('p', SECRET), edited('p', SECRET), ...synced('p', OTHER)]],
  [
    'both',
    () => [...replaced('p', SECRET), ...synced('p', SECRET), edited('p', SECRET), ...synced('p', OTHER)],
  ],
])('R16.8 a path is forgotten with its bytes: %s', async (_name, changes) => {
  const many = Array.from({ length: 40 }, (_, index) => synced(`q${index}`, randomBytes(500)))
  await store.commit([...changes(), ...many.flat(), ...replaced('r', OTHER)])
  await store.pruneHistory(NOW)
  expect(filesWith(SECRET)).not.toEqual([])
  expect(store.lookErasure({ path: 'p' }, [scope]).uses).toEqual([])
  expect(await store.erase({ path: 'p' }, [scope])).toMatchObject({ stillIn: [] })
  expect(filesWith(SECRET)).toEqual([])
  expect(store.readContent(digestOf(SECRET))).toBeNull()
  expect(store.loadHistory(scope).map(({ path }) => path)).toEqual(['r'])
  expect(Buffer.compare(store.readContent(digestOf(OTHER))!, OTHER)).toBe(0)
  for (const change of many.flat()) {
    if (change.kind !== 'base-content-put') continue
    expect(Buffer.compare(store.readContent(change.digest)!, change.bytes)).toBe(0)
  }
})

test('R16.8 nothing is left of contents that were moved, or forgotten before in the ordinary way', async () => {
  await store.commit([...synced('p', SECRET), ...synced('q', OTHER)])
  await store.commit(replaced('p', SECRET))
  await store.commit([edited('p', SECRET), ...synced('p', OTHER)])
  for (const retention of [{ maxAgeMs: 1e15, maxBytes: 0 }, KEEP_NONE]) await prune(store, retention, NOW)
  expect(store.readContent(digestOf(SECRET))).toBeNull()
  expect(filesWith(SECRET)).not.toEqual([])
  expect(await store.erase({ digest: digestOf(SECRET) }, [scope])).toEqual({
    entries: 0,
    stillIn: [],
    copies: [],
  })
  expect(filesWith(SECRET)).toEqual([])
  expect(Buffer.compare(store.readContent(digestOf(OTHER))!, OTHER)).toBe(0)
})

test('R16.8 nor in copies that were made before a migration', async () => {
  writeFileSync(join(folder, 'state-backup-2030-01-01T00-00-00-000Z-1.db'), SECRET)
  await store.commit(replaced('p', SECRET))
  await store.erase({ path: 'p' }, [scope])
  expect(filesWith(SECRET)).toEqual([])
})

test('R16.8 what was set aside as damaged stays, and is told', async () => {
  const damaged = join(folder, 'state-damaged-1893456000000.db')
  writeFileSync(damaged, SECRET)
  await store.commit(replaced('p', SECRET))
  expect(await store.erase({ path: 'p' }, [scope])).toMatchObject({ copies: [damaged] })
  expect(filesWith(SECRET)).toHaveLength(1)
})

test('R16.8 a content is forgotten in every path, by its hash', async () => {
  await store.commit([...replaced('p', SECRET), ...replaced('q', SECRET), ...replaced('q', OTHER)])
  expect(store.lookErasure({ digest: digestOf(SECRET) }, [scope])).toEqual({ entries: 2, uses: [] })
  expect(await store.erase({ digest: digestOf(SECRET) }, [scope])).toEqual({
    entries: 2,
    stillIn: [],
    copies: [],
  })
  expect(store.loadHistory(scope).map(({ path }) => path)).toEqual(['q'])
  expect(filesWith(SECRET)).toEqual([])
})

test('R16.8 what other paths hold as well stays there, and is told', async () => {
  await store.commit([
    ...replaced('p', SECRET),
    ...replaced('q', SECRET),
    ...replaced('p', OTHER),
    ...synced('r', OTHER),
  ])
  expect(await store.erase({ path: 'p' }, [scope])).toEqual({ entries: 2, stillIn: ['q', 'r'], copies: [] })
  expect(store.readContent(digestOf(SECRET))).not.toBeNull()
  expect(Buffer.compare(store.readContent(digestOf(OTHER))!, OTHER)).toBe(0)
  expect(await prune(store, KEEP_NONE, NOW)).toBe(1)
  expect(store.readContent(digestOf(OTHER))).not.toBeNull()
})

const held: Omit<HoldRecord, 'path' | 'digest'> = {
  channel: 'shared',
  side: 'local',
  kind: 'delete',
  incoming: null,
  reason: 'mass-delete',
  since: NOW,
}

test.each([
  ['conflict', { path: 'p' }, 'p'],
  ['conflict', { digest: digestOf(SECRET) }, 'c'],
  ['hold', { path: 'p' }, 'p'],
  ['hold', { digest: digestOf(SECRET) }, 'h'],
  ['file', { digest: digestOf(SECRET) }, 'f'],
] as const)('R16.9 what an open %s names is not forgotten: %o', async (by, erasure, path) => {
  const side = { digest: digestOf(SECRET), lastUpdated: NOW }
  const conflict = { path, base: null, local: side, remote: { ...side, etag: 'e' }, since: NOW }
  const use: Record<typeof by, StateChange[]> = {
    conflict: [{ kind: 'conflict-set', scope, conflict }],
    hold: [{ kind: 'hold-set', scope, hold: { ...held, path, digest: side.digest } }],
    file: synced(path, SECRET),
  }
  await store.commit([...replaced('p', SECRET), ...use[by]])
  expect(await store.erase(erasure, [scope])).toEqual({ uses: [{ path, by }] })
  expect(store.loadHistory(scope)).toHaveLength(1)
  expect(Buffer.compare(store.readContent(digestOf(SECRET))!, SECRET)).toBe(0)
})

test('R16.9 what was synced with another database is no reason to keep a content', async () => {
  const other = store.openScope({ ...KEY, database: '/tmp/other.db' })
  await store.commit([...synced('p', SECRET, other), ...replaced('q', SECRET)])
  expect(await store.erase({ digest: digestOf(SECRET) }, [scope])).toMatchObject({ entries: 1 })
  expect(filesWith(SECRET)).toEqual([])
})

test('R16.8 beside another process that has the state open', async () => {
  const other = openStateStore(join(folder, 'state.db'))
  await other.commit([...synced('p', SECRET), edited('p', SECRET), ...synced('p', OTHER)])
  expect(other.readContent(digestOf(SECRET))).not.toBeNull()
  await store.erase({ path: 'p' }, [scope])
  expect(filesWith(SECRET)).toEqual([])
  await other.commit(synced('q', OTHER))
  expect(other.loadHistory(scope)).toEqual([])
  other.close()
})
