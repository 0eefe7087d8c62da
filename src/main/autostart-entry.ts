/**
 * Linux' way to start at login: a .desktop file in the person's autostart folder (pure but for its three writes).
 * https://specifications.freedesktop.org/autostart-spec/latest/ and desktop-entry-spec, "The Exec key".
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DESKTOP_FILE, HIDDEN_ARGUMENT, LOGIN_AGENT, NAME } from './identity.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The program and what it needs to be this app. */
export type Command = readonly [program: string, ...args: string[]]

/**
 * How the other systems start it hidden. macOS gives its own login items no arguments, and since version 13 does not tell
 * an app that it is one: only a launch agent of its own can say it.
 */
export function loginItem(platform: NodeJS.Platform): LoginItem {
  if (platform === 'darwin') return { type: 'agentService', serviceName: LOGIN_AGENT }
  return { args: [HIDDEN_ARGUMENT] }
}

type LoginItem = { readonly type: 'agentService'; readonly serviceName: string } | { readonly args: string[] }

export function autostartFile(env: Environment): string {
  const config = env['XDG_CONFIG_HOME'] ?? ''
  return join(config === '' ? join(homedir(), '.config') : config, 'autostart', DESKTOP_FILE)
}

export function isAutostarted(env: Environment): boolean {
  return existsSync(autostartFile(env))
}

export function writeAutostart(env: Environment, command: Command): void {
  const file = autostartFile(env)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, autostartText(env, command))
}

export function removeAutostart(env: Environment): void {
  rmSync(autostartFile(env), { force: true })
}

/** An AppImage is started by itself: what it has unpacked is gone after a restart. */
export function autostartCommand(env: Environment, execPath: string, appPath: string | null): Command {
  const image = env['APPIMAGE'] ?? ''
  if (image !== '') return [image]
  return appPath === null ? [execPath] : [execPath, appPath]
}

export function autostartText(env: Environment, [program, ...args]: Command): string {
  const home = env['LOCKSTEP_HOME'] ?? ''
  const settings = home === '' ? [] : ['env', `LOCKSTEP_HOME=${home}`]
  const words = [...settings, program, ...args, HIDDEN_ARGUMENT]
  return `[Desktop Entry]
Type=Application
Name=${NAME}
Comment=Keeps folders in step with a database
Exec=${words.map(quoted).join(' ')}
Icon=lockstep
Terminal=false
X-GNOME-Autostart-enabled=true
`
}

/** Twice: once for the argument, once for the file's own strings. A percent sign would begin a field code. */
function quoted(word: string): string {
  const argument = `"${word.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  return argument.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
