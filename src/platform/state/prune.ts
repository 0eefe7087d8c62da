/**
 * Which history goes, and the contents with it; then the contents of bases that are bases no longer.
 *
 * The contents of what sync has replaced (`contents`) and those of bases and own edits (`packed_contents`) are kept
 * apart, so that only the former count towards the history's limit: what that forgets and another names moves over.
 *
 * A step is one short transaction, so that the event loop and other writers get their turns; stopping after
 * any step leaves a sound store.
 */
import type Database from 'better-sqlite3'
import type { Digest } from '../../engine/core/entry.ts'
import { OWN_ENTRY_BYTES, surplus } from '../../engine/core/retention.ts'
import type { ScopeId } from '../../engine/ports/state-store.ts'
import { type StoredBytes, decompress } from './contents.ts'
import { pack } from './pack.ts'
import { preparePacks } from './packs.ts'

/** Carries out one step and tells how many history entries went; null when nothing is left to do. */
export type PruneStep = () => number | null

/** Entries in one step: a few milliseconds. */
const STEP_ITEMS = 200
/** However few items that were, a step ends after this long. Milliseconds. */
const STEP_MS = 10
/** Contents looked at in one step: a few milliseconds. */
const STEP_CONTENTS = 500
/** Pages given back to the file system in one step. */
const STEP_PAGES = 256

// A person may still choose between the contents of a conflict, or want back what a hold would delete, or what was
// deleted before the others were held. Of a file to which a content was being appended the rest is still to come, and so
// is the base of each write that was cut off.
const NAMED = `SELECT base_digest FROM conflicts WHERE base_digest IS NOT NULL
  UNION SELECT local_digest FROM conflicts WHERE local_digest IS NOT NULL
  UNION SELECT remote_digest FROM conflicts WHERE remote_digest IS NOT NULL
  UNION SELECT content FROM resolutions WHERE content IS NOT NULL
  UNION SELECT digest FROM holds
  UNION SELECT digest FROM deleted_files
  UNION SELECT w.value ->> 'digest' FROM staged_writes, json_each(writes) w
    WHERE w.value ->> 'appendedTo' IS NOT NULL AND w.value ->> 'digest' IS NOT NULL
  UNION SELECT w.value ->> '$.base.digest' FROM staged_writes, json_each(writes) w
    WHERE w.value ->> '$.base.digest' IS NOT NULL`

/** A base, or an own edit: what has its content from the packs. */
const IN_PACKS = (digest: string): string =>
  `(EXISTS (SELECT 1 FROM base_entries b WHERE b.digest = ${digest})
    OR EXISTS (SELECT 1 FROM history h WHERE h.digest = ${digest} AND h.own = 1))`

interface OldEntry {
  readonly id: number
  readonly digest: Digest
  readonly life: number
  readonly size: number
  readonly storedSize: number
}

/** Entries that go, oldest first, until one may stay: older than `cutoff`, or while there is too much. */
export interface Keep {
  /** By the life clock, in milliseconds. */
  readonly cutoff: number
  readonly maxBytes: number
}

/** Steps over what sync has replaced. */
export function pruneReplaced(sqlite: Database.Database, { cutoff, maxBytes }: Keep): PruneStep {
  const oldest = prepareOldest(sqlite)
  const forget = prepareForget(sqlite)
  const isNamed = sqlite.prepare<[Digest]>('SELECT 1 FROM history WHERE digest = ? AND own = 0')
  const release = prepareRelease(sqlite)
  const stored = sqlite.prepare<[], number>('SELECT coalesce(sum(stored_size), 0) FROM contents').pluck()

  return () => {
    const isOver = stepClock()
    // Summed anew: commits may have come between two steps.
    let total = stored.get() ?? 0
    let count = 0
    for (const entry of oldest.all(0, STEP_ITEMS)) {
      if (entry.life >= cutoff && total <= maxBytes) break
      forget(entry.id)
      count++
      if (isNamed.get(entry.digest) === undefined) {
        release(entry.digest)
        total -= entry.storedSize
      }
      if (isOver()) break
    }
    return count === 0 ? null : count
  }
}

/** Steps over own edits. Their contents are forgotten with those of bases. */
export function pruneOwn(sqlite: Database.Database, { cutoff, maxBytes }: Keep): PruneStep {
  const oldest = prepareOldest(sqlite)
  const forget = prepareForget(sqlite)
  const isNamed = sqlite.prepare<[Digest]>('SELECT 1 FROM history WHERE digest = ? AND own = 1')
  // Summed once: there may be very many. What commits add meanwhile is for the next pruning.
  let total = sqlite
    .prepare<[number], number>(
      `SELECT coalesce(sum(size + count * ?), 0) FROM
       (SELECT max(size) AS size, count(*) AS count FROM history WHERE own = 1 GROUP BY digest)`,
    )
    .pluck()
    .get(OWN_ENTRY_BYTES)!

  return () => {
    const isOver = stepClock()
    let count = 0
    for (const entry of oldest.all(1, STEP_ITEMS)) {
      if (entry.life >= cutoff && total <= maxBytes) break
      forget(entry.id)
      count++
      total -= OWN_ENTRY_BYTES + (isNamed.get(entry.digest) === undefined ? entry.size : 0)
      if (isOver()) break
    }
    return count === 0 ? null : count
  }
}

function prepareOldest(
  sqlite: Database.Database,
): Database.Statement<[own: number, limit: number], OldEntry> {
  return sqlite.prepare<[number, number], OldEntry>(
    `SELECT h.id, h.digest, h.life, h.size, coalesce(c.stored_size, 0) AS storedSize
     FROM history h LEFT JOIN contents c ON c.digest = h.digest
     WHERE h.own = ? AND h.digest NOT IN (${NAMED}) ORDER BY h.id LIMIT ?`,
  )
}

function prepareForget(sqlite: Database.Database): (id: number) => void {
  const forget = sqlite.prepare<[number]>('DELETE FROM history WHERE id = ?')
  return id => void forget.run(id)
}

/** Steps over the own edits of one path after the other, of which too many are alike in time. */
export function thinOwn(sqlite: Database.Database, life: number): PruneStep {
  const next = sqlite.prepare<[ScopeId, string], { scopeId: ScopeId; path: string }>(
    `SELECT scope_id AS scopeId, path FROM history WHERE own = 1 AND (scope_id, path) > (?, ?)
     ORDER BY scope_id, path LIMIT 1`,
  )
  const entriesOf = sqlite.prepare<[ScopeId, string], { id: number; life: number }>(
    'SELECT id, life FROM history WHERE scope_id = ? AND path = ? AND own = 1 ORDER BY id',
  )
  const forget = prepareForget(sqlite)
  let last = { scopeId: 0, path: '' }
  return () => {
    const isOver = stepClock()
    let count = 0
    do {
      const at = next.get(last.scopeId, last.path)
      if (at === undefined) return count === 0 ? null : count
      last = at
      for (const { id } of surplus(entriesOf.all(at.scopeId, at.path), life)) {
        forget(id)
        count++
      }
    } while (!isOver())
    return count
  }
}

/** Steps over the times of files that are older than `cutoff`, by the life clock. */
export function pruneFileTimes(sqlite: Database.Database, cutoff: number): PruneStep {
  const forget = sqlite.prepare<[number, number]>(
    'DELETE FROM file_times WHERE id IN (SELECT id FROM file_times WHERE life < ? LIMIT ?)',
  )
  return () => (forget.run(cutoff, STEP_ITEMS).changes === 0 ? null : 0)
}

/** Steps over the contents that nothing names any longer: those of conflicts and holds that have ended. */
export function pruneContents(sqlite: Database.Database): PruneStep {
  const look = sqlite.prepare<[Digest, number], { digest: Digest; isUnneeded: number }>(
    `SELECT c.digest, NOT EXISTS (SELECT 1 FROM history h WHERE h.digest = c.digest AND h.own = 0)
       AND c.digest NOT IN (${NAMED}) AS isUnneeded
     FROM contents c WHERE c.digest > ? ORDER BY c.digest LIMIT ?`,
  )
  const release = prepareRelease(sqlite)
  let last: Digest = ''
  return () => {
    const looked = look.all(last, STEP_CONTENTS)
    const isOver = stepClock()
    for (const { digest, isUnneeded } of looked) {
      if (isUnneeded === 1) release(digest)
      last = digest
      if (isOver()) break
    }
    return looked.length === 0 ? null : 0
  }
}

/**
 * Steps over the packed contents that neither base nor own edit names, unless something else does and has them from here
 * alone: a conflict outlives its base, and the base's content with it.
 */
export function prunePackedContents(sqlite: Database.Database): PruneStep {
  const look = sqlite.prepare<[Digest, number], { digest: Digest; isUnneeded: number }>(
    `SELECT p.digest, NOT ${IN_PACKS('p.digest')} AND (
       EXISTS (SELECT 1 FROM contents c WHERE c.digest = p.digest)
       OR (p.digest NOT IN (${NAMED}) AND NOT EXISTS (SELECT 1 FROM history h WHERE h.digest = p.digest))
     ) AS isUnneeded
     FROM packed_contents p WHERE p.digest > ? ORDER BY p.digest LIMIT ?`,
  )
  const forget = sqlite.prepare<[Digest]>('DELETE FROM packed_contents WHERE digest = ?')
  let last: Digest = ''
  return () => {
    const looked = look.all(last, STEP_CONTENTS)
    for (const { digest, isUnneeded } of looked) if (isUnneeded === 1) forget.run(digest)
    last = looked.at(-1)?.digest ?? last
    return looked.length === 0 ? null : 0
  }
}

/** Steps over the file's free pages. */
export function shrinkFile(sqlite: Database.Database): PruneStep {
  return () => {
    if (sqlite.pragma('freelist_count', { simple: true }) === 0) return null
    sqlite.pragma(`incremental_vacuum(${STEP_PAGES})`)
    return 0
  }
}

/** Drops a content that replaced files, conflicts and holds no longer name; a base or own edit that does gets it in a pack. */
export function prepareRelease(sqlite: Database.Database): (digest: Digest) => void {
  const packs = preparePacks(sqlite)
  const find = sqlite.prepare<[Digest], StoredBytes>('SELECT codec, bytes FROM contents WHERE digest = ?')
  const isPacked = sqlite.prepare<[{ digest: Digest }], number>(`SELECT ${IN_PACKS('@digest')}`).pluck()
  const drop = sqlite.prepare<[Digest]>('DELETE FROM contents WHERE digest = ?')
  return digest => {
    if (isPacked.get({ digest }) === 1 && !packs.has(digest)) {
      const bytes = readable(find.get(digest))
      if (bytes !== null) packs.put(pack([{ digest, bytes }]))
    }
    drop.run(digest)
  }
}

/** Null where there is none, and where it is damaged: then there is nothing left to keep. */
function readable(stored: StoredBytes | undefined): Uint8Array | null {
  if (stored === undefined) return null
  try {
    return decompress(stored)
  } catch {
    return null
  }
}

function stepClock(): () => boolean {
  const start = performance.now()
  return () => performance.now() - start >= STEP_MS
}
