/** The browser of the tests' pages. Without one the tests fail, with the command that installs it. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { inject } from 'vitest'
import { PATIENCE_MS } from '../../support/until.ts'

/** To see that tests hold where pages are slow: how many times slower than they could be. */
const SLOWDOWN = Number(process.env['LOCKSTEP_TEST_PAGE_SLOWDOWN'] ?? 1)

/** A connection to the one of the whole run (test/support/shared-chromium.ts); closing it closes what it has opened. */
export async function openBrowser(): Promise<Browser> {
  const answer = await fetch(inject('chromiumAsk'))
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return chromium.connect(text, { timeout: PATIENCE_MS })
}

/** Before the page is used, where it is meant to be slow. */
export async function slowDown(page: Page): Promise<void> {
  if (SLOWDOWN <= 1) return
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN })
}
