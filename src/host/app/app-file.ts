/**
 * What the app itself remembers: which folders it keeps, in which order, which are paused, and its settings.
 * One small JSON file, written as a whole; belongs to one host at a time (instance.ts).
 *
 * Each key is read by itself: one that is missing or odd has its default, is told, and takes no other along. What this
 * version does not know (another version's keys) is kept as it stands.
 */
import { readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Settings } from '../../contract/settings.ts'
import { PausedAll } from '../../contract/state.ts'
import type { Log } from '../../engine/ports/log.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { makeFolder } from '../../platform/make-folder.ts'
import { errorCode, errorMessage } from '../../platform/os-error.ts'
import { readLeniently } from './lenient.ts'

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
  isPaused: z.boolean(),
  isSample: z.boolean(),
})
export type KnownFolder = z.infer<typeof KnownFolder>

export interface Remembered {
  readonly folders: readonly KnownFolder[]
  readonly pausedAll: PausedAll | null
  readonly settings: Settings
}

/** As it stands in the file. */
type Raw = Readonly<Record<string, unknown>>

const NAME = 'app.json'

export class AppFile {
  readonly #path: string
  #raw: Raw
  #now: Remembered

  constructor(home: string, log: Log) {
    makeFolder(home)
    this.#path = join(home, NAME)
    this.#raw = read(this.#path, log)
    const ignored: string[] = []
    this.#now = remembered(this.#raw, ignored)
    if (ignored.length > 0)
      log.error(`${this.#path}: what is set there for ${ignored.join(', ')} cannot be, and is passed over`)
  }

  get now(): Remembered {
    return this.#now
  }

  /** Durable when it returns. */
  change(patch: Partial<Remembered>): void {
    const next = { ...this.#now, ...patch }
    const raw = written(next, this.#raw)
    // LOCKSTEP_HOME may have been removed meanwhile.
    makeFolder(dirname(this.#path))
    writeFileAtomically(this.#path, `${JSON.stringify(raw, null, 2)}\n`, { mode: 0o600 })
    this.#now = next
    this.#raw = raw
  }

  changeFolder(id: string, patch: Partial<KnownFolder>): void {
    this.change({
      folders: this.#now.folders.map(folder => (folder.id === id ? { ...folder, ...patch } : folder)),
    })
  }
}

function remembered(raw: Raw, ignored: string[]): Remembered {
  const pausedAll = PausedAll.nullable().safeParse(raw['pausedAll'] ?? null)
  if (!pausedAll.success) ignored.push('pausedAll')
  if (!Array.isArray(raw['folders'] ?? [])) ignored.push('folders')
  return {
    folders: foldersOf(raw).flatMap(
      (folder, index) => readFolder(folder, `folders[${index}]`, ignored) ?? [],
    ),
    pausedAll: pausedAll.data ?? null,
    settings: readLeniently(Settings, raw['settings'], DEFAULT_SETTINGS, 'settings', ignored),
  }
}

function foldersOf({ folders }: Raw): unknown[] {
  return Array.isArray(folders) ? folders : []
}

/** Null where nobody could say which folder it is. */
function readFolder(raw: unknown, at: string, ignored: string[]): KnownFolder | null {
  const named = KnownFolder.pick({ id: true, path: true }).safeParse(raw)
  if (!named.success) {
    ignored.push(at)
    return null
  }
  return readLeniently(KnownFolder, raw, { ...named.data, isPaused: false, isSample: false }, at, ignored)
}

/** What is known now, over what else stands in the file. */
function written(now: Remembered, raw: Raw): Raw {
  const former = foldersOf(raw)
  const isUnknown = (folder: unknown): boolean => readFolder(folder, '', []) === null
  const formerOf = (id: string): unknown => former.find(folder => idOf(folder) === id)
  return {
    ...raw,
    ...now,
    folders: [...now.folders.map(folder => over(formerOf(folder.id), folder)), ...former.filter(isUnknown)],
    settings: over(raw['settings'], now.settings),
  }
}

function idOf(folder: unknown): unknown {
  return isRecord(folder) ? folder['id'] : undefined
}

function over(raw: unknown, now: unknown): unknown {
  if (!isRecord(raw) || !isRecord(now)) return now
  const known = Object.entries(now).map(([key, value]) => [key, over(raw[key], value)])
  return { ...raw, ...Object.fromEntries(known) }
}

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function read(path: string, log: Log): Raw {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {}
    throw error
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text.replace(/^\ufeff/, '')))
  } catch (error) {
    // Nothing of the folders themselves is in it: they can be added again, and their state is where it was.
    const aside = `${path}.damaged`
    renameSync(path, aside)
    log.error(`the list of folders could not be read; it is kept as ${aside}`, { error: errorMessage(error) })
    return {}
  }
}
