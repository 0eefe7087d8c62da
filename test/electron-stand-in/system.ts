/** The small modules: the system's programs, power, colours, screens. */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { CrashReporterStartOptions, Display, OpenExternalOptions } from 'electron'
import { desktop } from './desktop.ts'
import { fault, GuardedEmitter, guard, inner, onlyKnown } from './guarded.ts'
import { mustBeReady } from './ready.ts'

export const shell = guard('shell', {
  /** Resolves with what went wrong, or with nothing. */
  openPath(path: string): Promise<string> {
    if (!isAbsolute(path) || !existsSync(path)) return Promise.resolve('Failed to open path')
    desktop.openedPaths.push(path)
    return Promise.resolve('')
  },
  showItemInFolder(fullPath: string): void {
    if (isAbsolute(fullPath)) desktop.revealedPaths.push(fullPath)
  },
  openExternal(url: string, options?: OpenExternalOptions): Promise<void> {
    if (options !== undefined) throw fault('the stand-in has openExternal without options only')
    if (!URL.canParse(url)) return Promise.reject(new TypeError('Invalid URL'))
    desktop.externalUrls.push(url)
    return Promise.resolve()
  },
})

class PowerMonitor extends GuardedEmitter {
  constructor() {
    super('powerMonitor', [
      'suspend',
      'resume',
      'shutdown',
      'lock-screen',
      'unlock-screen',
      'on-ac',
      'on-battery',
    ])
  }
}
export const powerMonitor = new PowerMonitor()

class NativeTheme extends GuardedEmitter {
  #source: 'system' | 'light' | 'dark' = 'system'

  constructor() {
    super('nativeTheme', ['updated'])
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'system' ? desktop.isDark : this.#source === 'dark'
  }

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.#source
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    if (!['system', 'light', 'dark'].includes(source)) throw new TypeError(`${source} is no theme source`)
    this.#change(() => {
      this.#source = source
    })
  }

  /** The system's own setting changes. */
  [inner](isDark: boolean): void {
    this.#change(() => {
      desktop.isDark = isDark
    })
  }

  #change(change: () => void): void {
    const before = [this.#source, this.shouldUseDarkColors]
    change()
    const isSame = before[0] === this.#source && before[1] === this.shouldUseDarkColors
    if (!isSame) setImmediate(() => this.emit('updated'))
  }
}
export const nativeTheme = new NativeTheme()

const AREA = { x: 0, y: 0, width: 1920, height: 1080 }

class Screen extends GuardedEmitter {
  constructor() {
    super('screen', ['display-added', 'display-removed', 'display-metrics-changed'])
  }

  getAllDisplays(): Display[] {
    return [this.getPrimaryDisplay()]
  }

  getPrimaryDisplay(): Display {
    mustBeReady(`The 'screen' module can't be used before the app 'ready' event`)
    const display = {
      id: 1,
      bounds: AREA,
      workArea: { ...AREA, y: 32, height: AREA.height - 32 },
      scaleFactor: 1,
      rotation: 0,
      internal: false,
    }
    return guard('Display', display) as Display
  }
}
export const screen = new Screen()

export const systemPreferences = guard('systemPreferences', {
  /** Of Windows and macOS; elsewhere it says that everything moves. */
  getAnimationSettings: () =>
    guard('AnimationSettings', {
      shouldRenderRichAnimation: true,
      scrollAnimationsEnabledBySystem: true,
      prefersReducedMotion: false,
    }),
})

const REPORTER_OPTIONS = [
  'uploadToServer',
  'submitURL',
] as const satisfies readonly (keyof CrashReporterStartOptions)[]

export const crashReporter = guard('crashReporter', {
  start(options: CrashReporterStartOptions): void {
    onlyKnown('crashReporter.start', options, REPORTER_OPTIONS)
    if (options.uploadToServer !== false) throw new Error('crash reports would be sent away')
  },
})

/** Nothing of it is used in what runs here: development alone asks the network. */
export const net = guard('net', {})
