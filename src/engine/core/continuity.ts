/**
 * Whether what a base says still decides (R4).
 *
 * A base says what both sides agreed on. That what differs from it now is somebody's decision holds only where nothing
 * broke in between: a file that a power cut has taken, or that nobody looked at while it was outside of the rules,
 * is not deleted because it is not there. A break has one side; the other side decides as ever.
 */
import type { BaseEntry, Digest, LocalEntry } from './entry.ts'

/** Why what is missing or different among the files need not be anybody's decision. */
export type FilesBreak =
  /** The base was recorded in another boot, and what it speaks of was not yet flushed to the disk. */
  | 'not-flushed'
  /** The path was outside of the rules in between. */
  | 'unwatched'
  /** The folder was kept in step with another database, app or user in between. */
  | 'elsewhere'

/** What broke the watch of one path since its base was recorded; null where nothing did. */
export interface Continuity {
  readonly files: FilesBreak | null
  /** What the path was last agreed on elsewhere: of a file that holds this, nobody here has made an edit. */
  readonly foreign: readonly Digest[]
}

export const WATCHED: Continuity = { files: null, foreign: [] }

/** Of a path with this base. `foreign` is asked only where it matters. */
export function continuityOf(base: BaseEntry | null, foreign: () => readonly Digest[]): Continuity {
  const files = base?.doubt ?? null
  if (files === null) return WATCHED
  return { files, foreign: files === 'elsewhere' ? foreign() : [] }
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
 * older than the base's file, or as old where the file system has kept the name and lost the content. What was last
 * agreed on elsewhere came from there.
 */
export function isEdit(base: BaseEntry, local: LocalEntry, { files, foreign }: Continuity): boolean {
  if (files !== 'not-flushed') return !foreign.includes(local.digest)
  return base.fingerprint === null || local.fingerprint.mtimeMs > base.fingerprint.mtimeMs
}
