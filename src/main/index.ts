/**
 * Electron's main process, from its first line: what has to be said before Electron is ready, then the one
 * instance, then the app itself (desktop.ts). Kept light, since the tray waits for all that is loaded here.
 */
import { app } from 'electron'
import { homeOf, madeFolder } from '../host/app/home-of.ts'
import { registerAppScheme } from './app-protocol.ts'
import { isStartedAtLogin } from './autostart.ts'
import type { Desktop } from './desktop.ts'
import { failVisibly, keepCrashDumps } from './failures.ts'
import { APP_ID, DESKTOP_FILE } from './identity.ts'

const { env, argv } = process
let desktop: Desktop | null = null
/** A second start came before the first was ready. */
let isAskedFor = false

try {
  begin()
} catch (error) {
  failVisibly(error)
}

function begin(): void {
  registerAppScheme()
  // No app.enableSandbox(): each window has its sandbox by itself, and that call would take away the `--no-sandbox` by
  // which an AppImage starts where the system allows no sandbox, after Chromium has begun without one.
  if (process.platform === 'linux') app.setDesktopName(DESKTOP_FILE)
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID)
  const home = homeOf(env)
  // The lock of the instance lies there: one for each LOCKSTEP_HOME.
  app.setPath('userData', madeFolder(home, 'chromium'))
  if (!app.requestSingleInstanceLock()) {
    // The first one hears of it, and shows itself.
    app.exit(0)
    return
  }
  app.on('second-instance', () => {
    isAskedFor = true
    desktop?.show()
  })
  keepCrashDumps()
  // Not a top-level await: Electron is ready only after this module has been loaded, so it would wait for ever.
  start(home).catch(failVisibly)
}

async function start(home: string): Promise<void> {
  const [{ startDesktop }] = await Promise.all([import('./desktop.ts'), app.whenReady()])
  desktop = await startDesktop({ env, home, isHidden: isStartedAtLogin(argv) })
  if (isAskedFor) desktop?.show()
}
