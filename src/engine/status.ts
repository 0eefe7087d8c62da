/** What a session says of itself while it runs: facts, in the order in which they happened. */
import type { Channel } from './core/entry.ts'
import type { Problem } from './core/problem.ts'

export type SessionState =
  | 'starting'
  | 'scanning'
  | 'syncing'
  | 'idle'
  | 'offline'
  | 'paused'
  | 'held'
  | 'error'

/** `idle` with `pending` 0 means in step with what both sides are known to hold. */
export interface Status {
  readonly state: SessionState
  /** Paths with something left to do, those waiting for a retry included. */
  readonly pending: number
  readonly conflicts: number
  readonly problems: number
  /** When everything was last in step, in milliseconds since the epoch. */
  readonly lastSyncedAt: number | null
}

export type FileAction =
  | 'push'
  | 'pull'
  | 'merge'
  | 'delete-local'
  | 'delete-remote'
  | 'conflict'
  | 'skip'
  | 'resolve'

export type SessionEvent =
  /** Once, after the first scan of both sides. */
  | { readonly type: 'ready' }
  | ({ readonly type: 'status' } & Status)
  | {
      readonly type: 'file'
      readonly path: string
      readonly channel: Channel
      readonly action: FileAction
      readonly reason: string
    }
  | ({ readonly type: 'problem' } & Problem)
  /** A problem that was reported is gone. */
  | { readonly type: 'recovered'; readonly path?: string; readonly code: Problem['code'] }
  /** Long work: how far one step is. `total` is null where it is not known yet. */
  | {
      readonly type: 'progress'
      readonly step: 'scan' | 'heads' | 'compare' | 'apply'
      readonly done: number
      readonly total: number | null
    }

export interface SyncSummary {
  readonly pushed: number
  readonly pulled: number
  readonly merged: number
  readonly deletedLocal: number
  readonly deletedRemote: number
  readonly conflicts: number
  readonly skipped: number
  readonly problems: number
  /** Conflicts that a policy or a person ended, where there were any. What came or went for it is counted above, too. */
  readonly resolved?: number
  /** Files that wait for their content (R10.6), where there are any. */
  readonly waiting?: number
}
