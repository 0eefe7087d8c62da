/**
 * What went wrong with one file, or with the whole folder, as a value that a person can read (R12).
 *
 * A problem is never dropped: it stays listed until the cause is gone, and the path is tried again (R13)
 * unless trying cannot help (`permanent`).
 */

export type ProblemCode =
  // refused, because the record must not become a file here (R10, R11)
  | 'unsafe-path'
  | 'denied'
  | 'link'
  | 'foreign-id'
  | 'server-record'
  | 'undecodable'
  | 'unsupported-name'
  | 'name-collision'
  // cannot be synced as it is
  | 'too-large'
  | 'not-a-file'
  | 'private-without-user'
  | 'both-channels'
  | 'private-elsewhere'
  | 'left-out'
  // the file system said no
  | 'permission'
  | 'disk-full'
  | 'blocked-by-file'
  | 'blocked-by-directory'
  | 'io'
  // the watcher
  | 'watch-limit'
  | 'watch-failed'
  // the configuration
  | 'config-missing'
  | 'config-invalid'
  | 'settings-invalid'
  | 'switched-off'
  // the database
  | 'offline'
  | 'busy'
  | 'database-denied'
  | 'schema'
  | 'quota'
  | 'database-error'
  // the folder as a whole
  | 'root-missing'
  | 'app-changed'

export interface Problem {
  readonly code: ProblemCode
  /** One or two sentences: what is wrong, and what to do. */
  readonly message: string
  /** Project-relative; absent where the problem is the folder's. */
  readonly path?: string
  /** When it is tried again, in milliseconds since the epoch; absent where only a change can help. */
  readonly retryAt?: number
}

/** Codes of records that are refused for what they are: nothing this device does can bring them into step. */
const REFUSALS: ReadonlySet<ProblemCode> = new Set([
  'unsafe-path',
  'denied',
  'link',
  'foreign-id',
  'server-record',
  'undecodable',
  'unsupported-name',
  'too-large',
  'not-a-file',
  'private-without-user',
  'both-channels',
  'left-out',
])

export function isRefusal(problem: Problem): boolean {
  return REFUSALS.has(problem.code)
}
