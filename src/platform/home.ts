/**
 * Where the app keeps its own state (design, section 1): one folder for each project folder, named by its
 * real path, so that every way of reaching a project leads to the same state and the same lock.
 */
import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Enough to tell a person's folders apart, and short enough for every OS's paths. */
const NAME_DIGITS = 16
/** Histories hold what the files hold: for the owner alone. */
const PRIVATE_MODE = 0o700

export function lockstepHome(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['LOCKSTEP_HOME']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  return envPaths('lockstep', { suffix: '' }).data
}

/** The folder of one project's state; made if it is not there. */
export function folderHome(home: string, realProjectPath: string): string {
  const name = hash('sha256', realProjectPath, 'hex').slice(0, NAME_DIGITS)
  const folder = join(home, 'folders', name)
  mkdirSync(folder, { recursive: true, mode: PRIVATE_MODE })
  return folder
}

export function logFolder(home: string): string {
  return join(home, 'logs')
}
