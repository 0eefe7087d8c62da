/**
 * Every view in both themes under axe-core, with all its rules and no exceptions; and what axe cannot see:
 * the focus is visible, motion is reduced where that is asked for, changes are announced, and no state is
 * told by colour alone.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { makeConflicts, openConflict } from './support/conflicts.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** The themes differ in colours alone, so the other rules are asked once. */
const THEMES = [
  { colorScheme: 'light', options: {}, atLeast: 20 },
  { colorScheme: 'dark', options: { runOnly: ['color-contrast', 'link-in-text-block'] }, atLeast: 1 },
] satisfies { colorScheme: 'light' | 'dark'; options: RunOptions; atLeast: number }[]

const JSON_FILE = 'data/settings.json'
const TEXT_FILE = 'data/notes.md'
const CHANGED_FILE = 'data/changed.md'
/** Enough to be held where all of them go at once. */
const MANY = Array.from({ length: 24 }, (_, index) => `data/many/${String(index).padStart(2, '0')}.md`)

let app: App
let page: Page
let id: string

beforeAll(async () => {
  app = await App.start({ names: ['a', 'b', 'new'], privatePatterns: ['data/own/**'] })
  const fresh = app.world.projects[2]
  fresh?.write('data/one.md', 'one\n')
  fresh?.write('data/server.key', 'secret\n')
  fresh?.remove('data/sync-config.json')
  page = await app.open()
})
afterAll(() => app.close())

beforeEach(async () => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce', forcedColors: 'none' })
})

/** No violation of any rule, in either theme. */
async function isAccessible(of = page): Promise<void> {
  for (const { colorScheme, options, atLeast } of THEMES) {
    await of.emulateMedia({ colorScheme })
    const { violations, passed } = await runAxe(of, options)
    expect(violations, `in ${colorScheme}`).toEqual([])
    expect(passed.length, 'axe has looked at something').toBeGreaterThanOrEqual(atLeast)
    expect(passed).toContain('color-contrast')
  }
}

/** By evaluation: the page's policy lets no foreign script in. Of what passes only the rules' names are of interest. */
async function runAxe(of: Page, options: RunOptions): Promise<{ violations: object[]; passed: string[] }> {
  if (!(await of.evaluate('typeof axe === "object"'))) await of.evaluate(AXE)
  // Animations are over, so that no half faded colour is measured.
  await of.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'))
  const given = JSON.stringify({ ...options, resultTypes: ['violations'] } satisfies RunOptions)
  return of.evaluate(`axe.run(document, ${given}).then(({ violations, passes }) => ({
    violations: violations.map(({ id, impact, nodes }) => ({
      rule: id,
      impact,
      nodes: nodes.map(({ html, failureSummary }) => html + '\\n' + failureSummary),
    })),
    passed: passes.map(({ id }) => id),
  }))`)
}

async function leaveDialog(): Promise<void> {
  await page.keyboard.press('Escape')
  await openDialog(page).waitFor({ state: 'detached' })
}

async function openTab(name: string): Promise<void> {
  await goTo(page, `#/folder/${id}/${name.toLowerCase()}`)
  await page.getByRole('tab', { name, selected: true }).waitFor()
}

test('the empty overview', async () => {
  await page.getByRole('heading', { name: 'Keep a folder in step' }).waitFor()
  await isAccessible()
})

test('the four steps of the first run', async () => {
  await page.getByRole('button', { name: 'Choose a folder' }).click()
  await page.getByRole('heading', { name: 'Which folder?' }).waitFor()
  await isAccessible()
  await page.getByLabel('Path of the folder').fill(app.world.projects[2]?.folder ?? '')
  await page.getByLabel('Path of the folder').press('Enter')
  await page.getByRole('heading', { name: 'story' }).waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('server.key').waitFor()
  await isAccessible()
  await page.getByLabel('Shared pattern 1').fill('data/**/*.{json')
  await page.getByRole('alert').first().waitFor()
  await isAccessible()
  await page.getByLabel('Shared pattern 1').fill('data/**/*.md')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('to upload').waitFor()
  await page.getByText('Files that will be written').waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('alertdialog').waitFor()
  await isAccessible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
})

test('files in step, one of them explained, with its history and an earlier version', async () => {
  const { a, b } = app.world
  for (const path of MANY) a.write(path, `${path}\n`)
  a.write('data/own/diary.md', 'private\n')
  a.write(CHANGED_FILE, 'one\n')
  id = await app.add(a.folder)
  await openTab('Files')
  await page.getByRole('row', { name: /changed\.md/ }).waitFor()
  await inStep(page)
  await b.sync()
  b.write(CHANGED_FILE, 'two\n')
  await b.sync()
  await isAccessible()
  await page.getByRole('row', { name: /changed\.md/ }).click()
  const version = page.getByRole('button', { name: /Replaced by a newer version/ })
  await version.waitFor()
  await isAccessible()
  await version.click()
  await page.getByRole('button', { name: 'Restore this version' }).waitFor()
  await page.getByText('Green lines come back').waitFor()
  await isAccessible()
  await leaveDialog()
})

test('no conflicts, no match, no such folder', async () => {
  await openTab('Conflicts')
  await page.getByRole('heading', { name: 'No conflicts' }).waitFor()
  await isAccessible()
  await openTab('Files')
  await page.getByLabel('Search files').fill('nothing has this name')
  await page.getByRole('heading', { name: 'No file matches' }).waitFor()
  await isAccessible()
  await goTo(page, '#/folder/none/files')
  await page.getByRole('heading', { name: 'There is no such folder here' }).waitFor()
  await isAccessible()
})

test('conflicts, and their dialog with choices and with the editor', async () => {
  await makeConflicts(app, page, id, {
    [JSON_FILE]: {
      base: '{ "model": "small", "limit": 10 }\n',
      mine: '{ "model": "medium", "limit": 10 }\n',
      theirs: '{ "model": "large", "limit": 20 }\n',
    },
    [TEXT_FILE]: { base: '# A\n\none\n', mine: '# A\n\ntwo\n', theirs: '# A\n\nthree\n' },
  })
  await isAccessible()
  const json = await openConflict(page, JSON_FILE)
  await json.getByText('"large"').click()
  await isAccessible()
  await leaveDialog()
  const text = await openConflict(page, TEXT_FILE)
  await text.getByRole('textbox', { name: 'Result, can be edited' }).waitFor()
  await isAccessible()
  await text.getByRole('button', { name: 'Choose', exact: true }).click()
  await text.getByRole('radio').first().waitFor()
  await isAccessible()
  await leaveDialog()
})

test('held deletes, and the question before they are approved', async () => {
  // All at once: what goes one by one on a slow machine are deletes like any others, until there are many.
  app.world.a.rename('data/many', 'many')
  await goTo(page, '#/')
  await page.getByText('changes are held').waitFor()
  await page.getByRole('button', { name: /^Review: / }).click()
  const dialog = openDialog(page)
  await dialog.getByText('00.md').waitFor()
  await isAccessible()
  await dialog.getByRole('button', { name: /^Delete 24 files/ }).click()
  await page.getByRole('alertdialog').waitFor()
  await isAccessible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  await leaveDialog()
})

test('the overview with all that needs a person', async () => {
  await goTo(page, '#/')
  await page.getByRole('heading', { name: 'Recently' }).waitFor()
  await page.getByRole('button', { name: /^Resolve: / }).waitFor()
  await isAccessible()
})

test('activity, with a list of choices open', async () => {
  await openTab('Activity')
  // Its rows are alike, and the fewer there are the quicker axe is.
  await page.getByLabel('Search paths').fill('settings.json')
  await page.getByText('many').first().waitFor({ state: 'detached' })
  await page.getByText('Conflict', { exact: true }).first().waitFor()
  await isAccessible()
  await page.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Decisions' }).waitFor()
  await isAccessible()
  await page.keyboard.press('Escape')
})

test('the folder’s menu and the question before it is removed', async () => {
  await openTab('Files')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Remove/ }).waitFor()
  await isAccessible()
  await page.getByRole('menuitem', { name: /^Remove/ }).click()
  await page.getByRole('alertdialog').waitFor()
  await isAccessible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
})

test('the rules: an edit with its effect, the file as text, one file explained, what never syncs', async () => {
  await openTab('Rules')
  await page.getByLabel('Shared pattern 1').fill('data/**/*.json')
  await page.getByText('Stops syncing').first().waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('button', { name: 'Edit the file itself' }).click()
  await page.getByRole('textbox').first().waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Why this file?' }).click()
  await page.getByRole('textbox').first().fill('data/server.key')
  await page.keyboard.press('Enter')
  await page.getByText('Never syncs').first().waitFor()
  await isAccessible()
  await page.getByRole('button', { name: 'Never synced' }).click()
  await page.getByText('.ssh/').waitFor()
  await isAccessible()
})

test('the backends: each with its form and its setup, a test, the difference before saving', async () => {
  await openTab('Backend')
  for (const name of ['Firestore', 'Convex', 'Custom adapter', 'Supabase', 'SQLite']) {
    await page.getByRole('radio', { name: new RegExp(name) }).click()
    await page.getByRole('heading', { name, exact: true }).waitFor()
    await page.getByText('More settings').click()
    await isAccessible()
  }
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  await isAccessible()
  await page.getByLabel(/FILE_SYNC_SQLITE_PATH/).fill('../other.db')
  await page.getByRole('button', { name: /^Review and save/ }).click()
  await openDialog(page).getByText('../other.db').waitFor()
  await isAccessible()
  await leaveDialog()
})

test('R10.6 files that wait for their content, one of them, and the paths that are trusted', async () => {
  app.world.put({ path: 'data/.mcp.json', content: `{ "command": "${'x'.repeat(300)}" }\n` })
  await goTo(page, `#/folder/${id}/waiting`)
  const dialog = openDialog(page)
  await dialog.getByRole('button', { name: 'Look at data/.mcp.json' }).waitFor()
  await isAccessible()
  await dialog.getByRole('button', { name: 'Look at data/.mcp.json' }).click()
  const change = dialog.getByRole('group', { name: 'What data/.mcp.json would hold' })
  await change.getByText('command').waitFor()
  await isAccessible()
  const isWhole = await change.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)
  expect(isWhole, 'nothing of it lies beyond the edge').toBe(true)
  await dialog.getByRole('button', { name: 'Always trust this file…' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Trust it from now on' }).click()
  await dialog.getByText('Nothing waits any more').waitFor()
  await leaveDialog()
  await openTab('Rules')
  await page.getByRole('button', { name: 'Ask about data/.mcp.json again' }).waitFor()
  await isAccessible()
})

test('the settings', async () => {
  await goTo(page, '#/settings')
  await page.getByText('Own state').waitFor()
  await isAccessible()
})

test('a page that is not let in', async () => {
  const refused = await app.openRefused(app.daemon.url.replace(/#.*/, ''))
  await refused.getByRole('heading', { name: 'This page needs a new address' }).waitFor()
  await isAccessible(refused)
  await refused.context().close()
})

/** The control that has the focus, and whether one sees that it has. */
interface Stop {
  readonly name: string
  readonly isSeen: boolean
}

async function stopOf(of: Page): Promise<Stop | null> {
  return of.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return null
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const { width, height, top, bottom } = element.getBoundingClientRect()
    const isOnScreen = width > 0 && height > 0 && bottom > 0 && top < innerHeight
    const name = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)
    return { name, isSeen: isOnScreen && outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 }
  })
}

test('the focus is visible wherever Tab leads', async () => {
  for (const hash of ['#/', '#/add', `#/folder/${id}/files`, `#/folder/${id}/rules`, '#/settings']) {
    await goTo(page, hash)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.evaluate(() => document.body.focus())
    const stops: Stop[] = []
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab')
      const stop = await stopOf(page)
      if (stop !== null) stops.push(stop)
    }
    expect(stops.length).toBeGreaterThan(8)
    expect(
      stops.filter(stop => !stop.isSeen).map(stop => stop.name),
      hash,
    ).toEqual([])
  }
})

test('nothing moves for long where motion is reduced, and things move where it is not', async () => {
  const durations = (element: string) =>
    page
      .locator(element)
      .first()
      .evaluate(found => getComputedStyle(found).transitionDuration)
  await goTo(page, '#/')
  await page.getByRole('link', { name: 'Overview' }).waitFor()
  expect(parseFloat(await durations('nav a'))).toBeLessThanOrEqual(0.001)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect(parseFloat(await durations('nav a'))).toBeGreaterThan(0.01)
})

test('what happens elsewhere on the page is announced', async () => {
  await openTab('Files')
  const status = page.getByRole('status').filter({ hasText: 'Looking at both sides anew.' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await status.waitFor({ state: 'attached' })
  expect(await status.getAttribute('aria-live')).toBe('polite')
})

test('no state is told by colour alone: each has its word, each line of a difference its sign', async () => {
  const STATE = /In step|Needs you|Conflict|Held|Problem|Waiting/
  await openTab('Files')
  const rail = page.getByRole('navigation').getByRole('listitem').first()
  expect(await rail.innerText()).toMatch(STATE)
  await page.getByRole('row', { name: /changed\.md/ }).waitFor()
  const [, ...files] = await page.getByRole('row').allInnerTexts()
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter(file => !STATE.test(file))).toEqual([])
  await openTab('Rules')
  await page.getByLabel('Shared pattern 1').fill('data/**/*.json')
  const difference = page.getByRole('group', { name: 'The difference in the file' })
  await difference.waitFor()
  // With the number of the line before its sign.
  const signs = async () => {
    const lines = await difference.getByRole('row').allTextContents()
    return lines.flatMap(line => /^\d+([−+])/.exec(line)?.[1] ?? [])
  }
  await eventually(async () => (await signs()).sort()).toEqual(['+', '−'])
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('with forced colours the controls keep their edges and the focus its outline', async () => {
  await page.emulateMedia({ forcedColors: 'active' })
  await goTo(page, '#/settings')
  await page.getByRole('switch').first().waitFor()
  const edge = await page
    .getByRole('switch')
    .last()
    .evaluate(found => getComputedStyle(found).borderTopWidth)
  expect(parseFloat(edge)).toBeGreaterThan(0)
  await page.keyboard.press('Tab')
  const stop = await stopOf(page)
  expect(stop?.isSeen).toBe(true)
})

test('the page says that the daemon is gone, accessibly, and that it is back', async () => {
  app.expected.push(/WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/)
  await goTo(page, '#/')
  await app.daemon.kill()
  await page.getByRole('alert').getByText('Lockstep does not answer.').waitFor()
  await isAccessible()
  await app.daemon.start()
  await page.getByRole('status').filter({ hasText: 'Connected again.' }).waitFor({ state: 'attached' })
  await page.getByRole('alert').waitFor({ state: 'detached' })
})
