/** Deletes that looked like an accident (R8): shown with their reason, approved exactly, or restored. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { secretSample } from '../support/secret-samples.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { hasSaid } from './support/said.ts'

let app: App
let page: Page
let id: string

/** More than a person deletes by hand, and most of the folder. */
const NOTES = Array.from({ length: 24 }, (_, number) => `data/notes/${String(number).padStart(2, '0')}.md`)

beforeAll(async () => {
  app = await App.start()
  const { a } = app.world
  for (const path of NOTES) a.write(path, `${path}\n`)
  for (const name of ['kept', 'later']) a.write(`data/${name}.md`, `${name}\n`)
  page = await app.open()
  id = await app.add(a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
afterAll(() => app.close())

const inDatabase = () => app.world.rows().length
const here = () => NOTES.filter(path => app.world.a.has(path)).length

/** From the overview, by its one next step. */
async function openHold(): Promise<Locator> {
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Review: / }).click()
  const dialog = openDialog(page)
  await dialog.getByRole('heading', { name: 'Held deletes' }).waitFor()
  return dialog
}

test('R8 a database that was emptied deletes nothing here, and the files are restored there', async () => {
  app.world.execute("DELETE FROM files WHERE path LIKE 'data/notes/%'")
  await page.getByRole('main').getByText('24 changes are held').waitFor()
  const dialog = await openHold()
  await dialog.getByText('Many files were deleted at once in the database.').waitFor()
  await dialog.getByRole('group', { name: 'Files that are held' }).getByText('23.md').waitFor()
  expect(here()).toBe(24)
  await dialog.getByRole('button', { name: 'Not now' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(here(), 'not now decides nothing').toBe(24)

  const again = await openHold()
  await again.getByRole('button', { name: 'Keep them: restore the files' }).click()
  await hasSaid(page, '24 files restored.')
  await until(() => inDatabase() === 26, 'the records to be back')
  expect(here()).toBe(24)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})

test('R8 deletes are approved for exactly the files that were shown', async () => {
  const { a } = app.world
  // At once, however slow this process is.
  a.rename('data/notes', 'notes')
  await page.getByRole('main').getByText('24 changes are held').waitFor()
  expect(inDatabase(), 'nothing is deleted before somebody says so').toBe(26)
  const dialog = await openHold()
  await dialog.getByRole('button', { name: 'Delete 24 files…' }).click()
  const question = page.getByRole('alertdialog')
  await question.getByText('Delete exactly 24 files?').waitFor()

  // One more by now: what was agreed to is no longer what would be done.
  a.remove('data/later.md')
  await dialog.getByText(/^25 files in the database/).waitFor()
  await question.getByRole('button', { name: 'Delete these files' }).click()
  await dialog.getByText('Something else is held by now.').waitFor()
  expect(inDatabase()).toBe(26)

  await dialog.getByRole('button', { name: 'Delete 25 files…' }).click()
  await question.getByText('Delete exactly 25 files?').waitFor()
  await question.getByRole('button', { name: 'Delete these files' }).click()
  await page.getByText('25 files deleted.').waitFor()
  await until(() => inDatabase() === 1, 'exactly these records to be gone')
  expect(app.world.rows()[0]?.path).toBe('data/kept.md')
  expect(a.has('data/kept.md')).toBe(true)
  await goTo(page, `#/folder/${id}/activity`)
  await page.getByText('Somebody approved 25 held changes.').waitFor()
})

test('R10.12 R10.13 a file with tokens in it is not sent: what was found is shown masked, and is allowed or excluded', async () => {
  const { a } = app.world
  const [first, second] = [secretSample(1), secretSample(2)]
  a.write('data/keys.md', `# Keys\n\ntoken: ${first}\n`)
  a.write('data/deploy.json', JSON.stringify({ token: second }))
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Review: / }).click()
  const dialog = openDialog(page)
  await dialog.getByRole('heading', { name: 'Files that are not sent' }).waitFor()
  const row = (name: string) => dialog.getByRole('listitem').filter({ hasText: name })
  await row('keys.md')
    .getByText(`GitHub token, line 3: ${first.slice(0, 4)}… (40 characters)`)
    .waitFor()
  await row('deploy.json').getByText('GitHub token, line 1:').waitFor()

  await row('deploy.json').getByRole('button', { name: 'Exclude the file' }).click()
  await hasSaid(page, 'The file does not sync any longer.')
  await row('deploy.json').waitFor({ state: 'detached' })
  const config = JSON.parse(a.read('data/sync-config.json')!) as { syncFilePatterns: string[] }
  expect(config.syncFilePatterns.at(-1)).toBe('!data/deploy.json')

  await row('keys.md').getByRole('button', { name: 'Allow and send…' }).click()
  const question = page.getByRole('alertdialog')
  await question.getByText('Send this file with what was found in it?').waitFor()
  await question.getByRole('button', { name: 'Allow and send' }).click()
  await until(() => app.world.rows("path = 'data/keys.md'").length === 1, 'the file to be sent')
  expect(app.world.rows("path = 'data/deploy.json'")).toEqual([])
  a.write('data/keys.md', `edited: ${first}\n`)
  await until(
    () => app.world.rows("path = 'data/keys.md'")[0]!.content.startsWith('edited'),
    'the edit to be sent',
  )
  for (const { text } of app.frames) {
    expect(text).not.toContain(first.slice(0, 8))
    expect(text).not.toContain(second.slice(0, 8))
  }
})

test('R4.11 a folder that is named otherwise asks whether it goes on as another app', async () => {
  const { a } = app.world
  a.save('package.json', '{"name":"renamed"}')
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Review: This folder waits for you/ }).click()
  const dialog = openDialog(page)
  await dialog.getByText('is named renamed now').waitFor()
  await dialog.getByRole('button', { name: 'Go on under the new name…' }).click()
  const question = page.getByRole('alertdialog')
  await question.getByRole('button', { name: 'Go on under the new name' }).click()
  await hasSaid(page, 'The folder goes on under its new name.')
  await until(() => app.world.rows("app = 'renamed'").length > 0, 'records of the new name')
})
