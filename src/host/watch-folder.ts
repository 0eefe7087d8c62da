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
import type { SessionEvent, SessionState, Status } from '../engine/status.ts'
import { folderHome } from '../platform/home.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { ConfigurationError } from './errors.ts'
import { openSession } from './open-session.ts'
import { loadProject, type Project, projectFingerprint, type ProjectSource } from './project.ts'
import { projectWithMissingRoot, rememberProject } from './remembered-project.ts'
import { switchedOffProblem } from './switched-off.ts'

/** How often the configuration files are looked at, in milliseconds; a change must last for two looks. */
const CONFIG_POLL_MS = 500
/** A backend that cannot be opened at all is tried again after this time, in milliseconds. */
const REOPEN_MS = 10_000
/** How often history beyond its limits is forgotten, in milliseconds. */
const PRUNE_MS = 60 * 60_000

export interface WatchRequest {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly log: Log
  readonly first: Pick<Project, 'folder'>
  /** The folder's own files where it is absent. */
  readonly source?: ProjectSource
  /** The caller's own; the one that the settings name where it is absent. */
  readonly adapter?: EngineAdapter
  readonly state: StateStore
  readonly signal: AbortSignal
  readonly onEvent: (event: SessionEvent) => void
  /** See `SessionOptions`. */
  readonly listensAtEnd?: boolean
  /** The session that runs now, for whoever shows what it knows; null once it has ended. */
  readonly onSession?: (session: Session | null) => void
}

export async function watchFolder(request: WatchRequest): Promise<void> {
  const { signal, state } = request
  const speaker = new Speaker(request.onEvent)
  const prune = (): Promise<number> => state.pruneHistory(Date.now())
  const pruning = setInterval(() => void prune(), PRUNE_MS)
  try {
    await prune()
    while (!signal.aborted) {
      const change = watchConfiguration(request, signal)
      try {
        const problem = await runSession(
          { ...request, signal: change.signal, onEvent: speaker.say },
          change.isCurrent,
        )
        speaker.stand(problem)
        if (problem?.code === 'switched-off') await notePause(state)
        if (problem !== null) await wait(change.signal, problem.retryAt ?? null)
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

/** Runs one session until the signal; the problem that kept it from running, or null. */
async function runSession(request: WatchRequest, isCurrent: () => boolean): Promise<Problem | null> {
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
  }
}

const STATES: Partial<Record<Problem['code'], SessionState>> = {
  'root-missing': 'held',
  'switched-off': 'paused',
  offline: 'offline',
  busy: 'offline',
}

/** Joins the words of one session after the other into those of one engine. */
class Speaker {
  readonly #onEvent: (event: SessionEvent) => void
  #wasReady = false
  #status: Status = { state: 'starting', pending: 0, conflicts: 0, problems: 0, lastSyncedAt: null }
  #standing: Problem | null = null

  constructor(onEvent: (event: SessionEvent) => void) {
    this.#onEvent = onEvent
  }

  readonly say = (event: SessionEvent): void => {
    if (event.type === 'ready' && this.#wasReady) return
    if (event.type === 'ready') this.#wasReady = true
    if (event.type === 'status') {
      this.stand(null)
      this.#status = event
    }
    this.#onEvent(event)
  }

  /** What keeps any session from running now, or null. */
  stand(problem: Problem | null): void {
    if (this.#standing !== null && this.#standing.code !== problem?.code) {
      this.#onEvent({ type: 'recovered', code: this.#standing.code })
    }
    this.#standing = problem
    if (problem === null) return
    this.#onEvent({ type: 'problem', ...problem })
    this.#status = { ...this.#status, state: STATES[problem.code] ?? 'error', problems: 1 }
    this.#onEvent({ type: 'status', ...this.#status })
  }
}

/** A signal that is aborted once the configuration has changed and come to rest, or with the outer signal. */
function watchConfiguration(
  { folder, source }: WatchRequest,
  outer: AbortSignal,
): { signal: AbortSignal; isCurrent: () => boolean; stop(): void } {
  const changed = new AbortController()
  const fingerprint = (): string => source?.fingerprint() ?? projectFingerprint(folder)
  const before = fingerprint()
  let latest = before
  const timer = setInterval(() => {
    const now = fingerprint()
    if (now !== before && now === latest) changed.abort()
    latest = now
  }, CONFIG_POLL_MS)
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
