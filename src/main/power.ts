/**
 * A machine that goes to sleep cuts its connections and stops its clocks: the engines end before, and after it
 * they begin anew, which looks at both sides as a whole.
 */
import { app, powerMonitor } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { Host } from '../host/app/host.ts'
import { errorStack } from './error-stack.ts'
import type { Ending } from './quit.ts'
import { isWaitedFor } from './session-end.ts'

export function followPower(host: Host, ending: Pick<Ending, 'expectSessionEnd'>): void {
  let falling: Promise<unknown> = Promise.resolve()
  powerMonitor.on('suspend', () => {
    host.log.info('the machine goes to sleep; sync rests')
    falling = attempt(host.log, () => Promise.all(host.folders.list().map(({ engine }) => engine.stop())))
  })
  powerMonitor.on('resume', () => {
    host.log.info('the machine is awake; sync looks at everything anew')
    // What the sleep has cut short ends first. A folder that a person paused stays paused.
    falling = falling.then(() =>
      attempt(host.log, () => Promise.all(host.folders.list().map(entry => entry.follow(entry.known)))),
    )
  })
  powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
    host.log.info('the session ends')
    if (!isWaitedFor(process.platform)) return ending.expectSessionEnd()
    event?.preventDefault()
    app.quit()
  })
}

async function attempt(log: Log, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.error('sync could not follow the machine’s sleep', { error: errorStack(error) })
  }
}
