/**
 * Deletes are decided together (R8): a folder that is being emptied loses its files one by one, and the
 * guard must see all of them before the first one is carried out. So deletes wait until no more come.
 */

/** No file has gone missing for this long, in milliseconds. */
const QUIET_MS = 100
/** Where files keep going missing, deletes wait no longer than this, in milliseconds. */
const LONGEST_MS = 2_000

export class Quiet {
  #first: number | null = null
  #last = 0

  /** A file is missing since `now`, in milliseconds since the epoch. */
  note(now: number): void {
    this.#first ??= now
    this.#last = now
  }

  /** Until when deletes wait; null when they may be decided. `isMoreComing`: files are about to count as missing. */
  until(now: number, isMoreComing: boolean): number | null {
    if (isMoreComing) this.note(now)
    const first = this.#first
    if (first === null) return null
    const until = Math.min(this.#last + QUIET_MS, first + LONGEST_MS)
    // After the clock was set back nothing is as long ago as it seems.
    if (now < until && now >= first) return until
    this.#first = null
    return null
  }
}
