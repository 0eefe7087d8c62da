/** What the rows of the tray's menu do. */
import { dialog } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import type { ShellPort } from '../host/app/shell-port.ts'
import { errorStack } from '../host/error-stack.ts'
import type { HostClient } from './host-client.ts'
import type { HostProcess } from './host-process.ts'
import { NAME } from './identity.ts'
import { explainSandbox } from './sandbox.ts'
import type { TrayAction } from './tray-menu.ts'
import type { Updates } from './updates.ts'
import type { MainWindow } from './window.ts'

export interface TrayActionsOptions {
  readonly client: HostClient
  readonly host: Pick<HostProcess, 'restart'>
  readonly shell: Required<ShellPort>
  /** Shown by this process: a host that fails is why a person looks. */
  readonly logFolder: string
  readonly window: MainWindow
  readonly updates: Updates
  readonly log: Log
  readonly quit: () => void
}

export function trayActions(options: TrayActionsOptions): (action: TrayAction) => void {
  return action => {
    carryOut(action, options).catch((error: unknown) => {
      options.log.error('what the tray was asked for has failed', {
        error: errorStack(error),
        action: action.type,
      })
      // Whoever has clicked is looking, and nothing else would tell.
      const detail = error instanceof Error ? error.message : String(error)
      void dialog.showMessageBox({ type: 'warning', title: NAME, message: 'That did not work.', detail })
    })
  }
}

async function carryOut(action: TrayAction, options: TrayActionsOptions): Promise<unknown> {
  const { client, host, shell, logFolder, window, updates, quit } = options
  switch (action.type) {
    case 'show':
      return window.show(action.place)
    case 'open-folder':
      return client.ask.shell.open({ folderId: action.id, path: null })
    case 'sync-now':
      return client.ask.folders.syncNow({ id: action.id })
    case 'pause':
      return client.ask.folders.pause({ id: action.id })
    case 'resume':
      return client.ask.folders.resume({ id: action.id })
    case 'pause-all':
      return client.ask.folders.pauseAll({ until: action.ms === null ? null : Date.now() + action.ms })
    case 'resume-all':
      return client.ask.folders.resumeAll()
    case 'restart-sync':
      return host.restart()
    case 'open-logs':
      return shell.open(logFolder)
    case 'check-for-updates':
      return updates.check()
    case 'explain-sandbox':
      return explainSandbox()
    case 'quit':
      return quit()
  }
}
