/** How long the history is kept, and what of it goes first (R16). */

export interface Retention {
  /** By the life clock, in milliseconds. */
  readonly maxAgeMs: number
  /** Of what sync has replaced, compressed. */
  readonly maxBytes: number
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** Where nobody has set another. */
export const DEFAULT_RETENTION: Retention = { maxAgeMs: 30 * DAY_MS, maxBytes: 500 * 1024 * 1024 }

/** The part of `maxBytes` that own edits may take besides. */
const OWN_SHARE = 1 / 5
/** What an own edit counts for on top of its content: there may be very many small ones. Bytes. */
export const OWN_ENTRY_BYTES = 256

/** Of contents and entries of own edits, before compression. */
export function ownBytes({ maxBytes }: Retention): number {
  return Math.floor(maxBytes * OWN_SHARE)
}

/** So many times of change are kept of each path, beside those in its history. */
export const FILE_TIMES = 32

/** What was put aside, and when. */
interface Aside {
  readonly digest: string
  readonly cause: string
  readonly version: number | null
  readonly mtimeMs: number | null
  /** By the life clock. */
  readonly life: number
}

/**
 * Whether the path's last entry says the same already: a write that cannot be carried out is tried again, and puts
 * aside what lies there each time. After a day it is put aside anew, for its life begins again with it.
 */
export function isRepetition(last: Aside, next: Aside): boolean {
  return (
    last.digest === next.digest &&
    last.cause === next.cause &&
    last.version === next.version &&
    last.mtimeMs === next.mtimeMs &&
    next.life - last.life < DAY_MS
  )
}

/** Of what is in the history for such a cause it is not known that the path's file has held it: only the database may have. */
export const NEVER_IN_THE_FILE: readonly string[] = ['lost-conflict', 'conflict-copy']

interface Aged {
  readonly id: number
  /** When it was put aside, by the life clock. */
  readonly life: number
}

/**
 * The own edits of one path that go, however much room there is: all of the last hour stay, of each hour before it
 * the last one, and of each day before those the last one. Oldest first in, oldest first out.
 */
export function surplus<Entry extends Aged>(entries: readonly Entry[], now: number): Entry[] {
  return entries.filter((entry, index) => {
    const next = entries[index + 1]
    if (next === undefined || next.life > now - HOUR_MS) return false
    const stretch = entry.life > now - DAY_MS ? HOUR_MS : DAY_MS
    return Math.floor(entry.life / stretch) === Math.floor(next.life / stretch)
  })
}
