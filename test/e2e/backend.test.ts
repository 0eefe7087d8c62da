/** The database of a folder: chosen, tested, its exact difference seen, saved; and what never comes back. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeDocsCode } from '../support/docs-code.ts'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { hasSaid } from './support/said.ts'

let app: App
let page: Page
let id: string

/** As people write it: CRLF, quotes, export, a key twice, secrets of others, no end to the last line. */
const ENV = [
  '# settings of this machine',
  'FILE_SYNC_SQLITE_PATH=old.db',
  'API_TOKEN=the-token-of-another-program',
  "OTHER='kept'   # why",
  '# SUPABASE_PASSWORD=the-password-of-yesterday',
  'OTHER=again',
  '',
  'export FILE_SYNC_SQLITE_PATH="../shared/sync.db" # where',
].join('\r\n')
const CONFIG = '{"mine": [1,2 ], "syncFilePatterns":["data/**"],\r\n\t"privateSyncFilePatterns":[]}'
const STRANGE = ['the-token-of-another-program', 'the-password-of-yesterday']

beforeAll(async () => {
  app = await App.start()
  const { a } = app.world
  a.write('.env', ENV)
  chmodSync(a.at('.env'), 0o640)
  a.write('data/sync-config.json', CONFIG)
  a.write('data/one.md', 'one\n')
  page = await app.open()
  id = await app.add(a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
afterAll(() => app.close())

const at = (path: string): string => app.world.a.read(path) ?? ''

async function choose(backend: string): Promise<void> {
  await goTo(page, `#/folder/${id}/backend`)
  await page.getByRole('radio', { name: new RegExp(`^${backend}`) }).click()
  await page.getByRole('heading', { name: backend }).waitFor()
}

async function review(): Promise<Locator> {
  await page.getByRole('button', { name: 'Review and save…' }).click()
  const dialog = openDialog(page)
  await dialog.getByRole('heading', { name: 'Save these changes?' }).waitFor()
  return dialog
}

async function save(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  await hasSaid(page, 'The backend is saved.')
}

/** The lines that a difference shows as coming or going. */
async function changedLines(dialog: Locator, file: string): Promise<string[]> {
  const rows = await dialog.getByRole('group', { name: file }).getByRole('row').allInnerTexts()
  return rows
    .map(row => row.split('\t').slice(-2))
    .filter(([sign]) => sign === '+' || sign === '−')
    .map(([sign, text]) => `${sign} ${text}`)
}

function pathsIn(file: string): string[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    // The file is there a moment before its table is.
    const hasTable = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'files'").get() !== undefined
    if (!hasTable) return []
    return database.prepare<[], string>('SELECT path FROM files ORDER BY path').pluck().all()
  } finally {
    database.close()
  }
}

test('R4 another SQLite file: tested, its exact difference shown, and only one value changes in both files', async () => {
  const { a } = app.world
  const other = join(app.world.folder, 'shared', 'other.db')
  await choose('SQLite')
  expect(await page.getByLabel('Database file').inputValue()).toBe('../shared/sync.db')
  expect(await page.getByRole('button', { name: 'Review and save…' }).isDisabled()).toBe(true)
  await page.getByLabel('Database file').fill('../shared/other.db')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection works.').waitFor()
  for (const step of ['reachable', 'schema', 'read', 'write', 'feed', 'latency'])
    await page
      .getByRole('listitem')
      .filter({ hasText: new RegExp(step, 'i') })
      .first()
      .waitFor()
  expect(at('.env'), 'nothing is saved by testing').toBe(ENV)

  const dialog = await review()
  await dialog.getByText('This is another database').waitFor()
  await dialog.getByText('nothing is deleted on either side').waitFor()
  await eventually(() => changedLines(dialog, '.env')).toEqual([
    '− export FILE_SYNC_SQLITE_PATH="../shared/sync.db" # ••••••',
    '+ export FILE_SYNC_SQLITE_PATH="../shared/other.db" # ••••••',
  ])
  for (const secret of STRANGE) expect(await dialog.innerText()).not.toContain(secret)
  await dialog.getByText('data/sync-config.json').waitFor()
  expect(at('.env'), 'nothing is saved by looking').toBe(ENV)
  await save(dialog)

  expect(at('.env')).toBe(ENV.replace('../shared/sync.db', '../shared/other.db'))
  expect(statSync(a.at('.env')).mode & 0o777).toBe(0o640)
  expect(at('data/sync-config.json')).toBe(CONFIG)
  await until(
    () => existsSync(other) && pathsIn(other).includes('data/one.md'),
    'the file in the other database',
  )
  expect(at('data/one.md')).toBe('one\n')
  expect(
    app.world.rows().map(row => row.path),
    'the former one is untouched',
  ).toEqual(['data/one.md'])
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})

test('a settings file that changes while it is looked at is shown anew, not overwritten', async () => {
  const { a } = app.world
  const before = at('.env')
  await choose('SQLite')
  await page.getByLabel('Database file').fill('../shared/third.db')
  const dialog = await review()
  a.write('.env', before.replace('OTHER=again', 'OTHER=edited elsewhere'))
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await page
    .getByText(/A file was changed by somebody else meanwhile\./)
    .first()
    .waitFor()
  expect(at('.env')).toBe(before.replace('OTHER=again', 'OTHER=edited elsewhere'))
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  a.write('.env', before)
})

test('Supabase: a failed test says what to do; saved secrets are masked and never come back', async () => {
  const before = at('.env')
  const secrets = ['sb_publishable_key-of-the-test', 'pass # "word" of the test']
  await choose('Supabase')
  await page.getByRole('button', { name: 'Review and save…' }).click()
  await page.getByText('This is needed.').first().waitFor()
  await page.getByLabel('Project URL').fill('http://127.0.0.1:9')
  await page.getByLabel('Publishable key').fill(secrets[0]!)
  await page.getByLabel('E-mail').fill('me@example.org')
  await page.getByLabel('Password').fill(secrets[1]!)
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection does not work yet.').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'failed' }).first().waitFor()
  await page.getByRole('listitem').filter({ hasText: 'skipped' }).first().waitFor()
  await page.getByText('Table, policies and realtime').click()
  await page.getByText('create table', { exact: false }).first().waitFor()

  const dialog = await review()
  const shown = await changedLines(dialog, '.env')
  expect(shown).toContain('+ FILE_SYNC_BACKEND=supabase')
  expect(shown).toContain('+ SUPABASE_URL=http://127.0.0.1:9')
  expect(shown).toContain('+ SUPABASE_PUBLISHABLE_KEY=••••••')
  expect(shown).toContain('+ SUPABASE_PASSWORD=••••••')
  const saving = app.frames.length
  await save(dialog)
  expect(at('.env')).toBe(
    [
      before,
      'FILE_SYNC_BACKEND=supabase',
      'SUPABASE_URL=http://127.0.0.1:9',
      `SUPABASE_PUBLISHABLE_KEY=${secrets[0]}`,
      'SUPABASE_EMAIL=me@example.org',
      `SUPABASE_PASSWORD='${secrets[1]}'`,
    ].join('\r\n'),
  )
  expect(at('data/sync-config.json')).toBe(CONFIG)
  expect(
    app.frames.slice(saving - 200).some(({ from, text }) => from === 'page' && text.includes(secrets[0]!)),
    'the frames are seen at all',
  ).toBe(true)

  const saved = app.frames.length
  await page.getByText('Saved. Type to replace it.').first().waitFor()
  expect(await page.getByLabel('Publishable key').inputValue()).toBe('')
  await page.reload()
  await page.getByText('Saved. Type to replace it.').first().waitFor()
  expect(await page.getByLabel('Password').inputValue()).toBe('')
  await page.getByLabel('E-mail').fill('you@example.org')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection does not work yet.').waitFor()
  const again = await review()
  expect((await changedLines(again, '.env')).map(line => line.replace(/=.*/, ''))).toEqual([
    '− SUPABASE_EMAIL',
    '+ SUPABASE_EMAIL',
  ])
  await again.getByRole('button', { name: 'Cancel' }).click()
  await goTo(page, '#/settings')
  await page.getByRole('button', { name: 'Copy diagnostics' }).click()
  await openDialog(page).getByText('127.0.0.1:9').first().waitFor()
  await page.keyboard.press('Escape')
  for (const secret of [...secrets, ...STRANGE]) {
    const quoted = JSON.stringify(secret).slice(1, -1)
    const said = app.frames.filter(
      ({ from, text }, index) =>
        (from === 'daemon' || index >= saved) && (text.includes(secret) || text.includes(quoted)),
    )
    expect(said, secret).toEqual([])
    expect(await page.content()).not.toContain(secret)
  }
})

test('back to SQLite: only the backend’s name changes, and the folder is in step again', async () => {
  const before = at('.env')
  await choose('SQLite')
  const dialog = await review()
  await eventually(() => changedLines(dialog, '.env')).toEqual([
    '− FILE_SYNC_BACKEND=supabase',
    '+ FILE_SYNC_BACKEND=drizzle',
  ])
  await save(dialog)
  expect(at('.env')).toBe(before.replace('=supabase', '=drizzle'))
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})

test('a setting in .env that cannot be used is shown where it is mended', async () => {
  const { a } = app.world
  const before = at('.env')
  a.write('.env', `${before}\r\nFILE_SYNC_APP_ID="my app"`)
  await page.getByRole('main').getByText('Sync has stopped for this folder').waitFor()
  await goTo(page, '#/')
  await page.getByRole('button', { name: /^Mend: / }).click()
  const appId = page.getByLabel('App id')
  await appId.waitFor()
  await eventually(() => appId.inputValue()).toBe('my app')
  await appId.fill('your app')
  await page.getByRole('button', { name: 'Review and save…' }).click()
  await page.getByText('Only letters, digits, “_” and “-” without spaces.').waitFor()
  await appId.fill('story')
  await save(await review())
  expect(at('.env')).toBe(`${before}\r\nFILE_SYNC_APP_ID="story"`)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
  a.write('.env', before)
})

test('Convex: its functions are shown, then written, and what is left to do is said', async () => {
  const { a } = app.world
  await choose('Convex')
  await page.getByText('Functions and schema').click()
  await page.getByText('convex/schema.ts').first().waitFor()
  expect(a.has('convex')).toBe(false)
  await page.getByRole('button', { name: 'Write these files' }).click()
  await page.getByText('What is left to do').waitFor()
  await page.getByText('Deploy: npx convex deploy').waitFor()
  expect(a.has('convex/schema.ts')).toBe(true)
})

test('a custom adapter: its code is shown and agreed to before anything of it runs', async () => {
  const { a } = app.world
  const records = join(app.world.folder, 'records')
  mkdirSync(records)
  mkdirSync(a.at('lib'))
  writeDocsCode('adapters.md', a.at('lib'))
  a.append('.env', `\r\nRECORDS_FOLDER=${records}`)
  await choose('Custom adapter')
  await page.getByLabel('Adapter module').fill('lib/json-folder.mjs')
  await page.getByText('A custom adapter asks to run').waitFor()
  await page.getByText('lib/json-folder.mjs').first().waitFor()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByText('The connection does not work yet.').waitFor()
  await page.getByRole('button', { name: 'Trust this code' }).click()
  await page.getByText('A custom adapter asks to run').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Test again' }).click()
  await page.getByText('The connection works.').waitFor()
  await page.getByText('Good to know about this database').waitFor()
  await save(await review())
  await goTo(page, `#/folder/${id}/files`)
  await page.getByRole('main').getByText('Custom adapter').first().waitFor()
  await inStep(page)

  // Other code is another question, once it would run.
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByText('This folder is paused').waitFor()
  a.append('lib/json-folder.mjs', '\n// edited\n')
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('main').getByText('A custom adapter asks to run').waitFor()
  await page.getByRole('button', { name: 'Trust this code' }).click()
  await inStep(page)
})
