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
import { removeEntryPage } from '../host/app/way-in.ts'
import { Access } from './access.ts'
import { Connections } from './connections.ts'
import { daemonShell } from './desktop.ts'
import { answer } from './http.ts'
import { hostsOf } from './loopback.ts'
import { Sockets } from './sockets.ts'

export interface DaemonOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Null for the usual one, or any other where that is taken. */
  readonly port: number | null
  /** The command line's script, for the unit that starts it at login. */
  readonly entry: string
  readonly log: Log | null
  /** How long a whole request may take to come, and a handshake, in milliseconds. */
  readonly patienceMs?: number
  /** A host that a person agrees to, for each folder that syncs with it (R17.4). */
  readonly trustedHost?: string
}

export interface Daemon {
  readonly host: Host
  readonly port: number
  /** `http://127.0.0.1:PORT/`. */
  readonly address: string
  /** The address with a token in its fragment that is good once; then it is another one. Secret. */
  readonly url: string
  /** Flushes and closes everything. */
  close(): Promise<void>
}

/** So that a page that is open finds the daemon again after a restart. */
const USUAL_PORT = 4766
const ADDRESS = '127.0.0.1'
const PATIENCE_MS = 10_000

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
  const { env, patienceMs = PATIENCE_MS } = options
  const home = homeOf(env)
  const startedAt = Date.now()
  const instance = await takeInstance(home)
  if ('heldBy' in instance) return instance
  try {
    const server = createServer({
      maxHeaderSize: 16 * 1024,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      connectionsCheckingInterval: patienceMs / 10,
    })
    const connections = new Connections(server, patienceMs)
    const port = await listen(server, options.port)
    const address = `http://${ADDRESS}:${port}/`
    const urlOf = (token: string): string => `${address}#token=${token}`
    const announce = (token: string): void =>
      instance.announce({ pid: process.pid, startedAt, kind: 'daemon', url: urlOf(token) })
    const access = new Access({
      home,
      onNewToken: token => {
        removeEntryPage(home)
        announce(token)
      },
    })
    const shell = daemonShell(env, options.entry)
    const host = new Host({ env, shell, command: 'lockstep serve', log: options.log })
    if (options.trustedHost !== undefined) host.confirmHost(options.trustedHost)
    const hosts = hostsOf(port, env['LOCKSTEP_DEV_SERVER'])
    const sockets = new Sockets({ hosts, access, router: createRouter(host), connections, log: host.log })
    const pages = rendererFolder(env)
    server.on('request', (request, response) => {
      if (connections.takesTurns(response)) answer(request, response, { hosts, port, pages })
    })
    server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
    removeEntryPage(home)
    announce(access.token)
    host.log.info('the daemon listens', { port })
    host.start()
    return {
      host,
      port,
      address,
      get url() {
        return urlOf(access.token)
      },
      close: async () => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        await sockets.close()
        server.closeAllConnections()
        await closed
        await host.close()
        removeEntryPage(home)
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
