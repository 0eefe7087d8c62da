/**
 * Conditional writes, some at a time, each batch as one mutation under an id of its own.
 *
 * The client repeats a mutation whose answer was lost on the way, and the id lets the functions answer again
 * without doing it again. Where no answer comes in time, the link is ended and the outcome is in doubt: it may
 * have been carried out, or be about to be. That is settled before anything else is read or written, by
 * telling the functions the id: what has not been done by then never will be. So whatever the engine reads
 * afterwards stays true as far as this device is concerned.
 */
import { randomUUID } from 'node:crypto'
import { AdapterError, type ConditionalWrite, type WriteResult } from '../../engine/ports/adapter.ts'
import { calls, type CommitWrite } from './calls.ts'
import type { ConvexConnection } from './connection.ts'
import { notWellFormed, tooLarge } from './errors.ts'
import type { CommitResult } from './functions/files.ts'
import { LIMITS } from './limits.ts'

export class Commits {
  readonly #connection: ConvexConnection
  readonly #doubts = new Set<string>()

  constructor(connection: ConvexConnection) {
    this.#connection = connection
  }

  /** To be awaited before each call that reads or writes. */
  async settle(): Promise<void> {
    if (this.#doubts.size === 0) return
    const operations = [...this.#doubts]
    await this.#connection.mutation(calls.settle, { operations })
    for (const operation of operations) this.#doubts.delete(operation)
  }

  async commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    await this.settle()
    const results: (WriteResult | undefined)[] = writes.map(refusalOf)
    const left = writes
      .map((write, index) => ({ write, index }))
      .filter(({ index }) => results[index] === undefined)
    while (left.length > 0) {
      const batch = left.slice(0, batchLength(left.map(({ write }) => write)))
      const answers = await this.#send(batch.map(({ write }) => commitWrite(write)))
      for (const [at, answer] of answers.entries()) {
        const { write, index } = batch[at]!
        results[index] = resultOf(answer, write)
      }
      left.splice(0, answers.length)
    }
    return results.map(result => result!)
  }

  async #send(writes: CommitWrite[]): Promise<CommitResult[]> {
    const operation = randomUUID()
    try {
      const answers = await this.#connection.mutation(calls.commit, { operation, writes })
      if (answers !== null && answers.length > 0) return answers
    } catch (error) {
      if (error instanceof AdapterError && error.code === 'offline') this.#doubts.add(operation)
      throw error
    }
    // Only an operation that was given up is answered with nothing.
    throw new AdapterError('conflict', 'A write to Convex was given up before it came. It is tried again.', {
      retryable: true,
    })
  }
}

/** What can be told without asking. */
function refusalOf(write: ConditionalWrite): WriteResult | undefined {
  if (write.type === 'delete') return undefined
  const { id, data } = write
  if (Buffer.byteLength(data.content) > LIMITS.contentBytes)
    return { status: 'failed', error: tooLarge(`The content of ${id}`) }
  const isSound = [id, data.path, data.content, data.app, data.ownerId].every(text => text.isWellFormed())
  return isSound ? undefined : { status: 'failed', error: notWellFormed(`The record ${id}`) }
}

/** At least one. */
function batchLength(writes: readonly ConditionalWrite[]): number {
  let bytes = 0
  for (const [index, write] of writes.slice(0, LIMITS.batchItems).entries()) {
    bytes += write.type === 'set' ? Buffer.byteLength(write.data.content) : 0
    if (index > 0 && bytes > LIMITS.batchBytes) return index
  }
  return Math.min(writes.length, LIMITS.batchItems)
}

function commitWrite(write: ConditionalWrite): CommitWrite {
  const expected = write.expected === null ? null : write.expected.etag
  if (write.type === 'delete') return { id: write.id, expected, record: null }
  const { path, content, app, ownerId, lastUpdated, createdAt } = write.data
  const record = {
    path,
    content,
    app,
    ownerId,
    lastUpdated,
    ...(createdAt === undefined ? {} : { createdAt }),
  }
  return { id: write.id, expected, record }
}

function resultOf(answer: CommitResult, { id }: ConditionalWrite): WriteResult {
  if (answer.status === 'too-large') return { status: 'failed', error: tooLarge(`The record ${id}`) }
  return answer
}
