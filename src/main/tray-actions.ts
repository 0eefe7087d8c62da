/** What the rows of the tray's menu do. */
import { dialog } from 'electron'
import type { Host } from '../host/app/host.ts'
import { openPlace } from '../host/app/open-place.ts'
import type { ShellPort } from '../host/app/shell-port.ts'
import { errorStack } from './error-stack.ts'
import { explainSandbox } from './sandbox.ts'
import { NAME } from './identity.ts'
import type { TrayAction } from './tray-menu.ts'
import type { Updates } from './updates.ts'
import type { MainWindow } from './window.ts'

export interface TrayActionsOptions {
  readonly host: Host
  readonly shell: ShellPort
  readonly window: MainWindow
  readonly updates: Updates
  readonly quit: () => void
}

export function trayActions(options: TrayActionsOptions): (action: TrayAction) => void {
  return action => {
    carryOut(action, options).catch((error: unknown) => {
      options.host.log.error('what the tray was asked for has failed', {
        error: errorStack(error),
        action: action.type,
      })
      // Whoever has clicked is looking, and nothing else would tell.
      const detail = error instanceof Error ? error.message : String(error)
      void dialog.showMessageBox({ type: 'warning', title: NAME, message: 'That did not work.', detail })
    })
  }
}

async function carryOut(
  action: TrayAction,
  { host, shell, window, updates, quit }: TrayActionsOptions,
): Promise<void> {
  const { folders } = host
  switch (action.type) {
    case 'show':
      return window.show(action.place)
    case 'open-folder':
      return openPlace(shell, folders.get(action.id).path)
    case 'sync-now':
      folders.get(action.id).engine.syncNow()
      return
    case 'pause':
      return folders.setPaused(action.id, true)
    case 'resume':
      return folders.setPaused(action.id, false)
    case 'pause-all':
      return folders.pauseAll(action.ms === null ? null : Date.now() + action.ms)
    case 'resume-all':
      return folders.resumeAll()
    case 'open-logs':
      return openPlace(shell, host.about().logFolder)
    case 'check-for-updates':
      return updates.check()
    case 'explain-sandbox':
      return explainSandbox()
    case 'quit':
      return quit()
  }
}
