/** Names that would mislead: no view shows one that looks like another, and those that read from right to left read well. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { escaped } from '../../src/contract/shown.ts'
import { App, goTo, openDialog } from './support/app.ts'

const TURNED = 'a\u202egnp.exe.md'
const HIDDEN = 'zero\u200bwidth.md'
const HEBREW = 'שלום.md'
const ARABIC = 'مرحبا ١٢٣.md'
const NAMES = [TURNED, HIDDEN, HEBREW, ARABIC]

let app: App
let page: Page
let id: string

beforeAll(async () => {
  app = await App.start({ names: ['a', 'b'] })
  const { a, b } = app.world
  for (const device of [a, b]) device.configure({ syncFilePatterns: ['data/**'] })
  a.save('package.json', JSON.stringify({ name: 'agent\u202egnp.exe' }))
  a.save('.env', `${a.read('.env') ?? ''}FILE_SYNC_APP_ID=app\n`)
  b.save('.env', `${b.read('.env') ?? ''}FILE_SYNC_APP_ID=app\n`)
  for (const name of NAMES) a.write(`data/תיקייה/${name}`, 'first\n')
  await a.sync()
  await b.sync()
  for (const name of NAMES) b.write(`data/תיקייה/${name}`, 'of b\n')
  await b.sync()
  for (const name of NAMES) a.write(`data/תיקייה/${name}`, 'of a\n')
  // And one that is told as a problem.
  a.write('data/prob\u2066lem\\.md', 'x\n')
  page = await app.open()
  id = await app.add(a.folder)
  await goTo(page, `#/folder/${id}/conflicts`)
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Resolve/ })
    .nth(NAMES.length - 1)
    .waitFor()
})
afterAll(() => app.close())

/** All that is read of the page: texts and what is said of elements. Not what stands in fields, which is edited. */
const misleading = (): Promise<string[]> =>
  page.evaluate(() => {
    const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u
    const found: string[] = []
    const note = (where: string, text: string | null): void => {
      // What sets a name apart is ours.
      if (
        text !== null &&
        unseen.test(text.replace(/\u2068([^\u2066-\u2069]*)\u2069/gu, '$1').replace(/[\n\t]/g, ''))
      )
        found.push(`${where}: ${JSON.stringify(text)}`)
    }
    note('title', document.title)
    for (const element of document.querySelectorAll('body *')) {
      if (element.closest('textarea, .cm-editor') !== null) continue
      for (const name of ['title', 'aria-label', 'alt', 'placeholder', 'aria-description'])
        note(`${element.tagName} ${name}`, element.getAttribute(name))
      for (const child of element.childNodes)
        if (child.nodeType === Node.TEXT_NODE) note(element.tagName, child.nodeValue)
    }
    return found
  })

test.each(['', 'conflicts', 'files', 'activity', 'rules', 'backend'])(
  'R12.7 no name misleads in #%s',
  async tab => {
    await goTo(page, tab === '' ? '#/' : `#/folder/${id}/${tab}`)
    await page
      .getByRole('main')
      .getByText(String.raw`agent\u202egnp.exe`)
      .first()
      .waitFor()
    if (tab === 'files' || tab === 'conflicts') {
      for (const name of [TURNED, HIDDEN])
        await page.getByRole('main').getByText(escaped(name), { exact: true }).waitFor()
      for (const name of [HEBREW, ARABIC])
        await page.getByRole('main').getByText(name, { exact: true }).waitFor()
    }
    expect(await misleading()).toEqual([])
  },
)

test('R12.7 nor beside the list, in an explanation, or in a dialog', async () => {
  const path = encodeURIComponent(`data/תיקייה/${TURNED}`)
  await goTo(page, `#/folder/${id}/files/${path}`)
  await page.getByRole('heading', { name: escaped(TURNED) }).waitFor()
  expect(await misleading()).toEqual([])
  await goTo(page, `#/folder/${id}/conflicts`)
  await page.getByRole('button', { name: `Resolve: ` }).first().click()
  await openDialog(page).waitFor()
  expect(await misleading()).toEqual([])
  await page.keyboard.press('Escape')
  await openDialog(page).waitFor({ state: 'detached' })
})

test('R12.7 a name that reads from right to left turns nothing around it', async () => {
  await goTo(page, `#/folder/${id}/files`)
  const row = page.getByRole('row', { name: HEBREW })
  const folder = row.getByText('תיקייה', { exact: true })
  const name = row.getByText('שלום', { exact: true })
  const whole = row.getByText(HEBREW, { exact: true })
  const [first, second, all] = [
    await folder.boundingBox(),
    await name.boundingBox(),
    await whole.boundingBox(),
  ]
  expect(first!.x + first!.width).toBeLessThan(second!.x)
  // The extension is to the right of the name.
  expect(second!.x + second!.width).toBeLessThan(all!.x + all!.width - 10)
})
