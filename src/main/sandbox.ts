/**
 * Where Chromium has been told to run without its sandbox, the person should know: an AppImage does so by itself where
 * the system lets no ordinary program make one (docs/packaging.md).
 */
import { app, dialog } from 'electron'
import { NAME } from './identity.ts'

export function lacksSandbox(): boolean {
  return app.commandLine.hasSwitch('no-sandbox')
}

export async function explainSandbox(): Promise<void> {
  await dialog.showMessageBox({
    type: 'info',
    title: NAME,
    message: 'The window runs without its sandbox.',
    detail:
      'This system lets no AppImage make one, so one barrier is missing between the window and your files. Your folders ' +
      'sync as usual. The .deb and .rpm packages have the sandbox.',
  })
}
