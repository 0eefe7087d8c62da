/**
 * Replaces a settings file (.env, sync-config.json) as a whole: a reader, or a crash, finds the old text or
 * the new one and never a part. The synced files have their own way, in the engine.
 */
import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { TEMPORARY_PREFIX } from '../engine/core/denylist.ts'
import { errorCode, named } from './os-error.ts'
import { withRealFolder } from './real-folders.ts'

export interface AtomicFileOptions {
  /** For a file that does not exist yet; one that does keeps its own. */
  readonly mode?: number
  /** Nothing of what is in its place is kept: somebody else may have made it, or a link, to read what is written. */
  readonly isNew?: boolean
}

export function writeFileAtomically(path: string, text: string, options: AtomicFileOptions = {}): void {
  const isNew = options.isNew === true
  // Where a person has made the file a link, the link stays and its target changes.
  const target = isNew ? ownPathOf(path) : realPathOf(path)
  // A link that comes to stand in the folder's place from here on leads nowhere (R11).
  withRealFolder(dirname(target), folder => {
    const place = join(folder, basename(target))
    // Denied everywhere, so that no scan takes it for a file to sync.
    const temporary = join(folder, `${TEMPORARY_PREFIX}${randomBytes(6).toString('hex')}`)
    try {
      const current = isNew ? undefined : statSync(place, { throwIfNoEntry: false })
      writeDurably(temporary, text, current, options)
      renameSync(temporary, place)
      syncFolder(folder)
    } catch (error) {
      removeIfThere(temporary)
      throw withoutDescriptor(named(error, target), folder, dirname(target))
    }
  })
}

/** The system's error with the folder's own name. */
function withoutDescriptor(error: unknown, place: string, folder: string): unknown {
  if (!(error instanceof Error)) return error
  return Object.assign(error, { message: error.message.replaceAll(place, folder) })
}

/** What writers that were killed have left in `folder`, where nobody else may be writing. What stays harms nobody. */
export function clearTemporaries(folder: string): void {
  try {
    for (const name of readdirSync(folder))
      if (name.startsWith(TEMPORARY_PREFIX)) unlinkSync(join(folder, name))
  } catch {
    // A disk that fails tells so where it matters.
  }
}

function writeDurably(
  path: string,
  text: string,
  current: Stats | undefined,
  options: AtomicFileOptions,
): void {
  const mode = current === undefined ? options.mode : current.mode & 0o7777
  // Created for the owner alone, so that a secret is at no time readable by others.
  const file = openSync(path, 'wx', mode === undefined ? 0o666 : 0o600)
  try {
    writeFileSync(file, text)
    if (current !== undefined) keepOwner(path, current)
    if (mode !== undefined) fchmodSync(file, mode)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function keepOwner(path: string, current: Stats): void {
  const own = statSync(path)
  if (own.uid === current.uid && own.gid === current.gid) return
  try {
    chownSync(path, current.uid, current.gid)
  } catch (error) {
    // Only root may give files away. Who may write the folder may replace the file, so it becomes theirs.
    if (errorCode(error) !== 'EPERM') throw error
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return ownPathOf(path)
  }
}

/** Its folder's real path, and the name itself. */
function ownPathOf(path: string): string {
  return join(realpathSync.native(dirname(path)), basename(path))
}

/** Makes the rename itself durable. Windows opens no folders, and some file systems sync none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error
  } finally {
    closeSync(handle)
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
