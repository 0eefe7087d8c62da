/** Gives the event loop a turn every few milliseconds of synchronous work. */
import type { Clock } from './ports/clock.ts'

const SLICE_MS = 8

export class Slice {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #since: number

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
    this.#since = clock.monotonic()
  }

  isOver(): boolean {
    return this.#clock.monotonic() - this.#since >= SLICE_MS
  }

  /** Throws the signal's reason when it has been aborted. */
  async yield(): Promise<void> {
    await this.yieldUninterrupted()
    this.#signal.throwIfAborted()
  }

  /** For work that has to be recorded once it has begun. */
  async yieldUninterrupted(): Promise<void> {
    await this.#clock.yield()
    this.#since = this.#clock.monotonic()
  }
}
