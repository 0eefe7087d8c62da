/**
 * Writes files in the place of what the plan saw there: what was pulled, merged, or chosen by a person (R1, R9).
 *
 * For each batch, in this order: contents that are about to go are put into the history, and the writes are
 * staged, durably; the files are changed, each rechecked just before; the base records what succeeded. A crash
 * after the history leaves a spare entry; a crash after a file was changed leaves it staged, and the next
 * start gives it its base.
 */
import { appendable } from './append.ts'
import { type BaseEntry, type Digest, type LocalEntry, provenFingerprint } from './core/entry.ts'
import { granuleMs } from './core/racy.ts'
import type { ChannelState } from './channel-state.ts'
import { setBase } from './base.ts'
import { keepBaseContent } from './base-content.ts'
import { announce, type Context, failed, succeeded } from './context.ts'
import { fileProblem, linkProblem } from './file-problem.ts'
import { formerFile, formerGone, formerOf, putAside } from './history.ts'
import { nameTwin, nameTwinProblem } from './name-twin.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { RemoteFile } from './ports/remote-store.ts'
import type { HistoryCause, StagedWrite, StateChange } from './ports/state-store.ts'
import { lookAgain, readSeen } from './read-seen.ts'
import { type Replaced, UNSEEN } from './replace.ts'
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

/** It brings the file up to a record. */
type BasedWrite = FileWrite & { readonly base: Agreed }

function isBased(write: FileWrite): write is BasedWrite {
  return write.base !== null
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
  // What a crash leaves of an append is known for what it is where there is a base to be noted.
  const based = writes.filter(isBased)
  const appends = await appendable(context, state, based)
  const last = staged(state, based, appends)
  const ready = await putAsideCurrent(context, state, writes, write => write.cause, last)
  const changes: StateChange[] = []
  const slice = new Slice(context.ports.clock, context.signal)
  for (const write of ready) {
    const done = writeFile(context, state, write, appends.has(write.path))
    changes.push(...done.changes)
    if (done.isWritten) written.add(write.path)
    if (slice.isOver()) await slice.yieldUninterrupted()
  }
  await context.ports.state.commit([...changes, unstage(state)])
  return written
}

/** With the contents of the bases to come, which the database may no longer have then, and those of which a crash may leave a part. */
function staged(
  state: ChannelState,
  based: readonly BasedWrite[],
  appends: ReadonlySet<string>,
): StateChange[] {
  const notes = based.map(write => stagedWrite(state, write, appends.has(write.path)))
  const parts = based.filter(({ path }) => appends.has(path))
  return [
    ...parts.map(({ digest, bytes }) => ({ kind: 'content-put', digest, bytes }) as const),
    ...based.flatMap(({ base }) => keepBaseContent(base.digest, base.bytes)),
    stage(state, notes),
  ]
}

function stagedWrite(
  state: ChannelState,
  { path, digest, base }: BasedWrite,
  isAppend: boolean,
): StagedWrite {
  const local = state.local.get(path)
  const note = { path, digest, base: baseEntry(base, null), ...formerOf(local) }
  return isAppend ? { ...note, appendedTo: local!.fingerprint.size } : note
}

function baseEntry(agreed: Agreed, fingerprint: BaseEntry['fingerprint']): BaseEntry {
  const { digest, bytes, etag, version } = agreed
  return { digest, size: bytes.length, etag, version, fingerprint }
}

interface Outcome {
  readonly isWritten: boolean
  readonly changes: readonly StateChange[]
}

function writeFile(context: Context, state: ChannelState, write: FileWrite, isAppend: boolean): Outcome {
  const { path, digest } = write
  const before = state.local.get(path)
  const base = state.base.get(path) ?? null
  try {
    const twin = before === undefined ? nameTwin(context.ports.fs, path) : null
    if (twin !== null) return notWritten(failed(context, state, nameTwinProblem(path, twin)))
    const replaced = putInPlace(context, state, write, isAppend)
    if (replaced.kind === 'link')
      return notWritten(failed(context, state, { ...linkProblem(path, replaced.link), path }))
    if (replaced.kind === 'changed') {
      lookAgain(context, path)
      return notWritten([])
    }
    const { kept } = replaced
    const entry = noteWritten(context, path, digest, replaced)
    if (kept !== null) context.kept.add(kept, state, { base, written: entry })
    const isInStep = digest === write.base?.digest
    const proven = isInStep ? provenFingerprint(entry) : null
    const changes = before === undefined ? [] : [formerGone(state.scope, path, formerFile(before))]
    if (isBased(write)) changes.push(...setBase(context, state, path, baseEntry(write.base, proven)))
    state.local.set(path, entry)
    state.ownWrites.local.note(path, context.ports.clock.monotonic())
    count(context, write)
    if (write.reason !== null) announce(context, state, path, write.action, write.reason)
    noteReplacement(context, state, write, before)
    if (isInStep) changes.push(...succeeded(context, state, path))
    return { isWritten: true, changes }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (isAppend && isBased(write)) {
      // A part of it may be there.
      state.staged.set(path, stagedWrite(state, write, isAppend))
      lookAgain(context, path)
    }
    return notWritten(failed(context, state, { ...fileProblem(error, path), path }))
  }
}

function putInPlace(
  { replacer }: Context,
  state: ChannelState,
  { path, bytes }: FileWrite,
  isAppend: boolean,
): Replaced {
  const before = state.local.get(path) ?? null
  const appended = isAppend && before !== null ? replacer.append(path, bytes, before) : null
  if (appended !== null && appended.kind !== 'refused') return appended
  return replacer.replace(path, bytes, before, { isPrivate: state.channel === 'private' })
}

/** The file as it was just written; what its times do not tell from a later content is looked at again. */
function noteWritten(
  context: Context,
  path: string,
  digest: Digest,
  { fingerprint, isUnproven }: Extract<Replaced, { kind: 'done' }>,
): LocalEntry {
  if (fingerprint === UNSEEN) lookAgain(context, path)
  else if (isUnproven) context.dirt.markAgain(path, context.ports.clock.now() + granuleMs(fingerprint))
  return { digest, fingerprint, ...(isUnproven ? { isUnproven } : {}) }
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
  last: readonly StateChange[],
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
  changes.push(...last)
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
    const bytes = readSeen(context, state, path)
    if (bytes === null) return { isKept: false, changes: [] }
    const { digest } = local
    const base = state.base.get(path)
    // An edit has none yet, and what a power cut has left is no version at all.
    const version = base?.digest === digest ? base.version : null
    const aside = { digest, version, cause, time: context.ports.clock.now(), device: context.device }
    return { isKept: true, changes: putAside(state, path, bytes, aside) }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (error.code === 'ENOENT') {
      lookAgain(context, path)
      return { isKept: false, changes: [] }
    }
    return { isKept: false, changes: failed(context, state, { ...fileProblem(error, path), path }) }
  }
}
