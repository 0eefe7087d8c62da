/** Files and folders that hold what the synced files hold, or their names: for their owner alone, whatever the umask says. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { errorCode } from './os-error.ts'

const PRIVATE_FILE_MODE = 0o600
const OTHERS = 0o077
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
