/** One sleeper and many who may wake it. */
import type { Clock } from './ports/clock.ts'

export class Wake {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #isUp = false
  #interrupt: (() => void) | null = null

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  up(): void {
    this.#isUp = true
    this.#interrupt?.()
  }

  /** Until `at` (milliseconds since the epoch, null for ever), `up`, or the signal. A call of `up` before it is not lost. */
  async wait(at: number | null): Promise<void> {
    if (!this.#isUp && !this.#signal.aborted) {
      const ms = at === null ? LONGEST_MS : Math.min(LONGEST_MS, at - this.#clock.now())
      const sleep = new AbortController()
      this.#interrupt = () => sleep.abort()
      this.#signal.addEventListener('abort', this.#interrupt, { once: true })
      if (ms > 0) await this.#clock.sleep(ms, sleep.signal)
      this.#signal.removeEventListener('abort', this.#interrupt)
      this.#interrupt = null
    }
    this.#isUp = false
  }
}

const LONGEST_MS = 60_000
