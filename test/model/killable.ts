/**
 * Ports of an engine that can be killed at any moment, as a process is: from then on nothing it does reaches
 * the world, and what it was waiting for never comes.
 */
import type { Clock } from '../../src/engine/ports/clock.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'

export class Killed extends Error {
  override readonly name = 'Killed'
}

export class Life {
  #isOver = false

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    this.#isOver = true
  }

  /** The port as this life may use it. */
  lend<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]): unknown => {
          if (this.#isOver) throw new Killed()
          const result: unknown = Reflect.apply(member, target, args)
          return result instanceof Promise ? this.#asLongAsItLasts(result) : result
        }
      },
    })
  }

  clock(): Clock {
    return {
      ...nodeClock,
      // oxlint-disable-next-line no-restricted-properties -- it is the engine that sleeps
      sleep: (ms, signal) => this.#asLongAsItLasts(nodeClock.sleep(ms, signal)),
      yield: () => this.#asLongAsItLasts(nodeClock.yield()),
    }
  }

  #asLongAsItLasts<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      promise.then(
        result => this.#isOver || resolve(result),
        (error: unknown) => {
          if (!this.#isOver) reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
    })
  }
}
