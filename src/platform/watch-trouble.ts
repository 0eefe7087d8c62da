/** What a watcher's failure means, and what a person can do about it. */
import { readFileSync } from 'node:fs'
import type { Problem } from '../engine/core/problem.ts'
import { errorCode, errorMessage } from './os-error.ts'

/** What desktop distributions and editors recommend; costs up to 0.5 GB of kernel memory if all are used. */
const GENEROUS_WATCHES = 524_288
const GENEROUS_INSTANCES = 1_024

export function watchProblem(error: unknown, pollMs: number): Problem {
  const meanwhile = `Until then Lockstep looks for changes every ${Math.round(pollMs / 1000)} seconds.`
  switch (errorCode(error)) {
    case 'ENOSPC':
      return limitProblem('max_user_watches', 'folders that may be watched', GENEROUS_WATCHES, meanwhile)
    case 'EMFILE':
      return limitProblem('max_user_instances', 'programs that may watch', GENEROUS_INSTANCES, meanwhile)
    default:
      return {
        code: 'watch-failed',
        message: `Watching the folder failed: ${errorMessage(error)}. ${meanwhile}`,
      }
  }
}

function limitProblem(setting: string, counted: string, generous: number, meanwhile: string): Problem {
  const limit = readLimit(setting)
  const figure = Math.max(generous, 2 * (limit ?? 0))
  const command = `sudo sysctl fs.inotify.${setting}=${figure}`
  const now = limit === null ? '' : ` of ${limit}`
  const keep = `to keep that over a restart, put fs.inotify.${setting}=${figure} into /etc/sysctl.d/60-inotify.conf`
  return {
    code: 'watch-limit',
    message: `The system's limit${now} on ${counted} is reached. Raise it with: ${command} (${keep}). ${meanwhile}`,
  }
}

/** Null where the system has no such limit, or does not tell. */
function readLimit(setting: string): number | null {
  try {
    const limit = Number(readFileSync(`/proc/sys/fs/inotify/${setting}`, 'utf8'))
    return Number.isSafeInteger(limit) ? limit : null
  } catch {
    return null
  }
}
