/**
 * Conditional writes. Several go through our function, in one call; a single one, and all of them where the
 * function is missing, through plain requests that name the version they replace: rows that come back are counted.
 *
 * A row that policies hide looks as if it were gone. Where nothing was written although the row is as expected,
 * it is refused, not lost: otherwise it would be tried for ever, at once.
 */
import {
  AdapterError,
  type ConditionalWrite,
  type FileRecord,
  type RecordHead,
  type WriteResult,
} from '../../engine/ports/adapter.ts'
import type { SupabaseConnection } from './connection.ts'
import { hidden, isOfOneWrite, toAdapterError, tooLarge } from './errors.ts'
import type { ServerFunctions } from './functions.ts'
import { inParallel } from './in-parallel.ts'
import { LIMITS } from './limits.ts'
import { isOneOf, readHeadsOf } from './read.ts'
import { columnsOf, conditionOf, etagOf, HEAD_COLUMNS, isRow, rowsOf } from './records.ts'

/** "There is one already", of a primary key. */
const DUPLICATE = '23505'

interface Indexed {
  readonly write: ConditionalWrite
  readonly at: number
}

export async function commitWrites(
  connection: SupabaseConnection,
  functions: ServerFunctions,
  writes: readonly ConditionalWrite[],
): Promise<WriteResult[]> {
  const results: WriteResult[] = []
  const fitting: Indexed[] = []
  for (const [at, write] of writes.entries()) {
    if (sizeOf(write) <= LIMITS.contentBytes) fitting.push({ write, at })
    else results[at] = { status: 'failed', error: tooLarge(write.id, LIMITS.contentBytes) }
  }
  for (const batch of batches(fitting)) {
    const told = await writeBatch(connection, functions, batch)
    for (const [index, result] of told.entries()) results[batch[index]!.at] = result
  }
  return results
}

/** In the order of the ids, so that two devices never wait for each other's rows; of one id, in that of the writes. */
function* batches(writes: readonly Indexed[]): Generator<readonly Indexed[]> {
  const sorted = writes.toSorted((a, b) =>
    a.write.id < b.write.id ? -1 : a.write.id > b.write.id ? 1 : a.at - b.at,
  )
  let batch: Indexed[] = []
  let bytes = 0
  for (const one of sorted) {
    const size = sizeOf(one.write)
    if (batch.length > 0 && (batch.length === LIMITS.batchItems || bytes + size > LIMITS.batchBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(one)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function sizeOf(write: ConditionalWrite): number {
  return write.type === 'set' ? Buffer.byteLength(write.data.content) : 0
}

async function writeBatch(
  connection: SupabaseConnection,
  functions: ServerFunctions,
  batch: readonly Indexed[],
): Promise<WriteResult[]> {
  const writes = batch.map(({ write }) => write)
  if (writes.length > 1) {
    const told = await functions.call('lockstep_commit', { writes: writes.map(toldWrite) })
    if (told !== null)
      return writes.map((write, index) => resultOf(rowsOf(told)[index], write, connection.url))
  }
  return writeOneByOne(connection, writes)
}

/** As our function takes it. */
function toldWrite(write: ConditionalWrite): Record<string, unknown> {
  const { id, expected } = write
  const condition = expected === null ? null : conditionOf(expected.etag)
  if (write.type === 'delete') return { type: 'delete', id, expected: condition }
  return { type: 'set', expected: condition, ...columnsOf(withCreation(write.data)), id }
}

function resultOf(
  told: Record<string, unknown> | undefined,
  { id, type }: ConditionalWrite,
  url: string,
): WriteResult {
  switch (told?.['status']) {
    case 'done':
      return { status: 'done', etag: type === 'delete' ? null : etagOf(told) }
    case 'lost':
      return { status: 'lost' }
    case 'hidden':
      return { status: 'failed', error: hidden(id, url) }
    case 'failed': {
      const refusal = {
        status: 400,
        code: String(told['code']),
        message: String(told['message']),
        details: '',
      }
      return { status: 'failed', error: toAdapterError(refusal, url) }
    }
    default:
      throw new AdapterError(
        'schema',
        `${url} does not answer as the SQL of this version does. Run what lockstep setup supabase prints.`,
        { retryable: true },
      )
  }
}

/** Writes of one id follow each other; those of several go side by side. */
async function writeOneByOne(
  connection: SupabaseConnection,
  writes: readonly ConditionalWrite[],
): Promise<WriteResult[]> {
  const results: WriteResult[] = []
  const byId = Map.groupBy(writes.entries(), ([, { id }]) => id)
  await inParallel([...byId.values()], async group => {
    for (const [at, write] of group) results[at] = await writeOne(connection, write)
  })
  return results
}

async function writeOne(connection: SupabaseConnection, write: ConditionalWrite): Promise<WriteResult> {
  try {
    if (write.type === 'delete') return await deleteOne(connection, write)
    return write.expected === null
      ? await insertOne(connection, write.id, write.data)
      : await updateOne(connection, write.id, write.data, write.expected.etag)
  } catch (error) {
    if (error instanceof AdapterError && isOfOneWrite(error)) return { status: 'failed', error }
    throw error
  }
}

async function insertOne(connection: SupabaseConnection, id: string, data: FileRecord): Promise<WriteResult> {
  const row = { ...columnsOf(withCreation(data)), id }
  const { data: written, refusedWith } = await connection.call(
    client => client.from('files').insert(row).select(HEAD_COLUMNS),
    [DUPLICATE],
  )
  if (refusedWith === null) return doneWith(written, id, connection.url)
  return (await headNow(connection, id)) === null
    ? { status: 'failed', error: hidden(id, connection.url) }
    : { status: 'lost' }
}

async function updateOne(
  connection: SupabaseConnection,
  id: string,
  data: FileRecord,
  etag: string,
): Promise<WriteResult> {
  const { createdAt: _, ...fields } = data
  const { data: written } = await connection.call(client => {
    const query = isOneOf(client.from('files').update(columnsOf(fields)), [id])
    return isAsExpected(query, etag).select(HEAD_COLUMNS)
  })
  return rowsOf(written).length === 1
    ? doneWith(written, id, connection.url)
    : lostOrHidden(connection, id, etag)
}

async function deleteOne(
  connection: SupabaseConnection,
  { id, expected }: Extract<ConditionalWrite, { type: 'delete' }>,
): Promise<WriteResult> {
  const { data: deleted } = await connection.call(client => {
    const query = isOneOf(client.from('files').delete(), [id])
    return isAsExpected(query, expected.etag).select('id')
  })
  return rowsOf(deleted).length === 1
    ? { status: 'done', etag: null }
    : lostOrHidden(connection, id, expected.etag)
}

interface Compared<Query> {
  eq(column: string, value: string): Query
  is(column: string, value: null): Query
}

function isAsExpected<Query extends Compared<Query>>(query: Query, etag: string): Query {
  const { last_updated: version, xmin } = conditionOf(etag)
  const ofVersion = version === null ? query.is('last_updated', null) : query.eq('last_updated', version)
  return ofVersion.eq('xmin', xmin)
}

function doneWith(written: unknown, id: string, url: string): WriteResult {
  const row = rowsOf(written)[0]
  // A policy that lets write but not read: what was written could never be followed.
  return isRow(row) ? { status: 'done', etag: etagOf(row) } : { status: 'failed', error: hidden(id, url) }
}

async function lostOrHidden(connection: SupabaseConnection, id: string, etag: string): Promise<WriteResult> {
  const now = await headNow(connection, id)
  return now?.etag === etag ? { status: 'failed', error: hidden(id, connection.url) } : { status: 'lost' }
}

async function headNow(connection: SupabaseConnection, id: string): Promise<RecordHead | null> {
  return (await readHeadsOf(connection, [id])).get(id) ?? null
}

function withCreation(data: FileRecord): FileRecord {
  return { ...data, createdAt: data.createdAt ?? data.lastUpdated }
}
