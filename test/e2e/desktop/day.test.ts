/** A day with the desktop app: hidden at login, a folder, a conflict, a pause, a sleep, and the end. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { noneLeft } from '../../electron-stand-in/processes.ts'
import { Desktop } from './desktop.ts'

let desktop: Desktop
let page: Page

beforeAll(() => {
  desktop = new Desktop()
})
afterAll(() => desktop.close())

/** Until the database holds the file so. */
function uploaded(path: string, content: string): Promise<void> {
  const row = () => desktop.world.rows(`path = '${path}'`)[0]?.content
  return until(
    () => row() === content,
    `${path} to be uploaded`,
    () => `${row() ?? 'nothing is there'}\n${desktop.app.stderr}`,
  )
}

/** The same lines changed on both sides while this one was paused. */
async function makeConflict(path: string): Promise<void> {
  const { a, b } = desktop.world
  a.write(path, '# Plan\n\nAnswer.\n')
  await uploaded(path, '# Plan\n\nAnswer.\n')
  await b.sync()
  await desktop.click('story', 'Pause')
  await desktop.untilTraySays('Paused')
  a.write(path, '# Plan\n\nAnswer one.\n')
  b.write(path, '# Plan\n\nAnswer all.\n')
  await b.sync()
  await desktop.click('story', 'Resume')
  await desktop.untilTraySays('story: 1 conflict')
}

test('started hidden, it is in the tray alone', async () => {
  const { app } = desktop
  const { tray, windows, debuggingAddress } = await app.until(
    view => view.tray?.menu[0]?.label === 'No folders yet',
    'the tray icon with the first state',
  )
  expect(windows).toEqual([])
  expect(debuggingAddress, 'no page is made before somebody wants to see one').toBeNull()
  expect(tray?.image).toMatch(/in-step\.png$/)
  expect(tray?.menu.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['No folders yet', 'Open Lockstep', 'Settings…', 'Show logs', 'Quit Lockstep']),
  )
})

test('the tray opens the window; a folder is chosen in the dialog of the system, and synced', async () => {
  const { a, b } = desktop.world
  a.write('data/first.md', 'first\n')
  page = await desktop.open()
  await page.getByRole('button', { name: 'Choose a folder' }).click()
  const pick = page.locator('#pick-folder')
  await pick.click()
  await desktop.app.answerDialog({ cancelled: true })
  await pick.click()
  const dialog = await desktop.app.answerDialog({ paths: [a.folder] })
  expect(dialog).toMatchObject({ kind: 'folder', title: 'Choose a folder' })
  expect(dialog.window, 'it belongs to the window').not.toBeNull()
  await page.getByRole('heading', { name: 'story' }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Which files?' }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Start syncing' }).click()
  await page.getByRole('main').getByText('In step', { exact: true }).first().waitFor()
  await uploaded('data/first.md', 'first\n')
  await b.sync()
  expect(b.read('data/first.md')).toBe('first\n')
  b.write('data/second.md', 'second\n')
  await b.sync()
  await until(() => a.read('data/second.md') === 'second\n', 'the file of the other device')
  await desktop.untilTraySays('Everything is in step')
})

test('closing the window hides it, which is said once', async () => {
  const { app } = desktop
  await app.closeWindow()
  const said = (title: string) => /keeps running/.test(title)
  const { windows } = await app.until(
    view => view.notifications.some(({ title }) => said(title)),
    'a notification that it keeps running',
  )
  expect(windows.map(({ isVisible }) => isVisible)).toEqual([false])
  page = await desktop.open()
  await app.closeWindow()
  const { notifications } = await app.until(
    view => view.windows.every(({ isVisible }) => !isVisible),
    'no window',
  )
  expect(notifications.filter(({ title }) => said(title))).toHaveLength(1)
})

test('R6 a conflict is told; a click on the notification leads to it, where it is resolved', async () => {
  const { a } = desktop.world
  const path = 'data/notes.md'
  await makeConflict(path)
  const { notifications, tray, badge } = await desktop.app.until(
    view => view.notifications.some(({ title, isOpen }) => title.startsWith('Conflict') && isOpen),
    'the notification of the conflict',
  )
  const notification = notifications.find(({ title }) => title.startsWith('Conflict'))!
  expect(notification.body).toContain(path)
  expect(tray).toMatchObject({
    image: expect.stringMatching(/needs-you\.png$/),
    toolTip: expect.stringContaining('1 conflict'),
  })
  expect(badge).toBe(1)
  await desktop.app.command({ verb: 'click-notification', id: notification.id })
  page = await desktop.page()
  await page.waitForURL(/#\/folder\/[^/]+\/conflicts/)
  await page.getByRole('button', { name: `Resolve: ${path}` }).click()
  const dialog = page.getByRole('dialog', { name: 'notes.md' })
  await dialog.getByRole('button', { name: 'Keep the other' }).click()
  await until(() => a.read(path) === '# Plan\n\nAnswer all.\n', 'the other version here')
  await desktop.untilTraySays('Everything is in step')
  await desktop.app.until(view => view.badge === 0, 'no badge')
})

test('the tray pauses everything and resumes it', async () => {
  const { a } = desktop.world
  await desktop.click('Pause all', 'Until resumed')
  await desktop.untilTraySays('Paused')
  a.write('data/later.md', 'later\n')
  await page.getByRole('main').getByText('paused', { exact: false }).first().waitFor()
  expect(desktop.world.rows(`path = 'data/later.md'`)).toEqual([])
  await desktop.click('Resume all')
  await uploaded('data/later.md', 'later\n')
  await desktop.untilTraySays('Everything is in step')
})

test('a sleep stops sync, and waking looks at both sides as a whole', async () => {
  const { a, b } = desktop.world
  const rows = () => desktop.world.rows().length
  await desktop.app.command({ verb: 'power', event: 'suspend' })
  await until(() => /goes to sleep/.test(desktop.log()), 'the sleep in the log')
  await desktop.untilTraySays('Paused')
  a.write('data/asleep.md', 'here\n')
  b.write('data/elsewhere.md', 'there\n')
  await b.sync()
  const before = rows()
  await desktop.app.command({ verb: 'power', event: 'resume' })
  await uploaded('data/asleep.md', 'here\n')
  await until(() => a.read('data/elsewhere.md') === 'there\n', 'what the other device did meanwhile')
  expect(rows(), 'nothing was uploaded in the sleep').toBe(before + 1)
  await desktop.untilTraySays('Everything is in step')
})

test('the menu opens the folder and the log with the programs of the system', async () => {
  await desktop.click('story', 'Open folder')
  await desktop.click('Show logs')
  const { openedPaths } = await desktop.app.until(view => view.openedPaths.length === 2, 'two paths')
  expect(openedPaths).toContain(desktop.world.a.folder)
  expect(openedPaths).toContain(join(desktop.world.home, 'logs'))
})

test('quitting is clean, cuts nothing off, and leaves no process', async () => {
  const { app, world } = desktop
  world.a.write('data/last.md', 'last\n')
  const { faults, errorBoxes, networkRequests } = await app.view()
  expect({ faults, errorBoxes, networkRequests }).toEqual({ faults: [], errorBoxes: [], networkRequests: [] })
  await desktop.click('Quit Lockstep')
  expect(await app.ended(), app.stderr).toBe(0)
  await noneLeft(world.folder)
  expect(desktop.log()).not.toMatch(/"level":50|did not end/)
})
