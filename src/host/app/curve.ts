/** How many changes each of the last 24 hours saw, for the overview's small curve. Oldest first. */

const HOUR_MS = 60 * 60_000

export class Curve {
  #counts: number[]
  #hour: number

  /** `counts` as of `now`, milliseconds since the epoch. */
  constructor(counts: readonly number[], now: number) {
    this.#counts = [...counts]
    this.#hour = Math.floor(now / HOUR_MS)
  }

  add(now: number): void {
    this.#moveTo(now)
    const last = this.#counts.length - 1
    this.#counts[last] = (this.#counts[last] ?? 0) + 1
  }

  at(now: number): number[] {
    this.#moveTo(now)
    return [...this.#counts]
  }

  #moveTo(now: number): void {
    const hour = Math.floor(now / HOUR_MS)
    const passed = Math.min(Math.max(0, hour - this.#hour), this.#counts.length)
    if (passed > 0) this.#counts = [...this.#counts.slice(passed), ...Array.from({ length: passed }, () => 0)]
    this.#hour = hour
  }
}
