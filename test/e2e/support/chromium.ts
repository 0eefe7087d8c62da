/** The browser of one test file. Without one the tests fail, with the command that installs it. */
import { type Browser, chromium } from 'playwright-core'
import { CHROMIUM_HINT, findChromium } from '../../../scripts/lib/chromium.mjs'

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(CHROMIUM_HINT)
  return chromium.launch({
    executablePath,
    // Tests run as root in containers, where Chromium's own sandbox cannot be set up.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}
