/**
 * Whether the system lets us watch as many folders as the project has. On Linux each folder takes one
 * inotify watch, and the limits are shared by everything that the user runs.
 */
import { readFileSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Rules } from '../../engine/core/rules.ts'
import { join as joinPath } from '../../engine/core/tree.ts'
import { errorCode, errorMessage } from '../../platform/os-error.ts'
import { failed, ok, warning } from './check.ts'
import type { Check } from './check.ts'

const ID = 'watch-limits'

/** Other programs need some too: from this share of the limit on it is worth a word. */
const TIGHT_SHARE = 0.5

export interface InotifyLimits {
  readonly watches: number
  readonly instances: number
}

export function checkWatchLimits(folder: string, rules: Rules): Check {
  const needed = countFolders(folder, rules)
  const refused = refusalToWatch(folder)
  if (refused !== null) return refused
  const limits = readLimits()
  if (limits === null) return ok(ID, `The folder can be watched (folders in it: ${needed}).`)
  return judgeLimits(needed, limits)
}

export function judgeLimits(needed: number, limits: InotifyLimits): Check {
  const has = `Folders to watch: ${needed}; fs.inotify.max_user_watches allows ${limits.watches}.`
  if (needed >= limits.watches) return failed(ID, has, raise('max_user_watches', needed * 4))
  if (needed > limits.watches * TIGHT_SHARE) {
    return warning(ID, `${has} Other programs need watches too.`, raise('max_user_watches', needed * 4))
  }
  return ok(ID, has)
}

/** Tries it: only that tells how much of the limits other programs have taken. */
function refusalToWatch(folder: string): Check | null {
  try {
    watch(folder).close()
    return null
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EMFILE') {
      return failed(
        ID,
        'No inotify instance is left: other programs hold all of them.',
        raise('max_user_instances', 1024),
      )
    }
    if (code === 'ENOSPC') {
      return failed(
        ID,
        'No inotify watch is left: other programs hold all of them.',
        raise('max_user_watches', 524_288),
      )
    }
    return failed(
      ID,
      `The folder cannot be watched: ${errorMessage(error)}.`,
      'Without it, changes are found by looking every few seconds.',
    )
  }
}

function raise(name: string, atLeast: number): string {
  const value = Math.max(atLeast, name === 'max_user_watches' ? 524_288 : 1024)
  return (
    `Raise the limit: sudo sysctl fs.inotify.${name}=${value} ` +
    `(and in /etc/sysctl.d/ to keep it). Until then changes are found by polling.`
  )
}

function readLimits(): InotifyLimits | null {
  const read = (name: string): number => Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'))
  try {
    return { watches: read('max_user_watches'), instances: read('max_user_instances') }
  } catch {
    return null
  }
}

/** The folders that the engine watches: those in which something may sync. */
export function countFolders(folder: string, rules: Rules): number {
  let count = 0
  const waiting = [...rules.scanBases]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (rules.prunes(at)) continue
    const inside = foldersIn(join(folder, at))
    if (inside === null) continue
    count += 1
    for (const name of inside) waiting.push(joinPath(at, name))
  }
  return count
}

function foldersIn(path: string): string[] | null {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap(entry =>
      entry.isDirectory() ? [entry.name] : [],
    )
  } catch {
    return null
  }
}
