/** What can break the watch over a file or a record, so that a base no longer decides (R4; core/continuity.ts). */

/** Why what is missing or different among the files need not be anybody's decision. */
export type FilesBreak =
  /** The base was recorded in another boot, and what it speaks of was not yet flushed to the disk. */
  | 'not-flushed'
  /** The path was outside of the rules in between. */
  | 'unwatched'
  /** The path was kept in step with another database, app or user in between, or in the other channel. */
  | 'elsewhere'
  /** What is known of the folder was put back from an older copy. */
  | 'state-older'
  /** A person has given the file to another channel of the folder (R15). */
  | 'handed-over'
  /** Another folder took the content root's place while no engine ran. */
  | 'root-exchanged'
  /** The file is one that the path has held before, with its very time: a copy was put back while nobody looked. */
  | 'file-older'
  /** The file is missing, and so is the drive that was mounted above it. */
  | 'mount-away'
  /** It was agreed on in a folder that a drive has come to lie over since. */
  | 'beneath-mount'

/** Breaks after which nobody had looked at the path. */
export const UNSEEN_BREAKS = ['not-flushed', 'unwatched', 'state-older'] as const satisfies FilesBreak[]

/** Of two breaks the one that decides: the one that was known first, unless the path was looked at elsewhere since. */
export function graver(known: FilesBreak | undefined, next: FilesBreak): FilesBreak {
  if (known === undefined) return next
  return next === 'elsewhere' && UNSEEN_BREAKS.some(unseen => unseen === known) ? next : known
}

/** Why what is missing or different among the records need not be anybody's decision. */
export type RecordsBreak =
  /** The record, or that there is none, is of a time before the base: the database was put back from a copy. */
  'database-older'
