/**
 * Time for an adapter on real files, sockets and processes: it passes only when a test says so. So no limit of the
 * adapter's runs out because the machine is slow, and what it does with its time can be counted.
 */
import type { Clock } from '../../src/engine/ports/clock.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { FakeClock } from '../fakes/fake-clock.ts'

const realTime: Clock = nodeClock

export interface SteeredClockOptions {
  /**
   * Sleeps of at most so many milliseconds pass by themselves: with them an adapter gathers and tries again, and
   * nothing ever runs out in them.
   */
  readonly napMs?: number
}

export class SteeredClock extends FakeClock {
  readonly #napMs: number
  readonly #sleepers = new Set<{ readonly wakesAt: number }>()

  constructor({ napMs = 0 }: SteeredClockOptions = {}) {
    super()
    this.#napMs = napMs
  }

  /** How many sleep now, but for naps. */
  get sleepers(): number {
    return this.#sleepers.size
  }

  /** In how many milliseconds the first of them wakes. */
  get nextWakeMs(): number {
    return Math.min(...[...this.#sleepers].map(({ wakesAt }) => wakesAt)) - this.monotonic()
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= this.#napMs) return realTime.sleep(ms, signal)
    const sleeper = { wakesAt: this.monotonic() + ms }
    this.#sleepers.add(sleeper)
    await super.sleep(ms, signal)
    this.#sleepers.delete(sleeper)
  }

  override yield(): Promise<void> {
    return realTime.yield()
  }

  /** Lets so many milliseconds go by: who wakes in them does so in order, and the event loop turns after each. */
  pass(ms: number): Promise<void> {
    return this.time.advance(ms)
  }

  /** Lets time go by, from one who wakes to the next, until the condition holds. Returns how much it took; null: more than `limitMs`. */
  async passUntil(condition: () => boolean, limitMs: number): Promise<number | null> {
    const from = this.monotonic()
    for (;;) {
      if (condition()) return this.monotonic() - from
      const step = this.nextWakeMs
      if (this.monotonic() + step - from > limitMs) return null
      await this.pass(step)
    }
  }

  describe(): string {
    const rests = [...this.#sleepers].map(({ wakesAt }) => `${wakesAt - this.monotonic()} ms`)
    return `${this.monotonic()} ms have passed; those who sleep wake in ${rests.join(', ') || 'no time: there are none'}`
  }
}
