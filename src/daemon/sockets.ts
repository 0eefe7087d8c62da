/**
 * The contract over WebSockets: each is checked like a request, proves who it is, and is slowed to its reader's
 * pace. None may take more than its share: of memory, of requests at a time, of patience.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { HANDSHAKE_FAILED, type Seal } from '../contract/handshake.ts'
import type { Log } from '../engine/ports/log.ts'
import type { HostRouter } from '../host/app/router.ts'
import type { Access } from './access.ts'
import { admit, type Admitted } from './admission.ts'
import type { Connections } from './connections.ts'
import { refusalOf } from './loopback.ts'
import { isTooDeep } from './nesting.ts'

/** A client sends back at most one file. Bytes. */
const MOST_MESSAGE = 64 * 1024 * 1024
/** What waits for a client that does not read, in UTF-16 units: several of the largest answers. */
const MOST_UNREAD = 32 * 1024 * 1024
/** Requests of one client at a time, the streams that a page follows among them; more are not read meanwhile. */
const MOST_AT_A_TIME = 64
/** No request of the contract has more than a few. */
const MOST_NESTED = 64
/** A client that does not answer for this long has gone without a word, in milliseconds. */
const PING_MS = 30_000
const GOING_AWAY = 1001
const UNREADABLE = 1007
/** A client that does not close in return is cut off after this time, in milliseconds. */
const CLOSING_MS = 500

export interface SocketOptions {
  /** By which the daemon can be named: host and port. */
  readonly hosts: readonly string[]
  readonly access: Access
  readonly router: HostRouter
  readonly connections: Connections
  readonly log: Log
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
    const refusal = refusalOf(request, this.#options.hosts, { changes: true })
    if (refusal !== null) return refuse(socket, refusal.status)
    if (request.url !== '/rpc') return refuse(socket, 404)
    this.#server.handleUpgrade(request, socket, head, client => void this.#meet(client, request))
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

  async #meet(client: WebSocket, request: IncomingMessage): Promise<void> {
    client.binaryType = 'arraybuffer'
    client.on('error', () => client.terminate())
    client.on('pong', () => this.#silent.delete(client))
    const { access, connections } = this.#options
    const entering = connections.expectProof(request.socket)
    const admitted = await admit(client, request, access)
    clearTimeout(entering)
    if (admitted === null) return
    connections.keep(request.socket)
    this.#serve(client, admitted)
  }

  #serve(client: WebSocket, { out, into }: Admitted): void {
    const { access, log } = this.#options
    const send = sealing(client, out, log)
    void send(JSON.stringify(access.welcome()))
    const listen = reading(client, into)
    void this.#handler.upgrade(
      {
        addEventListener: ((type: string, listener: (event: { data: string }) => Promise<void>) => {
          if (type === 'message') listen(listener)
          else client.addEventListener('close', () => void listener({ data: '' }))
        }) as WebSocket['addEventListener'],
        // oRPC waits for what this gives back.
        send: send as WebSocket['send'],
      },
      { context: {} },
    )
  }

  /** Those that have not answered since the last time are gone. */
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
function sealing(client: WebSocket, out: Seal, log: Log): (text: string) => Promise<void> {
  let unread = 0
  let sealed: Promise<void> = Promise.resolve()
  return async text => {
    unread += text.length
    if (client.readyState !== client.OPEN) return
    if (unread > MOST_UNREAD) {
      log.info('a client that does not read is cut off', { unread })
      return client.terminate()
    }
    const closing = out.close(text)
    let left: Promise<void> = Promise.resolve()
    sealed = sealed.then(async () => {
      const bytes = await closing
      left = new Promise(resolve => client.send(bytes, () => resolve()))
    })
    await sealed
    await left
    unread -= text.length
  }
}

/** What it says, in order. Of a client with too much under way nothing more is read until some of it is done. */
function reading(
  client: WebSocket,
  into: Seal,
): (listener: (event: { data: string }) => Promise<void>) => void {
  return listener => {
    let opening: Promise<void> = Promise.resolve()
    let underWay = 0
    client.addEventListener('message', ({ data }) => {
      underWay += 1
      if (underWay >= MOST_AT_A_TIME) client.pause()
      opening = opening.then(async () => {
        const text = await opened(client, into, data)
        if (text === null) return
        void listener({ data: text }).finally(() => {
          underWay -= 1
          if (underWay < MOST_AT_A_TIME) client.resume()
        })
      })
    })
  }
}

/** Null where it is nothing that a page of ours has said; then the client is closed. */
async function opened(client: WebSocket, into: Seal, data: unknown): Promise<string | null> {
  if (client.readyState !== client.OPEN) return null
  try {
    if (!(data instanceof ArrayBuffer)) throw new Error('not sealed')
    const text = await into.open(data)
    if (!isTooDeep(text, MOST_NESTED)) return text
    client.close(UNREADABLE)
  } catch {
    client.close(HANDSHAKE_FAILED)
  }
  return null
}

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${PHRASES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
