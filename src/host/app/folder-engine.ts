/**
 * Runs one folder's engine in this process (keep-engine): a broken configuration is waited for, another engine too
 * (R14), and whatever fails is tried again (R13). Keeps what the engine says, for whoever shows it.
 */
import type { Problem } from '../../engine/core/problem.ts'
import type { Retention } from '../../engine/core/retention.ts'
import type { Log } from '../../engine/ports/log.ts'
import type { EngineHolder } from '../../engine/report.ts'
import type { Session } from '../../engine/session.ts'
import type { SessionEvent, Status } from '../../engine/status.ts'
import { EngineSeat } from '../engine-seat.ts'
import { keepEngine } from '../keep-engine.ts'
import { ENGINE_PROBLEMS } from '../speaker.ts'
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
  #heldBy: EngineHolder | null = null

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
    const { path, env, home, command, log, retention } = this.#options
    const seat = new EngineSeat(home, command)
    try {
      await keepEngine({
        folder: path,
        env,
        log,
        home,
        first: { folder: path },
        seat,
        refuses: false,
        signal,
        onEvent: event => this.#take(event),
        onSession: session => this.#takeSession(session),
        onOpen: state => keepRetention(state, retention()),
        onHeld: holder => this.#takeHolder(holder),
      })
    } finally {
      seat.release()
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

  /** Of the last session. */
  #forgetProblems(): void {
    this.#fileProblems.clear()
    for (const [key, { code }] of this.#folderProblems)
      if (!ENGINE_PROBLEMS.has(code)) this.#folderProblems.delete(key)
  }

  #takeHolder(holder: EngineHolder | null): void {
    if (holder?.pid === this.#heldBy?.pid && holder?.startedAt === this.#heldBy?.startedAt) return
    this.#heldBy = holder
    this.#options.onChange()
  }

  #forget(): void {
    this.#session = null
    this.#isReady = false
    this.#progress = null
    this.#heldBy = null
    this.#fileProblems.clear()
    this.#folderProblems.clear()
    this.#status = { ...this.#status, state: 'paused', problems: 0 }
  }
}
