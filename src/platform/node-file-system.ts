/**
 * The project folder on Node (port: engine/ports/file-system).
 *
 * Links: the project's own path is resolved once, on opening. Below it nothing is reached through a link:
 * every parent folder of a path must be a real folder (`real-folders.ts`), and files are opened without following.
 *
 * Bulk work runs through here, so nothing is done twice and nothing is asynchronous.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, sep } from 'node:path'
import { TEMPORARY_PREFIX } from '../engine/core/denylist.ts'
import { type Fingerprint, sameFingerprint } from '../engine/core/entry.ts'
import { join, parentOf } from '../engine/core/tree.ts'
import {
  type DirectoryEntry,
  type FileKind,
  type FileStat,
  type FileSystem,
  FileSystemError,
} from '../engine/ports/file-system.ts'
import { hasOwnBirth } from '../engine/root.ts'
import { flushFiles } from './flush-files.ts'
import { readMounts } from './mount-info.ts'
import { errorCode, errorMessage } from './os-error.ts'
import {
  asFileSystemError,
  type FileIdentity,
  isAbsent,
  isFile,
  lookAt,
  openRealFolders,
  type RealFolders,
  requireFolder,
} from './real-folders.ts'

export interface FileSystemOptions {
  /** A name in this folder is not valid UTF-8: no path can stand for it, so it is left out everywhere. */
  onUnreadableName?(folder: string, name: string): void
  /** Whether folders are held by descriptors; by default as the system can. */
  readonly hasDescriptors?: boolean
}

/** Windows refuses a rename while a scanner holds the file open; that is over in microseconds. */
const RENAME_TRIES = process.platform === 'win32' ? 5 : 1
const RENAME_RETRY_CODES: ReadonlySet<string> = new Set(['EPERM', 'EBUSY', 'EACCES'])
const NO_HARD_LINK_CODES: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EXDEV',
  'EMLINK',
])
const CANNOT_WRITE_CODES: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'])
// Neither flag exists on Windows, where they are undefined at run time.
const SAFE_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const READ_FLAGS = constants.O_RDONLY | SAFE_FLAGS
const APPEND_FLAGS = constants.O_WRONLY | constants.O_APPEND | SAFE_FLAGS
/** What Node can read in one call. */
const MAX_READ_BYTES = 2 ** 31 - 1
/** An empty, `.` or `..` segment, or a NUL: the engine never forms such a path (R11). */
const MALFORMED_PATH = process.platform === 'win32' ? /(^|\/)\.{0,2}(\/|$)|[\0\\]/ : /(^|\/)\.{0,2}(\/|$)|\0/
const REPLACEMENT_CHARACTER = '\ufffd'

export function openFileSystem(projectFolder: string, options: FileSystemOptions = {}): FileSystem {
  return new NodeFileSystem(
    translating('', () => realpathSync.native(projectFolder)),
    options,
  )
}

class NodeFileSystem implements FileSystem {
  readonly foldsNames: boolean
  readonly keepsBirths: boolean
  readonly #prefix: string
  readonly #options: FileSystemOptions
  readonly #folders: RealFolders

  constructor(project: string, options: FileSystemOptions) {
    this.foldsNames = foldsNames(project)
    this.keepsBirths = keepsBirths(project)
    this.#prefix = project.endsWith(sep) ? project : project + sep
    this.#options = options
    this.#folders = openRealFolders(project, options.hasDescriptors)
  }

  mountPoints(): ReadonlySet<string> {
    const inProject = (readMounts() ?? []).filter(({ point }) => point.startsWith(this.#prefix))
    return new Set(inProject.map(({ point }) => point.slice(this.#prefix.length)))
  }

  within<Result>(folder: string, work: () => Result): Result {
    if (folder !== '') requireWellFormed(folder)
    return this.#folders.within(folder, work)
  }

  lstat(path: string): FileStat | null {
    return translating(path, () => {
      const stats = this.#look(path)
      return stats === null ? null : toFileStat(stats)
    })
  }

  list(path: string): DirectoryEntry[] | null {
    return translating(path, () => {
      try {
        return this.within(path, () => this.#readableEntries(path))
      } catch (error) {
        if (isAbsent(error) || isLinkInTheWay(error)) return null
        throw error
      }
    })
  }

  read(path: string): Uint8Array {
    return translating(path, () => {
      const file = openSync(this.#place(path), READ_FLAGS)
      try {
        const bytes = readOpenFile(file, path)
        this.#requireThere(path, file)
        return bytes
      } finally {
        closeSync(file)
      }
    })
  }

  create(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode?: number; readonly mtimeMs?: number },
  ): void {
    this.#changing(path, () => {
      const place = this.#place(path)
      const file = openSync(place, 'wx', options.mode ?? 0o666)
      try {
        this.#requireThere(path, file)
        // The umask has taken bits away that the file to be replaced has.
        if (options.mode !== undefined) fchmodSync(file, options.mode)
        writeAll(file, bytes)
        if (options.mtimeMs !== undefined) futimesSync(file, options.mtimeMs / 1_000, options.mtimeMs / 1_000)
      } catch (error) {
        if (isFile(lookAt(place), fstatSync(file))) unlinkSync(place)
        closeSync(file)
        throw error
      }
      closeSync(file)
    })
  }

  append(path: string, bytes: Uint8Array, expected: Fingerprint): 'appended' | 'changed' | 'refused' {
    return translating(path, () => {
      const file = openToAppend(this.#place(path))
      if (file === null) return 'refused'
      try {
        const stats = fstatSync(file)
        if (!stats.isFile() || !sameFingerprint(toFileStat(stats), expected)) return 'changed'
        writeAll(file, bytes)
        return 'appended'
      } finally {
        closeSync(file)
      }
    })
  }

  link(path: string, newPath: string): 'linked' | 'exists' | 'unsupported' {
    return this.#name(path, newPath, linkNames, (_, to) => {
      if (isOurs(to)) unlinkSync(to)
    })
  }

  rename(path: string, newPath: string): void {
    this.#name(path, newPath, renameWithRetries, (from, to) => {
      if (isOurs(to)) renameSync(to, from)
    })
  }

  unlink(path: string): void {
    translating(path, () => {
      try {
        this.#recheckNames()
        unlinkSync(this.#place(path))
      } catch (error) {
        if (!isAbsent(error)) throw error
      }
    })
  }

  makeDirectory(path: string, mode?: number): void {
    this.#changing(path, () => {
      requireWellFormed(path)
      let folder = ''
      for (const name of path.split('/')) {
        folder = join(folder, name)
        this.#makeOneDirectory(folder, mode)
      }
    })
  }

  removeEmptyDirectory(path: string): boolean {
    return translating(path, () => {
      try {
        this.#recheckNames()
        rmdirSync(this.#place(path))
        return true
      } catch (error) {
        const code = errorCode(error)
        if (isAbsent(error) || code === 'ENOTEMPTY' || code === 'EEXIST') return false
        throw error
      } finally {
        this.#folders.forget()
      }
    })
  }

  async flush(paths: readonly string[]): Promise<void> {
    const [first] = paths
    if (first === undefined) return
    try {
      await flushFiles(this.#prefix, paths)
    } catch (error) {
      throw new FileSystemError(errorCode(error), first, errorMessage(error), { cause: error })
    }
  }

  /** The folder that was seen may have been removed since, and another one be in its place: it is looked for anew. */
  #changing<Result>(path: string, call: () => Result): Result {
    return translating(path, () => {
      try {
        return call()
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error
        this.#folders.forget()
        return call()
      }
    })
  }

  #makeOneDirectory(folder: string, mode: number | undefined): void {
    const place = this.#place(folder)
    try {
      mkdirSync(place, mode)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      const stats = lookAt(place)
      if (stats !== null) requireFolder(folder, stats)
      return
    }
    if (!this.#folders.isByName) return
    const made = lookAt(place)
    if (made !== null) this.#undoUnlessThere(folder, made, () => rmdirSync(place))
  }

  /** Gives a file another name, or one more. */
  #name<Result>(
    path: string,
    newPath: string,
    call: (from: string, to: string) => Result,
    undo: (from: string, to: string) => void,
  ): Result {
    return this.#changing(path, () => {
      requireWellFormed(path)
      // Both folders are held at once.
      return this.within(parentOf(path), () => {
        const [from, to] = [this.#place(path), this.#place(newPath)]
        const file = this.#folders.isByName ? lookAt(from) : null
        const result = call(from, to)
        if (file !== null && result !== 'exists' && result !== 'unsupported')
          this.#undoUnlessThere(newPath, file, () => undo(from, to))
        return result
      })
    })
  }

  /** A folder that was exchanged for a link at that very moment has led elsewhere. */
  #undoUnlessThere(path: string, file: FileIdentity, undo: () => void): void {
    if (this.#folders.leadsTo(path, file)) return
    undo()
    throw exchanged(path)
  }

  #requireThere(path: string, file: number): void {
    if (this.#folders.isByName && !this.#folders.leadsTo(path, fstatSync(file))) throw exchanged(path)
  }

  /** Where nothing can be undone. */
  #recheckNames(): void {
    if (this.#folders.isByName) this.#folders.forget()
  }

  #readableEntries(folder: string): DirectoryEntry[] {
    const entries: DirectoryEntry[] = []
    for (const { name, kind } of this.#entries(folder)) {
      // Decoding has put U+FFFD for each byte that is not UTF-8. A file may really be named so; then it is there.
      const isReadable = !name.includes(REPLACEMENT_CHARACTER) || this.#look(join(folder, name)) !== null
      if (isReadable) entries.push({ name, kind })
      else this.#options.onUnreadableName?.(folder, name)
    }
    return entries
  }

  #entries(folder: string): DirectoryEntry[] {
    const inside = this.#folders.inside(folder)
    try {
      return readdirSync(inside, { withFileTypes: true }).map(entry => ({
        name: entry.name,
        kind: kindOf(entry),
      }))
    } catch (error) {
      if (!isAbsent(error) || this.#look(folder) === null) throw error
      // Where the file system tells no types, Node looks at each entry and fails as a whole if one has just gone.
      return readdirSync(inside).flatMap(name => {
        const stats = this.#look(join(folder, name))
        return stats === null ? [] : [{ name, kind: kindOf(stats) }]
      })
    }
  }

  /** Null where nothing is, also where a parent is no real folder. */
  #look(path: string): Stats | null {
    try {
      return lookAt(this.#place(path))
    } catch (error) {
      if (isAbsent(error) || isLinkInTheWay(error)) return null
      throw error
    }
  }

  #place(path: string): string {
    if (path !== '') requireWellFormed(path)
    return this.#folders.place(path)
  }
}

function linkNames(from: string, to: string): 'linked' | 'exists' | 'unsupported' {
  try {
    linkSync(from, to)
    return 'linked'
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST') return 'exists'
    if (NO_HARD_LINK_CODES.has(code)) return 'unsupported'
    throw error
  }
}

function readOpenFile(file: number, path: string): Uint8Array {
  const stats = fstatSync(file)
  if (stats.isDirectory()) throw new FileSystemError('EISDIR', path, `${path} is a folder`)
  if (!stats.isFile()) throw new FileSystemError('EINVAL', path, `${path} is not a regular file`)
  if (stats.size >= MAX_READ_BYTES)
    throw new FileSystemError('EFBIG', path, `${path} is too large to be read at once`)
  // One byte more than expected: a short read then proves the end of the file without another call.
  let bytes = Buffer.allocUnsafe(stats.size + 1)
  let length = 0
  for (;;) {
    const count = readSync(file, bytes, length, bytes.length - length, null)
    length += count
    if (count === 0 || length === stats.size) return bytes.subarray(0, length)
    if (length === bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2)
  }
}

/** Null where it is read-only, or a program that runs. */
function openToAppend(absolute: string): number | null {
  try {
    return openSync(absolute, APPEND_FLAGS)
  } catch (error) {
    if (CANNOT_WRITE_CODES.has(errorCode(error))) return null
    throw error
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  let offset = 0
  while (offset < bytes.length) offset += writeSync(file, bytes, offset, bytes.length - offset)
}

function renameWithRetries(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      if (attempt >= RENAME_TRIES || !RENAME_RETRY_CODES.has(errorCode(error))) throw error
    }
  }
}

function toFileStat(stats: Stats): FileStat {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    ino: stats.ino,
    mode: stats.mode & 0o7777,
    dev: stats.dev,
    birthtimeMs: stats.birthtimeMs,
  }
}

interface Typed {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

function kindOf(entry: Typed): FileKind {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** Something elsewhere that has one of our names was named so by us; what has another may be somebody else's. */
function isOurs(place: string): boolean {
  return basename(place).startsWith(TEMPORARY_PREFIX) && lookAt(place) !== null
}

function isLinkInTheWay(error: unknown): boolean {
  return error instanceof FileSystemError && error.code === 'ELOOP'
}

function exchanged(path: string): FileSystemError {
  const folder = parentOf(path)
  return new FileSystemError('ELOOP', folder, `${folder} was exchanged for a link meanwhile`)
}

function requireWellFormed(path: string): void {
  if (MALFORMED_PATH.test(path)) {
    throw new FileSystemError('EINVAL', path, `${JSON.stringify(path)} is not a path inside the project`)
  }
}

/** The port promises `FileSystemError` and nothing else. */
function translating<Result>(path: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    const found = asFileSystemError(error, path)
    const isMissingAbove = found.code === 'ENOENT' && found.path !== path
    throw isMissingAbove ? new FileSystemError(found.code, path, found.message) : found
  }
}

/** Of folders on one file system, each with the one above it: that one has changed since it was made shows it. */
function keepsBirths(project: string): boolean {
  const { dev } = lstatSync(project)
  for (let folder = project; ; folder = dirname(folder)) {
    const stats = lstatSync(folder)
    if (stats.dev !== dev) return false
    if (hasOwnBirth(stats)) return true
    if (folder === dirname(folder)) return false
  }
}

/** Seen by whether the folder itself answers to its name in other capitals. macOS compares accents as well. */
function foldsNames(folder: string): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true
  const name = basename(folder)
  const other = name.toUpperCase() === name ? name.toLowerCase() : name.toUpperCase()
  if (other === name) return false
  try {
    const twin = lstatSync(join(dirname(folder), other), { throwIfNoEntry: false })
    return twin !== undefined && twin.ino === lstatSync(folder).ino
  } catch {
    return false
  }
}
