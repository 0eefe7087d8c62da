/**
 * Opens the state's SQLite file: durable, up to date, and never silently anew over one that is damaged (R1).
 */
import { existsSync, readdirSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { Boot } from '../boot.ts'
import { makeFolder } from '../make-folder.ts'
import { errorCode, errorMessage } from '../os-error.ts'
import { closeToOthers, makePrivateFile } from '../private-file.ts'
import { noteBoot, noteOlderCopy } from './durability.ts'
import { readHighWater } from './high-water.ts'
import { migrate } from './migrate.ts'

/** Something a person should know about the state's opening. */
export interface StateNotice {
  readonly code: 'damaged'
  readonly message: string
  /** Where the damaged file lies now. */
  readonly movedTo: string
}

export interface OpenedDatabase {
  readonly sqlite: Database.Database
  readonly notice: StateNotice | null
}

export interface OpenOptions {
  /** Milliseconds since the epoch, for the names of copies. */
  readonly now?: () => number
  readonly migrationsFolder?: string
  /** Which start of the machine this is; the real one by default. */
  readonly boot?: () => Boot
}

/** While opening, another process may be creating or migrating the same file. Milliseconds. */
const OPEN_TIMEOUT_MS = 5_000
/** Afterwards a synchronous call may wait this long: less than what a person would notice. Milliseconds. */
export const BUSY_TIMEOUT_MS = 30
/** An empty file that is older was truncated; a younger one is just being created. Milliseconds. */
const CREATION_MS = 10_000
const BACKUPS_KEPT = 2
const IN_MEMORY = ':memory:'
const DAMAGE_CODES = /^SQLITE_(CORRUPT|NOTADB)/

class DamagedError extends Error {
  override readonly name = 'DamagedError'
}

/** `path` is null for one that ends with its connection, and leaves nothing on the disk. */
export function openDatabase(path: string | null, options: OpenOptions = {}): OpenedDatabase {
  if (path === null) return { sqlite: openSound(new Database(IN_MEMORY), options, null), notice: null }
  makeFolder(dirname(path))
  try {
    if (isTruncated(path)) throw new DamagedError('the file is empty')
    for (const log of ['-wal', '-shm']) closeToOthers(path + log)
    return { sqlite: openFile(path, options), notice: null }
  } catch (error) {
    if (!(error instanceof DamagedError) && !DAMAGE_CODES.test(errorCode(error))) throw error
    const movedTo = moveAside(path, timestamp(options))
    const message =
      `The state of this folder was damaged (${errorMessage(error)}) and has been set aside as ${basename(movedTo)}. ` +
      'Lockstep compares both sides anew; nothing is deleted, and files that differ are shown as conflicts.'
    return { sqlite: openFile(path, options), notice: { code: 'damaged', message, movedTo } }
  }
}

function openFile(path: string, options: OpenOptions): Database.Database {
  makePrivateFile(path)
  return openSound(new Database(path, { timeout: OPEN_TIMEOUT_MS }), options, path)
}

function openSound(sqlite: Database.Database, options: OpenOptions, path: string | null): Database.Database {
  try {
    requireSound(sqlite)
    // Takes effect on a new file only; it lets pruning give space back.
    sqlite.pragma('auto_vacuum = INCREMENTAL')
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    const folder = options.migrationsFolder === undefined ? {} : { folder: options.migrationsFolder }
    const backUpFile = () => path !== null && backUp(sqlite, path, timestamp(options))
    migrate(sqlite, { ...folder, backUp: backUpFile })
    noteBoot(sqlite, options.boot?.())
    if (path !== null) noteOlderCopy(sqlite, readHighWater(path))
    sqlite.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** Before anything is written. Takes about 0.2 ms for a thousand files. */
function requireSound(sqlite: Database.Database): void {
  for (const table of sqlite.prepare<[], string>(CHECKED_TABLES).pluck().all()) {
    const verdict = sqlite.pragma(`quick_check('${table}')`, { simple: true })
    if (verdict !== 'ok') throw new DamagedError(`${table}: ${String(verdict)}`)
  }
}

// All but the contents: they may be hundreds of megabytes, and a loss there leads to no wrong decision.
const CHECKED_TABLES = `SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT IN ('contents', 'packs') AND name NOT LIKE 'sqlite_%'`

function isTruncated(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && stats.size === 0 && Date.now() - stats.mtimeMs > CREATION_MS
}

/** The log and the shared memory belong to the file and go with it. */
function moveAside(path: string, time: string): string {
  const target = join(dirname(path), `state-damaged-${time}.db`)
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix)
  }
  return target
}

function backUp(sqlite: Database.Database, path: string, time: string): void {
  const folder = dirname(path)
  const target = join(folder, `state-backup-${time}-${process.pid}.db`)
  if (!existsSync(target)) copyInto(sqlite, target)
  // Whatever the clock says: the one that was just made is the newest.
  const others = backupsIn(folder).filter(name => name !== basename(target))
  for (const old of others.slice(0, others.length + 1 - BACKUPS_KEPT)) unlinkSync(join(folder, old))
}

/** All that the database holds, into a file that is not there yet. */
export function copyInto(sqlite: Database.Database, path: string): void {
  // SQLite takes an empty file for none.
  makePrivateFile(path)
  sqlite.prepare('VACUUM INTO ?').run(path)
}

/** They hold what the state held then, and matter no longer once this version has worked with it. */
export function dropBackups(path: string): void {
  const folder = dirname(path)
  for (const name of backupsIn(folder)) unlinkSync(join(folder, name))
}

/** By time. */
function backupsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => /^state-backup-.*\.db$/.test(name))
    .sort()
}

/** Sorts by time and is a file name on every OS. */
function timestamp(options: OpenOptions): string {
  return new Date((options.now ?? Date.now)()).toISOString().replaceAll(/[:.]/g, '-')
}
