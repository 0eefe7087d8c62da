/**
 * The engine of a program that embeds it (src/sync): one folder, whose two channels are switched on one after
 * the other. Holds the folder's lock (R14) and its state from the first start to the end.
 */
import { conflictSides } from '../engine/conflict-report.ts'
import type { Environment } from '../engine/core/settings.ts'
import { SECRET } from '../engine/hold-secrets.ts'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import type { Log } from '../engine/ports/log.ts'
import type { ConflictSides } from '../engine/report.ts'
import type { SessionEvent } from '../engine/status.ts'
import { lockstepHome } from '../platform/home.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { errorMessage } from '../platform/os-error.ts'
import type { OpenedStateStore } from '../platform/state/store.ts'
import { EngineSeat } from './engine-seat.ts'
import { FirstContact } from './first-contact.ts'
import { keepEngine } from './keep-engine.ts'
import { scopesOf } from './open-session.ts'
import type { Project, ProjectSource } from './project.ts'
import { requireStateHome } from './state-home.ts'

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

export class EmbeddedEngine {
  readonly #options: EmbeddedEngineOptions
  /** Held as long as the engine is. */
  #seat: EngineSeat | null = null
  /** While it is open. */
  #state: OpenedStateStore | null = null
  #run: Run | null = null
  /** As it was last loaded: the configuration may be broken now. */
  #project: Project | null = null
  #lastConflicts: ConflictSides[] = []

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options
  }

  /**
   * Runs with this configuration, instead of the one before. Resolves when both sides have been looked at, or
   * when the database is offline, the state cannot be written or a person is needed: the engine goes on trying by
   * itself (R13). Rejects with ConfigurationError, FolderHeldError or SyncError where nothing but a change of the
   * configuration, or of the database, can help; then nothing runs.
   */
  async run(source: ProjectSource): Promise<void> {
    await this.#endRun()
    const remembering = { ...source, load: () => (this.#project = source.load()) }
    const { folder } = remembering.load()
    const stop = new AbortController()
    const contact = new FirstContact()
    const ended = this.#watch(folder, remembering, stop.signal, contact)
    this.#run = { stop, ended }
    const failure = await contact.made
    if (failure === null) return
    await this.#endRun()
    throw failure
  }

  /** Carries out what was seen, then lets go of everything. */
  async stop(): Promise<void> {
    await this.#endRun()
    this.#seat?.release()
    this.#seat = null
  }

  /** The conflicts that are open now; those that were, while the state is not to be had. */
  conflicts(): ConflictSides[] {
    const [project, state] = [this.#project, this.#state]
    if (state !== null && project !== null) {
      const ports = { fs: openFileSystem(project.folder), codec: nodeCodec, state }
      this.#lastConflicts = scopesOf(project, state).flatMap(({ scope, channel }) =>
        conflictSides(ports, scope, channel),
      )
    }
    return this.#lastConflicts
  }

  /** What the program that embeds this engine says of a file that is held for secrets in it. False: it is not. */
  async allowSecrets(path: string): Promise<boolean> {
    const [project, state] = [this.#project, this.#state]
    if (state === null || project === null) return false
    const decisions = scopesOf(project, state).flatMap(({ scope }) =>
      state
        .loadHolds(scope)
        .filter(hold => hold.path === path && hold.reason === SECRET)
        .map(({ channel, side, digest }) => {
          const decision = { channel, side, path, digest, decision: 'approve' as const }
          return { kind: 'decision-add' as const, scope, decision }
        }),
    )
    await state.commit(decisions)
    return decisions.length > 0
  }

  async #watch(
    folder: string,
    source: ProjectSource,
    signal: AbortSignal,
    contact: FirstContact,
  ): Promise<void> {
    const { env, log, adapter, onEvent } = this.#options
    try {
      requireStateHome(env)
      const home = lockstepHome(env)
      const command = `a program with lockstep/sync (${process.argv[1] ?? process.title})`
      this.#seat ??= new EngineSeat(home, command)
      await keepEngine({
        folder,
        env,
        home,
        log,
        first: { folder },
        source,
        ...(adapter === undefined ? {} : { adapter }),
        seat: this.#seat,
        refuses: true,
        signal,
        onEvent: event => {
          onEvent(event)
          contact.note(event)
        },
        onOpen: async state => void (this.#state = state),
        onClose: () => void (this.#state = null),
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
