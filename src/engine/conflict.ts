/**
 * A path that both sides have changed differently (R6). The local file stays as it is; the remote version is
 * kept in the state store and beside the file as NAME.conflict; this path alone is paused.
 *
 * Nothing here remembers that there is a conflict: the three trees say so at each cycle, until the sides are
 * equal or one of them has gone back. The record only holds what the remote side was when it was last seen.
 */
import type { ChannelState } from './channel-state.ts'
import type { LocalEntry } from './core/entry.ts'
import { announce, type Context, failed, succeeded } from './context.ts'
import { noteContent } from './decide.ts'
import type { Step } from './plan.ts'
import { fileProblem } from './file-problem.ts'
import { putAside } from './history.ts'
import { mayCome } from './hold-contents.ts'
import { fingerprintOf } from './look.ts'
import { type FileStat, FileSystemError } from './ports/file-system.ts'
import type { ConflictRecord, StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'

export const CONFLICT_SUFFIX = '.conflict'

export async function recordConflicts(
  context: Context,
  state: ChannelState,
  steps: readonly Step[],
): Promise<void> {
  const isNews = ({ path }: Step): boolean => !isRecorded(state, path) || !isCopied(context, state, path)
  for (const step of steps) if (!isNews(step)) state.pending.delete(step.path)
  const news = steps.filter(isNews)
  const pace = new ReadPace(state.store.limits.batchItems)
  let from = 0
  while (from < news.length) {
    context.signal.throwIfAborted()
    const batch = news.slice(from, from + pace.items)
    const reads = await state.store.read(batch.map(step => step.path))
    pace.note(reads)
    for (const [index, read] of reads.entries()) {
      const step = batch[index]!
      const content = noteContent(context, state, step.path, read)
      const isStill = content !== null && state.reconcile(step.path).kind === 'conflict'
      if (isStill && mayCome(context, state, 'local', step.path))
        await recordConflict(context, state, step, content.bytes)
    }
    from += batch.length
  }
}

function isRecorded(state: ChannelState, path: string): boolean {
  const record = state.conflicts.get(path)
  return (
    !state.staleCopies.has(path) &&
    record?.remote?.etag === state.remote.get(path)?.etag &&
    record?.local?.digest === state.local.get(path)?.digest
  )
}

/**
 * Whether the copy of the recorded version was written. Somebody may have edited it since; a power cut may have emptied
 * it, and an older copy of the folder may have brought back that of another version.
 */
function isCopied(context: Context, state: ChannelState, path: string): boolean {
  if (state.retries.has(path)) return false
  try {
    const stat = context.ports.fs.lstat(path + CONFLICT_SUFFIX)
    const { codec } = context.ports
    const isEmptyMeant = state.conflicts.get(path)?.remote?.digest === codec.digest(new Uint8Array())
    if (stat === null || (stat.size === 0 && !isEmptyMeant)) return false
    return !isOldCopy(context, state, path)
  } catch (error) {
    // There is no telling, or the name is too long for a copy.
    if (error instanceof FileSystemError) return true
    throw error
  }
}

/** Whether what lies beside the file is the copy of a version that is in conflict no longer, as sync has once written it. */
function isOldCopy({ ports, out }: Context, state: ChannelState, path: string): boolean {
  const copy = path + CONFLICT_SUFFIX
  const stat = ports.fs.lstat(copy)
  if (stat?.kind !== 'file' || stat.size > out.maxFileBytes) return false
  const digest = ports.codec.digest(ports.fs.read(copy))
  const isCurrent = digest === state.conflicts.get(path)?.remote?.digest
  return !isCurrent && ports.state.hadFile(state.scope, copy, digest, stat.mtimeMs)
}

/** Copies of conflicts that are over, which an older copy of the folder, or a power cut, has brought back. */
export async function removeOldCopies(context: Context, copies: readonly string[]): Promise<void> {
  for (const copy of copies) {
    const path = copy.slice(0, -CONFLICT_SUFFIX.length)
    if (context.channels.some(({ conflicts }) => conflicts.has(path))) continue
    try {
      for (const state of context.channels)
        if (isOldCopy(context, state, path)) await removeCopy(context, state, path, undefined)
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      context.ports.log.info('an old conflict copy cannot be read', { path: copy, code: error.code })
    }
  }
}

async function recordConflict(
  context: Context,
  state: ChannelState,
  step: Step,
  remoteBytes: Uint8Array,
): Promise<void> {
  const { path } = step
  const base = state.mergeBase(path)
  const local = state.local.get(path)!
  const remote = state.remote.get(path)!
  const former = state.conflicts.get(path)
  const conflict: ConflictRecord = {
    path,
    base: base === undefined ? null : { digest: base.digest, lastUpdated: base.version },
    local: { digest: local.digest, lastUpdated: Math.round(local.fingerprint.mtimeMs) },
    remote: { digest: remote.digest!, lastUpdated: remote.version, etag: remote.etag },
    since: former?.since ?? context.ports.clock.now(),
  }
  const { scope } = state
  const changes: StateChange[] = [
    { kind: 'content-put', digest: remote.digest!, bytes: remoteBytes },
    { kind: 'conflict-set', scope, conflict },
  ]
  const isStale = state.staleCopies.delete(path)
  const isFresh = !isStale && former?.remote?.digest === remote.digest && isCopied(context, state, path)
  if (isFresh) await context.ports.state.commit([...changes, ...succeeded(context, state, path)])
  else {
    // The record comes first, so that a copy never outlives it; until it is written, it is due (R13).
    await context.ports.state.commit([...changes, copyIsDue(context, state, path)])
    const { isWritten, changes: noted } = await writeCopy(context, state, path, remoteBytes, former)
    await context.ports.state.commit([...noted, ...(isWritten ? succeeded(context, state, path) : [])])
  }
  state.conflicts.set(path, conflict)
  if (former === undefined) announce(context, state, path, 'conflict', step.reason)
}

function copyIsDue(context: Context, state: ChannelState, path: string): StateChange {
  const message = 'The version of the database is yet to be put beside the file.'
  const { attempts } = state.retries.get(path) ?? { attempts: 0 }
  const retry = { path, attempts, nextAt: context.ports.clock.now(), code: 'io', message } as const
  state.retries.set(path, retry)
  return { kind: 'retry-set', scope: state.scope, retry }
}

/** Ends the records of paths that are in conflict no longer. */
export async function endConflicts(
  context: Context,
  state: ChannelState,
  paths: Iterable<string>,
  reason = 'the sides no longer differ',
): Promise<void> {
  for (const path of paths) {
    const record = state.conflicts.get(path)
    if (record === undefined) continue
    // A copy that cannot be removed now is tried again in the next cycle.
    if (!(await removeCopy(context, state, path, record))) continue
    await context.ports.state.commit([{ kind: 'conflict-delete', scope: state.scope, path }])
    state.conflicts.delete(path)
    announce(context, state, path, 'resolve', reason)
  }
}

interface CopyWritten {
  /** Or there can be none. */
  readonly isWritten: boolean
  readonly changes: readonly StateChange[]
}

async function writeCopy(
  context: Context,
  state: ChannelState,
  path: string,
  bytes: Uint8Array,
  former: ConflictRecord | undefined,
): Promise<CopyWritten> {
  const copy = path + CONFLICT_SUFFIX
  const { fs, codec, clock } = context.ports
  try {
    const stat = fs.lstat(copy)
    if (stat !== null && stat.kind !== 'file') return { isWritten: true, changes: [] }
    const there = stat === null ? null : await keepEditedCopy(context, state, { path: copy, stat }, former)
    const replaced = context.replacer.replace(copy, bytes, there, { versionOf: path })
    if (replaced.kind !== 'done') return { isWritten: true, changes: [] }
    if (replaced.kept !== null) context.replacer.drop(replaced.kept)
    const { mtimeMs } = replaced.fingerprint
    const entry = { path: copy, digest: codec.digest(bytes), mtimeMs, time: clock.now() }
    return { isWritten: true, changes: [{ kind: 'file-time-add', scope: state.scope, entry }] }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    // The record holds the remote version, so nothing is lost; a name too long for a copy has none.
    if (error.code === 'ENAMETOOLONG') return { isWritten: true, changes: [] }
    return { isWritten: false, changes: failed(context, state, { ...fileProblem(error, path), path }) }
  }
}

async function removeCopy(
  context: Context,
  state: ChannelState,
  path: string,
  record: ConflictRecord | undefined,
): Promise<boolean> {
  const copy = path + CONFLICT_SUFFIX
  try {
    const stat = context.ports.fs.lstat(copy)
    if (stat?.kind !== 'file') return true
    await keepEditedCopy(context, state, { path: copy, stat }, record)
    context.ports.fs.unlink(copy)
    return true
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    context.ports.log.info('a conflict copy could not be removed', { path: copy, code: error.code })
    return error.code === 'ENAMETOOLONG'
  }
}

/** A copy that somebody has edited means nothing to sync, but what was written there is kept (R1). What it holds. */
async function keepEditedCopy(
  context: Context,
  state: ChannelState,
  copy: { readonly path: string; readonly stat: FileStat },
  record: ConflictRecord | undefined,
): Promise<LocalEntry> {
  const { fs, codec, clock } = context.ports
  const bytes = fs.read(copy.path)
  const digest = codec.digest(bytes)
  const entry = { digest, fingerprint: fingerprintOf(copy.stat), isUnproven: true } as const
  if (digest === record?.remote?.digest) return entry
  const aside = {
    digest,
    version: null,
    cause: 'conflict-copy',
    time: clock.now(),
    device: context.device,
  } as const
  await context.ports.state.commit(putAside(state, copy.path, bytes, aside))
  return entry
}
