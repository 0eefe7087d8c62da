/** A folder's files: found, explained, compared with earlier versions, restored, opened; and what has happened to them. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteFolder, noteRemoved } from '../support/orphans.ts'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'

let app: App
let page: Page
let id: string
/** Holds the program that a desktop opens things with, and what it was asked for. */
const desktop = mkdtempSync(join(tmpdir(), 'lockstep-desktop-'))
const opened = (): string[] => {
  try {
    return readFileSync(join(desktop, 'opened'), 'utf8').trimEnd().split('\n')
  } catch {
    return []
  }
}

beforeAll(async () => {
  noteFolder(desktop)
  writeFileSync(join(desktop, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$1" >> '${desktop}/opened'\n`)
  chmodSync(join(desktop, 'xdg-open'), 0o755)
  const path = `${desktop}${delimiter}${process.env['PATH'] ?? ''}`
  app = await App.start({ names: ['a', 'b'], daemonEnv: { DISPLAY: ':none', PATH: path } })
  const { a } = app.world
  a.configure({ syncFilePatterns: ['data/**'], maxFileBytes: 1_000 })
  a.write('data/notes/plan.md', '# Plan\n\nFirst.\n')
  a.write('data/notes/gone.md', 'will be deleted\n')
  a.write('data/state.json', '{ "n": 1 }\n')
  page = await app.open()
  id = await app.add(a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
afterAll(async () => {
  await app.close()
  rmSync(desktop, { recursive: true, force: true })
  noteRemoved(desktop)
})

const row = (name: string) => page.getByRole('row', { name: new RegExp(`${name}\\b`) })
const details = () => page.getByRole('region', { name: /^File details/ })

test('files are searched and filtered, and one is explained beside the list', async () => {
  await row('plan.md').waitFor()
  await page.getByLabel('Search files').fill('STATE json')
  await row('plan.md').waitFor({ state: 'detached' })
  await row('state.json').click()
  await details().getByText('In step', { exact: true }).waitFor()
  await details().getByText('data/sync-config.json, line').waitFor()
  await details().getByText('data/**', { exact: true }).waitFor()
  await page.getByLabel('Search files').fill('no such file')
  await page.getByText('No file matches').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await row('plan.md').waitFor()
  await page
    .getByRole('group', { name: 'Show', exact: true })
    .getByRole('button', { name: 'In step 3' })
    .click()
  await row('gone.md').waitFor()
})

test('R12 a file that cannot sync is listed with its reason, and the overview leads to it', async () => {
  const { a } = app.world
  await page.getByRole('button', { name: /^All / }).click()
  a.write('data/notes/big.md', 'x'.repeat(2_000))
  await row('big.md').filter({ hasText: 'Problem' }).waitFor()
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Show: 1 file cannot be synced/ }).click()
  await details().getByText('The file has 2000 bytes, the limit is 1000.').waitFor()
  a.remove('data/notes/big.md')
  await row('big.md').waitFor({ state: 'detached' })
  await details().getByRole('button', { name: 'Close details' }).click()
})

test('R1 a replaced version is compared with the file as it is, and restored', async () => {
  const { a } = app.world
  app.world.put({ path: 'data/notes/plan.md', content: '# Plan\n\nSecond.\n' })
  await until(() => a.read('data/notes/plan.md')?.includes('Second') === true, 'the newer version')
  await row('plan.md').click()
  await details()
    .getByRole('button', { name: /Replaced by a newer version/ })
    .click()
  const dialog = openDialog(page)
  const lines = dialog.getByRole('row')
  await lines.filter({ hasText: 'First.' }).filter({ hasText: '+' }).waitFor()
  await lines.filter({ hasText: 'Second.' }).filter({ hasText: '−' }).waitFor()
  await dialog.getByRole('button', { name: 'Restore this version' }).click()
  await page.getByText('The version is back.').waitFor()
  expect(a.read('data/notes/plan.md')).toBe('# Plan\n\nFirst.\n')
  await until(
    () => app.world.rows("path = 'data/notes/plan.md'")[0]?.content.includes('First') === true,
    'the restored version in the database',
  )
  await details()
    .getByRole('button', { name: /Replaced by a restore/ })
    .waitFor()
  await details().getByRole('button', { name: 'Close details' }).click()
})

test('R1 a deleted file is found in the history of all files, and comes back', async () => {
  const { a } = app.world
  app.world.execute("DELETE FROM files WHERE path = 'data/notes/gone.md'")
  await until(() => !a.has('data/notes/gone.md'), 'the delete to be followed')
  await row('gone.md').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'History of all files' }).click()
  const all = page.getByRole('dialog', { name: 'History of all files' })
  await all.getByRole('button', { name: /gone\.md.*Deleted/s }).click()
  const version = page.getByRole('dialog', { name: /^Version of/ })
  await version.getByText('There is no such file now; restoring brings it back.').waitFor()
  await version.getByRole('button', { name: 'Restore this version' }).click()
  await until(() => a.read('data/notes/gone.md') === 'will be deleted\n', 'the file to be back')
  await all.getByRole('button', { name: 'Close' }).last().click()
  await all.waitFor({ state: 'detached' })
  await row('gone.md').waitFor()
})

test('activity says who did what to which file, is filtered, and leads to the file', async () => {
  await goTo(page, `#/folder/${id}/activity`)
  const entries = page.getByRole('tabpanel').getByRole('listitem')
  await entries.filter({ hasText: 'Uploaded' }).filter({ hasText: 'This device' }).first().waitFor()
  await entries.filter({ hasText: 'Deleted here' }).filter({ hasText: 'Another device' }).first().waitFor()

  await page.getByLabel('Kind').click()
  await page.getByRole('option', { name: 'Decisions' }).click()
  await entries.filter({ hasText: 'Uploaded' }).first().waitFor({ state: 'detached' })
  await entries.filter({ hasText: 'Restored' }).filter({ hasText: 'A person' }).first().waitFor()
  await page.getByLabel('Kind').click()
  await page.getByRole('option', { name: 'Everything' }).click()
  await page.getByLabel('Made by').click()
  await page.getByRole('option', { name: 'Another device' }).click()
  await entries.filter({ hasText: 'This device' }).first().waitFor({ state: 'detached' })
  await page.getByLabel('Search paths').fill('gone')
  await entries.filter({ hasText: 'plan.md' }).first().waitFor({ state: 'detached' })
  await eventually(() => entries.count()).toBe(1)
  await entries.getByRole('link').click()
  await details().getByRole('heading', { name: 'gone.md' }).waitFor()
})

test('R11 files are opened and shown in their folder; what leads outside is refused', async () => {
  const { a } = app.world
  await goTo(page, `#/folder/${id}/files/${encodeURIComponent('data/state.json')}`)
  await details().getByRole('button', { name: 'Open', exact: true }).click()
  await until(() => opened().includes(a.at('data/state.json')), 'the file to be opened')
  await details().getByRole('button', { name: 'Show in folder' }).click()
  await until(() => opened().includes(a.at('data')), 'its folder to be shown')

  const before = opened().length
  symlinkSync(app.world.b.at('.env'), a.at('data/link.md'))
  for (const path of ['data/link.md', '../b/.env', '/etc/passwd', 'data/not-there.md']) {
    await goTo(page, `#/folder/${id}/files/${encodeURIComponent(path)}`)
    for (const button of path === 'data/link.md' ? ['Open', 'Show in folder'] : ['Open']) {
      await details().getByRole('button', { name: button, exact: true }).click()
      const notes = page.getByRole('region', { name: 'Notes' })
      await notes.getByText('That did not work').waitFor()
      await notes.locator('button[data-type=error]').click()
      await notes.getByText('That did not work').waitFor({ state: 'detached' })
    }
  }
  expect(opened().length).toBe(before)
})

test('folders are put in order, and one is forgotten without touching its files', async () => {
  const { b } = app.world
  b.write('data/of-b.md', 'of b\n')
  b.write('package.json', '{ "name": "second" }\n')
  b.append('.env', 'FILE_SYNC_APP_ID=second\n')
  const second = await app.add(b.folder)
  const links = page.getByRole('navigation').getByRole('link', { name: /story|second/ })
  const order = async () => (await links.allInnerTexts()).map(text => text.split('\n').at(-1))
  await eventually(order).toEqual(['story', 'second'])
  await goTo(page, `#/folder/${second}/files`)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Move up in the list' }).click()
  await eventually(order).toEqual(['second', 'story'])
  await inStep(page)

  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Remove from Lockstep…' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop and forget' }).click()
  await eventually(order).toEqual(['story'])
  expect(b.read('data/of-b.md')).toBe('of b\n')
  expect(b.has('data/sync-config.json')).toBe(true)
  expect(app.world.rows("app = 'second'").map(found => found.path)).toEqual(['data/of-b.md'])
})
