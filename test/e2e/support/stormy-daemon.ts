/**
 * The daemon of its own parts, in this process, so that a test can raise a storm in the feed of its states:
 * more changes than any real disk makes.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FolderState } from '../../../src/contract/state.ts'
import { Access } from '../../../src/daemon/access.ts'
import { daemonShell } from '../../../src/daemon/desktop.ts'
import { answer } from '../../../src/daemon/http.ts'
import { Sockets } from '../../../src/daemon/sockets.ts'
import { Host } from '../../../src/host/app/host.ts'
import { createRouter } from '../../../src/host/app/router.ts'

export class StormyDaemon {
  readonly host: Host
  readonly url: string
  /** How many changes there have been. */
  changes = 0
  readonly #close: () => Promise<void>

  private constructor(host: Host, url: string, close: () => Promise<void>) {
    this.host = host
    this.url = url
    this.#close = close
  }

  static async start(home: string, pages: string): Promise<StormyDaemon> {
    const env = { ...process.env, LOCKSTEP_HOME: home, DISPLAY: '', WAYLAND_DISPLAY: '' }
    const server = createServer()
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const access = new Access(home, port)
    const host = new Host({ env, shell: daemonShell(env, 'lockstep'), command: 'lockstep serve', log: null })
    const sockets = new Sockets({ port, access, router: createRouter(host) })
    server.on('request', (request, response) => {
      answer(request, response, { port, access, pages }).catch(() => response.destroy())
    })
    server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
    host.start()
    return new StormyDaemon(host, `http://127.0.0.1:${port}/#token=${access.token}`, async () => {
      await sockets.close()
      server.closeAllConnections()
      await new Promise<void>(done => server.close(() => done()))
      await host.close()
    })
  }

  /** So many changes of this state in one go, in turn as each of the folders. */
  storm(state: FolderState, ids: readonly string[], count: number): void {
    for (let n = 0; n < count; n++) {
      this.#change(state, ids[this.changes % ids.length] ?? state.id, this.changes)
      this.changes += 1
    }
  }

  #change(state: FolderState, id: string, number: number): void {
    const { revisions } = state
    const folder: FolderState = {
      ...state,
      id,
      name: id,
      state: 'syncing',
      files: number,
      pending: number % 1_000,
      progress: { step: 'apply', done: number % 1_000, total: 1_000 },
      revisions: { ...revisions, files: revisions.files + number, activity: revisions.activity + number },
    }
    this.host.feed.mark(`folder ${id}`, () => ({ type: 'folder', folder }))
  }

  close(): Promise<void> {
    return this.#close()
  }
}
