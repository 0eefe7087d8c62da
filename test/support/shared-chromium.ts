/**
 * One Chromium for a whole run of tests, which is its own: started for the first file that asks, ended with the run.
 * Each page has a context, so that no test sees anything of another one's.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserServer } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { CHROMIUM_HINT, findChromium } from '../../scripts/lib/chromium.mjs'
import { PATIENCE_MS } from './until.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test file asks for the address of the browser. */
    readonly chromiumAsk: string
  }
}

// oxlint-disable-next-line import/no-default-export -- Vitest asks for one.
export default async function offerChromium(project: TestProject): Promise<() => Promise<void>> {
  let running: Promise<BrowserServer> | null = null
  const server = createServer((_, response) => {
    running ??= launch()
    running.then(
      browser => response.end(browser.wsEndpoint()),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  project.provide('chromiumAsk', `http://127.0.0.1:${port}/`)
  return async () => {
    server.close()
    await (await running?.catch(() => null))?.close()
  }
}

async function launch(): Promise<BrowserServer> {
  // Most runs of a few files need neither.
  const { chromium } = await import('playwright-core')
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(CHROMIUM_HINT)
  return chromium.launchServer({
    executablePath,
    host: '127.0.0.1',
    timeout: PATIENCE_MS,
    // Tests run as root in containers, where Chromium's own sandbox cannot be set up.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}
