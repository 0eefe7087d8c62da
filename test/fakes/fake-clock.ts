/**
 * Time that passes only when a test says so (port: engine/ports/clock).
 *
 * `VirtualTime` is the world's: one for all devices of a simulation. A `FakeClock` is one device's view of it,
 * which may be set forward and back, and which dies with the process that uses it.
 */
import type { Clock } from '../../src/engine/ports/clock.ts'
import { createRandom, type Random } from './random.ts'

/** 2026-01-05T08:00:00Z, in milliseconds since the epoch. */
const START_OF_TIME_MS = 1_767_600_000_000

interface Timer {
  readonly at: number
  readonly seq: number
  readonly owner: object | null
  readonly fire: () => void
}

export class VirtualTime {
  #now: number
  #seq = 0
  /** Sorted, the next one last. */
  #timers: Timer[] = []

  constructor(now: number = START_OF_TIME_MS) {
    this.#now = now
  }

  /** Milliseconds since the epoch, with fractions. */
  get now(): number {
    return this.#now
  }

  /** Calls `fire` once after `ms`. The returned function cancels it. */
  after(ms: number, fire: () => void, owner: object | null = null): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), seq: this.#seq++, owner, fire }
    let index = this.#timers.length
    while (index > 0 && isLater(timer, this.#timers[index - 1]!)) index -= 1
    this.#timers.splice(index, 0, timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  cancelAllOf(owner: object): void {
    this.#timers = this.#timers.filter(timer => timer.owner !== owner)
  }

  /** Work has taken its time; timers that are due by now fire late. */
  pass(ms: number): void {
    this.#now += ms
  }

  /** Lets `ms` go by, with everything that happens in it. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await allMicrotasks()
    for (
      let timer = this.#timers.at(-1);
      timer !== undefined && timer.at <= until;
      timer = this.#timers.at(-1)
    ) {
      this.#timers.pop()
      this.#now = Math.max(this.#now, timer.at)
      timer.fire()
      await allMicrotasks()
    }
    this.#now = Math.max(this.#now, until)
  }
}

function isLater(a: Timer, b: Timer): boolean {
  return a.at > b.at || (a.at === b.at && a.seq > b.seq)
}

/** Nothing here does real input or output, so once the queue of microtasks is empty, everybody waits for time. */
function allMicrotasks(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}

export interface FakeClockOptions {
  readonly random?: Random
  /** How `yield` gives way: in a microtask, or by a timer of no duration, so that others' due timers come first. */
  readonly yields?: 'microtask' | 'timer'
}

export class FakeClock implements Clock {
  readonly time: VirtualTime
  readonly #random: Random
  readonly #yields: 'microtask' | 'timer'
  readonly #began: number
  #offset = 0
  #isDead = false

  constructor(time: VirtualTime = new VirtualTime(), options: FakeClockOptions = {}) {
    this.time = time
    this.#random = options.random ?? createRandom(1)
    this.#yields = options.yields ?? 'microtask'
    this.#began = time.now
  }

  now(): number {
    return Math.floor(this.exact())
  }

  /** As the kernel knows it: with fractions. */
  exact(): number {
    return this.time.now + this.#offset
  }

  monotonic(): number {
    return this.time.now - this.#began
  }

  random(): number {
    return this.#random.next()
  }

  /** Somebody sets the clock. Sleeps go on as if nothing had happened. */
  jump(ms: number): void {
    this.#offset += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      if (this.#isDead) return
      const finish = (): void => {
        cancel()
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const cancel = this.time.after(ms, finish, this)
      signal?.addEventListener('abort', finish, { once: true })
    })
  }

  yield(): Promise<void> {
    return this.#yields === 'microtask' ? Promise.resolve() : this.sleep(0)
  }

  /** The process is gone: whoever sleeps on this clock never wakes. */
  kill(): void {
    this.#isDead = true
    this.time.cancelAllOf(this)
  }
}
