/** The contract over WebSockets: each is checked like a request, needs the cookie, and is slowed to its reader's pace. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HostRouter } from '../host/app/router.ts'
import type { Access } from './access.ts'
import { refusalOf } from './loopback.ts'

/** A client sends back at most one file. Bytes. */
const MOST_MESSAGE = 64 * 1024 * 1024
/** More windows than anybody has open. */
const MOST_CLIENTS = 64
/** A client that does not answer for this long has gone without a word, in milliseconds. */
const PING_MS = 30_000
const GOING_AWAY = 1001
/** A client that does not close in return is cut off after this time, in milliseconds. */
const CLOSING_MS = 500

export interface SocketOptions {
  readonly port: number
  readonly access: Access
  readonly router: HostRouter
}

export class Sockets {
  readonly #options: SocketOptions
  readonly #handler: ReturnType<typeof handlerOf>
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE,
    // It costs more on loopback than it gains.
    perMessageDeflate: false,
  })
  readonly #silent = new WeakSet<WebSocket>()
  readonly #pinging: NodeJS.Timeout

  constructor(options: SocketOptions) {
    this.#options = options
    this.#handler = handlerOf(options.router)
    this.#pinging = setInterval(() => this.#ping(), PING_MS)
    this.#pinging.unref()
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const { port, access } = this.#options
    const refusal = refusalOf(request, port, { changes: true })
    if (refusal !== null) return refuse(socket, refusal.status)
    if (request.url !== '/rpc') return refuse(socket, 404)
    if (!access.isInside(request.headers.cookie)) return refuse(socket, 401)
    if (this.#server.clients.size >= MOST_CLIENTS) return refuse(socket, 503)
    this.#server.handleUpgrade(request, socket, head, client => this.#serve(client))
  }

  async close(): Promise<void> {
    clearInterval(this.#pinging)
    const cutting = setTimeout(() => {
      for (const client of this.#server.clients) client.terminate()
    }, CLOSING_MS)
    for (const client of this.#server.clients) client.close(GOING_AWAY)
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
    clearTimeout(cutting)
  }

  #serve(client: WebSocket): void {
    client.on('error', () => client.terminate())
    client.on('pong', () => this.#silent.delete(client))
    void this.#handler.upgrade(
      {
        addEventListener: client.addEventListener.bind(client),
        // oxlint-disable-next-line typescript/no-misused-promises -- oRPC waits for what this gives back
        send: paced(client),
      },
      { context: {} },
    )
  }

  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#silent.has(client)) {
        client.terminate()
        continue
      }
      this.#silent.add(client)
      client.ping()
    }
  }
}

function handlerOf(router: HostRouter) {
  return new RPCHandler(router)
}

/**
 * Resolves once the message has left, so that a stream makes its next event for a slow reader only then. A
 * closed socket is no error: its requests are aborted by its 'close'.
 */
function paced(client: WebSocket): (data: Parameters<WebSocket['send']>[0]) => Promise<void> {
  return data => new Promise(resolve => client.send(data, () => resolve()))
}

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  503: 'Service Unavailable',
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${PHRASES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
