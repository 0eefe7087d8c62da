/**
 * Conditional writes: each record is compared and written in one transaction that holds the write lock.
 *
 * Results are for each write on its own, so a long batch may be cut into several transactions, to let
 * other programs and the event loop have their turn.
 */
import { AdapterError, type ConditionalWrite, type WriteResult } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { OpenDatabase, SqliteConnection } from './connection.ts'
import { isRefusedStatement, toAdapterError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { etagOf } from './records.ts'

/** What was said of a delete or an edit is kept for this long, for devices that are off, in milliseconds. */
const WORDS_KEPT_MS = 90 * 24 * 60 * 60 * 1_000
/** A transaction ends when it took this long, in milliseconds. */
const TRANSACTION_MS = 20

export async function commitWrites(
  connection: SqliteConnection,
  clock: Clock,
  writes: readonly ConditionalWrite[],
): Promise<WriteResult[]> {
  const results: WriteResult[] = []
  while (results.length < writes.length) {
    if (results.length > 0) await clock.yield()
    const from = results.length
    results.push(
      ...(await connection.write(database => writeSome(database, connection, clock, writes, from))),
    )
  }
  return results
}

function writeSome(
  database: OpenDatabase,
  connection: SqliteConnection,
  clock: Clock,
  writes: readonly ConditionalWrite[],
  from: number,
): WriteResult[] {
  const sequenceBefore = connection.sequence(database)
  const deadline = clock.monotonic() + TRANSACTION_MS
  const results: WriteResult[] = []
  for (let bytes = 0, at = from; at < writes.length; at++) {
    const write = writes[at]!
    const size = write.type === 'set' ? Buffer.byteLength(write.data.content) : 0
    const isFull = results.length === LIMITS.batchItems || bytes + size > LIMITS.batchBytes
    if (results.length > 0 && (isFull || clock.monotonic() > deadline)) break
    bytes += size
    results.push(size > LIMITS.contentBytes ? tooLarge(write.id) : writeOne(database, connection.path, write))
  }
  const written = writes.slice(from, from + results.length)
  const withOwn = withEtags(database, sequenceBefore, written, results)
  noteWords(database, clock.now(), written, withOwn)
  return withOwn
}

/** In the same transaction: whoever sees that the record is gone, or another one, can ask why. */
function noteWords(
  { statements }: OpenDatabase,
  at: number,
  writes: readonly ConditionalWrite[],
  results: readonly WriteResult[],
): void {
  let isNoted = false
  for (const [index, write] of writes.entries()) {
    const result = results[index]!
    if (write.word === undefined || result.status !== 'done') continue
    const { id, word } = write
    const { etag, lastUpdated } =
      write.type === 'delete'
        ? write.expected
        : { etag: result.etag ?? '', lastUpdated: write.data.lastUpdated }
    statements.noteWord.run({ id, etag, lastUpdated, word, at })
    isNoted = true
  }
  if (isNoted) statements.forgetWords.run({ before: at - WORDS_KEPT_MS })
}

function writeOne(database: OpenDatabase, path: string, write: ConditionalWrite): WriteResult {
  try {
    return isDone(database, write) ? { status: 'done', etag: null } : { status: 'lost' }
  } catch (error) {
    if (!isRefusedStatement(error)) throw error
    return { status: 'failed', error: toAdapterError(error, path) }
  }
}

function isDone(database: OpenDatabase, write: ConditionalWrite): boolean {
  const { statements } = database
  if (write.type === 'set' && write.expected === null) {
    const { id, data } = write
    return (
      statements.insertIfAbsent.run({ ...data, id, createdAt: data.createdAt ?? data.lastUpdated })
        .changes === 1
    )
  }
  const expected = write.expected
  const head = statements.head.get({ id: write.id })
  if (expected === null || head === undefined || etagOf(head.lastUpdated, head.seq) !== expected.etag)
    return false
  const condition = { id: write.id, expected: expected.lastUpdated }
  const { changes } =
    write.type === 'delete'
      ? statements.deleteIfExpected.run(condition)
      : statements.updateIfExpected.run({ ...write.data, ...condition })
  return changes === 1
}

/**
 * The numbers that the triggers gave, read at once for all that was set. Each write takes the next one; a trigger of
 * another program that has rewritten the record takes one more, and its record is another than the one that was sent: so
 * the etag is that of our write, which has gone, and what the record holds now is fetched.
 */
function withEtags(
  database: OpenDatabase,
  sequenceBefore: number,
  writes: readonly ConditionalWrite[],
  results: readonly WriteResult[],
): WriteResult[] {
  const given = new Map(
    database.statements.changedSince.all({ after: sequenceBefore }).map(({ id, seq }) => [id, seq]),
  )
  let last = sequenceBefore
  return results.map((result, index) => {
    const write = writes[index]!
    if (result.status !== 'done') return result
    const own = last + 1
    last = given.get(write.id) ?? own
    return write.type === 'delete' ? result : { status: 'done', etag: etagOf(write.data.lastUpdated, own) }
  })
}

function tooLarge(id: string): WriteResult {
  const megabytes = LIMITS.contentBytes / 2 ** 20
  const message = `The content of ${id} is larger than ${megabytes} MB, the most that one record may hold.`
  return { status: 'failed', error: new AdapterError('too-large', message, { retryable: false }) }
}
