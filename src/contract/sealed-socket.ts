/**
 * The client's end of a WebSocket to the daemon: proves by one of its passes that it may come in, sees the
 * daemon's proof that it is the one that gave them out, and from then on says and hears only what is sealed.
 */
import {
  fieldsOf,
  HANDSHAKE_FAILED,
  type Handshake,
  isProof,
  newNonce,
  nonceOf,
  type Pass,
  proofOf,
  Seal,
} from './handshake.ts'
import { closed, messagesOf, type RawSocket } from './raw-socket.ts'

/** The daemon knows none of the passes. */
export class PassRefused extends Error {}

/** What the daemon gives to whoever is in, for the next time. */
export interface Welcome {
  /** Until the daemon ends. */
  readonly run: Pass
  /** For a later run, too: for a week, and for the page's memory alone. */
  readonly later: Pass
}

interface Opened {
  readonly out: Seal
  readonly into: Seal
  /** What came before the seals were there. */
  readonly waiting: readonly unknown[]
}

/** Its events are `message` and `close`, as a WebSocket's are. */
export class SealedSocket extends EventTarget {
  readonly #raw: RawSocket
  readonly #out: Seal
  #sending: Promise<void> = Promise.resolve()

  private constructor(raw: RawSocket, { out, into, waiting }: Opened) {
    super()
    this.#raw = raw
    this.#out = out
    let reading: Promise<void> = Promise.resolve()
    const take = (data: unknown) => {
      reading = reading.then(() => this.#take(into, data))
    }
    for (const data of waiting) take(data)
    raw.addEventListener('message', ({ data }) => take(data))
    raw.addEventListener('close', () => this.dispatchEvent(new Event('close')))
  }

  /** `host` is the page's own; `raw` must not have opened yet. Rejects with PassRefused, or where this is no daemon of ours. */
  static async enter(
    raw: RawSocket,
    host: string,
    passes: readonly Pass[],
  ): Promise<{ socket: SealedSocket; welcome: Welcome; pass: Pass }> {
    raw.binaryType = 'arraybuffer'
    const messages = messagesOf(raw)
    try {
      const daemonNonce = nonceOf(await messages.next())
      if (daemonNonce === null) throw new Error('this is no daemon')
      for (const pass of passes) {
        const handshake = { host, id: pass.id, daemonNonce, pageNonce: newNonce() }
        raw.send(await offerBy(pass, handshake))
        const answer = fieldsOf(await messages.next())
        if (answer['refused'] === true) continue
        if (!(await isProof(pass.key, 'daemon', handshake, answer['proof'])))
          throw new Error('another program answers in the daemon’s place')
        const out = await Seal.of(pass.key, 'page', handshake)
        const into = await Seal.of(pass.key, 'daemon', handshake)
        const socket = new SealedSocket(raw, { out, into, waiting: messages.end() })
        return { socket, welcome: await socket.#welcomed(), pass }
      }
      throw new PassRefused()
    } catch (error) {
      raw.close(HANDSHAKE_FAILED)
      throw error
    }
  }

  get readyState(): RawSocket['readyState'] {
    return this.#raw.readyState
  }

  /** In the order of the calls. */
  send(text: string): Promise<void> {
    const sealed = this.#out.close(text)
    this.#sending = this.#sending.then(async () => this.#raw.send(await sealed))
    return this.#sending
  }

  close(): void {
    this.#raw.close()
  }

  async #take(into: Seal, data: unknown): Promise<void> {
    try {
      if (!(data instanceof ArrayBuffer)) throw new Error('not sealed')
      this.dispatchEvent(new MessageEvent('message', { data: await into.open(data) }))
    } catch {
      this.#raw.close(HANDSHAKE_FAILED)
    }
  }

  /** The daemon's first message. */
  #welcomed(): Promise<Welcome> {
    return new Promise((resolve, reject) => {
      const onFirst = (event: Event) => {
        // Sealed, so it is as the daemon has made it.
        if (event instanceof MessageEvent) resolve(JSON.parse(String(event.data)) as Welcome)
      }
      this.addEventListener('message', onFirst, { once: true })
      this.addEventListener('close', () => reject(closed()), { once: true })
    })
  }
}

async function offerBy({ id, key }: Pass, handshake: Handshake): Promise<string> {
  const proof = await proofOf(key, 'page', handshake)
  return JSON.stringify({ id, nonce: handshake.pageNonce, proof })
}
