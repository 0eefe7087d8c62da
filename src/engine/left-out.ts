/**
 * Folders within the content that are none of this project's (R10): another project, which syncs by itself, and a folder
 * of Lockstep's own state. They are known by what lies in them, whatever they are called, so they are found by looking.
 *
 * A folder that this project's own content lies in is never left out.
 */
import type { DenyEntry } from './core/denylist.ts'
import type { Problem } from './core/problem.ts'
import { isWithin, join, parentOf } from './core/tree.ts'
import { type DirectoryEntry, type FileSystem, FileSystemError } from './ports/file-system.ts'

export const CONFIG_NAME = 'sync-config.json'
/** Where a project's content lies by convention. */
const CONTENT_NAME = 'data'
const MANIFEST_NAME = 'package.json'
/** In the folder of all state: one folder for each project. */
const STATE_FOLDERS = 'folders'
const STATE_FOLDER_NAME = /^[0-9a-f]{16}$/
const STATE_FILES = ['state.db', 'engine.lock.db']
/** In the same, where the app has run. */
const APP_FILES = ['app.lock.db', 'activity.db']

type LeftOutKind = 'project' | 'state'

export interface LeftOutFolder {
  readonly folder: string
  readonly kind: LeftOutKind
}

interface OwnPlaces {
  readonly contentRoot: string
  /** Project-relative, of this project's sync-config.json. */
  readonly configFile: string
}

export class LeftOut {
  readonly #fs: FileSystem
  readonly #own: OwnPlaces
  readonly #given: ReadonlySet<string>
  readonly #entries = new Map<string, DenyEntry>()
  readonly #kinds = new Map<string, LeftOutKind>()

  /** `projects`: folders of which it is known otherwise that they are other projects. */
  constructor(fs: FileSystem, own: OwnPlaces, projects: readonly string[]) {
    this.#fs = fs
    this.#own = own
    this.#given = new Set(projects)
    for (const folder of projects) this.add({ folder, kind: 'project' })
  }

  /** Why the path, or a folder that it lies in, is left out; null where it is not. */
  entryFor(path: string): DenyEntry | null {
    for (const [folder, entry] of this.#entries) if (isWithin(folder, path)) return entry
    return null
  }

  get folders(): LeftOutFolder[] {
    return [...this.#kinds].map(([folder, kind]) => ({ folder, kind }))
  }

  /** Whether that is news. */
  add({ folder, kind }: LeftOutFolder): boolean {
    if (this.#kinds.has(folder)) return false
    this.#kinds.set(folder, kind)
    this.#entries.set(folder, entryOf(folder, kind))
    return true
  }

  /** Those that were found and are nothing of the kind any longer; they are left out no more. */
  takeBack(): LeftOutFolder[] {
    const over = this.folders.filter(({ folder }) => !this.#given.has(folder) && this.kindOf(folder) === null)
    for (const { folder } of over) {
      this.#kinds.delete(folder)
      this.#entries.delete(folder)
    }
    return over
  }

  /** What the folder is, if it is none of this project's. `entries`: what lies in it, where that has been listed. */
  kindOf(folder: string, entries?: readonly DirectoryEntry[]): LeftOutKind | null {
    if (isWithin(folder, this.#own.contentRoot) || isWithin(folder, parentOf(this.#own.configFile)))
      return null
    try {
      const names = entries === undefined ? null : new Map(entries.map(({ name, kind }) => [name, kind]))
      const has = (name: string): boolean =>
        names === null ? this.#isFile(join(folder, name)) : isFileKind(names.get(name))
      const holds = (name: string): boolean => names === null || names.get(name) === 'directory'
      if (has(CONFIG_NAME)) return 'project'
      if (holds(CONTENT_NAME) && this.#isFile(join(join(folder, CONTENT_NAME), CONFIG_NAME))) return 'project'
      if (has(MANIFEST_NAME) && this.#hasContentFolder(folder, entries)) return 'project'
      if (APP_FILES.every(has)) return 'state'
      return holds(STATE_FOLDERS) && holdsProjectState(this.#fs, join(folder, STATE_FOLDERS)) ? 'state' : null
    } catch (error) {
      // What cannot be looked at is a problem of its own. One that was left out stays so.
      if (error instanceof FileSystemError) return this.#kinds.get(folder) ?? null
      throw error
    }
  }

  /** A project may call its content what it likes. */
  #hasContentFolder(folder: string, entries: readonly DirectoryEntry[] | undefined): boolean {
    return (entries ?? this.#fs.list(folder) ?? []).some(
      ({ name, kind }) => kind === 'directory' && this.#isFile(join(join(folder, name), CONFIG_NAME)),
    )
  }

  #isFile(path: string): boolean {
    return isFile(this.#fs, path)
  }
}

/** Whether the folder is, or was, a LOCKSTEP_HOME. One that cannot be looked at is none. */
export function holdsState(fs: FileSystem, folder: string): boolean {
  try {
    return (
      APP_FILES.every(name => isFile(fs, join(folder, name))) ||
      holdsProjectState(fs, join(folder, STATE_FOLDERS))
    )
  } catch (error) {
    if (error instanceof FileSystemError) return false
    throw error
  }
}

function holdsProjectState(fs: FileSystem, folder: string): boolean {
  return (fs.list(folder) ?? []).some(
    ({ name }) =>
      STATE_FOLDER_NAME.test(name) && STATE_FILES.some(file => isFile(fs, join(join(folder, name), file))),
  )
}

function isFile(fs: FileSystem, path: string): boolean {
  return isFileKind(fs.lstat(path)?.kind)
}

/** Behind a link may lie what it looks like. */
function isFileKind(kind: DirectoryEntry['kind'] | undefined): boolean {
  return kind === 'file' || kind === 'link'
}

function entryOf(folder: string, kind: LeftOutKind): DenyEntry {
  return kind === 'project'
    ? {
        pattern: `${folder}/`,
        category: 'other projects',
        reason: `It lies in ${folder}, which is a project of its own and syncs by itself.`,
      }
    : {
        pattern: `${folder}/`,
        category: "sync's own files",
        reason: `It lies in ${folder}, where Lockstep keeps its own state; that belongs to one machine.`,
      }
}

export function leftOutProblem({ folder, kind }: LeftOutFolder): Problem {
  const message =
    kind === 'project'
      ? `The folder ${folder} is a project of its own, with a sync-config.json, so this project leaves it out. What was synced of it before stays where it is. Sync it by itself, or remove its sync-config.json.`
      : `The folder ${folder} holds state of Lockstep’s own, so it is left out. Set LOCKSTEP_HOME to a place outside of the content.`
  return { code: 'left-out', path: folder, message }
}
