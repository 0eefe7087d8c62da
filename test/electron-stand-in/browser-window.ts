/** Windows: their places, whether somebody sees them, and how they close. A real page lies in each. */
import type { BrowserWindowConstructorOptions, Rectangle, WebPreferences } from 'electron'
import { app } from './app.ts'
import { fault, GuardedEmitter, inner, onlyKnown, preventable } from './guarded.ts'
import { mustBeReady } from './ready.ts'
import { WebContents } from './web-contents.ts'

const OPTIONS = [
  'show',
  'x',
  'y',
  'width',
  'height',
  'minWidth',
  'minHeight',
  'title',
  'icon',
  'backgroundColor',
  'autoHideMenuBar',
  'webPreferences',
] as const satisfies readonly (keyof BrowserWindowConstructorOptions)[]

/** A page is only had with these; without them the stand-in would show less than Electron does. */
const SAFE = { sandbox: true, contextIsolation: true, nodeIntegration: false } as const

const PREFERENCES = [
  'preload',
  'sandbox',
  'contextIsolation',
  'nodeIntegration',
  'webSecurity',
  'spellcheck',
  'devTools',
] as const satisfies readonly (keyof WebPreferences)[]

const EVENTS = [
  'ready-to-show',
  'close',
  'closed',
  'show',
  'hide',
  'focus',
  'blur',
  'resize',
  'move',
  'maximize',
  'unmaximize',
  'minimize',
  'restore',
  // Of Windows alone; a test may say that it has come.
  'session-end',
] as const

let lastId = 0

export class BaseWindow extends GuardedEmitter {
  readonly id: number
  #bounds: Rectangle
  #isVisible = false
  #isFocused = false
  #isMinimized = false
  #isMaximized = false
  #isDestroyed = false

  constructor(options?: BrowserWindowConstructorOptions) {
    super('BrowserWindow', EVENTS)
    lastId += 1
    this.id = lastId
    const { x = 0, y = 0, width = 800, height = 600 } = options ?? {}
    for (const [name, value] of Object.entries({ x, y, width, height }))
      if (!Number.isInteger(value)) throw new TypeError(`${name} must be an integer, not ${value}`)
    this.#bounds = { x, y, width, height }
    app[inner].opened(this)
  }

  show(): void {
    this.showInactive()
    this.focus()
  }

  showInactive(): void {
    this.#mustLive()
    if (this.#isVisible) return
    this.#isVisible = true
    this.emit('show')
  }

  hide(): void {
    this.#mustLive()
    if (!this.#isVisible) return
    this.#isVisible = false
    this.#isFocused = false
    this.emit('hide')
  }

  focus(): void {
    this.#mustLive()
    if (this.#isFocused || !this.#isVisible || this.#isMinimized) return
    this.#isFocused = true
    this.emit('focus')
  }

  minimize(): void {
    this.#mustLive()
    this.#isMinimized = true
    this.#isFocused = false
    this.emit('minimize')
  }

  restore(): void {
    this.#mustLive()
    if (!this.#isMinimized) return
    this.#isMinimized = false
    this.emit('restore')
  }

  /** A hidden window is shown by it. */
  maximize(): void {
    this.showInactive()
    this.#isMaximized = true
    this.emit('maximize')
  }

  isVisible(): boolean {
    this.#mustLive()
    return this.#isVisible && !this.#isMinimized
  }

  isFocused(): boolean {
    this.#mustLive()
    return this.#isFocused
  }

  isMinimized(): boolean {
    this.#mustLive()
    return this.#isMinimized
  }

  isMaximized(): boolean {
    this.#mustLive()
    return this.#isMaximized
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  getBounds(): Rectangle {
    this.#mustLive()
    return { ...this.#bounds }
  }

  getNormalBounds(): Rectangle {
    this.#mustLive()
    return { ...this.#bounds }
  }

  setBounds(bounds: Partial<Rectangle>, animate?: boolean): void {
    this.#mustLive()
    if (animate === true) throw fault('the stand-in moves no window slowly')
    const before = this.#bounds
    this.#bounds = { ...before, ...bounds }
    const { x, y, width, height } = this.#bounds
    if (x !== before.x || y !== before.y) this.emit('move')
    if (width !== before.width || height !== before.height) this.emit('resize')
  }

  /** As a person closes it: the app may keep it. */
  close(): void {
    if (this.#isDestroyed) return
    const event = preventable('Event', {})
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#isVisible = false
    this.emit('closed')
    app[inner].closed(this)
  }

  #mustLive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed')
  }
}

const windows = new Set<BrowserWindow>()

export class BrowserWindow extends BaseWindow {
  readonly webContents: WebContents

  constructor(options?: BrowserWindowConstructorOptions) {
    mustBeReady('Cannot create BrowserWindow before app is ready')
    const given = options ?? {}
    onlyKnown('a BrowserWindow', given, OPTIONS)
    const preload = safePreload(given.webPreferences ?? {})
    super(given)
    const { width = 800, height = 600 } = given
    this.webContents = new WebContents({ width, height, preload })
    windows.add(this)
    app.emit('browser-window-created', preventable('Event', {}), this)
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'))
    this.webContents.once('destroyed', () => this.destroy())
    if (given.show !== false) this.show()
  }

  loadURL(url: string, options?: Electron.LoadURLOptions): Promise<void> {
    return this.webContents.loadURL(url, options)
  }

  reload(): void {
    this.webContents.reload()
  }

  override destroy(): void {
    windows.delete(this)
    this.webContents[inner].close()
    super.destroy()
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }
}

function safePreload(preferences: WebPreferences): string | null {
  onlyKnown('webPreferences', preferences, PREFERENCES)
  for (const [name, value] of Object.entries(SAFE)) {
    const set = preferences[name as keyof typeof SAFE]
    if (set !== undefined && set !== value) throw fault(`the stand-in has pages with ${name}: ${value} only`)
  }
  return preferences.preload ?? null
}
