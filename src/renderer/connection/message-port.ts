/**
 * The host in the same program: the desktop app's main process.
 *
 * The page makes the channel and hands one end to the preload script, which alone can pass it on.
 */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { HostClient } from '../../contract/contract.ts'
import type { Connection } from './connection.ts'

/** What the preload script listens for. */
const CONNECT = 'lockstep:connect'

export function connectByPort(signal: AbortSignal): Promise<Connection> {
  const { port1: port, port2: theirs } = new MessageChannel()
  const closed = new Promise<void>(done => {
    // Chromium tells when the other end is gone; the desktop app brings its own Chromium.
    port.addEventListener('close', () => done(), { once: true })
    signal.addEventListener('abort', () => done(), { once: true })
  })
  const client: HostClient = createORPCClient(new RPCLink({ port }))
  port.start()
  window.postMessage(CONNECT, location.origin, [theirs])
  return Promise.resolve({ client, closed, close: () => port.close() })
}
