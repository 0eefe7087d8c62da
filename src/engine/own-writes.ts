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

  /**
   * Whether a side holds a file that was there before; any file, while hardly any were. Those that come and go
   * (`isExpected`) say nothing.
   */
  hasOthers(
    side: ReadonlyTree<unknown>,
    base: ReadonlyTree<unknown>,
    now: number,
    isExpected: (path: string) => boolean,
  ): boolean {
    this.#forget(now - MASS_DELETE_WINDOW_MS)
    const isCounted = (path: string): boolean => !isExpected(path)
    const isOther = (path: string): boolean => !this.#times.has(path) && isCounted(path)
    return hasMany(base, 2, isOther) ? hasMany(side, 1, isOther) : hasMany(side, 1, isCounted)
  }

  /** The oldest come first. */
  #forget(before: number): void {
    for (const [path, time] of this.#times) {
      if (time >= before) return
      this.#times.delete(path)
    }
  }
}

function hasMany(tree: ReadonlyTree<unknown>, many: number, isMeant: (path: string) => boolean): boolean {
  let count = 0
  for (const path of tree.keys()) {
    if (isMeant(path)) count += 1
    if (count === many) return true
  }
  return false
}
