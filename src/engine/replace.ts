/**
 * Changes one local file without a gap in which a program's write could vanish (R1, R9).
 *
 * A new content is written whole beside the file and put in place by one rename or link. Before that, the
 * current file gets a second, temporary name; through it we see whether it is still what the plan saw, and
 * afterwards whether a program that had it open wrote into it after all. That `Kept` file is looked at
 * again after KEPT_MS, and for as long as somebody may write into it (`kept-files.ts`): what was written late is
 * an edit, and treated as one.
 *
 * A crash leaves at most temporary files behind; `leftover.ts` takes care of them at the next start.
 */
import type { Fingerprint, LocalEntry } from './core/entry.ts'
import { granuleMs, isCoarse } from './core/racy.ts'
import { newName, putAsideName } from './core/temporary-name.ts'
import { parentOf } from './core/tree.ts'
import type { FileClocks } from './file-clocks.ts'
import { fingerprintOf } from './look.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import { type FileStat, type FileSystem, FileSystemError } from './ports/file-system.ts'

/** How long a replaced or removed file is kept under its temporary name at the least, in milliseconds. */
export const KEPT_MS = 250
/** A time that was set may come back as much rounded, in milliseconds. */
const TIME_PRECISION_MS = 0.01

/** The fingerprint of no file: the path has to be looked at again. */
export const UNSEEN: Fingerprint = { size: -1, mtimeMs: 0, ctimeMs: 0, ino: 0 }

/** For whom a new file is readable; one that is replaced keeps its mode. */
export interface Openness {
  /** It is another version of this file, and no more open to others than that. */
  readonly versionOf?: string
  readonly mode?: number
  /** For its owner alone, with the folders that are made for it, where nothing else says how. */
  readonly isPrivate?: boolean
}

/** Of the private channel, where they arrive. */
const PRIVATE_FILE_MODE = 0o600
const PRIVATE_FOLDER_MODE = 0o700

type Made = Pick<Fingerprint, 'size' | 'mtimeMs'>

/** The former file, under a temporary name, until nobody can be writing into it any more. */
export interface Kept {
  readonly path: string
  readonly temporary: string
  /** What it was when it was put aside. */
  readonly former: LocalEntry
  /** It was removed, not replaced: its folders go with it if it was the last file in them. */
  readonly removed: boolean
}

export interface LateContent {
  readonly bytes: Uint8Array
  readonly fingerprint: Fingerprint
}

export type Replaced =
  | {
      readonly kind: 'done'
      readonly fingerprint: Fingerprint
      /** A program may write something else there that has the same fingerprint (R9.1). */
      readonly isUnproven: boolean
      readonly kept: Kept | null
    }
  | Changed
  | Linked

/** The target is no longer what the plan saw. Nothing was changed. */
interface Changed {
  readonly kind: 'changed'
}

/** A folder on the way is a link (R11). */
interface Linked {
  readonly kind: 'link'
  readonly link: string
}

export type Removed = { readonly kind: 'done'; readonly kept: Kept | null } | Changed | Linked

interface ReplacerPorts {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly codec: Codec
  readonly clocks: FileClocks
}

export class Replacer {
  readonly #fs: FileSystem
  readonly #clock: Clock
  readonly #codec: Codec
  readonly #clocks: FileClocks
  readonly #run: string
  #count = 0
  /** Folders that stay even when they are empty: the content root and where the patterns begin. */
  readonly #lasting: ReadonlySet<string>

  constructor({ fs, clock, codec, clocks }: ReplacerPorts, lasting: ReadonlySet<string>) {
    this.#fs = fs
    this.#clock = clock
    this.#codec = codec
    this.#clocks = clocks
    this.#lasting = lasting
    this.#run = Math.floor(clock.random() * 2 ** 40).toString(36)
  }

  /**
   * Writes `bytes` to `path`, where the plan saw `expected`, or nothing where that is null. A file that is replaced keeps
   * its mode.
   */
  replace(path: string, bytes: Uint8Array, expected: LocalEntry | null, openness: Openness = {}): Replaced {
    return unlessLinked(path, () => {
      this.#makeMissing(parentOf(path), openness)
      return this.#fs.within(parentOf(path), () => this.#replaceThere(path, bytes, expected, openness))
    })
  }

  #replaceThere(path: string, bytes: Uint8Array, expected: LocalEntry | null, openness: Openness): Replaced {
    // A new file is put in place by a link, which looks by itself whether something is there.
    const current = expected === null ? null : this.#fs.lstat(path)
    if (!isAsExpected(current, expected?.fingerprint ?? null)) return { kind: 'changed' }
    const temporary = newName(this.#nextId(), path)
    const made = { size: bytes.length, mtimeMs: this.#distinctTime() }
    const mode = current?.mode ?? this.#modeOfNew(openness)
    this.#fs.create(temporary, bytes, { ...(mode === undefined ? {} : { mode }), mtimeMs: made.mtimeMs })
    try {
      const result =
        expected === null
          ? this.#putNew(path, temporary, made)
          : this.#putOver(path, temporary, expected, made)
      if (result.kind !== 'done') this.#fs.unlink(temporary)
      return result
    } catch (error) {
      this.#unlinkQuietly(temporary)
      throw error
    }
  }

  /**
   * Appends what `bytes` has more than `expected`, which is how it begins, to the file itself (R9.3). 'refused' where
   * the file cannot be written in place. What somebody else has appended meanwhile shows in its size.
   */
  append(path: string, bytes: Uint8Array, expected: LocalEntry): Replaced | { readonly kind: 'refused' } {
    return this.#inFolderOf(path, () => this.#appendThere(path, bytes, expected))
  }

  #appendThere(
    path: string,
    bytes: Uint8Array,
    expected: LocalEntry,
  ): Replaced | { readonly kind: 'refused' } {
    const rest = bytes.subarray(expected.fingerprint.size)
    const appended = this.#fs.append(path, rest, expected.fingerprint)
    if (appended !== 'appended') return { kind: appended }
    const stat = this.#lookQuietly(path)
    const isOurs = stat?.ino === expected.fingerprint.ino && stat.size === bytes.length
    return { kind: 'done', fingerprint: isOurs ? fingerprintOf(stat) : UNSEEN, isUnproven: true, kept: null }
  }

  /** Removes `path`, where the plan saw `expected`; once the kept file is dropped, also folders that it leaves empty. */
  remove(path: string, expected: LocalEntry): Removed {
    return this.#inFolderOf(path, () => this.#removeThere(path, expected))
  }

  #removeThere(path: string, expected: LocalEntry): Removed {
    if (!isAsExpected(this.#fs.lstat(path), expected.fingerprint)) return { kind: 'changed' }
    const temporary = putAsideName(this.#nextId(), path, expected.digest)
    this.#fs.rename(path, temporary)
    const moved = this.#fs.lstat(temporary)
    if (moved === null || !isSameContent(moved, expected.fingerprint)) {
      this.putBack({ path, temporary })
      return { kind: 'changed' }
    }
    return { kind: 'done', kept: { path, temporary, former: expected, removed: true } }
  }

  /** What a program has written into the kept file since it was put aside; 'gone' where somebody has taken it away. */
  lookAtKept(kept: Kept): LateContent | 'as it was' | 'gone' {
    return unlessMissing(
      kept.temporary,
      () => this.#fs.within(parentOf(kept.temporary), () => this.#lookAtKeptThere(kept)),
      'gone',
    )
  }

  #lookAtKeptThere({ temporary, former }: Kept): LateContent | 'as it was' | 'gone' {
    const stat = this.#fs.lstat(temporary)
    if (stat === null) return 'gone'
    const { size, mtimeMs } = former.fingerprint
    const looksSame = stat.size === size && stat.mtimeMs === mtimeMs
    if (looksSame && former.isUnproven !== true) return 'as it was'
    const bytes = this.#fs.read(temporary)
    if (this.#codec.digest(bytes) === former.digest) return 'as it was'
    return { bytes, fingerprint: fingerprintOf(stat) }
  }

  drop(kept: Pick<Kept, 'temporary' | 'removed'>): void {
    this.#fs.unlink(kept.temporary)
    if (kept.removed) this.#removeEmptyFolders(parentOf(kept.temporary))
  }

  /** Gives a kept file its old name back, unless that has been taken meanwhile; then it stays kept. */
  putBack(kept: Pick<Kept, 'path' | 'temporary'>): 'back' | 'taken' {
    return this.#fs.within(parentOf(kept.path), () => this.#putBackThere(kept))
  }

  #putBackThere(kept: Pick<Kept, 'path' | 'temporary'>): 'back' | 'taken' {
    const linked = this.#fs.link(kept.temporary, kept.path)
    if (linked === 'linked') this.#fs.unlink(kept.temporary)
    else if (linked === 'unsupported' && this.#fs.lstat(kept.path) === null)
      this.#fs.rename(kept.temporary, kept.path)
    else return 'taken'
    return 'back'
  }

  /**
   * Puts a kept file in the place of what sync itself wrote there, if that is still untouched. Somebody may have opened
   * that by now, so it is kept in turn.
   */
  putBackOver(kept: Kept, written: LocalEntry): 'taken' | { readonly kept: Kept | null } {
    return this.#fs.within(parentOf(kept.path), () => this.#putBackOverThere(kept, written))
  }

  #putBackOverThere(
    { path, temporary }: Kept,
    written: LocalEntry,
  ): 'taken' | { readonly kept: Kept | null } {
    const current = this.#fs.lstat(path)
    if (current === null) return this.putBack({ path, temporary }) === 'taken' ? 'taken' : { kept: null }
    if (!isAsExpected(current, written.fingerprint) || !this.#holds(path, written)) return 'taken'
    const kept = this.#keepCurrent(path, written)
    if (kept === 'changed') return 'taken'
    this.#fs.rename(temporary, path)
    return { kept }
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

  #putOver(path: string, temporary: string, expected: LocalEntry, made: Made): Replaced {
    const kept = this.#keepCurrent(path, expected)
    if (kept === 'changed') return { kind: 'changed' }
    if (kept === null) return this.#putOverUnlinked(path, temporary, expected, made)
    this.#fs.rename(temporary, path)
    return this.#done(path, made, kept)
  }

  /** Gives what stands there a second name, if it is what is expected; null where there are no hard links. */
  #keepCurrent(path: string, expected: LocalEntry): Kept | 'changed' | null {
    const temporary = putAsideName(this.#nextId(), path, expected.digest)
    const linked = this.#linkCurrent(path, temporary)
    if (linked === 'gone') return 'changed'
    if (linked !== 'linked') return null
    const stat = this.#fs.lstat(temporary)
    if (stat !== null && isSameContent(stat, expected.fingerprint))
      return { path, temporary, former: expected, removed: false }
    this.#fs.unlink(temporary)
    return 'changed'
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
  #putOverUnlinked(path: string, temporary: string, expected: LocalEntry, made: Made): Replaced {
    if (!isAsExpected(this.#fs.lstat(path), expected.fingerprint) || !this.#holds(path, expected))
      return { kind: 'changed' }
    this.#fs.rename(temporary, path)
    return this.#done(path, made, null)
  }

  /** Where nothing is kept that would show it, and the times prove nothing, the content itself has to. */
  #holds(path: string, expected: LocalEntry): boolean {
    return expected.isUnproven !== true || this.#codec.digest(this.#fs.read(path)) === expected.digest
  }

  /** Within microseconds a program may have replaced, written or removed what we put there: then it is not ours. */
  #done(path: string, made: Made, kept: Kept | null): Replaced {
    const stat = this.#lookQuietly(path)
    if (stat?.kind !== 'file') return { kind: 'done', fingerprint: UNSEEN, isUnproven: true, kept }
    this.#clocks.note(stat, this.#clock.now())
    const isOurs = stat.size === made.size && isTimeOf(stat, made.mtimeMs)
    const fingerprint = isOurs ? fingerprintOf(stat) : UNSEEN
    return { kind: 'done', fingerprint, isUnproven: !isOurs || isCoarse(stat), kept }
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

  #inFolderOf<Result>(path: string, work: () => Result): Result | Linked | Changed {
    const inFolder = (): Result => this.#fs.within(parentOf(path), work)
    return unlessLinked(path, () => unlessMissing<Result | Changed>(path, inFolder, { kind: 'changed' }))
  }

  /** Undefined: as the umask says. */
  #modeOfNew({ versionOf, mode, isPrivate = false }: Openness): number | undefined {
    const other = versionOf === undefined ? undefined : this.#fs.lstat(versionOf)?.mode
    return other ?? mode ?? (isPrivate ? PRIVATE_FILE_MODE : undefined)
  }

  #makeMissing(folder: string, { isPrivate = false }: Openness): void {
    try {
      this.#fs.within(folder, () => {})
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== 'ENOENT') throw error
      this.#fs.makeDirectory(folder, isPrivate ? PRIVATE_FOLDER_MODE : undefined)
    }
  }

  #removeEmptyFolders(folder: string): void {
    let current = folder
    while (current !== '' && !this.#lasting.has(current) && this.#fs.removeEmptyDirectory(current)) {
      current = parentOf(current)
    }
  }

  /**
   * Now, less up to a millisecond: a time that no later write of a program can have, since the kernel's file
   * clock ticks more coarsely. So that write is seen even if it keeps the size, where the file system keeps
   * fractions of a second.
   */
  #distinctTime(): number {
    return this.#clock.now() - this.#clock.random()
  }

  #nextId(): string {
    this.#count += 1
    return `${this.#run}-${this.#count}`
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

/** Whether the work came to a link on the way to `path`. */
function unlessLinked<Result>(path: string, work: () => Result): Result | Linked {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof FileSystemError) || error.code !== 'ELOOP' || error.path === path) throw error
    return { kind: 'link', link: error.path }
  }
}

/** `otherwise` where there is no folder for `path`. */
function unlessMissing<Result>(path: string, work: () => Result, otherwise: Result): Result {
  try {
    return work()
  } catch (error) {
    const isMissing =
      error instanceof FileSystemError && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    if (!isMissing || error.path === path) throw error
    return otherwise
  }
}

/** A file system with whole seconds rounds a time that was set down. */
function isTimeOf(stat: FileStat, mtimeMs: number): boolean {
  const late = mtimeMs - stat.mtimeMs
  return Math.abs(late) < TIME_PRECISION_MS || (isCoarse(stat) && late > 0 && late < granuleMs(stat))
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
