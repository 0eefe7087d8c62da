/** What a command's exit code says to a script (design, section 5). */
import { isFolderHeld } from '../engine/core/guard.ts'
import { isFailure } from '../engine/core/problem.ts'
import type { StatusReport } from '../engine/report.ts'
import type { SyncOutcome } from '../host/folder.ts'

export const EXIT = {
  /** In step, or done. */
  ok: 0,
  error: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** A person is needed: a conflict or a hold. */
  person: 3,
  /** Another engine holds the folder. */
  held: 4,
} as const

/** What shells expect of a program that ended through SIGINT. */
export const EXIT_INTERRUPTED = 130

export type ExitCode = number

/** After `sync`: what could not be carried out counts; a record that is refused for what it is does not. */
export function exitAfterSync({ status, problemList }: SyncOutcome): ExitCode {
  if (status.conflicts > 0 || status.state === 'held') return EXIT.person
  if (status.state === 'error' || status.state === 'offline') return EXIT.error
  return status.pending > 0 || problemList.some(isFailure) ? EXIT.error : EXIT.ok
}

/** Of a look at the folder: files that wait for the next sync are nothing wrong; those that have failed are. */
export function exitOfStatus(status: StatusReport): ExitCode {
  const isHeld = status.state === 'held' || status.holds.some(({ reason }) => isFolderHeld(reason))
  if (status.conflicts > 0 || isHeld) return EXIT.person
  return status.state === 'error' || status.problemList.some(isFailure) ? EXIT.error : EXIT.ok
}
