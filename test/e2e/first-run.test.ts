/** From nothing to in step, by the pointer and by the keyboard alone; leaving changes nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeDocsCode } from '../support/docs-code.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep } from './support/app.ts'
import { tabTo } from './support/keyboard.ts'
import { hasSaid } from './support/said.ts'

let app: App

beforeEach(async () => {
  app = await App.start()
  const { a } = app.world
  a.write('data/notes/one.md', 'one\n')
  a.write('data/state.json', '{ "n": 1 }\n')
  a.write('data/server.key', 'secret\n')
  rmSync(a.at('data/sync-config.json'))
})
afterEach(() => app.close())

async function choose(page: Page, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose a folder' }).click()
  await page.getByLabel('Path of the folder').fill(folder)
  await page.getByLabel('Path of the folder').press('Enter')
  await page.getByRole('heading', { name: 'story' }).waitFor()
}

test('a folder without rules is found, configured, previewed, and then in step', async () => {
  const { a } = app.world
  const page = await app.open()
  await choose(page, a.folder)
  const found = page.getByRole('region', { name: 'Found here' })
  await found.getByText('none yet; it will be data/sync-config.json').waitFor()
  await found.getByText('FILE_SYNC_SQLITE_PATH').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()

  const matches = page.getByRole('region', { name: 'Files and what happens to them' })
  await matches.getByText('server.key').waitFor()
  await page.getByLabel('Shared pattern 1').fill('data/**/*.md')
  await page.getByLabel('Shared pattern 2').fill('!data/drafts/**')
  await matches.getByRole('button', { name: /^Shared 1$/ }).waitFor()
  await page.getByLabel('Shared pattern 2').fill('data/**/*.{json')
  await page.getByRole('alert').first().waitFor()
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
  await page.getByLabel('Shared pattern 2').fill('data/**/*.json')
  await matches.getByRole('button', { name: /^Shared 2$/ }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()

  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()

  await page.getByRole('button', { name: '2 to upload' }).waitFor()
  await page.getByText('"data/**/*.json"').waitFor()
  expect(existsSync(a.at('data/sync-config.json')), 'nothing is written before the start').toBe(false)
  await page.getByRole('button', { name: 'Start syncing' }).click()

  await inStep(page)
  expect(app.world.rows().map(row => row.path)).toEqual(['data/notes/one.md', 'data/state.json'])
  expect(JSON.parse(readFileSync(a.at('data/sync-config.json'), 'utf8'))).toEqual({
    syncFilePatterns: ['data/**/*.md', 'data/**/*.json'],
    privateSyncFilePatterns: [],
  })
  // Live from here on, in both directions.
  a.write('data/notes/two.md', 'two\n')
  await page.getByRole('row', { name: /two\.md/ }).waitFor()
  app.world.put({ path: 'data/notes/three.md', content: 'three\n' })
  await until(() => a.read('data/notes/three.md') === 'three\n', 'the file from the database')
})

test('leaving changes nothing', async () => {
  const { a } = app.world
  const before = a.tree('.')
  const page = await app.open()
  await choose(page, a.folder)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Shared pattern 1').fill('data/**')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: /to upload$/ }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { name: 'Keep a folder in step' }).waitFor()
  expect(a.tree('.')).toEqual(before)
  expect(existsSync(app.world.databasePath), 'not even an empty database').toBe(false)
  const { folders } = await (await app.host()).state.get().then(({ state }) => state)
  expect(folders).toEqual([])
})

test('R4 where both sides hold files, the preview says what happens to each, and nothing is deleted', async () => {
  const { a } = app.world
  app.world.createTable()
  app.world.put({ path: 'data/state.json', content: '{ "n": 2 }\n' })
  app.world.put({ path: 'data/notes/there.md', content: 'there\n' })
  const page = await app.open()
  await choose(page, a.folder)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: '1 to upload' }).waitFor()
  await page.getByRole('button', { name: '1 to download' }).waitFor()
  const list = page.getByRole('list', { name: 'What will happen, file by file' })
  await list.getByText('there.md').waitFor()
  await page.getByRole('button', { name: '1 in conflict' }).click()
  await list.getByText('there.md').waitFor({ state: 'detached' })
  await list.getByText('state.json').waitFor()
  expect(a.has('data/notes/there.md')).toBe(false)
  await page.getByRole('button', { name: 'Start syncing' }).click()
  await page.waitForURL(/#\/folder\//)
  await page.getByRole('main').getByText('Needs you').waitFor()
  await until(() => a.read('data/notes/there.md') === 'there\n', 'the file from the database')
  await until(() => app.world.rows("path = 'data/notes/one.md'").length === 1, 'the file of this device')
  expect(a.read('data/state.json')).toBe('{ "n": 1 }\n')
  expect(app.world.rows("path = 'data/state.json'")[0]?.content).toBe('{ "n": 2 }\n')
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Resolve: One file was changed on both sides/ }).click()
  await page.getByRole('button', { name: 'Resolve: data/state.json' }).waitFor()
})

test('the keyboard alone leads from the first page to the first sync', async () => {
  const { a } = app.world
  const page = await app.open()
  await tabTo(page, 'button', 'Choose a folder')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Which folder?' }).waitFor()
  await tabTo(page, 'textbox', 'Path of the folder')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(app.world.folder)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^a Project/ }).waitFor()
  await tabTo(page, 'button', /^a Project/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'story' }).waitFor()
  await tabTo(page, 'button', 'Continue')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Which files?' }).waitFor()
  await tabTo(page, 'textbox', 'Shared pattern 1')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('data/**/*.md')
  await tabTo(page, 'button', 'Continue')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Which database?' }).waitFor()
  await tabTo(page, 'button', 'Test connection')
  await page.keyboard.press('Enter')
  await page.getByText('The connection works.').waitFor()
  await tabTo(page, 'button', 'Continue')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Ready to start' }).waitFor()
  await page.getByText('to upload').waitFor()
  await tabTo(page, 'button', 'Start syncing')
  await page.keyboard.press('Enter')
  await inStep(page)
  expect(app.world.rows().length).toBeGreaterThan(0)
  expect(a.has('data/sync-config.json')).toBe(true)
})

test('a custom adapter is trusted, tested and planned with before anything is written', async () => {
  const { a } = app.world
  const records = join(app.world.folder, 'records')
  mkdirSync(records)
  mkdirSync(a.at('lib'))
  writeDocsCode('adapters.md', a.at('lib'))
  a.write('.env', `RECORDS_FOLDER=${records}\n`)
  const before = a.tree('.')
  const page = await app.open()
  await choose(page, a.folder)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Shared pattern 1').fill('data/**')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('radio', { name: /^Custom/ }).click()
  await page.getByLabel('Adapter module').fill('lib/json-folder.mjs')
  await page.getByRole('button', { name: 'Trust this code' }).click()
  await hasSaid(page, 'The adapter is trusted.')
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  // What is typed after a good test is not what was tested.
  await page.getByLabel('Adapter module').fill('lib/other.mjs')
  await page.getByText('The connection works.').waitFor({ state: 'detached' })
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
  await page.getByLabel('Adapter module').fill('lib/json-folder.mjs')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: /to upload$/ }).waitFor()
  expect(a.tree('.')).toEqual(before)
  await page.getByRole('button', { name: 'Start syncing' }).click()
  await inStep(page)
  await until(() => readdirSync(records).length > 0, 'the records of the adapter')
})

test('an empty project gets all that it needs, with the database in its own content folder', async () => {
  const { a } = app.world
  for (const name of ['data', '.env']) a.remove(name)
  const before = a.tree('.')
  const page = await app.open()
  await choose(page, a.folder)
  const found = page.getByRole('region', { name: 'Found here' })
  await found.getByText('will be created').waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page
    .getByRole('region', { name: 'Files and what happens to them' })
    .getByText('package.json')
    .waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  expect(a.tree('.')).toEqual(before)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Nothing to transfer').waitFor()
  await page.getByRole('button', { name: 'Start syncing' }).click()
  await page.getByText('No files yet').waitFor()
  await inStep(page)
  a.write('data/first.json', '{}\n')
  await page.getByRole('row', { name: /first\.json/ }).waitFor()
  await until(() => a.has('data/sync.db'), 'its own database')
})

test('the sample project is there with one click', async () => {
  const page = await app.open()
  await page.getByRole('button', { name: 'Try a sample project' }).click()
  await page.waitForURL(/#\/folder\//)
  await inStep(page)
  await page.getByText('Sample', { exact: true }).waitFor()
  for (const name of ['welcome.md', 'tasks.json']) await page.getByRole('row', { name }).waitFor()
})
