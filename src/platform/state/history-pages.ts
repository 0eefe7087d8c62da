/**
 * A folder's history read a page at a time, beside whatever else has the store open: a busy folder has
 * hundreds of thousands of versions, and a list shows a hundred.
 */
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Channel } from '../../engine/core/entry.ts'
import type { HistoryCause, ScopeId } from '../../engine/ports/state-store.ts'

export interface HistoryPageQuery {
  readonly scopes: readonly ScopeId[]
  /** Null for all. */
  readonly path: string | null
  readonly offset: number
  readonly limit: number
}

export interface HistoryPageRow {
  readonly id: number
  readonly path: string
  readonly channel: Channel
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly cause: HistoryCause
  readonly device: string
}

/** Newest first. Empty where there is no store yet. */
export function readHistoryPage(
  storePath: string,
  { scopes, path, offset, limit }: HistoryPageQuery,
): { total: number; rows: HistoryPageRow[] } {
  if (scopes.length === 0 || !existsSync(storePath)) return { total: 0, rows: [] }
  const sqlite = new Database(storePath, { readonly: true, fileMustExist: true })
  try {
    const where = `scope_id IN (${scopes.map(() => '?').join(', ')})${path === null ? '' : ' AND path = ?'}`
    const values = [...scopes, ...(path === null ? [] : [path])]
    const total = sqlite
      .prepare<(string | number)[], number>(`SELECT COUNT(*) FROM history WHERE ${where}`)
      .pluck()
      .get(...values)
    const rows = sqlite
      .prepare<(string | number)[], HistoryPageRow>(
        // Ids rise with time, and need no sorting.
        `SELECT id, path, channel, size, time, cause, device FROM history WHERE ${where} ORDER BY id DESC LIMIT ? OFFSET ?`,
      )
      .all(...values, limit, offset)
    return { total: total ?? 0, rows }
  } finally {
    sqlite.close()
  }
}
