/**
 * Makes the database what `schema` says, whatever program made or changed it, and changes no row of `files`.
 *
 * Runs at each connect, and whenever somebody changed the schema. It takes the write lock only if
 * something is missing, so that a database in full use can be opened.
 */
import { randomUUID } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { FILES_COLUMNS, FILES_INDEX, FILES_TABLE, OWN_TABLES, TRIGGERS } from './schema.ts'

/** Throws `AdapterError` 'schema' where `files` is another program's, and what SQLite throws. */
export function ensureSchema(client: Database, path: string): void {
  checkFilesTable(client, path)
  if (isComplete(client)) return
  client
    .transaction(() => {
      checkFilesTable(client, path)
      client.exec(FILES_TABLE)
      client.exec(FILES_INDEX)
      for (const statement of OWN_TABLES) client.exec(statement)
      client
        .prepare(`INSERT INTO lockstep_meta (key, value) VALUES ('id', ?) ON CONFLICT (key) DO NOTHING`)
        .run(randomUUID())
      if (makeTriggers(client)) markGap(client)
    })
    .immediate()
}

function isComplete(client: Database): boolean {
  const names = new Map(schemaEntries(client).map(entry => [entry.name, entry.sql]))
  const made = [
    'files',
    'idx_files_app_owner',
    'lockstep_meta',
    'lockstep_changes',
    'lockstep_changes_id',
    'lockstep_deletes',
    'lockstep_deletes_at',
    'lockstep_heads',
  ]
  if (!made.every(name => names.has(name))) return false
  if (![...TRIGGERS].every(([name, sql]) => names.get(name) === sql)) return false
  return client.prepare(`SELECT 1 FROM lockstep_meta WHERE key = 'id'`).get() !== undefined
}

interface SchemaEntry {
  readonly name: string
  readonly type: string
  readonly sql: string | null
}

export function schemaEntries(client: Database): SchemaEntry[] {
  // SQLite takes names in any case for one.
  return client.prepare<[], SchemaEntry>('SELECT lower(name) AS name, type, sql FROM sqlite_master').all()
}

function makeTriggers(client: Database): boolean {
  const there = new Map(schemaEntries(client).map(entry => [entry.name, entry.sql]))
  let made = false
  for (const [name, sql] of TRIGGERS) {
    if (there.get(name) === sql) continue
    client.exec(`DROP TRIGGER IF EXISTS ${name}`)
    client.exec(sql)
    made = true
  }
  return made
}

/**
 * Changes may have gone unlogged before now: whoever has read the log up to here must compare everything.
 * The gap gets a number of its own, above all that were given, so that a reader at the newest sees it too.
 */
function markGap(client: Database): void {
  const { lastInsertRowid } = client.prepare(`INSERT INTO lockstep_changes (id) VALUES ('')`).run()
  client.prepare('DELETE FROM lockstep_changes WHERE seq = ?').run(lastInsertRowid)
  client
    .prepare(
      `INSERT INTO lockstep_meta (key, value) VALUES ('gap', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    )
    .run(String(lastInsertRowid))
}

interface ColumnInfo {
  readonly name: string
  /** As it was declared, in lower case. */
  readonly type: string
  readonly notnull: number
  readonly dflt_value: string | null
  /** 1 for the first column of the primary key. */
  readonly pk: number
}

/** Throws `AdapterError` 'schema' where `files` is another program's. */
export function checkFilesTable(client: Database, path: string): void {
  const entry = schemaEntries(client).find(
    ({ name, type }) => name === 'files' && type !== 'index' && type !== 'trigger',
  )
  if (entry === undefined) return
  const fault = entry.type === 'table' ? columnsFault(client) : `"files" is a ${entry.type}, not a table.`
  if (fault === null) return
  throw new AdapterError(
    'schema',
    `The table "files" in ${path} is not the one of file sync: ${fault} Set FILE_SYNC_SQLITE_PATH to another file. Expected: ${FILES_TABLE} ${FILES_INDEX}`,
    { retryable: false },
  )
}

/** What another program's table makes of ours, as sentences for a person. The table is not altered. */
export function tableCaveats(client: Database): string[] {
  const collation = client.prepare<[], string>(KEY_COLLATION).pluck().get()
  if (collation === undefined || collation === 'BINARY') return []
  return [
    `The key of the table "files" takes ids for one that differ only in capitals or in spaces at the end (COLLATE ${collation}): ` +
      'of two files such as x.md and X.md it holds one. The other stays on its device and is shown as a problem.',
  ]
}

const KEY_COLLATION = `SELECT info.coll FROM pragma_index_list('files') AS list, pragma_index_xinfo(list.name) AS info
  WHERE list.origin = 'pk' AND info.key = 1`

/** https://www.sqlite.org/datatype3.html, section 3.1. */
function holdsText({ type }: ColumnInfo): boolean {
  return !type.includes('int') && ['char', 'clob', 'text'].some(part => type.includes(part))
}

function columnsFault(client: Database): string | null {
  const columns = client
    .prepare<[], ColumnInfo>(
      `SELECT lower(name) AS name, lower(type) AS type, "notnull", dflt_value, pk FROM pragma_table_info('files')`,
    )
    .all()
  const names = columns.map(column => column.name)
  const missing = FILES_COLUMNS.filter(name => !names.includes(name))
  if (missing.length > 0) return `it has no column ${missing.join(', ')}.`
  // Conditional inserts rely on it: one row for each id.
  if (columns.some(column => (column.name === 'id') !== column.pk > 0)) return `its primary key is not "id".`
  if (columns.some(column => column.name === 'last_updated' && holdsText(column)))
    return 'its column last_updated makes texts of numbers.'
  const demanding = columns.find(
    column =>
      !(FILES_COLUMNS as readonly string[]).includes(column.name) &&
      column.notnull === 1 &&
      column.dflt_value === null,
  )
  return demanding === undefined ? null : `its column ${demanding.name} must be given a value.`
}
