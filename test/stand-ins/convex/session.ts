/**
 * One client's connection: its query set is computed anew after each commit, its mutations run one after the
 * other in the order in which they came, as in convex-backend's crates/sync/src/worker.rs.
 */
import { isDeepStrictEqual } from 'node:util'
import type { JSONValue } from 'convex/values'
import type { WebSocket } from 'ws'
import type { Deployment } from './deployment.ts'
import {
  type ClientMessage,
  mutationResponse,
  type Outcome,
  type QueryModification,
  type StateVersion,
  transition,
} from './protocol.ts'

/** Without other messages one comes every 15 s. */
const PING_MS = 15_000

/** What a test does to a mutation on its way. */
export interface Interference {
  /** Awaited before it runs; it runs even when the connection is gone by then. */
  beforeMutation(path: string): Promise<void>
  /** True: it has run, and the connection breaks before the answer. */
  losesAnswer(path: string): boolean
  /** Nothing is answered any more, and nothing is closed. */
  isDeaf(): boolean
}

interface Query {
  readonly path: string
  readonly args: JSONValue
  last: Outcome | null
}

export class Session {
  readonly #socket: WebSocket
  readonly #deployment: Deployment
  /** Answers by session and request: a repeated request is not carried out again. */
  readonly #answered: Map<string, { readonly outcome: Outcome; readonly ts: bigint }> | null
  readonly #interference: Interference
  readonly #stopListening: () => void
  readonly #ping: NodeJS.Timeout
  readonly #queries = new Map<number, Query>()
  readonly #removed = new Set<number>()
  #sessionId = ''
  #version: StateVersion = { querySet: 0, identity: 0, ts: 0n }
  #querySet = 0
  #identity = 0
  #mutations: Promise<void> = Promise.resolve()
  #isUpdating = false
  #isStale = false
  #hasCommitted = false

  constructor(
    socket: WebSocket,
    deployment: Deployment,
    answered: Map<string, { readonly outcome: Outcome; readonly ts: bigint }> | null,
    interference: Interference,
  ) {
    this.#socket = socket
    this.#deployment = deployment
    this.#answered = answered
    this.#interference = interference
    this.#stopListening = deployment.listen(() => this.#schedule())
    this.#ping = setInterval(() => this.#send({ type: 'Ping' }), PING_MS)
    socket.on('message', (text: Buffer) => this.#take(JSON.parse(text.toString()) as ClientMessage))
    socket.on('close', () => this.#end())
    socket.on('error', () => socket.terminate())
  }

  #take(message: ClientMessage): void {
    if (this.#interference.isDeaf()) return
    switch (message.type) {
      case 'Connect':
        this.#sessionId = message.sessionId
        return
      case 'Authenticate':
        this.#identity = message.baseVersion + 1
        return this.#schedule()
      case 'ModifyQuerySet':
        this.#querySet = message.newVersion
        for (const modification of message.modifications) this.#modify(modification)
        return this.#schedule()
      case 'Mutation':
        this.#mutations = this.#mutations.then(() => this.#mutate(message))
        return
      case 'Action':
      case 'Event':
        return
    }
  }

  #modify(modification: QueryModification): void {
    const { queryId } = modification
    if (modification.type === 'Remove') {
      this.#queries.delete(queryId)
      this.#removed.add(queryId)
      return
    }
    this.#queries.set(queryId, { path: modification.udfPath, args: modification.args[0] ?? {}, last: null })
  }

  async #mutate({ requestId, udfPath, args }: Extract<ClientMessage, { type: 'Mutation' }>): Promise<void> {
    await this.#interference.beforeMutation(udfPath)
    const request = `${this.#sessionId} ${requestId}`
    const known = this.#answered?.get(request)
    const answer = known ?? (await this.#carryOut(udfPath, args[0] ?? {}))
    if (answer.outcome.success) this.#answered?.set(request, answer)
    if (this.#interference.losesAnswer(udfPath)) return this.#socket.terminate()
    this.#send(mutationResponse(requestId, answer.outcome, answer.ts))
    // The client believes its mutation once it was brought past it.
    this.#hasCommitted = true
    this.#schedule()
  }

  #carryOut(path: string, args: JSONValue): Promise<{ outcome: Outcome; ts: bigint }> {
    this.#deployment.count(path)
    return this.#deployment.exclusive(async run => {
      const outcome = await run('mutation', path, args)
      return { outcome, ts: this.#deployment.ts }
    })
  }

  /** One at a time; what changes meanwhile is for the next. */
  #schedule(): void {
    this.#isStale = true
    if (this.#isUpdating) return
    this.#isUpdating = true
    void this.#bringUpToDate().finally(() => {
      this.#isUpdating = false
      if (this.#isStale) this.#schedule()
    })
  }

  async #bringUpToDate(): Promise<void> {
    await this.#deployment.exclusive(async run => {
      this.#isStale = false
      if (this.#socket.readyState !== this.#socket.OPEN) return
      const end = { querySet: this.#querySet, identity: this.#identity, ts: this.#deployment.ts }
      const changed = new Map<number, Outcome | 'removed'>()
      for (const queryId of this.#removed) changed.set(queryId, 'removed')
      this.#removed.clear()
      for (const [queryId, query] of this.#queries) {
        const outcome = await run('query', query.path, query.args)
        if (isDeepStrictEqual(outcome, query.last)) continue
        this.#deployment.count(query.path)
        query.last = outcome
        changed.set(queryId, outcome)
      }
      const isNew = end.querySet !== this.#version.querySet || end.identity !== this.#version.identity
      if (changed.size === 0 && !isNew && !this.#hasCommitted) return
      this.#hasCommitted = false
      this.#send(transition(this.#version, end, changed))
      this.#version = end
    })
  }

  #send(message: object): void {
    if (this.#interference.isDeaf() || this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(JSON.stringify(message))
  }

  #end(): void {
    clearInterval(this.#ping)
    this.#stopListening()
    this.#queries.clear()
  }
}
