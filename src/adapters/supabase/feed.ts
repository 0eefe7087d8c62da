/**
 * What changes in one app's records, for any number of its owners: told by a Realtime channel, which is only a
 * hint, and opened anew with backoff whenever it ends. After each time it becomes live anything may have changed.
 *
 * While there is no live channel, small calls ask now and then whether anything is different (`digest-poll`).
 */
import { backoffMs } from '../../engine/core/backoff.ts'
import { pathOfId } from '../../engine/core/record-id.ts'
import type {
  ConditionalWrite,
  HeadsHint,
  RecordHead,
  Unsubscribe,
  WriteResult,
} from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { openChannel, type RowChange } from './channel.ts'
import type { SupabaseConnection } from './connection.ts'
import { pollDigest } from './digest-poll.ts'
import { OwnEchoes } from './own-echoes.ts'
import { readHeadsOf, type Scope } from './read.ts'

/** Changes within this time are looked up in one call, in milliseconds. */
const GATHER_MS = 30
/** More changed records than this are not looked up one by one. */
const MANY = 300
/** A write of ours that has not come back by then never will, in milliseconds. */
const DEAF_MS = 60_000
/** A channel that was live for so long has worked: the next failure is a first one. Milliseconds. */
const STEADY_MS = 60_000

export interface FeedListener {
  readonly ownerId: string
  readonly onHint: (hint: HeadsHint) => void
  readonly onError: (error: unknown) => void
}

export interface FeedSource {
  readonly connection: SupabaseConnection
  readonly clock: Clock
  /** See `DigestPoll`. */
  readonly digest: (scope: Scope) => Promise<string>
}

export class AppFeed {
  readonly #source: FeedSource
  readonly #appId: string
  readonly #onOver: () => void
  readonly #listeners = new Set<FeedListener>()
  readonly #closing = new AbortController()
  readonly #echoes = new OwnEchoes()
  /** Whether each record that was told of was deleted; null while there is nothing to tell. */
  #gathered: Map<string, boolean> | null = null
  #liveSince: number | null = null
  /** Ends the polling, which goes on while no channel is live. */
  #polling = new AbortController()
  #endChannel: (reason: string) => void = () => {}
  #silence: string | null = null
  #isWatchingEchoes = false

  constructor(source: FeedSource, appId: string, onOver: () => void) {
    this.#source = source
    this.#appId = appId
    this.#onOver = onOver
    void this.#keepChannel()
  }

  /** Why Realtime tells nothing now; null while it does, and until it has failed. */
  get silence(): string | null {
    return this.#silence
  }

  add(listener: FeedListener): Unsubscribe {
    this.#listeners.add(listener)
    if (this.#liveSince === null) this.#poll(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  close(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#polling.abort()
    this.#listeners.clear()
    this.#onOver()
  }

  /** To be called before the writes are sent: the echo may come before the answer. */
  willWrite(writes: readonly ConditionalWrite[]): void {
    if (this.#liveSince === null) return
    const now = this.#source.clock.monotonic()
    for (const write of writes) if (this.#isListenedTo(write)) this.#echoes.expect(write, now)
  }

  hasWritten(writes: readonly ConditionalWrite[], results: readonly WriteResult[]): void {
    for (const [index, { id }] of writes.entries())
      if (results[index]?.status !== 'done') this.#echoes.forget(id)
    void this.#watchEchoes()
  }

  async #keepChannel(): Promise<void> {
    const { clock } = this.#source
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted;) {
      const wasSteady = await this.#channelUntilItsEnd()
      failures = wasSteady ? 1 : failures + 1
      await clock.sleep(backoffMs(failures, clock.random()), signal)
    }
  }

  /** Resolves with whether it was live for long. */
  #channelUntilItsEnd(): Promise<boolean> {
    const { connection, clock } = this.#source
    const { signal } = this.#closing
    return new Promise(resolve => {
      const stop = (): void => finish(null)
      const finish = (reason: string | null): void => {
        signal.removeEventListener('abort', stop)
        leave()
        this.#silence = reason
        const since = this.#liveSince
        this.#goDeaf()
        resolve(since !== null && clock.monotonic() - since > STEADY_MS)
      }
      const leave = openChannel(connection, clock, this.#appId, {
        onLive: () => this.#goLive(),
        onChange: change => this.#note(change),
        onEnd: finish,
      })
      this.#endChannel = finish
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  #goLive(): void {
    if (this.#liveSince !== null) return
    this.#liveSince = this.#source.clock.monotonic()
    this.#silence = null
    this.#polling.abort()
    this.#tellAll('everything')
  }

  /** The gap begins: with the line itself cut, the engine finds out at once. */
  #goDeaf(): void {
    this.#endChannel = () => {}
    this.#echoes.clear()
    if (this.#liveSince === null) return
    this.#liveSince = null
    if (this.#closing.signal.aborted) return
    this.#polling = new AbortController()
    for (const listener of this.#listeners) this.#poll(listener)
    this.#tellAll('everything')
  }

  #poll(listener: FeedListener): void {
    const { clock, digest } = this.#source
    const scope = { appId: this.#appId, ownerId: listener.ownerId }
    const isActive = (): boolean => this.#listeners.has(listener)
    void pollDigest(
      {
        clock,
        digest: () => digest(scope),
        onChange: () => isActive() && listener.onHint('everything'),
        onError: error => this.#fail(error),
      },
      this.#polling.signal,
    )
  }

  #note(change: RowChange): void {
    if (this.#echoes.take(change)) return
    const { id } = change
    // Without its id a change may be any record's.
    if (id === undefined) return this.#tellAll('everything')
    if (!this.#concernsAnyone(change, id)) return
    if (this.#gathered === null) {
      this.#gathered = new Map()
      void this.#tellGathered()
    }
    this.#gathered.set(id, change.isDelete)
  }

  /** One at a time: what comes meanwhile is looked up together. */
  async #tellGathered(): Promise<void> {
    const { clock, connection } = this.#source
    const { signal } = this.#closing
    while (this.#gathered !== null && !signal.aborted) {
      await clock.sleep(GATHER_MS, signal)
      const gathered = this.#gathered
      this.#gathered = new Map()
      if (signal.aborted) return
      try {
        if (gathered.size > MANY) this.#tellAll('everything')
        else this.#tell(gathered, await readHeadsOf(connection, writtenIn(gathered)))
      } catch (error) {
        this.#fail(error)
        return
      }
      if (this.#gathered.size === 0) this.#gathered = null
    }
  }

  #tell(gathered: ReadonlyMap<string, boolean>, heads: ReadonlyMap<string, RecordHead>): void {
    for (const listener of this.#listeners) {
      const hint = [...gathered.keys()]
        .filter(id => this.#isOf(listener, id))
        .map(id => ({ id, head: heads.get(id) ?? null }))
      if (hint.length > 0) listener.onHint(hint)
    }
  }

  #tellAll(hint: HeadsHint): void {
    for (const listener of this.#listeners) listener.onHint(hint)
  }

  #fail(error: unknown): void {
    if (this.#closing.signal.aborted) return
    const listeners = [...this.#listeners]
    this.close()
    for (const listener of listeners) listener.onError(error)
  }

  #concernsAnyone({ ownerId }: RowChange, id: string): boolean {
    return [...this.#listeners].some(
      listener => this.#isOf(listener, id) && (ownerId === undefined || ownerId === listener.ownerId),
    )
  }

  /** A record of ours says its owner in its id; one of another form may be anybody's. */
  #isOf({ ownerId }: FeedListener, id: string): boolean {
    if (pathOfId({ appId: this.#appId, ownerId }, id) !== null) return true
    return !/^[A-Za-z0-9_-]+(?:@[A-Za-z0-9_-]+)?:./s.test(id)
  }

  #isListenedTo({ id }: ConditionalWrite): boolean {
    return [...this.#listeners].some(({ ownerId }) => pathOfId({ appId: this.#appId, ownerId }, id) !== null)
  }

  async #watchEchoes(): Promise<void> {
    if (this.#isWatchingEchoes) return
    this.#isWatchingEchoes = true
    const { clock } = this.#source
    const { signal } = this.#closing
    for (let oldest = this.#echoes.oldest; oldest !== null; oldest = this.#echoes.oldest) {
      const rest = oldest + DEAF_MS - clock.monotonic()
      if (rest <= 0) this.#endChannel('a write of ours has not come back')
      else await clock.sleep(rest, signal)
      if (signal.aborted) break
    }
    this.#isWatchingEchoes = false
  }
}

function writtenIn(gathered: ReadonlyMap<string, boolean>): string[] {
  return [...gathered].filter(([, isDeleted]) => !isDeleted).map(([id]) => id)
}
