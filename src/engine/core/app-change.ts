/**
 * Whether a folder is another app's than it was (R4.11). A package.json that is renamed names another app: its files
 * would be sent once more, as records that no other device reads, and each side would say that it is in step.
 */
import type { Problem } from './problem.ts'

/** What tells one base of a folder from another. */
interface AppScope {
  readonly database: string
  readonly appId: string
}

export interface AppChange {
  readonly from: string
  readonly to: string
}

/** `watched`: what the folder was last kept in step with. In another database every app begins anew (R4.1). */
export function appChangeOf(watched: readonly AppScope[], now: readonly AppScope[]): AppChange | null {
  const [current] = now
  if (current === undefined) return null
  const sameDatabase = watched.filter(({ database }) => database === current.database)
  const [former] = sameDatabase
  if (former === undefined || sameDatabase.some(({ appId }) => appId === current.appId)) return null
  return { from: former.appId, to: current.appId }
}

export function appChangeProblem({ from, to }: AppChange): Problem {
  const message = `This folder was kept in step as the app ${from}, and is named ${to} now (FILE_SYNC_APP_ID, or the name in package.json). Until a person decides nothing is sent or received. To stay with ${from}, set FILE_SYNC_APP_ID=${from} in .env; to go on as ${to}, run lockstep approve.`
  return { code: 'app-changed', message }
}
