/** Tells clients that a list may be another one now, at most every few hundred milliseconds for each. */
import type { ListRevisions } from '../../contract/state.ts'

export type ListName = keyof ListRevisions

const WAIT_MS = 300

export class Revisions {
  readonly #now: ListRevisions = { files: 1, activity: 1, conflicts: 1, holds: 1, rules: 1 }
  readonly #waiting = new Map<ListName, NodeJS.Timeout>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get now(): ListRevisions {
    return { ...this.#now }
  }

  touch(...lists: readonly ListName[]): void {
    for (const list of lists) {
      if (this.#waiting.has(list)) continue
      const timer = setTimeout(() => {
        this.#waiting.delete(list)
        this.#now[list] += 1
        this.#onChange()
      }, WAIT_MS)
      timer.unref()
      this.#waiting.set(list, timer)
    }
  }

  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer)
  }
}
