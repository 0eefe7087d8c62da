/**
 * Carries out what a plan does to the database: pushes and remote deletes, in batches of conditional writes.
 *
 * Losing a write means that the record has changed meanwhile: its path is looked at again (R4). So it is where a newer
 * record was read between the decision and the write: nobody has decided about that one. What is sent is noted before,
 * durably: a crash between a write and its base leaves a record that is known for this device's own.
 */
import { type LocalEntry, provenFingerprint, type RemoteEntry, sameFingerprint } from './core/entry.ts'
import { dropBase, ownEdit, setBase } from './base.ts'
import { versionAfter } from './core/version.ts'
import type { Problem } from './core/problem.ts'
import { keepBaseContent, LARGEST_MERGED_BYTES } from './base-content.ts'
import type { ChannelState } from './channel-state.ts'
import { decodeContent, encodeContent } from './core/content.ts'
import { announce, type Context, failed, succeeded } from './context.ts'
import type { DeleteStep, Step } from './plan.ts'
import { databaseProblem, fileProblem } from './file-problem.ts'
import { holdOfSecrets, isSuspect } from './hold-secrets.ts'
import { recordHolds } from './holds.ts'
import { look } from './look.ts'
import { neverWonProblem } from './losses.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { WriteResult } from './ports/adapter.ts'
import type { RemoteWrite } from './ports/remote-store.ts'
import type { StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'
import { lookAgain, readSeen } from './read-seen.ts'
import { isSameRoot, rootIdentity } from './root.ts'
import { send, sentSet, unsend } from './sent.ts'
import { Slice } from './slice.ts'

interface Push {
  readonly step: Step
  /** The file that `bytes` were read from. */
  readonly local: LocalEntry
  readonly bytes: Uint8Array
  readonly write: RemoteWrite & { readonly kind: 'set' }
}

export async function applyPushes(
  context: Context,
  state: ChannelState,
  steps: readonly Step[],
): Promise<void> {
  const { batchItems, batchBytes } = state.store.limits
  const slice = new Slice(context.ports.clock, context.signal)
  let batch: Push[] = []
  let weight = 0
  let done = 0
  // Recorded with the next batch's sending: one commit for both.
  let known: StateChange[] = []
  try {
    for (const step of steps) {
      if (slice.isOver()) await slice.yield()
      done += 1
      const push = preparePush(context, state, step, known)
      if (push === null || (await isHeldForSecrets(context, state, push))) continue
      const length = push.write.content.length
      if (batch.length > 0 && (batch.length >= batchItems || weight + length > batchBytes)) {
        known = await commitPushes(context, state, batch, known)
        context.emit({ type: 'progress', step: 'apply', done: done - 1, total: steps.length })
        batch = []
        weight = 0
      }
      batch.push(push)
      weight += length
    }
    if (batch.length > 0) known = await commitPushes(context, state, batch, known)
  } finally {
    if (known.length > 0) await context.ports.state.commit(known)
  }
}

function preparePush(context: Context, state: ChannelState, step: Step, known: StateChange[]): Push | null {
  const { path } = step
  const local = state.local.get(path)
  if (local === undefined || !isAsDecided(state, path, 'push')) return null
  try {
    const bytes = recentBytes(context, path, local) ?? readSeen(context, state, path)
    if (bytes === null) return null
    const content = encodeContent(bytes, context.ports.codec)
    const remote = state.remote.get(path)
    const version = nextVersion(context, state, path, remote)
    if (version === null) {
      known.push(...failed(context, state, lastVersion(path)))
      return null
    }
    const expected = remote === undefined ? null : { etag: remote.etag, version: remote.version }
    return { step, local, bytes, write: { kind: 'set', path, expected, content, version } }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (error.code === 'ENOENT') lookAgain(context, path)
    else known.push(...failed(context, state, { ...fileProblem(error, path), path }))
    return null
  }
}

async function isHeldForSecrets(
  context: Context,
  state: ChannelState,
  { step: { path }, local, bytes }: Push,
): Promise<boolean> {
  if (!isSuspect(bytes)) return false
  const hold = await holdOfSecrets(context, state, { path, local, bytes })
  if (hold === null) return false
  await recordHolds(context, state, { holds: [hold] })
  return true
}

/**
 * The very bytes that the look has hashed in this cycle, where it has kept them and the file looks as it did; they are
 * not hashed again. If it has changed all the same, within a tick of its times, it is read once more anyway (R9.1).
 */
function recentBytes({ ports, out }: Context, path: string, local: LocalEntry): Uint8Array | null {
  const recent = out.recent.take(path, local)
  if (recent === null) return null
  const stat = ports.fs.lstat(path)
  return stat !== null && sameFingerprint(stat, local.fingerprint) ? recent : null
}

/** Always greater than the version it replaces; also than the last one known of a record that is gone. */
function nextVersion(
  context: Context,
  state: ChannelState,
  path: string,
  remote: RemoteEntry | undefined,
): number | null {
  const previous = remote?.version ?? state.base.get(path)?.version ?? 0
  return versionAfter(previous, context.ports.clock.now())
}

function lastVersion(path: string): Problem & { path: string } {
  const message =
    'The record has the last version that there is, so none can follow it. Correct its last_updated in the database.'
  return { code: 'undecodable', path, message }
}

/** Records what was known before, and gives back what is known after. */
async function commitPushes(
  context: Context,
  state: ChannelState,
  batch: readonly Push[],
  before: StateChange[],
): Promise<StateChange[]> {
  const sent = batch.map(({ local: { digest }, write: { path, version } }) => ({ path, digest, version }))
  await context.ports.state.commit([...before.splice(0), send(state, sent)])
  // One of them may be private by now, or excluded (R15).
  if (!context.areRulesCurrent()) return []
  const results = await state.store.commit(batch.map(push => push.write))
  const changes = results.flatMap((result, index) => notePush(context, state, batch[index]!, result))
  return [...changes, sentSet(state)]
}

function notePush(context: Context, state: ChannelState, push: Push, result: WriteResult): StateChange[] {
  const { path, reason } = push.step
  if (result.status !== 'done' || result.etag === null) return notWritten(context, state, path, result)
  const { digest } = push.local
  const { etag } = result
  const { version } = push.write
  state.losses.forget(path)
  state.remote.set(path, { etag, version, digest })
  const fingerprint = provenFingerprint(push.local)
  const entry = { digest, size: push.bytes.length, etag, version, fingerprint }
  const changes = [...keepBaseContent(digest, push.bytes), ...setBase(context, state, path, entry)]
  state.ownWrites.remote.note(path, context.ports.clock.monotonic())
  context.tally.pushed += 1
  announce(context, state, path, 'push', reason)
  return [...succeeded(context, state, path), ...changes]
}

export async function applyRemoteDeletes(
  context: Context,
  state: ChannelState,
  steps: readonly DeleteStep[],
): Promise<void> {
  const { batchItems } = state.store.limits
  for (let from = 0; from < steps.length; from += batchItems) {
    context.signal.throwIfAborted()
    const wanted = steps.slice(from, from + batchItems).filter(step => isStillGone(context, step.path))
    const paths = wanted.map(({ path }) => path)
    const kept = await keepRecords(context, state, paths)
    const notes = paths.map(path => ({ path, digest: null, version: null }))
    await context.ports.state.commit([...kept, send(state, notes)])
    const batch = wanted.filter(
      ({ path }) => isStillGone(context, path) && isAsDecided(state, path, 'delete-remote'),
    )
    // The whole root may have gone since the scan: then nothing of this is a delete (R8).
    const root = rootIdentity(context.ports.fs, context.contentRoot)
    const isMeant = isSameRoot(root, context.root)
    const unsent = wanted.filter(step => !isMeant || !batch.includes(step)).map(({ path }) => path)
    if (unsent.length > 0) await context.ports.state.commit([unsend(state, new Set(unsent))])
    if (!isMeant) return
    if (batch.length === 0) continue
    const writes = batch.map(({ path, standing }) => {
      const { etag, version } = state.remote.get(path)!
      const word = standing === 'counted' ? ('seen' as const) : ('meant' as const)
      return { kind: 'delete' as const, path, expected: { etag, version }, word }
    })
    const results = await state.store.commit(writes)
    const changes = results.flatMap((result, index) => noteDelete(context, state, batch[index]!, result))
    const forgotten = state.forgetDeletes('remote', context.ports.clock.now())
    await context.ports.state.commit([...changes, sentSet(state), ...forgotten])
    context.emit({ type: 'progress', step: 'apply', done: from + batch.length, total: steps.length })
  }
}

/** Otherwise the path stays pending, and is decided about anew. */
function isAsDecided(state: ChannelState, path: string, kind: 'push' | 'delete-remote'): boolean {
  return state.reconcile(path).kind === kind
}

function isStillGone(context: Context, path: string): boolean {
  if (look(context.out, context.waits, path, []).kind === 'absent') return true
  lookAgain(context, path)
  return false
}

function noteDelete(
  context: Context,
  state: ChannelState,
  step: DeleteStep,
  result: WriteResult,
): StateChange[] {
  const { path, reason, standing } = step
  if (result.status !== 'done') return notWritten(context, state, path, result)
  const { digest, version } = state.base.get(path)!
  state.losses.forget(path)
  state.remote.delete(path)
  const dropped = dropBase(context, state, path)
  context.tally.deletedRemote += 1
  announce(context, state, path, 'delete-remote', reason)
  const at = context.ports.clock.now()
  return [
    ...succeeded(context, state, path),
    ...dropped,
    ...(standing === 'counted' ? [state.noteDelete('remote', { path, digest, version, at })] : []),
  ]
}

/**
 * What is about to be deleted everywhere, where its content is not kept here as a base's (R16): the record is read,
 * for the history and for a person who wants a delete back that others like it follow (R8). One that has changed
 * meanwhile is not what goes: its delete loses.
 */
async function keepRecords(
  context: Context,
  state: ChannelState,
  paths: readonly string[],
): Promise<StateChange[]> {
  const { codec, state: store } = context.ports
  const missing = paths.filter(path => {
    const base = state.base.get(path)
    return base !== undefined && !store.hasContent(base.digest)
  })
  const changes: StateChange[] = []
  const pace = new ReadPace(state.store.limits.batchItems)
  for (let from = 0; from < missing.length;) {
    const batch = missing.slice(from, from + pace.items)
    const reads = await state.store.read(batch)
    pace.note(reads)
    for (const [index, read] of reads.entries()) {
      const bytes = read.status === 'found' ? decodeContent(read.file.content, codec) : null
      const { digest, size } = state.base.get(batch[index]!)!
      if (bytes === null || codec.digest(bytes) !== digest) continue
      // Too large to be an own edit that the history keeps: only for as long as its delete is one of late.
      if (size > LARGEST_MERGED_BYTES) changes.push({ kind: 'content-put', digest, bytes })
      else changes.push(...keepBaseContent(digest, bytes), ...ownEdit(context, state, batch[index]!))
    }
    from += batch.length
  }
  return changes
}

function notWritten(context: Context, state: ChannelState, path: string, result: WriteResult): StateChange[] {
  if (result.status === 'failed') {
    return failed(context, state, { ...databaseProblem(result.error, path), path })
  }
  const head = state.remote.get(path)?.etag ?? null
  if (state.losses.note(path, head)) return failed(context, state, neverWonProblem(path))
  state.hint(path, undefined)
  return []
}
