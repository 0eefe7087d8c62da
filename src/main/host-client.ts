/**
 * The main process as a client of the host: it speaks the contract as a page does, hears of notices, and has the state at
 * most a few times a second, at once and then after each change.
 */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { MessageChannelMain } from 'electron'
import type { HostClient as Client } from '../contract/contract.ts'
import type { AppState, Notice } from '../contract/state.ts'
import type { Log } from '../engine/ports/log.ts'
import { errorStack } from '../host/error-stack.ts'

export interface HostClientOptions {
  readonly connect: (port: Electron.MessagePortMain) => void
  readonly onState: (state: AppState) => void
  readonly onNotice: (notice: Notice) => void
  readonly log: Log
}

/** A tray need not follow faster, in milliseconds. */
const JOIN_MS = 250

export class HostClient {
  readonly #options: HostClientOptions
  #client: Client | null = null
  #disconnect: (() => void) | null = null

  constructor(options: HostClientOptions) {
    this.#options = options
  }

  /** Throws while there is no host. */
  get ask(): Client {
    if (this.#client === null) throw new Error('Sync does not run just now. It starts again by itself.')
    return this.#client
  }

  /** To a host that has just been started. */
  connect(): void {
    this.#disconnect?.()
    const { port1, port2 } = new MessageChannelMain()
    const ending = new AbortController()
    const client: Client = createORPCClient(new RPCLink({ port: port1 }))
    port1.on('close', () => ending.abort())
    port1.start()
    this.#client = client
    this.#disconnect = () => {
      ending.abort()
      port1.close()
    }
    this.#options.connect(port2)
    this.#follow(() => this.#followState(client, ending.signal), ending.signal)
    this.#follow(() => this.#followNotices(client, ending.signal), ending.signal)
  }

  /** The host has gone. */
  disconnect(): void {
    this.#disconnect?.()
    this.#disconnect = null
    this.#client = null
  }

  async #followState(client: Client, signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | null = null
    const show = async (): Promise<void> => {
      const { state } = await client.state.get()
      if (!signal.aborted) this.#options.onState(state)
    }
    signal.addEventListener('abort', () => clearTimeout(timer ?? undefined))
    for await (const event of await client.state.watch(undefined, { signal })) {
      if (event.type === 'snapshot') this.#options.onState(event.state)
      else
        timer ??= setTimeout(() => {
          timer = null
          this.#follow(show, signal)
        }, JOIN_MS)
    }
  }

  async #followNotices(client: Client, signal: AbortSignal): Promise<void> {
    for await (const notice of await client.state.notices(undefined, { signal }))
      this.#options.onNotice(notice)
  }

  /** What ends with the connection is no failure. */
  #follow(work: () => Promise<void>, signal: AbortSignal): void {
    work().catch((error: unknown) => {
      if (signal.aborted) return
      this.#options.log.error('the tray no longer follows', { error: errorStack(error) })
    })
  }
}
