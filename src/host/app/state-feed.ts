/**
 * The state as clients hear it: a snapshot, then numbered changes, joined.
 *
 * Whoever knows of a change marks a key dirty and says how to make its value; values are made when the next
 * event goes out, at most every JOIN_MS, so that thousands of marks a second cost as many map writes. Each
 * subscriber has an inbox that holds the latest value for each key: a slow one gets fewer events, never more
 * memory.
 */
import { randomUUID } from 'node:crypto'
import type { AppState, StateChange, StateEvent } from '../../contract/state.ts'

/** At most twenty events a second. */
const JOIN_MS = 50

type Make = () => StateChange

export class StateFeed {
  readonly run = randomUUID()
  readonly #snapshot: () => AppState
  readonly #dirty = new Map<string, Make>()
  readonly #last = new Map<string, string>()
  readonly #inboxes = new Set<Inbox>()
  #revision = 1
  #timer: NodeJS.Timeout | null = null
  #flushedAt = -JOIN_MS

  constructor(snapshot: () => AppState) {
    this.#snapshot = snapshot
  }

  mark(key: string, make: Make): void {
    this.#dirty.set(key, make)
    if (this.#timer !== null) return
    const wait = Math.max(0, this.#flushedAt + JOIN_MS - performance.now())
    this.#timer = setTimeout(() => this.#flush(), wait)
    this.#timer.unref()
  }

  get(): { run: string; revision: number; state: AppState } {
    return { run: this.run, revision: this.#revision, state: this.#snapshot() }
  }

  /** Ends quietly with the signal, or with `close`. */
  async *watch(signal: AbortSignal): AsyncGenerator<StateEvent, void> {
    const inbox = new Inbox()
    this.#inboxes.add(inbox)
    const end = (): void => inbox.end()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    try {
      yield { type: 'snapshot', ...this.get() }
      while (await inbox.filled()) {
        yield { type: 'changes', run: this.run, ...inbox.take() }
      }
    } finally {
      signal.removeEventListener('abort', end)
      this.#inboxes.delete(inbox)
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const inbox of this.#inboxes) inbox.end()
  }

  #flush(): void {
    this.#timer = null
    this.#flushedAt = performance.now()
    const news = new Map<string, StateChange>()
    for (const [key, make] of this.#dirty) {
      const change = make()
      const text = JSON.stringify(change)
      if (this.#last.get(key) === text) continue
      if (change.type === 'folder-removed') this.#last.delete(key)
      else this.#last.set(key, text)
      news.set(key, change)
    }
    this.#dirty.clear()
    if (news.size === 0) return
    this.#revision += 1
    for (const inbox of this.#inboxes) inbox.put(this.#revision, news)
  }
}

class Inbox {
  readonly #changes = new Map<string, StateChange>()
  #revision = 0
  #hasEnded = false
  #wake: (() => void) | null = null

  put(revision: number, news: ReadonlyMap<string, StateChange>): void {
    this.#revision = revision
    for (const [key, change] of news) {
      // Taken out first, so that it comes in the order in which the last values were made.
      this.#changes.delete(key)
      this.#changes.set(key, change)
    }
    this.#wake?.()
  }

  take(): { revision: number; changes: StateChange[] } {
    const changes = [...this.#changes.values()]
    this.#changes.clear()
    return { revision: this.#revision, changes }
  }

  /** False once it has ended. */
  async filled(): Promise<boolean> {
    if (this.#changes.size === 0 && !this.#hasEnded) {
      await new Promise<void>(resolve => (this.#wake = resolve))
      this.#wake = null
    }
    return !this.#hasEnded
  }

  end(): void {
    this.#hasEnded = true
    this.#wake?.()
  }
}
