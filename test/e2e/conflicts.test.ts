/** Conflicts that a second engine has made, resolved in the dialog (R5, R6). */
import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { makeConflicts, openConflict } from './support/conflicts.ts'
import { tabTo } from './support/keyboard.ts'
import { hasSaid } from './support/said.ts'

let app: App
let page: Page
let id: string

beforeAll(async () => {
  app = await App.start()
  page = await app.open()
  app.world.a.write('data/first.md', 'first\n')
  id = await app.add(app.world.a.folder)
})
afterEach(async () => {
  // What a failed test left in conflict is none of the next one's.
  await goTo(page, '#/')
  const { conflicts } = await app.host()
  const { rows } = await conflicts.list({ folderId: id })
  for (const { path, channel } of rows)
    await conflicts.resolveAlike({ folderId: id, path, channel, take: 'local' })
})
afterAll(() => app.close())

const SETTINGS = {
  base: '{\n  "model": "small",\n  "limit": 10,\n  "tags": ["a"]\n}\n',
  mine: '{\n  "model": "medium",\n  "limit": 10,\n  "tags": ["a"],\n  "mine": true\n}\n',
  theirs: '{\n  "model": "large",\n  "limit": 20,\n  "tags": ["a"]\n}\n',
}
const NOTES = {
  base: '# Plan\n\nAnswer.\n\nDraft.\n',
  mine: '# Plan\n\nAnswer one.\n\nDraft.\n',
  theirs: '# Plan\n\nAnswer all.\n\nDraft.\n',
}

/** Presses a button as the page has it now; does nothing where it has none. */
async function press(dialog: Locator, name: string): Promise<void> {
  await dialog
    .getByRole('button', { name })
    .evaluateAll(buttons => buttons.map(button => button instanceof HTMLElement && button.click()))
}

/** Until the file holds this on both sides, and no dialog is open. */
async function settled(path: string, content: string): Promise<void> {
  const { a } = app.world
  await openDialog(page).waitFor({ state: 'detached' })
  await until(
    () => a.read(path) === content && app.world.rows(`path = '${path}'`)[0]?.content === content,
    `${path} to be resolved on both sides`,
    () =>
      `here: ${a.read(path) ?? 'none'}\nthere: ${app.world.rows(`path = '${path}'`)[0]?.content ?? 'none'}`,
  )
  expect(a.has(`${path}.conflict`)).toBe(false)
}

test('R5 a JSON conflict: the place in doubt is chosen, the rest is merged from both sides', async () => {
  const path = 'data/settings.json'
  await makeConflicts(app, page, id, { [path]: SETTINGS })
  const dialog = await openConflict(page, path)
  await dialog.getByText('One place was changed on both sides').waitFor()
  const place = dialog.getByRole('radiogroup', { name: 'model' })
  await place.getByText('"medium"').waitFor()
  const save = dialog.getByRole('button', { name: 'Save choices' })
  expect(await save.isDisabled()).toBe(true)
  await place.getByText('"large"').click()
  await save.click()
  await page.getByText('No conflicts are left.').waitFor()
  await settled(path, '{\n  "model": "large",\n  "limit": 20,\n  "tags": ["a"],\n  "mine": true\n}\n')
  await page.getByRole('heading', { name: 'No conflicts' }).waitFor()
  await inStep(page)
})

test('R6 a text conflict: a difference is taken over and the result edited, in two panes', async () => {
  const path = 'data/notes.md'
  await makeConflicts(app, page, id, { [path]: NOTES })
  const dialog = await openConflict(page, path)
  // Its address leads back to it.
  await page.reload()
  const result = dialog.getByRole('textbox', { name: 'Result, can be edited' })
  await result.getByText('Answer one.').waitFor()
  await dialog.getByRole('textbox', { name: 'Other side' }).getByText('Answer all.').waitFor()
  await dialog.getByText('1 difference', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Take this change over' }).click()
  await dialog.getByText('No differences').waitFor()
  await result.getByText('Draft.').click()
  await page.keyboard.press('End')
  // What is typed within half a second is one step of undoing: the clock stands still, on any machine.
  const clock = await page.evaluateHandle(() => {
    const { now } = Date
    const stopped = now()
    Date.now = () => stopped
    return now
  })
  await page.keyboard.type(' Then send it.')
  await page.keyboard.press('Enter')
  await page.keyboard.type('A slip')
  await page.evaluate(now => {
    Date.now = now
  }, clock)
  // What was typed in one go is undone in one go, the line break included.
  await page.keyboard.press('ControlOrMeta+z')
  await dialog.getByRole('button', { name: 'Save edited' }).click()
  await settled(path, '# Plan\n\nAnswer all.\n\nDraft. Then send it.\n')
})

test('R6 what changed while the dialog was open is shown, not overwritten', async () => {
  const path = 'data/later.json'
  await makeConflicts(app, page, id, { [path]: SETTINGS })
  const dialog = await openConflict(page, path)
  await dialog.getByText('"large"').click()
  const later = SETTINGS.theirs.replace('large', 'huge')
  app.world.execute(
    `UPDATE files SET content = '${later}', last_updated = last_updated + 1 WHERE path = '${path}'`,
  )
  // The page hears of it by itself.
  await dialog.getByText('It has changed while you were looking').waitFor()
  expect(await dialog.getByRole('button', { name: 'Save choices' }).isDisabled()).toBe(true)
  await dialog.getByText('"huge"').waitFor()
  expect(app.world.a.read(path)).toBe(SETTINGS.mine)
  expect(app.world.rows(`path = '${path}'`)[0]?.content).toBe(later)
  await dialog.getByText('"huge"').click()
  await dialog.getByRole('button', { name: 'Save choices' }).click()
  await settled(path, '{\n  "model": "huge",\n  "limit": 20,\n  "tags": ["a"],\n  "mine": true\n}\n')
})

test('R6 a side that changes at the moment of the answer is not overwritten', async () => {
  const path = 'data/moment.md'
  const edited = NOTES.mine.replace('one', 'one, edited in an editor')
  await makeConflicts(app, page, id, { [path]: NOTES })
  const dialog = await openConflict(page, path)
  await dialog.getByText(/^changed .* by another device or program$/).waitFor()
  await dialog.getByText(`by ${hostname()}`).waitFor()
  const times = dialog.getByRole('region', { name: 'The three versions' }).locator('time')
  const version = app.world.rows(`path = '${path}'`)[0]?.last_updated ?? 0
  const written = Math.round(statSync(app.world.a.at(path)).mtimeMs)
  const shown = await times.evaluateAll(all =>
    all.map(time => Date.parse(time.getAttribute('datetime') ?? '')),
  )
  expect(shown.slice(0, 2)).toEqual([written, version])
  expect(shown[2], 'agreed on before').toBeLessThan(version)
  app.world.a.write(path, edited)
  // At once, without Playwright's care: the page must not have shown the edit for long.
  await press(dialog, 'Keep the other')
  await dialog.getByText('It has changed while you were looking').waitFor()
  await dialog.getByText('edited in an editor').first().waitFor()
  expect(app.world.a.read(path)).toBe(edited)
  expect(app.world.rows(`path = '${path}'`)[0]?.content).toBe(NOTES.theirs)
  await until(async () => {
    if ((await openDialog(page).count()) === 0) return true
    // What has only just appeared cannot be answered yet: nobody has read it.
    await press(dialog, 'Keep this device’s')
    return false
  }, 'the answer to be taken')
  await settled(path, edited)
})

test('R6 lines that both sides changed are kept both, one after the other', async () => {
  const path = 'data/lines.md'
  await makeConflicts(app, page, id, { [path]: NOTES })
  const dialog = await openConflict(page, path)
  await dialog.getByRole('button', { name: 'Choose', exact: true }).click()
  await dialog.getByRole('radiogroup', { name: 'Line 3' }).getByText('Both, this device’s first').click()
  await dialog.getByRole('button', { name: 'Save choices' }).click()
  await settled(path, '# Plan\n\nAnswer one.\nAnswer all.\n\nDraft.\n')
})

test('R6 a conflict that ends by itself says so in its dialog', async () => {
  const path = 'data/ended.md'
  await makeConflicts(app, page, id, { [path]: NOTES })
  const dialog = await openConflict(page, path)
  app.world.a.write(path, NOTES.theirs)
  await dialog.getByRole('heading', { name: 'This conflict has ended' }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await settled(path, NOTES.theirs)
})

test('R6 one after another: previous and next, both kept, not now, and all alike at once', async () => {
  const changes = Object.fromEntries(['one', 'two', 'three'].map(name => [`data/${name}.md`, NOTES]))
  const elsewhere = await app.open()
  await makeConflicts(app, page, id, { ...changes, 'data/four.json': SETTINGS })
  // Who looks at something else is told, once for all of them.
  await hasSaid(elsewhere, '4 files were changed on both sides.')
  await eventually(() => elsewhere.title()).toBe('(4) Overview – Lockstep')
  await elsewhere.close()
  let dialog = await openConflict(page, 'data/four.json')
  await dialog.getByText(/Conflict \d of 4/).waitFor()
  await dialog.getByRole('button', { name: 'Keep both' }).click()
  const { a } = app.world
  const copy = () => [...a.tree().keys()].find(path => /^data\/four \(.*\)\.json$/.test(path)) ?? 'data/none'
  await until(
    () => a.read('data/four.json') === SETTINGS.theirs && a.read(copy()) === SETTINGS.mine,
    'this device’s version beside the other one',
    () => [...a.tree()].filter(([path]) => path.includes('four')).join('\n'),
  )
  dialog = openDialog(page)
  await dialog.getByText(/Conflict \d of 3/).waitFor()
  const title = await dialog.getByRole('heading').first().textContent()
  const next = dialog.getByRole('button', { name: 'Next conflict' })
  const previous = dialog.getByRole('button', { name: 'Previous conflict' })
  await ((await next.isEnabled()) ? next : previous).click()
  await eventually(() => dialog.getByRole('heading').first().textContent()).not.toBe(title)
  await dialog.getByRole('button', { name: 'Not now' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(app.world.a.read('data/one.md')).toBe(NOTES.mine)

  dialog = await openConflict(page, 'data/one.md')
  await dialog.getByRole('checkbox').click()
  await dialog.getByRole('button', { name: 'Keep the other' }).click()
  await hasSaid(page, '3 conflicts resolved.')
  for (const path of Object.keys(changes)) await settled(path, NOTES.theirs)
})

test('the keyboard alone resolves a conflict, and the focus comes back', async () => {
  const path = 'data/keys.json'
  await makeConflicts(app, page, id, { [path]: SETTINGS, 'data/more.md': NOTES })
  await tabTo(page, 'button', `Resolve: ${path}`)
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'keys.json' })
  await dialog.getByText('One place was changed on both sides').waitFor()
  await tabTo(page, 'radio', /This device/)
  await page.keyboard.press('ArrowRight')
  await eventually(() => dialog.getByRole('radio', { name: /Other side/ }).isChecked()).toBe(true)
  await tabTo(page, 'button', 'Save choices')
  await page.keyboard.press('Enter')
  // On to the next one, where the keyboard goes on.
  const second = page.getByRole('dialog', { name: 'more.md' })
  await second.getByRole('textbox', { name: 'Result, can be edited' }).waitFor()
  await page.keyboard.press('Escape')
  await second.waitFor({ state: 'detached' })
  await eventually(() => page.evaluate(() => document.activeElement?.tagName ?? '')).not.toBe('BODY')
  await settled(path, '{\n  "model": "large",\n  "limit": 20,\n  "tags": ["a"],\n  "mine": true\n}\n')
})
