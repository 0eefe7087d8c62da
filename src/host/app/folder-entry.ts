/**
 * One folder of this host: its engine, its configuration as it is on the disk, and what clients see of it.
 * Owns everything it opens; `close` ends it all.
 */
import type { FilesPage } from '../../contract/files.ts'
import type { FolderState } from '../../contract/state.ts'
import type { Channel } from '../../engine/core/entry.ts'
import { isFolderHeld } from '../../engine/core/guard.ts'
import type { MaskedSecret } from '../../engine/core/secrets.ts'
import type { ConflictRecord, HoldRecord } from '../../engine/ports/state-store.ts'
import type { SessionEvent } from '../../engine/status.ts'
import { errorMessage } from '../../platform/os-error.ts'
import type { Folder } from '../folder.ts'
import type { Project } from '../project.ts'
import { type Activity, type ActivityEvent, authorOf, reasonSentence } from './activity.ts'
import type { KnownFolder } from './app-file.ts'
import { Asking } from './asking.ts'
import { Curve } from './curve.ts'
import { type ChannelFiles, FileIndex, type FileProblem, type FilesQuery } from './file-index.ts'
import { FolderConfiguration } from './folder-configuration.ts'
import { FolderEngine, type FolderEngineOptions } from './folder-engine.ts'
import { folderView } from './folder-view.ts'
import { type ListName, Revisions } from './list-revisions.ts'
import type { Notices } from './notices.ts'
import {
  type InChannel,
  NOTHING_STORED,
  readHistory,
  readHistoryContent,
  readStoredChannels,
  readStoredFolder,
  storeRetention,
  type StoredFolder,
} from './stored-folder.ts'

export interface FolderEntryOptions extends Pick<
  FolderEngineOptions,
  'env' | 'home' | 'command' | 'log' | 'retention'
> {
  readonly known: KnownFolder
  readonly activity: Activity
  readonly notices: Notices
  /** Whether all folders are paused together. */
  readonly isPausedAll: () => boolean
  readonly onChange: () => void
}

/** While a person waits for a decision to be carried out, in milliseconds. */
const NUDGE_MS = 50

export class FolderEntry {
  readonly id: string
  readonly path: string
  readonly engine: FolderEngine
  readonly configuration: FolderConfiguration
  readonly #options: FolderEntryOptions
  readonly #asking: Asking
  readonly #files: FileIndex
  readonly #revisions: Revisions
  readonly #curve: Curve
  #known: KnownFolder
  #lastChange: FolderState['lastChange']
  /** The last session's trees: what a paused folder shows. */
  #remains: readonly ChannelFiles[] | null = null
  #stored: StoredFolder | null = null
  #holds = 0
  /** Those that wait for their content, as they were told of. */
  #contents: ReadonlySet<HoldRecord> = new Set()
  #conflicts: ReadonlySet<ConflictRecord> = new Set()
  #isClosed = false

  constructor(options: FolderEntryOptions) {
    const { known, activity, log, env, home, command, retention } = options
    const { id, path } = known
    this.#options = options
    this.#known = known
    this.id = id
    this.path = path
    this.configuration = new FolderConfiguration(path, env)
    this.#asking = new Asking({ folder: path, env, command, log })
    this.#revisions = new Revisions(() => this.changed())
    this.#files = new FileIndex(
      () => this.channels(),
      () => this.#revisions.now.files,
      () => this.#fileProblems(),
    )
    const now = Date.now()
    this.#curve = new Curve(activity.curve(id, now), now)
    this.#lastChange = lastChangeOf(activity, id)
    this.engine = new FolderEngine({
      path,
      env,
      home,
      command,
      log,
      retention,
      onEvent: event => this.#take(event),
      onChange: () => this.#engineChanged(),
    })
    this.configuration.refresh({ force: true })
  }

  get known(): KnownFolder {
    return this.#known
  }
  get name(): string {
    return this.configuration.name
  }
  get project(): Project | null {
    return this.configuration.project
  }

  /** Starts or stops the engine as the person wants it. */
  async follow(known: KnownFolder): Promise<void> {
    this.#known = known
    const shouldRun = !known.isPaused && !this.#options.isPausedAll()
    if (shouldRun) {
      if (!this.engine.isRunning) this.note({ kind: 'started', reason: 'Sync has started.' })
      this.engine.start()
    } else if (this.engine.isRunning) {
      await this.engine.stop()
      this.#engineChanged()
      this.note({ kind: 'stopped', reason: 'Sync has stopped.' })
    }
    this.changed()
  }

  /** Also where no engine of this host runs: one of the command line may. */
  async retain(): Promise<void> {
    const { home, retention, log } = this.#options
    try {
      if (this.project !== null) await storeRetention(this.project, home, retention())
    } catch (error) {
      log.error('how long history is kept could not be noted', {
        folder: this.path,
        error: errorMessage(error),
      })
    }
  }

  /** The configuration may have been edited. */
  refresh(options: { readonly force: boolean } = { force: false }): void {
    if (!this.configuration.refresh(options)) return
    this.#stored = null
    this.touch('rules')
    this.changed()
  }

  /** Looks for what nothing tells of, at regular times. Never throws. */
  look(): void {
    try {
      if (this.engine.session === null) this.refresh()
      else this.#noteConflicts()
    } catch (error) {
      this.#fail(error)
      this.changed()
    }
  }

  changed(): void {
    if (!this.#isClosed) this.#options.onChange()
  }

  /** Lists that clients show may be others now. */
  touch(...lists: readonly ListName[]): void {
    this.#revisions.touch(...lists)
  }

  note(event: ActivityEvent): void {
    if (this.#isClosed) return
    this.#options.activity.add({ id: this.id, name: this.name }, event)
    this.touch('activity')
  }

  /** Never throws: what is wrong is the folder's fault, in the view. */
  view(): FolderState {
    return folderView({
      known: this.#known,
      isPausedAll: this.#options.isPausedAll(),
      configuration: this.configuration,
      engine: this.engine,
      ...this.#counted(),
      lastChange: this.#lastChange,
      curve: this.#curve.at(Date.now()),
      revisions: this.#revisions.now,
    })
  }

  async listFiles(query: FilesQuery): Promise<FilesPage> {
    const page = await this.#files.list(query)
    return { ...page, isComplete: this.engine.isReady }
  }

  /** Oldest first. */
  conflicts(): InChannel<ConflictRecord>[] {
    const running = this.engine.session?.context.channels
    const records =
      running?.flatMap(({ conflicts, channel }) =>
        [...conflicts.values()].map(record => ({ ...record, channel })),
      ) ?? this.#storedNow().conflicts
    return [...records].sort((a, b) => a.since - b.since || compare(a.path, b.path))
  }

  holds(): readonly InChannel<HoldRecord>[] {
    const running = this.engine.session?.context.channels
    return (
      running?.flatMap(({ holds, channel }) => [...holds.values()].map(record => ({ ...record, channel }))) ??
      this.#storedNow().holds
    )
  }

  /** What the engine has found in a file that is held for it. */
  secrets(channel: Channel, path: string): readonly MaskedSecret[] {
    const state = this.engine.session?.context.channels.find(each => each.channel === channel)
    return state?.secrets.get(path) ?? []
  }

  history(query: Parameters<typeof readHistory>[2]): ReturnType<typeof readHistory> {
    return this.project === null
      ? { total: 0, rows: [] }
      : readHistory(this.project, this.#options.home, query)
  }

  historyContent(path: string, version: number): Uint8Array | null {
    return this.project === null ? null : readHistoryContent(this.project, this.#options.home, path, version)
  }

  /** Opens the folder beside its engine, which sees what is decided. Rejects with ConfigurationError. */
  ask<Result>(work: (folder: Folder) => Promise<Result>): Promise<Result> {
    this.#stored = null
    return this.#asking.ask(work)
  }

  /** Like `ask`, for a decision that the running engine carries out: it need not wait for its next heartbeat. */
  async decide<Result>(work: (folder: Folder) => Promise<Result>): Promise<Result> {
    const nudging = setInterval(() => this.engine.nudge(), NUDGE_MS)
    try {
      return await this.ask(work)
    } finally {
      clearInterval(nudging)
    }
  }

  /** For what the engine does not see by itself. */
  async restart(): Promise<void> {
    if (!this.engine.isRunning) return
    await this.engine.stop()
    this.engine.start()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.engine.stop()
    this.#revisions.close()
    this.#options.notices.forget(this.id)
    await this.#asking.close()
  }

  #take(event: SessionEvent): void {
    switch (event.type) {
      case 'file':
        this.#takeFile(event)
        break
      case 'status':
        this.#noteHolds()
        this.#noteTrouble()
        this.touch('files')
        break
      case 'problem':
      case 'recovered': {
        const reason = event.type === 'problem' ? event.message : 'What was wrong is over.'
        const place = event.path === undefined ? {} : { path: event.path }
        this.note({ kind: event.type, reason, ...place })
        if (event.path === undefined) this.refresh({ force: true })
        else this.touch('files')
        break
      }
      case 'ready':
      case 'progress':
        break
    }
    this.changed()
  }

  #takeFile({ path, channel, action, reason }: Extract<SessionEvent, { type: 'file' }>): void {
    const author = authorOf(action, reason)
    const by = author === undefined ? {} : { author }
    this.note({ kind: action, path, channel, reason: reasonSentence(reason), ...by })
    this.touch('files')
    if (action === 'conflict' || action === 'resolve') this.touch('conflicts')
    if (action === 'conflict') this.#options.notices.conflict(this, path)
    if (action === 'conflict' || author === undefined) return
    const now = Date.now()
    this.#lastChange = { path, channel, action, author, at: now }
    this.#curve.add(now)
  }

  #engineChanged(): void {
    const { session } = this.engine
    if (session !== null) this.#remains = session.context.channels
    this.#stored = null
    this.#files.forget()
    this.refresh({ force: true })
    this.touch('files', 'conflicts', 'holds')
    this.#noteTrouble()
    this.changed()
  }

  #noteHolds(): void {
    const channels = this.engine.session?.context.channels ?? []
    const all = channels.flatMap(({ holds }) => [...holds.values()])
    const contents = new Set(all.filter(({ reason }) => !isFolderHeld(reason)))
    const now = all.length - contents.size
    const news = [...contents].filter(hold => !this.#contents.has(hold)).length
    if (now === this.#holds && news === 0 && contents.size === this.#contents.size) return
    if (now > this.#holds) this.#options.notices.hold(this, now)
    if (news > 0) this.#options.notices.waiting(this, contents.size)
    this.#holds = now
    this.#contents = contents
    this.touch('holds')
  }

  /** A side of an open conflict may have changed: to the engine that is no event, for it was one before. */
  #noteConflicts(): void {
    const channels = this.engine.session?.context.channels ?? []
    const now = new Set(channels.flatMap(({ conflicts }) => [...conflicts.values()]))
    const isSame = now.size === this.#conflicts.size && [...now].every(each => this.#conflicts.has(each))
    if (isSame) return
    this.#conflicts = now
    this.touch('conflicts')
  }

  #noteTrouble(): void {
    const { engine } = this
    const isTrouble = engine.isRunning && engine.status.state === 'error'
    const [problem] = engine.folderProblems.values()
    const message = problem?.message ?? 'Sync does not work here.'
    this.#options.notices.trouble(this, isTrouble ? message : null)
  }

  #counted(): { readonly stored: StoredFolder; readonly files: number | null } {
    try {
      return { stored: this.#storedNow(), files: this.#countFiles() }
    } catch (error) {
      this.#fail(error)
      return { stored: NOTHING_STORED, files: null }
    }
  }

  #fail(error: unknown): void {
    this.configuration.fail(error)
    this.#options.log.info('a folder could not be looked at', {
      folder: this.path,
      error: errorMessage(error),
    })
  }

  #storedNow(): StoredFolder {
    const { project } = this.configuration
    if (project === null) return NOTHING_STORED
    // A running session knows better, and is asked first by everybody.
    if (this.#stored === null && this.engine.session !== null) return NOTHING_STORED
    this.#stored ??= this.#readStored(project)
    return this.#stored
  }

  /** What cannot be read now is told by the engine, whose state it is too. */
  #readStored(project: Project): StoredFolder {
    const { home, log } = this.#options
    try {
      return readStoredFolder(project, home)
    } catch (error) {
      log.info('the state of a folder cannot be read', { folder: this.path, error: errorMessage(error) })
      return NOTHING_STORED
    }
  }

  /** What both sides hold: as the session knows it, or as it was stored. */
  async channels(): Promise<readonly ChannelFiles[]> {
    const known = this.engine.session?.context.channels ?? this.#remains
    const { project } = this.configuration
    if (known !== null || project === null) return known ?? []
    return readStoredChannels(project, this.#options.home)
  }

  #fileProblems(): Map<string, FileProblem> {
    const problems = new Map<string, FileProblem>()
    for (const { path, message } of this.engine.fileProblems.values()) {
      if (path === undefined || problems.has(path)) continue
      const found = this.project?.rules.classify(path)
      problems.set(path, { channel: found?.kind === 'synced' ? found.channel : 'shared', message })
    }
    return problems
  }

  #countFiles(): number | null {
    const channels = this.engine.session?.context.channels ?? this.#remains
    if (channels === null) return null
    const side = this.engine.isReady ? 'local' : 'base'
    return channels.reduce((sum, channel) => sum + channel[side].size, 0)
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function lastChangeOf(activity: Activity, id: string): FolderState['lastChange'] {
  const last = activity.lastChange(id)
  if (last === null || last.path === null || last.channel === null || last.author === null) return null
  const { path, channel, author, at, kind } = last
  return { path, channel, author, at, action: kind as NonNullable<FolderState['lastChange']>['action'] }
}
