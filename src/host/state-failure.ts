/** Why the app's own state in LOCKSTEP_HOME cannot be used, in words that say what to do (R13.2). */
import type { Environment } from '../engine/core/settings.ts'
import { lockstepHome } from '../platform/home.ts'
import { errorCode, errorMessage } from '../platform/os-error.ts'
import { StateStoreError } from '../platform/state/state-store-error.ts'

/** Null where the error is about something else. `env`: the real environment. */
export function stateFailure(error: unknown, env: Environment): string | null {
  if (error instanceof StateStoreError) return error.message
  const home = lockstepHome(env)
  const code = errorCode(error)
  if (!code.startsWith('SQLITE_') && !isOfFileIn(home, error)) return null
  return `${inWords(code, home)} (${errorMessage(error)})`
}

function isOfFileIn(home: string, error: unknown): boolean {
  if (!(error instanceof Error) || !('path' in error) || typeof error.path !== 'string') return false
  return `${error.path}/`.startsWith(`${home}/`)
}

function inWords(code: string, home: string): string {
  const [, primary = code] = /^(SQLITE_[A-Z]+)/.exec(code) ?? []
  switch (primary) {
    case 'SQLITE_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk that holds Lockstep's own state in ${home} is full. Free some space there.`
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_CANTOPEN':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
      return `Lockstep's own state in ${home} cannot be written. Give this user the right to write there, or set LOCKSTEP_HOME to another folder.`
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
    case 'SQLITE_PROTOCOL':
      return `Another program keeps Lockstep's own state in ${home} locked. If this stays, find the program and close it.`
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return `Lockstep's own state in ${home} is damaged. It is examined when it is opened again, and set aside where it cannot be used.`
    default:
      return `Reading or writing Lockstep's own state in ${home} failed. Check the disk.`
  }
}
