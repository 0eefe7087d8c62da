/**
 * Carries out what a person has decided about a conflict (R6), revalidated at that moment: a decision names
 * the two versions it was made about, and means nothing when one of them has changed since.
 *
 * The content that loses goes to the history first. Each step leaves a conflict that the same decision still
 * ends, so after a crash it is carried out again.
 */
import type { Digest } from './core/entry.ts'
import { hasCome } from './core/backoff.ts'
import type { ChannelState } from './channel-state.ts'
import { endConflicts } from './conflict.ts'
import { type Context, failed, isUnknown } from './context.ts'
import { noteContent } from './decide.ts'
import type { Plan } from './plan.ts'
import { fileProblem, linkProblem } from './file-problem.ts'
import { look } from './look.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { Resolution, StateChange } from './ports/state-store.ts'
import { readSeen } from './read-seen.ts'
import { type Agreed, agreedOn, recordBase, writeFiles } from './write-local.ts'
import { keepRemote } from './merge-files.ts'

/** Takes the conflicts that were ended out of the plan; what is to go to the database becomes a push. */
export async function resolveConflicts(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  for (const resolution of state.resolutions) {
    const { path } = resolution
    if (mustWait(context, state, path)) continue
    const outcome = await resolveOrFail(context, state, resolution)
    if (outcome === 'later') continue
    // Before the decision is used up: whoever waits for that must not find the conflict still there.
    if (outcome === 'done') await endConflicts(context, state, [path], `by hand: ${resolution.take}`)
    await context.ports.state.commit(used(state, path))
    if (outcome === 'outdated') continue
    remove(plan, path)
    if (state.reconcile(path).kind === 'push') plan.pushes.push({ path, reason: 'local-edit' })
  }
  state.resolutions = []
}

/** What has been decided about paths that are in conflict no longer means nothing. */
export async function takeResolutions(context: Context, state: ChannelState): Promise<void> {
  const resolutions = context.ports.state.loadResolutions(state.scope)
  const isOpen = ({ path }: Resolution): boolean =>
    state.conflicts.has(path) || context.dirt.isWaiting(path) || state.reconcile(path).kind === 'conflict'
  state.resolutions = resolutions.filter(isOpen)
  for (const { path } of state.resolutions) state.pending.add(path)
  const over = resolutions.filter(resolution => !isOpen(resolution))
  const changes = over.flatMap(({ path }) => used(state, path))
  if (changes.length > 0) await context.ports.state.commit(changes)
}

function used({ scope }: ChannelState, path: string): StateChange[] {
  return [{ kind: 'resolution-delete', scope, path }]
}

function remove(plan: Plan, path: string): void {
  for (const steps of [plan.conflicts, plan.pulls, plan.pushes]) {
    const index = steps.findIndex(step => step.path === path)
    if (index !== -1) steps.splice(index, 1)
  }
}

/** 'later': the file is being written; 'outdated': a side has changed, and the conflict stays. */
type Outcome = 'done' | 'later' | 'outdated'

async function resolveOrFail(
  context: Context,
  state: ChannelState,
  resolution: Resolution,
): Promise<Outcome> {
  try {
    return await resolveOne(context, state, resolution)
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    const { path } = resolution
    await context.ports.state.commit(failed(context, state, { ...fileProblem(error, path), path }))
    return 'later'
  }
}

function mustWait(context: Context, state: ChannelState, path: string): boolean {
  if (context.dirt.isWaiting(path) || isUnknown(context, state, path)) return true
  const retry = state.retries.get(path)
  return retry !== undefined && !hasCome(retry.nextAt, context.ports.clock.now())
}

async function resolveOne(context: Context, state: ChannelState, resolution: Resolution): Promise<Outcome> {
  const { path, localDigest, remoteEtag } = resolution
  const [read] = await state.store.read([path])
  const content = noteContent(context, state, path, read!)
  const local = state.local.get(path)
  if (content === null || content.file.etag !== remoteEtag || local?.digest !== localDigest) return 'outdated'
  if (state.reconcile(path).kind !== 'conflict') return 'outdated'
  const remote = agreedOn(state, path, content.file, content.bytes)
  switch (resolution.take) {
    case 'local':
      return keepLocal(context, state, path, remote)
    case 'remote':
      return takeContent(context, state, path, remote, remote)
    case 'content':
      return takeChosen(context, state, resolution, remote)
    case 'both':
      return takeBoth(context, state, resolution, remote)
  }
}

async function keepLocal(
  context: Context,
  state: ChannelState,
  path: string,
  remote: Agreed,
): Promise<Outcome> {
  await keepRemote(context, state, path, remote)
  await context.ports.state.commit(recordBase(context, state, path, remote, null))
  context.tally.resolved += 1
  return 'done'
}

async function takeContent(
  context: Context,
  state: ChannelState,
  path: string,
  remote: Agreed,
  content: { readonly bytes: Uint8Array; readonly digest: Digest },
): Promise<Outcome> {
  const { bytes, digest } = content
  // Of the end of the conflict is told anyway.
  const reason = null
  const file = {
    path,
    bytes,
    digest,
    base: remote,
    action: 'resolve',
    reason,
    cause: 'lost-conflict',
  } as const
  const written = await writeFiles(context, state, [file])
  return written.has(path) ? 'done' : 'later'
}

async function takeChosen(
  context: Context,
  state: ChannelState,
  { path, content, localDigest }: Resolution,
  remote: Agreed,
): Promise<Outcome> {
  const bytes = content === null ? null : context.ports.state.readContent(content)
  if (content === null || bytes === null) return 'outdated'
  if (content === localDigest) return keepLocal(context, state, path, remote)
  if (content !== remote.digest) await keepRemote(context, state, path, remote)
  return takeContent(context, state, path, remote, { bytes, digest: content })
}

/** The local version goes to a file of its own, whose name says where it is from; the record takes its place. */
async function takeBoth(
  context: Context,
  state: ChannelState,
  { path, copyPath, localDigest }: Resolution,
  remote: Agreed,
): Promise<Outcome> {
  if (copyPath === null) return 'outdated'
  const bytes = readSeen(context, state, path)
  if (bytes === null) return 'later'
  const there = look(context.out, context.waits, copyPath, [])
  // From a former try, before a crash.
  const isThere = there.kind === 'file' && there.entry.digest === localDigest
  if (!isThere) {
    const replaced = context.replacer.replace(copyPath, bytes, null, { versionOf: path })
    if (replaced.kind === 'link') context.problems.report(linkProblem(copyPath, replaced.link))
    if (replaced.kind !== 'done') return 'outdated'
    await context.ports.fs.flush([copyPath])
  }
  context.dirt.mark(copyPath)
  return takeContent(context, state, path, remote, remote)
}
