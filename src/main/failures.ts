/** What nobody has handled: written down, and told where the app cannot go on. Dumps stay on this machine. */
import { app, crashReporter, dialog } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import { errorStack } from '../host/error-stack.ts'
import { NAME } from './identity.ts'

export function keepCrashDumps(): void {
  crashReporter.start({ uploadToServer: false })
}

/** Until there is a log, what goes wrong is only told. */
export function failVisibly(error: unknown): void {
  console.error(error)
  dialog.showErrorBox(`${NAME} cannot start`, error instanceof Error ? error.message : String(error))
  app.exit(1)
}

export function followFailures(log: Log): void {
  process.on('uncaughtException', error => {
    log.error('the app has failed', { error: errorStack(error) })
    dialog.showErrorBox(
      `${NAME} has failed`,
      `Your files are as they were; start it again to go on.\n\n${error.message}`,
    )
    app.exit(1)
  })
  process.on('unhandledRejection', reason => {
    log.error('something has failed unnoticed', { error: errorStack(reason) })
  })
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit') log.error('a part of Electron has ended', { type, error: reason, exitCode })
  })
}

/** A page that does nothing but crash waits for a person's word. */
export async function offerReload(reload: () => void): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: NAME,
    message: 'The window has crashed several times.',
    detail: 'Your folders stay in step all the same. The log says more.',
    buttons: ['Try again', 'Leave it'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  })
  if (response === 0) reload()
}
