/**
 * The connection to one Firestore database: Google's own RPC client, connection at the first call.
 *
 * The RPC client and not the `Firestore` class above it, because of that class's listeners and retries: a
 * listener there cannot leave the contents out ("'select' clauses are not supported for real-time queries"),
 * so it fetches and keeps every file at each start, and a write that finds no network is repeated for ten
 * minutes before anybody is told. Here nothing is repeated: the engine backs off itself (R13).
 *
 * Every call has a deadline, and ends when the connection is closed. Rejects with `AdapterError` only.
 */
import { AdapterError } from '../../engine/ports/adapter.ts'
import {
  connect,
  type Connection,
  DATABASE_ID,
  type FirestoreOptions,
  type OnCall,
  type Rpc,
} from './connect.ts'
import { COLLECTION, toDocumentId } from './document-id.ts'
import { type Place, toAdapterError } from './errors.ts'
import type {
  AggregationResponse,
  BatchGetResponse,
  ListenResponse,
  RunQueryResponse,
  WireDocument,
  WireStatus,
  WireTimestamp,
  WireWrite,
} from './wire.ts'

export interface QueryOptions {
  readonly appId: string
  readonly ownerId: string
  /** The fields to send; null for all. */
  readonly fields: readonly string[] | null
  /** The document name after which to begin. */
  readonly after: string | null
  readonly limit: number
}

export interface QueryResult {
  readonly documents: readonly WireDocument[]
  /** The time of which this is the state. */
  readonly readTime: WireTimestamp
}

/** Where a listener begins: with all documents, or with what has changed since. */
export interface ListenStart {
  readonly resumeToken: Uint8Array | null
  readonly readTime: WireTimestamp | null
}

export interface ListenCall {
  cancel(): void
}

export interface ListenHandlers {
  readonly onResponse: (response: ListenResponse) => void
  /** Once, unless it was cancelled; null for an end without an error. */
  readonly onEnd: (error: unknown) => void
}

export interface WriteOutcome {
  readonly status: WireStatus
  readonly updateTime: WireTimestamp | null
}

/** A page of 4 MiB over a slow line. Milliseconds. */
const DEADLINE_MS = 60_000
/** A stream may stay open for ever; Google's own client gives it a day. Milliseconds. */
const LISTEN_DEADLINE_MS = 24 * 3_600_000

export class FirestoreClient {
  readonly #options: FirestoreOptions
  readonly #calls = new Set<{ cancel(): void }>()
  #opening: Promise<Connection> | null = null
  #closing: Promise<void> | null = null

  constructor(options: FirestoreOptions) {
    this.#options = options
  }

  /** Whether it is an emulator, which needs no care for quotas. */
  get isEmulator(): boolean {
    return this.#options.emulatorHost !== null
  }

  get isClosed(): boolean {
    return this.#closing !== null
  }

  async place(): Promise<Place> {
    return (await this.#open()).place
  }

  /** The full name of a document, as requests want it. */
  async nameOf(id: string, collection = COLLECTION): Promise<string> {
    return `${(await this.#open()).database}/documents/${collection}/${toDocumentId(id)}`
  }

  /** One owner's documents by name. Two equalities and the order by name need no index of one's own. */
  query({ appId, ownerId, fields, after, limit }: QueryOptions): Promise<QueryResult> {
    return this.#call(async ({ rpc, database }) => {
      const documents: WireDocument[] = []
      let readTime: WireTimestamp = {}
      const structuredQuery = {
        ...ownersQuery(appId, ownerId),
        orderBy: [{ field: { fieldPath: '__name__' }, direction: 'ASCENDING' as const }],
        limit: { value: limit },
        ...(fields === null ? {} : { select: { fields: fields.map(fieldPath => ({ fieldPath })) } }),
        ...(after === null ? {} : { startAt: { values: [{ referenceValue: after }], before: false } }),
      }
      const request = { parent: `${database}/documents`, structuredQuery }
      const stream = rpc.runQuery(request, this.#callOptions(database)) as AsyncIterable<RunQueryResponse>
      for await (const response of stream) {
        if (response.document !== null && response.document !== undefined) documents.push(response.document)
        readTime = response.readTime ?? readTime
      }
      return { documents, readTime }
    })
  }

  /** How many documents an owner has; costs one read for a thousand of them. */
  count(appId: string, ownerId: string): Promise<number> {
    return this.#call(async ({ rpc, database }) => {
      const aggregations = [{ alias: 'count', count: {} }]
      const structuredAggregationQuery = { structuredQuery: ownersQuery(appId, ownerId), aggregations }
      const request = { parent: `${database}/documents`, structuredAggregationQuery }
      const stream = rpc.runAggregationQuery(
        request,
        this.#callOptions(database),
      ) as AsyncIterable<AggregationResponse>
      let count = 0
      for await (const { result } of stream)
        count = Number(result?.aggregateFields?.['count']?.integerValue ?? count)
      return count
    })
  }

  /** In the order of `names`; null where there is no such document. */
  get(names: readonly string[]): Promise<(WireDocument | null)[]> {
    if (names.length === 0) return Promise.resolve([])
    return this.#call(async ({ rpc, database }) => {
      const found = new Map<string, WireDocument>()
      const request = { database, documents: [...new Set(names)] }
      const stream = rpc.batchGetDocuments(
        request,
        this.#callOptions(database),
      ) as AsyncIterable<BatchGetResponse>
      // They come in any order.
      for await (const response of stream) {
        if (response.found !== null && response.found !== undefined)
          found.set(response.found.name, response.found)
      }
      return names.map(name => found.get(name) ?? null)
    })
  }

  /** Each write on its own condition and with its own outcome; no document may be named twice. */
  write(writes: readonly WireWrite[]): Promise<WriteOutcome[]> {
    return this.#call(async ({ rpc, database }) => {
      const [response] = await rpc.batchWrite({ database, writes: [...writes] }, this.#callOptions(database))
      return writes.map((_, index) => ({
        // gRPC's UNKNOWN: a result that is missing says nothing.
        status: response.status?.[index] ?? { code: 2, message: 'the result is missing' },
        updateTime: (response.writeResults?.[index]?.updateTime as WireTimestamp | null | undefined) ?? null,
      }))
    })
  }

  /** Follows one owner's documents. What ends it before it has begun is told by `onEnd`, too. */
  listen(appId: string, ownerId: string, start: ListenStart, handlers: ListenHandlers): ListenCall {
    let stream: (ReturnType<Rpc['listen']> & { cancel(): void }) | null = null
    let isOver = false
    const end = (error: unknown): void => {
      if (isOver) return
      isOver = true
      stream?.cancel()
      handlers.onEnd(error)
    }
    const begin = async (): Promise<void> => {
      const { rpc, database } = await this.#open()
      if (isOver) return
      stream = rpc.listen(this.#callOptions(database, LISTEN_DEADLINE_MS))
      stream.on('data', (response: ListenResponse) => {
        if (!isOver) handlers.onResponse(response)
      })
      stream.on('error', end)
      stream.on('end', () => end(null))
      stream.on('close', () => end(null))
      const query = { parent: `${database}/documents`, structuredQuery: ownersQuery(appId, ownerId) }
      stream.write({ database, addTarget: { targetId: 1, query, ...startOf(start) } })
    }
    begin().catch(end)
    return {
      cancel() {
        isOver = true
        stream?.cancel()
      },
    }
  }

  async asAdapterError(error: unknown): Promise<AdapterError> {
    if (error instanceof AdapterError) return error
    if (this.isClosed) return closedError()
    const place = await this.place().catch(() => unknownPlace(this.#options))
    return toAdapterError(error, place)
  }

  /** Calls that are under way end with an error. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const opening = this.#opening
    if (opening === null) return
    for (const call of this.#calls) call.cancel()
    const connection = await opening.catch(() => null)
    if (connection === null) return
    for (const call of this.#calls) call.cancel()
    await connection.close()
  }

  async #call<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.#open()
    try {
      return await work(connection)
    } catch (error) {
      throw this.isClosed ? closedError() : toAdapterError(error, connection.place)
    }
  }

  async #open(): Promise<Connection> {
    if (this.isClosed) throw closedError()
    const opening = (this.#opening ??= connect(this.#options, this.#track))
    try {
      const connection = await opening
      if (!this.isClosed) return connection
    } catch (error) {
      // A key file may be put right while the program runs.
      if (this.#opening === opening) this.#opening = null
      throw error
    }
    throw closedError()
  }

  /** Google's client does not give its calls out, so that they could be ended. */
  readonly #track: OnCall = call => {
    this.#calls.add(call)
    call.once('status', () => this.#calls.delete(call))
    if (this.isClosed) setImmediate(() => call.cancel())
  }

  #callOptions(database: string, timeout = DEADLINE_MS): CallOptions {
    const authorization = this.isEmulator ? { authorization: 'Bearer owner' } : {}
    return {
      timeout,
      retry: null,
      retryRequestOptions: { retries: 0, noResponseRetries: 0 },
      otherArgs: { headers: { 'google-cloud-resource-prefix': database, ...authorization } },
    }
  }
}

interface CallOptions {
  timeout: number
  /** None, neither of calls nor of streams. */
  retry: null
  retryRequestOptions: { retries: 0; noResponseRetries: 0 }
  otherArgs: { headers: Record<string, string> }
}

function ownersQuery(appId: string, ownerId: string) {
  return {
    from: [{ collectionId: COLLECTION }],
    where: {
      compositeFilter: { op: 'AND' as const, filters: [equal('app', appId), equal('ownerId', ownerId)] },
    },
  }
}

function equal(fieldPath: string, stringValue: string) {
  return { fieldFilter: { field: { fieldPath }, op: 'EQUAL' as const, value: { stringValue } } }
}

function startOf({ resumeToken, readTime }: ListenStart): object {
  if (resumeToken !== null) return { resumeToken }
  return readTime === null ? {} : { readTime }
}

function unknownPlace({ projectId, emulatorHost }: FirestoreOptions): Place {
  return { projectId: projectId ?? 'unknown', databaseId: DATABASE_ID, emulatorHost }
}

function closedError(): AdapterError {
  return new AdapterError('offline', 'The connection to Firestore was closed.', { retryable: false })
}
