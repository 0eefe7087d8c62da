/** Holds what comes from a side that is in doubt (R4, R8), or is another's private file (R15): each step, however few. */
import type { Side } from './core/entry.ts'
import type { Doubt } from './core/continuity.ts'
import type { HoldReason } from './core/guard.ts'
import { waitsForHandover } from './core/private-elsewhere.ts'
import type { Action } from './core/reconcile.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { changeOf, decidedDigest, deletion, hold, isApprovedBy } from './hold-back.ts'
import type { Plan, Step } from './plan.ts'
import type { HoldRecord } from './ports/state-store.ts'
import type { Slice } from './slice.ts'

const REASONS: Readonly<Record<Doubt, HoldReason>> = {
  'database-older': 'database-restored',
  'root-exchanged': 'root-exchanged',
  'file-older': 'folder-restored',
  'mount-away': 'mount-away',
}

interface List {
  readonly list: 'pulls' | 'pushes' | 'conflicts' | 'deleteLocal' | 'deleteRemote'
  readonly action: Action['kind']
  readonly side: Side
  readonly kind: HoldRecord['kind']
}

/** Where each list of a plan changes something, and how. */
const LISTS: readonly List[] = [
  { list: 'pulls', action: 'pull', side: 'local', kind: 'change' },
  { list: 'pushes', action: 'push', side: 'remote', kind: 'change' },
  { list: 'conflicts', action: 'conflict', side: 'remote', kind: 'change' },
  { list: 'deleteLocal', action: 'delete-local', side: 'local', kind: 'delete' },
  { list: 'deleteRemote', action: 'delete-remote', side: 'remote', kind: 'delete' },
]

export async function holdDoubts(
  context: Context,
  state: ChannelState,
  plan: Plan,
  slice: Slice,
): Promise<void> {
  await holdEach(context, state, plan, slice)
  doubtYoungerThanCopy(state, plan)
  await holdEach(context, state, plan, slice)
}

async function holdEach(context: Context, state: ChannelState, plan: Plan, slice: Slice): Promise<void> {
  for (const list of LISTS) {
    const go: Step[] = []
    for (const step of plan[list.list]) {
      if (slice.isOver()) await slice.yield()
      const held = heldBy(context, state, list, step)
      if (held === null) go.push(step)
      else plan.holds.push(held)
    }
    plan[list.list].splice(0, plan[list.list].length, ...go)
  }
}

/**
 * Where older copies of files were put back, what is missing beside them and was written later than any of them need not
 * have been deleted: the copy may never have had it.
 */
function doubtYoungerThanCopy(state: ChannelState, plan: Plan): void {
  const copies = [...plan.holds, ...state.holds.values()].filter(
    held => held.reason === 'folder-restored' && held.kind === 'change',
  )
  if (copies.length === 0) return
  const times = copies.map(({ path }) => state.local.get(path)?.fingerprint.mtimeMs ?? 0)
  const newest = times.reduce((latest, time) => Math.max(latest, time))
  for (const [index, step] of plan.deleteRemote.entries()) {
    const writtenAt = state.base.get(step.path)!.fingerprint?.mtimeMs ?? Infinity
    if (state.unseen.has(step.path) && writtenAt > newest)
      plan.deleteRemote[index] = { ...step, doubt: 'file-older' }
  }
}

/** Null where nothing is in doubt, or a person has said yes to it. */
function heldBy(
  context: Context,
  state: ChannelState,
  { action, side, kind }: List,
  step: Step,
): HoldRecord | null {
  const { path, doubt } = step
  const isAnothers = doubt === undefined && isPrivateElsewhere(context, state, path, action)
  if (doubt === undefined && !isAnothers) return null
  const { channel } = state
  const about =
    kind === 'change'
      ? changeOf(state, side, path)
      : { digest: deletion(state, side, path).digest, incoming: null }
  if (isApprovedBy(state.decisions.get(path), side, decidedDigest(about))) return null
  const reason = doubt === undefined ? 'private-elsewhere' : REASONS[doubt]
  return hold(context, state, { channel, side, path, kind, ...about }, reason)
}

function isPrivateElsewhere(
  { ports }: Context,
  state: ChannelState,
  path: string,
  action: Action['kind'],
): boolean {
  const file = { channel: state.channel, base: state.base.get(path) ?? null, isHere: state.local.has(path) }
  return waitsForHandover(file, action) && ports.state.isPrivateElsewhere(state.scope, path)
}
