/** How it starts where something is already there or missing, and how it goes on where something breaks. */
import { spawnSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { takeInstance } from '../../../src/host/app/instance.ts'
import { until } from '../../support/until.ts'
import { DaemonProcess } from '../support/daemon.ts'
import { Desktop } from './desktop.ts'

/** From the start of the process to the icon in the tray, on a machine that does nothing else. Milliseconds. */
const TRAY_MS = 1_500
/** What `node --version` takes there; on a busy machine both take longer alike. Milliseconds. */
const NODE_MS = 50
const STARTS = 5
/** More is no excuse. */
const MOST_LOAD = 3

let desktop: Desktop

afterEach(() => desktop.close())

function nodeStart(): number {
  const start = performance.now()
  spawnSync(process.execPath, ['--eval', '0'])
  return performance.now() - start
}

test('from start to tray in 1.5 s', { retry: 2 }, async () => {
  desktop = new Desktop()
  const times: number[] = []
  for (let start = 1; ; start++) {
    const load = Math.min(MOST_LOAD, Math.max(1, nodeStart() / NODE_MS))
    if (start > 1) desktop.app = desktop.launch(['--hidden'])
    await desktop.app.until(({ tray }) => tray !== null, 'the tray icon')
    const took = performance.now() - desktop.app.startedAt
    times.push(took / load)
    console.log(
      `start to tray: ${took.toFixed(0)} ms, on a machine ${load.toFixed(1)} times as busy as an idle one`,
    )
    if (Math.min(...times) < TRAY_MS || start === STARTS) break
    await desktop.app.terminate()
  }
  expect(Math.min(...times)).toBeLessThan(TRAY_MS)
})

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
    const { externalUrls, windows, tray, faults, errorBoxes } = await second.view()
    expect(externalUrls).toEqual([daemon.url])
    const hidden = desktop.launch(['--hidden'])
    expect(await hidden.ended(), hidden.stderr).toBe(0)
    expect((await hidden.view()).externalUrls, 'nobody has asked for anything').toEqual([])
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

async function crashPage(): Promise<void> {
  const [window] = (await desktop.app.view()).windows
  if (window === undefined) throw new Error('there is no window')
  await desktop.app.command({ verb: 'crash-page', id: window.id })
  await desktop.app.until(view => view.windows[0]?.crashes === window.crashes + 1, 'the crash')
}
