/** Files that synced before and are on the denylist now: by an update, or as the folder's own settings name them (R10.9). */
import type { Problem } from './problem.ts'

const LISTED = 20

export function nowDeniedProblem(paths: readonly string[]): Problem {
  const more = paths.length - LISTED
  const names = paths.slice(0, LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '')
  const what =
    paths.length === 1
      ? 'A file that synced until now never does'
      : `${paths.length} files that synced until now never do`
  return {
    code: 'now-denied',
    message: `${what} any more: ${names}. Nothing is deleted: what is here stays here, and what the database holds stays there. If it holds a secret, remove it from the database and change the secret. lockstep explain tells the reason of each. This is said once.`,
  }
}
