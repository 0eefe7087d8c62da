/** The daemon as a systemd user unit: it then starts at login and comes back when it fails. Linux alone. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

const NAME = 'lockstep.service'

/** What was done, one sentence each, for the person who asked. */
export type Report = readonly string[]

export function canInstall(env: Environment): boolean {
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  return process.platform === 'linux' && runtime !== '' && existsSync(join(runtime, 'systemd'))
}

export function isInstalled(env: Environment): boolean {
  return existsSync(unitFile(env))
}

/** `entry` is the command line's script. */
export function installUnit(env: Environment, entry: string, { startNow }: { startNow: boolean }): Report {
  const file = unitFile(env)
  const text = unitText(env, entry)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  const enable = ['enable', ...(startNow ? ['--now'] : []), NAME]
  return [`Wrote ${file}.`, ...control(env, ['daemon-reload'], enable)]
}

export function uninstallUnit(env: Environment, { stopNow }: { stopNow: boolean }): Report {
  const file = unitFile(env)
  if (!existsSync(file)) return [`There is no ${file}, so there is nothing to remove.`]
  const stopped = control(env, ['disable', ...(stopNow ? ['--now'] : []), NAME])
  rmSync(file)
  return [...stopped, `Removed ${file}.`, ...control(env, ['daemon-reload'])]
}

function unitText(env: Environment, entry: string): string {
  const home = env['LOCKSTEP_HOME'] ?? ''
  return `[Unit]
Description=Lockstep keeps folders in step with a database
After=network-online.target

[Service]
ExecStart=${[process.execPath, entry, 'serve', '--no-open'].map(argument).join(' ')}
${home === '' ? '' : `Environment=${quoted(`LOCKSTEP_HOME=${home}`)}\n`}Restart=on-failure
RestartSec=2
TimeoutStopSec=10

[Install]
WantedBy=default.target
`
}

/** systemd.service(5), "Command lines": there `$` means something, too. */
function argument(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'))
}

/** systemd.syntax(7): backslashes, quotes and `%` mean something; a line's end cannot be part of a value. */
function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new UnitError(text)
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`
}

class UnitError extends Error {
  override readonly name = 'UnitError'
  readonly code = 'unit-path'

  constructor(path: string) {
    super(
      `systemd cannot start what has a control character in its path: ${JSON.stringify(path)}. Move it first.`,
    )
  }
}

function unitFile(env: Environment): string {
  const config = env['XDG_CONFIG_HOME'] ?? ''
  return join(config === '' ? join(homedir(), '.config') : config, 'systemd', 'user', NAME)
}

/** Runs each, or says how where there is no systemd to talk to. */
function control(env: Environment, ...commands: readonly string[][]): string[] {
  return commands.map(args => {
    const command = `systemctl --user ${args.join(' ')}`
    if (!canInstall(env)) return `No systemd session runs here. Later, run: ${command}`
    try {
      execFileSync('systemctl', ['--user', ...args], { stdio: 'pipe', timeout: 20_000 })
      return `Ran ${command}.`
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
      return `${command} has failed (${reason}). Run it by hand.`
    }
  })
}
