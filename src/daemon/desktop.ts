/** What the daemon can do on this machine's desktop, where there is one: show folders, files and its own page. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { ShellPort } from '../host/app/shell-port.ts'
import { wayIn, type WayInRequest } from '../host/app/way-in.ts'
import { canInstall, installUnit, isInstalled, uninstallUnit } from './systemd-unit.ts'

type Environment = Readonly<Record<string, string | undefined>>

export function hasDesktop(env: Environment): boolean {
  if (process.platform !== 'linux') return true
  return (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
}

/** The daemon as the host's shell. */
export function daemonShell(env: Environment, entry: string): ShellPort {
  const canOpen = hasDesktop(env)
  const canStartAtLogin = canInstall(env)
  return {
    info: {
      kind: 'daemon',
      canPickFolder: false,
      canOpen,
      canStartAtLogin,
      hasNotifications: false,
      hasTray: false,
      platform: process.platform,
    },
    ...(canOpen
      ? { open: path => run(openCommand(path), env), reveal: path => run(revealCommand(path), env) }
      : {}),
    ...(canStartAtLogin
      ? {
          setStartAtLogin: async isOn => {
            if (isOn) installUnit(env, entry, { startNow: false })
            else if (isInstalled(env)) uninstallUnit(env, { stopNow: false })
          },
        }
      : {}),
  }
}

/** Rejects where there is no program for it, or nothing to open. */
export async function openInBrowser(request: WayInRequest): Promise<void> {
  const way = await wayIn(request)
  if (way === null) throw new Error('this is no address of a daemon')
  await run(openCommand(way.kind === 'page' ? way.path : way.url), request.env)
}

type Command = readonly [program: string, ...args: string[]]

function openCommand(what: string): Command {
  switch (process.platform) {
    case 'darwin':
      return ['open', what]
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler', what]
    default:
      return ['xdg-open', what]
  }
}

function revealCommand(path: string): Command {
  switch (process.platform) {
    case 'darwin':
      return ['open', '-R', path]
    case 'win32':
      return ['explorer', `/select,${path}`]
    default:
      return ['xdg-open', dirname(path)]
  }
}

/** It goes on by itself; what it prints is nobody's. */
function run([program, ...args]: Command, env: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
