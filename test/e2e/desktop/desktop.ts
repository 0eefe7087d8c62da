/**
 * The built desktop app in the stand-in, over real projects. An app that uses what the stand-in lacks, a page that
 * logs an error or asks a network for something, or an end that is not clean fails the tests of its file.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { DesktopView } from '../../electron-stand-in/control-protocol.ts'
import { ElectronApp } from '../../electron-stand-in/electron-app.ts'
import { noneLeft } from '../../electron-stand-in/processes.ts'
import { World, type WorldOptions } from '../../support/world.ts'

export interface DesktopOptions extends WorldOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>> & WorldOptions['env']
  /** Whether the desktop shows tray icons. */
  readonly hasTray?: boolean
}

type End = Pick<DesktopView, 'faults' | 'errorBoxes' | 'networkRequests'> & { readonly code: number | string }

const CLEAN: End = { faults: [], errorBoxes: [], networkRequests: [], code: 0 }

export class Desktop {
  readonly world: World
  readonly env: Readonly<Record<string, string>>
  /** What a test does on purpose, and the page complains of. */
  readonly expected: RegExp[] = []
  readonly #faults: string[] = []
  readonly #heard = new WeakSet<Page>()
  app: ElectronApp

  constructor({ args = ['--hidden'], hasTray = true, ...options }: DesktopOptions = {}) {
    this.world = new World(options)
    const userHome = join(this.world.folder, 'user')
    mkdirSync(userHome)
    this.env = {
      LOCKSTEP_HOME: this.world.home,
      HOME: userHome,
      TMPDIR: this.world.folder,
      LOCKSTEP_TRAY: hasTray ? 'yes' : 'no',
    }
    this.app = this.launch(args)
  }

  launch(args: readonly string[] = []): ElectronApp {
    return new ElectronApp({ env: this.env, args })
  }

  /** Through the tray's menu, as far as its labels; a label may be given by its beginning. */
  click(...labels: readonly string[]): Promise<void> {
    return this.app.clickMenu(...labels)
  }

  /** The page of the window that is seen. */
  async page(): Promise<Page> {
    const page = await this.app.page()
    if (this.#heard.has(page)) return page
    this.#heard.add(page)
    page.on('pageerror', error => this.#faults.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') this.#faults.push(message.text())
    })
    await page.getByRole('navigation').waitFor()
    return page
  }

  /** From the tray; the page of its window, which has come in. */
  async open(): Promise<Page> {
    await this.app.until(({ tray }) => tray !== null, 'the tray icon')
    await this.click('Open Lockstep')
    return this.page()
  }

  /** The text that the tray shows for all folders at once. */
  async trayLine(): Promise<string> {
    const { tray } = await this.app.view()
    return tray?.menu[0]?.label ?? ''
  }

  async untilTraySays(line: string | RegExp): Promise<void> {
    const says = (text: string): boolean => (typeof line === 'string' ? text === line : line.test(text))
    await this.app.until(({ tray }) => says(tray?.menu[0]?.label ?? ''), `the tray to say ${String(line)}`)
  }

  /** All that the app has written to its log. */
  log(): string {
    const folder = join(this.world.home, 'logs')
    const files = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
    return files.join('\n')
  }

  /** Ends it as the end of a session does, unless a test has ended it; then nothing is left of it. */
  async close(): Promise<void> {
    const end = this.app.hasExited ? CLEAN : await this.#end()
    await noneLeft(this.world.folder)
    await this.world.close()
    expect(end, this.app.stderr).toEqual(CLEAN)
    const faults = this.#faults.filter(fault => !this.expected.some(pattern => pattern.test(fault)))
    expect(faults, 'what the page complained of').toEqual([])
  }

  async #end(): Promise<End> {
    const { faults, errorBoxes, networkRequests } = await this.app.view()
    return { faults, errorBoxes, networkRequests, code: await this.app.terminate() }
  }
}
