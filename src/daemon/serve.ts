/**
 * The daemon: the host behind HTTP and WebSocket on 127.0.0.1, for machines without a desktop app. One for each
 * LOCKSTEP_HOME; a second one learns where the first can be seen.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../engine/ports/log.ts'
import { Host } from '../host/app/host.ts'
import { homeOf } from '../host/app/home-of.ts'
import { type RunningInstance, takeInstance } from '../host/app/instance.ts'
import { rendererFolder } from '../host/app/pages.ts'
import { createRouter } from '../host/app/router.ts'
import { Access } from './access.ts'
import { daemonShell } from './desktop.ts'
import { answer } from './http.ts'
import { Sockets } from './sockets.ts'

export interface DaemonOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Null for the usual one, or any other where that is taken. */
  readonly port: number | null
  /** The command line's script, for the unit that starts it at login. */
  readonly entry: string
  readonly log: Log | null
  /** A host that a person agrees to, for each folder that syncs with it (R17.4). */
  readonly trustedHost?: string
}

export interface Daemon {
  readonly port: number
  /** `http://127.0.0.1:PORT/`. */
  readonly address: string
  /** The address with this run's token in its fragment. Secret. */
  readonly url: string
  /** Flushes and closes everything. */
  close(): Promise<void>
}

/** So that a page that is open finds the daemon again after a restart. */
const USUAL_PORT = 4766
const ADDRESS = '127.0.0.1'

class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly code = 'port-taken'

  constructor(port: number) {
    super(
      `Another program listens on port ${port}. Choose another with --port, or leave it out to get a free one.`,
    )
  }
}

/** Rejects with PortTakenError where the port that was asked for is taken. */
export async function startDaemon(
  options: DaemonOptions,
): Promise<Daemon | { heldBy: RunningInstance | null }> {
  const { env } = options
  const home = homeOf(env)
  const instance = await takeInstance(home)
  if ('heldBy' in instance) return instance
  try {
    const server = createServer({ maxHeaderSize: 16 * 1024 })
    const port = await listen(server, options.port)
    const access = new Access(home, port)
    const shell = daemonShell(env, options.entry)
    const host = new Host({ env, shell, command: 'lockstep serve', log: options.log })
    if (options.trustedHost !== undefined) host.confirmHost(options.trustedHost)
    const sockets = new Sockets({ port, access, router: createRouter(host) })
    const http = { port, access, pages: rendererFolder(env) }
    server.on('request', (request, response) => {
      answer(request, response, http).catch((error: unknown) => {
        host.log.error('a request could not be answered', { error: String(error) })
        response.destroy()
      })
    })
    server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
    const address = `http://${ADDRESS}:${port}/`
    const url = `${address}#token=${access.token}`
    instance.announce({ pid: process.pid, startedAt: Date.now(), kind: 'daemon', url })
    host.log.info('the daemon listens', { port })
    host.start()
    return {
      port,
      address,
      url,
      close: async () => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        await sockets.close()
        server.closeAllConnections()
        await closed
        await host.close()
        host.log.info('the daemon has ended')
        instance.release()
      },
    }
  } catch (error) {
    instance.release()
    throw error
  }
}

async function listen(server: Server, wanted: number | null): Promise<number> {
  if (wanted !== null) return listenOn(server, wanted)
  try {
    return await listenOn(server, USUAL_PORT)
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error
    return listenOn(server, 0)
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(isTaken(error) ? new PortTakenError(port) : error))
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
