/**
 * How much the interface does, counted: what it loads before it is seen, what a list of 100,000 files costs, what
 * thousands of changes a second make of it. How long that takes here, `npm run bench -- --only page` tells.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Page, Route } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { folderHome } from '../../src/platform/home.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'
import { App, goTo } from './support/app.ts'
import { openBrowser, slowDown } from './support/chromium.ts'
import { pagesFolder } from './support/daemon.ts'
import { followFrames } from './support/frames.ts'
import { StormyDaemon } from './support/stormy-daemon.ts'

const FILES = 100_000
const KB = 1_024

async function startedApp(): Promise<{ app: App; id: string }> {
  const app = await App.start()
  onTestFinished(() => app.close())
  app.world.a.write('data/one.md', 'one\n')
  return { app, id: await app.add(app.world.a.folder) }
}

test('the first paint needs the document and its style, and no script', async () => {
  const { app } = await startedApp()
  const held: Route[] = []
  const page = await app.open({
    // What nobody answers has not come.
    before: async page => void (await page.route('**/*.js', route => void held.push(route))),
    isIn: false,
  })
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  const { bytes, kinds } = await page.evaluate(() => {
    const isLoad = (entry: PerformanceEntry) => entry instanceof PerformanceResourceTiming
    const document = performance.getEntriesByType('navigation').filter(isLoad)
    const loaded = performance.getEntriesByType('resource').filter(isLoad)
    const ended = loaded.filter(({ responseEnd }) => responseEnd > 0)
    return {
      bytes: [...document, ...ended].reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
      kinds: ended.map(({ name }) => name.slice(name.lastIndexOf('.'))),
    }
  })
  expect(kinds.filter(kind => kind !== '.svg')).toEqual(['.css'])
  expect(bytes).toBeLessThan(80 * KB)
  expect(held.length).toBeGreaterThan(0)
  await Promise.all(held.map(route => route.continue()))
  await page.getByRole('navigation').waitFor()
})

test('the overview is there after the scripts that the document names, and three calls', async () => {
  const { app } = await startedApp()
  const page = await app.open()
  await page.getByRole('heading', { name: 'Folders', level: 2 }).last().waitFor()
  const { loaded, named } = await page.evaluate(() => ({
    loaded: performance
      .getEntriesByType('resource')
      .filter(entry => entry instanceof PerformanceResourceTiming)
      .filter(({ name }) => name.endsWith('.js'))
      .map(({ name, decodedBodySize }) => ({ name, bytes: decodedBodySize })),
    named: [
      ...document.querySelectorAll<HTMLLinkElement | HTMLScriptElement>('link[rel=modulepreload], script'),
    ]
      .map(element => ('href' in element ? element.href : element.src))
      .filter(address => address.endsWith('.js')),
  }))
  // One that only a script names is asked for late, when that script has come.
  expect(loaded.map(({ name }) => name).toSorted()).toEqual(named.toSorted())
  expect(loaded.length).toBeLessThanOrEqual(18)
  expect(loaded.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1_750 * KB)
  const calls = (): string[] =>
    app.frames
      .filter(({ from }) => from === 'page')
      .map(({ text }) => /"u":"([^"]*)"/.exec(text)?.[1] ?? text)
  // The page says what it lists before it has asked for what it adds.
  await until(
    () => calls().length >= 3,
    'all calls of the page',
    () => calls().join(', '),
  )
  expect(calls().sort()).toEqual(['/activity/list', '/state/notices', '/state/watch'])
})

test('100,000 files scroll without a dropped row, and only those in view are there and asked for', async () => {
  const { app, id } = await startedApp()
  const { folders, state } = await app.host()
  await until(async () => (await state.get()).state.folders[0]?.files === 1, 'the file to be in step')
  await folders.pause({ id })
  await app.daemon.stop()
  rememberFiles(app)
  await app.daemon.start()
  const page = await app.open()
  await goTo(page, `#/folder/${id}/files`)
  await page.getByRole('button', { name: /^All\s*100,000$/ }).waitFor()
  const list = page.getByRole('grid', { name: 'Files of this folder' })
  await waitFilled(page)
  let asked = 0
  const lists = () =>
    app.frames.filter(({ from, text }) => from === 'page' && text.includes('/files/list')).length
  const most = await watchRows(page)

  // As with the wheel: step by step, each with all of its rows.
  await list.hover()
  const before = lists()
  for (let turn = 0; turn < 60; turn++) {
    const from = await list.evaluate(grid => grid.scrollTop)
    await page.mouse.wheel(0, turn < 40 ? 1_200 : -600)
    await page.waitForFunction(
      ([to]) => document.querySelector('[role=grid]')?.scrollTop === to,
      [from + (turn < 40 ? 1_200 : -600)],
    )
    await waitFilled(page)
  }
  // 48,000 px down are 1,333 rows, which lie in seven windows of 200; going back asks for none again.
  expect(lists() - before).toBeLessThanOrEqual(8)

  // As with the scroll bar: far away at once. Then what is in view must come, in one window or two.
  for (const part of [0.5, 0.99, 0.1, 0.75, 0.333, 0]) {
    const before = lists()
    await list.evaluate((grid, to) => (grid.scrollTop = grid.scrollHeight * to), part)
    await waitFilled(page)
    asked = Math.max(asked, lists() - before)
  }
  expect(asked).toBeLessThanOrEqual(2)
  // 800 px show about 20; some more lie above and below.
  expect(await most()).toBeLessThan(80)

  await page.keyboard.press('Tab')
  await list.focus()
  await page.keyboard.press('End')
  await page
    .getByRole('row', { name: /entry-999\.md/ })
    .last()
    .waitFor()
  expect(await list.getAttribute('aria-rowcount')).toBe(String(FILES + 1))
})

test('thousands of changes at once are few messages and few changes of the page, which goes on answering', async () => {
  const world = new World({ names: ['a'] })
  onTestFinished(() => world.close())
  world.a.write('data/one.md', 'one\n')
  mkdirSync(world.home)
  const daemon = await StormyDaemon.start(world.home, pagesFolder())
  onTestFinished(() => daemon.close())
  const browser = await openBrowser()
  onTestFinished(() => browser.close())
  const { id } = await daemon.host.folders.add(world.a.folder)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await slowDown(page)
  let events = 0
  await followFrames(page, ({ from, text }) => {
    if (from === 'daemon' && text.includes('"type":"changes"')) events += 1
  })
  await page.goto(daemon.url)
  await page.getByRole('main').getByText('In step', { exact: true }).first().waitFor()

  const folder = daemon.host.state().folders.find(each => each.id === id)
  if (folder === undefined) throw new Error('the folder is not there')
  const ids = Array.from({ length: 12 }, (_, index) => `folder-${index}`)
  // The first one brings the folders, which have not been there before.
  daemon.storm(folder, ids, ids.length)
  await page
    .getByText(`${ids.length - 1} files`)
    .first()
    .waitFor()
  const mutations = await countMutations(page)
  events = 0
  const BURSTS = 8
  const CHANGES = 5_000
  for (let burst = 1; burst <= BURSTS; burst++) {
    daemon.storm(folder, ids, CHANGES)
    await page.getByRole('link', { name: burst % 2 === 1 ? 'Settings' : 'Overview' }).click()
    await page.getByRole('heading', { name: burst % 2 === 1 ? 'Settings' : 'Recently' }).waitFor()
  }
  await page.getByRole('link', { name: 'Overview' }).click()
  const last = (daemon.changes - 1).toLocaleString('en-GB')
  await page.getByText(`${last} files`).first().waitFor()
  // Each burst is one event; the folder itself may have something to say in between.
  expect(events).toBeGreaterThan(0)
  expect(events).toBeLessThanOrEqual(2 * BURSTS)
  expect(await mutations()).toBeLessThan(BURSTS * 100)
})

/** As if an engine had seen them all: what is known of a folder that is paused comes from its state. */
function rememberFiles({ world }: App): void {
  const state = new Sqlite(join(folderHome(world.home, world.a.folder), 'state.db'))
  state
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO base_entries (scope_id, path, digest, size, etag, version)
       SELECT scope_id, printf('data/part-%02d/entry-%03d.md', i / 1000, i % 1000), digest, i, etag, version
       FROM n, base_entries WHERE path = 'data/one.md'`,
    )
    .run(FILES - 1)
  state.close()
}

/** Until each row in view shows its file, without a gap between them. */
async function waitFilled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const grid = document.querySelector('[role=grid]')
    if (grid === null) return false
    const { top, bottom, left, width } = grid.getBoundingClientRect()
    // Below the heading, and above the end of the list's last row.
    for (let y = top + 40; y < bottom - 4; y += 34) {
      const row = document.elementFromPoint(left + width / 3, y)?.closest('[role=row]')
      if (row?.textContent.includes('.md') !== true) return false
    }
    return true
  })
}

/** The most rows that are in the document at one time, from now on. */
async function watchRows(page: Page): Promise<() => Promise<number>> {
  const watch = await page.evaluateHandle(() => {
    const seen = { most: 0 }
    const look = () => (seen.most = Math.max(seen.most, document.querySelectorAll('[role=row]').length))
    look()
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
    return seen
  })
  return () => watch.evaluate(({ most }) => most)
}

/** How many times anything in the document was changed, from now on. */
async function countMutations(page: Page): Promise<() => Promise<number>> {
  const watch = await page.evaluateHandle(() => {
    const seen = { count: 0 }
    const observer = new MutationObserver(records => (seen.count += records.length))
    observer.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true })
    return seen
  })
  return () => watch.evaluate(({ count }) => count)
}
