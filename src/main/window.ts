/**
 * The one window: made when it is first shown, hidden when it is closed, brought back where it was. Survives its
 * page's crash.
 */
import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme, screen } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import { APP_ORIGIN } from './app-protocol.ts'
import { CrashCount } from './crash-count.ts'
import { NAME } from './identity.ts'
import { OVERVIEW, type Place, placeHash } from './place.ts'
import { fitBounds, readBounds, SMALLEST, writeBounds } from './window-bounds.ts'

export interface MainWindowOptions {
  readonly home: string
  readonly icon: string
  readonly log: Log
  /** The person closes it; the window stays as it is until somebody hides it. */
  readonly onClose: () => void
  /** The page has crashed too often to be loaded again by itself. */
  readonly onHopeless: () => void
  /** Windows ends the session. It tells windows alone, and goes on without waiting for them. */
  readonly onSessionEnd: () => void
}

/** As the page's background, so that nothing flashes before it is drawn. */
const BACKGROUND = { light: '#fcfcfd', dark: '#121417' } as const
/** A window that is moved tells of it many times; its place is kept when it rests, in milliseconds. */
const REST_MS = 500

export class MainWindow {
  readonly #options: MainWindowOptions
  readonly #crashes = new CrashCount()
  #window: BrowserWindow | null = null
  #keeping: NodeJS.Timeout | null = null
  #overlay: { image: Electron.NativeImage | null; description: string } | null = null
  #isEnding = false

  constructor(options: MainWindowOptions) {
    this.#options = options
  }

  /** Id of its page; null while there is none. */
  get pageId(): number | null {
    return this.#window?.webContents.id ?? null
  }

  get isVisible(): boolean {
    return this.#window?.isVisible() ?? false
  }

  /** For dialogs to belong to; undefined where nobody sees it. */
  get visible(): BrowserWindow | undefined {
    return this.isVisible ? (this.#window ?? undefined) : undefined
  }

  /** In front of the person, at that place or where it was. */
  show(place: Place | null = null): void {
    const window = this.#window ?? this.#create(place ?? OVERVIEW)
    if (place !== null) this.#load(window, place)
    if (window.isMinimized()) window.restore()
    app.dock?.show().catch(() => {})
    window.show()
    window.focus()
  }

  /** For when nothing else shows that the app runs: a window that is minimised can be found. */
  ensureReachable(): void {
    if (!this.isVisible && !(this.#window?.isMinimized() ?? false)) this.show()
  }

  hide(): void {
    this.#window?.hide()
    app.dock?.hide()
  }

  minimize(): void {
    this.#window?.minimize()
  }

  /** Windows' badge over the task bar's button; null takes it away. Kept for a window that is made later. */
  setOverlay(image: Electron.NativeImage | null, description: string): void {
    this.#overlay = { image, description }
    this.#window?.setOverlayIcon(image, description)
  }

  end(): void {
    this.#isEnding = true
    this.#keepBounds()
    this.#window?.destroy()
  }

  reload(): void {
    this.#crashes.forget()
    this.#window?.reload()
  }

  #create(place: Place): BrowserWindow {
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
    const { x, y, width, height, isMaximized } = fitBounds(readBounds(this.#options.home), areas)
    const window = new BrowserWindow({
      show: false,
      ...(x === null || y === null ? {} : { x, y }),
      width,
      height,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      title: NAME,
      icon: this.#options.icon,
      backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
      autoHideMenuBar: true,
      webPreferences: {
        preload: join(import.meta.dirname, '../preload/index.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    })
    this.#window = window
    if (isMaximized) window.maximize()
    if (this.#overlay !== null) window.setOverlayIcon(this.#overlay.image, this.#overlay.description)
    this.#follow(window)
    this.#load(window, place)
    return window
  }

  #follow(window: BrowserWindow): void {
    const rest = (): void => {
      if (this.#keeping !== null) clearTimeout(this.#keeping)
      this.#keeping = setTimeout(() => this.#keepBounds(), REST_MS)
    }
    window.on('resize', rest)
    window.on('move', rest)
    window.on('maximize', rest)
    window.on('unmaximize', rest)
    window.on('close', event => {
      if (this.#isEnding) return
      event.preventDefault()
      this.#keepBounds()
      this.#options.onClose()
    })
    window.on('session-end', () => this.#options.onSessionEnd())
    window.on('closed', () => {
      if (this.#window === window) this.#window = null
    })
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit' || this.#isEnding) return
      this.#options.log.error('the page has crashed', { error: reason, exitCode })
      if (this.#crashes.add(Date.now())) window.reload()
      else this.#options.onHopeless()
    })
    window.webContents.on('unresponsive', () => this.#options.log.error('the page does not answer'))
  }

  /** The same page at another place is no load: it hears of the change of its address. */
  #load(window: BrowserWindow, place: Place): void {
    window.loadURL(`${APP_ORIGIN}/${placeHash(place)}`).catch((error: unknown) => {
      // One that is overtaken by the next is aborted.
      this.#options.log.info('the page did not load', { reason: String(error) })
    })
  }

  #keepBounds(): void {
    if (this.#keeping !== null) clearTimeout(this.#keeping)
    this.#keeping = null
    const window = this.#window
    if (window === null || window.isDestroyed()) return
    writeBounds(this.#options.home, { ...window.getNormalBounds(), isMaximized: window.isMaximized() })
  }
}
