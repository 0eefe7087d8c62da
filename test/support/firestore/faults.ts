/** What the stand-in is told to do wrong, and what it has been asked: calls and what they would cost. */
import type { status } from '@grpc/grpc-js'
import type { MethodName, Status } from './protocol.ts'

export interface Fault {
  readonly code: status
  readonly message: string
}

export class Faults {
  /** By method. */
  readonly #calls: { method: MethodName; spared: number; times: number; fault: Fault }[] = []
  #writes: { times: number; fault: Fault } | null = null

  /** The next calls of a method fail. */
  fail(method: MethodName, fault: Fault, times = 1): void {
    this.#calls.push({ method, spared: 0, times, fault })
  }

  /** From the n-th call of a method on, all fail. */
  failFrom(method: MethodName, nth: number, fault: Fault): void {
    this.#calls.push({ method, spared: nth - 1, times: Number.POSITIVE_INFINITY, fault })
  }

  /** The next single writes of batches fail, and the calls succeed. */
  failWrites(fault: Fault, times = 1): void {
    this.#writes = { times, fault }
  }

  clear(): void {
    this.#calls.length = 0
    this.#writes = null
  }

  takeCall(method: MethodName): Fault | null {
    const found = this.#calls.find(call => call.method === method && call.times > 0)
    if (found === undefined) return null
    if (found.spared > 0) {
      found.spared -= 1
      return null
    }
    found.times -= 1
    return found.fault
  }

  takeWrite(): Status | null {
    if (this.#writes === null || this.#writes.times === 0) return null
    this.#writes.times -= 1
    return this.#writes.fault
  }
}

/** Documents are billed as the service bills them: https://firebase.google.com/docs/firestore/pricing */
export interface Meter {
  readonly calls: Partial<Record<MethodName, number>>
  readonly reads: number
  readonly writes: number
  readonly deletes: number
}

export function emptyMeter(): { -readonly [Key in keyof Meter]: Meter[Key] } {
  return { calls: {}, reads: 0, writes: 0, deletes: 0 }
}
