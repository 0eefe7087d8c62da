/**
 * `npm run screenshots`: pictures of each view, in light and in dark, of the real daemon over real engines
 * that keep sample projects in step; into docs/screenshots.
 *
 *   npm run screenshots                      all of them
 *   npm run screenshots -- overview files    only these
 */
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { ensureChromium } from './bootstrap.mjs'
import { CHROMIUM_HINT, findChromium } from './lib/chromium.mjs'
import { playDay, playSecrets, prepareFirstRun } from './lib/demo-story.mjs'
import { DAY_VIEWS, FIRST_VIEWS, LOST_VIEW, SECRET_VIEWS, openPage, picture } from './lib/demo-views.mjs'
import { DemoWorld } from './lib/demo-world.mjs'

const into = join(dirname(import.meta.dirname), 'docs', 'screenshots')
/** In CSS pixels; one of them is one of the picture's, to keep the files small. */
const VIEWPORT = { width: 1200, height: 760 }
const THEMES = /** @type {const} */ (['light', 'dark'])

const wanted = process.argv.slice(2)
const known = [...FIRST_VIEWS, ...DAY_VIEWS, LOST_VIEW, ...SECRET_VIEWS].map(({ name }) => name)
const unknown = wanted.filter(name => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no view is called ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exitCode = 2
} else {
  await takeAll()
}

async function takeAll() {
  await ensureChromium()
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(CHROMIUM_HINT)
  mkdirSync(into, { recursive: true })
  const world = new DemoWorld(realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-screenshots-'))))
  // Chromium's own sandbox cannot be set up as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath, args })
  try {
    prepareFirstRun(world)
    await world.startDaemon()
    await take(browser, world, FIRST_VIEWS, {})
    console.log('playing a day on two devices, which takes a minute or two')
    const ids = await playDay(world)
    await take(browser, world, DAY_VIEWS, ids)
    await takeLost(browser, world)
    if (SECRET_VIEWS.some(isWanted)) {
      await world.stopDaemon()
      await world.startDaemon()
      await playSecrets(world, ids)
      await take(browser, world, SECRET_VIEWS, ids)
    }
  } finally {
    await browser.close()
    await world.close()
  }
}

async function take(browser, world, views, ids) {
  for (const view of views.filter(isWanted)) {
    for (const theme of THEMES) {
      const page = await openPage(browser, {
        url: world.url,
        theme,
        viewport: VIEWPORT,
        scale: view.scale ?? 1,
      })
      await view.open(page, ids)
      await picture(page, fileOf(view, theme))
      await page.context().close()
    }
  }
}

/** Pages that were open when the daemon ended. */
async function takeLost(browser, world) {
  if (!isWanted(LOST_VIEW)) return
  const pages = []
  for (const theme of THEMES) {
    const page = await openPage(browser, { url: world.url, theme, viewport: VIEWPORT })
    await page.getByRole('heading', { name: 'Recently' }).waitFor()
    pages.push({ page, theme })
  }
  await world.stopDaemon()
  for (const { page, theme } of pages) {
    await LOST_VIEW.open(page, {})
    await picture(page, fileOf(LOST_VIEW, theme))
    await page.context().close()
  }
}

function isWanted({ name }) {
  return wanted.length === 0 || wanted.includes(name)
}

function fileOf({ name }, theme) {
  console.log(`${name}-${theme}.png`)
  return join(into, `${name}-${theme}.png`)
}
