/**
 * The views that are pictured, each with the way that a person takes to it. A view leaves nothing changed
 * behind, so that it can be taken again in the other theme.
 */

import { writeFileSync } from 'node:fs'
import { smallPng } from './small-png.mjs'

/** @typedef {import('playwright-core').Page} Page */
/**
 * @typedef {object} View
 * @property {string} name of the picture
 * @property {number} [scale] its pixels for one of the page; 1 unless told
 * @property {(page: Page, ids: Record<string, string>) => Promise<unknown>} open from the overview on
 */

/** How long anything may take, and how long a view may still settle once it is there, in ms. */
const PATIENCE = 30_000
const SETTLE = 250

/** Before the first folder. */
/** @type {View[]} */
export const FIRST_VIEWS = [
  { name: 'welcome', open: page => page.getByRole('heading', { name: 'Keep a folder in step' }).waitFor() },
  { name: 'first-run-1-folder', open: chooseFolder },
  { name: 'first-run-2-files', open: chooseFiles },
  { name: 'first-run-3-database', open: chooseDatabase },
  { name: 'first-run-4-start', open: readyToStart },
]

/** With some folders and a day's work. */
/** @type {View[]} */
export const DAY_VIEWS = [
  { name: 'overview', scale: 2, open: page => page.getByRole('heading', { name: 'Recently' }).waitFor() },
  { name: 'files', open: (page, ids) => tab(page, ids['mail-agent'], 'Files') },
  { name: 'file', scale: 2, open: explainedFile },
  { name: 'file-version', open: version },
  { name: 'activity', open: (page, ids) => tab(page, ids['mail-agent'], 'Activity') },
  { name: 'conflicts', open: (page, ids) => tab(page, ids['mail-agent'], 'Conflicts') },
  { name: 'conflict-json', open: jsonConflict },
  { name: 'conflict-text', scale: 2, open: textConflict },
  { name: 'no-conflicts', open: (page, ids) => tab(page, ids['release-notes'], 'Conflicts') },
  { name: 'hold', open: hold },
  { name: 'rules', scale: 2, open: rules },
  { name: 'rules-why', open: why },
  { name: 'rules-denylist', open: denylist },
  { name: 'backend', open: backend },
  { name: 'backend-save', open: backendSave },
  { name: 'settings', open: page => go(page, '#/settings', 'Settings') },
]

/** Once something should not travel unseen. */
/** @type {View[]} */
export const SECRET_VIEWS = [
  { name: 'secret', open: secret },
  { name: 'waiting', open: waiting },
  { name: 'waiting-content', open: waitingContent },
]

/**
 * A fresh page that has come in, at the overview.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {{ url: string, theme: 'light' | 'dark', viewport: { width: number, height: number }, scale?: number }} how
 */
export async function openPage(browser, { url, theme, viewport, scale = 1 }) {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport,
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-GB',
  })
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('navigation').waitFor()
  return page
}

/** @param {Page} page */
export async function picture(page, file) {
  await atRest(page)
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  writeFileSync(file, smallPng(png))
}

/** Until nothing is loading any more, and the pointer rests on nothing. */
async function atRest(page) {
  await page.mouse.move(0, 0)
  await page.waitForFunction("!document.body.innerText.includes('Loading…')")
  await page.getByRole('button', { name: 'Dismiss' }).waitFor({ state: 'detached' })
  await page.waitForTimeout(SETTLE)
}

/** @param {Page} page */
async function go(page, hash, heading) {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  await page.getByRole('heading', { name: heading }).first().waitFor()
}

/** Once the daemon has ended. */
/** @type {View} */
export const LOST_VIEW = {
  name: 'offline',
  open: page => page.getByText('Lockstep does not answer.').waitFor(),
}

/** @param {Page} page */
async function tab(page, id, name) {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/folder/${id}/${name.toLowerCase()}`)}`)
  await page.getByRole('tab', { name, selected: true }).waitFor()
  await page.getByText('Loading…').first().waitFor({ state: 'detached' })
}

async function chooseFolder(page) {
  await go(page, '#/add', 'Which folder?')
  await page.getByRole('button', { name: /^notes-agent / }).click()
  await page.getByRole('heading', { name: 'notes-agent' }).waitFor()
}

async function chooseFiles(page) {
  await chooseFolder(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Which files?' }).waitFor()
  await page.getByRole('button', { name: /^Shared \d/ }).waitFor()
}

async function chooseDatabase(page) {
  await chooseFiles(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
}

async function readyToStart(page) {
  await chooseDatabase(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('to upload').waitFor()
}

async function explainedFile(page, ids) {
  await tab(page, ids['mail-agent'], 'Files')
  await page.getByRole('row', { name: /this-week\.md/ }).click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
  await page
    .getByRole('button', { name: /Replaced by a newer version/ })
    .first()
    .waitFor()
}

async function version(page, ids) {
  await explainedFile(page, ids)
  await page
    .getByRole('button', { name: /Replaced by a newer version/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Restore this version' }).waitFor()
}

async function jsonConflict(page, ids) {
  await tab(page, ids['mail-agent'], 'Conflicts')
  await page.getByRole('button', { name: 'Resolve: data/settings/agent.json' }).click()
  await page.getByRole('radio').first().waitFor()
  await page.getByText('"careful"').click()
}

async function textConflict(page, ids) {
  await tab(page, ids['mail-agent'], 'Conflicts')
  await page.getByRole('button', { name: 'Resolve: data/learnings/tone.md' }).click()
  await page.getByRole('textbox', { name: 'Result, can be edited' }).waitFor()
}

async function hold(page, ids) {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/folder/${ids['research-agent']}/hold`)}`)
  await page.getByRole('dialog').getByText('source-01.md').waitFor()
}

async function waiting(page, ids) {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/folder/${ids['home-agent']}/waiting`)}`)
  await page.getByRole('dialog').getByText('settings.json').waitFor()
}

async function waitingContent(page, ids) {
  await waiting(page, ids)
  await page.getByRole('button', { name: /settings\.json/ }).click()
  await page.getByRole('dialog').getByText('SessionStart').waitFor()
}

async function secret(page, ids) {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/folder/${ids['release-notes']}/hold`)}`)
  await page.getByRole('dialog').getByText('publish.md').waitFor()
}

async function rules(page, ids) {
  await tab(page, ids['mail-agent'], 'Rules')
  await page.getByLabel('Shared pattern 4').fill('data/threads/t-10[2-5]*.json')
  await page.getByText('Stops syncing').waitFor()
}

async function why(page, ids) {
  await tab(page, ids['mail-agent'], 'Rules')
  await page.getByRole('button', { name: 'Why this file?' }).click()
  await page.getByRole('textbox').first().fill('data/drafts/scratch-ideas.md')
  await page.keyboard.press('Enter')
  await page.getByText('Excluded').first().waitFor()
}

async function denylist(page, ids) {
  await tab(page, ids['mail-agent'], 'Rules')
  await page.getByRole('button', { name: 'Never synced' }).click()
  await page.getByText('.ssh/').first().waitFor()
}

async function backend(page, ids) {
  await tab(page, ids['release-notes'], 'Backend')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
}

async function backendSave(page, ids) {
  await tab(page, ids['release-notes'], 'Backend')
  await page.getByRole('radio', { name: /Supabase/ }).click()
  await page.getByLabel(/SUPABASE_URL/).fill('https://abcdefghijkl.supabase.co')
  await page.getByLabel(/SUPABASE_PUBLISHABLE_KEY/).fill('sb_publishable_example')
  await page.getByRole('button', { name: /^Review/ }).click()
  await page.getByRole('dialog').getByText('SUPABASE_URL').first().waitFor()
}
