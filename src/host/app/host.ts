/**
 * The host of many folders: everything behind the contract, put together. The desktop app and the daemon each
 * make one, and show it in their way. One for each LOCKSTEP_HOME: the caller holds the instance (instance.ts).
 */
import { homedir, hostname } from 'node:os'
import type { Settings, SettingsPatch } from '../../contract/settings.ts'
import type { About } from '../../contract/shell.ts'
import type { AppState } from '../../contract/state.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Log } from '../../engine/ports/log.ts'
import { lockstepHome, logFolder } from '../../platform/home.ts'
import { errorMessage } from '../../platform/os-error.ts'
import { confirmHost, usesHost } from '../confirmed-places.ts'
import { Activity } from './activity.ts'
import { AppFile } from './app-file.ts'
import { Folders } from './folders.ts'
import { openHostLog } from './host-log.ts'
import { Notices } from './notices.ts'
import { Plans } from './plans.ts'
import type { ShellPort } from './shell-port.ts'
import { StateFeed } from './state-feed.ts'
import { Walks } from './walk.ts'

export interface HostOptions {
  /** The real environment: its variables win over each project's .env; LOCKSTEP_HOME counts here alone. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly shell: ShellPort
  /** Says who holds the folders, to whoever finds them held. */
  readonly command: string
  /** Hears what goes to the log on the disk, too. */
  readonly log: Log | null
}

const DAY_MS = 24 * 60 * 60_000
const MEGABYTE = 1024 * 1024

export class Host {
  readonly env: HostOptions['env']
  readonly home: string
  readonly log: Log
  readonly shell: ShellPort
  readonly folders: Folders
  readonly activity: Activity
  readonly notices: Notices
  readonly feed: StateFeed
  readonly plans = new Plans()
  readonly walks = new Walks()
  readonly startedAt = Date.now()
  readonly #file: AppFile

  constructor({ env, shell, command, log }: HostOptions) {
    this.env = env
    this.shell = shell
    this.home = lockstepHome(env)
    let level: () => Settings['logLevel'] = () => 'info'
    this.log = openHostLog(this.home, log, () => level())
    this.#file = new AppFile(this.home, this.log)
    level = () => this.settings.logLevel
    this.activity = new Activity(this.home, this.log)
    this.notices = new Notices(() => this.settings.notifications)
    this.feed = new StateFeed(() => this.state())
    this.folders = new Folders(this.#file, this.feed, {
      env,
      home: this.home,
      command,
      log: this.log,
      activity: this.activity,
      notices: this.notices,
      retention: () => ({
        maxAgeMs: this.settings.history.days * DAY_MS,
        maxBytes: this.settings.history.megabytes * MEGABYTE,
      }),
    })
  }

  get settings(): Settings {
    return this.#file.now.settings
  }

  /** Starts the folders that are not paused. */
  start(): void {
    this.folders.start().catch((error: unknown) => {
      this.log.error('the folders could not be started', { error: errorMessage(error) })
    })
  }

  /** A person agrees that secrets of this environment go there, for each folder that syncs with it. */
  confirmHost(named: string): void {
    for (const { project } of this.folders.list()) {
      if (project === null || !usesHost(project, named) || !confirmHost(project, this.env, named)) continue
      this.log.info('a person has agreed to a host', { folder: project.folder, host: named })
    }
  }

  state(): AppState {
    return {
      folders: this.folders.list().map(entry => entry.view()),
      pausedAll: this.folders.pausedAll,
      settings: this.settings,
      shell: this.shell.info,
      device: hostname(),
      home: homedir(),
    }
  }

  async setSettings(patch: SettingsPatch): Promise<Settings> {
    const before = this.settings
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
    const settings: Settings = { ...before, ...given }
    if (settings.startAtLogin !== before.startAtLogin) {
      await this.shell.setStartAtLogin?.(settings.startAtLogin)
    }
    this.#file.change({ settings })
    await this.folders.retain()
    this.feed.mark('settings', () => ({ type: 'settings', settings: this.settings }))
    return settings
  }

  about(): About {
    return {
      version: packageJson.version,
      node: process.versions.node,
      platform: process.platform,
      home: this.home,
      logFolder: logFolder(this.home),
      startedAt: this.startedAt,
      license: packageJson.license,
    }
  }

  /** Stops the engines, which flush what they have under way, and closes everything. */
  async close(): Promise<void> {
    await this.folders.close()
    this.feed.close()
    this.notices.close()
    this.activity.close()
  }
}
