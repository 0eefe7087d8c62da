/** Moving through a page as somebody does who has no pointer. */
import type { Page } from 'playwright-core'

/** More than any view has. */
const MOST_STOPS = 120

/** Presses Tab until the control of this role and name has the focus; fails where it is never reached. */
export async function tabTo(
  page: Page,
  role: 'button' | 'textbox' | 'radio' | 'tab' | 'link' | 'grid',
  name: string | RegExp,
): Promise<void> {
  const target = page.getByRole(role, { name, ...(typeof name === 'string' && { exact: true }) }).first()
  await target.waitFor()
  const passed: string[] = []
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await target.evaluate(element => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
    passed.push(await page.evaluate(() => document.activeElement?.textContent?.slice(0, 24) ?? ''))
  }
  throw new Error(`Tab never reached ${role} ${String(name)}; it passed ${passed.join(' | ')}`)
}
