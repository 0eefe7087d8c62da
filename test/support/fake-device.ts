/** One engine that watches a disk in memory, with a database in memory, in time that passes when a test says so. */
import type { MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { createRemoteStore } from '../../src/adapters/remote-store.ts'
import { SHARED_OWNER } from '../../src/engine/core/record-id.ts'
import type { BaseEntry } from '../../src/engine/core/entry.ts'
import { Session } from '../../src/engine/session.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { FakeClock, type VirtualTime } from '../fakes/fake-clock.ts'
import { FakeDisk } from '../fakes/fake-disk.ts'
import { createFakeFileSystem, type FileSystemHooks } from '../fakes/fake-file-system.ts'
import { FakeWatcher } from '../fakes/fake-watcher.ts'
import { createMemoryStateStore, type MemoryStateStore } from '../fakes/memory-state-store.ts'
import { createRandom } from '../fakes/random.ts'
import { rulesFor } from '../simulation/configurations.ts'
import { mergeHere } from './merge-here.ts'
import { wholeBase } from './whole-base.ts'
import { secretScanner } from '../fakes/secret-scanner.ts'

const APP = 'app'

export interface FakeDeviceOptions {
  readonly time: VirtualTime
  readonly database: MemoryDatabase
  /** How coarsely times are kept, in milliseconds. */
  readonly tickMs?: number
  /** How far the file system's clock is ahead of the machine's, in milliseconds. */
  readonly aheadMs?: number
  readonly hardLinks?: boolean
}

export class FakeDevice {
  readonly disk: FakeDisk
  readonly state: MemoryStateStore = createMemoryStateStore()
  readonly reads: string[] = []
  readonly hooks: FileSystemHooks = {}
  readonly #options: FakeDeviceOptions
  #stop: (() => Promise<void>) | null = null

  constructor(options: FakeDeviceOptions) {
    const { time, tickMs, aheadMs = 0, hardLinks = true } = options
    const ticks = tickMs === undefined ? {} : { tickMs }
    this.#options = options
    this.disk = new FakeDisk({ now: () => time.now + aheadMs, hardLinks, ...ticks })
    this.disk.makeFolders('data')
  }

  get scope(): number {
    return this.state.openScope({
      database: 'memory',
      appId: APP,
      ownerId: SHARED_OWNER,
      channel: 'shared',
    })
  }

  baseOf(path: string): BaseEntry | undefined {
    return wholeBase(this.state, this.scope).get(path)
  }

  /** All contents that the history has of the path. */
  history(path: string): string[] {
    const contents = this.state.loadHistory(this.scope, path).map(({ digest }) => {
      const bytes = this.state.readContent(digest)!
      // A content under another's digest would be found by nobody.
      return nodeCodec.digest(bytes) === digest ? Buffer.from(bytes).toString() : 'under a wrong digest'
    })
    return contents.sort()
  }

  watch(): void {
    const { time } = this.#options
    const end = new AbortController()
    const clock = this.#clock()
    const random = createRandom(3)
    const watcher = new FakeWatcher(this.disk, time, random, { lost: 0, doubled: 0, delayMs: 5 }, clock)
    const over = this.#session(clock, end.signal).watch(watcher)
    this.#stop = async () => {
      end.abort()
      await this.#until(over)
    }
  }

  async stop(): Promise<void> {
    await this.#stop?.()
  }

  /** A one-shot command; how long it took, in milliseconds. */
  async sync(): Promise<number> {
    const { time } = this.#options
    const start = time.now
    await this.#until(this.#session(this.#clock(), new AbortController().signal).settle())
    return time.now - start
  }

  #clock(): FakeClock {
    return new FakeClock(this.#options.time, { random: createRandom(2) })
  }

  async #until(work: Promise<void>): Promise<void> {
    const end = { isOver: false }
    const over = work.finally(() => (end.isOver = true))
    while (!end.isOver) await this.#options.time.advance(5)
    await over
  }

  #session(clock: FakeClock, signal: AbortSignal): Session {
    const { database } = this.#options
    const fs = createFakeFileSystem(this.disk, {
      ...this.hooks,
      before: call => {
        if (call.name === 'read') this.reads.push(call.path)
        this.hooks.before?.(call)
      },
    })
    const { state } = this
    const log = { debug: () => {}, info: () => {}, error: () => {} }
    const remote = createRemoteStore(database.adapter(), { appId: APP, ownerId: SHARED_OWNER }, { clock })
    return new Session({
      ports: {
        fs,
        openFiles: this.disk.openFiles,
        codec: nodeCodec,
        merger: mergeHere,
        secrets: secretScanner,
        clock,
        state,
        log,
      },
      rules: rulesFor(null, 'all shared', 'merge'),
      contentRoot: 'data',
      device: 'here',
      maxFileBytes: 1_000_000,
      channels: [{ channel: 'shared', scope: this.scope, remote }],
      signal,
      onEvent: () => {},
    })
  }
}

export function recordOf(database: MemoryDatabase, path: string): string | undefined {
  return database.records().get(`${APP}:${path}`)?.content
}

/** As another device writes it. */
export async function writeRecord(
  database: MemoryDatabase,
  path: string,
  content: string,
  version: number,
): Promise<void> {
  await database
    .adapter()
    .set(`${APP}:${path}`, { path, app: APP, ownerId: SHARED_OWNER, content, lastUpdated: version })
}
