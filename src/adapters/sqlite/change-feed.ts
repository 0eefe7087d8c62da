/**
 * Tells subscribers which records changed, at the cost of what changed.
 *
 * Each subscriber has its own place in the log (`lockstep_changes`) and is told everything behind it, own
 * writes included: skipping these would hide them from another subscriber in this process, and a foreign
 * commit between two of ours could be skipped with them. An echo is known by its etag.
 *
 * A gap (another database at the same path, a log that went back, triggers that somebody dropped, deletes
 * that were pruned) is told as 'everything'.
 */
import type { HeadsHint, RecordHead, Unsubscribe } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type RecordScope, recordId } from '../../engine/core/record-id.ts'
import { CommitWatch } from './commit-watch.ts'
import type { OpenDatabase, SqliteConnection } from './connection.ts'
import { etagOf } from './records.ts'

/** Rows of the log read at once: one to two milliseconds. */
const PAGE_ROWS = 500

interface Subscriber {
  readonly scope: RecordScope
  readonly onHint: (hint: HeadsHint) => void
  readonly onError: (error: unknown) => void
  /** Where in which database this one has read up to; null until the database was opened. */
  position: { readonly generation: number; readonly seq: number } | null
}

type Step =
  | { readonly kind: 'gap'; readonly wentBack: boolean }
  | { readonly kind: 'page'; readonly hint: RecordHint[]; readonly isLast: boolean }
type RecordHint = { readonly id: string; readonly head: RecordHead | null }

export class ChangeFeed {
  readonly #connection: SqliteConnection
  readonly #clock: Clock
  readonly #subscribers = new Set<Subscriber>()
  #watch: CommitWatch | null = null
  #lastMark: string | null = null
  #looking: Promise<boolean> | null = null
  #ownCommit = false

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  subscribe(scope: RecordScope, onHint: Subscriber['onHint'], onError: Subscriber['onError']): Unsubscribe {
    const subscriber: Subscriber = { scope, onHint, onError, position: this.#positionNow() }
    this.#subscribers.add(subscriber)
    this.#watch ??= new CommitWatch(
      { path: () => this.#connection.peek()?.commitPath ?? null, look: () => this.#look() },
      this.#clock,
    )
    return () => this.#remove(subscriber)
  }

  /** To be called after each own commit: it does not show as another connection's would. */
  committed(): void {
    this.#ownCommit = true
    if (this.#subscribers.size > 0) void this.#look()
  }

  close(): void {
    this.#subscribers.clear()
    this.#watch?.close()
    this.#watch = null
  }

  /**
   * Taken at once, so that whoever reads heads after subscribing misses nothing in between. Where the
   * database is not open yet, or locked, its place at opening is as good: heads are read later than that.
   */
  #positionNow(): Subscriber['position'] {
    const database = this.#connection.peek()
    if (database === null) return null
    try {
      return { generation: database.generation, seq: this.#connection.sequence(database) }
    } catch {
      return { generation: database.generation, seq: database.sequenceAtOpen }
    }
  }

  #remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
    if (this.#subscribers.size > 0) return
    this.#watch?.close()
    this.#watch = null
  }

  /** One look at a time. A call during one asks for another: the first may have begun before its cause. */
  async #look(): Promise<boolean> {
    while (this.#looking !== null) await this.#looking
    this.#looking = this.#lookOnce()
    try {
      return await this.#looking
    } finally {
      this.#looking = null
    }
  }

  async #lookOnce(): Promise<boolean> {
    try {
      const foreign = await this.#foreignCommit()
      if (!foreign && !this.#ownCommit) return false
      this.#ownCommit = false
      for (const subscriber of this.#subscribers) await this.#catchUp(subscriber)
      return foreign
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  async #foreignCommit(): Promise<boolean> {
    const mark = await this.#connection.read(database => this.#connection.commitMark(database))
    // Taken before the log is read: what is committed meanwhile shows at the next look.
    const isFirst = this.#lastMark === null
    const changed = this.#lastMark !== mark
    this.#lastMark = mark
    if (isFirst) this.#ownCommit = true
    return changed && !isFirst
  }

  async #catchUp(subscriber: Subscriber): Promise<void> {
    for (let isLast = false; !isLast && this.#subscribers.has(subscriber);) {
      const step = await this.#connection.read(database => this.#step(database, subscriber))
      if (step.kind === 'gap') {
        // The numbers only rise, so an older copy was put back in place (R8).
        if (step.wentBack) await this.#connection.renewIdentity()
        subscriber.onHint('everything')
        return
      }
      if (step.hint.length > 0) subscriber.onHint(step.hint)
      isLast = step.isLast
      if (!isLast) await this.#clock.yield()
    }
  }

  #step(database: OpenDatabase, subscriber: Subscriber): Step {
    const { generation } = database
    subscriber.position ??= { generation, seq: database.sequenceAtOpen }
    const sequence = this.#connection.sequence(database)
    const { seq } = subscriber.position
    const isOther = subscriber.position.generation !== generation
    const wentBack = !isOther && sequence < seq
    if (isOther || wentBack) {
      subscriber.position = { generation, seq: sequence }
      return { kind: 'gap', wentBack }
    }
    const { appId, ownerId } = subscriber.scope
    const rows = database.statements.changesPage.all({ app: appId, ownerId, after: seq, limit: PAGE_ROWS })
    // Read after the rows: whatever was pruned from among them raises the gap beyond our place.
    if (gapOf(database) > seq) {
      subscriber.position = { generation, seq: sequence }
      return { kind: 'gap', wentBack: false }
    }
    subscriber.position = { generation, seq: rows.at(-1)?.seq ?? seq }
    return { kind: 'page', hint: hintOf(rows, subscriber.scope), isLast: rows.length < PAGE_ROWS }
  }

  #fail(error: unknown): void {
    const failed = [...this.#subscribers]
    this.close()
    for (const subscriber of failed) subscriber.onError(error)
  }
}

interface ChangeRow {
  readonly seq: number
  readonly id: string
  readonly live: string | null
  readonly lastUpdated: number
}

/** A record that is gone is known by its id alone, so the id tells whose it was. */
function hintOf(rows: readonly ChangeRow[], scope: RecordScope): RecordHint[] {
  const prefix = recordId(scope, '')
  return rows
    .filter(row => row.live !== null || row.id.startsWith(prefix))
    .map(({ id, live, lastUpdated, seq }) => ({
      id,
      head: live === null ? null : { id, etag: etagOf(lastUpdated, seq), lastUpdated },
    }))
}

function gapOf(database: OpenDatabase): number {
  return Number(database.statements.meta.get({ key: 'gap' })?.value ?? 0)
}
