/**
 * Joins a watcher's events into few calls, and looks at each path once more when it has been quiet for a
 * while: a watcher may report the first of two writes and swallow the second (F2).
 */
export interface DirtyBatchTimes {
  /** Events within this time are reported together. Milliseconds. */
  readonly joinMs: number
  /** A path is reported again this long after its last event. Milliseconds. */
  readonly trailMs: number
}

// chokidar joins the changes of one file within 50 ms; the second look comes surely after that.
const DEFAULT_TIMES: DirtyBatchTimes = { joinMs: 5, trailMs: 70 }

export class DirtyBatch {
  readonly #report: (paths: readonly string[]) => void
  readonly #times: DirtyBatchTimes
  readonly #dirty = new Set<string>()
  /** When each path is due again; in that order, since every path waits equally long after its last event. */
  readonly #trailing = new Map<string, number>()
  #joinTimer: NodeJS.Timeout | null = null
  #trailTimer: NodeJS.Timeout | null = null

  constructor(report: (paths: readonly string[]) => void, times: DirtyBatchTimes = DEFAULT_TIMES) {
    this.#report = report
    this.#times = times
  }

  add(path: string): void {
    this.#dirty.add(path)
    this.#trailing.delete(path)
    this.#trailing.set(path, performance.now() + this.#times.trailMs)
    this.#joinTimer ??= setTimeout(() => this.#flush(), this.#times.joinMs)
    this.#trailTimer ??= setTimeout(() => this.#trail(), this.#times.trailMs)
  }

  /** Forgets what has not been reported yet. */
  clear(): void {
    if (this.#joinTimer !== null) clearTimeout(this.#joinTimer)
    if (this.#trailTimer !== null) clearTimeout(this.#trailTimer)
    this.#joinTimer = null
    this.#trailTimer = null
    this.#dirty.clear()
    this.#trailing.clear()
  }

  #trail(): void {
    const now = performance.now()
    this.#trailTimer = null
    for (const [path, due] of this.#trailing) {
      // What is due a moment later goes along.
      if (due > now + this.#times.joinMs) {
        this.#trailTimer = setTimeout(() => this.#trail(), due - now)
        break
      }
      this.#trailing.delete(path)
      this.#dirty.add(path)
    }
    this.#flush()
  }

  #flush(): void {
    if (this.#joinTimer !== null) clearTimeout(this.#joinTimer)
    this.#joinTimer = null
    if (this.#dirty.size === 0) return
    const paths = [...this.#dirty]
    this.#dirty.clear()
    this.#report(paths)
  }
}
