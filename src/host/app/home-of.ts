/** LOCKSTEP_HOME, for the programs around a host. */
import { join } from 'node:path'
import type { Environment } from '../../engine/core/settings.ts'
import { lockstepHome } from '../../platform/home.ts'
import { makeFolder } from '../../platform/make-folder.ts'

export function homeOf(env: Environment): string {
  return lockstepHome(env)
}

/** A folder of their own in it. */
export function madeFolder(home: string, name: string): string {
  const folder = join(home, name)
  makeFolder(folder)
  return folder
}
