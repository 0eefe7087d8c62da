/** One folder with its engine: the real session, files, watcher, state store and SQLite, in this process. */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createRemoteStore } from '../../src/adapters/remote-store.ts'
import { createSqliteAdapter } from '../../src/adapters/sqlite/adapter.ts'
import { TEMPORARY_PREFIX } from '../../src/engine/core/denylist.ts'
import { SHARED_OWNER } from '../../src/engine/core/record-id.ts'
import { compileRules } from '../../src/engine/core/rules.ts'
import { Session } from '../../src/engine/session.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { ChokidarWatcher } from '../../src/platform/chokidar-watcher.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { nobodyWrites } from '../fakes/open-files.ts'
import { mergeHere } from '../support/merge-here.ts'
import { openFileSystem } from '../../src/platform/node-file-system.ts'
import { type OpenedStateStore, openStateStore } from '../../src/platform/state/store.ts'
import { Killed, Life } from './killable.ts'
import type { Value } from './possible-states.ts'
import { secretScanner } from '../fakes/secret-scanner.ts'

export const APP = 'model'
/** The file that the model is about, and one that keeps the folder from being empty (R8). */
export const PATH = 'data/state.md'
const ANCHOR = 'data/anchor.md'

const RULES = compileRules({
  userId: null,
  config: {
    shared: [{ pattern: 'data/**', index: 0, line: 2 }],
    private: [],
    contentRoot: null,
    conflictPolicy: [],
    expectDeletes: [],
    maxFileBytes: null,
  },
})

interface Running {
  readonly life: Life
  readonly session: Session
  readonly state: OpenedStateStore
  readonly scope: number
  close(): Promise<void>
}

export interface Conflict {
  readonly base: Value
  readonly local: Value
  readonly remote: Value
}

export class RealDevice {
  readonly name: string
  readonly folder: string
  readonly #databasePath: string
  readonly #statePath: string
  readonly events: SessionEvent[] = []
  readonly failures: unknown[] = []
  /** How often the engine's loop has turned. */
  turns = 0
  #running: Running | null = null

  constructor(name: string, top: string, databasePath: string) {
    this.name = name
    this.folder = join(top, name)
    this.#databasePath = databasePath
    this.#statePath = join(top, `${name}-state.db`)
    mkdirSync(join(this.folder, 'data'), { recursive: true })
    writeFileSync(join(this.folder, ANCHOR), 'anchor\n')
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  get isIdle(): boolean {
    const status = this.#running?.session.status
    return status?.state === 'idle' && status.pending === 0
  }

  start(): void {
    if (this.#running !== null) return
    const life = new Life()
    const clock = life.clock()
    const state = openStateStore(this.#statePath)
    const scope = state.openScope({
      database: 'model',
      appId: APP,
      ownerId: SHARED_OWNER,
      channel: 'shared',
    })
    const adapter = createSqliteAdapter({ path: this.#databasePath, clock })
    const remote = createRemoteStore(life.lend(adapter), { appId: APP, ownerId: SHARED_OWNER }, { clock })
    const stop = new AbortController()
    const log = { debug: () => {}, info: () => {}, error: () => {} }
    const session = new Session({
      ports: {
        fs: life.lend(openFileSystem(this.folder)),
        openFiles: nobodyWrites,
        codec: nodeCodec,
        merger: mergeHere,
        secrets: secretScanner,
        clock,
        state: this.#countTurns(life.lend(state)),
        log,
      },
      rules: RULES,
      contentRoot: 'data',
      device: this.name,
      maxFileBytes: 1_000_000,
      channels: [{ channel: 'shared', scope, remote }],
      signal: stop.signal,
      onEvent: event => life.isOver || this.events.push(event),
    })
    const watcher = new ChokidarWatcher(this.folder)
    session.watch(watcher).catch((error: unknown) => {
      if (!(error instanceof Killed)) this.failures.push(error)
    })
    const close = async (): Promise<void> => {
      await watcher.close()
      await adapter.dispose()
      state.close()
    }
    this.#running = { life, session, state, scope, close }
  }

  /** Each turn of the loop asks whether somebody else has written to the state. */
  #countTurns(state: OpenedStateStore): OpenedStateStore {
    return new Proxy(state, {
      get: (target, name) => {
        if (name === 'foreignCommits') this.turns += 1
        return Reflect.get(target, name)
      },
    })
  }

  /** The process ends where it stands; what it has committed remains. */
  async kill(): Promise<void> {
    const running = this.#running
    this.#running = null
    running?.life.end()
    await running?.close()
  }

  lookAgain(): void {
    this.#running?.session.markEverything()
  }

  /** Has the engine's loop turn now. */
  wake(): void {
    this.#running?.session.markDirty([])
  }

  read(): Value {
    return contentOf(join(this.folder, PATH))
  }

  /** Reads and writes in one moment, in which no engine of this process has a turn; what was there before. */
  write(value: Value, how: 'in place' | 'by rename'): Value {
    const file = join(this.folder, PATH)
    const former = this.read()
    if (value === null) {
      if (former !== null) unlinkSync(file)
    } else if (how === 'in place') writeFileSync(file, value)
    else {
      writeFileSync(`${file}~`, value)
      renameSync(`${file}~`, file)
    }
    return former
  }

  /** The copy of the record beside the file. */
  copy(): Value {
    return contentOf(join(this.folder, `${PATH}.conflict`))
  }

  conflict(): Conflict | null {
    const { state, scope } = this.#running!
    const found = state.loadConflicts(scope).find(({ path }) => path === PATH)
    if (found === undefined) return null
    const valueOf = (side: { readonly digest: string } | null): Value => {
      const bytes = side === null ? null : state.readContent(side.digest)
      return bytes === null ? null : Buffer.from(bytes).toString()
    }
    // The local content is in the file, and need not be kept twice.
    const local = this.read()
    const isLocal = local !== null && nodeCodec.digest(Buffer.from(local)) === found.local?.digest
    return { base: valueOf(found.base), local: isLocal ? local : null, remote: valueOf(found.remote) }
  }

  isTidy(): boolean {
    const names = readdirSync(join(this.folder, 'data'))
    return !names.some(name => name.startsWith(TEMPORARY_PREFIX))
  }
}

function contentOf(file: string): Value {
  return lstatSync(file, { throwIfNoEntry: false }) === undefined ? null : readFileSync(file, 'utf8')
}
