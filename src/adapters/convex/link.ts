/**
 * One Convex client from its beginning to its end: connected, checked, watched.
 *
 * The client reconnects by itself and repeats what has not been answered, for as long as it lives. So a call
 * that has waited too long ends its link: with the client goes whatever was still to be sent, and nothing of
 * it can arrive later than that.
 */
import { type BaseConvexClient, ConvexClient } from 'convex/browser'
import {
  type FunctionArgs,
  type FunctionReference,
  type FunctionReturnType,
  getFunctionName,
} from 'convex/server'
import type { Value } from 'convex/values'
import type { AdapterError } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { calls } from './calls.ts'
import {
  denied,
  invalidUrl,
  otherFunctions,
  type Place,
  toAdapterError,
  withoutFunctions,
  withoutIndexes,
} from './errors.ts'
import type { VersionResult } from './functions/files.ts'
import { guardSockets, type SocketGuard } from './guarded-socket.ts'

/** What this adapter needs of the functions; newer ones can do what older ones did. */
const NEEDED_VERSION = 1
/** A server that does not say goodbye is waited for this long, in milliseconds. */
const GOODBYE_MS = 1_000

export interface LinkOptions {
  readonly url: string
  readonly place: Place
  readonly clock: Clock
  /** `isAgain`: it was up before, and what happened meanwhile is unknown. */
  readonly onState: (state: { readonly isUp: boolean; readonly isAgain: boolean }) => void
  /** Ended, by whichever side. */
  readonly onEnd: (link: Link) => void
}

export class Link {
  readonly client: ConvexClient
  /** Rejects with AdapterError where the functions are not those that are needed. Pending while offline. */
  readonly checked: Promise<VersionResult>
  readonly #options: LinkOptions
  readonly #guard: SocketGuard
  readonly #ended = new AbortController()
  #fault: AdapterError | null = null
  #isUp = false
  #wasUp = false
  #closing: Promise<void> | null = null
  /** The last of the same questions, by function and arguments. */
  readonly #asked = new Map<string, Promise<unknown>>()

  /** Connects at once. Throws AdapterError 'invalid' for a URL that can be none. */
  constructor(options: LinkOptions) {
    this.#options = options
    this.#guard = guardSockets(error => this.#fail(error))
    try {
      this.client = new ConvexClient(options.url, {
        // It would print what the functions say, and so what they were called with.
        logger: false,
        unsavedChangesWarning: false,
        webSocketConstructor: this.#guard.webSocketConstructor,
      })
    } catch {
      throw invalidUrl()
    }
    this.client.subscribeToConnectionState(({ isWebSocketConnected }) => this.#note(isWebSocketConnected))
    this.checked = this.#check()
    this.checked.catch((error: unknown) => this.#fail(error))
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Aborts at the end. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  /** Why it has ended, where the server was to blame. */
  get fault(): AdapterError | null {
    return this.#fault
  }

  /**
   * A query's answer of now. The client by itself would answer with what it still knows of the same question,
   * and it forgets that only when the server has taken note: while it is offline, never.
   */
  ask<Query extends FunctionReference<'query'>>(
    reference: Query,
    args: FunctionArgs<Query>,
  ): Promise<Awaited<FunctionReturnType<Query>>> {
    const name = getFunctionName(reference)
    const question = JSON.stringify([name, args])
    const askNow = async () => {
      await untilForgotten(this.client.client, name, args)
      return this.client.query(reference, args)
    }
    const before = this.#asked.get(question) ?? Promise.resolve()
    const answer = before.then(askNow, askNow)
    this.#asked.set(question, answer)
    const forget = (): void => {
      if (this.#asked.get(question) === answer) this.#asked.delete(question)
    }
    answer.then(forget, forget)
    return answer
  }

  /** What has not been sent is never sent. Resolves when the socket is closed. */
  end(): Promise<void> {
    if (this.#closing !== null) return this.#closing
    this.#closing = this.#close()
    this.#ended.abort()
    this.#options.onEnd(this)
    return this.#closing
  }

  async #close(): Promise<void> {
    const goodbye = new AbortController()
    const closed = this.client.close().finally(() => goodbye.abort())
    this.#guard.closeAll()
    closed.catch(() => {})
    await this.#options.clock.sleep(GOODBYE_MS, goodbye.signal)
  }

  #note(isUp: boolean): void {
    if (isUp === this.#isUp || this.signal.aborted) return
    this.#isUp = isUp
    this.#options.onState({ isUp, isAgain: isUp && this.#wasUp })
    this.#wasUp ||= isUp
  }

  #fail(error: unknown): void {
    this.#fault = toAdapterError(error, this.#options.place)
    void this.end()
  }

  async #check(): Promise<VersionResult> {
    const { place } = this.#options
    const answer = await this.#askVersion()
    if (answer.product !== 'lockstep') throw withoutFunctions(place)
    if (answer.version < NEEDED_VERSION)
      throw otherFunctions(place, `they are of version ${answer.version}, not ${NEEDED_VERSION}`)
    if (answer.access === 'denied') throw denied(place)
    if (answer.missing.length > 0) throw withoutIndexes(place, answer.missing)
    return answer
  }

  /** It asks for nothing that could fail: where it does, it is not there. Production deployments do not say so. */
  async #askVersion(): Promise<VersionResult> {
    const { place } = this.#options
    try {
      const key = place.syncKey === null ? {} : { key: place.syncKey }
      return await this.client.query(calls.version, key)
    } catch (error) {
      const known = toAdapterError(error, place)
      throw known.code === 'unknown' ? withoutFunctions(place) : known
    }
  }
}

function untilForgotten(client: BaseConvexClient, name: string, args: Record<string, Value>): Promise<void> {
  return new Promise(resolve => {
    if (!isKnown(client, name, args)) {
      resolve()
      return
    }
    const stop = client.addOnTransitionHandler(() => {
      if (isKnown(client, name, args)) return
      stop()
      resolve()
    })
  })
}

/** An answer that was a failure is thrown again. */
function isKnown(client: BaseConvexClient, name: string, args: Record<string, Value>): boolean {
  try {
    return client.localQueryResult(name, args) !== undefined
  } catch {
    return true
  }
}
