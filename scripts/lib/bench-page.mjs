/**
 * How quick the interface is in a real Chromium: its first paint, a list of 100,000 files, thousands of changes a
 * second. Beside it what the same browser takes for a page with nothing in it, and how it draws while nothing happens.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { StormyDaemon } from '../../test/e2e/support/stormy-daemon.ts'
import { below, median, milliseconds, quantile, seconds } from './bench-lines.mjs'
import { CHROMIUM_HINT, findChromium } from './chromium.mjs'
import { sleep } from './engine.mjs'

/** @import { Browser, Page } from 'playwright-core' */
/** @typedef {{ gaps: number[], longestTask: number }} Pace in ms; 0 where no task was longer than 50 */

const PAGES = join(import.meta.dirname, '..', '..', 'out', 'renderer')
const LOADS = 7
const FOLDERS = 100
const FILES_IN_EACH = 1_000
const STORM_A_SECOND = 5_000
const STORM_SECONDS = 6
/** For anything in the page, the list of so many files too, in ms. */
const PATIENCE = 600_000

/** In turn, each with what is seen when it is there. */
const VIEWS = [
  { link: 'Settings', heading: 'Settings' },
  { link: 'Overview', heading: 'Recently' },
]

const VIEWPORT = { width: 1280, height: 800 }

/** @returns {Promise<import('./bench-lines.mjs').Line[]>} */
export async function measurePage() {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(CHROMIUM_HINT)
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath, args })
  try {
    return [
      ...(await measureFirstPaint(browser)),
      ...(await measureList(browser)),
      ...(await measureStorm(browser)),
    ]
  } finally {
    await browser.close()
  }
}

/** A daemon in this process, with one project; both go afterwards. */
async function withDaemon(work) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-bench-page-')))
  const project = join(top, 'project')
  mkdirSync(join(project, 'data'), { recursive: true })
  mkdirSync(join(top, 'home'))
  writeFileSync(join(project, 'package.json'), '{ "name": "bench" }\n')
  writeFileSync(join(project, 'data', 'sync-config.json'), '{ "syncFilePatterns": ["data/**"] }\n')
  writeFileSync(join(project, '.env'), 'FILE_SYNC_SQLITE_PATH=../sync.db\n')
  writeFileSync(join(project, 'data', 'one.md'), 'one\n')
  const daemon = await StormyDaemon.start(join(top, 'home'), PAGES)
  try {
    return await work(daemon, project)
  } finally {
    await daemon.close()
    rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** @param {Browser} browser */
async function measureFirstPaint(browser) {
  const empty = createServer((_, response) => response.end('<!doctype html><title>.</title><p>Nothing</p>'))
  await new Promise(done => empty.listen(0, '127.0.0.1', () => done(undefined)))
  const address = empty.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  try {
    return await withDaemon(async (daemon, project) => {
      await daemon.host.folders.add(project)
      /** @type {number[]} */
      const ours = []
      /** @type {number[]} */
      const overview = []
      /** @type {number[]} */
      const floor = []
      for (let load = 0; load < LOADS; load++) {
        floor.push(await firstPaint(browser, `http://127.0.0.1:${address.port}/`, 'p'))
        const page = await browser.newPage({ viewport: VIEWPORT })
        await page.goto(daemon.url)
        await page.getByRole('heading', { name: 'Folders', level: 2 }).last().waitFor()
        overview.push(Number(await page.evaluate('performance.now()')))
        ours.push(await paintOf(page))
        await page.close()
      }
      const beside = `a page with nothing in it: ${milliseconds(median(floor))}`
      return [
        below('first paint', median(ours), 500, milliseconds, beside),
        below('overview there', median(overview), 1_000, milliseconds, beside),
      ]
    })
  } finally {
    empty.close()
  }
}

/** @param {Browser} browser */
async function firstPaint(browser, url, selector) {
  const page = await browser.newPage({ viewport: VIEWPORT })
  await page.goto(url)
  await page.locator(selector).waitFor()
  const paint = await paintOf(page)
  await page.close()
  return paint
}

/** @param {Page} page */
async function paintOf(page) {
  await untilInPage(page, `performance.getEntriesByName('first-contentful-paint').length > 0`)
  return Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`))
}

/** The page's policy lets nobody poll from within. @param {Page} page */
async function untilInPage(page, expression) {
  const deadline = performance.now() + PATIENCE
  while ((await page.evaluate(expression)) !== true) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${expression}`)
    await sleep(4)
  }
}

/** @param {Browser} browser */
async function measureList(browser) {
  return withDaemon(async (daemon, project) => {
    makeFiles(join(project, 'data'))
    const page = await browser.newPage({ viewport: VIEWPORT })
    page.setDefaultTimeout(PATIENCE)
    await page.goto(daemon.url)
    const started = performance.now()
    const { id } = await daemon.host.folders.add(project)
    await page.evaluate(`location.hash = '#/folder/${id}/files'`)
    await page.getByRole('button', { name: /^All\s*100,001$/ }).waitFor()
    const listed = performance.now() - started
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByText('This folder is paused').waitFor()
    const list = page.getByRole('grid', { name: 'Files of this folder' })
    await list.hover()
    const idle = await paceDuring(page, () => sleep(1_000))
    const pace = await paceDuring(page, async () => {
      for (let turn = 0; turn < 60; turn++) {
        await page.mouse.wheel(0, turn < 40 ? 1_200 : -600)
        await sleep(16)
      }
    })
    const jumps = []
    for (const part of [0.5, 0.99, 0.1, 0.75, 0.333, 0]) {
      const jumped = performance.now()
      await page.evaluate(
        `{ const grid = document.querySelector('[role=grid]'); grid.scrollTop = grid.scrollHeight * ${part} }`,
      )
      await untilInPage(page, `(${ARE_ROWS_FILLED})()`)
      jumps.push(performance.now() - jumped)
    }
    await page.close()
    const beside = `while nothing happens: ${milliseconds(median(idle.gaps))}`
    return [
      below('100,000 files listed', listed, 60_000, seconds),
      below('scrolling, frame p50', median(pace.gaps), 50, milliseconds, beside),
      below('scrolling, frame p95', quantile(pace.gaps, 0.95), 100, milliseconds, beside),
      below('scrolling, longest task', pace.longestTask, 200, milliseconds),
      below('rows there after a jump', median(jumps), 200, milliseconds),
    ]
  })
}

/** In the page: whether each row in view shows its file. */
const ARE_ROWS_FILLED = `() => {
  const grid = document.querySelector('[role=grid]')
  const { top, bottom } = grid.getBoundingClientRect()
  const rows = [...grid.querySelectorAll('[role=row]')].filter(row => {
    const box = row.getBoundingClientRect()
    return box.bottom > top && box.top < bottom
  })
  const height = (rows[1]?.getBoundingClientRect().height ?? 0) * (rows.length - 1)
  return height >= bottom - top - 80 && rows.slice(1).every(row => row.textContent.includes('.md'))
}`

function makeFiles(folder) {
  for (let n = 0; n < FOLDERS; n++) {
    const sub = join(folder, `part-${String(n).padStart(2, '0')}`)
    mkdirSync(sub)
    for (let m = 0; m < FILES_IN_EACH; m++)
      writeFileSync(join(sub, `entry-${String(m).padStart(3, '0')}.md`), `${n} ${m}\n`)
  }
}

/** @param {Browser} browser */
async function measureStorm(browser) {
  return withDaemon(async (daemon, project) => {
    const { id } = await daemon.host.folders.add(project)
    const page = await browser.newPage({ viewport: VIEWPORT })
    await page.goto(daemon.url)
    await page.getByRole('main').getByText('In step', { exact: true }).first().waitFor()
    const state = daemon.host.state().folders.find(folder => folder.id === id)
    if (state === undefined) throw new Error('the folder is not there')
    const ids = Array.from({ length: 12 }, (_, index) => `folder-${index}`)
    /** @type {number[]} */
    const answers = []
    let rate = 0
    const pace = await paceDuring(page, async () => {
      const storm = stormFor(daemon, state, ids)
      for (let turn = 0; turn < 4; turn++) {
        await sleep(300)
        for (const { link, heading } of VIEWS) {
          const pressed = performance.now()
          await page.getByRole('link', { name: link }).click()
          await page.getByRole('heading', { name: heading }).waitFor()
          answers.push(performance.now() - pressed)
        }
      }
      rate = await storm
    })
    await page.close()
    const beside = `${rate.toFixed(0)} changes a second`
    return [
      below('storm, frame p50', median(pace.gaps), 50, milliseconds, beside),
      below('storm, longest task', pace.longestTask, 200, milliseconds, beside),
      below('storm, answer to a press', median(answers), 500, milliseconds, beside),
    ]
  })
}

/** Resolves with how many changes a second there were. */
async function stormFor(daemon, state, ids) {
  const started = performance.now()
  for (let passed = 0; passed < STORM_SECONDS; passed = (performance.now() - started) / 1_000) {
    daemon.storm(state, ids, Math.max(0, Math.floor(passed * STORM_A_SECOND) - daemon.changes))
    await sleep(4)
  }
  return daemon.changes / ((performance.now() - started) / 1_000)
}

/** In the page, from now on: the time between its frames, and its longer tasks. */
const WATCH_PACE = `{
  const pace = { gaps: [], tasks: [0], isOn: true }
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) pace.tasks.push(duration)
  }).observe({ type: 'longtask' })
  let before
  const onFrame = now => {
    if (before !== undefined) pace.gaps.push(now - before)
    before = now
    if (pace.isOn) requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)
  window.pace = pace
}`

/**
 * The time between the page's frames while something goes on, and its longest task.
 *
 * @param {Page} page
 * @param {() => Promise<void>} work
 * @returns {Promise<Pace>}
 */
async function paceDuring(page, work) {
  await page.evaluate(WATCH_PACE)
  await work()
  const text = await page.evaluate(`
    window.pace.isOn = false
    JSON.stringify({ gaps: window.pace.gaps, longestTask: Math.max(...window.pace.tasks) })`)
  return JSON.parse(String(text))
}
