/**
 * One page of a real Chromium: its loads, the requests it makes, the world of its preload. Knows Chromium's
 * protocol and nothing of Electron; what a page may do, its host decides.
 */
import { randomUUID } from 'node:crypto'
import { fromPage, toPage } from './address.ts'
import { type CdpConnection, CdpError, type Fields, ignoreEnd } from './cdp.ts'
import { chromium } from './chromium.ts'
import { type FromPage, pageWorld, type ToPage } from './in-page.ts'
import { preloadScript } from './preload-script.ts'

export interface PageRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly resourceType: string
  readonly isMainFrame: boolean
}

/** What it gets for an answer, or the reason of Chromium's for which it fails. */
export type PageAnswer =
  | {
      readonly status: number
      readonly headers: readonly (readonly [string, string])[]
      readonly body: Buffer
    }
  | { readonly failed: 'BlockedByClient' | 'Failed' | 'InternetDisconnected' | 'Aborted' }

export interface PageHost {
  /** Asked for each load that the page itself begins. */
  mayNavigate(url: string, isMainFrame: boolean): boolean
  answer(request: PageRequest): Promise<PageAnswer>
  /** Before the first page; what it may do is told to Chromium then. */
  prepare(connection: CdpConnection): Promise<void>
  opens(url: string, frameName: string, features: readonly string[]): void
  downloads(url: string): void
  heard(message: FromPage): void
  preloadFailed(path: string, error: Error): void
  moved(url: string): void
  ready(): void
  loaded(): void
  documentGone(): void
  crashed(): void
  closed(): void
}

export interface PageOptions {
  readonly width: number
  readonly height: number
  /** Absolute; null without one. */
  readonly preload: string | null
}

/** To see that tests hold where pages are slow: how many times slower than they could be. */
const SLOWDOWN = Number(process.env['LOCKSTEP_TEST_PAGE_SLOWDOWN'] ?? 1)

const WORLD = 'Electron Isolated Context'
const BINDING = '__electronStandIn'

/** Chromium's names of what went wrong with a load, with Electron's numbers. */
const ERROR_CODES: Readonly<Record<string, number>> = {
  ERR_ABORTED: -3,
  ERR_BLOCKED_BY_CLIENT: -20,
  ERR_FAILED: -2,
  ERR_INTERNET_DISCONNECTED: -106,
  ERR_UNKNOWN_URL_SCHEME: -302,
}

export class LoadError extends Error {
  readonly errno: number
  readonly code: string

  constructor(code: string, url: string) {
    const errno = ERROR_CODES[code] ?? -2
    super(`${code} (${errno}) loading '${url}'`)
    this.code = code
    this.errno = errno
  }
}

export class Page {
  targetId = ''
  readonly #host: PageHost
  readonly #options: PageOptions
  readonly #opened: Promise<void>
  #connection: CdpConnection | null = null
  #session = ''
  /** The contexts of the preload's world by number: which frame's, and the name that is never used again. */
  readonly #worlds = new Map<number, { readonly frame: string; readonly uniqueId: string }>()
  /** Loads that the main process began and that have not got to the network yet. */
  #own = 0
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  #isClosed = false

  constructor(host: PageHost, options: PageOptions) {
    this.#host = host
    this.#options = options
    this.#opened = this.#open()
    this.#opened.catch((error: unknown) => {
      if (!this.#isClosed) throw error
    })
  }

  /** Resolves when all is loaded, or at once where only the place in the document changes. */
  async load(url: string): Promise<void> {
    await this.#opened
    const loaded = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    loaded.catch(() => {})
    this.#own += 1
    try {
      const { errorText, loaderId } = await this.#send('Page.navigate', { url: toPage(url) })
      if (typeof errorText === 'string') throw new LoadError(errorText.replace('net::', ''), url)
      if (loaderId !== undefined) await loaded
    } finally {
      this.#own -= 1
    }
  }

  reload(): void {
    this.#own += 1
    this.#tell('Page.reload')
  }

  crash(): void {
    this.#tell('Page.crash')
  }

  close(): void {
    this.#isClosed = true
    if (this.targetId === '') return
    this.#connection?.send('Target.closeTarget', { targetId: this.targetId }).catch(ignoreEnd)
  }

  /** Lost where the preload's world is gone, as a message to a page that is being left. */
  post(message: ToPage): void {
    const world = [...this.#worlds.values()].find(({ frame }) => frame === this.targetId)
    if (world === undefined) return
    const expression = `globalThis.${BINDING}Receive(${JSON.stringify(message)})`
    this.#tell('Runtime.evaluate', { expression, uniqueContextId: world.uniqueId })
  }

  async #open(): Promise<void> {
    const connection = chromium()
    this.#connection = connection
    await this.#host.prepare(connection)
    const { width, height } = this.#options
    const made = await connection.send('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
      width,
      height,
    })
    this.targetId = String(made['targetId'])
    const { targetId } = this
    const attached = await connection.send('Target.attachToTarget', { targetId, flatten: true })
    this.#session = String(attached['sessionId'])
    connection.listen(this.#session, (method, params) => this.#hear(method, params))
    const eventName = randomUUID()
    await Promise.all([
      ...['Page', 'Runtime', 'Inspector'].map(domain => this.#send(`${domain}.enable`)),
      this.#send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', {
        source: `(${String(pageWorld)})('${eventName}')`,
      }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', {
        source: this.#preload(eventName),
        worldName: WORLD,
      }),
      this.#send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      this.#send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN }),
    ])
  }

  /** Without one its world is empty. */
  #preload(eventName: string): string {
    const { preload: path } = this.#options
    if (path === null) return ''
    try {
      return preloadScript({ path, binding: BINDING, eventName })
    } catch (error) {
      this.#host.preloadFailed(path, error instanceof Error ? error : new Error(String(error)))
      return ''
    }
  }

  #hear(method: string, params: Fields): void {
    switch (method) {
      case 'Fetch.requestPaused':
        this.#answer(params).catch(ignoreEnd)
        return
      case 'Runtime.executionContextCreated':
        return this.#addWorld(params['context'] as ContextCreated)
      case 'Runtime.executionContextsCleared':
        this.#worlds.clear()
        return this.#host.documentGone()
      case 'Runtime.bindingCalled': {
        const world = this.#worlds.get(Number(params['executionContextId']))
        if (world?.frame === this.targetId)
          this.#host.heard(JSON.parse(String(params['payload'])) as FromPage)
        return
      }
      case 'Page.frameNavigated': {
        const frame = params['frame'] as {
          readonly id: string
          readonly url: string
          readonly urlFragment?: string
        }
        if (frame.id === this.targetId) this.#host.moved(fromPage(frame.url + (frame.urlFragment ?? '')))
        return
      }
      case 'Page.navigatedWithinDocument':
        if (params['frameId'] === this.targetId) this.#host.moved(fromPage(String(params['url'])))
        return
      case 'Page.frameRequestedNavigation':
        return this.#askForeign(params)
      case 'Page.windowOpen':
        return this.#host.opens(
          fromPage(String(params['url'])),
          String(params['windowName']),
          params['windowFeatures'] as readonly string[],
        )
      case 'Page.downloadWillBegin':
        return this.#host.downloads(fromPage(String(params['url'])))
      case 'Page.domContentEventFired':
        return this.#host.ready()
      case 'Page.loadEventFired':
        for (const { resolve } of this.#waiting.splice(0)) resolve()
        return this.#host.loaded()
      case 'Inspector.targetCrashed':
        this.#worlds.clear()
        for (const { reject } of this.#waiting.splice(0)) reject(new LoadError('ERR_FAILED', ''))
        this.#host.documentGone()
        return this.#host.crashed()
      case 'Target.detachedFromTarget':
        this.#worlds.clear()
        this.#host.documentGone()
        if (!this.#isClosed) this.#host.closed()
    }
  }

  #addWorld({ id, uniqueId, name, auxData }: ContextCreated): void {
    if (name === WORLD) this.#worlds.set(id, { frame: auxData.frameId, uniqueId })
  }

  /** A load of a scheme that Chromium does not know never becomes a request; here it would reach the app's handler. */
  #askForeign({ url, frameId, disposition }: Fields): void {
    const isRequest = /^(?:https?|file|data|blob|about|javascript):/i.test(String(url))
    if (!isRequest && disposition === 'currentTab')
      this.#host.mayNavigate(fromPage(String(url)), frameId === this.targetId)
  }

  async #answer(params: Fields): Promise<void> {
    const { requestId, resourceType, frameId } = params
    const request = params['request'] as {
      readonly url: string
      readonly urlFragment?: string
      readonly method: string
      readonly headers: Record<string, string>
      readonly postData?: string
    }
    const isMainFrame = resourceType === 'Document' && frameId === this.targetId
    const url = fromPage(request.url + (request.urlFragment ?? ''))
    if (resourceType === 'Document' && !this.#isAllowed(url, isMainFrame)) {
      await this.#send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      return
    }
    const answer = await this.#host.answer({
      url: fromPage(request.url),
      method: request.method,
      headers: request.headers,
      body: request.postData ?? null,
      resourceType: String(resourceType),
      isMainFrame,
    })
    if ('failed' in answer) {
      await this.#send('Fetch.failRequest', { requestId, errorReason: answer.failed })
      return
    }
    await this.#send('Fetch.fulfillRequest', {
      requestId,
      responseCode: answer.status,
      responseHeaders: answer.headers.map(([name, value]) => ({ name, value })),
      body: answer.body.toString('base64'),
    })
  }

  #isAllowed(url: string, isMainFrame: boolean): boolean {
    if (!isMainFrame || this.#own === 0) return this.#host.mayNavigate(url, isMainFrame)
    return true
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    if (this.#connection === null) return Promise.reject(new CdpError(`${method}: there is no page`))
    return this.#connection.send(method, params, this.#session)
  }

  #tell(method: string, params: Fields = {}): void {
    this.#opened.then(() => this.#send(method, params)).catch(ignoreEnd)
  }
}

interface ContextCreated {
  readonly id: number
  readonly uniqueId: string
  readonly name: string
  readonly auxData: { readonly frameId: string }
}
