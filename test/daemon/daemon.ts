/** The real daemon in this process with real HTTP and WebSockets, and browsers that speak with it, good and bad. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'
import type { HostClient } from '../../src/contract/contract.ts'
import type { Pass } from '../../src/contract/handshake.ts'
import { SealedSocket, type Welcome } from '../../src/contract/sealed-socket.ts'
import type { AppState, StateEvent } from '../../src/contract/state.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../../src/daemon/serve.ts'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { until } from '../support/until.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A folder of its own for LOCKSTEP_HOME and projects; gone with `dispose`. */
export class Ground {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-daemon-')))
  readonly env: Readonly<Record<string, string>> = {
    LOCKSTEP_HOME: join(this.folder, 'home'),
    LOCKSTEP_RENDERER: join(this.folder, 'pages'),
  }

  constructor() {
    noteFolder(this.folder)
    this.write('pages/index.html', '<!doctype html><title>Lockstep</title>')
    this.write('pages/assets/main-1a2b.js', 'export {}')
    this.write('secret.txt', 'outside of the pages')
  }

  write(path: string, content: string): string {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  /** A configured project with SQLite. */
  project(name: string, files: Readonly<Record<string, string>> = {}, env = ''): string {
    this.write(`${name}/package.json`, `${JSON.stringify({ name })}\n`)
    this.write(
      `${name}/data/sync-config.json`,
      '{ "syncFilePatterns": ["data/**/*.md", "data/**/*.json"] }\n',
    )
    if (env !== '') this.write(`${name}/.env`, env)
    for (const [path, content] of Object.entries(files)) this.write(`${name}/${path}`, content)
    return join(this.folder, name)
  }

  async start(
    options: Partial<Pick<DaemonOptions, 'env' | 'port' | 'patienceMs' | 'log'>> = {},
  ): Promise<Daemon> {
    const daemon = await startDaemon({ env: this.env, port: 0, entry: 'lockstep', log: null, ...options })
    if ('heldBy' in daemon) throw new Error('another daemon runs on this home')
    return daemon
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    noteRemoved(this.folder)
  }
}

/** One plain request, with exactly these headers besides Host. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers,
        agent: false,
        setHost: headers['Host'] === undefined,
      },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', (some: string) => (text += some))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}

/** What an address lets in by. */
export function passOf(url: string): Pass {
  const [, kind, made, key = ''] = /^#(token|code)=(?:(\d+)\.)?([\w-]+)$/.exec(new URL(url).hash) ?? []
  if (kind === undefined) throw new Error(`${url} lets nobody in`)
  return { id: made === undefined ? kind : `${kind}.${made}`, key }
}

/** Resolves with the status when it is refused, with 101 when it is open. */
export function upgradeStatus(
  port: number,
  headers: Readonly<Record<string, string>>,
  path = '/rpc',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    socket.once('open', () => {
      socket.close()
      resolve(101)
    })
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      socket.terminate()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', error => reject(error))
  })
}

/** Where a WebSocket comes from, and says that it does. */
export interface Comes {
  readonly headers?: Readonly<Record<string, string>>
  /** What the page takes for its own address. */
  readonly host?: string
}

export class Browser {
  readonly client: HostClient
  readonly socket: WebSocket
  readonly welcome: Welcome
  readonly events: StateEvent[] = []
  #state: AppState | null = null
  #watched: Promise<void> = Promise.resolve()

  private constructor(socket: WebSocket, { sealed, welcome }: { sealed: SealedSocket; welcome: Welcome }) {
    this.socket = socket
    this.welcome = welcome
    this.client = createORPCClient(new RPCLink({ websocket: sealed }))
  }

  /** Rejects where the daemon refuses all of the passes, or is none. */
  static async open(port: number, passes: readonly Pass[], comes: Comes = {}): Promise<Browser> {
    const { host = `127.0.0.1:${port}`, headers = { Origin: `http://127.0.0.1:${port}` } } = comes
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers })
    // It is closed then, which is what is waited for.
    socket.on('error', () => {})
    const { socket: sealed, welcome } = await SealedSocket.enter(socket, host, passes)
    return new Browser(socket, { sealed, welcome })
  }

  static enter(daemon: Pick<Daemon, 'port' | 'url'>): Promise<Browser> {
    return Browser.open(daemon.port, [passOf(daemon.url)])
  }

  /** Follows the state from here on, as the page's store does. */
  async follow(): Promise<void> {
    const events = await this.client.state.watch()
    this.#watched = (async () => {
      try {
        for await (const event of events) this.#take(event)
      } catch {
        // The daemon has gone, or this browser has been closed.
      }
    })()
    await until(() => this.#state !== null, 'the snapshot')
  }

  get state(): AppState {
    if (this.#state === null) throw new Error('nothing is followed')
    return this.#state
  }

  folder(id: string) {
    const found = this.state.folders.find(folder => folder.id === id)
    if (found === undefined) throw new Error(`there is no folder ${id}`)
    return found
  }

  /** Until a folder is in step. */
  async inStep(id: string): Promise<void> {
    await until(
      () => {
        const folder = this.state.folders.find(each => each.id === id)
        return folder?.state === 'idle' && folder.pending === 0 && folder.isReady
      },
      'the folder to be in step',
      () => JSON.stringify(this.state.folders.find(each => each.id === id)),
    )
  }

  async close(): Promise<void> {
    // Not aborted first: oRPC would send that, one turn later, over the closed socket.
    this.socket.close()
    await this.#watched
  }

  #take(event: StateEvent): void {
    this.events.push(event)
    if (event.type === 'snapshot') {
      this.#state = event.state
      return
    }
    for (const change of event.changes) this.#state = changed(this.state, change)
  }
}

type Change = Extract<StateEvent, { type: 'changes' }>['changes'][number]

function changed(state: AppState, change: Change): AppState {
  const { folders } = state
  switch (change.type) {
    case 'folder': {
      const { folder } = change
      const isKnown = folders.some(({ id }) => id === folder.id)
      return {
        ...state,
        folders: isKnown
          ? folders.map(each => (each.id === folder.id ? folder : each))
          : [...folders, folder],
      }
    }
    case 'folder-removed':
      return { ...state, folders: folders.filter(({ id }) => id !== change.id) }
    case 'order':
      return { ...state, folders: change.ids.flatMap(id => folders.find(each => each.id === id) ?? []) }
    case 'paused-all':
      return { ...state, pausedAll: change.pausedAll }
    case 'settings':
      return { ...state, settings: change.settings }
  }
}
