/**
 * Deletes are decided together (R8.4): a folder that is being emptied loses its files one by one, and the guard must
 * see all of them before the first one is carried out. So deletes wait until no more come; and where they keep coming
 * in small groups, it is a burst that is slow, and they wait for longer. One delete, or two, are not delayed by that.
 */

/** No file has gone missing for this long, in milliseconds. */
const QUIET_MS = 100
/** From the third group within BURST_MS on, deletes wait until none has come for this long, in milliseconds. */
const QUIET_IN_BURST_MS = 1_000
const BURST_GROUPS = 2
const BURST_MS = 10_000
/** Where files keep going missing, deletes wait no longer than this, in milliseconds. */
const LONGEST_MS = 10_000

export class Quiet {
  #first: number | null = null
  #last = 0
  /** When the groups of late had ended. */
  #groups: readonly number[] = []

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
    this.#groups = this.#groups.filter(at => at > first - BURST_MS && at <= first)
    const quietMs = this.#groups.length >= BURST_GROUPS ? QUIET_IN_BURST_MS : QUIET_MS
    const until = Math.min(this.#last + quietMs, first + LONGEST_MS)
    // After the clock was set back nothing is as long ago as it seems.
    if (now < until && now >= first) return until
    this.#first = null
    this.#groups = [...this.#groups, now]
    return null
  }
}
