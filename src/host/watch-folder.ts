/**
 * Keeps a folder in step while its configuration changes under it: each state of the configuration gets a
 * session of its own. A broken configuration stops sync, deletes nothing, and is tried again when mended.
 */
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import type { Log } from '../engine/ports/log.ts'
import type { StateStore } from '../engine/ports/state-store.ts'
import { databaseProblem } from '../engine/file-problem.ts'
import type { Problem } from '../engine/core/problem.ts'
import { rootMissingProblem } from '../engine/root.ts'
import type { Session } from '../engine/session.ts'
import type { SessionEvent } from '../engine/status.ts'
import { folderHome } from '../platform/home.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { ConfigurationError } from './errors.ts'
import { openSession } from './open-session.ts'
import { pruneHistory } from './prune-history.ts'
import { loadProject, type Project, projectFingerprint, type ProjectSource } from './project.ts'
import { projectWithMissingRoot, rememberProject } from './remembered-project.ts'
import type { Speaker } from './speaker.ts'
import { switchedOffProblem } from './switched-off.ts'

/** How often the configuration files and the state's place are looked at, in milliseconds; a configuration must last for two looks. */
const POLL_MS = 500
/** A backend that cannot be opened at all is tried again after this time, in milliseconds. */
const REOPEN_MS = 10_000
/** How often history beyond its limits is forgotten, in milliseconds. */
const PRUNE_MS = 60 * 60_000

export interface WatchRequest {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly log: Log
  /** The project that `folder` belongs to. */
  readonly first: Pick<Project, 'folder'>
  /** The folder's own files where it is absent. */
  readonly source?: ProjectSource
  /** The caller's own; the one that the settings name where it is absent. */
  readonly adapter?: EngineAdapter
  readonly state: StateStore
  readonly signal: AbortSignal
  readonly speaker: Speaker
  /** Whether the state is still the one that the next engine would find. */
  readonly isInPlace: () => boolean
  /** See `SessionOptions`. */
  readonly listensAtEnd?: boolean
  /** The session that runs now, for whoever shows what it knows; null once it has ended. */
  readonly onSession?: (session: Session | null) => void
}

/** Until the signal, or until the state is no longer in its place. Rejects where a session could not go on. */
export async function watchFolder(request: WatchRequest): Promise<void> {
  const { signal, state, speaker, log } = request
  const pruning = setInterval(() => void pruneHistory(state, log), PRUNE_MS)
  try {
    await pruneHistory(state, log)
    while (!signal.aborted && request.isInPlace()) {
      const change = watchForChange(request, signal)
      try {
        const problem = await runSession(
          { ...request, signal: change.signal, onEvent: speaker.say },
          change.isCurrent,
        )
        if (problem === null) continue
        speaker.stand(problem)
        if (problem.code === 'switched-off') await notePause(state)
        await wait(change.signal, problem.retryAt ?? null)
      } finally {
        change.stop()
      }
    }
  } finally {
    clearInterval(pruning)
  }
}

/** Where it is the engine's own environment that switches it off, nobody else could know. */
async function notePause(state: StateStore): Promise<void> {
  const known = state.loadStatus() ?? { pending: 0, conflicts: 0, problems: 0, lastSyncedAt: null }
  await state.commit([{ kind: 'status-set', status: { ...known, state: 'paused', at: Date.now() } }])
}

interface SessionRun extends WatchRequest {
  readonly onEvent: (event: SessionEvent) => void
}

/** Runs one session until the signal; the problem that kept it from running, or null. */
async function runSession(request: SessionRun, isCurrent: () => boolean): Promise<Problem | null> {
  const { log, state, signal, onEvent } = request
  try {
    const project = request.source?.load() ?? loadProject(request.folder, request.env)
    const off = switchedOffProblem(project, request.env)
    if (off !== null) return off
    rememberProject(folderHome(request.home, project.folder), project)
    const opened = await openSession({
      project,
      env: request.env,
      ...(request.adapter === undefined ? {} : { adapter: request.adapter }),
      state,
      log,
      signal,
      onEvent,
      isPreview: false,
      isCurrent,
      listensAtEnd: request.listensAtEnd ?? false,
    })
    try {
      const { ChokidarWatcher } = await import('../platform/chokidar-watcher.ts')
      request.onSession?.(opened.session)
      await opened.session.watch(new ChokidarWatcher(project.folder))
    } finally {
      request.onSession?.(null)
      await opened.close()
    }
    return null
  } catch (error) {
    if (error instanceof ConfigurationError) return configurationProblem(error, request)
    if (error instanceof AdapterError) return { ...databaseProblem(error), retryAt: Date.now() + REOPEN_MS }
    throw error
  }
}

function configurationProblem(error: ConfigurationError, { first, home, env }: WatchRequest): Problem {
  const missing = projectWithMissingRoot(error, folderHome(home, first.folder), first.folder, env)
  if (missing !== null) return rootMissingProblem(missing.contentRoot)
  switch (error.code) {
    case 'config-missing':
    case 'folder-missing':
      return { code: 'config-missing', message: error.message }
    case 'config-invalid':
    case 'settings-invalid':
      return { code: error.code, message: error.message }
    case 'config-changed':
      return { code: 'config-invalid', message: error.message }
    case 'adapter-missing':
    case 'adapter-untrusted':
      // Neither the module nor a person's agreement is among the files whose change is noticed.
      return { code: 'settings-invalid', message: error.message, retryAt: Date.now() + REOPEN_MS }
    case 'unconfirmed':
      return { code: 'unconfirmed', message: error.message, retryAt: Date.now() + REOPEN_MS }
  }
}

/** A signal that is aborted once the configuration has changed and come to rest, the state is gone, or with the outer signal. */
function watchForChange(
  { folder, source, isInPlace }: WatchRequest,
  outer: AbortSignal,
): { signal: AbortSignal; isCurrent: () => boolean; stop(): void } {
  const changed = new AbortController()
  const fingerprint = (): string => source?.fingerprint() ?? projectFingerprint(folder)
  const before = fingerprint()
  let latest = before
  const timer = setInterval(() => {
    const now = fingerprint()
    if ((now !== before && now === latest) || !isInPlace()) changed.abort()
    latest = now
  }, POLL_MS)
  return {
    signal: AbortSignal.any([outer, changed.signal]),
    isCurrent: () => fingerprint() === before,
    stop: () => clearInterval(timer),
  }
}

/** Until the signal, or until `at` (milliseconds since the epoch) where there is one. */
async function wait(signal: AbortSignal, at: number | null): Promise<void> {
  await nodeClock.sleep(at === null ? 2 ** 31 - 1 : at - Date.now(), signal)
}
