/**
 * The functions that our SQL adds to the project: many conditional writes in one call, what all heads come to in
 * one number, and the database's own name. Where they are missing, plain requests do, if more slowly.
 */
import type { Clock } from '../../engine/ports/clock.ts'
import type { Answer, SupabaseConnection } from './connection.ts'
import { isRow } from './records.ts'
import { SETUP_VERSION } from './setup-sql.ts'

/** No such function: PostgREST's word, and Postgres'. */
const MISSING = ['PGRST202', '42883']
/** How long missing functions are not asked for again, in milliseconds: somebody may run the SQL meanwhile. */
const ASK_AGAIN_MS = 5 * 60_000

interface About {
  readonly version: number
  readonly database: string
}

export class ServerFunctions {
  readonly #connection: SupabaseConnection
  readonly #clock: Clock
  #known: { readonly isThere: boolean; readonly at: number } | null = null

  constructor(connection: SupabaseConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /** As far as is known: nothing is asked. */
  get areMissing(): boolean {
    return this.#known?.isThere === false
  }

  /** A name of this very database; null where the SQL has not been run. */
  async database(): Promise<string | null> {
    return (await this.#about())?.database ?? null
  }

  async areThere(): Promise<boolean> {
    const known = this.#known
    const isSettled = known !== null && (known.isThere || this.#clock.monotonic() - known.at < ASK_AGAIN_MS)
    return isSettled ? known.isThere : (await this.#about()) !== null
  }

  /** Null where the functions are missing. */
  async call(name: string, parameters: Record<string, unknown>): Promise<unknown> {
    if (!(await this.areThere())) return null
    const answer = await this.#rpc(name, parameters)
    return answer?.data ?? null
  }

  async #about(): Promise<About | null> {
    const answer = await this.#rpc('lockstep_about', {})
    const about = answer === null ? null : aboutOf(answer.data)
    this.#known = { isThere: about !== null, at: this.#clock.monotonic() }
    return about
  }

  async #rpc(name: string, parameters: Record<string, unknown>): Promise<Answer | null> {
    const answer = await this.#connection.call(client => client.rpc(name, parameters), MISSING)
    if (answer.refusedWith === null) return answer
    this.#known = { isThere: false, at: this.#clock.monotonic() }
    return null
  }
}

/** Functions of an older version may answer otherwise: as good as none. */
function aboutOf(answer: unknown): About | null {
  if (!isRow(answer)) return null
  const { version, database } = answer
  if (typeof version !== 'number' || version < SETUP_VERSION || typeof database !== 'string') return null
  return { version, database }
}
