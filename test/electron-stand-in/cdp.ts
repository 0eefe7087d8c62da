/** Chromium's own protocol over two pipes, which also end it when this process ends, however that happens. */
import type { Readable, Writable } from 'node:stream'

export type Fields = Readonly<Record<string, unknown>>

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: Fields
  readonly sessionId?: string
  readonly result?: Fields
  readonly error?: { readonly message: string }
}

interface Waiting {
  readonly method: string
  readonly resolve: (result: Fields) => void
  readonly reject: (error: Error) => void
}

type Listener = (method: string, params: Fields) => void

export class CdpError extends Error {
  override readonly name = 'CdpError'
}

/** A page, or Chromium, may end while something is said to it. */
export function ignoreEnd(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}

export class CdpConnection {
  readonly #to: Writable
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, Listener>()
  #lastId = 0
  #text = ''
  #isClosed = false

  constructor(to: Writable, from: Readable) {
    this.#to = to
    to.on('error', () => this.close())
    from.setEncoding('utf8').on('data', (some: string) => this.#read(some))
    from.on('close', () => this.close())
  }

  /** Rejects with CdpError, also where Chromium ends meanwhile. */
  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    if (this.#isClosed) return Promise.reject(new CdpError(`${method}: Chromium has ended`))
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject })
      this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  /** What comes for a session; the empty name is the browser's own. */
  listen(sessionId: string, listener: Listener): void {
    this.#listeners.set(sessionId, listener)
  }

  close(): void {
    this.#isClosed = true
    for (const { method, reject } of this.#waiting.values())
      reject(new CdpError(`${method}: Chromium has ended`))
    this.#waiting.clear()
  }

  #read(some: string): void {
    const messages = (this.#text + some).split('\0')
    this.#text = messages.pop() ?? ''
    for (const message of messages) this.#take(JSON.parse(message) as Reply)
  }

  #take({ id, method, params = {}, sessionId = '', result = {}, error }: Reply): void {
    if (id === undefined) {
      // A session that has ended hears of it itself.
      const whose = method === 'Target.detachedFromTarget' ? String(params['sessionId']) : sessionId
      this.#listeners.get(whose)?.(method ?? '', params)
      return
    }
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new CdpError(`${waiting.method}: ${error.message}`))
  }
}
