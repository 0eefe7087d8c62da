/**
 * Files that both sides have changed (R5): merged where that leaves no doubt, decided where a policy says so.
 * What is left is a conflict (R6).
 *
 * The fetched record becomes the base, and the result an edit of it that is pushed on its condition: whoever
 * changes the record meanwhile leads to another merge, not to a loss.
 */
import type { LocalEntry } from './core/entry.ts'
import { mergePolicy, newestSide } from './core/conflict-policy.ts'
import type { MergePolicy } from './core/merge.ts'
import type { ChannelState } from './channel-state.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import { announce, type Context, failed } from './context.ts'
import { noteContent } from './decide.ts'
import type { Plan, Step, StepReason } from './plan.ts'
import { fileProblem } from './file-problem.ts'
import { putAside } from './history.ts'
import { mayCome } from './hold-contents.ts'
import { FileSystemError } from './ports/file-system.ts'
import { ReadPace } from './read-pace.ts'
import { lookAgain, readSeen } from './read-seen.ts'
import { type Agreed, agreedOn, type FileWrite, recordBase, writeFiles } from './write-local.ts'

interface Difference {
  readonly path: string
  readonly local: LocalEntry
  readonly localBytes: Uint8Array
  readonly remote: Agreed
}

/** Takes what could be settled out of the plan's conflicts; edits that are to go to the database become pushes. */
export async function mergeFiles(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  await settleDifferences(context, state, plan, async difference => {
    const step = await carryOut(context, state, difference, await decideOn(context, state, difference))
    if (typeof step === 'object') plan.pushes.push(step)
    return step !== 'conflict'
  })
}

/** The same for a look at what would be done: nothing is written. */
export async function previewMerges(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  await settleDifferences(context, state, plan, async difference => {
    const { path } = difference
    const decided = await decideOn(context, state, difference)
    if (decided.kind === 'conflict') return false
    const { action, reason } = decided
    if (action === 'merge') plan.merges.push({ path, reason })
    else if (decided.kind === 'write') plan.pulls.push({ path, reason })
    else plan.pushes.push({ path, reason })
    return true
  })
}

/** Takes the steps of which `settle` says that they are settled out of the plan's conflicts. */
async function settleDifferences(
  context: Context,
  state: ChannelState,
  plan: Plan,
  settle: (difference: Difference) => Promise<boolean>,
): Promise<void> {
  const steps = plan.conflicts.filter(step => isWorthATry(context, state, step.path))
  const settled = new Set<string>()
  const pace = new ReadPace(state.store.limits.batchItems)
  for (let from = 0; from < steps.length;) {
    context.signal.throwIfAborted()
    const batch = steps.slice(from, from + pace.items)
    const reads = await state.store.read(batch.map(step => step.path))
    pace.note(reads)
    for (const [index, { path }] of batch.entries()) {
      const content = noteContent(context, state, path, reads[index]!)
      // Refused, gone, or in conflict no longer: the next cycle decides with what is known now.
      if (content === null || state.reconcile(path).kind !== 'conflict') continue
      if (!mayCome(context, state, 'local', path)) continue
      const local = state.local.get(path)!
      const localBytes = await readLocal(context, state, path)
      if (localBytes === null) settled.add(path)
      else {
        const remote = agreedOn(state, path, content.file, content.bytes)
        if (await settle({ path, local, localBytes, remote })) settled.add(path)
      }
    }
    from += batch.length
    await context.ports.clock.yield()
  }
  const left = plan.conflicts.filter(({ path }) => !settled.has(path))
  plan.conflicts.splice(0, plan.conflicts.length, ...left)
}

/** Without a base there is nothing to merge with, and what did not merge a moment ago does not now. */
function isWorthATry(context: Context, state: ChannelState, path: string): boolean {
  const policy = context.rules.conflictPolicy(path)
  if (policy === 'ask') return false
  if (mergePolicy(policy) === null) return true
  return state.mergeBase(path) !== undefined && state.unmergeable.get(path) !== mergeKey(state, path)
}

function mergeKey(state: ChannelState, path: string): string {
  return `${state.local.get(path)?.digest} ${state.remote.get(path)?.etag}`
}

interface Settlement {
  readonly action: 'merge' | 'resolve'
  readonly reason: StepReason
}

type Decided =
  | { readonly kind: 'conflict' }
  /** The file stays as it is, and goes to the database. */
  | (Settlement & { readonly kind: 'keep' })
  | (Settlement & { readonly kind: 'write'; readonly file: FileWrite })

async function decideOn(context: Context, state: ChannelState, difference: Difference): Promise<Decided> {
  const { path, local, remote } = difference
  const policy = context.rules.conflictPolicy(path)
  switch (policy) {
    case 'merge':
    case 'union':
      return merge(context, state, difference, policy)
    case 'newest': {
      const side = newestSide({ localMs: local.fingerprint.mtimeMs, remoteMs: remote.version })
      return decideFor(difference, side, `policy newest: ${side}`)
    }
    case 'local':
    case 'remote':
      return decideFor(difference, policy, `policy ${policy}`)
    case 'ask':
      return { kind: 'conflict' }
  }
}

async function merge(
  context: Context,
  state: ChannelState,
  difference: Difference,
  policy: MergePolicy,
): Promise<Decided> {
  const { path, local, remote } = difference
  const bytes = await mergedBytes(context, state, difference, policy)
  if (bytes === null) {
    state.unmergeable.set(path, mergeKey(state, path))
    return { kind: 'conflict' }
  }
  const digest = context.ports.codec.digest(bytes)
  const settlement = { action: 'merge', reason: 'both-changed' } as const
  if (digest === local.digest) return { kind: 'keep', ...settlement }
  const file = { path, bytes, digest, base: remote, ...settlement, cause: 'merged' } as const
  return { kind: 'write', ...settlement, file }
}

/** By a policy. */
function decideFor({ path, remote }: Difference, side: 'local' | 'remote', reason: StepReason): Decided {
  const settlement = { action: 'resolve', reason } as const
  if (side === 'local') return { kind: 'keep', ...settlement }
  const { digest, bytes } = remote
  const file = { path, bytes, digest, base: remote, ...settlement, cause: 'lost-conflict' } as const
  return { kind: 'write', ...settlement, file }
}

async function readLocal(context: Context, state: ChannelState, path: string): Promise<Uint8Array | null> {
  try {
    return readSeen(context, state, path)
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
    if (error.code === 'ENOENT') lookAgain(context, path)
    else await context.ports.state.commit(failed(context, state, { ...fileProblem(error, path), path }))
    return null
  }
}

/** Null where it takes a person. */
async function mergedBytes(
  context: Context,
  state: ChannelState,
  difference: Difference,
  policy: MergePolicy,
): Promise<Uint8Array | null> {
  const { path, localBytes, remote } = difference
  const base = baseBytes(context, state, path)
  const sides = [base, localBytes, remote.bytes]
  if (sides.some(bytes => bytes === null || bytes.length > LARGEST_MERGED_BYTES)) return null
  const { codec, merger } = context.ports
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : codec.decodeUtf8(bytes))
  const [baseText, localText, remoteText] = [text(base), text(localBytes), text(remote.bytes)]
  if (baseText === null || localText === null || remoteText === null) return null
  const file = { path, policy, base: baseText, local: localText, remote: remoteText }
  const result = await merger.merge(file, context.signal)
  return result.kind === 'merged' ? codec.encodeUtf8(result.text) : null
}

/** Null where it was too large to be kept, or is damaged: a merge without it would be a guess. */
function baseBytes(context: Context, state: ChannelState, path: string): Uint8Array | null {
  const base = state.mergeBase(path)
  if (base === undefined) return null
  try {
    return context.ports.state.readContent(base.digest)
  } catch (error) {
    context.ports.log.error('a kept base cannot be read', { path, error: String(error) })
    return null
  }
}

/** A step for what is to be pushed, 'done', 'conflict', or 'later' where the file is being written. */
type Settled = Step | 'done' | 'conflict' | 'later'

async function carryOut(
  context: Context,
  state: ChannelState,
  { path, remote }: Difference,
  decided: Decided,
): Promise<Settled> {
  switch (decided.kind) {
    case 'conflict':
      return 'conflict'
    case 'keep':
      // After a merge the file has all that the record had.
      if (decided.action === 'merge') context.tally.merged += 1
      else {
        context.tally.resolved += 1
        await keepRemote(context, state, path, remote)
      }
      announce(context, state, path, decided.action, decided.reason)
      await context.ports.state.commit(recordBase(context, state, path, remote, null))
      return { path, reason: 'local-edit' }
    case 'write': {
      const { file } = decided
      const written = await writeFiles(context, state, [file])
      if (!written.has(path)) return 'later'
      return file.digest === file.base?.digest ? 'done' : { path, reason: 'local-edit' }
    }
  }
}

/** Puts the record's content into the history before the local version replaces it in the database. */
export async function keepRemote(
  context: Context,
  state: ChannelState,
  path: string,
  { digest, bytes, version }: Agreed,
): Promise<void> {
  const time = context.ports.clock.now()
  const aside = { digest, version, time, device: context.device }
  await context.ports.state.commit(putAside(state, path, bytes, { ...aside, cause: 'lost-conflict' }))
}
