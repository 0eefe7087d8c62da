/**
 * How a browser is brought to a daemon without a word that another user could use: what a program is started
 * with can be read by everybody (ps), and stays there for as long as it runs.
 *
 * So it is started with the path of a page, for its owner's eyes alone, that leads on to the address with the
 * token. Browsers in snap and flatpak cannot read it (no hidden folders of the home, no /run/user, a /tmp of their
 * own); they get an address with a code (entry-code.ts).
 */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { entryCode } from './entry-code.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a browser is given. */
export type WayIn =
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'address'; readonly url: string }

export interface WayInRequest {
  readonly env: Environment
  /** LOCKSTEP_HOME. */
  readonly home: string
  /** As running.json has it. */
  readonly url: string
}

/** Null where the address is none that a daemon of ours has, or the page cannot be written. */
export async function wayIn({ env, home, url }: WayInRequest): Promise<WayIn | null> {
  const [, address, token] = /^(http:\/\/127\.0\.0\.1:\d{1,5}\/)#token=([\w-]{43})$/.exec(url) ?? []
  if (address === undefined || token === undefined) return null
  if (process.platform === 'linux' && !(await showsOurPages(env))) return byCode(address, token)
  try {
    const path = entryPage(home)
    writeFileAtomically(path, pageTo(url), { mode: 0o600, isNew: true })
    return { kind: 'page', path }
  } catch {
    // A full disk. Whose connection it is, only Linux tells (src/daemon/peer-user.ts).
    return process.platform === 'linux' ? byCode(address, token) : null
  }
}

function byCode(address: string, token: string): WayIn {
  const { id, key } = entryCode(token, Date.now())
  return { kind: 'address', url: `${address}#${id.replace('.', '=')}.${key}` }
}

/** Once the token was used, and when the daemon begins and ends. */
export function removeEntryPage(home: string): void {
  rmSync(entryPage(home), { force: true })
}

function entryPage(home: string): string {
  return join(home, 'open.html')
}

function pageTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Lockstep</title>
<meta http-equiv="refresh" content="0; url=${url}">
<p><a href="${url}" rel="noreferrer">Open Lockstep</a></p>
`
}

/** Whether a page on this disk would come to the browser, and the browser can read it. Where nobody can tell, yes. */
async function showsOurPages(env: Environment): Promise<boolean> {
  const [browser, viewer] = await Promise.all([
    answerOf(env, 'xdg-settings', 'get', 'default-web-browser'),
    answerOf(env, 'xdg-mime', 'query', 'default', 'text/html'),
  ])
  if (browser === '') return true
  if (viewer !== '' && viewer !== browser) return false
  return !isConfined(commandOf(env, browser))
}

/** As snapd and flatpak write it into what they install. */
function isConfined(command: string): boolean {
  return /(?:^|[\s/=])snap(?:\/|$)|(?:^|[\s/])flatpak\s/m.test(command)
}

/** The Exec lines of a desktop entry; '' where there is none. */
function commandOf(env: Environment, entry: string): string {
  const home = env['XDG_DATA_HOME'] || join(env['HOME'] ?? homedir(), '.local/share')
  const shared = env['XDG_DATA_DIRS'] || '/usr/local/share:/usr/share'
  const folders = [home, ...shared.split(':'), '/var/lib/snapd/desktop', '/var/lib/flatpak/exports/share']
  for (const folder of folders) {
    try {
      const text = readFileSync(join(folder, 'applications', entry), 'utf8')
      return text
        .split('\n')
        .filter(line => line.startsWith('Exec='))
        .join('\n')
    } catch {
      // Not in this one.
    }
  }
  return ''
}

const PATIENCE_MS = 3_000

/** '' where there is no such program, or it knows none. */
function answerOf(env: Environment, program: string, ...args: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    const options = { env: { ...env }, timeout: PATIENCE_MS, encoding: 'utf8' } as const
    execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout.trim() : ''))
  })
}
