/** The methods of the stand-in (`stand-in.ts` says which part of each is the emulator's). */
import { type Server, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js'
import { type Change, Documents, Refusal } from './documents.ts'
import type { Emulator } from './emulator.ts'
import { emptyMeter, type Fault, Faults, type Meter } from './faults.ts'
import { Listener } from './listener.ts'
import {
  type Aggregation,
  type AggregationResponse,
  type BatchGet,
  type BatchGetResponse,
  type Document,
  METHODS,
  type MethodName,
  type Query,
  type QueryResponse,
  type Status,
  timestampOf,
  type Write,
  type WriteResult,
  type Writes,
} from './protocol.ts'
import { filtersOnly, page, withFields } from './queries.ts'

const REQUEST_BYTES = 10 * 2 ** 20
const EMULATOR_BYTES = 2 * 2 ** 20
/** As Google's emulator refuses it: "maximum 500 writes allowed per request". */
const BATCH_WRITES = 500
const HEARTBEAT_MS = 30_000

export class Service {
  readonly documents = new Documents()
  readonly faults = new Faults()
  /** By the beginning of the names that are refused. */
  readonly refused = new Map<string, Fault>()
  isDeaf = false
  /** By how much the next count that a listener is told is wrong. */
  miscount = 0
  readonly #emulator: Emulator
  readonly #listeners = new Set<Listener>()
  readonly #heartbeat = setInterval(() => {
    for (const listener of this.#listeners) listener.heartbeat()
  }, HEARTBEAT_MS).unref()
  #answered: { readonly key: string; readonly documents: readonly Document[] } | null = null
  #meter = emptyMeter()
  #last: Promise<unknown> = Promise.resolve()

  constructor(emulator: Emulator) {
    this.#emulator = emulator
  }

  takeMeter(): Meter {
    const meter = this.#meter
    this.#meter = emptyMeter()
    return meter
  }

  endListeners({ code, message }: Fault): void {
    for (const listener of this.#listeners) listener.fail(code, message)
  }

  async takeAll(project: string): Promise<readonly Document[]> {
    const database = `projects/${project}/databases/(default)`
    const all = [...this.documents.all()].filter(({ name }) => name.startsWith(`${database}/`))
    await this.#commit({ database, writes: all.map(({ name }) => ({ delete: name })) })
    return all
  }

  async restore(documents: readonly Document[], laterMs: number): Promise<void> {
    const [database = ''] = documents[0]?.name.split('/documents/') ?? []
    this.documents.pass(laterMs)
    const writes = documents.map(({ name, fields = {} }) => ({ update: { name, fields } }))
    await this.#commit({ database, writes })
  }

  close(): void {
    clearInterval(this.#heartbeat)
  }

  handlers(): Parameters<Server['addService']>[1] {
    return {
      BatchGetDocuments: this.#stream('BatchGetDocuments', (request: BatchGet) => this.#batchGet(request)),
      RunQuery: this.#stream('RunQuery', (request: Query) => this.#runQuery(request)),
      RunAggregationQuery: this.#stream('RunAggregationQuery', (request: Aggregation) =>
        this.#count(request),
      ),
      Commit: this.#unary('Commit', (request: Writes) => this.#commit(request)),
      BatchWrite: this.#unary('BatchWrite', (request: Writes) => this.#batchWrite(request)),
      Listen: (stream: ConstructorParameters<typeof Listener>[0]) => this.#listen(stream),
    }
  }

  /** One after the other, so that what is read belongs to one time. */
  #serial<Result>(method: MethodName, request: object, work: () => Promise<Result>): Promise<Result> {
    this.#meter.calls[method] = (this.#meter.calls[method] ?? 0) + 1
    const fault = this.#refusalOf(request) ?? this.faults.takeCall(method)
    const result = this.#last.then(async () => {
      if (fault !== null) throw new Refusal(fault.code, fault.message)
      return work()
    })
    this.#last = result.catch(() => {})
    return result
  }

  #refusalOf(request: object): Fault | null {
    const name = 'database' in request ? request.database : 'parent' in request ? request.parent : ''
    const found = [...this.refused].find(([project]) => String(name).startsWith(project))
    return found?.[1] ?? null
  }

  #unary<Request extends object, Response>(
    method: MethodName,
    work: (request: Request) => Promise<Response>,
  ) {
    return (
      { request }: ServerUnaryCall<Request, Response>,
      done: (error: object | null, response?: Response) => void,
    ): void => {
      const answer = async (): Promise<void> => {
        try {
          done(null, await this.#serial(method, request, () => work(request)))
        } catch (error) {
          done(grpcError(error))
        }
      }
      void answer()
    }
  }

  #stream<Request extends object, Response>(
    method: MethodName,
    work: (request: Request) => Promise<Response[]>,
  ) {
    return (stream: ServerWritableStream<Request, Response>): void => {
      const { request } = stream
      this.#serial(method, request, () => work(request)).then(
        responses => {
          for (const response of responses) stream.write(response)
          stream.end()
        },
        (error: unknown) => stream.emit('error', grpcError(error)),
      )
    }
  }

  async #batchGet(request: BatchGet): Promise<BatchGetResponse[]> {
    const answers = await this.#emulator.collect(METHODS.BatchGetDocuments, {
      database: request.database,
      documents: request.documents ?? [],
    })
    this.#meter.reads += answers.length
    const readTime = timestampOf(this.documents.now)
    return answers.map(({ found, missing }) =>
      found === undefined
        ? { missing: missing ?? '', readTime }
        : { found: withFields(this.#dated(found), request.mask?.fieldPaths), readTime },
    )
  }

  async #runQuery(request: Query): Promise<QueryResponse[]> {
    const found = page(await this.#matching(filtersOnly(request)), request.structuredQuery)
    this.#meter.reads += Math.max(1, found.length)
    const readTime = timestampOf(this.documents.now)
    return found.length === 0 ? [{ readTime }] : found.map(document => ({ document, readTime }))
  }

  /** For the pages of one query the emulator is asked once, unless something was written in between. */
  async #matching(query: Query): Promise<readonly Document[]> {
    const key = `${this.documents.now} ${JSON.stringify(query)}`
    if (this.#answered?.key !== key) {
      const answers = await this.#emulator.collect(METHODS.RunQuery, query)
      const documents = answers.flatMap(({ document }) =>
        document === undefined ? [] : [this.#dated(document)],
      )
      this.#answered = { key, documents }
    }
    return this.#answered.documents
  }

  async #count(request: Aggregation): Promise<AggregationResponse[]> {
    const answers = await this.#emulator.collect(METHODS.RunAggregationQuery, request)
    const [count] = Object.values(answers[0]?.result?.aggregateFields ?? {})
    this.#meter.reads += Math.max(1, Math.ceil(Number(count?.integerValue ?? 0) / 1_000))
    return answers.map(answer => ({ ...answer, readTime: timestampOf(this.documents.now) }))
  }

  async #commit({
    database,
    writes = [],
  }: Writes): Promise<{ writeResults: WriteResult[]; commitTime: object }> {
    checkRequest(writes)
    const changes = this.documents.write(writes)
    await this.#store(database, writes, changes)
    return { writeResults: changes.map(resultOf), commitTime: timestampOf(this.documents.now) }
  }

  async #batchWrite({
    database,
    writes = [],
  }: Writes): Promise<{ writeResults: WriteResult[]; status: Status[] }> {
    checkRequest(writes)
    const names = new Set(writes.map(write => write.update?.name ?? write.delete))
    if (names.size < writes.length)
      throw new Refusal(
        status.INVALID_ARGUMENT,
        'Cannot write to the same document more than once in a batch.',
      )
    const outcomes = writes.map(write => this.#writeOne(write))
    const done = writes.filter((_, index) => outcomes[index]!.change !== null)
    const changes = outcomes.flatMap(({ change }) => (change === null ? [] : [change]))
    await this.#store(database, done, changes)
    return {
      writeResults: outcomes.map(({ change }) => (change === null ? {} : resultOf(change))),
      status: outcomes.map(outcome => outcome.status),
    }
  }

  #writeOne(write: Write): { readonly change: Change | null; readonly status: Status } {
    const fault = this.faults.takeWrite()
    if (fault !== null) return { change: null, status: fault }
    try {
      return { change: this.documents.write([write])[0]!, status: { code: status.OK } }
    } catch (error) {
      if (error instanceof Refusal) return { change: null, status: error.status }
      throw error
    }
  }

  /** The emulator is given what has been allowed, without the conditions that it does not understand. */
  async #store(database: string, writes: readonly Write[], changes: readonly Change[]): Promise<void> {
    const stored = writes.flatMap((write, index) => emulatorWrites(write, changes[index]!))
    for (const some of chunks(stored)) await this.#emulator.unary(METHODS.Commit, { database, writes: some })
    for (const { after } of changes) {
      if (after === null) this.#meter.deletes += 1
      else this.#meter.writes += 1
    }
    if (!this.isDeaf) for (const listener of this.#listeners) listener.tell(changes)
    this.isDeaf = false
  }

  #listen(stream: ConstructorParameters<typeof Listener>[0]): void {
    this.#meter.calls.Listen = (this.#meter.calls.Listen ?? 0) + 1
    const listener = new Listener(stream, this.documents, {
      onSent: sent => void (this.#meter.reads += sent),
      takeMiscount: () => {
        const { miscount } = this
        this.miscount = 0
        return miscount
      },
    })
    const fault = this.faults.takeCall('Listen')
    const end = (): void => void this.#listeners.delete(listener)
    stream.on('end', () => {
      end()
      stream.end()
    })
    stream.on('cancelled', end)
    stream.on('error', end)
    if (fault !== null) return listener.fail(fault.code, fault.message)
    this.#listeners.add(listener)
    // Behind the writes that are under way, so that the first state is one of a single time.
    stream.on('data', request => {
      this.#last = this.#last.then(() => {
        const refusal = this.#refusalOf(request)
        if (refusal === null) listener.receive(request)
        else listener.fail(refusal.code, refusal.message)
      })
    })
  }

  /**
   * The emulator's times are those of milliseconds, and shared by what was written within one; and it loses a
   * byte order mark at the beginning of a text.
   */
  #dated(document: Document): Document {
    const own = this.documents.get(document.name)
    if (own === null) return document
    const { createTime, updateTime } = own
    const isMarked = Object.values(own.fields ?? {}).some(({ stringValue }) =>
      stringValue?.startsWith('\uFEFF'),
    )
    const fields = isMarked ? own.fields : document.fields
    return {
      name: document.name,
      ...(fields && { fields }),
      ...(createTime && { createTime }),
      ...(updateTime && { updateTime }),
    }
  }
}

function checkRequest(writes: readonly Write[]): void {
  const bytes = writes.reduce((sum, { update }) => sum + Buffer.byteLength(JSON.stringify(update ?? '')), 0)
  if (bytes > REQUEST_BYTES)
    throw new Refusal(
      status.INVALID_ARGUMENT,
      `Request payload size exceeds the limit: ${REQUEST_BYTES} bytes.`,
    )
  if (writes.length > BATCH_WRITES)
    throw new Refusal(status.INVALID_ARGUMENT, `maximum ${BATCH_WRITES} writes allowed per request`)
}

/** The emulator takes no message of more than 4 MiB. */
function* chunks(writes: readonly Write[]): Generator<Write[]> {
  let chunk: Write[] = []
  let bytes = 0
  for (const write of writes) {
    const weight = JSON.stringify(write).length
    if (chunk.length > 0 && bytes + weight > EMULATOR_BYTES) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(write)
    bytes += weight
  }
  if (chunk.length > 0) yield chunk
}

function resultOf({ after }: Change): WriteResult {
  return after?.updateTime === undefined ? {} : { updateTime: after.updateTime }
}

/** A document set anew keeps its former fields in the emulator, so it is deleted before. */
function emulatorWrites({ update, delete: deleted, updateMask }: Write, { after }: Change): Write[] {
  if (update === undefined || after === null) return deleted === undefined ? [] : [{ delete: deleted }]
  const whole = { update: { name: update.name, fields: after.fields ?? {} } }
  return updateMask === undefined ? [{ delete: update.name }, whole] : [{ ...whole, updateMask }]
}

function grpcError(error: unknown): object {
  if (error instanceof Refusal) return { code: error.status.code, details: error.status.message }
  return { code: status.INTERNAL, details: String(error) }
}
