/**
 * The contract over the port of one client. The main process has checked whose it is; from then on the port is the right.
 *
 * A client of ours speaks in texts and bytes: whatever sends anything else loses its port. What is answered to a client
 * that has gone is dropped, and what it has asked is aborted.
 */
import type { Context } from '@orpc/server'
import type { RPCHandler } from '@orpc/server/message-port'
import type { Log } from '../engine/ports/log.ts'
import type { ClientPort } from './parent-port.ts'

type Handler = Pick<RPCHandler<Context>, 'upgrade'>
/** What oRPC needs of a port. */
type Port = Parameters<Handler['upgrade']>[0]

export function servePort(handler: Handler, port: ClientPort, log: Log): void {
  handler.upgrade(guarded(port, log), { context: {} })
  port.start()
}

function guarded(port: ClientPort, log: Log): Port {
  let isOpen = true
  const close = (): void => {
    isOpen = false
    port.close()
  }
  port.on('close', () => (isOpen = false))
  return {
    on: (event: string, listener: (message?: { data: unknown }) => void): void => {
      if (event === 'close') port.on('close', () => listener())
      if (event !== 'message') return
      port.on('message', ({ data }) => {
        if (isMessage(data)) return listener({ data })
        log.error('a page sent something that is no request; its port is closed')
        close()
      })
    },
    postMessage: (data: unknown): void => {
      if (isOpen) port.postMessage(data)
    },
  }
}

function isMessage(data: unknown): boolean {
  return typeof data === 'string' || data instanceof ArrayBuffer || ArrayBuffer.isView(data)
}
