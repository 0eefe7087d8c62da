import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { until } from '../../test/support/until.ts'
import { Updates } from './updates.ts'

const app = vi.hoisted(() => ({ isPackaged: true, getVersion: () => '0.1.0' }))
const dialog = vi.hoisted(() => ({
  answers: [] as number[],
  asked: [] as string[],
  showMessageBox(options: { message: string }) {
    dialog.asked.push(options.message)
    return Promise.resolve({ response: dialog.answers.shift() ?? 1, checkboxChecked: false })
  },
}))
const autoUpdater = vi.hoisted(() => ({
  available: true,
  autoDownload: true,
  autoInstallOnAppQuit: true,
  done: [] as string[],
  on: () => {},
  checkForUpdates() {
    if (autoUpdater.fails) return Promise.reject(new Error('no route'))
    return Promise.resolve({ isUpdateAvailable: autoUpdater.available, updateInfo: { version: '0.2.0' } })
  },
  fails: false,
  downloadUpdate() {
    autoUpdater.done.push('download')
    return Promise.resolve([])
  },
  quitAndInstall: () => void autoUpdater.done.push('install'),
}))
vi.mock('electron', () => ({ app, dialog }))
vi.mock('electron-updater', () => ({ autoUpdater }))

const log = { debug: vi.fn(), info: vi.fn(), error: vi.fn() }
const FEED = 'provider: generic\nurl: https://downloads.invalid/lockstep\n'
let resources: string

beforeEach(() => {
  resources = mkdtempSync(join(tmpdir(), 'lockstep-resources-'))
  writeFileSync(join(resources, 'app-update.yml'), FEED)
  Object.defineProperty(process, 'resourcesPath', { value: resources, configurable: true })
  Object.assign(autoUpdater, { available: true, fails: false, done: [], autoInstallOnAppQuit: true })
  dialog.answers = []
  dialog.asked = []
})
afterEach(() => {
  Reflect.deleteProperty(process, 'resourcesPath')
  app.isPackaged = true
  rmSync(resources, { recursive: true })
})

function updates() {
  const end = vi.fn(() => {
    autoUpdater.done.push('end')
    return Promise.resolve()
  })
  return new Updates({ env: { APPIMAGE: '/apps/lockstep.AppImage' }, log, end })
}

const told = (): string => JSON.stringify({ asked: dialog.asked, done: autoUpdater.done })

/** Until so many questions have been put and answered. */
async function asked(count: number): Promise<void> {
  await until(() => dialog.asked.length === count, `${count} questions`, told)
  // What an answer leads to at once is done before the event loop's next turn.
  await new Promise(resolve => setImmediate(resolve))
}

test('it asks before it downloads and before it installs; the engines end between', async () => {
  dialog.answers = [0, 0]
  updates().check()
  await until(() => autoUpdater.done.length === 3, 'the new version', told)
  expect(autoUpdater.done).toEqual(['download', 'end', 'install'])
  expect(dialog.asked).toEqual(['Lockstep 0.2.0 is there.', 'Lockstep 0.2.0 is ready.'])
  expect(autoUpdater.autoDownload).toBe(false)
})

test('nothing is downloaded that nobody wants', async () => {
  dialog.answers = [1]
  updates().check()
  await asked(1)
  expect(autoUpdater.done).toEqual([])
})

test('whoever says later gets it when the app quits', async () => {
  dialog.answers = [0, 1]
  updates().check()
  await asked(2)
  expect(autoUpdater.autoInstallOnAppQuit).toBe(true)
  expect(autoUpdater.done).toEqual(['download'])
})

test('whoever asks hears that there is none, and that the feed does not answer', async () => {
  autoUpdater.available = false
  updates().check()
  await asked(1)
  expect(dialog.asked).toEqual(['Lockstep is up to date.'])
  autoUpdater.fails = true
  updates().check()
  await asked(2)
  expect(dialog.asked[1]).toMatch(/could not be looked for/)
})

test('they are offered where there is a feed and something that can be replaced', () => {
  expect(updates().areOffered).toBe(true)
  rmSync(join(resources, 'app-update.yml'))
  expect(updates().areOffered).toBe(false)
  writeFileSync(join(resources, 'app-update.yml'), FEED.replace('https', 'http'))
  expect(updates().areOffered, 'anybody on the way could answer').toBe(false)
  writeFileSync(join(resources, 'app-update.yml'), FEED)
  app.isPackaged = false
  expect(updates().areOffered).toBe(false)
})

test.runIf(process.platform === 'linux')('a deb or rpm is the package manager’s business', () => {
  const ofSystem = new Updates({ env: {}, log, end: () => Promise.resolve() })
  expect(ofSystem.areOffered).toBe(false)
})
