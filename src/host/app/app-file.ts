/**
 * What the app itself remembers: which folders it keeps, in which order, which are paused, and its settings.
 * One small JSON file, written as a whole; belongs to one host at a time (instance.ts).
 */
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Settings } from '../../contract/settings.ts'
import { PausedAll } from '../../contract/state.ts'
import type { Log } from '../../engine/ports/log.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { errorCode, errorMessage } from '../../platform/os-error.ts'

const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  startAtLogin: false,
  notifications: { conflicts: true, holds: true, errors: true, recovery: true },
  history: { days: 30, megabytes: 500 },
  logLevel: 'info',
  closeExplained: false,
}

const KnownFolder = z.object({
  id: z.string(),
  /** The project's real path when it was added. */
  path: z.string(),
  isPaused: z.boolean().catch(false),
  isSample: z.boolean().catch(false),
})
export type KnownFolder = z.infer<typeof KnownFolder>

const Remembered = z.object({
  folders: z.array(KnownFolder),
  pausedAll: PausedAll.nullable().catch(null),
  settings: Settings.catch(DEFAULT_SETTINGS),
})
export type Remembered = z.infer<typeof Remembered>

const NAME = 'app.json'

export class AppFile {
  readonly #path: string
  #now: Remembered

  constructor(home: string, log: Log) {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    this.#path = join(home, NAME)
    this.#now = read(this.#path, log)
  }

  get now(): Remembered {
    return this.#now
  }

  /** Durable when it returns. */
  change(patch: Partial<Remembered>): void {
    const next = { ...this.#now, ...patch }
    writeFileAtomically(this.#path, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 })
    this.#now = next
  }

  changeFolder(id: string, patch: Partial<KnownFolder>): void {
    this.change({
      folders: this.#now.folders.map(folder => (folder.id === id ? { ...folder, ...patch } : folder)),
    })
  }
}

function read(path: string, log: Log): Remembered {
  const empty: Remembered = { folders: [], pausedAll: null, settings: DEFAULT_SETTINGS }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return empty
    throw error
  }
  try {
    return Remembered.parse(JSON.parse(text))
  } catch (error) {
    // Nothing of the folders themselves is in it: they can be added again, and their state is where it was.
    const aside = `${path}.damaged`
    renameSync(path, aside)
    log.error(`the list of folders could not be read; it is kept as ${aside}`, { error: errorMessage(error) })
    return empty
  }
}
