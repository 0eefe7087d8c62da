/** The engines run in a process of their own: whatever becomes of it, the tray and the window live on. */
import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noneLeft } from '../../electron-stand-in/processes.ts'
import { Desktop } from './desktop.ts'

let desktop: Desktop
let page: Page
/** Where the sample lies. */
let sample: string
let folderHash: string

beforeAll(async () => {
  desktop = new Desktop()
  page = await desktop.open()
  await page.getByRole('button', { name: 'Try a sample project' }).click()
  await page.waitForURL(/#\/folder\//)
  await page.getByRole('row', { name: /welcome\.md/ }).waitFor()
  await desktop.untilTraySays('Everything is in step')
  await desktop.click('lockstep-sample', 'Open folder')
  const { openedPaths } = await desktop.app.until(view => view.openedPaths.length > 0, 'the folder')
  sample = openedPaths[0] ?? ''
  folderHash = new URL(page.url()).hash
  await page.evaluate(() => Reflect.set(window, 'mark', 'the same page'))
})
afterAll(() => desktop.close())

async function pidOfHost(): Promise<number> {
  const { utilities } = await desktop.app.until(view => view.utilities.length === 1, 'the host’s process')
  return utilities[0]!.pid
}

/** Another process has the folders, the window shows what it does, and nobody was asked anything. */
async function goesOnIn(name: string, former: number): Promise<void> {
  await desktop.app.until(view => view.utilities.some(({ pid }) => pid !== former), 'another process')
  await desktop.untilTraySays('Everything is in step')
  writeFileSync(join(sample, 'data', 'notes', name), `${name}\n`)
  await page.getByRole('row', { name }).waitFor()
  await desktop.untilTraySays('Everything is in step')
  expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('the same page')
  const { dialogs, errorBoxes, notifications, windows } = await desktop.app.view()
  const told = notifications.filter(({ title }) => title !== 'Lockstep keeps running')
  expect({ dialogs, errorBoxes, told }).toEqual({ dialogs: [], errorBoxes: [], told: [] })
  expect(windows).toMatchObject([{ isVisible: true, crashes: 0 }])
}

test('R13.1 a host that is killed under an open window is back, from what is stored, and asks nobody', async () => {
  const killed = await pidOfHost()
  process.kill(killed, 'SIGKILL')
  await goesOnIn('after-kill.md', killed)
  expect(desktop.log()).toContain('the host’s process has ended')
})

test('a host that hangs leaves the tray and the window alive, and a person can start it again', async () => {
  const hanging = await pidOfHost()
  process.kill(hanging, 'SIGSTOP')
  await desktop.click('Show logs')
  await desktop.app.until(({ openedPaths }) => openedPaths.at(-1)?.endsWith('logs') === true, 'the log')
  await desktop.app.closeWindow()
  await desktop.app.until(view => view.windows.every(({ isVisible }) => !isVisible), 'no window')
  await desktop.click('Open Lockstep')
  await desktop.app.until(view => view.windows.some(({ isVisible }) => isVisible), 'the window')
  // The menu shows the overview.
  await page.evaluate(hash => (location.hash = hash), folderHash)
  await desktop.untilTraySays('Sync does not answer')
  await desktop.click('Restart sync')
  await goesOnIn('after-hang.md', hanging)
})

test('R1 a host that hangs keeps nobody from quitting', async () => {
  process.kill(await pidOfHost(), 'SIGSTOP')
  await desktop.click('Quit Lockstep')
  expect(await desktop.app.ended(), desktop.app.stderr).toBe(0)
  await noneLeft(desktop.world.folder)
})

test('a host that cannot start is told of in the tray, with its reason, and starts once it can', async () => {
  const settings = join(desktop.world.home, 'app.json')
  const kept = `${settings}.kept`
  renameSync(settings, kept)
  mkdirSync(settings)
  desktop.app = desktop.launch(['--hidden'])
  await desktop.untilTraySays('Sync has ended and starts again')
  const { tray } = await desktop.app.view()
  expect(tray).toMatchObject({
    image: expect.stringMatching(/error\.png$/),
    toolTip: expect.stringMatching(/EISDIR/),
  })
  rmdirSync(settings)
  renameSync(kept, settings)
  await desktop.click('Restart sync')
  await desktop.untilTraySays('Everything is in step')
})
