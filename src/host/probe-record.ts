/** A record that is written on conditions, to see whether that works, and removed again. */
import type { CompleteAdapter } from '../adapters/complete.ts'
import { recordId, type RecordScope } from '../engine/core/record-id.ts'
import { AdapterError, type ConditionalWrite, type FileRecord } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'

export class ProbeRecord {
  readonly id: string
  readonly #database: CompleteAdapter
  readonly #clock: Clock
  readonly #fields: Pick<FileRecord, 'path' | 'app' | 'ownerId'>
  #stored: { readonly etag: string; readonly lastUpdated: number } | null = null

  constructor(database: CompleteAdapter, scope: RecordScope, path: string, clock: Clock) {
    this.id = recordId(scope, path)
    this.#database = database
    this.#clock = clock
    this.#fields = { path, app: scope.appId, ownerId: scope.ownerId }
  }

  /** Rejects with AdapterError, 'conflict' where the database does not keep to the condition. */
  async write(): Promise<void> {
    const previous = this.#stored
    const lastUpdated = Math.max(this.#clock.now(), (previous?.lastUpdated ?? 0) + 1)
    const data: FileRecord = { ...this.#fields, content: 'probe', lastUpdated }
    const set = (expected: typeof previous): ConditionalWrite => ({
      type: 'set',
      id: this.id,
      expected,
      data: expected === null ? { ...data, createdAt: lastUpdated } : data,
    })
    await this.#expect(set(previous), 'done')
    const [stored] = await this.#database.getMany([this.id])
    if (stored === null || stored === undefined)
      throw broken('A record that was written cannot be read again.')
    this.#stored = { etag: stored.etag, lastUpdated: stored.data.lastUpdated }
    // The same write once more must lose: the record is no longer the one that it expects.
    await this.#expect(set(previous), 'lost')
  }

  /** Nothing to do where it was never written, or is removed already. */
  async remove(): Promise<void> {
    const expected = this.#stored
    if (expected === null) return
    await this.#expect({ type: 'delete', id: this.id, expected }, 'done')
    this.#stored = null
  }

  async #expect(write: ConditionalWrite, status: 'done' | 'lost'): Promise<void> {
    const [result] = await this.#database.commit([write])
    if (result?.status === 'failed') throw result.error
    if (result?.status === status) return
    throw broken(
      status === 'lost'
        ? 'It overwrites a record that has changed meanwhile: conditions are not kept.'
        : 'It does not write although the condition holds.',
    )
  }
}

function broken(message: string): AdapterError {
  return new AdapterError('conflict', message, { retryable: false })
}
