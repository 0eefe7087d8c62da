/** What the system tells of power: a sleep, which the host rests in, and the end of the session. */
import { app, powerMonitor } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { HostProcess } from './host-process.ts'
import type { Ending } from './quit.ts'
import { isWaitedFor } from './session-end.ts'

export interface PowerOptions {
  readonly host: Pick<HostProcess, 'tell'>
  readonly ending: Pick<Ending, 'expectSessionEnd'>
  readonly log: Log
}

export function followPower({ host, ending, log }: PowerOptions): void {
  powerMonitor.on('suspend', () => host.tell({ type: 'suspend' }))
  powerMonitor.on('resume', () => host.tell({ type: 'resume' }))
  powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
    log.info('the session ends')
    if (!isWaitedFor(process.platform)) return ending.expectSessionEnd()
    event?.preventDefault()
    app.quit()
  })
}
