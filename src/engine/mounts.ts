/**
 * Drives that are mounted below the content root (R4, R8). One that is away leaves its folder empty, or with other files
 * in it: what is missing there is not deleted, and nothing is written in its place.
 *
 * A mount point is a folder on another file system than its parent's, in one look, or one that the system lists as such:
 * a folder of the same file system can be mounted, too. Numbers of file systems change from boot to boot, so none is
 * remembered; another drive in the same place is told by the inode and birth time of its top folder.
 */
import { isWithin, parentOf } from './core/tree.ts'
import { type FileStat, type FileSystem, FileSystemError } from './ports/file-system.ts'
import type { Mount } from './ports/state-store.ts'
import { hasOwnBirth } from './root.ts'

export class Mounts {
  readonly #fs: FileSystem
  #known: readonly Mount[]
  #away: readonly string[] = []
  #changes = 0

  constructor(fs: FileSystem, known: readonly Mount[]) {
    this.#fs = fs
    this.#known = known
  }

  /** How often a drive has come or gone: a watch that was on it went along. */
  get changes(): number {
    return this.#changes
  }

  get known(): readonly Mount[] {
    return this.#known
  }

  isKnown(folder: string): boolean {
    return this.#known.some(({ path }) => path === folder)
  }

  /** Whether another drive is mounted there than the one that is known. */
  isExchanged(folder: string): boolean {
    const drive = this.#driveOf(folder)
    const now = lookAt(this.#fs, folder)
    return drive !== null && now !== null && driveOf(now) !== drive
  }

  isAway(path: string): boolean {
    return this.#away.some(folder => isWithin(folder, path))
  }

  /** Whether one has gone, or is back, since the last look. */
  look(): boolean {
    const before = this.#away.join('\0')
    const folders = this.#known.map(({ path }) => path)
    const there = mountPointsAmong(this.#fs, folders)
    this.#away = folders.filter(folder => !there.has(folder))
    const isNews = this.#away.join('\0') !== before
    if (isNews) this.#changes += 1
    return isNews
  }

  /**
   * After everything was looked at. One that is a plain folder now stays known for as long as `isMissed` says that
   * something is missing in it. Whether others are known than before.
   */
  note(found: ReadonlySet<string>, isMissed: (folder: string) => boolean): boolean {
    const gone = this.#known.filter(({ path }) => !found.has(path) && isMissed(path))
    const there = [...found].map(path => ({ path, drive: this.#driveNow(path) }))
    const known = [...gone, ...there].sort((a, b) => (a.path < b.path ? -1 : 1))
    const isNews = JSON.stringify(known) !== JSON.stringify(this.#known)
    this.#known = known
    if (!this.look() && isNews) this.#changes += 1
    return isNews
  }

  #driveOf(folder: string): string | null {
    return this.#known.find(({ path }) => path === folder)?.drive ?? null
  }

  /** What is known stays so where the top folder has not changed since it was made, which some file systems never tell. */
  #driveNow(folder: string): string | null {
    const now = lookAt(this.#fs, folder)
    if (now !== null && hasOwnBirth(now)) return driveOf(now)
    return this.isExchanged(folder) ? null : this.#driveOf(folder)
  }
}

export function mountPointsAmong(fs: FileSystem, folders: readonly string[]): Set<string> {
  if (folders.length === 0) return new Set()
  const listed = fs.mountPoints?.()
  return new Set(folders.filter(folder => listed?.has(folder) === true || isOnAnother(fs, folder)))
}

function driveOf({ ino, birthtimeMs }: FileStat): string {
  return `${ino}:${Math.round(birthtimeMs)}`
}

/** Null where it cannot be looked at. */
function lookAt(fs: FileSystem, folder: string): FileStat | null {
  try {
    return fs.lstat(folder)
  } catch (error) {
    if (error instanceof FileSystemError) return null
    throw error
  }
}

function isOnAnother(fs: FileSystem, folder: string): boolean {
  try {
    const [stat, above] = [fs.lstat(folder), fs.lstat(parentOf(folder))]
    return stat?.kind === 'directory' && above !== null && stat.dev !== above.dev
  } catch (error) {
    // What cannot be looked at is a problem of its own, and no absence.
    if (error instanceof FileSystemError) return true
    throw error
  }
}
