/**
 * The tables in the user's database: `files`, which belongs to all its programs, and our own beside it.
 *
 * `files` is the contract of design, section 2, to the letter. Everything named `lockstep_…` is ours:
 *
 * - `lockstep_changes` logs which record changed last, and in which order: one row for each id that ever
 *   changed, with a number that only rises. Triggers keep it, so the write of any program is logged, blind
 *   or not, deletes and two writes in one millisecond included.
 * - `lockstep_meta` holds the database's random id, and `gap`: changes up to that number may be missing.
 * - `lockstep_deletes` holds what devices have said of the deletes and edits they made, written in the same transaction:
 *   so what a person has approved is not held again on every other device.
 * - `lockstep_heads` lets versions be read without the rows. `last_updated` lies behind `content`, so that
 *   reading it from the row walks through all of the content: 10,000 heads took 220 ms, and take 7 ms now.
 */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { DeleteWord, EditWord } from '../../engine/ports/adapter.ts'

/** Columns may hold NULL, as the DDL says: other programs write here too. */
export const files = sqliteTable('files', {
  id: text('id').primaryKey(),
  path: text('path'),
  content: text('content'),
  app: text('app'),
  ownerId: text('owner_id'),
  lastUpdated: integer('last_updated'),
  createdAt: integer('created_at'),
})

export const changes = sqliteTable('lockstep_changes', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  id: text('id').notNull(),
})

export const meta = sqliteTable('lockstep_meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})

export const deletes = sqliteTable('lockstep_deletes', {
  id: text('id').primaryKey(),
  etag: text('etag').notNull(),
  lastUpdated: integer('last_updated').notNull(),
  word: text('word').$type<DeleteWord | EditWord>().notNull(),
  /** Milliseconds since the epoch, by the clock of whoever said it. */
  at: integer('at').notNull(),
})

export const FILES_TABLE =
  'CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, path TEXT, content TEXT, app TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT);'
export const FILES_INDEX = 'CREATE INDEX IF NOT EXISTS idx_files_app_owner ON files(app, owner_id);'
export const FILES_COLUMNS = [
  'id',
  'path',
  'content',
  'app',
  'owner_id',
  'last_updated',
  'created_at',
] as const

export const OWN_TABLES = [
  'CREATE TABLE IF NOT EXISTS lockstep_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);',
  // AUTOINCREMENT: a number is never given twice, also after the row that had it is gone.
  'CREATE TABLE IF NOT EXISTS lockstep_changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL);',
  'CREATE TABLE IF NOT EXISTS lockstep_deletes (id TEXT PRIMARY KEY, etag TEXT NOT NULL, last_updated BIGINT NOT NULL, word TEXT NOT NULL, at BIGINT NOT NULL);',
  'CREATE INDEX IF NOT EXISTS lockstep_deletes_at ON lockstep_deletes(at);',
  'CREATE INDEX IF NOT EXISTS lockstep_changes_id ON lockstep_changes(id);',
  'CREATE INDEX IF NOT EXISTS lockstep_heads ON files(app, owner_id, id, last_updated);',
] as const

/**
 * Logs `${row}.id`. Delete, then insert: a conflict clause in a trigger is overridden by that of the
 * statement that fired it (https://sqlite.org/lang_createtrigger.html). An id may be NULL in SQLite, and
 * a program that writes such a row must not fail because of us.
 */
function logOf(row: 'NEW' | 'OLD'): string {
  return (
    `DELETE FROM lockstep_changes WHERE id = ${row}.id; ` +
    `INSERT INTO lockstep_changes (id) SELECT ${row}.id WHERE ${row}.id IS NOT NULL;`
  )
}

/** By name; the text is compared with what the database holds, so that an altered trigger is made anew. */
export const TRIGGERS: ReadonlyMap<string, string> = new Map([
  [
    'lockstep_files_insert',
    `CREATE TRIGGER lockstep_files_insert AFTER INSERT ON files BEGIN ${logOf('NEW')} END`,
  ],
  [
    'lockstep_files_delete',
    `CREATE TRIGGER lockstep_files_delete AFTER DELETE ON files BEGIN ${logOf('OLD')} END`,
  ],
  [
    'lockstep_files_update',
    `CREATE TRIGGER lockstep_files_update AFTER UPDATE ON files BEGIN ${logOf('NEW')} END`,
  ],
  [
    'lockstep_files_rename',
    `CREATE TRIGGER lockstep_files_rename AFTER UPDATE ON files WHEN OLD.id IS NOT NEW.id BEGIN ${logOf('OLD')} END`,
  ],
])
