/**
 * Changes one local file without a gap in which a program's write could vanish (R1, R9).
 *
 * A new content is written whole beside the file and put in place by one rename or link. Before that, the
 * current file gets a second, temporary name; through it we see whether it is still what the plan saw, and
 * afterwards whether a program that had it open wrote into it after all. That `Kept` file is looked at
 * again after KEPT_MS and only then removed: what was written late is an edit, and treated as one.
 *
 * A crash leaves at most temporary files behind; `leftover.ts` takes care of them at the next start.
 */
import type { Fingerprint } from './core/entry.ts'
import { TEMPORARY_PREFIX } from './core/denylist.ts'
import { join, nameOf, parentOf } from './core/tree.ts'
import { fingerprintOf, linkAbove } from './look.ts'
import type { Clock } from './ports/clock.ts'
import { type FileStat, type FileSystem, FileSystemError } from './ports/file-system.ts'

/** How long a replaced or removed file is kept under its temporary name, in milliseconds. */
export const KEPT_MS = 250
/** Room for the prefix, a number and the ending within the 255 bytes of a name. */
const LONGEST_KEPT_NAME = 160
/** A time that was set may come back as much rounded, in milliseconds. */
const TIME_PRECISION_MS = 0.01

/** The fingerprint of no file: the path has to be looked at again. */
export const UNSEEN: Fingerprint = { size: -1, mtimeMs: 0, ctimeMs: 0, ino: 0 }

type Made = Pick<Fingerprint, 'size' | 'mtimeMs'>

/** The former file, under a temporary name, until nobody can be writing into it any more. */
export interface Kept {
  readonly path: string
  readonly temporary: string
  /** What it was when it was put aside. */
  readonly stat: Pick<Fingerprint, 'size' | 'mtimeMs'>
  /** It was removed, not replaced: its folders go with it if it was the last file in them. */
  readonly removed: boolean
}

export interface LateContent {
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number
}

export type Replaced =
  | { readonly kind: 'done'; readonly fingerprint: Fingerprint; readonly kept: Kept | null }
  /** The target is no longer what the plan saw. Nothing was changed. */
  | { readonly kind: 'changed' }
  /** A folder on the way is a link (R11). */
  | { readonly kind: 'link'; readonly link: string }

export type Removed =
  | { readonly kind: 'done'; readonly kept: Kept | null }
  | { readonly kind: 'changed' }
  | { readonly kind: 'link'; readonly link: string }

export class Replacer {
  readonly #fs: FileSystem
  readonly #clock: Clock
  readonly #run: string
  #count = 0
  /** Folders that stay even when they are empty: the content root and where the patterns begin. */
  readonly #lasting: ReadonlySet<string>
  /** Folders that this batch has found to be real folders, all the way up. */
  readonly #folders = new Set<string>()

  constructor(fs: FileSystem, clock: Clock, lasting: ReadonlySet<string>) {
    this.#fs = fs
    this.#clock = clock
    this.#lasting = lasting
    this.#run = Math.floor(clock.random() * 2 ** 40).toString(36)
  }

  /** What was checked of folders holds only for a moment: call it before each batch. */
  startBatch(): void {
    this.#folders.clear()
  }

  /** Writes `bytes` to `path`, where the plan saw `expected`, or nothing where that is null. */
  replace(path: string, bytes: Uint8Array, expected: Fingerprint | null): Replaced {
    const link = this.#prepareFolder(parentOf(path))
    if (link !== null) return { kind: 'link', link }
    // A new file is put in place by a link, which looks by itself whether something is there.
    const current = expected === null ? null : this.#fs.lstat(path)
    if (!isAsExpected(current, expected)) return { kind: 'changed' }
    const temporary = this.#temporaryName(path, 'new')
    const made = { size: bytes.length, mtimeMs: this.#distinctTime() }
    this.#fs.create(temporary, bytes, {
      ...(current === null ? {} : { mode: current.mode }),
      mtimeMs: made.mtimeMs,
    })
    try {
      const result =
        current === null ? this.#putNew(path, temporary, made) : this.#putOver(path, temporary, current, made)
      if (result.kind !== 'done') this.#fs.unlink(temporary)
      return result
    } catch (error) {
      this.#unlinkQuietly(temporary)
      throw error
    }
  }

  /** Removes `path`, where the plan saw `expected`; once the kept file is dropped, also folders that it leaves empty. */
  remove(path: string, expected: Fingerprint): Removed {
    const link = linkAbove(this.#fs, path)
    if (link !== null) return { kind: 'link', link }
    if (!isAsExpected(this.#fs.lstat(path), expected)) return { kind: 'changed' }
    const temporary = this.#temporaryName(path, 'old')
    this.#fs.rename(path, temporary)
    const moved = this.#fs.lstat(temporary)
    if (moved === null || !isSameContent(moved, expected)) {
      this.putBack({ path, temporary })
      return { kind: 'changed' }
    }
    const stat = { size: moved.size, mtimeMs: moved.mtimeMs }
    return { kind: 'done', kept: { path, temporary, stat, removed: true } }
  }

  /**
   * Whether a program wrote into the kept file after it was put aside; if not, it is removed.
   * What it holds, if it did; the file then stays under its temporary name until `putBack` or `drop`.
   */
  release(kept: Kept): LateContent | null {
    const stat = this.#fs.lstat(kept.temporary)
    if (stat === null) return null
    if (stat.size === kept.stat.size && stat.mtimeMs === kept.stat.mtimeMs) {
      this.drop(kept)
      return null
    }
    return { bytes: this.#fs.read(kept.temporary), mtimeMs: stat.mtimeMs }
  }

  drop(kept: Pick<Kept, 'temporary' | 'removed'>): void {
    this.#fs.unlink(kept.temporary)
    if (kept.removed) this.#removeEmptyFolders(parentOf(kept.temporary))
  }

  /** Gives a kept file its old name back, unless that has been taken meanwhile; then it stays kept. */
  putBack(kept: Pick<Kept, 'path' | 'temporary'>): 'back' | 'taken' {
    const linked = this.#fs.link(kept.temporary, kept.path)
    if (linked === 'linked') this.#fs.unlink(kept.temporary)
    else if (linked === 'unsupported' && this.#fs.lstat(kept.path) === null)
      this.#fs.rename(kept.temporary, kept.path)
    else return 'taken'
    return 'back'
  }

  /** Puts a kept file in the place of what sync itself wrote there, if that is still untouched. */
  putBackOver(kept: Kept, written: Fingerprint): 'back' | 'taken' {
    const current = this.#fs.lstat(kept.path)
    if (current === null) return this.putBack(kept)
    if (!isAsExpected(current, written)) return 'taken'
    this.#fs.rename(kept.temporary, kept.path)
    return 'back'
  }

  #putNew(path: string, temporary: string, made: Made): Replaced {
    const linked = this.#fs.link(temporary, path)
    if (linked === 'exists') return this.#taken(path)
    // From here on it is in place, whatever fails: a temporary name that stays is cleared at the next start.
    if (linked === 'linked') this.#unlinkQuietly(temporary)
    else if (this.#fs.lstat(path) === null) this.#fs.rename(temporary, path)
    else return this.#taken(path)
    return this.#done(path, made, null)
  }

  #taken(path: string): Replaced {
    if (this.#fs.lstat(path)?.kind === 'directory') throw new FileSystemError('EISDIR', path, 'a folder')
    return { kind: 'changed' }
  }

  #putOver(path: string, temporary: string, current: FileStat, made: Made): Replaced {
    const old = this.#temporaryName(path, 'old')
    const linked = this.#linkCurrent(path, old)
    if (linked === 'gone') return { kind: 'changed' }
    if (linked !== 'linked') return this.#putOverUnlinked(path, temporary, current, made)
    const stat = this.#fs.lstat(old)
    if (stat === null || !isSameContent(stat, current)) {
      this.#fs.unlink(old)
      return { kind: 'changed' }
    }
    this.#fs.rename(temporary, path)
    const kept = { size: current.size, mtimeMs: current.mtimeMs }
    return this.#done(path, made, { path, temporary: old, stat: kept, removed: false })
  }

  /** Linux also says that a file is missing when another takes its place at that very moment. */
  #linkCurrent(path: string, to: string): ReturnType<FileSystem['link']> | 'gone' {
    try {
      return this.#fs.link(path, to)
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'ENOENT') return 'gone'
      throw error
    }
  }

  /** Without hard links a write between this look and the rename would be lost; docs say so. */
  #putOverUnlinked(path: string, temporary: string, current: FileStat, made: Made): Replaced {
    if (!isAsExpected(this.#fs.lstat(path), current)) return { kind: 'changed' }
    this.#fs.rename(temporary, path)
    return this.#done(path, made, null)
  }

  /** Within microseconds a program may have replaced, written or removed what we put there: then it is not ours. */
  #done(path: string, made: Made, kept: Kept | null): Replaced {
    const stat = this.#lookQuietly(path)
    const isOurs =
      stat?.kind === 'file' &&
      stat.size === made.size &&
      Math.abs(stat.mtimeMs - made.mtimeMs) < TIME_PRECISION_MS
    return { kind: 'done', fingerprint: isOurs ? fingerprintOf(stat) : UNSEEN, kept }
  }

  /** Null where it cannot be looked at, too: it has been replaced all the same, and will be looked at again. */
  #lookQuietly(path: string): FileStat | null {
    try {
      return this.#fs.lstat(path)
    } catch (error) {
      if (error instanceof FileSystemError) return null
      throw error
    }
  }

  /** Makes the folder where it is missing; a link on the way is returned instead. */
  #prepareFolder(folder: string): string | null {
    if (folder === '' || this.#folders.has(folder)) return null
    const link = linkAbove(this.#fs, join(folder, '_'))
    if (link !== null) return link
    const stat = this.#fs.lstat(folder)
    if (stat === null) this.#fs.makeDirectory(folder)
    else if (stat.kind !== 'directory') throw new FileSystemError('ENOTDIR', folder, 'not a folder')
    this.#folders.add(folder)
    return null
  }

  #removeEmptyFolders(folder: string): void {
    let current = folder
    while (current !== '' && !this.#lasting.has(current) && this.#fs.removeEmptyDirectory(current)) {
      current = parentOf(current)
    }
  }

  /**
   * Now, less up to a millisecond: a time that no later write of a program can have, since the kernel's file
   * clock ticks more coarsely. So that write is seen even if it keeps the size.
   */
  #distinctTime(): number {
    return this.#clock.now() - this.#clock.random()
  }

  #temporaryName(path: string, kind: 'new' | 'old'): string {
    this.#count += 1
    const name = `${TEMPORARY_PREFIX}${this.#run}-${this.#count}-${kind}`
    return join(parentOf(path), kind === 'old' ? withOriginalName(name, nameOf(path)) : name)
  }

  #unlinkQuietly(path: string): void {
    try {
      this.#fs.unlink(path)
    } catch (error) {
      // What matters has happened, or failed, before; the leftover is cleared at the next start.
      if (!(error instanceof FileSystemError)) throw error
    }
  }
}

function withOriginalName(name: string, original: string): string {
  return original.length * 3 <= LONGEST_KEPT_NAME ? `${name}-${original}` : name
}

/** The path that a kept file once had, if its name tells. */
export function originalPath(temporary: string): string | null {
  const match = /^[a-z0-9]+-\d+-old-(.+)$/.exec(nameOf(temporary).slice(TEMPORARY_PREFIX.length))
  return match === null ? null : join(parentOf(temporary), match[1]!)
}

function isAsExpected(stat: FileStat | null, expected: Fingerprint | null): boolean {
  if (stat === null || expected === null) return stat === null && expected === null
  return stat.kind === 'file' && isSameContent(stat, expected) && stat.ctimeMs === expected.ctimeMs
}

/** The change time is left out: giving a file another name changes it. */
function isSameContent(stat: FileStat, expected: Fingerprint): boolean {
  return (
    stat.kind === 'file' &&
    stat.ino === expected.ino &&
    stat.size === expected.size &&
    stat.mtimeMs === expected.mtimeMs
  )
}
