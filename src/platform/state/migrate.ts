/**
 * Brings the tables up to this version of the app. Bookkeeping is drizzle's own, so its tools understand the
 * file; applying is ours, in one immediate transaction, since two processes may open a new store at once and
 * drizzle's migrator would let both create the tables.
 */
import { fileURLToPath } from 'node:url'
import type Database from 'better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { StateStoreError } from './state-store-error.ts'

type Migration = ReturnType<typeof readMigrationFiles>[number]

export interface MigrateOptions {
  /** Where the SQL lies; beside this module by default, in the source tree as in the bundle. */
  readonly folder?: string
  /** Called when tables that hold something are about to be changed. */
  backUp(): void
}

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS __drizzle_migrations
  (id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, created_at NUMERIC)`

export function migrate(sqlite: Database.Database, options: MigrateOptions): void {
  const folder = options.folder ?? fileURLToPath(new URL('./migrations', import.meta.url))
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  if (pendingOf(sqlite, migrations).length === 0) return
  if (lastApplied(sqlite) !== null) options.backUp()
  sqlite.transaction(() => applyPending(sqlite, migrations)).immediate()
}

function applyPending(sqlite: Database.Database, migrations: readonly Migration[]): void {
  sqlite.exec(BOOKKEEPING)
  const note = sqlite.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
  // Looked at again: another process may have done it while this one waited for the lock.
  for (const migration of pendingOf(sqlite, migrations)) {
    for (const statement of migration.sql) sqlite.exec(statement)
    note.run(migration.hash, migration.folderMillis)
  }
}

function pendingOf(sqlite: Database.Database, migrations: readonly Migration[]): Migration[] {
  const last = lastApplied(sqlite)
  if (last === null) return [...migrations]
  const newest = Math.max(...migrations.map(migration => migration.folderMillis))
  if (last > newest) {
    throw new StateStoreError(
      'newer',
      'The state of this folder was written by a newer version of Lockstep. Update Lockstep here.',
    )
  }
  return migrations.filter(migration => migration.folderMillis > last)
}

function lastApplied(sqlite: Database.Database): number | null {
  const isNew =
    sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").get() === undefined
  if (isNew) return null
  const last = sqlite.prepare('SELECT MAX(created_at) FROM __drizzle_migrations').pluck().get()
  return typeof last === 'number' ? last : null
}
