/**
 * Files that were being written or removed when the engine was killed (R1, R2).
 *
 * Between the change of a file and the record of its base a crash leaves what looks like an edit or a delete;
 * if the record has changed again meanwhile, like a conflict that nobody made. What was staged tells that it
 * is sync's own: the content came from the database, or from a merge with it, and gets the base it was to have.
 */
import { completeAppend } from './append.ts'
import { dropBase, setBase } from './base.ts'
import type { ChannelState } from './channel-state.ts'
import { type Context, isUnknown } from './context.ts'
import { provenFingerprint } from './core/entry.ts'
import { formerGone } from './history.ts'
import type { StagedWrite, StateChange } from './ports/state-store.ts'

/** When what a full disk, say, has cut off is tried again, in milliseconds. */
const TRY_AGAIN_MS = 1_000

/** To be committed before the files are written. What an earlier crash has left undecided stays staged. */
export function stage(state: ChannelState, writes: readonly StagedWrite[]): StateChange {
  return { kind: 'staged-set', scope: state.scope, writes: [...state.staged.values(), ...writes] }
}

/** To be committed with the bases of what was written. */
export function unstage(state: ChannelState): StateChange {
  return stage(state, [])
}

/** After the files have been looked at, and before the database is: another database must find these bases. */
export async function takeStaged(context: Context, state: ChannelState): Promise<void> {
  if (state.staged.size === 0) return
  const changes: StateChange[] = []
  for (const write of state.staged.values()) {
    // Somebody is writing there now, or it cannot be looked at. What it is shows later.
    if (context.dirt.isWaiting(write.path) || isUnknown(context, state, write.path)) continue
    if (write.appendedTo !== undefined && !isWhole(context, state, write)) continue
    state.staged.delete(write.path)
    changes.push(...takeOne(context, state, write))
  }
  await context.ports.state.commit([...changes, unstage(state)])
}

/** False: a part of it is there, and the rest has to wait; nothing is decided about the path until then. */
function isWhole(context: Context, state: ChannelState, write: StagedWrite): boolean {
  // A preview changes nothing.
  if (context.leftovers === null) return true
  const completed = completeAppend(context, state, write)
  if (completed === 'later') {
    context.dirt.markLater(write.path, context.ports.clock.now() + TRY_AGAIN_MS)
    return false
  }
  if (completed !== null) state.local.set(write.path, completed)
  return true
}

function takeOne(context: Context, state: ChannelState, write: StagedWrite): StateChange[] {
  const { path, digest, base, former } = write
  const local = state.local.get(path)
  if ((local?.digest ?? null) !== digest) return []
  state.pending.add(path)
  // A file with the content that was to come may be the one that was there.
  const gone = former === undefined || former.digest === digest ? [] : [formerGone(state.scope, path, former)]
  if (base === null) return [...gone, ...dropBase(context, state, path)]
  const isInStep = local !== undefined && base.digest === digest
  const entry = { ...base, fingerprint: isInStep ? provenFingerprint(local) : null }
  return [...gone, ...setBase(context, state, path, entry)]
}
