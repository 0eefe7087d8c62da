/** Electron's view of a page: what it does becomes events that the app may refuse. */
import type { HandlerDetails, WindowOpenHandlerResponse } from 'electron'
import { originOf } from './address.ts'
import { app } from './app.ts'
import { makeCodec } from './clone.ts'
import { desktop } from './desktop.ts'
import { fault, GuardedEmitter, guard, inner, preventable } from './guarded.ts'
import type { FromPage } from './in-page.ts'
import { ipcEvent, ipcMain } from './ipc-main.ts'
import { type MessagePortMain, takePorts } from './message-port.ts'
import { LoadError, Page, type PageHost, type PageOptions } from './page.ts'
import { Ports } from './far-ports.ts'
import { session } from './session.ts'
import { WebFrameMain } from './web-frame.ts'

const EVENTS = [
  'will-navigate',
  'will-frame-navigate',
  'will-redirect',
  'will-attach-webview',
  'did-finish-load',
  'did-fail-load',
  'did-navigate',
  'did-navigate-in-page',
  'dom-ready',
  'preload-error',
  'render-process-gone',
  'unresponsive',
  'responsive',
  'destroyed',
] as const

const codec = makeCodec()
let lastId = 0

export class WebContents extends GuardedEmitter {
  readonly id: number
  readonly mainFrame: WebFrameMain
  readonly #page: Page
  readonly #ports: Ports
  #url = ''
  #isCrashed = false
  #crashes = 0
  #isDestroyed = false
  #onOpen: ((details: HandlerDetails) => WindowOpenHandlerResponse) | null = null

  constructor(options: PageOptions) {
    super('webContents', EVENTS)
    lastId += 1
    this.id = lastId
    this.mainFrame = new WebFrameMain(this.id, () => this.#url)
    this.#page = new Page(this.#host(), options)
    this.#ports = new Ports(message => this.#page.post(message), 'even')
    app.emit('web-contents-created', preventable('Event', {}), this)
  }

  get session() {
    return session.defaultSession
  }

  async loadURL(url: string, options?: Electron.LoadURLOptions): Promise<void> {
    if (options !== undefined) throw fault('the stand-in has loadURL without options only')
    this.#isCrashed = false
    try {
      await this.#page.load(url)
    } catch (error) {
      if (!(error instanceof LoadError) || this.#isDestroyed) throw error
      const { errno, code } = error
      this.emit('did-fail-load', preventable('Event', {}), errno, code, url, true, this.id, this.id)
      throw error
    }
  }

  reload(): void {
    this.#isCrashed = false
    this.#page.reload()
  }

  getURL(): string {
    return this.#url
  }

  isCrashed(): boolean {
    return this.#isCrashed
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.#onOpen = handler
  }

  send(channel: string, ...args: unknown[]): void {
    this.#page.post({ type: 'message', channel, args: codec.encode(args), ports: [] })
  }

  postMessage(channel: string, message: unknown, transfer?: MessagePortMain[]): void {
    const args = codec.encode([message])
    this.#page.post({ type: 'message', channel, args, ports: this.#ports.send(takePorts(transfer)) })
  }

  get [inner]() {
    return {
      targetId: this.#page.targetId,
      crashes: this.#crashes,
      crash: () => this.#page.crash(),
      close: () => this.#close(),
    }
  }

  #close(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#ports.closeAll()
    this.#page.close()
    this.emit('destroyed')
  }

  #host(): PageHost {
    return {
      mayNavigate: (url, isMainFrame) => this.#mayNavigate(url, isMainFrame),
      answer: request => session.defaultSession[inner].answer(request),
      prepare: connection => session.defaultSession[inner].impose(connection, originOf(this.#url)),
      opens: (url, frameName, features) => this.#opens(url, frameName, features),
      downloads: url => {
        if (session.defaultSession[inner].download(url)) throw fault(`a page downloads ${url}`)
        desktop.refusals.push({ what: 'download', url })
      },
      heard: message => this.#hear(message),
      preloadFailed: (path, error) => {
        process.stderr.write(`Unable to load preload script: ${path}\n${error.message}\n`)
        // Listeners are added after the window has been made.
        setImmediate(() => this.emit('preload-error', preventable('Event', {}), path, error))
      },
      moved: url => this.#moved(url),
      ready: () => this.emit('dom-ready'),
      loaded: () => this.emit('did-finish-load'),
      documentGone: () => this.#ports.closeAll(),
      crashed: () => {
        this.#isCrashed = true
        this.#crashes += 1
        const details = guard('RenderProcessGoneDetails', { reason: 'crashed', exitCode: 139 })
        this.emit('render-process-gone', preventable('Event', {}), details)
      },
      closed: () => this.#close(),
    }
  }

  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    const fields = { url, isMainFrame, isSameDocument: false, frame: isMainFrame ? this.mainFrame : null }
    const event = preventable('navigation details', { ...fields, initiator: this.mainFrame })
    this.emit('will-frame-navigate', event)
    if (!event.defaultPrevented && isMainFrame)
      this.emit('will-navigate', event, url, false, true, this.id, this.id)
    if (event.defaultPrevented) desktop.refusals.push({ what: 'navigation', url })
    return !event.defaultPrevented
  }

  #moved(url: string): void {
    const isInPage = url.split('#')[0] === this.#url.split('#')[0] && this.#url !== ''
    this.#url = url
    if (isInPage) this.emit('did-navigate-in-page', preventable('Event', {}), url, true, this.id, this.id)
    else this.emit('did-navigate', preventable('Event', {}), url, 200, 'OK')
  }

  #opens(url: string, frameName: string, features: readonly string[]): void {
    const details = { url, frameName, features: features.join(','), disposition: 'foreground-tab' as const }
    const referrer = { url: this.#url, policy: 'default' as const }
    const answer = this.#onOpen?.({ ...details, referrer }) ?? { action: 'allow' as const }
    if (answer.action !== 'deny') throw fault(`a page opens a window: ${url}`)
    desktop.refusals.push({ what: 'window', url })
  }

  #hear(message: FromPage): void {
    switch (message.type) {
      case 'message': {
        const ports = this.#ports.arrive(message.ports)
        const args = codec.decode(message.args) as unknown[]
        ipcMain.emit(message.channel, this.#event(ports), ...args)
        return
      }
      case 'invoke':
        void this.#answer(message.id, message.channel, codec.decode(message.args) as unknown[])
        return
      case 'port-message':
        return this.#ports.heard(message.port, message.data, message.ports)
      case 'port-close':
        return this.#ports.closed(message.port)
      case 'preload-error':
        this.emit('preload-error', preventable('Event', {}), '', new Error(message.message))
        return
      case 'fault':
        fault(message.text)
    }
  }

  #event(ports: readonly MessagePortMain[]) {
    const { id, mainFrame } = this
    return ipcEvent({ sender: this, senderFrame: mainFrame, ports, frameId: id, processId: id })
  }

  async #answer(id: number, channel: string, args: readonly unknown[]): Promise<void> {
    try {
      const value = codec.encode(await ipcMain[inner](this.#event([]), channel, args))
      this.#page.post({ type: 'answer', id, error: null, value })
    } catch (error) {
      const text = `Error invoking remote method '${channel}': ${String(error)}`
      this.#page.post({ type: 'answer', id, error: text, value: '' })
    }
  }
}
