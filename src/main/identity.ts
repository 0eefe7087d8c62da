/** Who this app is to the operating system. build/electron-builder.mjs and package.json say the same. */

/** Reverse-DNS: the application id on macOS and Windows, and on Linux the name of the .desktop file. */
export const APP_ID = 'dev.lockstep.Lockstep'
export const DESKTOP_FILE = `${APP_ID}.desktop`
export const NAME = 'Lockstep'

/** Started at login: the tray alone, without a window. */
export const HIDDEN_ARGUMENT = '--hidden'

/** What starts the app at login on macOS, with that argument; lies in Contents/Library/LaunchAgents. */
export const LOGIN_AGENT = `${APP_ID}.login.plist`
