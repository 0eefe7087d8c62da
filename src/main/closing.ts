/**
 * What happens when a person closes the window. With a tray it hides there, which is said once. Without one it
 * would leave a process that nobody can see: then the person chooses.
 */
import { app, dialog, type MessageBoxOptions } from 'electron'
import type { Notifications } from './notifications.ts'
import { NAME } from './identity.ts'
import type { MainWindow } from './window.ts'

export interface ClosingOptions {
  readonly window: MainWindow
  readonly notifications: Notifications
  readonly isExplained: boolean
  readonly onExplained: () => Promise<unknown>
}

export async function closeToTray(options: ClosingOptions): Promise<void> {
  const { window, notifications, isExplained, onExplained } = options
  window.hide()
  if (isExplained || process.platform === 'darwin') return
  const title = `${NAME} keeps running`
  const body = 'Your folders stay in step. Open or quit Lockstep by its icon in the tray.'
  const isShown = await notifications.show({ title, body, key: 'close-explained' }, () => window.show())
  if (!isShown) await dialog.showMessageBox({ type: 'info', title: NAME, message: title, detail: body })
  await onExplained()
}

const WITHOUT_TRAY: MessageBoxOptions = {
  type: 'question',
  title: NAME,
  message: 'Keep your folders in step?',
  detail:
    'This desktop shows no tray icons, so Lockstep needs its window. It can stay minimised and go on, or quit.',
  buttons: ['Minimise', 'Quit', 'Cancel'],
  defaultId: 0,
  cancelId: 2,
  noLink: true,
}

export async function closeWithoutTray(window: MainWindow): Promise<void> {
  const parent = window.visible
  const { response } = await (parent === undefined
    ? dialog.showMessageBox(WITHOUT_TRAY)
    : dialog.showMessageBox(parent, WITHOUT_TRAY))
  if (response === 0) window.minimize()
  if (response === 1) app.quit()
}
