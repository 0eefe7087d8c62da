/**
 * The daemon over real projects, and a real page that shows them.
 *
 * A page that logs an error, fails to load something, or breaks its own policy fails the tests of its file.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import type { HostClient } from '../../../src/contract/contract.ts'
import { Browser as Client } from '../../daemon/daemon.ts'
import { World, type WorldOptions } from '../../support/world.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { openBrowser, slowDown } from './chromium.ts'
import type { Environment } from '../../support/lockstep.ts'
import { DaemonProcess } from './daemon.ts'
import { followFrames, type Frame } from './frames.ts'
import { keepWhatIsSaid } from './said.ts'

/** One connection for all tests of a file. */
let browser: Promise<Browser> | null = null

afterAll(async () => {
  await (await browser)?.close()
  browser = null
})

export interface PageOptions {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  /** Prepares the page before it loads anything. */
  readonly before?: (page: Page) => Promise<void>
  /** False: what the page needs to come in is held back. */
  readonly isIn?: boolean
}

export interface AppOptions extends WorldOptions {
  /** Of the daemon. */
  readonly daemonEnv?: Environment
}

export class App {
  readonly world: World
  readonly daemon: DaemonProcess
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []
  #client: Client | null = null
  readonly #faults: string[] = []
  /** What a test does on purpose, and the browser reports. */
  readonly expected: RegExp[] = []
  /** All that the pages and the daemon have told each other, in order. */
  readonly frames: Frame[] = []

  private constructor(browser: Browser, options: AppOptions) {
    this.#browser = browser
    this.world = new World(options)
    const userHome = join(this.world.folder, 'user')
    mkdirSync(userHome)
    this.daemon = new DaemonProcess({
      LOCKSTEP_HOME: this.world.home,
      HOME: userHome,
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      ...options.daemonEnv,
    })
  }

  static async start(options: AppOptions = {}): Promise<App> {
    browser ??= openBrowser()
    const app = new App(await browser, options)
    await app.daemon.start()
    return app
  }

  /** A page that has come in, at the overview. */
  async open(options: PageOptions = {}): Promise<Page> {
    const { theme = 'light', width = 1280, height = 800, before, isIn = true } = options
    const context = await this.#newContext({ colorScheme: theme, viewport: { width, height } })
    const page = await context.newPage()
    await slowDown(page)
    page.on('pageerror', error => this.#faults.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') this.#faults.push(message.text())
    })
    await followFrames(page, frame => this.frames.push(frame))
    await before?.(page)
    const { url } = this.daemon
    await page.goto(url, { waitUntil: isIn ? 'load' : 'commit' })
    if (isIn) await page.getByRole('navigation').waitFor()
    // Its token is good once: who comes next must not be quicker than the page.
    if (isIn) await until(() => this.daemon.url !== url, 'the page to come in')
    return page
  }

  /** A page that is not let in. */
  async openRefused(url: string): Promise<Page> {
    const context = await this.#newContext({})
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  /** The host, for what a test does not do in the page. */
  async host(): Promise<HostClient> {
    // A daemon that was started again is another one.
    if (this.#client?.socket.readyState !== WebSocket.OPEN) this.#client = await Client.enter(this.daemon)
    return this.#client.client
  }

  /** A configured project, kept in step from now on; its id. */
  async add(folder: string): Promise<string> {
    const { folders } = await this.host()
    const { id } = await folders.add({ path: folder })
    return id
  }

  async #newContext(options: BrowserContextOptions): Promise<BrowserContext> {
    // What moves is drawn over and over; what it leads to is the same.
    const context = await this.#browser.newContext({ reducedMotion: 'reduce', ...options })
    await context.addInitScript(keepWhatIsSaid)
    context.setDefaultTimeout(PATIENCE_MS)
    this.#contexts.push(context)
    return context
  }

  async close(): Promise<void> {
    await this.#client?.close()
    await Promise.all(this.#contexts.map(context => context.close()))
    await this.daemon.stop()
    await this.world.close()
    const faults = this.#faults.filter(fault => !this.expected.some(pattern => pattern.test(fault)))
    expect(faults, 'what the browser complained of').toEqual([])
  }
}

/** Until the folder that is shown says so. */
export async function inStep(page: Page): Promise<void> {
  await page.getByRole('main').getByText('In step', { exact: true }).first().waitFor()
}

export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(to => {
    location.hash = to
  }, hash)
}

/** The dialog that is open. Notes have the role, too, but open nothing. */
export function openDialog(page: Page): Locator {
  return page.locator('[role=dialog][data-open]')
}
