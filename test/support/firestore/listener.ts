/**
 * One `Listen` stream of the stand-in, as the real service speaks it: only what changes is sent, a token or a
 * time resumes where the last stream ended, and field masks are refused.
 *
 * None of it goes to `@firestore-emulator/server`, which sends everything again at each write.
 */
import { type ServerDuplexStream, status } from '@grpc/grpc-js'
import { type Change, type Documents, Refusal } from './documents.ts'
import {
  type Document,
  type ListenRequest,
  type ListenResponse,
  nanosOf,
  type TargetChange,
  timestampOf,
} from './protocol.ts'
import { matcher } from './queries.ts'

type Target = NonNullable<ListenRequest['addTarget']>
type Stream = ServerDuplexStream<ListenRequest, ListenResponse>

export interface ListenerOptions {
  readonly onSent: (documents: number) => void
  /** By how much the next count is to be wrong. */
  readonly takeMiscount: () => number
}

export class Listener {
  readonly #stream: Stream
  readonly #documents: Documents
  readonly #onSent: (documents: number) => void
  readonly #takeMiscount: () => number
  #target: { readonly id: number; readonly matches: (document: Document) => boolean } | null = null

  constructor(stream: Stream, documents: Documents, { onSent, takeMiscount }: ListenerOptions) {
    this.#stream = stream
    this.#documents = documents
    this.#onSent = onSent
    this.#takeMiscount = takeMiscount
  }

  receive({ addTarget }: ListenRequest): void {
    if (addTarget === undefined) return
    const id = addTarget.targetId ?? 0
    try {
      if (addTarget.query === undefined)
        throw new Refusal(status.UNIMPLEMENTED, 'The stand-in listens to queries only.')
      if (addTarget.query.structuredQuery.select !== undefined)
        throw new Refusal(
          status.INVALID_ARGUMENT,
          `'select' clauses are not supported for real-time queries.`,
        )
      this.#target = { id, matches: matcher(addTarget.query) }
      this.#start(addTarget)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#say({ targetChangeType: 'REMOVE', targetIds: [id], cause: error.status })
    }
  }

  tell(changes: readonly Change[]): void {
    if (this.#target === null) return
    const sent = changes.filter(change => this.#send(change)).length
    if (sent > 0) this.heartbeat()
  }

  /** All that was sent so far is the state of this time. */
  heartbeat(): void {
    if (this.#target !== null) this.#say({ targetChangeType: 'NO_CHANGE', ...this.#mark() })
  }

  /** Ends the stream as a failing service does. */
  fail(code: status, details: string): void {
    this.#target = null
    this.#stream.emit('error', Object.assign(new Error(details), { code, details }))
  }

  #start({ resumeToken, readTime }: Target): void {
    const { id, matches } = this.#target!
    this.#say({ targetChangeType: 'ADD', targetIds: [id] })
    const since = startOf(resumeToken, readTime)
    const missed = since === null ? null : this.#documents.changesSince(since)
    const matching = [...this.#documents.all()].filter(matches)
    if (missed === null) {
      if (since !== null) this.#say({ targetChangeType: 'RESET', targetIds: [id] })
      for (const document of matching) this.#sendDocument(document)
    } else {
      for (const change of latestOf(missed)) this.#send(change)
      this.#stream.write({ filter: { targetId: id, count: matching.length + this.#takeMiscount() } })
    }
    this.#say({ targetChangeType: 'CURRENT', targetIds: [id], ...this.#mark() })
    this.heartbeat()
  }

  #send({ name, at, before, after }: Change): boolean {
    const { id, matches } = this.#target!
    if (after !== null && matches(after)) this.#sendDocument(after)
    else if (before === null || !matches(before)) return false
    else if (after === null)
      this.#stream.write({
        documentDelete: { document: name, removedTargetIds: [id], readTime: timestampOf(at) },
      })
    else this.#stream.write({ documentChange: { document: after, removedTargetIds: [id] } })
    return true
  }

  #sendDocument(document: Document): void {
    this.#stream.write({ documentChange: { document, targetIds: [this.#target!.id] } })
    this.#onSent(1)
  }

  #mark(): { resumeToken: Buffer; readTime: ReturnType<typeof timestampOf> } {
    const { now } = this.#documents
    return { resumeToken: Buffer.from(String(now)), readTime: timestampOf(now) }
  }

  #say(targetChange: TargetChange): void {
    this.#stream.write({ targetChange })
  }
}

function startOf(token: Buffer | undefined, time: Target['readTime']): bigint | null {
  if (token !== undefined && token.length > 0) return BigInt(token.toString())
  return time === undefined ? null : nanosOf(time)
}

/** Of each document what it was before the first and what it is after the last change. */
function latestOf(changes: readonly Change[]): Change[] {
  const latest = new Map<string, Change>()
  for (const change of changes) {
    const first = latest.get(change.name)
    latest.set(change.name, first === undefined ? change : { ...change, before: first.before })
  }
  return [...latest.values()]
}
