/** Brings the local trees up to date with the files: all of them, or those that hints have named. */
import { removeOldCopies } from './conflict.ts'
import { channelOf, type Context, noteLook, unknownFolderAbove } from './context.ts'
import { provenFingerprint } from './core/entry.ts'
import { folderPatternProblem } from './core/folder-patterns.ts'
import { isWithin, parentOf } from './core/tree.ts'
import { mountPointsAmong } from './mounts.ts'
import { foundAbove, leaveOut } from './leave-out.ts'
import type { LeftOutFolder } from './left-out.ts'
import { recoverLeftovers } from './leftover.ts'
import { type Known, linkAbove, look } from './look.ts'
import { scan, type ScanVisitor, type SyncedClass } from './scan.ts'
import { FileSystemError } from './ports/file-system.ts'
import { Slice } from './slice.ts'
import { forgetUnfitNames, lookAtUnfitName, noteUnfitName } from './unfit-names.ts'

/** Steps of progress are announced after this many files. */
const PROGRESS_FILES = 500

/** Whether everything was looked at. */
export async function observeLocal(context: Context): Promise<boolean> {
  const due = context.dirt.take(context.ports.clock.now())
  if (due !== 'everything' && !isAboveThePatterns(context, due)) {
    if (due.size > 0) await observePaths(context, due)
    return false
  }
  context.looksAtAll = true
  try {
    await observeEverything(context)
  } finally {
    context.looksAtAll = false
  }
  return true
}

/** A hint about the project itself, or a folder above all patterns, says no more than "look around". */
function isAboveThePatterns(context: Context, paths: ReadonlySet<string>): boolean {
  const { scanBases } = context.rules
  return [...paths].some(path => scanBases.some(base => base !== path && isWithin(path, base)))
}

async function observeEverything(context: Context): Promise<void> {
  const { unknown } = context
  const formerlyUnknown = [...unknown.folders.keys()]
  unknown.folders.clear()
  unblock(context)
  const endUnfitNames = forgetUnfitNames(context)
  const seen = new Set<string>()
  const folders: string[] = []
  await leaveOut(context, foundAbove(context, context.rules.scanBases))
  const found: LeftOutFolder[] = []
  const copies: string[] = []
  await scan(context, visitor(context, seen, { folders, found, copies }))
  await leaveOut(context, found)
  if (context.leftovers !== null) await removeOldCopies(context, copies)
  tellOfFolderPatterns(context)
  endUnfitNames()
  for (const folder of formerlyUnknown) if (!unknown.folders.has(folder)) context.problems.clearPath(folder)
  await recoverLeftovers(context)
  const missing: string[] = []
  for (const state of context.channels) {
    for (const tree of [state.local, state.base]) {
      for (const path of tree.keys()) if (!seen.has(path)) missing.push(path)
    }
  }
  for (const path of unknown.paths) if (!seen.has(path)) missing.push(path)
  await lookAtEach(context, missing)
  await noteMounts(context, folders, seen)
}

/** A person who wrote a folder's name meant what lies in it. */
function tellOfFolderPatterns(context: Context): void {
  for (const named of context.rules.namedPaths) {
    if (isFolder(context, named.path)) context.problems.report(folderPatternProblem(named))
    else context.problems.clear('folder-pattern', named.path)
  }
}

/** Those below the content root, and those above where the patterns begin. */
async function noteMounts(
  context: Context,
  folders: readonly string[],
  files: ReadonlySet<string>,
): Promise<void> {
  const { ports, mounts, contentRoot, channels } = context
  const seen = new Set(folders)
  for (const base of context.rules.scanBases)
    for (let folder = base; folder !== ''; folder = parentOf(folder)) seen.add(folder)
  const below = [...seen].filter(folder => folder !== contentRoot && isWithin(contentRoot, folder))
  const found = mountPointsAmong(ports.fs, below)
  await doubtBeneath(
    context,
    [...found].filter(folder => !mounts.isKnown(folder) || mounts.isExchanged(folder)),
  )
  // By what lies there: of a file that went a moment ago the local tree still speaks.
  const isMissed = (folder: string): boolean =>
    channels.some(({ base }) => [...base.keys()].some(path => isWithin(folder, path) && !files.has(path)))
  if (mounts.note(found, isMissed)) await ports.state.commit([{ kind: 'mounts-set', mounts: mounts.known }])
}

/** Drives that have come to lie over folders, or in the place of others: what was agreed on there is out of sight. */
async function doubtBeneath({ ports, channels }: Context, folders: readonly string[]): Promise<void> {
  if (folders.length === 0) return
  const changes = channels.flatMap(state =>
    [...state.base.keys()]
      .filter(path => folders.some(folder => isWithin(folder, path)))
      .map(path => state.doubt(path, 'beneath-mount')),
  )
  if (changes.length > 0) await ports.state.commit(changes)
}

async function observePaths(context: Context, paths: ReadonlySet<string>): Promise<void> {
  await leaveOut(context, foundAbove(context, paths))
  const single: string[] = []
  const folders: string[] = []
  for (const path of paths) {
    single.push(path, ...knownFilesAbove(context, path))
    if (isLinkNoMore(context, path)) forgetUnknownFolders(context, path)
    if (isFolder(context, path) && !context.rules.prunes(path)) folders.push(path)
    else if (!isKnownFile(context, path)) single.push(...knownWithin(context, path))
  }
  if (folders.length > 0) {
    const seen = new Set<string>()
    for (const folder of folders) forgetUnknownFolders(context, folder)
    const found: LeftOutFolder[] = []
    await scan(context, visitor(context, seen, { folders: [], found, copies: [] }), folders)
    await leaveOut(context, found)
    // A folder that was renamed just after a pull into it has taken what was put aside along.
    await recoverLeftovers(context)
    for (const folder of folders) single.push(...knownWithin(context, folder).filter(path => !seen.has(path)))
  }
  await lookAtEach(context, single)
  await noteNewMounts(context, single)
}

/** What is missing may lie beneath a drive of which nobody has told. */
async function noteNewMounts(context: Context, paths: readonly string[]): Promise<void> {
  const { ports, mounts, contentRoot, dirt } = context
  const folders = new Set<string>()
  for (const path of paths) {
    if (context.channels.every(({ local, base }) => local.has(path) || !base.has(path))) continue
    for (let folder = parentOf(path); folder !== contentRoot && folder !== ''; folder = parentOf(folder))
      folders.add(folder)
  }
  const unknown = [...folders].filter(folder => !mounts.isKnown(folder))
  const found = mountPointsAmong(ports.fs, unknown)
  if (found.size === 0) return
  await doubtBeneath(context, [...found])
  dirt.markEverything()
}

function isLinkNoMore(context: Context, path: string): boolean {
  if (context.unknown.folders.get(path)?.code !== 'link') return false
  try {
    return context.ports.fs.lstat(path)?.kind !== 'link'
  } catch (error) {
    if (error instanceof FileSystemError) return false
    throw error
  }
}

function isFolder(context: Context, path: string): boolean {
  try {
    if (linkAbove(context.ports.fs, path) !== null) return false
    return context.ports.fs.lstat(path)?.kind === 'directory'
  } catch (error) {
    // Looking at the path itself says what is wrong with it.
    if (error instanceof FileSystemError) return false
    throw error
  }
}

/** A file may have made room for a folder, and the watcher told only of what lies in it. */
function knownFilesAbove(context: Context, path: string): string[] {
  const above: string[] = []
  for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
    if (isKnownFile(context, folder)) above.push(folder)
  }
  return above
}

function isKnownFile(context: Context, path: string): boolean {
  return context.channels.some(state => state.local.has(path) || state.base.has(path))
}

function knownWithin(context: Context, folder: string): string[] {
  const known = new Set<string>()
  for (const state of context.channels) {
    for (const tree of [state.local, state.base]) {
      for (const path of tree.keys()) if (path !== folder && isWithin(folder, path)) known.add(path)
    }
  }
  for (const path of context.unknown.paths) if (path !== folder && isWithin(folder, path)) known.add(path)
  return [...known]
}

/** Whatever could not be entered at or below `folder` is tried anew. */
function forgetUnknownFolders(context: Context, folder: string): void {
  for (const unknown of context.unknown.folders.keys()) {
    if (!isWithin(folder, unknown)) continue
    context.unknown.folders.delete(unknown)
    context.problems.clearPath(unknown)
  }
  unblock(context)
}

function unblock(context: Context): void {
  for (const state of context.channels) {
    for (const path of state.blocked) state.pending.add(path)
    state.blocked.clear()
  }
}

async function lookAtEach(context: Context, paths: readonly string[]): Promise<void> {
  const slice = new Slice(context.ports.clock, context.signal)
  for (const path of paths) {
    if (slice.isOver()) await slice.yield()
    const found = context.rules.classify(path)
    if (found.kind === 'unsafe') lookAtUnfitName(context, path)
    if (found.kind !== 'synced') {
      context.unknown.paths.delete(path)
      continue
    }
    const state = channelOf(context, found.channel)
    if (state === undefined || unknownFolderAbove(context, path) !== null) continue
    noteLook(context, state, path, look(context.out, context.waits, path, knownOf(context, path, found)))
  }
}

interface Met {
  /** Those that were gone into. */
  readonly folders: string[]
  /** Those that are none of this project's. */
  readonly found: LeftOutFolder[]
  readonly copies: string[]
}

function visitor(context: Context, seen: Set<string>, { folders, found, copies }: Met): ScanVisitor {
  return {
    known: (path, synced) => knownOf(context, path, synced),
    onFile(path, synced, looked) {
      seen.add(path)
      const state = channelOf(context, synced.channel)
      if (state !== undefined) noteLook(context, state, path, looked)
      if (seen.size % PROGRESS_FILES === 0) {
        context.emit({ type: 'progress', step: 'scan', done: seen.size, total: null })
      }
    },
    onPrivateWithoutUser(path) {
      context.problems.report({
        code: 'private-without-user',
        message: `Files such as ${path} match a private pattern, and no user is set. Set FILE_SYNC_USER_ID in .env; until then they stay on this device.`,
      })
    },
    onUnfitName: path => noteUnfitName(context, path),
    enters(folder, entries) {
      if (context.leftOut.entryFor(folder) !== null) return false
      const kind = context.leftOut.kindOf(folder, entries)
      if (kind === null) folders.push(folder)
      else found.push({ folder, kind })
      return kind === null
    },
    onUnknownFolder(folder, problem) {
      context.unknown.folders.set(folder, problem)
      context.problems.report(problem)
    },
    onConflictCopy: path => copies.push(path),
    onTemporary: path => context.leftovers?.push(path),
  }
}

function knownOf(context: Context, path: string, found: SyncedClass): Known[] {
  const state = channelOf(context, found.channel)
  const known: Known[] = []
  const local = state?.local.get(path)
  const base = state?.base.get(path)
  if (local !== undefined) known.push({ digest: local.digest, fingerprint: provenFingerprint(local) })
  // The times of a write may be on the disk, and what was written not.
  if (base !== undefined && base.doubt !== 'not-flushed') known.push(base)
  return known
}
