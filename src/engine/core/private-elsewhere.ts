/**
 * Files that lie here as the private ones of another user, or that were private by other patterns (R15).
 *
 * A path alone does not say whose file it is: the folder remembers which private channels have agreed on it. Until a
 * person has handed it over, what lies here is neither sent as another's, nor replaced by what another channel holds.
 */
import type { FilesBreak } from './breaks.ts'
import type { BaseEntry, Channel } from './entry.ts'
import type { Problem } from './problem.ts'
import type { Action } from './reconcile.ts'

/** While nobody watched this channel the file may have been the other user's. */
const AWAY: ReadonlySet<FilesBreak> = new Set(['elsewhere', 'handed-over', 'unwatched'])

interface FileOfAnother {
  readonly channel: Channel
  /** What this channel has agreed on. */
  readonly base: BaseEntry | null
  readonly isHere: boolean
}

/** Whether what is to be done about a file that another private channel has agreed on waits for a person. */
export function waitsForHandover({ channel, base, isHere }: FileOfAnother, kind: Action['kind']): boolean {
  if (!isHere) return false
  switch (kind) {
    case 'none':
    case 'forget':
    case 'adopt':
    case 'compare':
    case 'delete-remote':
      return false
    case 'push':
    case 'conflict':
      // What this user has agreed on since is this user's: users may take turns in one folder.
      return channel === 'shared' || base === null || (base.doubt !== undefined && AWAY.has(base.doubt))
    case 'pull':
    case 'delete-local':
      return channel === 'shared'
  }
}

/** For whoever wants to put back what is held, and there is nothing to put back. */
export function privateElsewhereProblem(files: number): Problem {
  const [what, them] = files === 1 ? ['1 file stays', 'it'] : [`${files} files stay`, 'them']
  const message = `${what} here and ${files === 1 ? 'is' : 'are'} sent to nobody. Set FILE_SYNC_USER_ID or the patterns back as they were, or let ${them} go with lockstep approve.`
  return { code: 'private-elsewhere', message }
}
