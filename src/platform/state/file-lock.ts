/**
 * A lock that the OS holds for this process: an SQLite file in an exclusive transaction, since Node itself
 * offers no file locks. It ends with the process, however that ends; it holds between containers that share
 * the file, and within one process.
 *
 * The file must be opened in no other way: on POSIX, closing any handle of a file ends all its locks.
 *
 * The file is empty. What a damaged disk or a power cut has put there, and SQLite would refuse, is cut off in place:
 * whoever holds the lock at that moment goes on holding it, for it is one of the file and not of its name. A new file
 * in its place would be a second lock.
 */
import { statSync, truncateSync } from 'node:fs'
import Database from 'better-sqlite3'
import { errorCode } from '../os-error.ts'
import { fileIdentity } from './file-identity.ts'

export interface FileLock {
  /** False where the file was removed or exchanged: whoever asks for the lock then does not meet this one. */
  isInPlace(): boolean
  release(): void
}

/** With the file that each one locks. A connection that were collected as garbage would take its lock along. */
const held = new Map<Database.Database, string | null>()

/** Null where somebody has it; does not wait. */
export function tryToLock(file: string): FileLock | null {
  emptied(file)
  const lock = new Database(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return null
    throw error
  }
  const identity = fileIdentity(file)
  held.set(lock, identity)
  return {
    isInPlace: () => identity !== null && fileIdentity(file) === identity,
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

/** Takes a shared lock for a moment, which an exclusive one excludes. */
export function isLocked(file: string): boolean {
  if (!emptied(file)) return false
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

/** Whether the file is there; it holds nothing then. */
function emptied(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return false
  // Cutting it off opens and closes it, which would end a lock that this process has.
  if (stat.size > 0 && ![...held.values()].includes(fileIdentity(file))) truncateSync(file)
  return true
}

function isBusy(error: unknown): boolean {
  return errorCode(error).startsWith('SQLITE_BUSY')
}
