/**
 * A deployment behind Convex's sync protocol on a loopback port, for the real client, with all that can go
 * wrong on the way. Each device has a URL of its own, so that one can be cut off alone.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Deployment, type DeploymentOptions } from './deployment.ts'
import type { Outcome } from './protocol.ts'
import { Session } from './session.ts'

export interface StandInOptions extends DeploymentOptions {
  /** Convex answers a request that one session repeats without carrying it out again; false: only our own ids help. */
  readonly remembersRequests?: boolean
  readonly deployment?: Deployment
}

export class ConvexStandIn {
  readonly deployment: Deployment
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 2 ** 20 })
  readonly #answered: Map<string, { readonly outcome: Outcome; readonly ts: bigint }> | null
  readonly #sockets = new Map<WebSocket, string>()
  readonly #cut = new Set<string>()
  readonly #deaf = new Set<string>()
  readonly #lost = new Map<string, number>()
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | null = null
  #connections = 0
  #held = 0

  private constructor({ remembersRequests = true, deployment, ...options }: StandInOptions) {
    this.deployment = deployment ?? new Deployment(options)
    this.#answered = remembersRequests ? new Map() : null
    this.#server = createServer((_, response) => response.writeHead(404).end())
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  static async start(options: StandInOptions = {}): Promise<ConvexStandIn> {
    const standIn = new ConvexStandIn(options)
    await new Promise<void>(resolve => standIn.#server.listen(0, '127.0.0.1', resolve))
    return standIn
  }

  /** The URL that this device uses. */
  url(device = 'here'): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/${device}`
  }

  /** Connections that were ever made. */
  get connections(): number {
    return this.#connections
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Ends the device's connections and takes no new ones. */
  cut(device = 'here'): void {
    this.#cut.add(device)
    this.#break(device)
  }

  restore(device = 'here'): void {
    this.#cut.delete(device)
    this.#deaf.delete(device)
  }

  /** Ends the device's connections; they may be made anew at once. */
  interrupt(device = 'here'): void {
    this.#break(device)
  }

  /** As after a cable was pulled: nothing is answered and nothing is closed. */
  deafen(device = 'here'): void {
    this.#deaf.add(device)
  }

  /** The next call of this mutation is carried out, and then the connection breaks. */
  loseNextAnswer(path: string): void {
    this.#lost.set(path, (this.#lost.get(path) ?? 0) + 1)
  }

  /** Mutations that arrive wait until the returned function is called, and then run whoever has gone meanwhile. */
  holdMutations(): () => void {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    this.#gate = { opened, open }
    return () => {
      this.passOthers()
      open()
    }
  }

  /** Mutations that arrive from now on are not held; those that are stay so. */
  passOthers(): void {
    this.#gate = null
  }

  get heldMutations(): number {
    return this.#held
  }

  /** Closes the connections as a server that has too much to do. */
  overload(device = 'here'): void {
    for (const [socket, owner] of this.#sockets)
      if (owner === device) socket.close(1013, 'TooManyConcurrentRequests: try again later')
  }

  /** Tells the device's clients that their session cannot go on. */
  failFatally(device = 'here'): void {
    for (const [socket, owner] of this.#sockets)
      if (owner === device) socket.send(JSON.stringify({ type: 'FatalError', error: 'broken beyond repair' }))
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.terminate()
    this.#webSockets.close()
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #break(device: string): void {
    for (const [socket, owner] of this.#sockets) if (owner === device) socket.terminate()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const device = /^\/([^/]+)\/api\/[^/]+\/sync$/.exec(request.url ?? '')?.[1]
    if (device === undefined || this.#cut.has(device)) {
      socket.destroy()
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, opened => {
      this.#connections += 1
      this.#sockets.set(opened, device)
      opened.on('close', () => this.#sockets.delete(opened))
      void new Session(opened, this.deployment, this.#answered, {
        beforeMutation: () => this.#waitAtGate(),
        losesAnswer: path => this.#losesAnswer(path),
        isDeaf: () => this.#deaf.has(device),
      })
    })
  }

  async #waitAtGate(): Promise<void> {
    if (this.#gate === null) return
    this.#held += 1
    await this.#gate.opened
    this.#held -= 1
  }

  #losesAnswer(path: string): boolean {
    const left = this.#lost.get(path) ?? 0
    if (left > 0) this.#lost.set(path, left - 1)
    return left > 0
  }
}
