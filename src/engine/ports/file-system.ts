/**
 * The project folder as the engine may touch it.
 *
 * All paths are project-relative with `/`; '' is the project itself. The implementation resolves links in
 * the project's own path once, when it is opened, and never follows one below it. Calls are synchronous:
 * for small files that is four to six times faster than asynchronous calls, so the engine works in short
 * slices and yields between them. Only `flush` waits for the disk.
 *
 * Every method throws `FileSystemError` for what the OS refuses, and nothing else.
 */
import type { Fingerprint } from '../core/entry.ts'

export type FileKind = 'file' | 'directory' | 'link' | 'other'

export interface FileStat extends Fingerprint {
  readonly kind: FileKind
  /** Permission bits. */
  readonly mode: number
  /** Which file system it lies on: folders of unlike ones meet at a mount point. Compared within one look only. */
  readonly dev: number
  /** Creation time in milliseconds, 0 where the file system has none. */
  readonly birthtimeMs: number
}

export interface DirectoryEntry {
  readonly name: string
  readonly kind: FileKind
}

export interface FileSystem {
  /** Whether names that differ in capitals, or in how accents are written, mean one file. Absent: they do not. */
  readonly foldsNames?: boolean
  /** Whether the file system of the project keeps the times at which files and folders were made. Absent: not known. */
  readonly keepsBirths?: boolean
  /**
   * Folders on which something is mounted, as far as the system lists them: also such as lie on the same file system as
   * their parents. Absent: it does not tell.
   */
  mountPoints?(): ReadonlySet<string>
  /**
   * What `work` does with names in this folder, it does in the folder that is there now, whatever comes to stand in its
   * place meanwhile. Throws where there is none, and where it is a link or lies below one (ELOOP, with the link's path).
   */
  within<Result>(folder: string, work: () => Result): Result
  /** Null where nothing is, also where a parent is missing or is no folder. Does not follow links. */
  lstat(path: string): FileStat | null
  /** The folder's entries, unsorted; null where there is no such folder. Names that are not UTF-8 are left out and reported by `onUnreadableName`. */
  list(path: string): DirectoryEntry[] | null
  read(path: string): Uint8Array
  /**
   * Creates a file that must not exist yet. `mtimeMs` sets its modification time, to the microsecond where
   * the file system can.
   */
  create(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode?: number; readonly mtimeMs?: number },
  ): void
  /**
   * Writes at the end of a file that is still what `expected` says, wherever its end is by then, in one call of the
   * system. 'refused' where it may not be opened for that; what it throws may have been written in part.
   */
  append(path: string, bytes: Uint8Array, expected: Fingerprint): 'appended' | 'changed' | 'refused'
  /**
   * Gives the file a second name, atomically; 'exists' where that name is taken, 'unsupported' where the
   * file system has no hard links.
   */
  link(path: string, newPath: string): 'linked' | 'exists' | 'unsupported'
  /** Renames over whatever file is there, atomically. */
  rename(path: string, newPath: string): void
  /** Removes a file; no error where it is gone already. */
  unlink(path: string): void
  /** Creates the folder and its parents, those that are missing with this mode; without one as the umask says. */
  makeDirectory(path: string, mode?: number): void
  /** Removes the folder if it is empty; false where it is not, or is gone. */
  removeEmptyDirectory(path: string): boolean
  /**
   * Waits until the disk holds these files as they are now, or that they are gone, their names included. Does not hold
   * the event loop, and takes no file away from a program that has it open.
   */
  flush(paths: readonly string[]): Promise<void>
}

/** `code` is the OS's own: ENOENT, EACCES, EPERM, ENOSPC, ENOTDIR, EISDIR, ENAMETOOLONG, EIO, … */
export class FileSystemError extends Error {
  override readonly name = 'FileSystemError'
  readonly code: string
  readonly path: string

  constructor(code: string, path: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.path = path
  }
}
