/**
 * A connection that leaves the database as it is, byte for byte: for whoever only wants to know what a sync
 * would do, in a database that perhaps never was ours.
 *
 * What of `schema` is missing is made among the connection's own temporary tables, in memory, where SQLite
 * looks for a name first (https://sqlite.org/lang_naming.html); contents are never copied. A change
 * of the schema by another program asks for a new connection.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { AdapterError } from '../../engine/ports/adapter.ts'
import { checkFilesTable, schemaEntries } from './ensure-schema.ts'
import { walPathOf } from './place.ts'
import { FILES_TABLE, OWN_TABLES } from './schema.ts'

/** Throws `AdapterError` where nothing is there, and what SQLite throws. `waitMs`: for a lock, in milliseconds. */
export function openToLook(path: string, waitMs: number): Database {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw missing(path)
  return new Sqlite(path, { timeout: waitMs, readonly: !leavesNothingBehind(path), fileMustExist: true })
}

/** Throws `AdapterError` 'schema' where `files` is another program's. */
export function makeUpSchema(client: Database, path: string): void {
  client.pragma('temp_store = MEMORY')
  checkFilesTable(client, path)
  const there = new Set(schemaEntries(client).map(({ name }) => name))
  const statements = [FILES_TABLE, ...OWN_TABLES].flatMap(statement => {
    const name = /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement)?.[1]
    // An index only makes it faster, and could not be a temporary one on a table that is not.
    return name === undefined || there.has(name) ? [] : [temporary(statement)]
  })
  for (const statement of statements) client.exec(statement)
  if (!there.has('lockstep_meta') || !hasId(client)) giveId(client, there.has('lockstep_meta'))
  client.pragma('query_only = ON')
}

function temporary(statement: string): string {
  return statement.replace(/^CREATE TABLE IF NOT EXISTS (\w+)/, 'CREATE TABLE temp.$1')
}

function hasId(client: Database): boolean {
  return client.prepare(`SELECT 1 FROM lockstep_meta WHERE key = 'id'`).get() !== undefined
}

/** As at a first connect: a database without an id is one that nobody has synced with. */
function giveId(client: Database, isMade: boolean): void {
  if (isMade) client.exec('CREATE TABLE temp.lockstep_meta AS SELECT key, value FROM main.lockstep_meta')
  client.prepare(`INSERT INTO temp.lockstep_meta (key, value) VALUES ('id', ?)`).run(randomUUID())
}

/**
 * In a log (`-wal`) that is empty or not there, a connection that may write takes the files `-wal` and `-shm` away
 * when it is the last to close, and one that may only read leaves them. Where there is something in the log, it is
 * the other way round: the last to close moves it into the database.
 */
function leavesNothingBehind(path: string): boolean {
  return isInWalMode(path) && (statSync(walPathOf(path), { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** Where the file's header says which of the two journals it uses, and that for a log. */
const JOURNAL_BYTE = 18
const WAL = 2

/** See https://sqlite.org/fileformat2.html, section 1.3.3. */
function isInWalMode(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const byte = new Uint8Array(1)
    return readSync(file, byte, 0, 1, JOURNAL_BYTE) === 1 && byte[0] === WAL
  } finally {
    closeSync(file)
  }
}

function missing(path: string): AdapterError {
  return new AdapterError('not-found', `There is no database ${path} now.`, { retryable: true })
}
