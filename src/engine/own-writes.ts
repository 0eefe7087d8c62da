/**
 * Which files sync itself has put on a side of late. A side that was emptied is not well again because sync
 * has just put one file there (R8), so the guard looks at the others.
 */
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import type { ReadonlyTree } from './core/tree.ts'

export class OwnWrites {
  readonly #times = new Map<string, number>()

  /** `now` by the monotonic clock, in milliseconds, here and below. */
  note(path: string, now: number): void {
    this.#times.delete(path)
    this.#times.set(path, now)
  }

  /** How many files a side holds that were there before; all of them, while hardly any were. */
  countOthers(side: ReadonlyTree<unknown>, base: ReadonlyTree<unknown>, now: number): number {
    this.#forget(now - MASS_DELETE_WINDOW_MS)
    return this.#others(base) < 2 ? side.size : this.#others(side)
  }

  #others(tree: ReadonlyTree<unknown>): number {
    let count = tree.size
    for (const path of this.#times.keys()) if (tree.has(path)) count -= 1
    return count
  }

  /** The oldest come first. */
  #forget(before: number): void {
    for (const [path, time] of this.#times) {
      if (time >= before) return
      this.#times.delete(path)
    }
  }
}
