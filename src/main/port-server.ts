/**
 * The contract over the port that the page hands over. Its sender is checked once, then the port is the right:
 * nothing else can speak through it. A page that loads anew brings a new one, and the old one's end aborts
 * what was asked over it.
 */
import { ipcMain, type MessagePortMain } from 'electron'
import { RPCHandler } from '@orpc/server/message-port'
import type { Log } from '../engine/ports/log.ts'
import type { HostRouter } from '../host/app/router.ts'
import { APP_ORIGIN } from './app-protocol.ts'
import { refusalOf } from './port-guard.ts'

/** As the preload script calls it. */
const CHANNEL = 'lockstep:connect'

export interface PortServerOptions {
  readonly router: HostRouter
  /** Id of our window's page. */
  readonly pageId: () => number | null
  readonly log: Log
}

export function servePorts({ router, pageId, log }: PortServerOptions): void {
  const handler = new RPCHandler(router)
  ipcMain.on(CHANNEL, event => {
    const refusal = refusalOf(event, pageId(), APP_ORIGIN)
    const [port] = event.ports
    if (refusal !== null || port === undefined) {
      for (const each of event.ports) each.close()
      log.error('a page was not connected', { error: refusal ?? 'it brings no port' })
      return
    }
    handler.upgrade(guarded(port, log), { context: {} })
    port.start()
  })
}

/** What oRPC needs of a port. */
type Port = Parameters<InstanceType<typeof RPCHandler>['upgrade']>[0]

/**
 * A page of ours speaks in texts and bytes: whatever sends anything else loses its port. What is answered to a
 * page that has gone is dropped.
 */
function guarded(port: MessagePortMain, log: Log): Port {
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
      port.on('message', ({ data }: { data: unknown }) => {
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
