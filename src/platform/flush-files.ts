/** Waits until files, their names and their folders are on the disk (port: engine/ports/file-system, `flush`). */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { promisify } from 'node:util'
import { parentOf } from '../engine/core/tree.ts'
import { errorCode, named } from './os-error.ts'

/** From so many on, whole file systems are flushed at once where that can be asked for. */
const MANY = 64
/** At a time: with more the disk is no faster. */
const LANES = 4
const IS_WINDOWS = process.platform === 'win32'
// Windows flushes only what was opened for writing. The other flags do not exist there.
const FILE_FLAGS = IS_WINDOWS
  ? constants.O_RDWR
  : constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
/** What is not there, or cannot be opened by us, or cannot be flushed at all, has nothing of ours to lose. */
const NOTHING_TO_FLUSH: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EISDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'EINVAL',
  'ENXIO',
  'ENOTSUP',
])

/** `prefix` ends with a separator; `paths` are below it, with `/`. Rejects with the system's errors. */
export async function flushFiles(prefix: string, paths: readonly string[]): Promise<void> {
  const absolute = (path: string): string => prefix + path.replaceAll('/', sep)
  const folders = foldersOf(paths)
  if (paths.length >= MANY && (await flushFileSystems([...folders].map(absolute)))) return
  await eachInLanes(paths, path => flushOne(absolute(path)))
  // Names come after what they name. Windows has no handle to flush a folder by.
  if (!IS_WINDOWS) await eachInLanes([...folders], path => flushOne(absolute(path)))
}

/** A folder that was made lies in another one, which has its name. */
function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set<string>([''])
  for (const path of paths) {
    for (let folder = parentOf(path); folder !== '' && !folders.has(folder); folder = parentOf(folder))
      folders.add(folder)
  }
  return folders
}

async function flushOne(path: string): Promise<void> {
  try {
    const file = await open(path, FILE_FLAGS)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!NOTHING_TO_FLUSH.has(errorCode(error))) throw named(error, path)
  }
}

/** `sync -f` of each file system that the folders lie on. False where there is no such program. */
async function flushFileSystems(folders: readonly string[]): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const byDevice = new Map<number, string>()
  for (const folder of folders) {
    const device = await deviceOf(folder)
    if (device !== null) byDevice.set(device, folder)
  }
  try {
    await promisify(execFile)('sync', ['-f', '--', ...byDevice.values()])
    return true
  } catch {
    return false
  }
}

async function deviceOf(folder: string): Promise<number | null> {
  try {
    return (await stat(folder)).dev
  } catch (error) {
    if (NOTHING_TO_FLUSH.has(errorCode(error))) return null
    throw error
  }
}

async function eachInLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
