/** Real conflicts: another engine and a person here have changed the same files. */
import type { Page } from 'playwright-core'
import type { App } from './app.ts'
import { until } from '../../support/until.ts'
import { goTo, inStep } from './app.ts'

export interface Change {
  readonly base: string
  readonly mine: string
  readonly theirs: string
}

/** The folder of project a must be in step. Returns with its page at the conflicts. */
export async function makeConflicts(
  app: App,
  page: Page,
  id: string,
  changes: Readonly<Record<string, Change>>,
): Promise<void> {
  const { a, b } = app.world
  await goTo(page, `#/folder/${id}/files`)
  for (const [path, { base }] of Object.entries(changes)) a.write(path, base)
  if (b.engine === null) await b.watch()
  const all = Object.entries(changes)
  await until(() => all.every(([path, { base }]) => b.read(path) === base), 'the files at the other engine')
  await inStep(page)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByRole('main').getByText('This folder is paused').waitFor()
  for (const [path, { mine, theirs }] of all) {
    a.write(path, mine)
    b.write(path, theirs)
  }
  const inDatabase = (path: string) => app.world.rows(`path = '${path}'`)[0]?.content
  await until(
    () => all.every(([path, { theirs }]) => inDatabase(path) === theirs),
    'the edits of the other engine',
  )
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await goTo(page, `#/folder/${id}/conflicts`)
  for (const path of Object.keys(changes))
    await page.getByRole('button', { name: `Resolve: ${path}` }).waitFor()
}

/** The dialog of one of them. */
export async function openConflict(page: Page, path: string) {
  await page.getByRole('button', { name: `Resolve: ${path}` }).click()
  const dialog = page.getByRole('dialog', { name: nameOf(path) })
  await dialog.getByRole('button', { name: 'Keep the other' }).waitFor()
  return dialog
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
