/**
 * Our own writes come back through Realtime. Knowing them saves a call for each, and one that never comes back
 * tells that the channel has gone deaf, though it still looks alive.
 */
import type { ConditionalWrite } from '../../engine/ports/adapter.ts'
import type { RowChange } from './channel.ts'

interface Expected {
  /** Null: the record is deleted. */
  readonly version: number | null
  /** On the monotonic clock, in milliseconds. */
  readonly since: number
}

export class OwnEchoes {
  readonly #expected = new Map<string, Expected>()

  expect({ id, ...write }: ConditionalWrite, now: number): void {
    this.#expected.set(id, { version: write.type === 'set' ? write.data.lastUpdated : null, since: now })
  }

  forget(id: string): void {
    this.#expected.delete(id)
  }

  /** Whether it is one of ours. Each is expected once: a second one of the same version is somebody else's. */
  take({ id, version }: RowChange): boolean {
    const expected = id === undefined ? undefined : this.#expected.get(id)
    if (id === undefined || expected === undefined || expected.version !== version) return false
    this.#expected.delete(id)
    return true
  }

  /** Since when one has been missing; null where none is. */
  get oldest(): number | null {
    let oldest: number | null = null
    for (const { since } of this.#expected.values()) oldest = Math.min(oldest ?? since, since)
    return oldest
  }

  clear(): void {
    this.#expected.clear()
  }
}
