/**
 * Where the app keeps its own state (design, section 1): one folder for each project folder, named by its
 * real path, so that every way of reaching a project leads to the same state and the same lock.
 */
import { hash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** All that may lie in the folder of all state, but for the logs of its databases. */
export const HOME_ENTRIES = [
  'folders',
  'logs',
  'chromium',
  'app.json',
  'app.lock.db',
  'activity.db',
  'running.json',
  'open.html',
  'daemon.key',
  'secrets.key',
  'window.json',
  'trusted-adapters.json',
  'confirmed-places.json',
  'signed-in-users.json',
] as const

/** Enough to tell a person's folders apart, and short enough for every OS's paths. */
const NAME_DIGITS = 16

export function lockstepHome(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['LOCKSTEP_HOME']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  return envPaths('lockstep', { suffix: '' }).data
}

/** The folder of one project's state; whoever writes there makes it. */
export function folderHome(home: string, realProjectPath: string): string {
  return join(home, 'folders', hash('sha256', realProjectPath, 'hex').slice(0, NAME_DIGITS))
}

/** Of all projects. */
export function folderHomes(home: string): string[] {
  const all = join(home, 'folders')
  try {
    return readdirSync(all).map(name => join(all, name))
  } catch {
    // None has been made yet.
    return []
  }
}

export function logFolder(home: string): string {
  return join(home, 'logs')
}
