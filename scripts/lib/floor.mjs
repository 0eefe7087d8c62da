/**
 * The physical floor of a first sync: the same files and the same rows, with nothing decided, checked or
 * remembered. What a sync takes beyond this is its own cost.
 */
import { hash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import Database from 'better-sqlite3'

/** Rows in one transaction, as the engine writes them. */
const BATCH = 500

/** The table of the design, section 2, and the pragmas that the adapter sets. */
function openFloorDatabase(path) {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(`
    CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, path TEXT, content TEXT, app TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT);
    CREATE INDEX IF NOT EXISTS idx_files_app_owner ON files(app, owner_id);
  `)
  return database
}

/** Reads and hashes every file and inserts it. Returns the time in ms. */
export function pushFloor(folder, databasePath) {
  const start = performance.now()
  const database = openFloorDatabase(databasePath)
  const insert = database.prepare('INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)')
  const insertAll = database.transaction(rows => {
    for (const row of rows) insert.run(...row)
  })
  let rows = []
  for (const entry of readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === 'sync-config.json') continue
    const path = relative(folder, join(entry.parentPath, entry.name))
    const bytes = readFileSync(join(folder, path))
    hash('sha256', bytes, 'hex')
    const now = Date.now()
    rows.push([`bench:${path}`, path, bytes.toString(), 'bench', 'shared', now, now])
    if (rows.length === BATCH) {
      insertAll(rows)
      rows = []
    }
  }
  insertAll(rows)
  database.close()
  return performance.now() - start
}

/** Selects every row and writes it under a temporary name, then renames it. Returns the time in ms. */
export function pullFloor(folder, databasePath) {
  const start = performance.now()
  const database = openFloorDatabase(databasePath)
  const made = new Set()
  let n = 0
  /** @type {import('better-sqlite3').Statement<[], { path: string, content: string }>} */
  const select = database.prepare('SELECT path, content FROM files')
  for (const { path, content } of select.iterate()) {
    const target = join(folder, path)
    const parent = dirname(target)
    if (!made.has(parent)) mkdirSync(parent, { recursive: true })
    made.add(parent)
    const temporary = join(parent, `_tmp-floor-${(n += 1)}`)
    writeFileSync(temporary, content)
    renameSync(temporary, target)
  }
  database.close()
  return performance.now() - start
}
