/**
 * Where the app keeps its own state (design, section 1): one folder for each project folder, named by its
 * real path, so that every way of reaching a project leads to the same state and the same lock.
 */
import { hash } from 'node:crypto'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Enough to tell a person's folders apart, and short enough for every OS's paths. */
const NAME_DIGITS = 16

export function lockstepHome(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['LOCKSTEP_HOME']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  return envPaths('lockstep', { suffix: '' }).data
}

/** The folder of one project's state; whoever writes there makes it. */
export function folderHome(home: string, realProjectPath: string): string {
  const name = hash('sha256', realProjectPath, 'hex').slice(0, NAME_DIGITS)
  return join(home, 'folders', name)
}

export function logFolder(home: string): string {
  return join(home, 'logs')
}
