/** The test's end: one running app in the stand-in, with what a person sees of it and can do to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { noteProcess } from '../support/orphans.ts'
import { PATIENCE_MS, until } from '../support/until.ts'
import type {
  Answer,
  AppAnswer,
  Command,
  DesktopView,
  ForgedSender,
  LoadedModule,
  Question,
} from './control-protocol.ts'
import type { DialogAnswer } from './desktop.ts'

/** Another built app may be put to the same tests: a folder with package.json and out/. */
const ROOT = process.env['LOCKSTEP_TEST_APP'] ?? join(import.meta.dirname, '..', '..')
const RUNNER = join(import.meta.dirname, 'run.ts')

export interface Launch {
  readonly env: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** The app's folder; the built app of this repository where none is given. */
  readonly app?: string
}

export class ElectronApp {
  readonly launch: Launch
  readonly exited: Promise<number | string>
  stderr = ''
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #browser: Browser | null = null
  #hasExited = false
  #lastView: DesktopView | null = null

  constructor(launch: Launch) {
    this.launch = launch
    const app = launch.app ?? ROOT
    if (launch.app === undefined && !existsSync(join(app, 'out/main/index.js')))
      throw new Error(`${app} is not built: run npm run build`)
    this.#child = spawn(process.execPath, [RUNNER, app, ...(launch.args ?? [])], {
      env: { ...ownEnvironment(), ...launch.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    noteProcess(this.#child)
    const read = (some: string): void => {
      this.stderr += some
    }
    this.#child.stderr?.setEncoding('utf8').on('data', read)
    this.#child.stdout?.setEncoding('utf8').on('data', read)
    this.#child.on('message', answer => this.#take(answer as Answer))
    this.exited = new Promise(resolve => {
      this.#child.once('exit', (code, signal) => {
        this.#hasExited = true
        const error = `the app has ended\n${this.stderr}`
        for (const [id, answer] of this.#waiting) answer({ id, error })
        resolve(code ?? signal ?? 'unknown')
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get hasExited(): boolean {
    return this.#hasExited
  }

  /** What is seen; after its end what was seen last. */
  async view(): Promise<DesktopView> {
    if (this.#hasExited && this.#lastView !== null) return this.#lastView
    return (await this.command({ verb: 'view' })) as DesktopView
  }

  /** What is seen once the condition holds. */
  async until(condition: (view: DesktopView) => boolean, what: string): Promise<DesktopView> {
    let view = await this.view()
    await until(
      async () => condition((view = await this.view())),
      what,
      () => `${JSON.stringify(view, null, 1)}\n${this.stderr}`,
    )
    return view
  }

  command(command: Command): Promise<unknown> {
    if (this.#hasExited) return Promise.reject(new Error(`the app has ended\n${this.stderr}`))
    this.#lastId += 1
    const question: Question = { id: this.#lastId, command }
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, answer => {
        if ('error' in answer) reject(new Error(answer.error))
        else if ('value' in answer) resolve(answer.value)
      })
      this.#child.send(question)
    })
  }

  /** Through the tray's menu; a label may be given by its beginning. */
  async clickMenu(...labels: readonly string[]): Promise<void> {
    await this.command({ verb: 'click-menu', labels })
  }

  async answerDialog(answer: DialogAnswer): Promise<DesktopView['dialogs'][number]> {
    const { dialogs } = await this.until(view => view.dialogs.length > 0, 'a dialog of the system')
    const [dialog] = dialogs
    if (dialog === undefined) throw new Error('the dialog has gone')
    await this.command({ verb: 'answer-dialog', id: dialog.id, answer })
    return dialog
  }

  /** What the app and its packages have loaded so far. */
  async loaded(): Promise<readonly LoadedModule[]> {
    return (await this.command({ verb: 'loaded' })) as LoadedModule[]
  }

  /** How many of the ports that came along were closed by the app. */
  async forge(message: ForgedSender): Promise<number> {
    return (await this.command({ verb: 'forge', message })) as number
  }

  async request(url: string, method = 'GET'): Promise<AppAnswer> {
    return (await this.command({ verb: 'request', request: { url, method } })) as AppAnswer
  }

  /** Playwright's page of the window that is seen; a new one after the renderer has crashed. */
  async page(): Promise<Page> {
    let found: Page | null = null
    await until(
      async () => (found = await this.#seenPage()) !== null,
      'Playwright to see the page of the window',
      async () => `${JSON.stringify(await this.view(), null, 1)}\n${this.stderr}`,
    )
    return found!
  }

  /** Null while there is none, also where a page that has crashed has not been replaced yet. */
  async #seenPage(): Promise<Page | null> {
    const { windows, debuggingAddress } = await this.view()
    const shown = windows.find(({ isVisible, targetId, url }) => isVisible && targetId !== '' && url !== '')
    if (debuggingAddress === null || shown === undefined) return null
    await this.#browser?.close()
    this.#browser = await chromium.connectOverCDP(debuggingAddress, { timeout: PATIENCE_MS })
    for (const context of this.#browser.contexts()) {
      context.setDefaultTimeout(PATIENCE_MS)
      context.on('page', page => void closePopup(page))
      for (const page of context.pages()) if ((await targetOf(page)) === shown.targetId) return page
    }
    return null
  }

  async closeWindow(): Promise<void> {
    const { windows } = await this.view()
    const [window] = windows
    if (window !== undefined) await this.command({ verb: 'close-window', id: window.id })
  }

  /** The exit code, once SIGTERM has been sent: what a session that ends sends. */
  async terminate(): Promise<number | string> {
    this.#child.kill('SIGTERM')
    return this.ended()
  }

  /** Its exit code; kills what does not end. */
  async ended(): Promise<number | string> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
    const code = await this.exited
    clearTimeout(timer)
    await this.#browser?.close().catch(() => {})
    return code
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }

  #take(answer: Answer): void {
    if ('lastView' in answer) {
      this.#lastView = answer.lastView
      return
    }
    this.#waiting.get(answer.id)?.(answer)
    this.#waiting.delete(answer.id)
  }
}

/** Variables of whoever runs the tests must not reach the app. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(
    name => !/^(?:FILE_SYNC_|LOCKSTEP_|NODE_|VITEST|XDG_)/.test(name),
  )
  const kept = Object.fromEntries(names.map(name => [name, process.env[name]]))
  const ours = ['LOCKSTEP_CHROMIUM', 'LOCKSTEP_TEST_PAGE_SLOWDOWN'].filter(name => name in process.env)
  return { ...kept, ...Object.fromEntries(ours.map(name => [name, process.env[name]])) }
}

async function targetOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page)
  const { targetInfo } = await session.send('Target.getTargetInfo')
  await session.detach()
  return targetInfo.targetId
}

/**
 * A window that a page has opened, which Electron would not have made. Closed here and not by the stand-in: Chromium
 * holds it, and the page that opened it, until Playwright has looked at it; closed before, it would hold that page
 * for ever.
 */
async function closePopup(page: Page): Promise<void> {
  if ((await page.opener()) !== null) await page.close()
}
