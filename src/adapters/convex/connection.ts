/**
 * Calls to one deployment, each within a time limit, over a link that is opened when it is needed and opened
 * anew when it has ended.
 */
import type { FunctionArgs, FunctionReference, FunctionReturnType } from 'convex/server'
import type { AdapterError } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { closed, offline, type Place, toAdapterError } from './errors.ts'
import type { VersionResult } from './functions/files.ts'
import { Link } from './link.ts'

export interface Patience {
  /** How long a call waits for a connection, in milliseconds. */
  readonly connectMs: number
  /** How long it waits for its answer, in milliseconds. */
  readonly callMs: number
}

/** The client's own first tries come after 1, 2 and 4 s; a deployment that is overloaded is left alone for 3 s. */
export const PATIENCE: Patience = { connectMs: 10_000, callMs: 30_000 }

export interface ConnectionOptions {
  readonly url: string
  readonly syncKey: string | null
  readonly clock: Clock
  readonly patience: Patience
}

export interface ConnectionListener {
  readonly onState: (isUp: boolean) => void
  /** It is up again, and what happened meanwhile is unknown. Subscriptions have been made anew. */
  readonly onReconnect: () => void
  /** Its link has ended, and all subscriptions with it; another link may be opened. */
  readonly onLinkEnd: (fault: AdapterError | null) => void
}

type Query = FunctionReference<'query'>
type Mutation = FunctionReference<'mutation'>
/** Without the key, which is added here. */
type Args<Function extends Query | Mutation> = Omit<FunctionArgs<Function>, 'key'>

export class ConvexConnection {
  readonly place: Place
  readonly #options: ConnectionOptions
  readonly #listeners = new Set<ConnectionListener>()
  readonly #closed = new AbortController()
  #link: Link | null = null
  #access: VersionResult['access'] | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.place = { origin: originOf(options.url), syncKey: options.syncKey }
  }

  /** How the deployment is protected; null before the first connection. */
  get access(): VersionResult['access'] | null {
    return this.#access
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted
  }

  /** Told until the returned function is called, or the connection is closed. */
  listen(listener: ConnectionListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  query<Function extends Query>(
    reference: Function,
    args: Args<Function>,
  ): Promise<FunctionReturnType<Function>> {
    return this.#call(link => link.ask(reference, this.withKey<Function>(args)))
  }

  /** Where it rejects with 'offline', it may have been carried out all the same, but never will be from now on. */
  mutation<Function extends Mutation>(
    reference: Function,
    args: Args<Function>,
  ): Promise<FunctionReturnType<Function>> {
    return this.#call(link => link.client.mutation(reference, this.withKey<Function>(args)))
  }

  withKey<Function extends Query | Mutation>(args: Args<Function>): FunctionArgs<Function> {
    const { syncKey } = this.#options
    return syncKey === null ? args : { ...args, key: syncKey }
  }

  /** The one that is open, or a new one; it may not have been checked yet. Throws AdapterError. */
  open(): Link {
    if (this.#closed.signal.aborted) throw closed()
    if (this.#link !== null) return this.#link
    const { url, clock } = this.#options
    const { place } = this
    const link = new Link({
      url,
      place,
      clock,
      onState: ({ isUp, isAgain }) => {
        for (const listener of this.#listeners) listener.onState(isUp)
        if (isAgain) for (const listener of this.#listeners) listener.onReconnect()
      },
      onEnd: ended => {
        if (this.#link !== ended) return
        this.#link = null
        for (const listener of this.#listeners) listener.onLinkEnd(ended.fault)
      },
    })
    this.#link = link
    link.checked.then(
      ({ access }) => (this.#access = access),
      () => {},
    )
    return link
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#listeners.clear()
    await this.#link?.end()
  }

  async #call<Result>(start: (link: Link) => Promise<Result>): Promise<Result> {
    const link = this.open()
    const work = link.checked.then(() => start(link))
    try {
      return await this.#within(link, work)
    } catch (error) {
      throw toAdapterError(error, this.place)
    }
  }

  /** The work's result, or why there will be none. */
  async #within<Result>(link: Link, work: Promise<Result>): Promise<Result> {
    const done = new AbortController()
    const outcome = work.finally(() => done.abort())
    const isDone = outcome.then(
      () => true,
      () => true,
    )
    const wait = AbortSignal.any([done.signal, link.signal])
    const { clock, patience } = this.#options
    const isAnswered = Promise.race([
      isDone,
      clock.sleep(patience.connectMs, wait).then(() => done.signal.aborted),
    ])
    if (await isAnswered) return outcome
    if (!link.signal.aborted && link.isUp) {
      const rest = patience.callMs - patience.connectMs
      const isInTime = Promise.race([isDone, clock.sleep(rest, wait).then(() => done.signal.aborted)])
      if (await isInTime) return outcome
    }
    outcome.catch(() => {})
    throw this.#giveUp(link)
  }

  #giveUp(link: Link): AdapterError {
    const { callMs, connectMs } = this.#options.patience
    if (this.#closed.signal.aborted) return closed()
    if (link.signal.aborted) return link.fault ?? offline(this.place, 'has lost the connection')
    const because = link.isUp ? `has not answered within ${callMs / 1_000} s` : cannotReach(connectMs)
    void link.end()
    return offline(this.place, because)
  }
}

function cannotReach(connectMs: number): string {
  return `cannot be reached within ${connectMs / 1_000} s`
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'at CONVEX_URL'
}
