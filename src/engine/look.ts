/**
 * What one path holds right now (R9): a settled file with its digest, nothing, a file that is still being
 * written, or something that cannot be synced and must therefore not be taken for a delete.
 *
 * A file is read only when it has settled: nothing has touched it for SETTLE_MS, and its fingerprint is the
 * same before and after the read. That is more than a tick of any kernel's file clock, so a fingerprint
 * taken then is never shared with a later content. Where a file system's times tick more coarsely, the
 * fingerprint is not trusted until the tick is over (core/racy.ts).
 */
import { databaseFileProblem, isDatabaseFile } from './core/database-file.ts'
import { type Digest, type Fingerprint, type LocalEntry, sameFingerprint } from './core/entry.ts'
import { isLogFile } from './core/log-file.ts'
import type { Problem } from './core/problem.ts'
import { isCoarse, isProven, provenInMs, restMs } from './core/racy.ts'
import { join, parentOf } from './core/tree.ts'
import type { FileClocks } from './file-clocks.ts'
import { nameTwin } from './name-twin.ts'
import type { Clock } from './ports/clock.ts'
import type { RecentContents } from './recent-contents.ts'
import type { Codec } from './ports/codec.ts'
import { type FileStat, type FileSystem, FileSystemError } from './ports/file-system.ts'
import { fileProblem, linkProblem } from './file-problem.ts'

/** How long a file must have been left alone before it is read, in milliseconds. */
export const SETTLE_MS = 25
/** How long a file that looks half-written (JSON that does not parse, a log's line without an end, emptied) is given to become whole. */
const BECOME_WHOLE_MS = 2_000
/** A file that never rests is read after this long, if it holds still during the read itself. */
const LONGEST_WAIT_MS = 2_000
/** The same for one that never becomes whole while it is written again and again. */
const LONGEST_WAIT_TO_BECOME_WHOLE_MS = 10_000
/** How long a file must have been gone before that counts: editors save by removing and creating again. */
const GONE_MS = 250

export type Look =
  /**
   * `since`: when it was first seen changed, where it had to be read; `again`: when it is worth another look, because
   * its fingerprint proves nothing yet. In milliseconds since the epoch.
   */
  | { readonly kind: 'file'; readonly entry: LocalEntry; readonly since?: number; readonly again?: number }
  | { readonly kind: 'absent' }
  /** Look again at `until`, in milliseconds since the epoch. */
  | { readonly kind: 'waiting'; readonly until: number }
  /** Something is there that cannot be synced: neither a content nor an absence. */
  | { readonly kind: 'unknown'; readonly problem: Problem }

export interface Lookout {
  readonly fs: FileSystem
  readonly codec: Codec
  readonly clock: Clock
  readonly clocks: FileClocks
  readonly maxFileBytes: number
  readonly recent: RecentContents
}

/** What was known of a path before: a matching fingerprint saves the read. */
export interface Known {
  readonly digest: string
  readonly fingerprint: Fingerprint | null
}

/** `digest` is null where the fingerprint alone tells. */
interface Seen {
  readonly fingerprint: Fingerprint
  readonly digest: Digest | null
}

/** Since when paths have been waited for, in milliseconds since the epoch; it outlives single looks. */
export class Waits {
  readonly #files = new Map<string, number>()
  readonly #gone = new Map<string, number>()
  /** As what paths were last seen, and since when, by the monotonic clock. */
  readonly #still = new Map<string, Seen & { readonly since: number }>()

  fileSince(path: string, now: number): number {
    return remember(this.#files, path, now)
  }

  /** For how long the path has been seen with nothing else, in milliseconds; `now` by the monotonic clock. */
  stillFor(path: string, { fingerprint, digest }: Seen, now: number): number {
    const before = this.#still.get(path)
    const isSame = before?.digest === digest && sameFingerprint(before.fingerprint, fingerprint)
    if (isSame) return now - before.since
    this.#still.set(path, { fingerprint, digest, since: now })
    return 0
  }

  goneSince(path: string, now: number): number {
    return remember(this.#gone, path, now)
  }

  /** How many files are missing that may come back at any moment. */
  get gone(): number {
    return this.#gone.size
  }

  present(path: string): void {
    this.#gone.delete(path)
  }

  /** It was read, and is to be read once more. */
  read(path: string): void {
    this.#files.delete(path)
    this.#gone.delete(path)
  }

  over(path: string): void {
    this.read(path)
    this.#still.delete(path)
  }
}

function remember(since: Map<string, number>, path: string, now: number): number {
  const first = since.get(path)
  // A clock that was set back must not make a path wait for the old time to come again.
  if (first !== undefined && first <= now) return first
  since.set(path, now)
  return now
}

/** Looks at a path that is or was a file. `known` holds what the last look or the base knew of it. */
export function look(out: Lookout, waits: Waits, path: string, known: readonly Known[]): Look {
  try {
    return out.fs.within(parentOf(path), () => lookInFolder(out, waits, path, known))
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (isNoFolder(error)) return lookAtNothing(out, waits, path, known.length > 0)
    waits.over(path)
    return { kind: 'unknown', problem: fileProblem(error, path) }
  }
}

/** The folder is missing, or a file is in its place. */
function isNoFolder({ code }: FileSystemError): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function lookInFolder(out: Lookout, waits: Waits, path: string, known: readonly Known[]): Look {
  const stat = out.fs.lstat(path)
  // A folder in the place of a file: the file itself is gone.
  if (stat === null || stat.kind === 'directory') return lookAtNothing(out, waits, path, known.length > 0)
  // It is another path's file, whose name this file system takes for the same.
  if (nameTwin(out.fs, path) !== null) return lookAtNothing(out, waits, path, known.length > 0)
  waits.present(path)
  return lookAtFile(out, waits, path, stat, known)
}

function lookAtNothing(out: Lookout, waits: Waits, path: string, wasThere: boolean): Look {
  const now = out.clock.now()
  if (wasThere) {
    const until = waits.goneSince(path, now) + GONE_MS
    if (now < until) return { kind: 'waiting', until }
  }
  waits.over(path)
  return { kind: 'absent' }
}

export function lookAtFile(
  out: Lookout,
  waits: Waits,
  path: string,
  stat: FileStat,
  known: readonly Known[],
): Look {
  if (stat.kind === 'link') return { kind: 'unknown', problem: linkProblem(path, path) }
  if (stat.kind !== 'file') return { kind: 'unknown', problem: notAFile(path) }
  if (stat.size > out.maxFileBytes)
    return { kind: 'unknown', problem: tooLarge(path, stat.size, out.maxFileBytes) }
  const digest = known.find(
    entry => entry.fingerprint !== null && sameFingerprint(entry.fingerprint, stat),
  )?.digest
  if (digest !== undefined) {
    waits.over(path)
    return { kind: 'file', entry: { digest, fingerprint: fingerprintOf(stat) } }
  }
  return readSettled(out, waits, path, stat, known)
}

function readSettled(
  out: Lookout,
  waits: Waits,
  path: string,
  stat: FileStat,
  known: readonly Known[],
): Look {
  const now = out.clock.now()
  const since = waits.fileSince(path, now)
  // Within a tick another content may have the same times and size, so there it has to be the same as well.
  const early = isCoarse(stat) ? readContent(out, path, stat) : null
  const seen = { fingerprint: fingerprintOf(stat), digest: early?.digest ?? null }
  const stillMs = waits.stillFor(path, seen, out.clock.monotonic())
  const moment = { ...out.clocks.at(stat.dev, now), stillMs }
  const rest = isBeforeItsTime(stat, known) ? stillMs : restMs(stat, moment)
  const wait = SETTLE_MS - rest
  if (wait > 0 && now - since < LONGEST_WAIT_MS) return { kind: 'waiting', until: now + wait }
  const content = early ?? readContent(out, path, stat)
  if (content === null) return { kind: 'waiting', until: now + SETTLE_MS }
  if (isDatabaseFile(content.bytes)) {
    waits.over(path)
    return { kind: 'unknown', problem: databaseFileProblem(path) }
  }
  const patience = BECOME_WHOLE_MS - rest
  if (
    patience > 0 &&
    now - since < LONGEST_WAIT_TO_BECOME_WHOLE_MS &&
    looksHalfWritten(out.codec, path, content.bytes, known)
  ) {
    return { kind: 'waiting', until: now + patience }
  }
  const { digest } = content
  const entry: LocalEntry = { digest, fingerprint: seen.fingerprint }
  if (known.every(other => other.digest !== digest)) out.recent.keep(path, entry, content.bytes)
  if (isProven(stat, moment)) {
    waits.over(path)
    return { kind: 'file', entry, since }
  }
  waits.read(path)
  return { kind: 'file', entry: { ...entry, isUnproven: true }, since, again: now + provenInMs(stat, moment) }
}

function readContent(
  out: Lookout,
  path: string,
  stat: FileStat,
): { readonly bytes: Uint8Array; readonly digest: Digest } | null {
  const bytes = readUnchanged(out.fs, path, stat)
  return bytes === null ? null : { bytes, digest: out.codec.digest(bytes) }
}

/**
 * A file that is being truncated: ext4 sets the size, may wait for its journal then, and sets the times last
 * (fs/ext4/inode.c, ext4_setattr).
 */
function isBeforeItsTime(stat: FileStat, known: readonly Known[]): boolean {
  return known.some(
    ({ fingerprint }) =>
      fingerprint !== null &&
      fingerprint.ino === stat.ino &&
      fingerprint.size !== stat.size &&
      fingerprint.mtimeMs === stat.mtimeMs &&
      fingerprint.ctimeMs === stat.ctimeMs,
  )
}

/** The bytes, if the file was `stat` before the read and after it; else null. */
export function readUnchanged(fs: FileSystem, path: string, stat: Fingerprint): Uint8Array | null {
  const bytes = fs.read(path)
  const after = fs.lstat(path)
  return after !== null && sameFingerprint(stat, after) && bytes.length === stat.size ? bytes : null
}

function looksHalfWritten(codec: Codec, path: string, bytes: Uint8Array, known: readonly Known[]): boolean {
  // Programs that write in place truncate first: between the two the file is empty, and means nothing (F1).
  if (bytes.length === 0) return known.length > 0 || path.endsWith('.json')
  // A program may be in the middle of a line: what is put behind it would stand in that line (R5.5).
  if (isLogFile(path)) return !LINE_ENDS.has(bytes.at(-1)!)
  if (!path.endsWith('.json')) return false
  const text = codec.decodeUtf8(bytes)
  return text !== null && !parses(text)
}

/** LF and CR. */
const LINE_ENDS = new Set([0x0a, 0x0d])

function parses(text: string): boolean {
  try {
    JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
    return true
  } catch {
    return false
  }
}

/** The nearest folder above `path` that is a link, or null. Links are never followed (R11). */
export function linkAbove(fs: FileSystem, path: string): string | null {
  const names = parentOf(path).split('/')
  let folder = ''
  for (const name of names) {
    if (name === '') continue
    folder = join(folder, name)
    if (fs.lstat(folder)?.kind === 'link') return folder
  }
  return null
}

export function fingerprintOf(stat: FileStat): Fingerprint {
  return { size: stat.size, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs, ino: stat.ino }
}

function notAFile(path: string): Problem {
  return {
    code: 'not-a-file',
    path,
    message: 'This is neither a regular file nor a folder, and cannot be synced.',
  }
}

export function tooLarge(path: string, size: number, limit: number): Problem {
  const message = `The file has ${size} bytes, the limit is ${limit}. Raise maxFileBytes in sync-config.json, or exclude it with a ! pattern.`
  return { code: 'too-large', path, message }
}
