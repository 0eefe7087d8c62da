/**
 * A `FakeDisk` as the engine may touch it (port: engine/ports/file-system), with a hook around each call: to
 * let a program come between, to fail, to crash.
 */
import {
  type DirectoryEntry,
  type FileStat,
  type FileSystem,
  FileSystemError,
} from '../../src/engine/ports/file-system.ts'
import { sameFingerprint } from '../../src/engine/core/entry.ts'
import { join, nameOf, parentOf } from '../../src/engine/core/tree.ts'
import type { FakeDisk } from './fake-disk.ts'

export interface FileSystemCall {
  readonly name: keyof FileSystem
  readonly path: string
  readonly newPath?: string
}

export interface FileSystemHooks {
  /** Before the call. What it throws, the call throws; nothing has been done then. */
  before?(call: FileSystemCall): void
  /** After a call that went well. What it throws, the call throws, though it has been done. */
  after?(call: FileSystemCall): void
  /** In the midst of a `create` or an `append`: half of the bytes are there. */
  midway?(call: FileSystemCall): void
}

const CHANGING: ReadonlySet<keyof FileSystem> = new Set([
  'create',
  'append',
  'link',
  'rename',
  'unlink',
  'makeDirectory',
  'removeEmptyDirectory',
])

/** Whether the call changes the disk. */
export function isChanging(call: FileSystemCall): boolean {
  return CHANGING.has(call.name)
}

export function createFakeFileSystem(disk: FakeDisk, hooks: FileSystemHooks = {}): FileSystem {
  function called<Result>(call: FileSystemCall, carryOut: () => Result): Result {
    hooks.before?.(call)
    const result = carryOut()
    hooks.after?.(call)
    return result
  }

  return {
    keepsBirths: true,

    within(folder, work) {
      if (folder !== '') requireThere(disk, folder)
      return work()
    },

    lstat: path => called({ name: 'lstat', path }, () => statOf(disk, path)),
    list: path => called({ name: 'list', path }, () => listOf(disk, path)),
    read: path => called({ name: 'read', path }, () => bytesAt(disk, path)),

    create(path, bytes, options) {
      const call: FileSystemCall = { name: 'create', path }
      called(call, () => {
        requireFolder(disk, path)
        if (disk.get(path) !== undefined) throw failure('EEXIST', path)
        if (disk.usedBytes() + bytes.length > disk.quotaBytes) throw failure('ENOSPC', path)
        const inode = disk.putFile(path, bytes.subarray(0, bytes.length >> 1), 'engine', options.mode)
        hooks.midway?.(call)
        inode.bytes = Uint8Array.from(bytes)
        if (options.mtimeMs !== undefined) disk.setTime(inode, options.mtimeMs)
      })
    },

    append(path, bytes, expected) {
      const call: FileSystemCall = { name: 'append', path }
      return called(call, () => {
        requireFolder(disk, path)
        requireFile(disk, path)
        const inode = disk.get(path)!
        if (!sameFingerprint(disk.stat(path)!, expected)) return 'changed'
        const half = bytes.length >> 1
        const before = inode.bytes
        disk.appendTo(inode, bytes.subarray(0, half))
        hooks.midway?.(call)
        if (disk.usedBytes() + bytes.length - half > disk.quotaBytes) throw failure('ENOSPC', path)
        disk.appendTo(inode, bytes.subarray(half))
        disk.appended(path, before)
        return 'appended'
      })
    },

    link: (path, newPath) =>
      called({ name: 'link', path, newPath }, () => {
        requireFolder(disk, path)
        requireFolder(disk, newPath)
        if (!disk.hardLinks) return 'unsupported'
        requireFile(disk, path)
        if (disk.get(newPath) !== undefined) return 'exists'
        disk.linkName(path, newPath, 'engine')
        return 'linked'
      }),

    rename: (path, newPath) =>
      called({ name: 'rename', path, newPath }, () => {
        requireFolder(disk, path)
        requireFolder(disk, newPath)
        requireFile(disk, path)
        if (disk.get(newPath)?.kind === 'directory') throw failure('EISDIR', newPath)
        disk.moveName(path, newPath, 'engine')
      }),

    unlink: path =>
      called({ name: 'unlink', path }, () => {
        const inode = disk.get(path)
        if (inode === undefined) return
        requireFolder(disk, path)
        if (inode.kind === 'directory') throw failure('EISDIR', path)
        disk.removeName(path, 'engine')
      }),

    makeDirectory: path => called({ name: 'makeDirectory', path }, () => makeFolders(disk, path)),

    removeEmptyDirectory: path =>
      called({ name: 'removeEmptyDirectory', path }, () => {
        if (disk.get(path)?.kind !== 'directory' || disk.list(path).length > 0) return false
        if (disk.isMounted(path)) return false
        requireFolder(disk, path)
        disk.removeFolder(path, 'engine')
        return true
      }),

    async flush(paths) {
      for (const path of paths) called({ name: 'flush', path }, () => disk.flush(path))
    },
  }
}

function statOf(disk: FakeDisk, path: string): FileStat | null {
  requireEntry(disk, path)
  return disk.obstacle(path) === null ? disk.stat(path) : null
}

function listOf(disk: FakeDisk, path: string): DirectoryEntry[] | null {
  requireEntry(disk, path)
  if (disk.obstacle(path) !== null || disk.get(path)?.kind !== 'directory') return null
  if (disk.isDenied(path, 'enter')) throw failure('EACCES', path)
  return disk.list(path)
}

function bytesAt(disk: FakeDisk, path: string): Uint8Array {
  requireEntry(disk, path)
  requireFile(disk, path)
  const inode = disk.get(path)!
  if (inode.kind === 'directory') throw failure('EISDIR', path)
  if (disk.isDenied(path, 'read')) throw failure('EACCES', path)
  return Uint8Array.from(inode.bytes)
}

function makeFolders(disk: FakeDisk, path: string): void {
  if (path === '') return
  const inode = disk.get(path)
  if (inode?.kind === 'directory') return
  if (inode !== undefined) throw failure('ENOTDIR', path)
  makeFolders(disk, parentOf(path))
  requireFolder(disk, path)
  disk.putFolder(path, 'engine')
}

/** No folder on the way may keep us out. */
function requireEntry(disk: FakeDisk, path: string): void {
  for (let folder = path; folder !== '';) {
    folder = parentOf(folder)
    if (disk.isDenied(folder, 'enter')) throw failure('EACCES', path)
  }
}

function requireThere(disk: FakeDisk, folder: string): void {
  const obstacle = disk.obstacle(join(folder, '_'))
  if (obstacle === null) return
  const { path, inode } = obstacle
  throw failure(inode === undefined ? 'ENOENT' : inode.kind === 'link' ? 'ELOOP' : 'ENOTDIR', path)
}

/** The folder in which a name is to be changed. */
function requireFolder(disk: FakeDisk, path: string): void {
  requireEntry(disk, path)
  const obstacle = disk.obstacle(path)
  if (obstacle !== null) throw failure(obstacle.inode === undefined ? 'ENOENT' : 'ENOTDIR', path)
  if (disk.isDenied(parentOf(path), 'change')) throw failure('EACCES', path)
}

function requireFile(disk: FakeDisk, path: string): void {
  if (disk.get(path) === undefined) throw failure('ENOENT', path)
}

function failure(code: string, path: string): FileSystemError {
  return new FileSystemError(code, path, `${code}: ${nameOf(path)}`)
}
