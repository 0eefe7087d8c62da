/** Starting at login: macOS and Windows have a call for it, Linux a file. */
import { app } from 'electron'
import {
  autostartCommand,
  isAutostarted,
  loginItem,
  removeAutostart,
  writeAutostart,
} from './autostart-entry.ts'
import { HIDDEN_ARGUMENT } from './identity.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Unpacked, macOS and Windows would start Electron itself. */
export function canStartAtLogin(): boolean {
  return process.platform === 'linux' || app.isPackaged
}

export function setStartAtLogin(env: Environment, isOn: boolean): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: isOn, ...loginItem(process.platform) })
    return
  }
  if (isOn) writeAutostart(env, command(env))
  else removeAutostart(env)
}

/** The app may have moved since. What a person has removed by hand stays away. A developer's app changes nothing. */
export function refreshAutostart(env: Environment): void {
  if (process.platform !== 'linux' || !app.isPackaged || !isAutostarted(env)) return
  writeAutostart(env, command(env))
}

/** Started by the system and not by a person: then without a window. */
export function isStartedAtLogin(argv: readonly string[]): boolean {
  return argv.includes(HIDDEN_ARGUMENT)
}

function command(env: Environment): ReturnType<typeof autostartCommand> {
  return autostartCommand(env, app.getPath('exe'), app.isPackaged ? null : app.getAppPath())
}
