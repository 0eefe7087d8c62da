/**
 * `node run.ts APP [arguments]`: runs an app's built main process as `electron APP [arguments]` does, with the
 * stand-in for `electron`. Nothing can reach the npm package, whose import would download the real one.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from './app.ts'
import { endChromium } from './chromium.ts'
import { answerControl, endProcess } from './control.ts'
import { inner, preventable } from './guarded.ts'
import { noteLoaded } from './loaded.ts'
import { becomeReady } from './ready.ts'

const STAND_IN = new URL('./electron.ts', import.meta.url).href

process.env['ELECTRON_OVERRIDE_DIST_PATH'] = '/nonexistent'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isElectron = /^electron(?:\/(?:main|common))?$/.test(specifier)
    return isElectron ? { url: STAND_IN, shortCircuit: true } : nextResolve(specifier, context)
  },
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    noteLoaded(url, loaded.source)
    return loaded
  },
})

async function run([given = '.', ...rest]: readonly string[]): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the stand-in imitates Electron on Linux alone')
  const root = resolve(given)
  const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
  imitateProcess()
  process.argv = [process.execPath, given, ...rest]
  app[inner].start(root, endProcess)
  process.on('exit', endChromium)
  answerControl()
  // Electron lives until it is told to end, whatever its program waits for.
  setInterval(() => {}, 1 << 30)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  // Only afterwards is the app ready: a module that waits for that at its top level waits for ever.
  await import(pathToFileURL(join(root, main)).href)
  setImmediate(() => {
    app.emit('will-finish-launching')
    becomeReady()
    app.emit('ready', preventable('Event', {}), {})
  })
}

function imitateProcess(): void {
  const file = new URL('../../node_modules/electron/package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  const versions = { ...process.versions, electron: version, chrome: '150.0.0.0' }
  Object.defineProperties(process, {
    versions: { value: Object.freeze(versions), enumerable: true },
    type: { value: 'browser', enumerable: true },
    defaultApp: { value: true, enumerable: true },
    resourcesPath: { value: '/nonexistent', enumerable: true },
  })
}

await run(process.argv.slice(2))
