/**
 * Rows of the table, as PostgREST gives and takes them, and the records that the adapter's port speaks of.
 *
 * The etag is the version and `xmin`, the number of the transaction that wrote the row: so two blind writes of
 * one millisecond have two etags, and the table needs no column for it
 * (https://www.postgresql.org/docs/current/ddl-system-columns.html).
 */
import { isUtf8 } from 'node:buffer'
import type { FileRecord, RecordHead, StoredRecord } from '../../engine/ports/adapter.ts'

export const HEAD_COLUMNS = 'id,last_updated,xmin'
export const RECORD_COLUMNS = 'id,path,content,app,owner_id,last_updated,created_at,xmin'

/** Columns that are given are written, the others stay as they are. */
export interface Columns {
  id?: string
  path?: string
  content?: string
  app?: string
  owner_id?: string
  last_updated?: number
  created_at?: number
}

export function columnsOf(record: Partial<FileRecord>): Columns {
  const { path, content, app, ownerId, lastUpdated, createdAt } = record
  return {
    ...(path === undefined ? {} : { path }),
    ...(content === undefined ? {} : { content: storable(content) }),
    ...(app === undefined ? {} : { app }),
    ...(ownerId === undefined ? {} : { owner_id: ownerId }),
    ...(lastUpdated === undefined ? {} : { last_updated: lastUpdated }),
    ...(createdAt === undefined ? {} : { created_at: createdAt }),
  }
}

export function rowsOf(answer: unknown): Record<string, unknown>[] {
  return Array.isArray(answer) ? answer.filter(isRow) : []
}

export function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function headOf(row: Record<string, unknown>): RecordHead {
  return { id: textOf(row['id']), etag: etagOf(row), lastUpdated: numberOf(row['last_updated']) }
}

export function recordOf(row: Record<string, unknown>): StoredRecord {
  return { id: textOf(row['id']), etag: etagOf(row), data: fileRecord(row) }
}

/** What the server compares with: a version that is not there is null. */
export function conditionOf(etag: string): { readonly last_updated: string | null; readonly xmin: string } {
  const [version = '', xmin = ''] = etag.split('.')
  return { last_updated: version === '' ? null : version, xmin }
}

export function etagOf(row: Record<string, unknown>): string {
  const { last_updated: version, xmin } = row
  return `${typeof version === 'number' ? version : ''}.${typeof xmin === 'number' ? xmin : textOf(xmin)}`
}

function fileRecord(row: Record<string, unknown>): FileRecord {
  const { path, content, app, owner_id: ownerId, created_at: createdAt } = row
  const lastUpdated = numberOf(row['last_updated'])
  const created = typeof createdAt === 'number' ? { createdAt } : {}
  if (typeof path !== 'string' || typeof content !== 'string') {
    // NULL where a text belongs: no file. Without its path, nobody takes it for one.
    return { path: '', content: '', app: textOf(app), ownerId: textOf(ownerId), lastUpdated, ...created }
  }
  return {
    path,
    content: restored(content),
    app: textOf(app),
    ownerId: textOf(ownerId),
    lastUpdated,
    ...created,
  }
}

const BYTES_PREFIX = 'data:application/octet-stream;base64,'

/** A text in Postgres has no NUL, so one with it is stored as the bytes that it is. */
function storable(content: string): string {
  return content.includes('\0') ? BYTES_PREFIX + Buffer.from(content).toString('base64') : content
}

/** Anybody else stores bytes in this way only if they are no text, so those that are one are ours. */
function restored(content: string): string {
  if (!content.startsWith(BYTES_PREFIX)) return content
  const bytes = Buffer.from(content.slice(BYTES_PREFIX.length), 'base64')
  const isOurs = bytes.includes(0) && isUtf8(bytes) && storable(bytes.toString()) === content
  return isOurs ? bytes.toString() : content
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** NaN, which is no version, where a writer has left it out. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
