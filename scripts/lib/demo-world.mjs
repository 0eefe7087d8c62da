/**
 * Projects as somebody might have them on a laptop, kept in step by a real daemon, and a build server that
 * edits the same files through the same databases: what the screenshots show. All of it lies in one folder,
 * which is the demo's HOME.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'
import { SealedSocket } from '../../src/contract/sealed-socket.ts'
import { cli, sleep } from './engine.mjs'

/** How long anything may take, in ms. */
const PATIENCE = 60_000

/** Looks at the state, 50 ms apart, that must find nothing going on. */
const RESTS = 8

const clockModule = new URL('./demo-clock.mjs', import.meta.url).href

export const json = value => `${JSON.stringify(value, null, 2)}\n`

export class DemoWorld {
  /** What is added to the real time, in ms; below 0 in the past. */
  #shift = 0

  /** @param {string} folder an empty one; `close` removes it. */
  constructor(folder) {
    this.folder = folder
    this.home = join(folder, '.local/share/lockstep')
    this.#setShift(0)
  }

  #setShift(ms) {
    this.#shift = ms
    this.#write('.demo-clock', String(ms))
  }

  #write(path, content) {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  #environment(device, home) {
    return {
      ...process.env,
      HOME: this.folder,
      LOCKSTEP_HOME: home,
      DEMO_DEVICE: device,
      DEMO_CLOCK: join(this.folder, '.demo-clock'),
      NODE_OPTIONS: `--import=${clockModule}`,
      TZ: 'UTC',
    }
  }

  /** It is so many minutes ago now, for every program of the demo. */
  async goTo(minutesAgo) {
    this.#setShift(-minutesAgo * 60_000)
    if (this.daemon === undefined) return
    this.daemon.kill('SIGUSR2')
    await sleep(20)
  }

  async startDaemon() {
    this.daemon = spawn(process.execPath, [cli, 'serve', '--no-open', '--port', '0', '--json'], {
      env: this.#environment('laptop', this.home),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: this.daemon.stdout }), 'line')
    this.port = JSON.parse(line).port
    await this.#connect()
  }

  /** With the token that is good now: once. */
  get url() {
    return JSON.parse(readFileSync(join(this.home, 'running.json'), 'utf8')).url
  }

  async stopDaemon() {
    this.socket?.close()
    if (this.daemon === undefined || this.daemon.exitCode !== null) return
    const ended = once(this.daemon, 'exit')
    this.daemon.kill('SIGTERM')
    await ended
  }

  /** A client of its own, for what the pictures do not show being done. */
  async #connect() {
    const { origin, hash, host } = new URL(this.url)
    this.socket = new WebSocket(`ws://${host}/rpc`, { headers: { origin } })
    const passes = [{ id: 'token', key: hash.replace('#token=', '') }]
    const { socket: websocket } = await SealedSocket.enter(this.socket, host, passes)
    /** @type {import('../../src/contract/contract.ts').HostClient} */
    this.client = createORPCClient(new RPCLink({ websocket }))
  }

  /** The laptop's copy of a project. */
  laptop(project) {
    return this.#copy(project)
  }

  /** The build server's, with a state of its own. */
  buildServer(project) {
    const copy = this.#copy(`.build-server/${project}`)
    return { ...copy, sync: () => this.#syncOnce(copy.folder) }
  }

  #copy(place) {
    const folder = join(this.folder, place)
    return {
      folder,
      /** As if it had been written at the demo's time. */
      write: (path, content) => {
        const file = this.#write(join(place, path), content)
        const time = (Date.now() + this.#shift) / 1_000
        utimesSync(file, time, time)
      },
      remove: path => rmSync(join(folder, path), { recursive: true }),
    }
  }

  async #syncOnce(folder) {
    const child = spawn(process.execPath, [cli, 'sync', folder, '--json'], {
      env: this.#environment('build-server', join(this.folder, '.build-server/.state')),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', some => (stderr += some))
    const [code] = await once(child, 'close')
    // 3: a conflict or a hold, which some pictures need.
    if (code !== 0 && code !== 3) throw new Error(`the build server's sync failed:\n${stderr}`)
  }

  /**
   * Writes a project's settings on both devices, and its files on the laptop.
   *
   * @param {string} name
   * @param {{ config: object, env?: string[], files: Record<string, string> }} project
   */
  project(name, { config, env = [], files }) {
    mkdirSync(join(this.folder, '.databases'), { recursive: true })
    const places = [
      { copy: this.laptop(name), up: '..' },
      { copy: this.buildServer(name), up: '../..' },
    ]
    for (const { copy, up } of places) {
      copy.write('package.json', json({ name, private: true }))
      copy.write('data/sync-config.json', json(config))
      copy.write('.env', [`FILE_SYNC_SQLITE_PATH=${up}/.databases/${name}.db`, ...env, ''].join('\n'))
    }
    for (const [path, content] of Object.entries(files)) this.laptop(name).write(path, content)
  }

  async add(name) {
    const { id } = await this.client.folders.add({ path: join(this.folder, name) })
    await this.inStep(id)
    return id
  }

  async stateOf(id) {
    const { state } = await this.client.state.get()
    return state.folders.find(folder => folder.id === id)
  }

  /** Until the folder's state fits. */
  async until(id, fits, what) {
    const deadline = performance.now() + PATIENCE
    for (;;) {
      const folder = await this.stateOf(id)
      if (folder !== undefined && fits(folder)) return folder
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}: ${JSON.stringify(folder, null, 1)}`)
      await sleep(50)
    }
  }

  /** Until the folder has rested for a while after a look at both sides. */
  async inStep(id) {
    await this.client.folders.syncNow({ id })
    let rests = 0
    await this.until(
      id,
      ({ isReady, state, pending }) => {
        const isAtRest = isReady && pending === 0 && !['starting', 'scanning', 'syncing'].includes(state)
        rests = isAtRest ? rests + 1 : 0
        return rests > RESTS
      },
      'a folder to be in step',
    )
  }

  async close() {
    await this.stopDaemon()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
