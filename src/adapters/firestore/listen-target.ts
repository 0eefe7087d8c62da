/**
 * What a `Listen` stream says, put together: single changes become states of one time.
 *
 * The service sends changes of documents as they come, and now and then that all it has sent is the state of
 * a certain time; only then are they worth telling. Documents come whole (field masks are refused); their
 * contents are let go at once.
 *
 * Protocol: https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1#listenresponse
 */
import type { RecordHead } from '../../engine/ports/adapter.ts'
import { headOf, idOfName } from './documents.ts'
import { type DocumentGone, type ListenResponse, nanosOf, type WireStatus } from './wire.ts'

/** What became of a document. `at`: when it left the query, in nanoseconds; 0 where that was not said. */
export type HeadChange =
  | { readonly id: string; readonly head: RecordHead }
  | { readonly id: string; readonly head: null; readonly at: bigint }

export interface TargetState {
  readonly kind: 'state'
  readonly changes: readonly HeadChange[]
  /** The changes are all that there is: what they do not name is gone. */
  readonly isWhole: boolean
  /** In nanoseconds. */
  readonly readTime: bigint
  readonly resumeToken: Uint8Array | null
}

export type TargetEvent =
  | TargetState
  /** How many documents there should be, counting `changes` that have come since the last state. */
  | { readonly kind: 'count'; readonly count: number; readonly changes: readonly HeadChange[] }
  | { readonly kind: 'failed'; readonly status: WireStatus }

export class ListenTarget {
  readonly #changes = new Map<string, HeadChange>()
  #isCurrent = false
  #isWhole = false

  /** Null where more has to come. */
  receive(response: ListenResponse): TargetEvent | null {
    const { targetChange, documentChange, documentDelete, documentRemove, filter } = response
    if (targetChange) return this.#receiveTarget(targetChange)
    if (documentChange) this.#receiveDocument(documentChange)
    else if (documentDelete) this.#noteGone(documentDelete)
    else if (documentRemove) this.#noteGone(documentRemove)
    else if (filter) return { kind: 'count', count: filter.count ?? 0, changes: [...this.#changes.values()] }
    return null
  }

  #receiveTarget(change: NonNullable<ListenResponse['targetChange']>): TargetEvent | null {
    switch (change.targetChangeType) {
      case 'CURRENT':
        this.#isCurrent = true
        return null
      case 'RESET':
        this.#changes.clear()
        this.#isCurrent = false
        this.#isWhole = true
        return null
      case 'REMOVE':
        return { kind: 'failed', status: change.cause ?? { message: 'the service ended the listener' } }
      case 'NO_CHANGE':
        return this.#isState(change) ? this.#takeState(change) : null
      default:
        return null
    }
  }

  /** Only what is said of all targets speaks of one time. */
  #isState({ targetIds, readTime }: NonNullable<ListenResponse['targetChange']>): boolean {
    return this.#isCurrent && (targetIds ?? []).length === 0 && nanosOf(readTime) > 0n
  }

  #takeState({ readTime, resumeToken }: NonNullable<ListenResponse['targetChange']>): TargetState {
    const changes = [...this.#changes.values()]
    const isWhole = this.#isWhole
    this.#changes.clear()
    this.#isWhole = false
    return { kind: 'state', changes, isWhole, readTime: nanosOf(readTime), resumeToken: tokenOf(resumeToken) }
  }

  #receiveDocument({ document, targetIds }: NonNullable<ListenResponse['documentChange']>): void {
    if (!document) return
    const head = headOf(document)
    const isIn = (targetIds ?? []).length > 0
    const at = nanosOf(document.updateTime)
    this.#changes.set(head.id, isIn ? { id: head.id, head } : { id: head.id, head: null, at })
  }

  #noteGone({ document, readTime }: DocumentGone): void {
    const id = idOfName(document ?? '')
    this.#changes.set(id, { id, head: null, at: nanosOf(readTime) })
  }
}

function tokenOf(token: Uint8Array | string | null | undefined): Uint8Array | null {
  if (token === null || token === undefined || token.length === 0) return null
  return typeof token === 'string' ? Buffer.from(token, 'base64') : token
}
