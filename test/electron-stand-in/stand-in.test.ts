/** The stand-in refuses what Electron refuses, and fails on what it does not have. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import type { DesktopView } from './control-protocol.ts'
import { ElectronApp } from './electron-app.ts'
import { noneLeft } from './processes.ts'

const FIXTURE = join(import.meta.dirname, 'fixtures', 'app')

let folder: string
let app: ElectronApp

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-stand-in-')))
  noteFolder(folder)
  mkdirSync(join(folder, 'profile'))
})

afterEach(async () => {
  if (!app.hasExited) await app.kill()
  await noneLeft(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  noteRemoved(folder)
})

function launch(scenario: string): void {
  const env = { HOME: folder, TMPDIR: folder, FIXTURE_USER_DATA: join(folder, 'profile') }
  app = new ElectronApp({ app: FIXTURE, args: [scenario], env })
}

async function result(): Promise<unknown> {
  const line = (): string | undefined => /^RESULT (.*)$/m.exec(app.stderr)?.[1]
  await until(() => line() !== undefined || app.hasExited, 'the result of the fixture')
  const found = line()
  if (found === undefined) throw new Error(app.stderr)
  return JSON.parse(found)
}

test('what comes too soon, too late, or is wrong', async () => {
  launch('refusals')
  const { early, late, name, version } = (await result()) as Record<string, Record<string, string>>
  expect({ name, version }).toEqual({ name: 'Fixture', version: '1.2.3' })
  expect(early).toEqual({
    window: 'Cannot create BrowserWindow before app is ready',
    tray: 'Cannot create Tray before app is ready',
    session: 'Session can only be received when app is ready',
    dialog: 'dialog module can only be used after app is ready',
    screen: expect.stringContaining(`can't be used before the app 'ready' event`),
    notification: 'Cannot create Notification before app is ready',
    handler: expect.stringContaining('after app is ready'),
    relativePath: 'Path must be absolute',
    missingPath: expect.stringContaining('does not exist'),
  })
  expect(late).toEqual({
    schemes: 'protocol.registerSchemesAsPrivileged should be called before app is ready',
    unprivileged: expect.stringContaining('register it as standard'),
    missingIcon: expect.stringContaining('Failed to load image from path'),
    emptyIcon: expect.stringContaining('empty image'),
    emptyTemplate: expect.stringContaining('must have at least one of label, role or type'),
    noTemplate: expect.stringContaining('must be an array'),
    unknownType: 'Unknown menu item type: odd',
    unknownRole: expect.stringContaining('does not know the role fly'),
    unknownOption: expect.stringContaining('does not know the option transparent'),
    unsafePage: expect.stringContaining('nodeIntegration: false only'),
    missingCall: 'the stand-in has no app.getGPUInfo',
    missingProperty: 'the stand-in has no app.badgeColour to set',
    missingEvent: `the stand-in never emits 'accessibility-support-changed' of app`,
    missingModuleCall: 'the stand-in has no shell.beep',
    functionInPort: 'An object could not be cloned.',
    noPort: 'Port at index 0 is not a valid port',
    portTwice: expect.stringContaining('already neutered'),
    secondHandler: expect.stringContaining('second handler'),
  })
  expect(await app.ended()).toBe(0)
  // Whoever catches them hides nothing from a test.
  const { faults } = await app.view()
  expect(faults).toEqual(
    expect.arrayContaining(['the stand-in has no app.getGPUInfo', 'the stand-in has no shell.beep']),
  )
})

test('preloads, messages and ports between main process and page', async () => {
  launch('pages')
  const { said, heard, uncloneable, broken, destroyed } = (await result()) as Record<string, unknown>
  expect(said).toEqual({
    again: expect.stringContaining('on top of an existing property'),
    fs: 'module not found: node:fs',
    'own file': 'module not found: ./other.cjs',
    uncloneable: 'An object could not be cloned.',
    'no port': 'Port at index 0 is not a valid port',
    globals: ['renderer', true, true],
    sum: 5,
    failed: `Error invoking remote method 'fail': Error: on purpose`,
    later: 5,
    taken: ['with a port', 'from a port of main'],
    origin: 'test://app',
    isTop: true,
  })
  expect(heard).toEqual([['bytes', [1, 2]]])
  expect(uncloneable).toBe('An object could not be cloned.')
  expect(broken).toEqual({
    'module.mjs': 'Cannot use import statement outside a module',
    'throws.cjs': 'this preload fails',
    'requires.cjs': 'module not found: node:child_process',
    'missing.cjs': expect.stringContaining('ENOENT'),
  })
  expect(destroyed).toBe('Object has been destroyed')
  const page = await app.page()
  expect(await page.evaluate(() => JSON.stringify(Reflect.get(window, 'fixture')))).toBe(
    '{"name":"fixture","list":[1,{"deep":true}]}',
  )
  await eventually(() => page.evaluate(() => String(Reflect.get(window, 'heard')))).toBe(
    'to the page,7,,closed',
  )
  expect(await app.terminate()).toBe(0)
})

test('the order of the end: asked first, then the windows, then the process', async () => {
  launch('order')
  expect(await result()).toEqual([
    'will-finish-launching',
    'ready',
    'ready-to-show',
    'did-finish-load',
    'show',
    'before-quit',
    'not yet',
    'close',
    'closed',
    'window-all-closed',
    'before-quit',
    'will-quit',
    'quit',
  ])
  expect(await app.ended()).toBe(0)
})

test('a module that waits at its top level for the app to be ready waits for ever', async () => {
  launch('top-level-await')
  await until(
    () => app.stderr.includes('WAITING'),
    'the module to come to its wait',
    () => app.stderr,
  )
  let view: DesktopView | null = null
  for (let look = 0; look < 20; look++) view = await app.view()
  expect(view?.windows).toEqual([])
  expect(app.stderr).not.toContain('RESULT')
  expect(await app.terminate()).toBe(0)
})
