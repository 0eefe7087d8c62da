/**
 * Runs one folder's engine in this process, again and again: a broken configuration is waited for, another
 * engine too (R14), and whatever fails without a name is tried again with backoff (R13). Keeps what the
 * engine says, for whoever shows it.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '../../engine/core/backoff.ts'
import type { Problem } from '../../engine/core/problem.ts'
import type { Retention } from '../../engine/core/retention.ts'
import type { Log } from '../../engine/ports/log.ts'
import type { EngineHolder } from '../../engine/report.ts'
import type { Session } from '../../engine/session.ts'
import type { SessionEvent, Status } from '../../engine/status.ts'
import { acquireEngineLock } from '../../platform/engine-lock.ts'
import { stateFolderOf } from '../moved-project.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { openStateStore } from '../../platform/state/store.ts'
import { ConfigurationError } from '../errors.ts'
import { realFolder } from '../locate-project.ts'
import { watchFolder } from '../watch-folder.ts'
import { keepRetention } from './stored-folder.ts'

export interface FolderEngineOptions {
  readonly path: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** LOCKSTEP_HOME. */
  readonly home: string
  readonly command: string
  readonly log: Log
  /** How long the folder's history is kept; written into its state, for every engine that works on it. */
  readonly retention: () => Retention
  readonly onEvent: (event: SessionEvent) => void
  /** A session has begun or ended, or what keeps the engine from running is another. */
  readonly onChange: () => void
}

type Progress = Extract<SessionEvent, { type: 'progress' }>

/** Something other than a session's own words keeps the engine from running. */
export interface Obstacle {
  readonly code: 'folder-missing' | 'held-elsewhere' | 'engine-failed'
  readonly message: string
  readonly retryAt: number
}

/** A folder that is gone, or is kept by another engine, is looked for this often, in milliseconds. */
const LOOK_AGAIN_MS = 2_000

const STARTING: Status = { state: 'starting', pending: 0, conflicts: 0, problems: 0, lastSyncedAt: null }

export class FolderEngine {
  readonly #options: FolderEngineOptions
  /** By path and code; those of the folder itself apart, since they are asked for again and again. */
  readonly #fileProblems = new Map<string, Problem>()
  readonly #folderProblems = new Map<string, Problem>()
  #stopping: AbortController | null = null
  #running: Promise<void> = Promise.resolve()
  #status: Status = STARTING
  #session: Session | null = null
  #isReady = false
  #progress: Progress | null = null
  #obstacle: Obstacle | null = null
  #heldBy: EngineHolder | null = null
  #failures = 0

  constructor(options: FolderEngineOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#stopping !== null
  }
  get status(): Status {
    return this.#status
  }
  /** The session that runs now, with all it knows of the files; null between sessions. */
  get session(): Session | null {
    return this.#session
  }
  get isReady(): boolean {
    return this.#isReady
  }
  get progress(): Progress | null {
    return this.#progress
  }
  get obstacle(): Obstacle | null {
    return this.#obstacle
  }
  get heldBy(): EngineHolder | null {
    return this.#heldBy
  }
  get fileProblems(): ReadonlyMap<string, Problem> {
    return this.#fileProblems
  }
  get folderProblems(): ReadonlyMap<string, Problem> {
    return this.#folderProblems
  }

  start(): void {
    if (this.#stopping !== null) return
    const stopping = new AbortController()
    this.#stopping = stopping
    this.#status = { ...STARTING, lastSyncedAt: this.#status.lastSyncedAt }
    const former = this.#running
    this.#running = former.then(() => this.#run(stopping.signal))
  }

  /** Resolves when what was under way has been flushed. */
  async stop(): Promise<void> {
    this.#stopping?.abort()
    this.#stopping = null
    await this.#running
    this.#forget()
  }

  /** Makes it look for a person's decisions now. */
  nudge(): void {
    this.#session?.markDirty([])
  }

  /** Looks at both sides anew, and tries again at once what waits for its next try. */
  syncNow(): boolean {
    const session = this.#session
    if (session === null) return false
    for (const channel of session.context.channels) {
      for (const [path, retry] of channel.retries) channel.retries.set(path, { ...retry, nextAt: Date.now() })
    }
    session.markEverything()
    return true
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.#runOnce(signal)
      if (signal.aborted) break
      this.#options.onChange()
      await sleep(wait, undefined, { signal }).catch(() => {})
    }
  }

  /** Until the signal or a failure; how long to wait then, in milliseconds. */
  async #runOnce(signal: AbortSignal): Promise<number> {
    const { path, home, command, log } = this.#options
    try {
      const folder = realFolder(path)
      const stateFolder = stateFolderOf(home, folder)
      const lock = await acquireEngineLock(stateFolder, { pid: process.pid, startedAt: Date.now(), command })
      if ('heldBy' in lock) return this.#waitFor(lock.heldBy)
      this.#noObstacle()
      try {
        await this.#watch(folder, stateFolder, signal)
      } finally {
        lock.release()
      }
      return 0
    } catch (error) {
      if (signal.aborted) return 0
      if (error instanceof ConfigurationError) return this.#blocked('folder-missing', error.message)
      this.#failures += 1
      log.error('the engine of a folder has failed and is started again', {
        folder: path,
        error: stackOf(error),
      })
      const wait = backoffMs(this.#failures, Math.random())
      return this.#blocked('engine-failed', `Sync has failed: ${errorMessage(error)}`, wait)
    }
  }

  async #watch(folder: string, stateFolder: string, signal: AbortSignal): Promise<void> {
    const { env, home, log, retention } = this.#options
    const state = openStateStore(join(stateFolder, 'state.db'))
    if (state.notice !== null) log.error(state.notice.message, { error: state.notice.code })
    try {
      await keepRetention(state, retention())
      await watchFolder({
        folder,
        env,
        log,
        home,
        first: { folder },
        state,
        signal,
        onEvent: event => this.#take(event),
        onSession: session => this.#takeSession(session),
      })
    } finally {
      state.close()
    }
  }

  #takeSession(session: Session | null): void {
    this.#session = session
    if (session !== null) this.#forgetProblems()
    this.#progress = null
    this.#options.onChange()
  }

  #take(event: SessionEvent): void {
    switch (event.type) {
      case 'status': {
        const { state, pending, conflicts, problems, lastSyncedAt } = event
        this.#status = { state, pending, conflicts, problems, lastSyncedAt }
        if (state === 'idle') this.#failures = 0
        if (state !== 'scanning' && state !== 'syncing') this.#progress = null
        break
      }
      case 'ready':
        this.#isReady = true
        break
      case 'progress':
        this.#progress = event
        break
      case 'problem':
        this.#problemsOf(event).set(`${event.code} ${event.path ?? ''}`, event)
        break
      case 'recovered':
        this.#problemsOf(event).delete(`${event.code} ${event.path ?? ''}`)
        break
      case 'file':
        break
    }
    this.#options.onEvent(event)
  }

  #problemsOf({ path }: { readonly path?: string }): Map<string, Problem> {
    return path === undefined ? this.#folderProblems : this.#fileProblems
  }

  #forgetProblems(): void {
    this.#fileProblems.clear()
    this.#folderProblems.clear()
  }

  #waitFor(holder: EngineHolder): number {
    this.#heldBy = holder
    const message = `Process ${holder.pid} (${holder.command}) keeps this folder in step. Stop that one to sync here.`
    return this.#blocked('held-elsewhere', message)
  }

  #blocked(code: Obstacle['code'], message: string, wait: number = LOOK_AGAIN_MS): number {
    if (code !== 'held-elsewhere') this.#heldBy = null
    this.#obstacle = { code, message, retryAt: Date.now() + wait }
    this.#status = { ...this.#status, state: 'error' }
    return wait
  }

  #noObstacle(): void {
    this.#obstacle = null
    this.#heldBy = null
    this.#options.onChange()
  }

  #forget(): void {
    this.#session = null
    this.#isReady = false
    this.#progress = null
    this.#obstacle = null
    this.#heldBy = null
    this.#forgetProblems()
    this.#status = { ...this.#status, state: 'paused', problems: 0 }
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
