/** Files and folders that hold what the synced files hold, or their names: for their owner alone, whatever the umask says. */
import { chmodSync, closeSync, lstatSync, openSync, statSync } from 'node:fs'
import { errorCode } from './os-error.ts'

const PRIVATE_FILE_MODE = 0o600
const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const EVERYBODY_WRITES = 0o002
const ROOT = 0
/** A folder like /tmp, whoever owns it. */
const STICKY = 0o1000

/** Makes the file where it is missing, empty, and takes it away from others where it is open to them. SQLite gives its mode to its logs. */
export function makePrivateFile(path: string): void {
  try {
    // One that is there is not opened: closing it would end this process's locks on a database (fcntl).
    closeSync(openSync(path, 'wx', PRIVATE_FILE_MODE))
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    closeToOthers(path)
  }
}

/** Leaves alone what is not there, and what belongs to somebody else. */
export function closeToOthers(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  const isOurs = stat !== undefined && stat.uid === process.getuid?.() && (stat.mode & STICKY) === 0
  if (isOurs && (stat.mode & OTHERS) !== 0) chmodSync(path, stat.mode & ~OTHERS & 0o7777)
}

/** Whether nobody but us, and root, can have written it; no link is followed. Windows has its own rights. */
export function isOwnFile(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true) return false
  return !isForeign(stat.uid) && (process.platform === 'win32' || (stat.mode & OTHERS_WRITE) === 0)
}

/** Whether any user of this machine may change what lies in it, or its owner is another one. False where it is not there. */
export function isOpenFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || process.platform === 'win32') return false
  return isForeign(stat.uid) || (stat.mode & EVERYBODY_WRITES) !== 0
}

function isForeign(owner: number): boolean {
  return process.getuid !== undefined && owner !== process.getuid() && owner !== ROOT
}
