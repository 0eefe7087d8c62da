/**
 * New versions, where whoever packed the app named a feed (docs/packaging.md). Asked twice: before the download,
 * and before the restart. Packages of a system's own package management are none of our business.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog, type MessageBoxOptions } from 'electron'
import type { AppUpdater } from 'electron-updater'
import type { Log } from '../engine/ports/log.ts'
import { errorStack } from '../host/error-stack.ts'
import { isSafeFeed } from './update-feed.ts'
import { NAME } from './identity.ts'

export interface UpdatesOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Before the new version takes this one's place. */
  readonly end: () => Promise<void>
}

/** The start belongs to the folders, in milliseconds. */
const FIRST_MS = 60_000
const EVERY_MS = 24 * 60 * 60_000

export class Updates {
  readonly #options: UpdatesOptions
  #updater: Promise<AppUpdater> | null = null
  /** The person has said "not now" to this version. */
  #declined: string | null = null
  #isBusy = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Whether there is a feed, and a package that can be replaced by it. */
  get areOffered(): boolean {
    const { env } = this.#options
    const canReplace = process.platform !== 'linux' || (env['APPIMAGE'] ?? '') !== ''
    return app.isPackaged && canReplace && isSafeFeed(readFeed())
  }

  start(): void {
    if (!this.areOffered) return
    setTimeout(() => this.#lookQuietly(), FIRST_MS).unref()
    setInterval(() => this.#lookQuietly(), EVERY_MS).unref()
  }

  /** The person asks, and hears whatever comes of it. */
  check(): void {
    this.#declined = null
    void this.#attempt(async () => {
      if (!(await this.#look())) await say({ type: 'info', message: `${NAME} is up to date.` })
    }, true)
  }

  #lookQuietly(): void {
    void this.#attempt(async () => {
      await this.#look()
    }, false)
  }

  /** Only one at a time. A feed that does not answer is an error only for whoever asked. */
  async #attempt(work: () => Promise<void>, isAsked: boolean): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await work()
    } catch (error) {
      this.#options.log.info('new versions could not be looked for', { reason: errorStack(error) })
      if (isAsked) await say({ type: 'warning', message: 'New versions could not be looked for. Try later.' })
    } finally {
      this.#isBusy = false
    }
  }

  /** False where there is none. */
  async #look(): Promise<boolean> {
    const updater = await this.#load()
    const found = await updater.checkForUpdates()
    if (found?.isUpdateAvailable !== true) return false
    const { version } = found.updateInfo
    if (this.#declined === version) return true
    if (!(await agrees(`${NAME} ${version} is there.`, 'You have %.', ['Download', 'Not now']))) {
      this.#declined = version
      return true
    }
    await updater.downloadUpdate()
    const restart = await agrees(`${NAME} ${version} is ready.`, RESTART, ['Restart now', 'Later'])
    if (!restart) {
      updater.autoInstallOnAppQuit = true
      return true
    }
    await this.#options.end()
    updater.quitAndInstall()
    return true
  }

  #load(): Promise<AppUpdater> {
    this.#updater ??= import('electron-updater').then(({ autoUpdater }) => {
      const { log } = this.#options
      const note = (message: unknown): void => log.info('updater', { message: String(message) })
      autoUpdater.logger = { info: note, warn: note, error: note }
      autoUpdater.autoDownload = false
      autoUpdater.autoInstallOnAppQuit = false
      // Without a listener it would be thrown, and it rejects what was asked as well.
      autoUpdater.on('error', () => {})
      return autoUpdater
    })
    return this.#updater
  }
}

/** As electron-builder has written it; empty where there is none. */
function readFeed(): string {
  try {
    return readFileSync(join(process.resourcesPath, 'app-update.yml'), 'utf8')
  } catch {
    return ''
  }
}

const RESTART = 'It takes this one’s place when Lockstep restarts. What is under way is finished before.'

async function agrees(message: string, detail: string, buttons: [string, string]): Promise<boolean> {
  const text = detail.replace('%', app.getVersion())
  const { response } = await say({
    type: 'question',
    message,
    detail: text,
    buttons,
    defaultId: 0,
    cancelId: 1,
  })
  return response === 0
}

function say(options: MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> {
  return dialog.showMessageBox({ title: NAME, noLink: true, ...options })
}
