/**
 * A lock that the OS holds for this process: an SQLite file in an exclusive transaction, since Node itself
 * offers no file locks. It ends with the process, however that ends; it holds between containers that share
 * the file, and within one process.
 *
 * The file must be opened in no other way: on POSIX, closing any handle of a file ends all its locks.
 */
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { errorCode } from '../os-error.ts'

export interface FileLock {
  release(): void
}

/** A connection that were collected as garbage would take its lock along. */
const held = new Set<Database.Database>()

/** Null where somebody has it; does not wait. */
export function tryToLock(file: string): FileLock | null {
  const lock = new Database(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return null
    throw error
  }
  held.add(lock)
  return {
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

/** Takes a shared lock for a moment, which an exclusive one excludes. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false
  const look = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 })
  try {
    look.prepare('SELECT count(*) FROM sqlite_master').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    look.close()
  }
}

function isBusy(error: unknown): boolean {
  return errorCode(error).startsWith('SQLITE_BUSY')
}
