/**
 * From the trees to a plan: reconciles what is pending, fetches what a decision hangs on, and lets the
 * guard hold changes that look like an accident. Deletes it sees later, when what is new has been carried out.
 */
import { hasCome } from './core/backoff.ts'
import { databaseFileProblem, isDatabaseFile } from './core/database-file.ts'
import { type LocalEntry, provenFingerprint } from './core/entry.ts'
import type { Action } from './core/reconcile.ts'
import { dropBase, setBase } from './base.ts'
import { keepBaseContent, LARGEST_MERGED_BYTES } from './base-content.ts'
import type { ChannelState } from './channel-state.ts'
import { type Context, succeeded, unknownFolderAbove } from './context.ts'
import { decodeContent } from './core/content.ts'
import { tooLarge } from './look.ts'
import { areDeletesMany, holdChanges, suspectPulls } from './hold-back.ts'
import { holdContents, keepArrivals, unknownArrivals } from './hold-contents.ts'
import { holdDoubts } from './hold-doubts.ts'
import { type DeleteStep, emptyPlan, type Plan } from './plan.ts'
import { refuse } from './observe-remote.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { RemoteFile, RemoteRead } from './ports/remote-store.ts'
import type { StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'
import { readSeen } from './read-seen.ts'
import { Slice } from './slice.ts'

/** What each pending path needs, with nothing changed but the knowledge of remote contents. */
export async function decide(context: Context, state: ChannelState): Promise<Plan> {
  const plan = emptyPlan()
  const compare: string[] = []
  const slice = new Slice(context.ports.clock, context.signal)
  const now = context.ports.clock.now()
  state.postponed.clear()
  const ready: string[] = []
  for (const path of state.pending) {
    if (slice.isOver()) await slice.yield()
    if (isReady(context, state, path, now)) ready.push(path)
  }
  await state.askTheLog(ready)
  for (const path of ready) {
    if (slice.isOver()) await slice.yield()
    const action = state.reconcile(path)
    if (action.kind === 'compare') compare.push(path)
    else enter(plan, path, action)
  }
  await fetchDigests(context, state, compare)
  for (const path of compare) {
    const action = state.reconcile(path)
    // Still undecidable: the record could not be read, and its failure has been noted.
    if (state.pending.has(path) && action.kind !== 'compare') enter(plan, path, action)
  }
  await readArrivals(context, state, plan)
  await holdContents(context, state, plan, slice)
  await compareSuspects(context, state, plan)
  await holdDoubts(context, state, plan, slice)
  postpone(context, state, plan.deleteRemote, state.quiet.local.until(now, context.waits.gone > 0))
  postpone(context, state, plan.deleteLocal, state.quiet.remote.until(now, false))
  await holdChanges(context, state, plan)
  // Neighbours in a folder are neighbours on the disk and in an index.
  for (const steps of [plan.pulls, plan.pushes, plan.conflicts, plan.deleteLocal, plan.deleteRemote]) {
    steps.sort((a, b) => (a.path < b.path ? -1 : 1))
  }
  return plan
}

/** New versions of nearly everything need not be new contents: what is to be held must have changed. */
async function compareSuspects(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  const suspects = suspectPulls(state, plan)
  await fetchDigests(context, state, suspects)
  enterAnew(state, plan, suspects)
}

/** What may come depends on what it is. */
async function readArrivals(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  const arrivals = unknownArrivals(context, state, plan)
  await fetchDigests(context, state, arrivals, contents => keepArrivals(context, state, contents))
  enterAnew(state, plan, arrivals)
}

/** Decides once more about pulls and conflicts whose records have been read. */
function enterAnew(state: ChannelState, plan: Plan, paths: readonly string[]): void {
  if (paths.length === 0) return
  const read = new Set(paths)
  for (const steps of [plan.pulls, plan.conflicts])
    steps.splice(0, steps.length, ...steps.filter(({ path }) => !read.has(path)))
  for (const path of paths) {
    const action = state.reconcile(path)
    if (state.pending.has(path) && action.kind !== 'compare') enter(plan, path, action)
  }
}

/** Pulls of a preview whose records are read: all that is refused for its content is soon among the first of them. */
const PREVIEWED_PULLS = 200

/** Takes out of a preview what could not become a file: only its content shows that. */
export async function previewPulls(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  const unread = plan.pulls.filter(({ path }) => state.remote.get(path)?.digest === null)
  // What has been moved shows in the contents of all that is new.
  const count = areDeletesMany(context, state, plan, 'local') ? unread.length : PREVIEWED_PULLS
  await fetchDigests(
    context,
    state,
    unread.slice(0, count).map(({ path }) => path),
  )
  const pulls = plan.pulls.splice(0)
  plan.pulls.push(...pulls.filter(({ path }) => state.pending.has(path)))
}

/** Takes deletes out of the plan while more of them may come; they stay pending. */
function postpone(context: Context, state: ChannelState, steps: DeleteStep[], until: number | null): void {
  if (until === null) return
  for (const step of steps.splice(0)) {
    if (context.rules.expectsDelete(step.path) === null) state.postponed.set(step.path, until)
    else steps.push(step)
  }
}

function isReady(context: Context, state: ChannelState, path: string, now: number): boolean {
  if (context.dirt.isWaiting(path)) return false
  const retry = state.retries.get(path)
  if (retry !== undefined && !hasCome(retry.nextAt, now)) return false
  if (isRecordUnfit(state, path)) {
    // What cannot be read is not gone (R8): nothing is deleted for it, nor written over it.
    state.pending.delete(path)
    return false
  }
  if (context.unknown.paths.has(path)) {
    // Its problem is reported; once it can be looked at, it becomes pending again.
    state.pending.delete(path)
    return false
  }
  if (state.isAway(path) && !isAsAgreed(state, path)) {
    // Whatever has become of it elsewhere waits for the drive.
    state.pending.delete(path)
    state.blocked.add(path)
    return false
  }
  const problem = unknownFolderAbove(context, path)
  if (problem === null) return true
  state.pending.delete(path)
  state.blocked.add(path)
  const remote = state.remote.get(path)
  if (remote !== undefined && remote.etag !== state.base.get(path)?.etag) {
    context.problems.report({ ...problem, path })
  }
  return false
}

function isAsAgreed(state: ChannelState, path: string): boolean {
  const base = state.base.get(path)
  return base !== undefined && state.remote.get(path)?.etag === base.etag
}

function isRecordUnfit(state: ChannelState, path: string): boolean {
  return state.refused.get(path)?.isOfRecord === true && !state.remote.has(path)
}

const STEP_LISTS = { pull: 'pulls', push: 'pushes', conflict: 'conflicts' } as const
const DELETE_LISTS = { 'delete-local': 'deleteLocal', 'delete-remote': 'deleteRemote' } as const

function enter(plan: Plan, path: string, action: Exclude<Action, { kind: 'compare' }>): void {
  switch (action.kind) {
    case 'none':
    case 'forget':
    case 'adopt':
      plan.settle.push(path)
      return
    case 'delete-local':
    case 'delete-remote': {
      const { kind, ...step } = action
      plan[DELETE_LISTS[kind]].push({ path, ...step, standing: 'counted' })
      return
    }
    case 'pull':
    case 'push':
    case 'conflict': {
      const { kind, ...step } = action
      plan[STEP_LISTS[kind]].push({ path, ...step })
    }
  }
}

/** Learns what records hold whose heads alone do not decide; their contents are shown to `take`, and not kept. */
async function fetchDigests(
  context: Context,
  state: ChannelState,
  paths: readonly string[],
  take?: (contents: ReadonlyMap<string, Uint8Array>) => Promise<void>,
): Promise<void> {
  const pace = new ReadPace(state.store.limits.batchItems)
  let from = 0
  while (from < paths.length) {
    context.signal.throwIfAborted()
    const batch = paths.slice(from, from + pace.items)
    const reads = await state.store.read(batch)
    const contents = new Map<string, Uint8Array>()
    for (const [index, read] of reads.entries()) {
      const path = batch[index]!
      const content = noteContent(context, state, path, read)
      if (content !== null) contents.set(path, content.bytes)
    }
    await take?.(contents)
    pace.note(reads)
    from += batch.length
    if (paths.length > batch.length) {
      context.emit({ type: 'progress', step: 'compare', done: from, total: paths.length })
    }
  }
}

/**
 * Takes a fetched record into the remote tree. Its bytes, or null where there is no such record any more
 * or it cannot become a file.
 */
export function noteContent(
  context: Context,
  state: ChannelState,
  path: string,
  read: RemoteRead,
): { readonly file: RemoteFile; readonly bytes: Uint8Array } | null {
  if (read.status === 'absent') {
    state.remote.delete(path)
    return null
  }
  if (read.status === 'refused') {
    refuse(context, state, path, read.problem, null)
    return null
  }
  const { file } = read
  const bytes = decodeContent(file.content, context.ports.codec)
  if (bytes === null) {
    const message =
      'The record claims to hold encoded bytes, and they cannot be decoded. Write the file anew on the device it came from.'
    refuse(context, state, path, { code: 'undecodable', path, message }, file.etag)
    return null
  }
  if (isDatabaseFile(bytes)) {
    refuse(context, state, path, databaseFileProblem(path), file.etag)
    return null
  }
  const { maxFileBytes } = context.out
  if (bytes.length > maxFileBytes) {
    refuse(context, state, path, tooLarge(path, bytes.length, maxFileBytes), file.etag)
    return null
  }
  const digest = context.ports.codec.digest(bytes)
  state.remote.set(path, { etag: file.etag, version: file.version, digest })
  return { file, bytes }
}

/** Brings the base up to date where both sides agree, and releases holds and conflicts that are over. */
export function settle(context: Context, state: ChannelState, paths: readonly string[]): StateChange[] {
  return paths.flatMap(path => {
    const base = state.base.get(path)
    const local = state.local.get(path)
    const remote = state.remote.get(path)
    if (local === undefined || remote === undefined) {
      const changes = succeeded(context, state, path)
      return base === undefined ? changes : [...changes, ...dropBase(context, state, path)]
    }
    const { digest } = local
    const content = base?.digest === digest ? [] : adoptedContent(context, state, path, local)
    // It holds something else by now.
    if (content === null) return []
    const { etag, version } = remote
    const entry = {
      digest,
      size: local.fingerprint.size,
      etag,
      version,
      fingerprint: provenFingerprint(local),
    }
    return [...succeeded(context, state, path), ...content, ...setBase(context, state, path, entry)]
  })
}

/**
 * What both sides were found to agree on, for later merges; read again where the look at it has been a while ago. Null
 * where the file has changed since.
 */
function adoptedContent(
  context: Context,
  state: ChannelState,
  path: string,
  local: LocalEntry,
): StateChange[] | null {
  if (local.fingerprint.size > LARGEST_MERGED_BYTES) return []
  try {
    const bytes = context.out.recent.take(path, local) ?? readSeen(context, state, path)
    return bytes === null ? null : keepBaseContent(local.digest, bytes)
  } catch (error) {
    // Only a later merge would miss it; what is wrong with the file shows when it is looked at.
    if (error instanceof FileSystemError) return []
    throw error
  }
}
