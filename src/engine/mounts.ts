/**
 * Drives that are mounted below the content root (R4, R8). One that is away leaves its folder empty, or with other files
 * in it: what is missing there is not deleted, and nothing is written in its place.
 *
 * A mount point is a folder on another file system than its parent's, in one look, or one that the system lists as such:
 * a folder of the same file system can be mounted, too. Numbers of file systems change from boot to boot, so none is
 * remembered.
 */
import { isWithin, parentOf } from './core/tree.ts'
import { type FileSystem, FileSystemError } from './ports/file-system.ts'

export class Mounts {
  readonly #fs: FileSystem
  #known: readonly string[]
  #away: readonly string[] = []
  #changes = 0

  constructor(fs: FileSystem, known: readonly string[]) {
    this.#fs = fs
    this.#known = known
  }

  /** How often a drive has come or gone: a watch that was on it went along. */
  get changes(): number {
    return this.#changes
  }

  get known(): readonly string[] {
    return this.#known
  }

  isAway(path: string): boolean {
    return this.#away.some(folder => isWithin(folder, path))
  }

  /** Whether one has gone, or is back, since the last look. */
  look(): boolean {
    const before = this.#away.join('\0')
    const there = mountPointsAmong(this.#fs, this.#known)
    this.#away = this.#known.filter(folder => !there.has(folder))
    const isNews = this.#away.join('\0') !== before
    if (isNews) this.#changes += 1
    return isNews
  }

  /**
   * After everything was looked at. One that is a plain folder now stays known for as long as `isMissed` says that
   * something is missing in it. Whether others are known than before.
   */
  note(found: ReadonlySet<string>, isMissed: (folder: string) => boolean): boolean {
    const kept = this.#known.filter(folder => found.has(folder) || isMissed(folder))
    const known = [...new Set([...kept, ...found])].sort()
    const isNews = known.join('\0') !== this.#known.join('\0')
    this.#known = known
    if (!this.look() && isNews) this.#changes += 1
    return isNews
  }
}

export function mountPointsAmong(fs: FileSystem, folders: readonly string[]): Set<string> {
  if (folders.length === 0) return new Set()
  const listed = fs.mountPoints?.()
  return new Set(folders.filter(folder => listed?.has(folder) === true || isOnAnother(fs, folder)))
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
