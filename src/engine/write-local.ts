/**
 * Writes files in the place of what the plan saw there: what was pulled, merged, or chosen by a person (R1, R9).
 *
 * For each batch, in this order: contents that are about to go are put into the history, and the writes are
 * staged, durably; the files are changed, each rechecked just before; the base records what succeeded. A crash
 * after the history leaves a spare entry; a crash after a file was changed leaves it staged, and the next
 * start gives it its base.
 */
import type { BaseEntry, Digest, LocalEntry } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import { setBase } from './base.ts'
import { keepBaseContent } from './base-content.ts'
import { announce, type Context, failed, succeeded } from './context.ts'
import { fileProblem } from './file-problem.ts'
import { putAside } from './history.ts'
import { linkProblem, readUnchanged, SETTLE_MS } from './look.ts'
import { nameTwin, nameTwinProblem } from './name-twin.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { RemoteFile } from './ports/remote-store.ts'
import type { HistoryCause, StateChange } from './ports/state-store.ts'
import { UNSEEN } from './replace.ts'
import { Slice } from './slice.ts'
import { stage, unstage } from './staged.ts'
import type { FileAction } from './status.ts'

/** Contents put aside in one transaction: so many, weighing about so many bytes, at most. */
const ASIDE_FILES = 200
const ASIDE_BYTES = 4 * 1024 * 1024

/** A content as both sides will agree on it, with its bytes. */
export interface Agreed {
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly etag: string
  readonly version: number
}

export interface FileWrite {
  readonly path: string
  readonly bytes: Uint8Array
  readonly digest: Digest
  /**
   * The record that this write brings the file up to. After a merge the file is an edit of it, to be pushed.
   * Null: it is an edit of the base as it stands.
   */
  readonly base: Agreed | null
  readonly action: Extract<FileAction, 'pull' | 'merge' | 'resolve'>
  /** Null where whoever asks tells of it. */
  readonly reason: string | null
  /** Why the current content goes. */
  readonly cause: HistoryCause
}

/** The fetched record, as what both sides agree on once its content, or a merge with it, is here. */
export function agreedOn(state: ChannelState, path: string, file: RemoteFile, bytes: Uint8Array): Agreed {
  const { etag, version } = file
  return { digest: state.remote.get(path)!.digest!, bytes, etag, version }
}

/** The paths that were written. The others have changed since they were looked at, or have failed. */
export async function writeFiles(
  context: Context,
  state: ChannelState,
  writes: readonly FileWrite[],
): Promise<Set<string>> {
  const written = new Set<string>()
  if (writes.length === 0) return written
  const ready = await putAsideCurrent(context, state, writes, write => write.cause, staged(state, writes))
  const changes: StateChange[] = []
  const slice = new Slice(context.ports.clock, context.signal)
  context.replacer.startBatch()
  for (const write of ready) {
    const done = writeFile(context, state, write)
    changes.push(...done.changes)
    if (done.isWritten) written.add(write.path)
    if (slice.isOver()) {
      await slice.yieldUninterrupted()
      context.replacer.startBatch()
    }
  }
  await context.ports.state.commit([...changes, unstage(state)])
  return written
}

function staged(state: ChannelState, writes: readonly FileWrite[]): StateChange {
  return stage(
    state,
    writes.flatMap(({ path, digest, base }) =>
      base === null ? [] : [{ path, digest, base: baseEntry(base, null) }],
    ),
  )
}

function baseEntry(agreed: Agreed, fingerprint: BaseEntry['fingerprint']): BaseEntry {
  const { digest, bytes, etag, version } = agreed
  return { digest, size: bytes.length, etag, version, fingerprint }
}

interface Outcome {
  readonly isWritten: boolean
  readonly changes: readonly StateChange[]
}

function writeFile(context: Context, state: ChannelState, write: FileWrite): Outcome {
  const { path, bytes, digest } = write
  const before = state.local.get(path)
  const base = state.base.get(path) ?? null
  try {
    const twin = before === undefined ? nameTwin(context.ports.fs, path) : null
    if (twin !== null) return notWritten(failed(context, state, nameTwinProblem(path, twin)))
    const replaced = context.replacer.replace(path, bytes, before?.fingerprint ?? null)
    if (replaced.kind === 'link')
      return notWritten(failed(context, state, { ...linkProblem(path, replaced.link), path }))
    if (replaced.kind === 'changed') return notWritten(lookAgain(context, path))
    const { fingerprint, kept } = replaced
    if (kept !== null) context.kept.add(kept, state, { base, former: before!.digest, written: fingerprint })
    if (fingerprint === UNSEEN) lookAgain(context, path)
    const isInStep = digest === write.base?.digest
    const changes =
      write.base === null ? [] : recordBase(context, state, path, write.base, isInStep ? fingerprint : null)
    state.local.set(path, { digest, fingerprint })
    state.ownWrites.local.note(path, context.ports.clock.monotonic())
    count(context, write)
    if (write.reason !== null) announce(context, state, path, write.action, write.reason)
    noteReplacement(context, state, write, before)
    if (isInStep) changes.push(...succeeded(context, state, path))
    return { isWritten: true, changes }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    return notWritten(failed(context, state, { ...fileProblem(error, path), path }))
  }
}

/** Only of what replaced something: nobody can have read what was not there. */
function noteReplacement(
  context: Context,
  state: ChannelState,
  { path, digest, bytes }: FileWrite,
  before: LocalEntry | undefined,
): void {
  if (before === undefined) return
  state.replacements.note(path, { former: before.digest, digest, bytes, at: context.ports.clock.now() })
}

/** Puts a content in the place of a local edit, as an edit of the same base. False: the file has changed again, or it failed. */
export async function replaceWithEdit(
  context: Context,
  state: ChannelState,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const digest = context.ports.codec.digest(bytes)
  const edit = {
    path,
    bytes,
    digest,
    base: null,
    action: 'merge',
    reason: 'overtaken',
    cause: 'merged',
  } as const
  const written = await writeFiles(context, state, [edit])
  state.pending.add(path)
  return written.has(path)
}

function notWritten(changes: readonly StateChange[]): Outcome {
  return { isWritten: false, changes }
}

function count({ tally }: Context, { action, digest, base }: FileWrite): void {
  if (action === 'merge') tally.merged += 1
  if (action === 'resolve') tally.resolved += 1
  // Whatever it is for, the database's version has come.
  if (action === 'pull' || (action === 'resolve' && digest === base?.digest)) tally.pulled += 1
}

/** Takes the record for what both sides agree on; a file that differs from it is an edit from then on. */
export function recordBase(
  context: Context,
  state: ChannelState,
  path: string,
  agreed: Agreed,
  fingerprint: BaseEntry['fingerprint'],
): StateChange[] {
  return [
    ...keepBaseContent(agreed.digest, agreed.bytes),
    ...setBase(context, state, path, baseEntry(agreed, fingerprint)),
  ]
}

/**
 * Keeps the current content of every file that is about to be replaced or removed, and commits `last` with
 * the rest; the steps whose content is kept, or that have none. The others have changed since they were
 * looked at, and are looked at again.
 */
export async function putAsideCurrent<S extends { readonly path: string }>(
  context: Context,
  state: ChannelState,
  steps: readonly S[],
  causeOf: (step: S) => HistoryCause,
  last?: StateChange,
): Promise<S[]> {
  const ready: S[] = []
  let changes: StateChange[] = []
  let weight = 0
  const slice = new Slice(context.ports.clock, context.signal)
  for (const step of steps) {
    if (slice.isOver()) await slice.yield()
    const local = state.local.get(step.path)
    if (local === undefined) {
      ready.push(step)
      continue
    }
    const kept = keepContent(context, state, step.path, local, causeOf(step))
    changes.push(...kept.changes)
    if (!kept.isKept) continue
    ready.push(step)
    weight += local.fingerprint.size
    if (weight < ASIDE_BYTES && changes.length < 2 * ASIDE_FILES) continue
    await context.ports.state.commit(changes)
    changes = []
    weight = 0
  }
  if (last !== undefined) changes.push(last)
  if (changes.length > 0) await context.ports.state.commit(changes)
  return ready
}

function keepContent(
  context: Context,
  state: ChannelState,
  path: string,
  local: LocalEntry,
  cause: HistoryCause,
): { readonly isKept: boolean; readonly changes: readonly StateChange[] } {
  try {
    const bytes = readUnchanged(context.ports.fs, path, local.fingerprint)
    if (bytes === null) return { isKept: false, changes: lookAgain(context, path) }
    const version = state.base.get(path)?.version ?? null
    const { digest, fingerprint } = local
    const aside = { digest, version, cause, time: context.ports.clock.now(), device: context.device }
    const changes = putAside(state, path, bytes, { ...aside, mtimeMs: fingerprint.mtimeMs })
    return { isKept: true, changes }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (error.code === 'ENOENT') return { isKept: false, changes: lookAgain(context, path) }
    return { isKept: false, changes: failed(context, state, { ...fileProblem(error, path), path }) }
  }
}

/** Somebody is at work on the file: it is looked at again once it may have settled, not at once and for ever. */
export function lookAgain(context: Context, path: string): [] {
  context.dirt.markLater(path, context.ports.clock.now() + SETTLE_MS)
  return []
}
