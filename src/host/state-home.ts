/** The folder of all state: that it can be one, said before anything fails for want of it. */
import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { TEMPORARY_PREFIX } from '../engine/core/denylist.ts'
import type { Environment } from '../engine/core/settings.ts'
import { HOME_ENTRIES, lockstepHome } from '../platform/home.ts'
import { makeFolder } from '../platform/make-folder.ts'
import { errorCode } from '../platform/os-error.ts'
import { closeToOthers } from '../platform/private-file.ts'
import { ConfigurationError } from './errors.ts'

/** A full or failing disk, say: it is tried again where something runs that tries again. */
const PASSING_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'])

const UNCHANGEABLE_CODES: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EROFS', 'EIO'])

/** Makes it where it is missing, and takes it away from others. Throws ConfigurationError where there can be no such folder. */
export function requireStateHome(env: Environment): void {
  const home = lockstepHome(env)
  const file = fileOnTheWay(home)
  if (file !== null) {
    throw cannotBe(file === home ? `${home} is a file` : `${home} cannot be a folder, for ${file} is a file`)
  }
  try {
    makeFolder(home)
  } catch (error) {
    const code = errorCode(error)
    if (!PASSING_CODES.has(code)) throw cannotBe(`${home} cannot be made (${code})`)
    return
  }
  closeStateHome(home)
}

/** One that was there before may be open to others. Where something else lies in it, that is somebody's purpose. */
function closeStateHome(home: string): void {
  try {
    if (readdirSync(home).every(isOurName)) closeToOthers(home)
  } catch (error) {
    // A folder that cannot be changed is used as it is; that it cannot be read is told where it matters.
    if (!UNCHANGEABLE_CODES.has(errorCode(error))) throw error
  }
}

function isOurName(name: string): boolean {
  return (
    name.startsWith(TEMPORARY_PREFIX) ||
    HOME_ENTRIES.some(entry => name === entry || name.startsWith(`${entry}-`) || name.startsWith(`${entry}.`))
  )
}

function cannotBe(what: string): ConfigurationError {
  const advice = 'Set LOCKSTEP_HOME to a folder, or unset it; the folder is made where it is missing.'
  return new ConfigurationError('settings-invalid', `LOCKSTEP_HOME: ${what}. ${advice}`)
}

/** What else is wrong with the place (permissions, say) is told when it is made. */
function fileOnTheWay(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat !== undefined) return stat.isDirectory() ? null : path
  } catch {
    return null
  }
  return dirname(path) === path ? null : fileOnTheWay(dirname(path))
}
