/** What the host may ask of this machine's desktop. Paths and addresses come checked from the host. */
import { dialog, shell } from 'electron'
import type { ShellPort } from '../host/app/shell-port.ts'
import { canStartAtLogin, setStartAtLogin } from './autostart.ts'
import { Notifications } from './notifications.ts'
import type { MainWindow } from './window.ts'

export interface DesktopShellOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly window: () => MainWindow
  /** A desktop may get its tray, or lose it, while we run. */
  readonly hasTray: () => boolean
}

export function desktopShell({ env, window, hasTray }: DesktopShellOptions): Required<ShellPort> {
  return {
    get info() {
      return {
        kind: 'electron' as const,
        canPickFolder: true,
        canOpen: true,
        canStartAtLogin: canStartAtLogin(),
        hasNotifications: Notifications.areSupported,
        hasTray: hasTray(),
        platform: process.platform,
      }
    },
    pickFolder: () => pickFolder(window()),
    open: openPath,
    reveal: path => Promise.resolve(shell.showItemInFolder(path)),
    openExternal: url => shell.openExternal(url),
    setStartAtLogin: isOn => Promise.resolve(setStartAtLogin(env, isOn)),
  }
}

async function pickFolder(window: MainWindow): Promise<string | null> {
  const options: Electron.OpenDialogOptions = {
    title: 'Choose a folder',
    buttonLabel: 'Choose',
    properties: ['openDirectory', 'createDirectory', 'dontAddToRecent'],
  }
  const parent = window.visible
  const { canceled, filePaths } = await (parent === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(parent, options))
  return canceled ? null : (filePaths[0] ?? null)
}

async function openPath(path: string): Promise<void> {
  const failure = await shell.openPath(path)
  if (failure !== '') throw new Error(`The system could not open it: ${failure}`)
}
