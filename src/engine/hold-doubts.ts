/** Holds what comes from a side that is in doubt (R4, R8): each step of it, however few they are. */
import type { Side } from './core/entry.ts'
import type { Doubt } from './core/continuity.ts'
import type { HoldReason } from './core/guard.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { hold, incomingOf, isApprovedBy } from './hold-back.ts'
import type { DeleteStep, Plan, Step } from './plan.ts'
import type { HoldRecord } from './ports/state-store.ts'

const REASONS: Readonly<Record<Doubt, HoldReason>> = {
  'database-older': 'database-restored',
  'root-exchanged': 'root-exchanged',
  'file-older': 'folder-restored',
  'mount-away': 'mount-away',
}

/** Where each list of a plan changes something, and how. */
const LISTS = [
  { list: 'pulls', side: 'local', kind: 'change' },
  { list: 'pushes', side: 'remote', kind: 'change' },
  { list: 'deleteLocal', side: 'local', kind: 'delete' },
  { list: 'deleteRemote', side: 'remote', kind: 'delete' },
] as const

export function holdDoubts(context: Context, state: ChannelState, plan: Plan): void {
  holdDoubted(context, state, plan)
  holdYoungerThanCopy(context, state, plan)
}

function holdDoubted(context: Context, state: ChannelState, plan: Plan): void {
  for (const { list, side, kind } of LISTS) {
    const go: Step[] = []
    for (const step of plan[list]) {
      const held = step.doubt === undefined ? null : heldBy(context, state, side, kind, step.path, step.doubt)
      if (held === null) go.push(step)
      else plan.holds.push(held)
    }
    plan[list].splice(0, plan[list].length, ...go)
  }
}

/**
 * Where older copies of files were put back, what is missing beside them and was written later than any of them need not
 * have been deleted: the copy may never have had it.
 */
function holdYoungerThanCopy(context: Context, state: ChannelState, plan: Plan): void {
  const copies = [...plan.holds, ...state.holds.values()].filter(
    held => held.reason === 'folder-restored' && held.kind === 'change',
  )
  if (copies.length === 0) return
  const times = copies.map(({ path }) => state.local.get(path)?.fingerprint.mtimeMs ?? 0)
  const newest = times.reduce((latest, time) => Math.max(latest, time))
  const go: DeleteStep[] = []
  for (const step of plan.deleteRemote) {
    const writtenAt = state.base.get(step.path)!.fingerprint?.mtimeMs ?? Infinity
    const isYounger = state.unseen.has(step.path) && writtenAt > newest
    const held = isYounger ? heldBy(context, state, 'remote', 'delete', step.path, 'file-older') : null
    if (held === null) go.push(step)
    else plan.holds.push(held)
  }
  plan.deleteRemote.splice(0, plan.deleteRemote.length, ...go)
}

/** Null where a person has said yes to it. */
function heldBy(
  context: Context,
  state: ChannelState,
  side: Side,
  kind: HoldRecord['kind'],
  path: string,
  doubt: Doubt,
): HoldRecord | null {
  const { channel } = state
  const { digest } = state.base.get(path)!
  const incoming = kind === 'change' ? incomingOf(state, side, path) : null
  if (isApprovedBy(state.decisions.get(path), side, incoming ?? digest)) return null
  return hold(context, state, { channel, side, path, digest, kind, incoming }, REASONS[doubt])
}
