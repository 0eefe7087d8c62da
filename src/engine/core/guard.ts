/**
 * The brake (R8): absence is not deletion.
 *
 * Files vanish for reasons that nobody meant as a delete: a drive that is not mounted, a database that
 * was emptied, restored or exchanged, an edit of a path. So deletes that look like that are held until a
 * person has seen them. So are two kinds of changes that would replace what a whole folder holds: by a database
 * that went back to an older state, and of nearly all files at once while nobody looked. Everything else passes untouched.
 */
import type { Channel, Digest, Side } from './entry.ts'

/** A cycle that deletes at least this many files, … */
export const MASS_DELETE_FILES = 20
/** … and more than this share of the channel's files, is held. */
export const MASS_DELETE_SHARE = 0.3
/** Deletes that trickle in are counted together over this time, in milliseconds. */
export const MASS_DELETE_WINDOW_MS = 60_000

/** So many records, and more than MASS_DELETE_SHARE of the files, whose versions went back are no one's edits: writers only ever raise them. */
const RESTORED_RECORDS = 3
/** More than this share of the files, and at least MASS_DELETE_FILES, … */
const MASS_CHANGE_SHARE = 0.9
/** … changed within this time, in milliseconds: that is no work of a person, and of a program hardly. */
const AT_ONCE_MS = 60_000

export interface Deletion {
  readonly channel: Channel
  /** Where the file would be deleted; it is missing on the other side. */
  readonly side: Side
  readonly path: string
  /** The content that would go: what both sides last agreed on. */
  readonly digest: Digest
}

/**
 * Whether a delete counts towards a mass of them: not one that a person has approved, nor the half of a move, nor that
 * of a file which is known to come and go.
 */
export type Standing = 'counted' | 'moved' | 'expected' | 'approved'

export type HoldReason =
  | 'mass-delete'
  | 'local-emptied'
  | 'database-emptied'
  | 'root-exchanged'
  | 'folder-restored'
  | 'mount-away'
  | 'database-exchanged'
  | 'database-restored'
  | 'mass-change'
  | 'server-deletes'
  | 'private-elsewhere'
  | ContentReason

/** A content that waits for its own sake, whatever it would replace: it alone, and all else is in step without it. */
export type ContentReason = 'may-run-code' | 'secret'

const ALONE: ReadonlySet<string> = new Set<ContentReason>(['may-run-code'])

/** Whether the folder as a whole is held for this reason, and not in step, until a person decides (R12.3). */
export function isFolderHeld(reason: string): boolean {
  return !ALONE.has(reason)
}

export interface GuardInput {
  /** Deletes on one side of one channel that nobody has approved. */
  readonly deletions: readonly Deletion[]
  /** How many files the channel held when both sides last agreed, but for those that come and go. */
  readonly baseCount: number
  /** The side where the files are missing holds nothing any more, and it does not look like deletes one by one (R8.5). */
  readonly isMissingSideEmptied: boolean
  /** How many others were deleted on this side within the window and are not back: each path counts once. */
  readonly recentlyDeleted: number
  /** Whether the side where the files are missing is another one than the base was agreed with. */
  readonly missingSideExchanged: boolean
  /** Whether that side is a database which went back to an older state. */
  readonly databaseRestored: boolean
  /** Paths whose content has come to another path on the side where they are missing (R8.3), and those of files that come and go (R8.6). */
  readonly uncounted: ReadonlySet<string>
  /** Paths that a server may have cleared away which takes the channel for its own, whatever their number (R8.18). */
  readonly clearedAway: ReadonlySet<string>
  /** Paths that are held already: they stay held until a person decides. */
  readonly held: ReadonlySet<string>
}

export interface Verdict {
  readonly go: readonly Deletion[]
  readonly hold: readonly Deletion[]
  readonly reason: HoldReason | null
}

export function guard(input: GuardInput): Verdict {
  if (input.deletions.length === 0) return { go: [], hold: [], reason: null }
  const otherSide = reasonOfOtherSide(input)
  if (otherSide !== null) return { go: [], hold: input.deletions, reason: otherSide }
  const counted = input.deletions.filter(({ path }) => !input.uncounted.has(path))
  const reason = reasonToHold(counted, input)
  const isClearedAway = ({ path }: Deletion): boolean => input.clearedAway.has(path)
  const isHeld = (deletion: Deletion): boolean =>
    isClearedAway(deletion) ||
    (!input.uncounted.has(deletion.path) && (reason !== null || input.held.has(deletion.path)))
  const hold = input.deletions.filter(isHeld)
  const go = input.deletions.filter(deletion => !isHeld(deletion))
  if (hold.length === 0) return { go, hold, reason: null }
  return { go, hold, reason: reason ?? (hold.some(isClearedAway) ? 'server-deletes' : 'mass-delete') }
}

/** What is missing there may never have been deleted, whatever it is. */
function reasonOfOtherSide(input: GuardInput): HoldReason | null {
  const missingIn: Side = input.deletions[0]!.side === 'local' ? 'remote' : 'local'
  if (input.missingSideExchanged) return missingIn === 'local' ? 'root-exchanged' : 'database-exchanged'
  return input.databaseRestored ? 'database-restored' : null
}

function reasonToHold(counted: readonly Deletion[], input: GuardInput): HoldReason | null {
  if (counted.length === 0) return null
  // One last file that is gone cannot be told from an ordinary delete; two or more at once can.
  if (input.isMissingSideEmptied && input.baseCount > 1) {
    return counted[0]!.side === 'remote' ? 'local-emptied' : 'database-emptied'
  }
  const deleted = counted.length + input.recentlyDeleted
  const before = input.baseCount + input.recentlyDeleted
  const isMass = deleted >= MASS_DELETE_FILES && deleted > before * MASS_DELETE_SHARE
  return isMass ? 'mass-delete' : null
}

/** A file that both sides hold and one side has changed: another content would come over the one of the base. */
export interface Change {
  readonly path: string
  /** Milliseconds since the epoch: the record's version, or the file's modification time. */
  readonly time: number
  /** The record's version is lower than the one it replaces. */
  readonly wentBack: boolean
  /**
   * It was made while nobody looked, and found by comparing all. A program at work under our eyes may well write all of
   * its files; what it does is told as it happens, and the history has what it was before.
   */
  readonly isUnseen: boolean
}

export interface ChangeVerdict {
  readonly hold: readonly string[]
  readonly reason: Extract<HoldReason, 'database-restored' | 'mass-change'> | null
}

export interface ChangesInput {
  /** Changes of one side in one cycle that nobody has approved. */
  readonly changes: readonly Change[]
  /** How many files the channel held when both sides last agreed. */
  readonly baseCount: number
}

export function guardChanges({ changes, baseCount }: ChangesInput): ChangeVerdict {
  const back = changes.filter(change => change.wentBack)
  if (isRestored(back.length, baseCount))
    return { hold: back.map(({ path }) => path), reason: 'database-restored' }
  const unseen = changes.filter(change => change.isUnseen)
  const isMass = unseen.length >= MASS_DELETE_FILES && unseen.length > baseCount * MASS_CHANGE_SHARE
  if (isMass && isAtOnce(unseen)) return { hold: unseen.map(({ path }) => path), reason: 'mass-change' }
  return { hold: [], reason: null }
}

/** `back`: how many records have lower versions than when both sides last agreed on `baseCount` files. */
function isRestored(back: number, baseCount: number): boolean {
  return back >= MASS_DELETE_FILES || (back >= RESTORED_RECORDS && back > baseCount * MASS_DELETE_SHARE)
}

function isAtOnce(changes: readonly Change[]): boolean {
  let first = Infinity
  let last = -Infinity
  for (const { time } of changes) {
    first = Math.min(first, time)
    last = Math.max(last, time)
  }
  return last - first <= AT_ONCE_MS
}
