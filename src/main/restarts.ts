/** When a process that has died is started again (pure): at once, and ever later where it does nothing but die. */

/** By how many times it has died lately; in milliseconds. */
const WAITS_MS = [0, 1_000, 5_000, 15_000, 60_000]
/** A process that has lived so long has started well, in milliseconds. */
const LATELY_MS = 5 * 60_000
/** So many times, and the person should know. */
const MANY = 4

export class Restarts {
  #deaths: number[] = []

  /** How long to wait now, in milliseconds. */
  add(now: number): number {
    this.#deaths = [...this.#deaths.filter(time => now - time < LATELY_MS), now]
    return WAITS_MS[Math.min(this.#deaths.length, WAITS_MS.length) - 1]!
  }

  /** Exactly once while it goes on. */
  get areToBeTold(): boolean {
    return this.#deaths.length === MANY
  }

  forget(): void {
    this.#deaths = []
  }
}
