/**
 * Conditional writes, each on its own condition and with its own result.
 *
 * `BatchWrite` and neither a batch nor transactions: a batch is all or nothing, so that one loser would undo
 * what 499 others have won, and a transaction reads, and pays for, what it compares. A document may be named
 * once in a request, so writes of one document follow each other.
 */
import {
  AdapterError,
  type ConditionalWrite,
  type RecordHead,
  type WriteResult,
} from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { FirestoreClient, WriteOutcome } from './client.ts'
import { idFault } from './document-id.ts'
import { fieldsOf } from './documents.ts'
import { GRPC, isLost, type Place, statusError } from './errors.ts'
import { LIMITS, sizeFault, WRITES_PER_SECOND } from './limits.ts'
import { nanosText, timestampOf, type WireWrite } from './wire.ts'

/** Writes of others that collide with ours are over in a moment. */
const RETRIES = 3
const FIRST_RETRY_MS = 100

/** What a write has made of a record, for those who follow the heads. */
export interface WriteListener {
  begin(ids: readonly string[]): void
  end(ids: readonly string[]): void
  noteSet(head: RecordHead, write: ConditionalWrite & { type: 'set' }): void
  noteDelete(id: string, etag: string): void
}

type Client = Pick<FirestoreClient, 'isEmulator' | 'nameOf' | 'place' | 'write' | 'asAdapterError'>

interface Prepared {
  readonly index: number
  readonly write: ConditionalWrite
  readonly wire: WireWrite
  readonly bytes: number
}

export class Committer {
  readonly #client: Client
  readonly #clock: Clock
  readonly #listener: WriteListener
  /** When the next write may be sent, by the monotonic clock. */
  #freeAt = 0

  constructor(client: Client, clock: Clock, listener: WriteListener) {
    this.#client = client
    this.#clock = clock
    this.#listener = listener
  }

  /** Rejects with `AdapterError` where nothing is known to be written. */
  async commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    const ids = writes.map(({ id }) => id)
    this.#listener.begin(ids)
    try {
      return await this.#commit(writes)
    } finally {
      this.#listener.end(ids)
    }
  }

  async #commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    const results: WriteResult[] = []
    const prepared: Prepared[] = []
    for (const [index, write] of writes.entries()) {
      const wire = await prepare(this.#client, write)
      if ('status' in wire) results[index] = wire
      else prepared.push({ index, write, wire, bytes: bytesOf(write) })
    }
    for (const part of parts(prepared)) {
      const outcomes = await this.#send(part, results)
      for (const [at, { index }] of part.entries()) results[index] = outcomes[at]!
    }
    return results
  }

  /** Pays attention to the rate; emulators need none. */
  async pace(count: number): Promise<void> {
    if (this.#client.isEmulator) return
    const now = this.#clock.monotonic()
    const begin = Math.max(now, this.#freeAt)
    this.#freeAt = begin + (count * 1_000) / WRITES_PER_SECOND
    if (begin > now) await this.#clock.sleep(begin - now)
  }

  async #send(part: readonly Prepared[], before: readonly WriteResult[]): Promise<WriteResult[]> {
    const place = await this.#client.place()
    try {
      const outcomes = await this.#sendWithRetries(part)
      return outcomes.map((outcome, at) => this.#resultOf(part[at]!.write, outcome, place))
    } catch (error) {
      const failure = await this.#client.asAdapterError(error)
      // What was written before must be told.
      if (!before.some(result => result.status === 'done')) throw failure
      return part.map(() => ({ status: 'failed', error: failure }))
    }
  }

  async #sendWithRetries(part: readonly Prepared[]): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = []
    let open = part.map((_, at) => at)
    for (let attempt = 0; open.length > 0; attempt++) {
      await this.pace(open.length)
      const answers = await this.#client.write(open.map(at => part[at]!.wire))
      for (const [index, at] of open.entries()) outcomes[at] = answers[index]!
      if (attempt === RETRIES) break
      open = open.filter(at => isContended(outcomes[at]!))
      const delay = FIRST_RETRY_MS * 2 ** attempt * (0.5 + this.#clock.random())
      if (open.length > 0) await this.#clock.sleep(delay)
    }
    return outcomes
  }

  #resultOf(write: ConditionalWrite, { status, updateTime }: WriteOutcome, place: Place): WriteResult {
    const code = status.code ?? GRPC.ok
    const message = status.message ?? ''
    if (code !== GRPC.ok) {
      return isLost(code, message)
        ? { status: 'lost' }
        : { status: 'failed', error: statusError(code, message, place) }
    }
    if (write.type === 'delete') {
      this.#listener.noteDelete(write.id, write.expected.etag)
      return { status: 'done', etag: null }
    }
    const etag = nanosText(updateTime)
    this.#listener.noteSet({ id: write.id, etag, lastUpdated: write.data.lastUpdated }, write)
    return { status: 'done', etag }
  }
}

function isContended({ status }: WriteOutcome): boolean {
  return status.code === GRPC.aborted || status.code === GRPC.unavailable
}

async function prepare(client: Client, write: ConditionalWrite): Promise<WireWrite | WriteResult> {
  const fault = idFault(write.id) ?? (write.type === 'set' ? contentFault(write) : null)
  if (fault !== null) return { status: 'failed', error: fault }
  const name = await client.nameOf(write.id)
  if (write.type === 'set' && write.expected === null) {
    const { lastUpdated, createdAt = lastUpdated } = write.data
    return {
      update: { name, fields: fieldsOf({ ...write.data, createdAt }) },
      currentDocument: { exists: false },
    }
  }
  const updateTime = timestampOf(write.expected?.etag ?? '')
  // An etag of another making names nothing that this database ever held.
  if (updateTime === null) return { status: 'lost' }
  if (write.type === 'delete') return { delete: name, currentDocument: { updateTime } }
  const fields = fieldsOf(write.data)
  // The mask keeps what it does not name: when the record was created, and other programs' fields.
  return {
    update: { name, fields },
    updateMask: { fieldPaths: Object.keys(fields) },
    currentDocument: { updateTime },
  }
}

function contentFault({ id, data }: ConditionalWrite & { type: 'set' }): AdapterError | null {
  const size = sizeFault(id, data)
  if (size !== null) return size
  if (data.content.isWellFormed()) return null
  // It would be stored with other characters in their place (R1).
  return new AdapterError('invalid', 'The content is no valid Unicode text.', { retryable: false })
}

function bytesOf(write: ConditionalWrite): number {
  return write.type === 'delete' ? 0 : Buffer.byteLength(write.data.content)
}

/** Runs of writes that fit into one request and name each document once. */
function* parts(prepared: readonly Prepared[]): Generator<readonly Prepared[]> {
  let part: Prepared[] = []
  let ids = new Set<string>()
  let bytes = 0
  for (const one of prepared) {
    const isFull = part.length === LIMITS.batchItems || bytes + one.bytes > LIMITS.batchBytes
    if (part.length > 0 && (isFull || ids.has(one.write.id))) {
      yield part
      part = []
      ids = new Set()
      bytes = 0
    }
    part.push(one)
    ids.add(one.write.id)
    bytes += one.bytes
  }
  if (part.length > 0) yield part
}
