/**
 * The engine of a program that embeds it (src/sync): one folder, whose two channels are switched on one after
 * the other. Holds the folder's lock (R14) and its state from the first start to the end.
 */
import { join } from 'node:path'
import { conflictSides } from '../engine/conflict-report.ts'
import type { Environment } from '../engine/core/settings.ts'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import type { Log } from '../engine/ports/log.ts'
import type { ConflictSides } from '../engine/report.ts'
import type { SessionEvent } from '../engine/status.ts'
import { acquireEngineLock, type EngineLock } from '../platform/engine-lock.ts'
import { lockstepHome } from '../platform/home.ts'
import { stateFolderOf } from './moved-project.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { errorMessage } from '../platform/os-error.ts'
import { openStateStore, type OpenedStateStore } from '../platform/state/store.ts'
import { FolderHeldError } from './errors.ts'
import { FirstContact } from './first-contact.ts'
import { scopesOf } from './open-session.ts'
import type { Project, ProjectSource } from './project.ts'
import { requireStateHome } from './state-home.ts'
import { watchFolder } from './watch-folder.ts'

export interface EmbeddedEngineOptions {
  /** The real environment. */
  readonly env: Environment
  readonly log: Log
  /** The program's own, which it disposes itself; the one that the settings name where it is absent. */
  readonly adapter?: EngineAdapter
  readonly onEvent: (event: SessionEvent) => void
}

interface Run {
  readonly stop: AbortController
  /** Never rejects. */
  readonly ended: Promise<void>
}

/** What is held as long as the engine is. */
interface Hold {
  readonly folder: string
  readonly home: string
  readonly lock: EngineLock
  readonly state: OpenedStateStore
}

export class EmbeddedEngine {
  readonly #options: EmbeddedEngineOptions
  #hold: Hold | null = null
  #run: Run | null = null
  /** As it was last loaded: the configuration may be broken now. */
  #project: Project | null = null

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options
  }

  /**
   * Runs with this configuration, instead of the one before. Resolves when both sides have been looked at, or
   * when the database is offline or a person is needed: the engine goes on trying by itself (R13). Rejects with
   * ConfigurationError, FolderHeldError or SyncError where nothing but a change of the configuration, or
   * of the database, can help; then nothing runs.
   */
  async run(source: ProjectSource): Promise<void> {
    await this.#endRun()
    const remembering = { ...source, load: () => (this.#project = source.load()) }
    const { folder } = remembering.load()
    const hold = (this.#hold ??= await this.#take(folder))
    const stop = new AbortController()
    const contact = new FirstContact()
    const ended = this.#watch(hold, remembering, stop.signal, contact)
    this.#run = { stop, ended }
    const failure = await contact.made
    if (failure === null) return
    await this.#endRun()
    throw failure
  }

  /** Carries out what was seen, then lets go of everything. */
  async stop(): Promise<void> {
    await this.#endRun()
    const hold = this.#hold
    this.#hold = null
    hold?.state.close()
    hold?.lock.release()
  }

  /** The conflicts that are open now. */
  conflicts(): ConflictSides[] {
    const project = this.#project
    if (this.#hold === null || project === null) return []
    const { state } = this.#hold
    const ports = { fs: openFileSystem(project.folder), codec: nodeCodec, state }
    return scopesOf(project, state).flatMap(({ scope, channel }) => conflictSides(ports, scope, channel))
  }

  async #take(folder: string): Promise<Hold> {
    requireStateHome(this.#options.env)
    const home = lockstepHome(this.#options.env)
    const ownHome = stateFolderOf(home, folder)
    const command = `a program with lockstep/sync (${process.argv[1] ?? process.title})`
    const lock = await acquireEngineLock(ownHome, { pid: process.pid, startedAt: Date.now(), command })
    if ('heldBy' in lock) throw new FolderHeldError(folder, lock.heldBy)
    try {
      const state = openStateStore(join(ownHome, 'state.db'))
      if (state.notice !== null) this.#options.log.error(state.notice.message, { error: state.notice.code })
      return { folder, home, lock, state }
    } catch (error) {
      lock.release()
      throw error
    }
  }

  async #watch(
    { folder, home, state }: Hold,
    source: ProjectSource,
    signal: AbortSignal,
    contact: FirstContact,
  ): Promise<void> {
    const { env, log, adapter, onEvent } = this.#options
    try {
      await watchFolder({
        folder,
        env,
        home,
        log,
        first: { folder },
        source,
        ...(adapter === undefined ? {} : { adapter }),
        state,
        signal,
        onEvent: event => {
          onEvent(event)
          contact.note(event)
        },
      })
      contact.end(null)
    } catch (error) {
      if (contact.isMade) log.error(`sync has ended: ${errorMessage(error)}`, { error: errorMessage(error) })
      contact.end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #endRun(): Promise<void> {
    const run = this.#run
    this.#run = null
    run?.stop.abort()
    await run?.ended
  }
}
