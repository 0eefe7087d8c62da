/** Rows as the records and heads that the adapter's port speaks of. */
import type { FileRecord, StoredRecord } from '../../engine/ports/adapter.ts'
import type { RecordRow } from './statements.ts'

/**
 * The version alone does not tell two blind writes of one millisecond apart; the number in the log does.
 * It is 0 for a record that has not changed since the log began.
 */
export function etagOf(lastUpdated: number, seq: number): string {
  return `${lastUpdated}.${seq}`
}

/** The number in the log, null where the record has not changed since the log began. */
export function orderOf(etag: string): number | null {
  return Number(etag.slice(etag.lastIndexOf('.') + 1)) || null
}

export function storedRecord(row: RecordRow): StoredRecord {
  return { id: row.id, etag: etagOf(row.lastUpdated, row.seq), data: fileRecord(row) }
}

function fileRecord(row: RecordRow): FileRecord {
  const { path, content, app, ownerId, lastUpdated, createdAt } = row
  const created = typeof createdAt === 'number' ? { createdAt } : {}
  if (!isText(path) || !isText(content) || !isText(app) || !isText(ownerId)) {
    // NULL or a BLOB where a text belongs: no file. Without its path, nobody takes it for one.
    return { path: '', content: '', app: app ?? '', ownerId: ownerId ?? '', lastUpdated, ...created }
  }
  return { path, content, app, ownerId, lastUpdated, ...created }
}

/** Columns are as their writer left them, whatever their declared type. */
function isText(value: unknown): value is string {
  return typeof value === 'string'
}
