/**
 * Carries out what a plan does to files: pulls and local deletes (R1, R9).
 *
 * For each batch the records are fetched and the decision is made once more, just before the files change.
 * A delete goes like a write: the content into the history, then the file, then the base.
 */
import type { Action } from './core/reconcile.ts'
import { dropBase } from './base.ts'
import type { ChannelState } from './channel-state.ts'
import { announce, type Context, failed, succeeded } from './context.ts'
import { noteContent, settle } from './decide.ts'
import type { DeleteStep, Step } from './plan.ts'
import { fileProblem, linkProblem } from './file-problem.ts'
import { formerFile, formerGone, formerOf } from './history.ts'
import { mayCome } from './hold-contents.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { RemoteFile } from './ports/remote-store.ts'
import type { StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'
import { lookAgain } from './read-seen.ts'
import { Slice } from './slice.ts'
import { stage, unstage } from './staged.ts'
import { agreedOn, type FileWrite, putAsideCurrent, writeFiles } from './write-local.ts'

const DELETE_BATCH = 500

export async function applyPulls(
  context: Context,
  state: ChannelState,
  steps: readonly Step[],
): Promise<void> {
  const pace = new ReadPace(state.store.limits.batchItems)
  let from = 0
  while (from < steps.length) {
    context.signal.throwIfAborted()
    const batch = steps.slice(from, from + pace.items)
    const reads = await state.store.read(batch.map(step => step.path))
    pace.note(reads)
    const pulls: FileWrite[] = []
    const agreed: string[] = []
    for (const [index, read] of reads.entries()) {
      const step = batch[index]!
      const content = noteContent(context, state, step.path, read)
      // Refused: the record is there, so that it is in no tree must not be taken for an agreement.
      if (content === null && read.status !== 'absent') continue
      const action: Action = state.reconcile(step.path)
      // What has come into doubt since the plan was made, or holds another content by now, waits for the next one.
      const isPull = content !== null && action.kind === 'pull' && action.doubt === step.doubt
      if (isPull && mayCome(context, state, 'local', step.path)) {
        pulls.push(pullOf(state, step.path, content, action.reason))
      } else if (action.kind === 'adopt' || action.kind === 'none' || action.kind === 'forget') {
        agreed.push(step.path)
      }
      // Anything else stays pending: the next cycle decides with what is known now.
    }
    await writeFiles(context, state, pulls)
    if (agreed.length > 0) await context.ports.state.commit(settle(context, state, agreed))
    from += batch.length
    reportProgress(context, from, steps.length)
  }
}

function pullOf(
  state: ChannelState,
  path: string,
  { file, bytes }: { readonly file: RemoteFile; readonly bytes: Uint8Array },
  reason: string,
): FileWrite {
  const base = agreedOn(state, path, file, bytes)
  return { path, bytes, digest: base.digest, base, action: 'pull', reason, cause: 'overwritten' }
}

export async function applyLocalDeletes(
  context: Context,
  state: ChannelState,
  steps: readonly DeleteStep[],
): Promise<void> {
  for (let from = 0; from < steps.length; from += DELETE_BATCH) {
    context.signal.throwIfAborted()
    const gone = await stillGone(context, state, steps.slice(from, from + DELETE_BATCH))
    const staged = stage(
      state,
      gone.map(({ path }) => ({ path, digest: null, base: null, ...formerOf(state.local.get(path)) })),
    )
    const ready = await putAsideCurrent(context, state, gone, () => 'deleted', [staged])
    const changes: StateChange[] = []
    const slice = new Slice(context.ports.clock, context.signal)
    for (const step of ready) {
      changes.push(...deleteLocal(context, state, step))
      if (slice.isOver()) await slice.yieldUninterrupted()
    }
    const forgotten = state.forgetDeletes('local', context.ports.clock.now())
    await context.ports.state.commit([...changes, unstage(state), ...forgotten])
    reportProgress(context, from + ready.length, steps.length)
  }
}

/** The records may have come back since they were missed (F22); then the next cycle decides anew. */
async function stillGone(
  context: Context,
  state: ChannelState,
  steps: readonly DeleteStep[],
): Promise<DeleteStep[]> {
  const reads = await state.store.read(steps.map(step => step.path))
  return steps.filter((step, index) => {
    const read = reads[index]!
    if (read.status !== 'absent') noteContent(context, state, step.path, read)
    return read.status === 'absent'
  })
}

function deleteLocal(context: Context, state: ChannelState, step: DeleteStep): StateChange[] {
  const { path, reason, standing } = step
  const local = state.local.get(path)
  const base = state.base.get(path)
  if (local === undefined || base === undefined) return []
  try {
    const removed = context.replacer.remove(path, local)
    if (removed.kind === 'link') return failed(context, state, { ...linkProblem(path, removed.link), path })
    if (removed.kind === 'changed') {
      lookAgain(context, path)
      return []
    }
    if (removed.kept !== null) context.kept.add(removed.kept, state, { base, written: null })
    const dropped = dropBase(context, state, path)
    state.local.delete(path)
    context.tally.deletedLocal += 1
    announce(context, state, path, 'delete-local', reason)
    const at = context.ports.clock.now()
    const { digest } = local
    const { version } = base
    return [
      ...succeeded(context, state, path),
      formerGone(state.scope, path, formerFile(local)),
      ...dropped,
      ...(standing === 'counted' ? [state.noteDelete('local', { path, digest, version, at })] : []),
    ]
  } catch (error) {
    if (error instanceof FileSystemError) return failed(context, state, { ...fileProblem(error, path), path })
    throw error
  }
}

function reportProgress(context: Context, done: number, total: number): void {
  if (total > 1) context.emit({ type: 'progress', step: 'apply', done, total })
}
