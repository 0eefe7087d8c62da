/**
 * The port that our window's page hands over goes on to the host. Whose it is, is checked here and once: then the port is
 * the right, and nothing else can speak through it.
 */
import { ipcMain, type MessagePortMain } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import { APP_ORIGIN } from './app-protocol.ts'
import { refusalOf } from './port-guard.ts'

/** As the preload script calls it. */
const CHANNEL = 'lockstep:connect'

export interface PagePortOptions {
  /** Id of our window's page. */
  readonly pageId: () => number | null
  readonly connect: (port: MessagePortMain) => void
  readonly log: Log
}

export function takePagePort({ pageId, connect, log }: PagePortOptions): void {
  ipcMain.on(CHANNEL, event => {
    const refusal = refusalOf(event, pageId(), APP_ORIGIN)
    const [port] = event.ports
    if (refusal === null && port !== undefined) return connect(port)
    for (const each of event.ports) each.close()
    log.error('a page was not connected', { error: refusal ?? 'it brings no port' })
  })
}
