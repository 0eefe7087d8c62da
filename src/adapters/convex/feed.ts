/**
 * Tells one subscriber what has changed in one channel, by a subscription to the changes after a number.
 *
 * It costs a call for each change and none while nothing happens. The client asks again by itself after it was
 * cut off, and tombstones tell what was deleted meanwhile. All the same that is told as 'everything' (R4): the
 * number knows nothing of a database that was put back in time, or of programs that write in a way of their own.
 */
import { randomUUID } from 'node:crypto'
import type { AdapterError, HeadsHint, Unsubscribe } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { RecordScope } from '../../engine/core/record-id.ts'
import { calls } from './calls.ts'
import type { ConvexConnection } from './connection.ts'
import { offline, toAdapterError } from './errors.ts'
import type { ChangesResult } from './functions/files.ts'
import type { Link } from './link.ts'

/** From so many changes on, the subscription is moved, so that none is sent again and again. */
const MOVE_AFTER = 32

export interface FeedListener {
  readonly onHint: (hint: HeadsHint) => void
  readonly onError: (error: unknown) => void
}

export interface FeedOptions {
  readonly clock: Clock
  /** A connection that is down for so long is an error, for a person to see; in milliseconds. */
  readonly outageMs: number
}

export class ChannelFeed {
  readonly #connection: ConvexConnection
  readonly #options: FeedOptions
  readonly #scope: RecordScope
  readonly #listener: FeedListener
  readonly #ended = new AbortController()
  readonly #stopListening: Unsubscribe
  #unsubscribe: Unsubscribe = () => {}
  /** Ends the wait for a connection that is down. */
  #outage: AbortController | null = null
  /** The last number that was told; null before the first answer. */
  #told: number | null = null
  /** Strays that were given a head, by etag and id. */
  readonly #adopted = new Set<string>()

  /** Whatever is called on the connection after this is answered from a later state than the feed begins with. */
  constructor(
    connection: ConvexConnection,
    scope: RecordScope,
    listener: FeedListener,
    options: FeedOptions,
  ) {
    this.#connection = connection
    this.#options = options
    this.#scope = scope
    this.#listener = listener
    this.#stopListening = connection.listen({
      onState: isUp => this.#noteState(isUp),
      onReconnect: () => this.#tell('everything'),
      onLinkEnd: fault => this.#noteLinkEnd(fault),
    })
    this.#attach()
  }

  end(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#outage?.abort()
    this.#stopListening()
    this.#unsubscribe()
  }

  #attach(): void {
    try {
      const link = this.#connection.open()
      this.#noteState(link.isUp)
      // Not awaited: a call that is made next waits for the same check, and must not come before this.
      link.checked.then(
        () => this.#subscribe(link),
        () => {},
      )
    } catch (error) {
      // Nobody expects to be told before the feed is theirs.
      queueMicrotask(() => this.#fail(error))
    }
  }

  #subscribe(link: Link): void {
    if (this.#ended.signal.aborted || link.signal.aborted) return
    this.#unsubscribe()
    const { appId: app, ownerId } = this.#scope
    const args = this.#connection.withKey<typeof calls.changes>({ app, ownerId, after: this.#told })
    this.#unsubscribe = link.client.onUpdate(
      calls.changes,
      args,
      result => this.#take(result, link),
      error => this.#fail(error),
    )
  }

  #take(result: ChangesResult, link: Link): void {
    if (this.#ended.signal.aborted || link.signal.aborted) return
    const told = this.#told
    const wentBack = told !== null && result.seq < told
    const hasGap = told !== null && result.gap > told
    this.#told = result.hasMore && !wentBack ? result.changes.at(-1)!.seq : result.seq
    if (wentBack) void this.#renewIdentity()
    this.#tell(wentBack || hasGap ? 'everything' : newsOf(result, told))
    void this.#adopt(result)
    const isElsewhere = told === null || wentBack || hasGap
    if (isElsewhere || result.hasMore || result.changes.length >= MOVE_AFTER) this.#subscribe(link)
  }

  #tell(hint: HeadsHint): void {
    if (!this.#ended.signal.aborted && hint.length > 0) this.#listener.onHint(hint)
  }

  /**
   * Another program wrote them without the functions. They are told once they have a head and so a number: a
   * list of heads that is read in between would lack them, and they would look deleted.
   */
  async #adopt({ strays }: ChangesResult): Promise<void> {
    const unknown = strays.filter(({ id, etag }) => !this.#adopted.has(`${etag} ${id}`))
    if (unknown.length === 0) return
    for (const { id, etag } of unknown) this.#adopted.add(`${etag} ${id}`)
    const ids = unknown.map(({ id }) => id)
    await this.#connection.mutation(calls.adopt, { ids }).catch((error: unknown) => this.#fail(error))
  }

  /** Numbers only rise, so an older backup was put in place (R8). */
  async #renewIdentity(): Promise<void> {
    try {
      const insteadOf = await this.#connection.query(calls.identity, {})
      await this.#connection.mutation(calls.name, { name: randomUUID(), insteadOf })
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A call was not answered in time, or the server ended the session. */
  #noteLinkEnd(fault: AdapterError | null): void {
    if (fault !== null) return this.#fail(fault)
    if (this.#ended.signal.aborted || this.#connection.isClosed) return
    this.#attach()
    this.#tell('everything')
  }

  #noteState(isUp: boolean): void {
    if (isUp) {
      this.#outage?.abort()
      this.#outage = null
    } else if (this.#outage === null && !this.#ended.signal.aborted) {
      this.#outage = new AbortController()
      void this.#waitOut(this.#outage.signal)
    }
  }

  async #waitOut(signal: AbortSignal): Promise<void> {
    const { clock, outageMs } = this.#options
    await clock.sleep(outageMs, signal)
    if (signal.aborted) return
    this.#fail(offline(this.#connection.place, `cannot be reached for ${outageMs / 1_000} s`))
  }

  #fail(error: unknown): void {
    if (this.#ended.signal.aborted) return
    this.end()
    this.#listener.onError(toAdapterError(error, this.#connection.place))
  }
}

/** What was not told yet; at first also the last few that came before, for what happened while it began. */
function newsOf({ changes }: ChangesResult, told: number | null): Exclude<HeadsHint, 'everything'> {
  return changes.filter(({ seq }) => told === null || seq > told).map(({ id, head }) => ({ id, head }))
}
