/**
 * `npm run dev`: the app from its sources, with each change shown at once. Electron where it can run, else the
 * daemon and the page's development server.
 *
 *   npm run dev                  the page is exchanged in place; a change behind it starts Electron anew
 *   npm run dev -- --browser     the same in the browser: the daemon starts anew, the page comes back by itself
 *
 * Its state lies in dist/dev, apart from the app that you use; LOCKSTEP_HOME names another place.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer } from 'vite'
import config from '../electron.vite.config.ts'
import { whyNotElectron } from './lib/electron-binary.mjs'
import { root, runInPlace } from './lib/run-in-place.mjs'

const ADDRESS = '127.0.0.1'
const home = process.env['LOCKSTEP_HOME'] ?? join(root, 'dist', 'dev')
const env = { ...process.env, LOCKSTEP_HOME: home }
mkdirSync(home, { recursive: true })

const reason = process.argv.includes('--browser') ? 'you asked for it' : await whyNotElectron()
if (reason === null) {
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  runInPlace(process.execPath, [cli, 'dev', '--watch'], env)
} else {
  process.stderr.write(`lockstep: developing in the browser, because ${reason}\n`)
  await inBrowser()
}

async function inBrowser() {
  const daemonPort = await freePort()
  const pages = await servePages(daemonPort)
  const daemon = runDaemon(daemonPort, pages.address)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => daemon.kill('SIGTERM'))
  }
  const [code] = await once(daemon, 'exit')
  await pages.close()
  process.exitCode = code ?? 0
}

/** Started anew by Node whenever a module of it has changed. A page that is open comes back by itself. */
function runDaemon(port, address) {
  const args = ['src/cli/index.ts', 'serve', '--no-open', '--port', String(port), '--json']
  const daemon = spawn(process.execPath, ['--watch', '--watch-preserve-output', ...args], {
    cwd: root,
    env: { ...env, LOCKSTEP_DEV_SERVER: new URL(address).host },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface(daemon.stdout).on('line', line => {
    if (!line.startsWith('{')) return
    const event = JSON.parse(line)
    if (event.type !== 'listening') return
    process.stdout.write(`Lockstep is at ${address}${new URL(event.url).hash}\n`)
  })
  return daemon
}

/** What a page says to the daemon is passed on as it is: the daemon knows this address, too. */
async function servePages(daemonPort) {
  const server = await createServer({
    ...config.renderer,
    configFile: false,
    server: { host: ADDRESS, proxy: { '/rpc': { target: `http://${ADDRESS}:${daemonPort}`, ws: true } } },
  })
  await server.listen()
  const [address = ''] = server.resolvedUrls?.local ?? []
  return { address, close: () => server.close() }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createNetServer().listen(0, ADDRESS)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
