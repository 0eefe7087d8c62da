/**
 * How many deletes sync has carried out on one side of late. Deletes in small groups are a mass delete all the same
 * (R8), also where the engine was started anew in between.
 */
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import type { DeleteCount } from './ports/state-store.ts'

/** Deletes are counted by the second. */
const SECOND_MS = 1_000

export class RecentDeletes {
  #counts: readonly DeleteCount[]

  constructor(counts: readonly DeleteCount[]) {
    this.#counts = counts
  }

  /** `now` in milliseconds since the epoch. */
  note(now: number): void {
    const second = Math.floor(now / SECOND_MS) * SECOND_MS
    const others = this.#counts.filter(({ at }) => at !== second && isRecent(at, now))
    const count = this.#counts.find(({ at }) => at === second)?.count ?? 0
    this.#counts = [...others, { at: second, count: count + 1 }]
  }

  count(now: number): number {
    return this.#counts.reduce((sum, { at, count }) => sum + (isRecent(at, now) ? count : 0), 0)
  }

  /** To be kept for the next start. */
  counts(): readonly DeleteCount[] {
    return this.#counts
  }
}

/** A clock that was set back has no deletes in its future. */
function isRecent(at: number, now: number): boolean {
  return at + SECOND_MS > now - MASS_DELETE_WINDOW_MS && at <= now
}
