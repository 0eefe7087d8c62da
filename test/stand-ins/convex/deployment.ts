/**
 * One Convex deployment in this process: the shipped functions, run by convex-test.
 *
 * It enforces what convex-test can count (documents and bytes read and written, index ranges), with half of
 * Convex's limits, as older self-hosted backends have them, and the sizes of documents, arguments and results.
 * It cannot show: functions that run at the same time and collide (convex-test runs one after the other), the
 * one second that a function may take, and what any of it costs.
 */
import { convexTest, type TestConvex } from 'convex-test'
import {
  defineSchema,
  type GenericMutationCtx,
  type GenericSchema,
  makeFunctionReference,
  type SchemaDefinition,
  type DataModelFromSchemaDefinition,
} from 'convex/server'
import { convexToJson, getConvexSize, type JSONValue, jsonToConvex } from 'convex/values'
import * as shipped from '../../../src/adapters/convex/functions/files.ts'
import { lockstepTables } from '../../../src/adapters/convex/functions/lockstep/tables.ts'
import type { Outcome } from './protocol.ts'

const MEBIBYTE = 2 ** 20
const DOCUMENT_BYTES = MEBIBYTE
/** Of arguments and of results. */
const CALL_BYTES = 8 * MEBIBYTE
const TRANSACTION = {
  bytesRead: 8 * MEBIBYTE,
  bytesWritten: 8 * MEBIBYTE,
  documentsRead: 16_384,
  documentsWritten: 8_192,
  databaseQueries: 4_096,
}

export type Schema = SchemaDefinition<typeof lockstepTables, boolean>
export type WriteContext = GenericMutationCtx<DataModelFromSchemaDefinition<Schema>>

export interface DeploymentOptions {
  /** CONVEX_SYNC_KEY of the deployment. */
  readonly syncKey?: string
  /** CONVEX_CLOUD_URL of the deployment. */
  readonly cloudUrl?: string
  /** The module files.ts; null: it was never deployed. */
  readonly functions?: object | null
  readonly schema?: SchemaDefinition<GenericSchema, boolean>
  /** As in production, where clients get no text of an error. */
  readonly isRedacting?: boolean
}

type Kind = 'query' | 'mutation'

export class Deployment {
  readonly #options: DeploymentOptions
  readonly #database: TestConvex<Schema>
  readonly #calls = new Map<string, number>()
  readonly #failures = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  /** Rises with each commit. */
  ts = 1n
  #aheadMs = 0

  constructor(options: DeploymentOptions = {}) {
    this.#options = options
    const { functions = shipped, schema = defineSchema(lockstepTables) } = options
    const modules: Record<string, () => Promise<unknown>> = {
      // convex-test takes the folder that holds this one for the functions' folder.
      './_generated/api.js': () => Promise.resolve({}),
    }
    if (functions !== null) modules['./files.ts'] = () => Promise.resolve(functions)
    this.#database = convexTest({
      schema: schema as Schema,
      modules,
      transactionLimits: TRANSACTION,
    })
    watchDocumentSizes()
  }

  /** How often each function was called; a subscription counts when its result has changed. */
  get calls(): ReadonlyMap<string, number> {
    return this.#calls
  }

  get callCount(): number {
    return [...this.#calls.values()].reduce((sum, count) => sum + count, 0)
  }

  forgetCalls(): void {
    this.#calls.clear()
  }

  count(path: string): void {
    this.#calls.set(path, (this.#calls.get(path) ?? 0) + 1)
  }

  /** The next call of the function fails with this text. */
  failNext(path: string, text: string): void {
    this.#failures.set(path, text)
  }

  /** Told after each commit. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Several calls with nothing in between. */
  exclusive<Result>(
    work: (run: (kind: Kind, path: string, args: JSONValue) => Promise<Outcome>) => Promise<Result>,
  ): Promise<Result> {
    return alone(async () => {
      const leave = this.#enterEnvironment()
      try {
        return await work((kind, path, args) => this.#run(kind, path, args))
      } finally {
        leave()
      }
    })
  }

  /** As a program that writes the tables in a way of its own. */
  async write<Result>(work: (ctx: WriteContext) => Promise<Result>): Promise<Result> {
    const result = await alone(() => this.#database.run(ctx => work(ctx)))
    this.#committed()
    return result
  }

  /** The functions' clock is ahead while `work` goes on. */
  async inTheFuture(ms: number, work: () => Promise<void>): Promise<void> {
    this.#aheadMs = ms
    try {
      await work()
    } finally {
      this.#aheadMs = 0
    }
  }

  async #run(kind: Kind, path: string, args: JSONValue): Promise<Outcome> {
    try {
      const failure = this.#failures.get(path)
      this.#failures.delete(path)
      if (failure !== undefined) throw new Error(failure)
      checkSize(args, `Function ${path} arguments`)
      const given = jsonToConvex(args) as Record<string, unknown>
      const result = (await (kind === 'query'
        ? this.#database.query(makeFunctionReference<'query'>(path), given)
        : this.#database.mutation(makeFunctionReference<'mutation'>(path), given))) as JSONValue
      const value = convexToJson(result ?? null)
      checkSize(value, `Function ${path} return value`)
      if (kind === 'mutation') this.#committed()
      return { success: true, value }
    } catch (error) {
      return this.#failed(error, path, args)
    }
  }

  #committed(): void {
    this.ts += 1n
    for (const listener of this.#listeners) listener()
  }

  #failed(error: unknown, path: string, args: JSONValue): Outcome {
    const data = error instanceof Error && 'data' in error ? error.data : undefined
    const text = textOf(error, path, args)
    const errorMessage = `[Request ID: 0123456789abcdef] Server Error${this.#options.isRedacting === true ? '' : `\n${text}`}`
    if (data === undefined) return { success: false, errorMessage }
    // convex-test leaves it as Convex's runtime hands it to the server.
    const errorData = (typeof data === 'string' ? JSON.parse(data) : data) as JSONValue
    return { success: false, errorMessage, errorData }
  }

  #enterEnvironment(): () => void {
    const { syncKey, cloudUrl } = this.#options
    const before = { ...process.env }
    setVariable('CONVEX_SYNC_KEY', syncKey)
    setVariable('CONVEX_CLOUD_URL', cloudUrl)
    const { now } = Date
    if (this.#aheadMs > 0) Date.now = () => now.call(Date) + this.#aheadMs
    return () => {
      Date.now = now
      setVariable('CONVEX_SYNC_KEY', before['CONVEX_SYNC_KEY'])
      setVariable('CONVEX_CLOUD_URL', before['CONVEX_CLOUD_URL'])
    }
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** As convex-backend words it (crates/udf/src/validation.rs). */
function textOf(error: unknown, path: string, args: JSONValue): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/^Could not find module|Expected a Convex function exported/.test(text)) {
    return `Could not find public function for '${path}'. Did you forget to run \`npx convex dev\` or \`npx convex deploy\`?`
  }
  if (text.startsWith('Validator error'))
    return `ArgumentValidationError: Object contains extra field. Object: ${JSON.stringify(args)}`
  return `Uncaught ${text}`
}

function checkSize(value: JSONValue, what: string): void {
  const bytes = getConvexSize(jsonToConvex(value))
  if (bytes > CALL_BYTES) throw new Error(`${what} is too large (actual: ${bytes}, limit: ${CALL_BYTES})`)
}

let last: Promise<unknown> = Promise.resolve()

/** One at a time in this process: the environment of the functions is the process's own. */
function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const own = last.then(work, work)
  last = own.catch(() => {})
  return own
}

interface Runtime {
  readonly syscall: unknown
  readonly asyncSyscall: (operation: string, args: string) => Promise<string>
  readonly jsSyscall: unknown
}

declare global {
  /** What convex-test sets for the functions to find. */
  var Convex: Runtime
}

let isWatching = false

/** Each document on its way into the database. */
function watchDocumentSizes(): void {
  if (isWatching) return
  isWatching = true
  const inner = globalThis.Convex
  globalThis.Convex = {
    get syscall() {
      return inner.syscall
    },
    get jsSyscall() {
      return inner.jsSyscall
    },
    get asyncSyscall() {
      const { asyncSyscall } = inner
      return async (operation: string, args: string) => {
        if (operation === '1.0/insert' || operation === '1.0/replace') checkDocument(args)
        return asyncSyscall(operation, args)
      }
    },
  }
}

function checkDocument(args: string): void {
  const { value } = JSON.parse(args) as { readonly value: JSONValue }
  const bytes = getConvexSize(jsonToConvex(value))
  if (bytes <= DOCUMENT_BYTES) return
  throw new Error(`Value is too large (${bytes} bytes > maximum size ${DOCUMENT_BYTES} bytes)`)
}
