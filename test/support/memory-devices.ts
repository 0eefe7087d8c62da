/** Two devices on real files, with the database in memory: the engine itself, without processes and settings. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { createRemoteStore } from '../../src/adapters/remote-store.ts'
import type { ChannelSetup } from '../../src/engine/channel-state.ts'
import type { Channel } from '../../src/engine/core/entry.ts'
import { compileRules, type OwnFile } from '../../src/engine/core/rules.ts'
import { parseSyncConfig } from '../../src/engine/core/sync-config.ts'
import type { FileSystem } from '../../src/engine/ports/file-system.ts'
import type { EngineAdapter } from '../../src/engine/ports/adapter.ts'
import type { Log } from '../../src/engine/ports/log.ts'
import type { OpenFiles } from '../../src/engine/ports/open-files.ts'
import type { StateStore } from '../../src/engine/ports/state-store.ts'
import { Session } from '../../src/engine/session.ts'
import type { SessionEvent, SyncSummary } from '../../src/engine/status.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { mergeThread } from '../../src/platform/merge-thread.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { openFileSystem } from '../../src/platform/node-file-system.ts'
import { nobodyWrites } from '../fakes/open-files.ts'
import { createMemoryStateStore, type MemoryStateStore } from '../fakes/memory-state-store.ts'
import { secretScanner } from '../fakes/secret-scanner.ts'

export interface DeviceOptions {
  /** The fields of sync-config.json beside the patterns. */
  readonly config?: object
  /** What stands between the engine and the files. */
  readonly around?: (fs: FileSystem) => FileSystem
  /** What stands between the engine and the database. */
  readonly aroundDatabase?: (adapter: EngineAdapter) => EngineAdapter
  /** What stands between the engine and its state. */
  readonly aroundState?: (state: StateStore) => StateStore
  /** Who has files open; nobody where it is absent. */
  readonly openFiles?: OpenFiles
}

const SILENT: Log = { debug() {}, info() {}, error() {} }
export class MemoryDevice {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-device-'))
  readonly state: MemoryStateStore = createMemoryStateStore()
  /** Of the last sync that came to its end. */
  summary: SyncSummary | null = null
  /** The user of the private channel, from the next sync on; null for none. */
  user: string | null = null
  /** The app id, from the next sync on. */
  app = 'app'
  /** The fields of sync-config.json beside `syncFilePatterns`, from the next sync on. */
  config: object
  /** Files that are denied by name, from the next sync on. */
  denied: readonly string[] = []
  readonly #database: MemoryDatabase
  readonly #options: DeviceOptions

  constructor(database: MemoryDatabase, options: DeviceOptions = {}) {
    this.#database = database
    this.#options = options
    this.config = options.config ?? {}
    mkdirSync(join(this.folder, 'data'))
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  bytes(path: string): Buffer {
    return readFileSync(join(this.folder, path))
  }

  /** Of all files in the content root, sorted. */
  paths(): string[] {
    const entries = readdirSync(join(this.folder, 'data'), { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile())
    return files.map(({ parentPath, name }) => relative(this.folder, join(parentPath, name))).sort()
  }

  remove(path: string): void {
    rmSync(join(this.folder, path))
  }

  /** Of the shared channel. */
  get scope(): number {
    return this.#scopeOf('shared', 'shared')
  }

  /** Of the user's private channel. */
  get ownScope(): number {
    return this.#scopeOf('private', this.user!)
  }

  #scopeOf(channel: Channel, ownerId: string): number {
    return this.state.openScope({ database: 'memory', appId: this.app, ownerId, channel })
  }

  #ownFiles(): OwnFile[] {
    const why = { category: 'credentials', reason: 'It is denied here.' } as const
    return this.denied.map(path => ({ path, ...why }))
  }

  /** Runs a whole sync, and gives what it told. */
  async sync(signal = new AbortController().signal): Promise<SessionEvent[]> {
    const events: SessionEvent[] = []
    const database = this.#database.adapter()
    const adapter = this.#options.aroundDatabase?.(database) ?? database
    const state = this.#options.aroundState?.(this.state) ?? this.state
    const text = JSON.stringify({ syncFilePatterns: ['data/**'], ...this.config })
    const parsed = parseSyncConfig(text)
    if (!parsed.ok) throw new Error(parsed.reason)
    const files = openFileSystem(this.folder)
    const channelOf = (channel: Channel, ownerId: string): ChannelSetup => ({
      channel,
      scope: this.#scopeOf(channel, ownerId),
      remote: createRemoteStore(adapter, { appId: this.app, ownerId }, { clock: nodeClock }),
    })
    const session = new Session({
      ports: {
        fs: this.#options.around?.(files) ?? files,
        openFiles: this.#options.openFiles ?? nobodyWrites,
        codec: nodeCodec,
        merger: mergeThread,
        secrets: secretScanner,
        clock: nodeClock,
        state,
        log: SILENT,
      },
      rules: compileRules({ config: parsed.config, userId: this.user, ownFiles: this.#ownFiles() }),
      contentRoot: 'data',
      device: 'here',
      maxFileBytes: 10_000_000,
      channels: [
        channelOf('shared', 'shared'),
        ...(this.user === null ? [] : [channelOf('private', this.user)]),
      ],
      signal,
      onEvent: event => events.push(event),
    })
    try {
      await session.settle()
      this.summary = session.summary
    } finally {
      await database.dispose?.()
    }
    return events
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
