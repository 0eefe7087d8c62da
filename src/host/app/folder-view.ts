/** A folder's state as clients see it, put together from what its parts know. */
import type { FolderState, ListRevisions } from '../../contract/state.ts'
import type { Problem as SeenProblem } from '../../contract/words.ts'
import { isFolderHeld } from '../../engine/core/guard.ts'
import type { Problem } from '../../engine/core/problem.ts'
import type { HoldRecord } from '../../engine/ports/state-store.ts'
import type { SessionState } from '../../engine/status.ts'
import type { KnownFolder } from './app-file.ts'
import { backendName } from './backend-forms.ts'
import type { FolderConfiguration } from './folder-configuration.ts'
import type { FolderEngine } from './folder-engine.ts'
import type { StoredFolder } from './stored-folder.ts'

export interface FolderParts {
  readonly known: KnownFolder
  readonly isPausedAll: boolean
  readonly configuration: FolderConfiguration
  readonly engine: FolderEngine
  readonly stored: StoredFolder
  readonly files: number | null
  readonly lastChange: FolderState['lastChange']
  readonly curve: number[]
  readonly revisions: ListRevisions
}

const PROBLEMS_SHOWN = 20

const WORKING: ReadonlySet<SessionState> = new Set(['starting', 'scanning', 'syncing'])

export function folderView(parts: FolderParts): FolderState {
  const { known, engine, configuration, stored } = parts
  const { project, fault } = configuration
  const { session, progress, status } = engine
  const channels = session?.context.channels ?? null
  return {
    id: known.id,
    name: configuration.name,
    path: known.path,
    contentRoot: project?.contentRoot ?? null,
    configFile: project?.configFile ?? null,
    isSample: known.isSample,
    state: stateOf(parts),
    paused: known.isPaused ? 'folder' : parts.isPausedAll ? 'all' : 'no',
    switchedOff: project !== null && !project.settings.enabled,
    isReady: engine.isReady,
    // The end of a look that found nothing to do is told by no status.
    progress:
      progress !== null && WORKING.has(status.state)
        ? { step: progress.step, done: progress.done, total: progress.total }
        : null,
    files: parts.files,
    pending: session === null ? 0 : status.pending,
    conflicts: channels?.reduce((sum, { conflicts }) => sum + conflicts.size, 0) ?? stored.conflicts.length,
    holds: countHolds(parts, ({ reason }) => isFolderHeld(reason)),
    waiting: countHolds(parts, ({ reason }) => !isFolderHeld(reason)),
    problems: engine.folderProblems.size + engine.fileProblems.size,
    problemList: firstProblems(engine),
    lastSyncedAt: status.lastSyncedAt ?? stored.lastSyncedAt,
    lastChange: parts.lastChange,
    curve: parts.curve,
    backend: project && {
      kind: project.database.backend,
      label: backendName(project.database.backend),
      database: project.database.description,
      appId: project.appId,
      userId: project.userId,
    },
    fault,
    heldBy: engine.heldBy,
    untrusted: configuration.untrusted,
    revisions: parts.revisions,
  }
}

function stateOf({ engine, configuration }: FolderParts): FolderState['state'] {
  if (engine.isRunning) return engine.status.state
  return configuration.fault === null ? 'paused' : 'error'
}

/** What keeps the whole folder from syncing first, then single files. */
function firstProblems({ folderProblems, fileProblems }: FolderEngine): SeenProblem[] {
  const first: SeenProblem[] = []
  for (const problems of [folderProblems, fileProblems]) {
    for (const problem of problems.values()) {
      if (first.length === PROBLEMS_SHOWN) return first
      first.push(seen(problem))
    }
  }
  return first
}

function seen({ code, message, path, retryAt }: Problem): SeenProblem {
  return { code, message, path: path ?? null, retryAt: retryAt ?? null }
}

function countHolds({ engine, stored }: FolderParts, isCounted: (hold: HoldRecord) => boolean): number {
  const channels = engine.session?.context.channels
  const holds = channels?.flatMap(channel => [...channel.holds.values()]) ?? stored.holds
  return holds.filter(isCounted).length
}
