/**
 * Follows the heads of one owner: read once without contents, then kept up to date by a listener.
 *
 * While it runs, all heads can be had from here for next to nothing, where a query would be billed for each
 * of them: the engine compares everything every few minutes. A count that the service makes (one read for a
 * thousand documents) tells whether both agree and whether it can be reached at all; where they differ, all
 * is read anew.
 *
 * A listener that ends is taken up where it ended, by its token, so that only what has changed since is sent
 * and billed. If that fails the feed ends with an error: the engine waits, ever longer, and subscribes again.
 */
import type { HeadsHint, RecordHead, Unsubscribe } from '../../engine/ports/adapter.ts'
import { AdapterError } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { FirestoreClient, ListenCall } from './client.ts'
import { codeOf, isPassing } from './errors.ts'
import { Echoes } from './echoes.ts'
import { HeadsView } from './heads-view.ts'
import { type HeadChange, ListenTarget, type TargetEvent, type TargetState } from './listen-target.ts'
import { readHeads } from './read-heads.ts'
import type { WireTimestamp } from './wire.ts'

/** A listener that says nothing for so long is taken for dead, as Google's own client does. Milliseconds. */
const SILENCE_MS = 120_000
const SILENCE_CHECK_MS = 30_000
/** How long a listener may take to say how things stand. Milliseconds. */
const START_MS = 60_000
/** A listener that ended so soon after its start is not taken up at once. Milliseconds. */
const SHORT_LIFE_MS = 10_000
/** Resuming is cheap for half an hour after the last word (pricing of listeners). Milliseconds. */
const RESUMABLE_MS = 25 * 60_000
/** What was compared with the service's count is good for so long. Milliseconds. */
const VERIFIED_MS = 60_000
const COUNTS = 2
const RECOUNT_MS = 1_000

export interface FeedSubscriber {
  readonly onHint: (hint: HeadsHint) => void
  readonly onError: (error: unknown) => void
  /** Whoever reads the heads from here as well needs not be told what he reads. */
  readonly readsHeads: boolean
}

/** One run of the listener, from a start to an end; what belongs to a former one is not heard. */
interface Run {
  readonly abort: AbortController
  call: ListenCall | null
  isLive: boolean
  isFresh: boolean
  startedAt: number
  heardAt: number
}

export class HeadsFeed {
  readonly #client: FirestoreClient
  readonly #clock: Clock
  readonly #appId: string
  readonly #ownerId: string
  readonly #view = new HeadsView()
  readonly #echoes = new Echoes()
  readonly #subscribers = new Set<FeedSubscriber>()
  readonly #waiting = new Set<(isLive: boolean) => void>()
  #run: Run | null = null
  #resumeToken: Uint8Array | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  #verifiedAt = Number.NEGATIVE_INFINITY

  constructor(client: FirestoreClient, clock: Clock, scope: { appId: string; ownerId: string }) {
    this.#client = client
    this.#clock = clock
    this.#appId = scope.appId
    this.#ownerId = scope.ownerId
  }

  subscribe(subscriber: FeedSubscriber): Unsubscribe {
    this.#subscribers.add(subscriber)
    if (this.#run === null) this.#start()
    else if (this.#run.isLive) this.#greet(subscriber)
    return () => {
      this.#subscribers.delete(subscriber)
      if (this.#subscribers.size === 0) this.#stop(null)
    }
  }

  /** All heads; null where nobody follows them, or following failed. */
  async heads(): Promise<RecordHead[] | null> {
    if (!(await this.#isLive())) return null
    if (this.#clock.monotonic() - this.#verifiedAt < VERIFIED_MS) return this.#view.heads()
    if (!(await this.#agrees())) this.#restart()
    if (!(await this.#isLive())) return null
    this.#verifiedAt = this.#clock.monotonic()
    return this.#view.heads()
  }

  /** Whether the service counts as many; a change that is on its way just now is waited for. */
  async #agrees(): Promise<boolean> {
    for (let look = 0; look < COUNTS; look++) {
      if (look > 0) await this.#clock.sleep(RECOUNT_MS)
      const count = await this.#client.count(this.#appId, this.#ownerId)
      if (this.#run?.isLive !== true || count === this.#view.size) return true
    }
    return false
  }

  /** We are about to write these. */
  beginWrites(ids: readonly string[]): void {
    this.#echoes.begin(ids)
  }

  /** We have written this. */
  noteSet(head: RecordHead): void {
    this.#echoes.noteSet(head)
    if (this.#isInUse) this.#view.set(head)
  }

  /** We have deleted what had this etag. */
  noteDelete(id: string, etag: string): void {
    this.#echoes.noteDelete(id)
    if (this.#isInUse) this.#view.deleted(id, etag)
  }

  endWrites(ids: readonly string[]): void {
    this.#tell(this.#echoes.end(ids))
  }

  close(): void {
    this.#subscribers.clear()
    this.#stop(null)
  }

  /** It runs, or may be taken up where it ended. */
  get #isInUse(): boolean {
    return this.#run !== null || this.#resumeToken !== null
  }

  #isLive(): Promise<boolean> {
    if (this.#run === null) return Promise.resolve(false)
    if (this.#run.isLive) return Promise.resolve(true)
    return new Promise(resolve => this.#waiting.add(resolve))
  }

  #start(): void {
    const now = this.#clock.monotonic()
    const isFresh = this.#resumeToken === null || now - this.#heardAt > RESUMABLE_MS
    const run: Run = {
      abort: new AbortController(),
      call: null,
      isLive: false,
      isFresh,
      startedAt: now,
      heardAt: now,
    }
    this.#run = run
    void this.#watchSilence(run)
    this.#begin(run).catch((error: unknown) => this.#fail(run, error))
  }

  async #begin(run: Run): Promise<void> {
    if (!run.isFresh) return this.#listen(run, null)
    this.#resumeToken = null
    this.#view.clear()
    let readTime: WireTimestamp | null = null
    for (let after: string | null = null; ;) {
      const page = await readHeads(this.#client, this.#appId, this.#ownerId, after)
      if (this.#run !== run) return
      // Of the first page's time: what changed after it is told once more, and known by its etag.
      readTime ??= page.readTime
      for (const head of page.heads) this.#view.set(head)
      run.heardAt = this.#clock.monotonic()
      if (page.next === null) break
      after = page.next
    }
    this.#verifiedAt = this.#clock.monotonic()
    this.#listen(run, readTime)
  }

  #listen(run: Run, readTime: WireTimestamp | null): void {
    const target = new ListenTarget()
    const resumeToken = this.#resumeToken
    run.call = this.#client.listen(
      this.#appId,
      this.#ownerId,
      { resumeToken, readTime: resumeToken === null ? readTime : null },
      {
        onResponse: response => {
          if (this.#run !== run) return
          run.heardAt = this.#clock.monotonic()
          const event = target.receive(response)
          if (event !== null) this.#take(run, event)
        },
        onEnd: error => this.#onEnd(run, error),
      },
    )
  }

  #take(run: Run, event: TargetEvent): void {
    switch (event.kind) {
      case 'state':
        return this.#takeState(run, event)
      case 'count':
        if (this.#view.sizeWith(event.changes) !== event.count) this.#onMiscount(run)
        return
      case 'failed':
        return this.#onEnd(run, {
          code: event.status.code ?? 2,
          details: event.status.message ?? 'the listener was ended',
        })
    }
  }

  #takeState(run: Run, state: TargetState): void {
    const changes = this.#view.apply(state)
    this.#resumeToken = state.resumeToken ?? this.#resumeToken
    this.#heardAt = run.heardAt
    const isFirst = !run.isLive
    run.isLive = true
    const isRead = this.#waiting.size > 0
    if (isFirst) this.#answer(true)
    if (isFirst && run.isFresh) {
      for (const subscriber of this.#subscribers)
        if (!subscriber.readsHeads || !isRead) this.#greet(subscriber)
    } else this.#tell(this.#echoes.sift(changes))
  }

  #tell(changes: readonly HeadChange[]): void {
    if (changes.length === 0) return
    const hint = changes.map(hintOf)
    for (const { onHint } of this.#subscribers) onHint(hint)
  }

  /** What is there when a subscriber comes: whatever was missed, and each head by itself. */
  #greet({ onHint }: FeedSubscriber): void {
    onHint('everything')
    const heads = this.#view.heads()
    if (heads.length > 0) onHint(heads.map(head => ({ id: head.id, head })))
  }

  #answer(isLive: boolean): void {
    for (const resolve of this.#waiting) resolve(isLive)
    this.#waiting.clear()
  }

  /** Services end listeners now and then, and lines break for a moment. */
  #onEnd(run: Run, error: unknown): void {
    if (this.#run !== run) return
    const lived = this.#clock.monotonic() - run.startedAt
    const isResumable = run.isLive && lived > SHORT_LIFE_MS && isPassing(codeOf(error))
    if (!isResumable) return this.#fail(run, error)
    this.#end(run)
    this.#start()
  }

  /** Something was missed. Where reading all anew does not help, that is not repeated at once. */
  #onMiscount(run: Run): void {
    if (run.isFresh && this.#clock.monotonic() - run.startedAt < SHORT_LIFE_MS) this.#fail(run, endedError())
    else this.#restart()
  }

  /** Reads all anew. */
  #restart(): void {
    if (this.#run !== null) this.#end(this.#run)
    this.#resumeToken = null
    this.#start()
  }

  #fail(run: Run, error: unknown): void {
    if (this.#run !== run) return
    // A token that was not accepted must not be tried for ever.
    if (!isPassing(codeOf(error))) this.#resumeToken = null
    this.#stop(error ?? endedError())
  }

  #stop(error: unknown): void {
    if (this.#run !== null) this.#end(this.#run)
    this.#run = null
    this.#answer(false)
    const subscribers = [...this.#subscribers]
    this.#subscribers.clear()
    if (subscribers.length === 0 || error === null) return
    void this.#client.asAdapterError(error).then(told => {
      for (const { onError } of subscribers) onError(told)
    })
  }

  #end(run: Run): void {
    run.abort.abort()
    run.call?.cancel()
  }

  /** A machine that slept, or a line that passes nothing on, is told of by nobody. */
  async #watchSilence(run: Run): Promise<void> {
    const { signal } = run.abort
    for (;;) {
      await this.#clock.sleep(SILENCE_CHECK_MS, signal)
      if (signal.aborted) return
      const silence = this.#clock.monotonic() - run.heardAt
      if (silence > (run.isLive ? SILENCE_MS : START_MS)) return this.#onEnd(run, silentError())
    }
  }
}

function hintOf({ id, head }: HeadChange): { readonly id: string; readonly head: RecordHead | null } {
  return { id, head }
}

function endedError(): AdapterError {
  return new AdapterError('offline', 'Firestore ended the feed of changes. It is started again by itself.', {
    retryable: true,
  })
}

function silentError(): AdapterError {
  return new AdapterError('offline', 'Firestore has said nothing for a while. It is asked again by itself.', {
    retryable: true,
  })
}
