/** What a page says in notes and live regions, which is gone on a slow machine before a test has looked. */
import type { Page } from 'playwright-core'
import { until } from '../../support/until.ts'

declare global {
  /** Of a test's page: what notes and live regions have said, in order. */
  var said: string[] | undefined
}

/** Runs in the page, before anything of the page does. */
export function keepWhatIsSaid(): void {
  const said: string[] = []
  const notes = new WeakSet<Element>()
  globalThis.said = said
  new MutationObserver(changes => {
    for (const note of document.querySelectorAll('[aria-label="Notes"] > *')) {
      if (!notes.has(note)) said.push(note.textContent ?? '')
      notes.add(note)
    }
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement
      const region = element?.closest('[aria-live]:not([aria-label="Notes"])')
      if (region !== null && region !== undefined) said.push(region.textContent ?? '')
    }
  }).observe(document, { childList: true, subtree: true, characterData: true })
}

/** Until the page has said so. Once for each time: what it was asked for is forgotten. */
export async function hasSaid(page: Page, text: string): Promise<void> {
  await until(
    () =>
      page.evaluate(part => {
        const said = globalThis.said?.splice(0) ?? []
        const others = said.filter(one => !one.includes(part))
        globalThis.said?.push(...others)
        return others.length < said.length
      }, text),
    `"${text}"`,
    () => page.evaluate(() => globalThis.said?.join('\n') ?? ''),
  )
}
