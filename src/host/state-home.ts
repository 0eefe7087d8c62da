/** The folder of all state: that it can be one, said before anything fails for want of it. */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Environment } from '../engine/core/settings.ts'
import { lockstepHome } from '../platform/home.ts'
import { ConfigurationError } from './errors.ts'

/** It need not be there yet. Throws ConfigurationError where it cannot be made. */
export function requireStateHome(env: Environment): void {
  const home = lockstepHome(env)
  const file = fileOnTheWay(home)
  if (file === null) return
  const what = file === home ? `${home} is a file` : `${home} cannot be a folder, for ${file} is a file`
  const advice = 'Set LOCKSTEP_HOME to a folder, or unset it; the folder is made where it is missing.'
  throw new ConfigurationError('settings-invalid', `LOCKSTEP_HOME: ${what}. ${advice}`)
}

/** What else is wrong with the place (permissions, say) is told by its own error. */
function fileOnTheWay(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat !== undefined) return stat.isDirectory() ? null : path
  } catch {
    return null
  }
  return dirname(path) === path ? null : fileOnTheWay(dirname(path))
}
