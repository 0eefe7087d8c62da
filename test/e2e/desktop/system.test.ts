/** What the app asks of the system: programs for files, a start at login, and what the system tells it. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { until } from '../../support/until.ts'
import { Desktop } from './desktop.ts'

let desktop: Desktop
let page: Page
/** Where the sample lies. */
let sample: string

beforeAll(async () => {
  desktop = new Desktop()
  page = await desktop.open()
  await page.getByRole('button', { name: 'Try a sample project' }).click()
  await page.waitForURL(/#\/folder\//)
  await page.getByRole('row', { name: /welcome\.md/ }).waitFor()
  await desktop.untilTraySays('Everything is in step')
  await desktop.click('lockstep-sample', 'Open folder')
  const { openedPaths } = await desktop.app.until(
    view => view.openedPaths.length > 0,
    'the folder to be opened',
  )
  sample = openedPaths[0] ?? ''
})
afterAll(() => desktop.close())

const details = () => page.getByRole('region', { name: /^File details/ })

async function show(path: string): Promise<void> {
  const [folder] = /#\/folder\/[^/]+/.exec(page.url()) ?? []
  const place = `${folder}/files/${encodeURIComponent(path)}`
  await page.evaluate(to => {
    location.hash = to
  }, place)
}

test('R11 a file is opened with its program and shown in the file manager', async () => {
  await show('data/notes/welcome.md')
  const file = join(sample, 'data/notes/welcome.md')
  await details().getByRole('button', { name: 'Open', exact: true }).click()
  await desktop.app.until(({ openedPaths }) => openedPaths.at(-1) === file, 'the file to be opened')
  await details().getByRole('button', { name: 'Show in folder' }).click()
  await desktop.app.until(({ revealedPaths }) => revealedPaths.at(-1) === file, 'the file to be shown')
})

test('R11 what leads out of the folder is given to no program', async () => {
  const before = await desktop.app.view()
  symlinkSync(join(desktop.world.folder, 'a', '.env'), join(sample, 'data', 'link.md'))
  for (const path of ['../a/.env', '/etc/passwd', 'data/link.md', 'data/not-there.md']) {
    await show(path)
    for (const button of ['Open', 'Show in folder']) {
      await details().getByRole('button', { name: button, exact: true }).click()
      const notes = page.getByRole('region', { name: 'Notes' })
      await notes.getByText('That did not work').waitFor()
      await notes.locator('button[data-type=error]').click()
      await notes.getByText('That did not work').waitFor({ state: 'detached' })
    }
  }
  const { openedPaths, revealedPaths, externalUrls } = await desktop.app.view()
  expect(openedPaths).toEqual(before.openedPaths)
  expect(revealedPaths).toEqual(before.revealedPaths)
  expect(externalUrls).toEqual([])
})

test('start at login writes an entry of the desktop, and takes it away', async () => {
  if (process.platform !== 'linux') return
  const file = join(desktop.env['HOME'] ?? '', '.config', 'autostart', 'dev.lockstep.Lockstep.desktop')
  await desktop.click('Settings…')
  const change = page.getByRole('switch', { name: 'Start at login' })
  await change.click()
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the entry')
  const entry = readFileSync(file, 'utf8')
  expect(entry).toMatch(/^Exec=.*--hidden"?$/m)
  expect(entry, 'the same folders as now').toContain(desktop.world.home)
  // The page has heard of it, too: what a switch asks for is the other of what it shows.
  await eventually(() => change.isChecked()).toBe(true)
  await change.click()
  await until(() => !existsSync(file), 'the entry to be gone')
})

test('a click on the tray icon shows the window', async () => {
  await desktop.app.closeWindow()
  await desktop.app.until(view => view.windows.every(({ isVisible }) => !isVisible), 'no window')
  await desktop.app.command({ verb: 'click-tray' })
  await desktop.app.until(
    view => view.windows.some(({ isVisible, isFocused }) => isVisible && isFocused),
    'the window',
  )
})

test('a machine that shuts down ends the app cleanly', async () => {
  const { faults, errorBoxes } = await desktop.app.view()
  expect({ faults, errorBoxes }).toEqual({ faults: [], errorBoxes: [] })
  await desktop.app.command({ verb: 'power', event: 'shutdown' })
  expect(await desktop.app.ended(), desktop.app.stderr).toBe(0)
})
