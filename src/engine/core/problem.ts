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
  | 'now-denied'
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
  | 'content-waits'
  | 'secret'
  | 'left-out'
  | 'folder-pattern'
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
  /** Where the settings lead waits for a person's word. */
  | 'unconfirmed'
  | 'switched-off'
  // the database
  | 'offline'
  | 'busy'
  | 'database-denied'
  | 'schema'
  | 'quota'
  | 'never-won'
  | 'database-error'
  // the folder as a whole
  | 'root-missing'
  | 'app-changed'
  // the engine as a whole
  | 'folder-missing'
  | 'held-elsewhere'
  | 'state-failed'
  | 'state-moved'
  | 'state-damaged'
  | 'engine-failed'

export interface Problem {
  readonly code: ProblemCode
  /** One or two sentences: what is wrong, and what to do. */
  readonly message: string
  /** Project-relative; absent where the problem is the folder's. */
  readonly path?: string
  /** When it is tried again, in milliseconds since the epoch; absent where only a change can help. */
  readonly retryAt?: number
}

type Kind =
  /** Of a file or a record that is refused for what it is: trying again changes nothing. */
  | 'refusal'
  /** Something could not be done and waits for its next try, or for a person. */
  | 'failure'
  /** A state of the folder that is told as such, with an exit code of its own. */
  | 'state'
  /** All goes on; a person should know. */
  | 'notice'

const KINDS: Readonly<Record<ProblemCode, Kind>> = {
  'unsafe-path': 'refusal',
  denied: 'refusal',
  'now-denied': 'notice',
  link: 'refusal',
  'foreign-id': 'refusal',
  'server-record': 'refusal',
  undecodable: 'refusal',
  'unsupported-name': 'refusal',
  'name-collision': 'refusal',
  'too-large': 'refusal',
  'not-a-file': 'refusal',
  'private-without-user': 'refusal',
  'both-channels': 'refusal',
  'private-elsewhere': 'state',
  'content-waits': 'state',
  secret: 'state',
  'left-out': 'refusal',
  'folder-pattern': 'notice',
  permission: 'failure',
  'disk-full': 'failure',
  'blocked-by-file': 'failure',
  'blocked-by-directory': 'failure',
  io: 'failure',
  'watch-limit': 'notice',
  'watch-failed': 'notice',
  'config-missing': 'failure',
  'config-invalid': 'failure',
  'settings-invalid': 'failure',
  unconfirmed: 'failure',
  'switched-off': 'state',
  offline: 'state',
  busy: 'state',
  'database-denied': 'failure',
  schema: 'failure',
  quota: 'failure',
  'never-won': 'failure',
  'database-error': 'failure',
  'root-missing': 'state',
  'app-changed': 'state',
  'folder-missing': 'failure',
  'held-elsewhere': 'failure',
  'state-failed': 'failure',
  'state-moved': 'notice',
  'state-damaged': 'notice',
  'engine-failed': 'failure',
}

export function isRefusal({ code }: Pick<Problem, 'code'>): boolean {
  return KINDS[code] === 'refusal'
}

/** It says what the file is, and is over when that goes, not when something is carried out with it. */
export function isLasting({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'both-channels'
}

/** Whoever asks later finds it no more. */
export function isToldOnce({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'now-denied'
}

/** Something that should be in step is not, because of it. */
export function isFailure({ code }: Pick<Problem, 'code'>): boolean {
  return KINDS[code] === 'failure'
}
