/**
 * How many may be connected, and for how long without a word. Anybody on this machine can connect, so who has not
 * proven who they are gives way: the oldest of these goes when another one comes.
 */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const MOST_CONNECTIONS = 128
/** For a reader of a file that does not go on reading. */
const STILL_MS = 30_000

export class Connections {
  readonly #patienceMs: number
  /** In the order in which they came; those that are kept are not here. */
  readonly #strangers = new Set<Socket>()
  /** The last answer on each. */
  readonly #answers = new WeakMap<Socket, ServerResponse>()
  #kept = 0

  /** `patienceMs`: how long somebody may take to prove who they are. */
  constructor(server: Server, patienceMs: number) {
    this.#patienceMs = patienceMs
    server.timeout = STILL_MS
    server.on('connection', (socket: Socket) => this.#take(socket))
  }

  /** It is let in, and stays until it goes. */
  keep(socket: Socket): void {
    if (!this.#strangers.delete(socket)) return
    this.#kept += 1
    socket.once('close', () => {
      this.#kept -= 1
    })
  }

  /** Cuts it off where it takes too long; to be cleared. */
  expectProof(socket: Socket): NodeJS.Timeout {
    return setTimeout(() => socket.destroy(), this.#patienceMs)
  }

  /**
   * False for who asks again before the last answer has left, and is cut off: no browser does, and Node would have all
   * that is asked in one piece answered at once, and keep the answers in memory until they are read.
   */
  takesTurns(response: ServerResponse): boolean {
    const { socket } = response
    if (socket === null || socket.destroyed) return false
    const last = this.#answers.get(socket)
    if (last !== undefined && !last.writableFinished) {
      socket.destroy()
      return false
    }
    this.#answers.set(socket, response)
    return true
  }

  #take(socket: Socket): void {
    this.#strangers.add(socket)
    socket.once('close', () => this.#strangers.delete(socket))
    if (this.#strangers.size + this.#kept <= MOST_CONNECTIONS) return
    const [oldest] = this.#strangers
    oldest?.destroy()
  }
}
