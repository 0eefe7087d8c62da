/**
 * Heads and records, in pages by key. A project may cut its answers at fewer rows than were asked for, without a
 * word, so a short page is the last one only where that is proved.
 *
 * The order is the server's own, whatever its collation: `order` and `gt` are evaluated by the same one.
 */
import type { HeadsPage, RecordHead, StoredRecord } from '../../engine/ports/adapter.ts'
import type { SupabaseConnection } from './connection.ts'
import { inParallel } from './in-parallel.ts'
import { HEADS_PAGE, RECORDS_PAGE, URL_BYTES } from './limits.ts'
import { HEAD_COLUMNS, headOf, RECORD_COLUMNS, recordOf, rowsOf } from './records.ts'

export interface Scope {
  readonly appId: string
  readonly ownerId: string
}

interface Page {
  readonly rows: readonly Record<string, unknown>[]
  readonly next: string | null
}

export async function readHeads(
  connection: SupabaseConnection,
  scope: Scope,
  after: string | null,
): Promise<HeadsPage> {
  const { rows, next } = await readPage(connection, scope, HEAD_COLUMNS, HEADS_PAGE, after)
  return { heads: rows.map(headOf), next }
}

export async function readAllRecords(connection: SupabaseConnection, scope: Scope): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for (let after: string | null = null; ;) {
    const page: Page = await readPage(connection, scope, RECORD_COLUMNS, RECORDS_PAGE, after)
    records.push(...page.rows.map(recordOf))
    if (page.next === null) return records
    after = page.next
  }
}

/** In the order of `ids`. */
export async function readRecords(
  connection: SupabaseConnection,
  ids: readonly string[],
): Promise<(StoredRecord | null)[]> {
  const rows = await readByIds(connection, ids, RECORD_COLUMNS, RECORDS_PAGE)
  const records = new Map(rows.map(row => [row['id'], recordOf(row)]))
  return ids.map(id => records.get(id) ?? null)
}

export async function readHeadsOf(
  connection: SupabaseConnection,
  ids: readonly string[],
): Promise<Map<string, RecordHead>> {
  const rows = await readByIds(connection, ids, HEAD_COLUMNS, HEADS_PAGE)
  return new Map(rows.map(row => [headOf(row).id, headOf(row)]))
}

/** One call, and what it answers is short: the number of records, and the newest of them. */
export async function readSummary(
  connection: SupabaseConnection,
  { appId, ownerId }: Scope,
): Promise<string> {
  const { data, count } = await connection.call(client =>
    client
      .from('files')
      .select(HEAD_COLUMNS, { count: 'exact' })
      .eq('app', appId)
      .eq('owner_id', ownerId)
      .order('last_updated', { ascending: false, nullsFirst: false })
      .order('id')
      .limit(1),
  )
  return JSON.stringify([count, rowsOf(data)])
}

/**
 * The first page is counted, which proves whether it is all. If it is not, the server gives at least as many rows
 * as it holds, and from then on a page with fewer is the last: `next` carries that number along.
 */
async function readPage(
  connection: SupabaseConnection,
  { appId, ownerId }: Scope,
  columns: string,
  limit: number,
  next: string | null,
): Promise<Page> {
  const place = next === null ? null : placeOf(next)
  const { data, count } = await connection.call(client => {
    const query = client
      .from('files')
      .select(columns, place === null ? { count: 'exact' } : {})
      .eq('app', appId)
      .eq('owner_id', ownerId)
    return (place === null ? query : query.or(isAfter(place.after))).order('id').limit(limit)
  })
  const rows = rowsOf(data)
  const last = rows.at(-1)?.['id']
  if (typeof last !== 'string') return { rows, next: null }
  const isLast = place === null ? count !== null && rows.length >= count : rows.length < place.size
  return { rows, next: isLast ? null : `${place?.size ?? rows.length} ${last}` }
}

function placeOf(next: string): { readonly size: number; readonly after: string } {
  const gap = next.indexOf(' ')
  return { size: Number(next.slice(0, gap)), after: next.slice(gap + 1) }
}

async function readByIds(
  connection: SupabaseConnection,
  ids: readonly string[],
  columns: string,
  most: number,
): Promise<Record<string, unknown>[]> {
  const pages = await inParallel([...chunks(ids, most)], chunk => readChunk(connection, chunk, columns))
  return pages.flat()
}

/** A server that cuts even this short gives the rest when it is asked again. */
async function readChunk(
  connection: SupabaseConnection,
  ids: readonly string[],
  columns: string,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for (let after = ''; ;) {
    const { data, count } = await connection.call(client => {
      const query = isOneOf(client.from('files').select(columns, { count: 'exact' }), ids)
      return (after === '' ? query : query.or(isAfter(after))).order('id')
    })
    const rows = rowsOf(data)
    found.push(...rows)
    const last = rows.at(-1)?.['id']
    if (typeof last !== 'string' || (count !== null && rows.length >= count)) return found
    after = last
  }
}

/** As many ids as fit into a URL. */
function* chunks(ids: readonly string[], most: number): Generator<readonly string[]> {
  let chunk: string[] = []
  let bytes = 0
  for (const id of ids) {
    const size = encodeURIComponent(quoted(id)).length + 1
    if (chunk.length > 0 && (chunk.length === most || bytes + size > URL_BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(id)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

interface Filtered<Query> {
  filter(column: string, operator: string, value: string): Query
}

/**
 * Also for a single id: quoted, it is taken as it is, spaces at its end included. supabase-js itself quotes only
 * some values, and escapes no quotes within them.
 */
export function isOneOf<Query extends Filtered<Query>>(query: Query, ids: readonly string[]): Query {
  return query.filter('id', 'in', `(${ids.map(quoted).join(',')})`)
}

function isAfter(id: string): string {
  return `id.gt.${quoted(id)}`
}

function quoted(id: string): string {
  return `"${id.replace(/[\\"]/g, '\\$&')}"`
}
