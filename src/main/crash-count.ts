/** Whether a page that has crashed may be loaded again by itself (pure): not when it does nothing but crash. */

const MOST = 3
/** In milliseconds. */
const WITHIN_MS = 60_000

export class CrashCount {
  #times: number[] = []

  /** True where it may be loaded again. */
  add(now: number): boolean {
    this.#times = [...this.#times.filter(time => now - time < WITHIN_MS), now]
    return this.#times.length <= MOST
  }

  forget(): void {
    this.#times = []
  }
}
