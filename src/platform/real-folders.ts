/**
 * The folders below a project as real folders, never through a link (R11), also while somebody exchanges one for a link.
 *
 * Linux: a folder is opened from the project downwards, each name without following, and what is done in it goes by its
 * descriptor (`/proc/self/fd/N/name`): whatever comes to stand in its place, the calls reach the folder that was seen.
 * Elsewhere the parents are looked at by name before, and after a change or a read the file is looked for once more: what
 * was made elsewhere is undone. What comes and goes again between two of those calls is not seen there.
 */
import { closeSync, constants, lstatSync, openSync, type Stats } from 'node:fs'
import { parse, sep } from 'node:path'
import { nameOf, parentOf } from '../engine/core/tree.ts'
import { FileSystemError } from '../engine/ports/file-system.ts'
import { errorCode, errorMessage } from './os-error.ts'

export type FileIdentity = Pick<Stats, 'ino' | 'dev'>

/** Throws FileSystemError, and nothing else. */
export interface RealFolders {
  /**
   * How a call of the system names `path`, whose parents are real folders. Throws ENOENT, or ELOOP and ENOTDIR with the
   * path of what is in the way.
   */
  place(path: string): string
  /** The same for the folder itself, in which names are to be listed. */
  inside(folder: string): string
  /** Whether a name may lead elsewhere than when it was looked at: then `leadsTo` is to be asked after a change or a read. */
  readonly isByName: boolean
  /** Whether `path`, looked at anew from the project downwards, is that very file. */
  leadsTo(path: string, file: FileIdentity): boolean
  /** Names in `folder` mean, for as long as `work` lasts, the folder that it is now. Throws like `place`. */
  within<Result>(folder: string, work: () => Result): Result
  /** What was seen of folders so far counts no longer. */
  forget(): void
}

/** How long a folder that was seen counts, in milliseconds: one slice of bulk work. */
const TRUST_MS = 5
/** So few that no limit of open files is near. */
const MOST_OPEN = 64
/** In bytes, without the NUL at its end: what no other program could reach is not made. */
const LONGEST_PATH = 4_095
const MOST_BYTES_PER_UNIT = 3
/** Linux: a descriptor that stands for a place and reads nothing, so that the right to search the folder is enough. Node does not name it. */
const O_PATH = 0o10000000
const FOLDER_FLAGS = O_PATH | constants.O_DIRECTORY
const DESCRIPTORS = '/proc/self/fd'
const DESCRIPTOR = /\/proc\/self\/fd\/\d+\//g

/** `project` is a real path. */
export function openRealFolders(project: string, hasDescriptors = hasFolderDescriptors()): RealFolders {
  return hasDescriptors ? new FoldersByDescriptor(project) : new FoldersByName(project)
}

/** `folder` is a real path, and `work` is told how calls of the system name it. */
export function withRealFolder<Result>(folder: string, work: (place: string) => Result): Result {
  const { root } = parse(folder)
  const folders = openRealFolders(root)
  const below = folder.slice(root.length).replaceAll(sep, '/')
  try {
    return folders.within(below, () => work(folders.inside(below)))
  } finally {
    folders.forget()
  }
}

/** Whether names can be reached through the descriptor of their folder. */
function hasFolderDescriptors(): boolean {
  if (process.platform !== 'linux') return false
  try {
    const root = openSync('/', FOLDER_FLAGS)
    try {
      return lstatSync(`${DESCRIPTORS}/${root}/.`).ino === lstatSync('/').ino
    } finally {
      closeSync(root)
    }
  } catch {
    // Without /proc.
    return false
  }
}

class FoldersByDescriptor implements RealFolders {
  readonly isByName = false
  readonly #project: string
  readonly #prefix: string
  readonly #open = new Map<string, number>()
  #since = 0
  #held: string | null = null

  constructor(project: string) {
    this.#project = project
    this.#prefix = prefixOf(project)
  }

  place(path: string): string {
    if (path === '') return this.#prefix
    requireShort(this.#prefix, path)
    return `${this.inside(parentOf(path))}/${nameOf(path)}`
  }

  inside(folder: string): string {
    this.#forgetOld()
    return `${DESCRIPTORS}/${this.#descriptor(folder)}`
  }

  leadsTo(): boolean {
    return true
  }

  within<Result>(folder: string, work: () => Result): Result {
    this.#forgetOld()
    const outer = this.#held
    this.#descriptor(folder)
    this.#held = folder
    try {
      return work()
    } finally {
      this.#held = outer
    }
  }

  forget(): void {
    for (const [folder, descriptor] of this.#open) {
      if (folder === this.#held) continue
      closeSync(descriptor)
      this.#open.delete(folder)
    }
    this.#since = performance.now()
  }

  #forgetOld(): void {
    if (this.#open.size > 0 && performance.now() - this.#since >= TRUST_MS) this.forget()
  }

  #descriptor(folder: string): number {
    const known = this.#open.get(folder)
    if (known !== undefined) return known
    const descriptor = folder === '' ? this.#openProject() : this.#openBelow(folder)
    this.#note(folder, descriptor)
    return descriptor
  }

  #openProject(): number {
    try {
      return openSync(this.#project, FOLDER_FLAGS)
    } catch (error) {
      throw asFileSystemError(error, '')
    }
  }

  #openBelow(folder: string): number {
    const place = `${DESCRIPTORS}/${this.#descriptor(parentOf(folder))}/${nameOf(folder)}`
    try {
      return openSync(place, FOLDER_FLAGS | constants.O_NOFOLLOW)
    } catch (error) {
      requireFolder(folder, lookAt(place))
      throw asFileSystemError(error, folder)
    }
  }

  /** None outlives this turn of the event loop: an open folder keeps the drive that it lies on from being ejected. */
  #note(folder: string, descriptor: number): void {
    if (this.#open.size >= MOST_OPEN) this.forget()
    if (this.#open.size === 0) {
      this.#since = performance.now()
      setImmediate(() => this.forget())
    }
    this.#open.set(folder, descriptor)
  }
}

class FoldersByName implements RealFolders {
  readonly isByName = true
  readonly #prefix: string
  readonly #trusted = new Set<string>()
  #since = 0

  constructor(project: string) {
    this.#prefix = prefixOf(project)
  }

  place(path: string): string {
    if (path === '') return this.#prefix
    this.inside(parentOf(path))
    return this.#absolute(path)
  }

  inside(folder: string): string {
    if (performance.now() - this.#since >= TRUST_MS) this.forget()
    this.#require(folder)
    return this.#absolute(folder)
  }

  leadsTo(path: string, file: FileIdentity): boolean {
    this.forget()
    try {
      return isFile(lookAt(this.place(path)), file)
    } catch (error) {
      if (error instanceof FileSystemError) return false
      throw asFileSystemError(error, path)
    }
  }

  within<Result>(folder: string, work: () => Result): Result {
    this.inside(folder)
    return work()
  }

  forget(): void {
    this.#trusted.clear()
    this.#since = performance.now()
  }

  #require(folder: string): void {
    if (folder === '' || this.#trusted.has(folder)) return
    this.#require(parentOf(folder))
    requireFolder(folder, lookAt(this.#absolute(folder)))
    this.#trusted.add(folder)
  }

  #absolute(path: string): string {
    return this.#prefix + (sep === '/' ? path : path.replaceAll('/', sep))
  }
}

export function isFile(found: FileIdentity | null, file: FileIdentity): boolean {
  return found !== null && found.ino === file.ino && found.dev === file.dev
}

/** Null where nothing is. */
export function lookAt(place: string): Stats | null {
  try {
    return lstatSync(place, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

export function isAbsent(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

export function requireFolder(folder: string, stats: Stats | null): void {
  if (stats === null) throw new FileSystemError('ENOENT', folder, `${folder} does not exist`)
  if (stats.isSymbolicLink()) {
    throw new FileSystemError('ELOOP', folder, `${folder} is a link, and links are not followed`)
  }
  if (!stats.isDirectory()) throw new FileSystemError('ENOTDIR', folder, `${folder} is not a folder`)
}

/** Which says of no descriptor: nobody knows it afterwards. */
export function asFileSystemError(error: unknown, path: string): FileSystemError {
  if (error instanceof FileSystemError) return error
  const name = path === '' ? 'the project folder' : nameOf(path)
  const message = errorMessage(error).replaceAll(DESCRIPTOR, '')
  return new FileSystemError(errorCode(error), path, `${name}: ${message}`, { cause: error })
}

function requireShort(prefix: string, path: string): void {
  const units = prefix.length + path.length
  if (units * MOST_BYTES_PER_UNIT <= LONGEST_PATH) return
  if (Buffer.byteLength(prefix) + Buffer.byteLength(path) > LONGEST_PATH)
    throw new FileSystemError('ENAMETOOLONG', path, `the path of ${nameOf(path)} is too long`)
}

function prefixOf(project: string): string {
  return project.endsWith(sep) ? project : project + sep
}
