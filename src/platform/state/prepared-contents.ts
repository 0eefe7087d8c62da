/**
 * The contents of a commit as they will be stored. Compressing them takes longest, so it is done before the
 * lock is taken, in slices between which the event loop gets its turns.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Digest } from '../../engine/core/entry.ts'
import type { StateChange } from '../../engine/ports/state-store.ts'
import { type StoredBytes, compressGently } from './contents.ts'
import { type NamedContent, type Pack, groupForPacks, packGently } from './pack.ts'

/** What was stored already is missing here, and may be gone again once the lock is taken. */
export interface PreparedContents {
  readonly contents: ReadonlyMap<Digest, StoredBytes>
  readonly packs: readonly Pack[]
  /** What the packs contain. */
  readonly packed: ReadonlySet<Digest>
}

/** What is stored when the preparation looks. */
export interface KnownContents {
  /** Runs lookups under one read lock: each would take its own otherwise, which costs as much as the lookup. */
  readonly together: <T>(lookups: () => T) => T
  readonly inContents: (digest: Digest) => boolean
  /** In packs too. */
  readonly anywhere: (digest: Digest) => boolean
}

export function prepareKnown(sqlite: Database.Database): KnownContents {
  const inContents = sqlite.prepare<[Digest]>('SELECT 1 FROM contents WHERE digest = ?')
  const anywhere = sqlite.prepare<[Digest, Digest]>(
    `SELECT 1 FROM packed_contents WHERE digest = ?
     UNION ALL SELECT 1 FROM contents WHERE digest = ? LIMIT 1`,
  )
  return {
    together: lookups => sqlite.transaction(lookups)(),
    inContents: digest => inContents.get(digest) !== undefined,
    anywhere: digest => anywhere.get(digest, digest) !== undefined,
  }
}

/** How long contents are compressed before the event loop gets a turn. Milliseconds. */
const SLICE_MS = 10

export async function prepareContents(
  changes: readonly StateChange[],
  known: KnownContents,
): Promise<PreparedContents> {
  // Looked up before the first turn, during which the store may be closed.
  const { single, unpacked } = known.together(() => ({
    single: unknown(changes, 'content-put', known.inContents),
    unpacked: unknown(changes, 'base-content-put', known.anywhere),
  }))
  const pause = pauses()
  const contents = new Map<Digest, StoredBytes>()
  for (const { digest, bytes } of single) {
    contents.set(digest, await compressGently(bytes))
    await pause()
  }
  const packs: Pack[] = []
  for (const group of groupForPacks(unpacked)) {
    packs.push(await packGently(group))
    await pause()
  }
  // A caller that makes one commit after another would otherwise leave the event loop no turn at all.
  if (packs.length > 0) await nextTurn()
  return { contents, packs, packed: new Set(unpacked.map(({ digest }) => digest)) }
}

/** Each content once. */
function unknown(
  changes: readonly StateChange[],
  kind: 'content-put' | 'base-content-put',
  isKnown: (digest: Digest) => boolean,
): NamedContent[] {
  const found = new Map<Digest, NamedContent>()
  for (const change of changes) {
    if (change.kind !== kind || found.has(change.digest)) continue
    if (!isKnown(change.digest)) found.set(change.digest, change)
  }
  return [...found.values()]
}

function pauses(): () => Promise<void> {
  let sliceStart = performance.now()
  return async () => {
    if (performance.now() - sliceStart < SLICE_MS) return
    await nextTurn()
    sliceStart = performance.now()
  }
}
