/** Which local paths must be looked at: now, at a later time, or all of them. */

import { hasCome } from './core/backoff.ts'

/** No look is put off for longer, in milliseconds. */
const LONGEST_WAIT_MS = 10_000

export class LocalDirt {
  #everything = true
  readonly #now = new Set<string>()
  readonly #later = new Map<string, number>()
  readonly #again = new Map<string, number>()

  markEverything(): void {
    this.#everything = true
  }

  mark(path: string): void {
    this.#now.add(path)
  }

  /** The path is being waited for: until it has been looked at again, nothing is decided about it. */
  markLater(path: string, at: number): void {
    this.#later.set(path, at)
  }

  /** The path was looked at, and is looked at once more; nothing waits for that. */
  markAgain(path: string, at: number): void {
    this.#again.set(path, at)
  }

  isWaiting(path: string): boolean {
    return this.#later.has(path)
  }

  /** How many paths are waited for, without those that are counted elsewhere. */
  countWaiting(isCounted: (path: string) => boolean): number {
    let count = 0
    for (const path of this.#later.keys()) if (!isCounted(path)) count += 1
    return count
  }

  /** What is due at `now`; it counts as looked at from here on. */
  take(now: number): 'everything' | Set<string> {
    if (this.#everything) {
      this.#everything = false
      this.#now.clear()
      this.#later.clear()
      this.#again.clear()
      return 'everything'
    }
    const due = new Set(this.#now)
    this.#now.clear()
    for (const times of [this.#later, this.#again])
      for (const [path, at] of times) if (hasCome(at, now, LONGEST_WAIT_MS)) due.add(path)
    for (const path of due) {
      this.#later.delete(path)
      this.#again.delete(path)
    }
    return due
  }

  /** When the next look that something waits for is due, in milliseconds since the epoch; 0 for now, null for never. */
  nextAt(): number | null {
    return this.#everything || this.#now.size > 0 ? 0 : earliest(this.#later)
  }

  /** When the next look that nothing waits for is due, as above. */
  againAt(): number | null {
    return earliest(this.#again)
  }
}

function earliest(times: ReadonlyMap<string, number>): number | null {
  let next: number | null = null
  for (const at of times.values()) if (next === null || at < next) next = at
  return next
}
