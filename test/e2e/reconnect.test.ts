/** The daemon goes and comes back while the page is open; a page without a right to speak is told how to get one. */
import { renameSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'

let app: App
let page: Page
let id: string

beforeAll(async () => {
  app = await App.start()
  app.world.a.write('data/before.md', 'before\n')
  page = await app.open()
  id = await app.add(app.world.a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
  await page.getByRole('row', { name: /before\.md/ }).waitFor()
})
afterAll(() => app.close())

const lost = () => page.getByText('Lockstep does not answer.')

test('a killed daemon is waited for, and the page goes on by itself', async () => {
  const { a } = app.world
  app.expected.push(/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/, /status of 401/)
  const first = app.daemon.url
  await app.daemon.kill()
  await lost().waitFor()
  await page.getByRole('row', { name: /before\.md/ }).waitFor()
  a.write('data/meanwhile.md', 'meanwhile\n')
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByText('Lockstep does not answer right now.').first().waitFor()
  await app.daemon.start()
  expect(app.daemon.url, 'another run').not.toBe(first)

  await lost().waitFor({ state: 'detached' })
  await page.getByRole('row', { name: /meanwhile\.md/ }).waitFor()
  await inStep(page)
  // Live in both directions, without a reload.
  app.world.put({ path: 'data/from-elsewhere.md', content: 'elsewhere\n' })
  await page.getByRole('row', { name: /from-elsewhere\.md/ }).waitFor()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByText('This folder is paused').waitFor()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await inStep(page)
  // And the right that was renewed outlives a reload.
  await page.reload()
  await page.getByRole('row', { name: /before\.md/ }).waitFor()
})

test('a daemon that ends in order is waited for as well', async () => {
  await app.daemon.stop()
  await lost().waitFor()
  await app.daemon.start()
  await lost().waitFor({ state: 'detached' })
  app.world.a.write('data/again.md', 'again\n')
  await page.getByRole('row', { name: /again\.md/ }).waitFor()
  await until(() => app.world.rows("path = 'data/again.md'").length === 1, 'the file in the database')
})

test('R8 a folder that is gone deletes nothing, and is followed again once it is back', async () => {
  const { a } = app.world
  const records = app.world.rows().length
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
  renameSync(a.folder, `${a.folder}-away`)
  await page.getByRole('main').getByText('Bring it back to its place').waitFor()
  expect(await page.getByRole('button', { name: 'Mend' }).count(), 'nothing here could mend it').toBe(0)
  expect(app.world.rows().length).toBe(records)
  renameSync(`${a.folder}-away`, a.folder)
  await inStep(page)
  expect(app.world.rows().length).toBe(records)
})

test('what was broken while the daemon was away is mended in the page, step by step', async () => {
  const { a } = app.world
  await app.daemon.stop()
  a.write('data/own/mine.md', 'mine\n')
  a.write('data/sync-config.json', '{ "syncFilePatterns": ["data/**"], }\n')
  await app.daemon.start()
  await lost().waitFor({ state: 'detached' })
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Mend: / }).click()
  const rules = '{ "syncFilePatterns": ["data/**"], "privateSyncFilePatterns": ["data/own/**"] }\n'
  await page.getByLabel('Text of data/sync-config.json').fill(rules)
  await page.getByRole('button', { name: 'Save rules' }).click()
  await until(() => a.read('data/sync-config.json') === rules, 'the mended file')

  const callout = page.getByRole('main').getByText('Not everything here can sync')
  await callout.waitFor()
  await page.getByText('Set FILE_SYNC_USER_ID in .env').first().waitFor()
  await page.getByRole('button', { name: 'Backend', exact: true }).click()
  await page.getByText('More settings').click()
  await page.getByLabel('User id').fill('ann')
  await page.getByRole('button', { name: 'Review and save…' }).click()
  await openDialog(page).getByRole('button', { name: 'Save', exact: true }).click()
  await until(() => app.world.rows("owner_id = 'ann'").length === 1, 'the private file in its own channel')
  await callout.waitFor({ state: 'detached' })
  expect(
    app.world.rows("path = 'data/own/mine.md'").map(row => row.owner_id),
    'R15',
  ).toEqual(['ann'])
})

test('R14 a folder that another program keeps in step is taken over when that one ends', async () => {
  const { b } = app.world
  const engine = await b.watch()
  const held = await app.add(b.folder)
  await goTo(page, `#/folder/${held}/files`)
  await page.getByText('Another program keeps this folder in step').waitFor()
  await page.getByText(`(process ${engine.pid})`).first().waitFor()
  await b.stop()
  await inStep(page)
  await page.getByRole('row', { name: /before\.md/ }).waitFor()
})

test('a page with the address of an earlier run is told where to find the new one', async () => {
  const stranger = await app.openRefused(app.daemon.url.replace(/token=.*/, 'token=of-an-earlier-run'))
  await stranger.getByRole('heading', { name: 'This page needs a new address' }).waitFor()
  await stranger.getByText('lockstep serve').waitFor()
  expect(new URL(stranger.url()).hash, 'no token stays in the address').toBe('')
  expect(await stranger.getByRole('navigation').count()).toBe(0)
})
