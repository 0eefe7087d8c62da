/**
 * Keeps a content folder in step from within a Node program: the class that agent-native servers construct,
 * over the engine of the app and the command line.
 *
 * One engine keeps a folder (R14): while this runs, `lockstep watch` on the same folder is refused, and the
 * other way round. Its state lies in LOCKSTEP_HOME, like that of every other engine.
 */
import { EventEmitter } from 'node:events'
import type { Environment } from '../engine/core/settings.ts'
import type { FileSyncAdapter } from '../engine/ports/adapter.ts'
import type { Log } from '../engine/ports/log.ts'
import type { SessionEvent } from '../engine/status.ts'
import { EmbeddedEngine } from '../host/embedded-engine.ts'
import type { ProjectSource } from '../host/project.ts'
import { type Channels, configuredSource, type GivenDatabase, givenSource } from './content-root.ts'
import { consoleLog } from './console-log.ts'
import { requireFileSyncOptions, requireUserId } from './require-options.ts'
import { type FileSyncEvents, syncEventsOf } from './sync-events.ts'

export interface FileSyncOptions {
  /** Names the app under which devices share: letters, digits, `_` and `-`. */
  readonly appId: string
  /** The owner of the shared channel's records: `shared`. Another one makes a channel of its own. */
  readonly ownerId: string
  /** The folder that holds the content, `./data` say. The project is its parent; paths are relative to that. */
  readonly contentRoot: string
  /** Disposed by `stop`. The optional abilities of the built-in adapters are used where they are there. */
  readonly adapter: FileSyncAdapter
  /** Default: `<contentRoot>/sync-config.json`. */
  readonly syncConfigPath?: string
  /** Default: errors on stderr. */
  readonly log?: Log
}

/** Without an adapter: the database that the settings in .env and the environment name. */
interface ConfiguredOptions {
  readonly contentRoot: string
  readonly env: Environment
  readonly log: Log
}

export class FileSync {
  readonly syncEvents: EventEmitter<FileSyncEvents> = new EventEmitter<FileSyncEvents>()
  readonly #log: Log
  readonly #engine: EmbeddedEngine
  readonly #adapter: FileSyncAdapter | null
  readonly #sourceOf: (channels: Channels) => ProjectSource
  readonly #conflictPaths = new Set<string>()
  #channels: Channels | null = null
  /** Set once an end was asked for. */
  #stopping: Promise<void> | null = null
  /** Starts follow each other. */
  #last: Promise<void> = Promise.resolve()

  /** Throws a TypeError where an option is missing or not allowed, or the adapter lacks a method. Touches nothing yet. */
  constructor(options: FileSyncOptions)
  /** @internal */
  constructor(options: FileSyncOptions | ConfiguredOptions)
  constructor(options: FileSyncOptions | ConfiguredOptions) {
    const isConfigured = isConfiguredOptions(options)
    if (!isConfigured) requireFileSyncOptions(options)
    const adapter = isConfigured ? null : options.adapter
    this.#sourceOf = isConfigured
      ? channels => configuredSource(options, options.env, channels)
      : channels => givenSource(options, databaseOf(options), process.env['LOCKSTEP_HOME'], channels)
    this.#adapter = adapter
    this.#log = options.log ?? consoleLog
    this.#engine = new EmbeddedEngine({
      env: isConfigured ? options.env : process.env,
      log: this.#log,
      ...(adapter === null ? {} : { adapter }),
      onEvent: event => this.#hear(event),
    })
  }

  get conflictCount(): number {
    return this.#conflictPaths.size
  }

  /** Project-relative, with `/`. */
  getConflictPaths(): string[] {
    return [...this.#conflictPaths]
  }

  /**
   * Lets a file go that is not sent because it holds what looks like secrets (an `error` with the code `secret` tells of
   * it): its values are not asked about again in this folder. Resolves with false where it is not held for that.
   */
  allowSecrets(path: string): Promise<boolean> {
    return this.#engine.allowSecrets(path)
  }

  /**
   * Starts the shared channel. Resolves when both sides have been looked at and what differed has been carried
   * out; also while the database is offline, which is tried again for ever. Rejects where only a person can
   * help: a broken sync-config.json, another engine on the folder, a database that refuses. It may be called again.
   */
  async initFileSync(): Promise<void> {
    // Undefined: the user that the settings name, if any.
    await this.#switchOn(({ userId }) => ({ isShared: true, userId }))
  }

  /** Starts the private channel of this user, beside the shared one or alone. The first user stays. */
  async initPrivateSync(userId: string): Promise<void> {
    requireUserId(userId)
    const current = this.#channels?.userId
    if (typeof current === 'string' && current !== userId) {
      this.#log.error(`The private files stay those of ${current}; ${userId} is not synced.`, { userId })
      return
    }
    await this.#switchOn(({ isShared }) => ({ isShared, userId }))
  }

  /** Carries out what was seen (for up to two seconds), closes everything and disposes the adapter; once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#inTurn(async () => {
      await this.#engine.stop()
      await this.#adapter?.dispose?.()
    })
    return this.#stopping
  }

  async #switchOn(change: (channels: Channels) => Channels): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#stopping !== null) throw new Error('This FileSync was stopped. Construct a new one.')
      const before = this.#channels
      const channels = change(before ?? { isShared: false, userId: undefined })
      const isOn =
        before !== null && before.isShared === channels.isShared && before.userId === channels.userId
      if (isOn) return
      const source = this.#sourceOf(channels)
      await this.#run(source)
      this.#channels = { ...channels, userId: channels.userId ?? source.load().userId ?? undefined }
    })
  }

  async #run(source: ProjectSource): Promise<void> {
    this.syncEvents.emit('sync-burst-start')
    try {
      await this.#engine.run(source)
      this.#refreshConflicts()
    } catch (error) {
      this.#channels = null
      await this.#engine.stop()
      throw error
    } finally {
      this.syncEvents.emit('sync-burst-end')
    }
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const own = this.#last.then(work)
    this.#last = own.catch(() => {})
    await own
  }

  #hear(event: SessionEvent): void {
    if (event.type === 'file' && event.action === 'conflict') this.#conflictPaths.add(event.path)
    if (event.type === 'file' && event.action === 'resolve') this.#conflictPaths.delete(event.path)
    if (event.type === 'status' && event.conflicts !== this.#conflictPaths.size) this.#refreshConflicts()
    if (event.type === 'problem') this.#log.error(event.message, { code: event.code, path: event.path })
    const conflictAt = (path: string) => this.#engine.conflicts().find(one => one.path === path) ?? null
    for (const each of syncEventsOf(event, conflictAt)) this.#emit(each)
  }

  /** A listener's failure is its own. */
  #emit(event: FileSyncEvents['sync'][0]): void {
    try {
      this.syncEvents.emit('sync', event)
    } catch (error) {
      this.#log.error(`a listener of syncEvents failed: ${String(error)}`, {})
    }
  }

  #refreshConflicts(): void {
    this.#conflictPaths.clear()
    for (const { path } of this.#engine.conflicts()) this.#conflictPaths.add(path)
  }
}

function databaseOf({ appId, ownerId, adapter }: FileSyncOptions): GivenDatabase {
  // An object need not have a constructor.
  const kind: unknown = adapter.constructor
  const name = typeof kind === 'function' ? kind.name : 'Object'
  return { appId, ownerId, description: `${name} of the program` }
}

/** Only createFileSync gives an environment. */
function isConfiguredOptions(options: unknown): options is ConfiguredOptions {
  return typeof options === 'object' && options !== null && 'env' in options && !('adapter' in options)
}
