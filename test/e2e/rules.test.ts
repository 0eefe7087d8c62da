/** Which files sync: patterns edited with their effect shown first, one file explained, the list nobody edits. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep } from './support/app.ts'
import { hasSaid } from './support/said.ts'

let app: App
let page: Page
let id: string

/** As somebody has written it by hand: CRLF, a key of their own, no end to the last line. */
const RULES = [
  '{',
  '  "note": "kept",',
  '  "syncFilePatterns": [',
  '    "data/notes/*.md",',
  '    "data/logs/*.md"',
  '  ],',
  '  "privateSyncFilePatterns": ["data/own/**"],',
  '  "conflictPolicy": [{ "pattern": "data/logs/**", "policy": "newest" }]',
  '}',
].join('\r\n')

beforeAll(async () => {
  app = await App.start({ env: { a: ['FILE_SYNC_USER_ID=ann'] } })
  const { a } = app.world
  a.write('data/sync-config.json', RULES)
  for (const path of ['notes/a.md', 'notes/secret.md', 'logs/x.md', 'own/c.md', 'own/d.json', 'state.json'])
    a.write(`data/${path}`, `{ "of": "${path}" }\n`)
  a.write('data/server.key', 'never\n')
  page = await app.open()
  id = await app.add(a.folder)
})
afterAll(() => app.close())

const effects = (): Locator => page.getByRole('region', { name: 'What this changes' })
/** One of the lists of what an edit moves. */
const moved = (label: string): Locator => effects().locator('details', { hasText: label })
const owners = (path: string) => app.world.rows(`path = '${path}'`).map(row => row.owner_id)

const heldNow = (): unknown[] =>
  app.world.stateOf(app.world.a, state => state.prepare('SELECT path FROM holds').pluck().all())

async function open(view: 'Patterns' | 'Why this file?' | 'Never synced'): Promise<void> {
  await goTo(page, `#/folder/${id}/rules`)
  await page.getByRole('button', { name: view, exact: true }).click()
}

test('R15 a pattern is edited with its effect shown, and saved without touching anything else in the file', async () => {
  const { a } = app.world
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
  await open('Patterns')
  await page.getByText('takes the newer version where both sides changed it').waitFor()
  expect(await page.getByRole('button', { name: 'Save rules' }).isDisabled()).toBe(true)

  await page.getByLabel('Shared pattern 2').fill('data/*.{json')
  await page.getByRole('alert').first().waitFor()
  expect(await page.getByRole('button', { name: 'Save rules' }).isDisabled()).toBe(true)
  await page.getByLabel('Shared pattern 2').fill('data/*.json')
  await page.getByLabel('Shared pattern 2').press('Enter')
  await page.getByLabel('Shared pattern 3').fill('data/own/c.md')
  await page.getByLabel('Private pattern 1').fill('data/own/d.json')
  await page.getByLabel('Private pattern 1').press('Enter')
  await page.getByLabel('Private pattern 2').fill('data/notes/secret.md')

  await moved('Becomes private').getByText('secret.md').waitFor()
  await moved('Starts syncing').getByText('state.json').waitFor()
  await moved('Stops syncing').getByText('x.md').waitFor()
  await moved('Stops syncing').getByText('These files stay where they are, on all sides.').waitFor()
  await moved('Becomes shared').getByText('c.md').waitFor()
  expect(await effects().getByText('server.key').count(), 'R10 the denylist wins').toBe(0)
  await effects().getByText('the database goes on holding the shared version').waitFor()
  await effects().getByRole('group', { name: 'The difference in the file' }).waitFor()
  expect(a.read('data/sync-config.json'), 'nothing is written before it is saved').toBe(RULES)

  await page.getByRole('button', { name: 'Save rules' }).click()
  await hasSaid(page, 'The rules are saved and in effect.')
  expect(a.read('data/sync-config.json')).toBe(
    RULES.replace('"data/logs/*.md"', '"data/*.json",\r\n    "data/own/c.md"').replace(
      '["data/own/**"]',
      '["data/own/d.json", "data/notes/secret.md"]',
    ),
  )
  await until(() => owners('data/state.json').join() === 'shared', 'the new file in the database')
  await until(() => heldNow().includes('data/own/c.md'), 'the question about the file that became shared')
  await a.decide('approve')
  await until(() => owners('data/own/c.md').includes('shared'), 'the file that became shared')
  await until(() => owners('data/notes/secret.md').includes('ann'), 'the file that became private')
  expect(owners('data/logs/x.md'), 'narrowing deletes nothing').toEqual(['shared'])
  expect(a.has('data/logs/x.md')).toBe(true)
})

test('R15.7 a pattern that names a folder is offered with what lies in it, and one that matches nothing is told', async () => {
  await open('Patterns')
  const field = page.getByLabel('Private pattern 1')
  const before = await field.inputValue()
  await field.fill('data/own')
  await page.getByRole('button', { name: 'Write data/own/**' }).click()
  await eventually(() => field.inputValue()).toBe('data/own/**')
  await page.getByRole('button', { name: 'Write data/own/**' }).waitFor({ state: 'detached' })
  await field.fill('!data/own')
  await page.getByText('takes out no file').waitFor()
  expect(await page.getByRole('button', { name: /^Write / }).count(), 'it would share private files').toBe(0)
  await field.fill(before)
  await page.getByText('takes out no file').waitFor({ state: 'detached' })
})

test('an edit of the file by another program is followed, and an edit here is kept beside it', async () => {
  const { a } = app.world
  await open('Patterns')
  const before = a.read('data/sync-config.json') ?? ''
  await page.getByLabel('Shared pattern 1').waitFor()
  a.save('data/sync-config.json', before.replace('data/notes/*.md', 'data/notes/**'))
  await eventually(() => page.getByLabel('Shared pattern 1').inputValue()).toBe('data/notes/**')

  await page.getByLabel('Shared pattern 1').fill('data/notes/a.md')
  await moved('Stops syncing').waitFor({ state: 'detached' })
  a.save('data/sync-config.json', before.replace('"kept"', '"changed meanwhile"'))
  await effects().getByRole('group', { name: 'The difference in the file' }).getByText('a.md').waitFor()
  const save = page.getByRole('button', { name: 'Save rules' })
  // Either the page has heard of it by now, or the answer shows the file as it is; nothing is lost in both.
  await save.click()
  const isSaved = (): boolean => a.read('data/sync-config.json')?.includes('notes/a.md') === true
  await until(
    async () => isSaved() || (await page.getByText('The file was changed meanwhile.').first().isVisible()),
    'the answer',
  )
  if (!isSaved()) await save.click()
  await until(
    () =>
      a.read('data/sync-config.json') ===
      before.replace('"kept"', '"changed meanwhile"').replace('notes/*.md', 'notes/a.md'),
    'both edits in the file',
    () => a.read('data/sync-config.json') ?? '',
  )
  a.save('data/sync-config.json', before)
})

test('rules that can be saved stay so until they are edited again: no click on the button is lost', async () => {
  await open('Patterns')
  const save = page.getByRole('button', { name: 'Save rules' })
  await page.getByLabel('Shared pattern 1').waitFor()
  const turns = await save.evaluateHandle(button => {
    const seen: boolean[] = []
    new MutationObserver(() => {
      const isOn = !button.hasAttribute('disabled')
      if (isOn !== (seen.at(-1) ?? false)) seen.push(isOn)
    }).observe(button, { attributes: true, attributeFilter: ['disabled'] })
    return seen
  })
  // By the answer to the second edit, all that is ever asked about the first has been asked.
  for (const pattern of ['a*.md', 'b*.md']) {
    await page.getByLabel('Shared pattern 1').fill(`data/notes/${pattern}`)
    await effects().getByRole('group', { name: 'The difference in the file' }).getByText(pattern).waitFor()
    await eventually(() => save.isEnabled()).toBe(true)
  }
  expect(await turns.jsonValue()).toEqual([true, false, true])
  await page.getByRole('button', { name: /^Discard/ }).click()
})

test('R12 why is this file syncing, or not: any path is explained', async () => {
  await open('Why this file?')
  const ask = async (path: string): Promise<void> => {
    await page.getByLabel('Path in the project').fill(path)
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByRole('tabpanel').getByText(path, { exact: true }).first().waitFor()
  }
  const panel = page.getByRole('tabpanel')
  await ask('data/notes/a.md')
  await panel.getByText('In step', { exact: true }).waitFor()
  await panel.getByText('data/sync-config.json, line 4').waitFor()
  await ask('data/server.key')
  await panel.getByText('Never syncs', { exact: true }).waitFor()
  await panel.getByText('*.key', { exact: true }).waitFor()
  await ask('package.json')
  await panel.getByText('Never syncs', { exact: true }).waitFor()
  await ask('tsconfig.json')
  await panel.getByText('Not in the rules', { exact: true }).waitFor()
  await ask('data/notes/never.md')
  await panel.getByText('Not there', { exact: true }).waitFor()
  await ask('../a/data/notes/a.md')
  await panel.getByText('Refused', { exact: true }).waitFor()
})

test('R10 the denylist is shown with reasons, searched, and not edited', async () => {
  await open('Never synced')
  const panel = page.getByRole('tabpanel')
  await panel.getByText('These files never sync, whatever the patterns say.').waitFor()
  await panel.getByText('node_modules/', { exact: true }).waitFor()
  await panel.getByLabel('Search the list').fill('id_rsa.pub')
  await panel.getByText('node_modules/', { exact: true }).waitFor({ state: 'detached' })
  await panel.getByText('id_rsa*', { exact: true }).waitFor()
  await panel.getByLabel('Search the list').fill('report.md')
  await panel.getByText('Nothing on the list matches.').waitFor()
  expect(await panel.getByRole('textbox').count(), 'nothing to type into').toBe(0)
  expect(await panel.getByRole('button', { name: /add|edit|remove|save/i }).count()).toBe(0)
})

test('a broken sync-config.json stops the folder, deletes nothing, and is mended in the page', async () => {
  const { a } = app.world
  const good = a.read('data/sync-config.json') ?? ''
  await goTo(page, `#/folder/${id}/files`)
  a.save('data/sync-config.json', good.replace('"note": "kept",', '"note": "kept"'))
  await page.getByRole('main').getByText('Sync has stopped for this folder').waitFor()
  a.write('data/notes/while-broken.md', 'waits\n')
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Mend: / }).click()
  await page.getByText('data/sync-config.json cannot be read').waitFor()
  const text = page.getByLabel('Text of data/sync-config.json')
  expect(await text.inputValue()).toContain('"note": "kept"')
  await text.fill(good.replaceAll('\r\n', '\n').replace('"kept"', '"mended"'))
  await page.getByText('The file can be read.').waitFor()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await hasSaid(page, 'The rules are saved and in effect.')
  const mended = good.replace('"kept"', '"mended"')
  await until(
    () => a.read('data/sync-config.json') === mended,
    'the mended file, its line ends too',
    () => JSON.stringify(a.read('data/sync-config.json')),
  )
  await page.getByLabel('Shared pattern 1').waitFor()
  await until(() => owners('data/notes/while-broken.md').length === 1, 'what waited, in the database')
  expect(a.has('data/notes/a.md')).toBe(true)
  expect(owners('data/notes/a.md')).toEqual(['shared'])
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
