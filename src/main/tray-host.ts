/**
 * Whether a desktop shows tray icons. On Linux that is a service on the session bus, which GNOME lacks without an
 * extension and which at login may come after us; Electron has no way to ask, so one of the usual programs does.
 */
import { execFile } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** Freedesktop's StatusNotifierItem; KDE's name is the one in use. */
const SERVICE = 'org.kde.StatusNotifierWatcher'
const PATH = '/StatusNotifierWatcher'
const PROPERTY = 'IsStatusNotifierHostRegistered'

/** Each asks for the property, and its answer has `true` in it. */
const QUESTIONS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['busctl', '--user', 'get-property', SERVICE, PATH, SERVICE, PROPERTY],
  [
    'gdbus',
    'call',
    '--session',
    '--dest',
    SERVICE,
    '--object-path',
    PATH,
    '--method',
    'org.freedesktop.DBus.Properties.Get',
    SERVICE,
    PROPERTY,
  ],
  [
    'dbus-send',
    '--session',
    '--print-reply',
    `--dest=${SERVICE}`,
    PATH,
    'org.freedesktop.DBus.Properties.Get',
    `string:${SERVICE}`,
    `string:${PROPERTY}`,
  ],
]

/** A bus that does not answer is none, in milliseconds. */
const PATIENCE_MS = 2_000

/** `LOCKSTEP_TRAY=yes` or `no` overrules what the desktop says. */
export async function hasTrayHost(platform: NodeJS.Platform, env: Environment): Promise<boolean> {
  const wish = trayWish(env)
  if (wish !== null) return wish
  if (platform !== 'linux') return true
  for (const question of QUESTIONS) {
    // The next program is asked only where this one is not installed.
    const answer = await ask(question)
    if (answer !== 'no-program') return answer
  }
  return false
}

function trayWish(env: Environment): boolean | null {
  const wish = env['LOCKSTEP_TRAY'] ?? ''
  if (wish === 'yes') return true
  return wish === 'no' ? false : null
}

function ask([program, ...args]: readonly [string, ...string[]]): Promise<boolean | 'no-program'> {
  return new Promise(resolve => {
    execFile(program, args, { timeout: PATIENCE_MS }, (error, stdout) => {
      if (error === null) resolve(/\btrue\b/.test(stdout))
      else resolve('code' in error && error.code === 'ENOENT' ? 'no-program' : false)
    })
  })
}
