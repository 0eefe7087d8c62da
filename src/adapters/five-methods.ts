/**
 * Heads, batches and conditional writes made of `query`, `get`, `set` and `delete`, as safely as these allow.
 *
 * A conditional write is: get, compare, write, get again. Between the first two steps of one device another
 * one may write; the last step finds out if that one came later. If it came earlier, its content is
 * overwritten in the database, but it is still a file on its device, whose next look finds the difference
 * and makes it a conflict: nothing is lost (R1), though a merge is harder.
 */
import { hash } from 'node:crypto'
import type {
  AdapterAbilities,
  ConditionalWrite,
  FileRecord,
  FileSyncAdapter,
  HeadsPage,
  StoredRecord,
  WriteResult,
} from '../engine/ports/adapter.ts'
import { asAdapterError } from './adapter-error.ts'

/** Calls under way at a time. */
const PARALLEL_CALLS = 8

export class FiveMethods implements Pick<AdapterAbilities, 'heads' | 'getMany' | 'commit'> {
  readonly #adapter: FileSyncAdapter
  /** The last write of each id that is under way: writes of one id follow each other. */
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(adapter: FileSyncAdapter) {
    this.#adapter = adapter
  }

  /** All in one page: `query` brings the contents anyway. */
  async heads(appId: string, ownerId: string): Promise<HeadsPage> {
    const records = await this.#adapter.query(appId, ownerId)
    const heads = records.map(({ id, data }) => ({ id, etag: etagOf(data), lastUpdated: data.lastUpdated }))
    return { heads, next: null }
  }

  async getMany(ids: readonly string[]): Promise<(StoredRecord | null)[]> {
    return inParallel(ids, id => this.#get(id))
  }

  async commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    return inParallel(writes, write => this.#afterOthers(write.id, () => this.#write(write)))
  }

  async #get(id: string): Promise<StoredRecord | null> {
    const record = await this.#adapter.get(id)
    return record === null ? null : { id, etag: etagOf(record.data), data: record.data }
  }

  /** The same failure would meet the other writes too, but some of them may be done: each has its result. */
  async #write(write: ConditionalWrite): Promise<WriteResult> {
    try {
      const current = await this.#get(write.id)
      if (!isExpected(current, write)) return { status: 'lost' }
      return write.type === 'delete'
        ? await this.#delete(write.id)
        : await this.#set(write.id, write.data, current)
    } catch (error) {
      return { status: 'failed', error: asAdapterError(error) }
    }
  }

  async #delete(id: string): Promise<WriteResult> {
    await this.#adapter.delete(id)
    return (await this.#get(id)) === null ? { status: 'done', etag: null } : { status: 'lost' }
  }

  async #set(id: string, data: FileRecord, current: StoredRecord | null): Promise<WriteResult> {
    const createdAt = current === null ? data.createdAt : current.data.createdAt
    const { createdAt: _, ...fields } = data
    await this.#adapter.set(
      id,
      createdAt === undefined || createdAt === null ? fields : { ...fields, createdAt },
    )
    const stored = await this.#get(id)
    const etag = etagOf(data)
    return stored !== null && stored.etag === etag ? { status: 'done', etag } : { status: 'lost' }
  }

  async #afterOthers<Result>(id: string, write: () => Promise<Result>): Promise<Result> {
    const before = this.#underWay.get(id) ?? Promise.resolve()
    const own = before.then(write, write)
    this.#underWay.set(id, own)
    try {
      return await own
    } finally {
      if (this.#underWay.get(id) === own) this.#underWay.delete(id)
    }
  }
}

/** Older writers may give two contents one version, so all that a writer says is in it. */
function etagOf({ path, content, app, ownerId, lastUpdated }: FileRecord): string {
  const said = JSON.stringify([path, content, app, ownerId])
  return `${lastUpdated}.${hash('sha256', said, 'base64url').slice(0, 22)}`
}

function isExpected(current: StoredRecord | null, write: ConditionalWrite): boolean {
  if (current === null || write.expected === null) return current === null && write.expected === null
  return current.etag === write.expected.etag && current.data.lastUpdated === write.expected.lastUpdated
}

/** Results in the order of the items. The first failure is the whole's, once nothing is under way any more. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(PARALLEL_CALLS, items.length) }, worker),
  )
  for (const end of ends) if (end.status === 'rejected') throw asAdapterError(end.reason)
  return results
}
