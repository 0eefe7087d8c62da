/** How it starts where something is already there or missing, and how it goes on where something breaks. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { LoadedModule } from '../../electron-stand-in/control-protocol.ts'
import { takeInstance } from '../../../src/host/app/instance.ts'
import { until } from '../../support/until.ts'
import { DaemonProcess } from '../support/daemon.ts'
import { Desktop } from './desktop.ts'

/** Of JavaScript, that is read and compiled before the icon is in the tray, and before the engines begin. */
const LARGEST_BYTES = { main: 700_000, host: 1_650_000 }

let desktop: Desktop

afterEach(() => desktop.close())

test('to its tray the app loads few modules, no SDK of a vendor, and no page', async () => {
  desktop = new Desktop()
  await desktop.untilTraySays('No folders yet')
  expect((await desktop.app.view()).debuggingAddress).toBeNull()
  const modules = await desktop.app.loaded()
  const host = modules.filter(({ utility }) => utility !== undefined)
  const main = modules.filter(({ utility }) => utility === undefined)
  for (const each of [main, host]) expect(packagesOf(each)).toEqual(['better-sqlite3', 'its own'])
  expect(main.length).toBeLessThan(40)
  expect(host.length).toBeLessThan(80)
  expect(bytesOf(main)).toBeLessThan(LARGEST_BYTES.main)
  expect(bytesOf(host)).toBeLessThan(LARGEST_BYTES.host)
})

function packagesOf(modules: readonly LoadedModule[]): string[] {
  const names = modules.map(({ url }) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? 'its own')
  return [...new Set(names)].sort()
}

function bytesOf(modules: readonly LoadedModule[]): number {
  return modules.reduce((sum, { bytes }) => sum + bytes, 0)
}

test('a second start shows the window of the first and ends', async () => {
  desktop = new Desktop()
  await desktop.app.until(({ tray }) => tray !== null, 'the tray icon')
  const second = desktop.launch()
  expect(await second.ended(), second.stderr).toBe(0)
  const { windows, faults } = await second.view()
  expect({ windows, faults }).toEqual({ windows: [], faults: [] })
  const shown = await desktop.app.until(view => view.windows.some(({ isVisible }) => isVisible), 'the window')
  expect(shown.windows).toMatchObject([{ isVisible: true, isFocused: true }])
  // Also where the first has been hidden meanwhile.
  await desktop.app.closeWindow()
  await desktop.app.until(
    view => view.windows.every(({ isVisible }) => !isVisible),
    'the window to be hidden',
  )
  const third = desktop.launch(['--hidden'])
  expect(await third.ended(), third.stderr).toBe(0)
  await desktop.app.until(view => view.windows.some(({ isVisible }) => isVisible), 'the window again')
})

test('R14 a daemon that keeps these folders is shown instead', async () => {
  desktop = new Desktop()
  await desktop.app.until(({ tray }) => tray !== null, 'the tray icon')
  expect(await desktop.app.terminate()).toBe(0)
  const daemon = new DaemonProcess(desktop.env)
  await daemon.start()
  try {
    const second = desktop.launch()
    expect(await second.ended(), second.stderr).toBe(0)
    const { openedPaths, externalUrls, windows, tray, faults, errorBoxes } = await second.view()
    const [page = ''] = openedPaths
    expect(openedPaths, 'a page, never an address that others can read in the list of processes').toEqual([
      join(desktop.world.home, 'open.html'),
    ])
    expect(externalUrls).toEqual([])
    expect(statSync(page).mode & 0o777).toBe(0o600)
    expect(readFileSync(page, 'utf8')).toContain(daemon.url)
    const hidden = desktop.launch(['--hidden'])
    expect(await hidden.ended(), hidden.stderr).toBe(0)
    expect((await hidden.view()).openedPaths, 'nobody has asked for anything').toEqual([])
    expect({ windows, tray, faults, errorBoxes }).toEqual({
      windows: [],
      tray: null,
      faults: [],
      errorBoxes: [],
    })
  } finally {
    await daemon.stop()
  }
})

test('R14 one that cannot be shown is told of, and this start ends', async () => {
  desktop = new Desktop()
  await desktop.app.until(({ tray }) => tray !== null, 'the tray icon')
  expect(await desktop.app.terminate()).toBe(0)
  const instance = await takeInstance(desktop.world.home)
  if ('heldBy' in instance) throw new Error('somebody else holds it')
  try {
    const second = desktop.launch()
    expect(await second.ended(), second.stderr).toBe(1)
    const { errorBoxes, tray, faults } = await second.view()
    expect(errorBoxes).toMatchObject([{ title: 'Lockstep runs already' }])
    expect({ tray, faults }).toEqual({ tray: null, faults: [] })
    // Nor is an address opened that no daemon of ours has.
    const url = `http://127.0.0.1:4766@evil.example/#token=${'x'.repeat(43)}`
    instance.announce({ pid: process.pid, startedAt: 0, kind: 'daemon', url })
    const third = desktop.launch()
    expect(await third.ended(), third.stderr).toBe(1)
    const { openedPaths, externalUrls } = await third.view()
    expect({ openedPaths, externalUrls }).toEqual({ openedPaths: [], externalUrls: [] })
  } finally {
    instance.release()
  }
})

test('a desktop without a tray gets a window, even at a hidden start; closing it asks', async () => {
  desktop = new Desktop({ hasTray: false })
  const { tray } = await desktop.app.until(
    view => view.windows.some(({ isVisible }) => isVisible),
    'the window',
  )
  expect(tray).toBeNull()
  await desktop.page()
  await desktop.app.closeWindow()
  const asked = await desktop.app.answerDialog({ cancelled: true })
  expect(asked).toMatchObject({ kind: 'message', buttons: ['Minimise', 'Quit', 'Cancel'] })
  await desktop.app.closeWindow()
  await desktop.app.answerDialog({ button: 'Minimise' })
  const { windows } = await desktop.app.until(
    view => view.windows.some(each => each.isMinimized),
    'it minimised',
  )
  expect(windows).toHaveLength(1)
  const second = desktop.launch()
  expect(await second.ended(), second.stderr).toBe(0)
  await desktop.app.until(view => view.windows.some(({ isVisible }) => isVisible), 'the window again')
  await desktop.app.closeWindow()
  await desktop.app.answerDialog({ button: 'Quit' })
  expect(await desktop.app.ended(), desktop.app.stderr).toBe(0)
})

test('the window comes back where it was', async () => {
  desktop = new Desktop()
  await desktop.open()
  const [window] = (await desktop.app.view()).windows
  const bounds = { x: 120, y: 90, width: 900, height: 640 }
  await desktop.app.command({ verb: 'move-window', id: window!.id, bounds })
  expect(await desktop.app.terminate()).toBe(0)
  desktop.app = desktop.launch()
  const { windows } = await desktop.app.until(view => view.windows.length > 0, 'the window')
  expect(windows).toMatchObject([{ bounds }])
})

test('a page that crashes comes back by itself, and after several times when a person wants it', async () => {
  desktop = new Desktop()
  const { a } = desktop.world
  const page = await desktop.open()
  await page.getByRole('button', { name: 'Try a sample project' }).click()
  await page.waitForURL(/#\/folder\//)
  const place = new URL(page.url()).hash
  for (let crash = 1; crash <= 3; crash++) {
    await crashPage()
    await desktop.app.until(
      view => view.windows.some(({ isCrashed, url }) => !isCrashed && url.endsWith(place)),
      'the page to be loaded again',
    )
    const fresh = await desktop.page()
    expect(new URL(fresh.url()).hash).toBe(place)
  }
  await crashPage()
  const asked = await desktop.app.answerDialog({ button: 'Try again' })
  expect(asked.message).toContain('crashed several times')
  await desktop.page()
  await until(() => /the page has crashed/.test(desktop.log()), 'the crashes in the log')
  expect(a.has('data/sync-config.json')).toBe(true)
})

/** Milliseconds since the epoch. */
const CRASHES_AT = Date.now()

async function crashPage(): Promise<void> {
  const [window] = (await desktop.app.view()).windows
  if (window === undefined) throw new Error('there is no window')
  // All within a minute, however slow the machine is.
  await desktop.app.command({ verb: 'set-clock', now: CRASHES_AT })
  await desktop.app.command({ verb: 'crash-page', id: window.id })
  await desktop.app.until(view => view.windows[0]?.crashes === window.crashes + 1, 'the crash')
  await desktop.app.command({ verb: 'set-clock', now: null })
}
