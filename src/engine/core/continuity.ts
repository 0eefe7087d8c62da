/**
 * Whether what a base says still decides (R4).
 *
 * A base says what both sides agreed on. That what differs from it now is somebody's decision holds only where nothing
 * broke in between: a file that a power cut has taken, or that nobody looked at while it was outside of the rules,
 * is not deleted because it is not there. A break has one side; the other side decides as ever.
 */
import type { FilesBreak, RecordsBreak } from './breaks.ts'
import type { BaseEntry, Digest, LocalEntry, RemoteEntry } from './entry.ts'
import { isTimeSet } from './racy.ts'

/** What a person has to see before anything is deleted or overwritten for it. */
export type Doubt = RecordsBreak | Extract<FilesBreak, 'root-exchanged' | 'file-older' | 'mount-away'>

/** What broke the watch of one path since its base was recorded; null where nothing did. */
export interface Continuity {
  readonly files: FilesBreak | null
  readonly records: RecordsBreak | null
  /** What the path was last agreed on elsewhere: of a file that holds this, nobody here has made an edit. */
  readonly foreign: readonly Digest[]
}

export const WATCHED: Continuity = { files: null, records: null, foreign: [] }

/** What is known of the database beyond the record itself. */
export interface Evidence {
  /** What the path was last agreed on in other scopes of the folder; asked only where it matters. */
  readonly foreign: () => readonly Digest[]
  /** See `AdapterAbilities.orderOf`. */
  readonly orderOf: (etag: string) => number | null
  /** The file is missing, and the drive that it lay on is away. */
  readonly isAway: boolean
  /** It lies in the folder of a drive that is away. */
  readonly isBeneath: boolean
  /** Whether the file is one that the path has held before; asked only where it differs from the base. */
  readonly isOldCopy: () => boolean
  /** The database's log does not know of the base's write any more: see `AdapterAbilities.remembers`. */
  readonly isForgotten: boolean
  /** Whether this path held the content at some time before; asked only where the database keeps no log. */
  readonly hadContent: (digest: Digest) => boolean
}

export function continuityOf(
  base: BaseEntry | null,
  local: LocalEntry | null,
  remote: RemoteEntry | null,
  evidence: Evidence,
): Continuity {
  if (base === null) return WATCHED
  const files = filesBreak(base, local, evidence)
  const records = isOlder(base, remote, evidence) ? 'database-older' : null
  if (files === null && records === null) return WATCHED
  const wasElsewhere = files === 'elsewhere' || files === 'handed-over'
  return { files, records, foreign: wasElsewhere ? evidence.foreign() : [] }
}

function filesBreak(base: BaseEntry, local: LocalEntry | null, evidence: Evidence): FilesBreak | null {
  if (evidence.isAway) return 'mount-away'
  // What was agreed on there is watched for as long as nothing lies over it.
  const isWatched = base.doubt === 'beneath-mount' && evidence.isBeneath
  const known = isWatched ? undefined : base.doubt
  // Where nobody looked for a while, what differs is an edit, but for a copy that has come back meanwhile.
  if (known !== undefined && !ABSENT.has(known)) return known
  const isChanged = local !== null && local.digest !== base.digest
  const isCopy = isChanged && isFileBefore(base, local) && evidence.isOldCopy()
  const isForeign = isCopy && known === 'elsewhere' && evidence.foreign().includes(local.digest)
  return isCopy && !isForeign ? 'file-older' : (known ?? null)
}

/** After these breaks nobody knows why a file is missing, and a file that differs was edited. */
const ABSENT: ReadonlySet<FilesBreak> = new Set(['unwatched', 'elsewhere', 'state-older'])

/**
 * What was put aside to be replaced is in the history, and may lie here still: it was written after the base's file.
 * Where the tick in which that was written was not over (R9.1), its time is not known; but a copy's own was set.
 */
function isFileBefore({ fingerprint }: BaseEntry, { fingerprint: now }: LocalEntry): boolean {
  return fingerprint === null ? isTimeSet(now) : now.mtimeMs < fingerprint.mtimeMs
}

/**
 * Whether a file was changed at the time that a copy of it shows, both in milliseconds since the epoch. Some programs
 * that copy keep milliseconds only, some whole seconds. Undo, a checkout or a value that is toggled write anew, and so
 * have times of their own.
 */
export function isSameFileTime(kept: number, now: number): boolean {
  if (Math.abs(kept - now) < 1) return true
  return now % 1_000 === 0 && Math.floor(kept / 1_000) * 1_000 === now
}

/**
 * Lockstep only raises versions, and a log's numbers only rise. Where there is a log, it decides: a blind writer whose
 * clock is behind lowers a version too, and its edit is one.
 */
function isOlder(
  base: BaseEntry,
  remote: RemoteEntry | null,
  { orderOf, isForgotten, hadContent }: Evidence,
): boolean {
  if (remote?.etag === base.etag) return false
  if (remote === null || isForgotten) return isForgotten
  const [before, now] = [orderOf(base.etag), orderOf(remote.etag)]
  if (before !== null && now !== null) return now < before
  // Of one that was not fetched yet it is unknown, and asked again.
  return remote.version < base.version && (remote.digest === null || hadContent(remote.digest))
}

/**
 * Whether a file that differs from its base was made from another one: what was edited elsewhere has no common base
 * with the record here, unless both had agreed on the same.
 */
export function isOfAnotherBase(base: BaseEntry, { foreign }: Continuity): boolean {
  return foreign.length > 0 && !foreign.includes(base.digest)
}

/**
 * Whether a file that differs from its base is what a person or a program made of it. What a power cut has left is
 * older than the base's file, or as old where the file system has kept the name and lost the content. It may have been
 * written later where an older file had been moved over it, but not changed later. What was last agreed on elsewhere came
 * from there.
 */
export function isEdit(base: BaseEntry, local: LocalEntry, { files, foreign }: Continuity): boolean {
  if (files !== 'not-flushed') return !foreign.includes(local.digest)
  if (base.fingerprint === null) return true
  const { mtimeMs, ctimeMs } = base.fingerprint
  return local.fingerprint.mtimeMs > mtimeMs && local.fingerprint.ctimeMs > ctimeMs
}
