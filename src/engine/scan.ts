/**
 * Walks folders and looks at every file that syncs. Denied and unmatched folders are not entered, links are
 * not followed, and a file is read only where its fingerprint says that it may have changed.
 *
 * Works in slices, so that the event loop is never held for long.
 */
import { CONFLICT_SUFFIX } from './conflict.ts'
import type { Problem } from './core/problem.ts'
import type { Classification, Rules } from './core/rules.ts'
import { TEMPORARY_PREFIX } from './core/denylist.ts'
import { isWithin, join } from './core/tree.ts'
import { fileProblem, linkProblem } from './file-problem.ts'
import { type Known, linkAbove, type Look, type Lookout, lookAtFile, type Waits } from './look.ts'
import { type DirectoryEntry, FileSystemError } from './ports/file-system.ts'
import { Slice } from './slice.ts'

export type SyncedClass = Extract<Classification, { kind: 'synced' }>

export interface ScanVisitor {
  known(path: string, synced: SyncedClass): readonly Known[]
  onFile(path: string, synced: SyncedClass, look: Look): void
  /** A file that matches a private pattern while no user is set. */
  onPrivateWithoutUser(path: string): void
  /** A file whose name cannot be the path of a record. */
  onUnfitName(path: string): void
  /** Whether a folder is gone into that holds these. */
  enters(folder: string, entries: readonly DirectoryEntry[]): boolean
  /** A folder that cannot be entered: nothing is known of what lies in it. */
  onUnknownFolder(folder: string, problem: Problem): void
  /** What is called like the copy of a conflict. */
  onConflictCopy(path: string): void
  /** A temporary file of ours, left over from a crash if no engine is at work on it. */
  onTemporary(path: string): void
}

export interface ScanOptions {
  readonly out: Lookout
  readonly waits: Waits
  readonly rules: Rules
  readonly signal: AbortSignal
}

/** Scans `folders`, or everything the patterns can match where none are given. */
export async function scan(
  options: ScanOptions,
  visitor: ScanVisitor,
  folders: readonly string[] = options.rules.scanBases,
): Promise<void> {
  const queue: string[] = []
  for (const folder of outermost(folders)) {
    const link = folder === '' ? null : linkAbove(options.out.fs, join(folder, '_'))
    if (link === null) queue.push(folder)
    else visitor.onUnknownFolder(folder, linkProblem(folder, link))
  }
  const slice = new Slice(options.out.clock, options.signal)
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const entries = listSorted(options, visitor, folder)
    for (const found of visitor.enters(folder, entries) ? entries : []) {
      const path = join(folder, found.name)
      if (found.kind === 'directory') {
        if (!options.rules.prunes(path)) queue.push(path)
      } else if (found.name.startsWith(TEMPORARY_PREFIX)) {
        visitor.onTemporary(path)
      } else if (found.name.endsWith(CONFLICT_SUFFIX)) {
        visitor.onConflictCopy(path)
      } else {
        visit(options, visitor, path, found.kind === 'link')
      }
      if (slice.isOver()) await slice.yield()
    }
    options.signal.throwIfAborted()
  }
}

function listSorted(options: ScanOptions, visitor: ScanVisitor, folder: string): DirectoryEntry[] {
  try {
    const entries = options.out.fs.list(folder) ?? []
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    visitor.onUnknownFolder(folder, fileProblem(error, folder))
    return []
  }
}

function visit(options: ScanOptions, visitor: ScanVisitor, path: string, isLink: boolean): void {
  const found = options.rules.classify(path)
  if (found.kind === 'private-without-user') visitor.onPrivateWithoutUser(path)
  if (found.kind === 'unsafe') visitor.onUnfitName(path)
  // What the link leads to is not known; if it is a folder, files of ours may once have lain in its place.
  if (isLink && !options.rules.prunes(path)) visitor.onUnknownFolder(path, linkProblem(path, path))
  if (found.kind !== 'synced') return
  visitor.onFile(path, found, lookOrProblem(options, visitor, path, found))
}

function lookOrProblem(options: ScanOptions, visitor: ScanVisitor, path: string, found: SyncedClass): Look {
  try {
    const stat = options.out.fs.lstat(path)
    // Gone since the folder was listed: the path is looked at again because it was known, or never was.
    if (stat === null || stat.kind === 'directory') return { kind: 'waiting', until: options.out.clock.now() }
    options.waits.present(path)
    return lookAtFile(options.out, options.waits, path, stat, visitor.known(path, found))
  } catch (error) {
    if (error instanceof FileSystemError) return { kind: 'unknown', problem: fileProblem(error, path) }
    throw error
  }
}

function outermost(folders: readonly string[]): string[] {
  return folders.filter(folder => !folders.some(other => other !== folder && isWithin(other, folder)))
}
