/**
 * What both sides of a folder last agreed on, read page by page beside whatever else has the store open: for
 * a list of a hundred thousand files while no engine runs, without one long read.
 */
import { existsSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { ScopeId } from '../../engine/ports/state-store.ts'

export interface BaseFile {
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly version: number
}

/** Rows of one read: about 5 ms. */
const PAGE_ROWS = 5_000

/** By path. Empty where there is no store yet. */
export async function readBasePages(storePath: string, scope: ScopeId): Promise<Map<string, BaseFile>> {
  const files = new Map<string, BaseFile>()
  if (!existsSync(storePath)) return files
  const sqlite = new Database(storePath, { readonly: true, fileMustExist: true })
  try {
    const page = sqlite
      .prepare<[ScopeId, string], [string, number, number]>(
        `SELECT path, size, version FROM base_entries WHERE scope_id = ? AND path > ? ORDER BY path LIMIT ${PAGE_ROWS}`,
      )
      .raw()
    for (let after = ''; ;) {
      const rows = page.all(scope, after)
      for (const [path, size, version] of rows) files.set(path, { size, version })
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE_ROWS) return files
      after = last[0]
      await nextTurn()
    }
  } finally {
    sqlite.close()
  }
}
