/** The app itself: when it is ready, where its folders are, and the order in which it ends. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { desktop } from './desktop.ts'
import { fault, GuardedEmitter, GuardedObject, inner, preventable } from './guarded.ts'
import { isReady, onReady } from './ready.ts'
import { SingleInstance } from './single-instance.ts'

/** What app.ts knows of a window, so that it need not know windows. */
export interface ClosableWindow {
  close(): void
  destroy(): void
  isDestroyed(): boolean
}

const EVENTS = [
  'will-finish-launching',
  'ready',
  'window-all-closed',
  'before-quit',
  'will-quit',
  'quit',
  'activate',
  'second-instance',
  'web-contents-created',
  'browser-window-created',
  'child-process-gone',
  'render-process-gone',
] as const

type PathName = Parameters<Electron.App['getPath']>[0]

interface PackageJson {
  readonly name?: string
  readonly productName?: string
  readonly version?: string
}

class CommandLine extends GuardedObject {
  readonly #switches = new Map<string, string>()

  constructor() {
    super('app.commandLine')
  }

  appendSwitch(the_switch: string, value?: string): void {
    if (the_switch !== the_switch.toLowerCase())
      throw fault(`Chromium's switches are in small letters: ${the_switch}`)
    this.#switches.set(the_switch, value ?? '')
  }

  hasSwitch(the_switch: string): boolean {
    return this.#switches.has(the_switch) || process.argv.includes(`--${the_switch}`)
  }

  getSwitchValue(the_switch: string): string {
    return this.#switches.get(the_switch) ?? ''
  }
}

class App extends GuardedEmitter {
  readonly commandLine: CommandLine = new CommandLine()
  /** macOS alone has one. */
  readonly dock: undefined = undefined
  readonly isPackaged: boolean = false
  readonly #windows = new Set<ClosableWindow>()
  readonly #paths = new Map<string, string>()
  #instance: SingleInstance | null = null
  #isQuitting = false
  #endProcess: (code: number) => void = code => process.exit(code)
  #root = ''
  #package: PackageJson = {}

  constructor() {
    super('app', EVENTS)
  }

  whenReady(): Promise<void> {
    return new Promise(resolve => {
      onReady(resolve)
    })
  }

  isReady(): boolean {
    return isReady()
  }

  getAppPath(): string {
    return this.#root
  }

  getName(): string {
    return this.#package.productName ?? this.#package.name ?? 'Electron'
  }

  getVersion(): string {
    return this.#package.version ?? ''
  }

  getPath(name: PathName): string {
    const path = this.#paths.get(name) ?? this.#usualPath(name)
    if (name === 'userData' || name === 'sessionData') mkdirSync(path, { recursive: true })
    return path
  }

  setPath(name: string, path: string): void {
    if (!isAbsolute(path)) throw new Error('Path must be absolute')
    if (!existsSync(path)) throw new Error(`the folder for app.setPath('${name}') does not exist: ${path}`)
    if (name === 'userData' && this.#instance !== null)
      throw fault('userData is set after the single instance lock was asked for')
    if (isReady()) throw fault(`app.setPath('${name}') after the app is ready has no effect on Chromium`)
    this.#paths.set(name, path)
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    this.#instance ??= new SingleInstance(this.getPath('userData'), start => {
      // Never before 'ready', whatever came when.
      onReady(() => {
        const { argv, workingDirectory } = start
        this.emit('second-instance', preventable('Event', {}), argv, workingDirectory, start.additionalData)
      })
    })
    return this.#instance.request({
      argv: process.argv,
      workingDirectory: process.cwd(),
      additionalData: additionalData ?? null,
    })
  }

  hasSingleInstanceLock(): boolean {
    return this.#instance?.isHeld ?? false
  }

  releaseSingleInstanceLock(): void {
    this.#instance?.release()
  }

  setDesktopName(name: string): void {
    if (process.platform !== 'linux') throw fault('app.setDesktopName is of Linux alone')
    if (!name.endsWith('.desktop')) throw fault(`a desktop name ends in .desktop, and ${name} does not`)
  }

  setBadgeCount(count?: number): boolean {
    if (count !== undefined && !Number.isInteger(count)) throw new TypeError('count must be an integer')
    desktop.badge = count ?? 0
    return true
  }

  getBadgeCount(): number {
    return desktop.badge
  }

  quit(): void {
    if (this.#isQuitting) return
    const event = preventable('Event', {})
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    this.#isQuitting = true
    for (const window of this.#windows) window.close()
    if (this.#windows.size > 0) this.#isQuitting = false
    else this.#finishQuitting()
  }

  /** At once: windows are not asked, and neither before-quit nor will-quit is emitted. */
  exit(exitCode?: number): void {
    this.#isQuitting = true
    for (const window of this.#windows) window.destroy()
    this.#end(exitCode ?? 0)
  }

  get [inner]() {
    return {
      start: (root: string, endProcess: (code: number) => void): void => {
        this.#root = root
        this.#endProcess = endProcess
        this.#package = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
      },
      opened: (window: ClosableWindow): void => {
        this.#windows.add(window)
      },
      closed: (window: ClosableWindow): void => this.#afterClosed(window),
    }
  }

  #afterClosed(window: ClosableWindow): void {
    if (!this.#windows.delete(window) || this.#windows.size > 0 || this.#isQuitting) return
    if (this.listenerCount('window-all-closed') === 0) this.quit()
    else this.emit('window-all-closed')
  }

  #finishQuitting(): void {
    const event = preventable('Event', {})
    this.emit('will-quit', event)
    if (event.defaultPrevented) this.#isQuitting = false
    else this.#end(0)
  }

  #end(code: number): void {
    this.emit('quit', preventable('Event', {}), code)
    this.#instance?.release()
    this.#endProcess(code)
  }

  #usualPath(name: PathName): string {
    const home = homedir()
    switch (name) {
      case 'home':
        return home
      case 'appData':
        return process.env['XDG_CONFIG_HOME'] ?? join(home, '.config')
      case 'sessionData':
        return this.getPath('userData')
      case 'userData':
        return join(this.getPath('appData'), this.getName())
      case 'crashDumps':
        return join(this.getPath('userData'), 'Crashpad')
      case 'logs':
        return join(this.getPath('userData'), 'logs')
      case 'temp':
        return tmpdir()
      case 'exe':
        return process.execPath
      default:
        throw fault(`the stand-in does not know app.getPath('${name}')`)
    }
  }
}

export const app = new App()
