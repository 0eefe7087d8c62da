/** The one Chromium of this process, started with its first window: a hidden start needs none. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { CHROMIUM_HINT, findChromium } from '../../scripts/lib/chromium.mjs'
import { app } from './app.ts'
import { CdpConnection } from './cdp.ts'

const ARGUMENTS = [
  '--headless=new',
  '--remote-debugging-pipe',
  // For the test's Playwright, which speaks with the same pages.
  '--remote-debugging-port=0',
  '--no-startup-window',
  // Electron's pages have it always. https://www.electronjs.org/docs/latest/tutorial/message-ports
  '--enable-blink-features=MessagePortCloseEvent',
  // Whatever gets past the app reaches no network.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-gpu',
  '--disable-sync',
  '--force-prefers-reduced-motion',
  '--metrics-recording-only',
  '--mute-audio',
  '--password-store=basic',
  '--lang=en-US',
]

let running: { readonly child: ChildProcess; readonly connection: CdpConnection } | null = null

export function chromium(): CdpConnection {
  running ??= start()
  return running.connection
}

/** Where Playwright finds it; null while there is none. */
export function debuggingAddress(): string | null {
  const file = join(app.getPath('sessionData'), 'DevToolsActivePort')
  if (running === null || !existsSync(file)) return null
  const [port = ''] = readFileSync(file, 'utf8').split('\n')
  return `http://127.0.0.1:${port}`
}

export function endChromium(): void {
  const pid = running?.child.pid
  if (pid === undefined) return
  try {
    // With all that it has started.
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function start() {
  const program = findChromium()
  if (program === null) throw new Error(CHROMIUM_HINT)
  const isRoot = process.getuid?.() === 0
  const child = spawn(
    program,
    [...ARGUMENTS, ...(isRoot ? ['--no-sandbox'] : []), `--user-data-dir=${app.getPath('sessionData')}`],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  )
  const [, , , to, from] = child.stdio
  const connection = new CdpConnection(to as Writable, from as Readable)
  return { child, connection }
}
