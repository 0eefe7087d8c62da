/**
 * What `import … from 'electron'` gives in the main process. A name that is missing here fails at the import.
 *
 * Where the stand-in knowingly differs from Electron: a page's own address (address.ts); `window.open` gives the
 * page an empty window, which the test closes (electron-app.ts), instead of null; each permission is asked of the app once, before the first
 * page, and with a `webContents` that tells nothing; a page does not know that its window is hidden, nor of
 * `nativeTheme`; schemes are redirected nowhere; there are no subframes, downloads, extensions or developer tools.
 */
import { app as theApp } from './app.ts'
import { BrowserWindow as Window } from './browser-window.ts'
import { dialog as theDialog } from './dialog.ts'
import { ipcMain as theIpcMain } from './ipc-main.ts'
import { Menu as AMenu, MenuItem as AMenuItem } from './menu.ts'
import { MessageChannelMain as AChannel } from './message-port.ts'
import { nativeImage as images } from './native-image.ts'
import { Notification as ANotification } from './notification.ts'
import { protocol as theProtocol, session as sessions } from './session.ts'
import * as system from './system.ts'
import { Tray as ATray } from './tray.ts'
import { UtilityProcess } from './utility-process.ts'

export const app = theApp
export const BrowserWindow = Window
export const crashReporter = system.crashReporter
export const dialog = theDialog
export const ipcMain = theIpcMain
export const Menu = AMenu
export const MenuItem = AMenuItem
export const MessageChannelMain = AChannel
export const nativeImage = images
export const nativeTheme = system.nativeTheme
export const net = system.net
export const Notification = ANotification
export const powerMonitor = system.powerMonitor
export const protocol = theProtocol
export const screen = system.screen
export const session = sessions
export const shell = system.shell
export const systemPreferences = system.systemPreferences
export const Tray = ATray
export const utilityProcess = UtilityProcess
