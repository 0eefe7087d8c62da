/** The app's own settings: each takes effect at once, and outlives a reload. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { until } from '../support/until.ts'
import { App, goTo, inStep, openDialog } from './support/app.ts'
import { hasSaid } from './support/said.ts'

let app: App
let page: Page
let id: string

const SECRET = 'the-secret-of-the-diagnostics-test'

beforeAll(async () => {
  app = await App.start({ env: { a: [`SUPABASE_PASSWORD=${SECRET}`, `MY_TOKEN=${SECRET}`] } })
  app.world.a.write('data/one.md', `one ${SECRET}\n`)
  page = await app.open()
  id = await app.add(app.world.a.folder)
  await goTo(page, `#/folder/${id}/files`)
  await inStep(page)
})
afterAll(() => app.close())

const settings = async () => (await app.host()).settings.get()
const theme = () => page.evaluate(() => document.documentElement.dataset['theme'] ?? null)
const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)

test('the theme is chosen, seen at once, and kept', async () => {
  await goTo(page, '#/settings')
  const light = await background()
  await page.getByRole('button', { name: 'Dark', exact: true }).click()
  await eventually(theme).toBe('dark')
  await eventually(background).not.toBe(light)
  await page.reload()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(await theme()).toBe('dark')
  expect((await settings()).theme).toBe('dark')
  await page.getByRole('button', { name: 'System', exact: true }).click()
  await eventually(theme).toBe(null)
  await eventually(background).toBe(light)
})

test('everything is paused and resumed; what changes meanwhile waits', async () => {
  const { a, b } = app.world
  await goTo(page, '#/settings')
  await page.getByRole('switch', { name: 'Pause everything' }).click()
  await goTo(page, `#/folder/${id}/files`)
  await page.getByRole('main').getByText('Everything is paused').waitFor()
  a.write('data/waits.md', 'waits\n')
  // Another device comes and goes twice meanwhile: an engine that ran here would have taken what both have written.
  for (const name of ['first', 'second']) {
    b.write(`data/${name}.md`, `${name}\n`)
    await b.sync()
  }
  expect(app.world.rows().map(row => row.path)).not.toContain('data/waits.md')
  expect(a.has('data/first.md')).toBe(false)
  await page.getByRole('button', { name: /^Resume everything/ }).click()
  await until(() => app.world.rows().length === 4, 'what waited, in the database')
  await until(() => a.has('data/first.md') && a.has('data/second.md'), 'what waited, here')
  await inStep(page)
})

test('limits of the history are checked before they are saved', async () => {
  await goTo(page, '#/settings')
  await page.getByLabel('Days').fill('0')
  await page.getByText('A whole number from 1 to 365.').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('Megabytes').fill('20')
  expect((await settings()).history).toEqual({ days: 30, megabytes: 500 })
  await page.getByLabel('Days').fill('14')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await eventually(async () => (await settings()).history).toEqual({ days: 14, megabytes: 20 })
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' })
})

test('notifications and the detail of the log are chosen by kind', async () => {
  await goTo(page, '#/settings')
  const recovery = page.getByRole('switch', { name: 'Recovery' })
  const before = await recovery.isChecked()
  await recovery.click()
  await eventually(() => recovery.isChecked()).toBe(!before)
  await eventually(async () => (await settings()).notifications.recovery).toBe(!before)
  await page.getByLabel('Detail').click()
  await page.getByRole('option', { name: 'Everything' }).click()
  await eventually(async () => (await settings()).logLevel).toBe('debug')
})

test('the log and the diagnostics can be read and copied, without secrets and contents', async () => {
  await goTo(page, '#/settings')
  const opener = page.getByRole('button', { name: 'Show the log' })
  await opener.click()
  await openDialog(page).getByText('the daemon listens').first().waitFor()
  await page.keyboard.press('Escape')
  await openDialog(page).waitFor({ state: 'detached' })
  const isFocused = () => opener.evaluate(element => element === document.activeElement)
  await eventually(isFocused, 'the focus comes back').toBe(true)

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy diagnostics' }).click()
  await openDialog(page).getByRole('button', { name: 'Copy' }).click()
  await hasSaid(page, 'Copied')
  const text = await page.evaluate(() => navigator.clipboard.readText())
  expect(text).toContain(`folder ${app.world.a.folder}`)
  expect(text).toContain('backend drizzle')
  expect(text).not.toContain(SECRET)
  expect(app.frames.filter(frame => frame.text.includes(SECRET))).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByText('This device').waitFor()
  await page.getByText('MIT').waitFor()
})
