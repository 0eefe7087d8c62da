/** `npm start` where the desktop app cannot run: it says why, and Electron's download is never reached. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitOf } from '../support/lockstep.ts'
import { noteProcess } from '../support/orphans.ts'
import { until } from '../support/until.ts'
import { ask, Ground } from './daemon.ts'

const root = join(import.meta.dirname, '..', '..')
/** Where Electron's package would put what it downloads. */
const BINARY = join(root, 'node_modules/electron/dist')
let ground: Ground

beforeEach(() => {
  ground = new Ground()
})
afterEach(() => ground.dispose())

test('the browser takes its place, with a line that says why', async () => {
  const wasThere = existsSync(BINARY)
  const env = {
    ...process.env,
    ...ground.env,
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
    ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent',
  }
  const args = [join(root, 'scripts/start.mjs'), '--no-open', '--port', '0', '--json']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  noteProcess(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (some: string) => (stdout += some))
  child.stderr.setEncoding('utf8').on('data', (some: string) => (stderr += some))
  await until(
    () => stdout.includes('\n'),
    'the daemon',
    () => stderr,
  )
  expect(stderr).toMatch(/^lockstep: opening in the browser, because /)
  expect(stderr).not.toMatch(/download/i)
  const { port } = JSON.parse(stdout.split('\n')[0]!) as { port: number }
  expect((await ask(port, '/')).status).toBe(200)
  expect(existsSync(BINARY)).toBe(wasThere)
  child.kill('SIGTERM')
  expect(await exitOf(child, 'npm start', () => stderr)).toBe(0)
})
