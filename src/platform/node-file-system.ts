/**
 * The project folder on Node (port: engine/ports/file-system).
 *
 * Links: the project's own path is resolved once, on opening. Below it nothing is reached through a link:
 * every parent folder of a path must be a real folder, and files are opened without following. Calls that
 * only look may rely on a parent checked a few milliseconds ago; calls that change something check anew.
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
import { type Fingerprint, sameFingerprint } from '../engine/core/entry.ts'
import { join, nameOf, parentOf } from '../engine/core/tree.ts'
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

export interface FileSystemOptions {
  /** A name in this folder is not valid UTF-8: no path can stand for it, so it is left out everywhere. */
  onUnreadableName?(folder: string, name: string): void
}

/** How long a look at a parent folder counts, in milliseconds: one slice of bulk work. */
const PARENT_TRUST_MS = 5
/** How long a check of the parents counts for a change, in milliseconds: the calls that exchange one file. */
const FRESH_MS = 1
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
  readonly #trusted = new Set<string>()
  #trustedSince = 0
  /** The folder that was last found to be real all the way up, and how long that holds for a change. */
  #fresh = { folder: '', until: 0 }

  constructor(project: string, options: FileSystemOptions) {
    this.foldsNames = foldsNames(project)
    this.keepsBirths = keepsBirths(project)
    this.#prefix = project.endsWith(sep) ? project : project + sep
    this.#options = options
  }

  mountPoints(): ReadonlySet<string> {
    const inProject = (readMounts() ?? []).filter(({ point }) => point.startsWith(this.#prefix))
    return new Set(inProject.map(({ point }) => point.slice(this.#prefix.length)))
  }

  lstat(path: string): FileStat | null {
    return translating(path, () => {
      if (!this.#hasRealParents(path)) return null
      const stats = this.#look(path)
      return stats === null ? null : toFileStat(stats)
    })
  }

  list(path: string): DirectoryEntry[] | null {
    return translating(path, () => {
      if (!this.#isRealFolder(path)) return null
      try {
        return this.#readableEntries(path)
      } catch (error) {
        if (isAbsent(error)) return null
        throw error
      }
    })
  }

  read(path: string): Uint8Array {
    return translating(path, () => {
      this.#requireRealParents(path)
      const file = openSync(this.#absolute(path), READ_FLAGS)
      try {
        return readOpenFile(file, path)
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
    translating(path, () => {
      this.#requireFreshParents(path)
      const absolute = this.#absolute(path)
      const file = openSync(absolute, 'wx', options.mode ?? 0o666)
      try {
        // The umask has taken bits away that the file to be replaced has.
        if (options.mode !== undefined) fchmodSync(file, options.mode)
        writeAll(file, bytes)
        if (options.mtimeMs !== undefined) futimesSync(file, options.mtimeMs / 1_000, options.mtimeMs / 1_000)
      } catch (error) {
        closeSync(file)
        unlinkSync(absolute)
        throw error
      }
      closeSync(file)
    })
  }

  append(path: string, bytes: Uint8Array, expected: Fingerprint): 'appended' | 'changed' | 'refused' {
    return translating(path, () => {
      this.#requireFreshParents(path)
      const file = openToAppend(this.#absolute(path))
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
    return translating(path, () => {
      this.#requireFreshParents(path)
      if (parentOf(newPath) !== parentOf(path)) this.#requireFreshParents(newPath)
      try {
        linkSync(this.#absolute(path), this.#absolute(newPath))
        return 'linked'
      } catch (error) {
        const code = errorCode(error)
        if (code === 'EEXIST') return 'exists'
        if (NO_HARD_LINK_CODES.has(code)) return 'unsupported'
        throw error
      }
    })
  }

  rename(path: string, newPath: string): void {
    translating(path, () => {
      this.#requireFreshParents(path)
      if (parentOf(newPath) !== parentOf(path)) this.#requireFreshParents(newPath)
      renameWithRetries(this.#absolute(path), this.#absolute(newPath))
    })
  }

  unlink(path: string): void {
    translating(path, () => {
      try {
        this.#requireFreshParents(path)
        unlinkSync(this.#absolute(path))
      } catch (error) {
        if (!isAbsent(error)) throw error
      }
    })
  }

  makeDirectory(path: string): void {
    translating(path, () => {
      requireWellFormed(path)
      let folder = ''
      for (const name of path.split('/')) {
        folder = join(folder, name)
        this.#makeOneDirectory(folder)
      }
    })
  }

  removeEmptyDirectory(path: string): boolean {
    return translating(path, () => {
      try {
        this.#requireFreshParents(path)
        rmdirSync(this.#absolute(path))
        return true
      } catch (error) {
        const code = errorCode(error)
        if (isAbsent(error) || code === 'ENOTEMPTY' || code === 'EEXIST') return false
        throw error
      } finally {
        this.#trusted.clear()
        this.#fresh = { folder: '', until: 0 }
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

  #makeOneDirectory(folder: string): void {
    try {
      mkdirSync(this.#absolute(folder))
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      const stats = this.#look(folder)
      if (stats !== null) requireFolder(folder, stats)
    }
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
    const absolute = this.#absolute(folder)
    try {
      return readdirSync(absolute, { withFileTypes: true }).map(entry => ({
        name: entry.name,
        kind: kindOf(entry),
      }))
    } catch (error) {
      if (!isAbsent(error) || this.#look(folder) === null) throw error
      // Where the file system tells no types, Node looks at each entry and fails as a whole if one has just gone.
      return readdirSync(absolute).flatMap(name => {
        const stats = this.#look(join(folder, name))
        return stats === null ? [] : [{ name, kind: kindOf(stats) }]
      })
    }
  }

  /** Null where nothing is. */
  #look(path: string): Stats | null {
    try {
      return lstatSync(this.#absolute(path), { throwIfNoEntry: false }) ?? null
    } catch (error) {
      if (isAbsent(error)) return null
      throw error
    }
  }

  #hasRealParents(path: string): boolean {
    if (path !== '') requireWellFormed(path)
    return path === '' || this.#isRealFolder(parentOf(path))
  }

  #isRealFolder(folder: string): boolean {
    this.#forgetOldTrust()
    if (this.#trusted.has(folder)) return true
    if (!this.#hasRealParents(folder)) return false
    if (this.#look(folder)?.isDirectory() !== true) return false
    this.#trusted.add(folder)
    return true
  }

  #forgetOldTrust(): void {
    const now = performance.now()
    if (now - this.#trustedSince < PARENT_TRUST_MS) return
    this.#trusted.clear()
    this.#trustedSince = now
  }

  /** Like `#hasRealParents`, but says what is in the way. */
  #requireRealParents(path: string): void {
    if (!this.#hasRealParents(path)) this.#requireFreshParents(path)
  }

  #requireFreshParents(path: string): void {
    requireWellFormed(path)
    const parent = parentOf(path)
    // One exchange of a file makes several calls in a row, all in one folder.
    if (parent === this.#fresh.folder && performance.now() < this.#fresh.until) return
    this.#checkParents(path)
    this.#fresh = { folder: parent, until: performance.now() + FRESH_MS }
  }

  #checkParents(path: string): void {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash)
      const stats = this.#look(folder)
      if (stats === null) throw new FileSystemError('ENOENT', path, `${folder} does not exist`)
      requireFolder(folder, stats)
    }
  }

  #absolute(path: string): string {
    return this.#prefix + (sep === '/' ? path : path.replaceAll('/', sep))
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

function requireFolder(folder: string, stats: Stats): void {
  if (stats.isSymbolicLink()) {
    throw new FileSystemError('ELOOP', folder, `${folder} is a link, and links are not followed`)
  }
  if (!stats.isDirectory()) throw new FileSystemError('ENOTDIR', folder, `${folder} is not a folder`)
}

function requireWellFormed(path: string): void {
  if (MALFORMED_PATH.test(path)) {
    throw new FileSystemError('EINVAL', path, `${JSON.stringify(path)} is not a path inside the project`)
  }
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The port promises `FileSystemError` and nothing else. */
function translating<Result>(path: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    if (error instanceof FileSystemError) throw error
    const name = path === '' ? 'the project folder' : nameOf(path)
    throw new FileSystemError(errorCode(error), path, `${name}: ${errorMessage(error)}`, { cause: error })
  }
}

/** Seen by whether the folder itself answers to its name in other capitals. macOS compares accents as well. */
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
