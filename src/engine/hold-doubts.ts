/** Holds what comes from a side that is in doubt (R4, R8): each step of it, however few they are. */
import type { Side } from './core/entry.ts'
import type { Doubt } from './core/continuity.ts'
import type { HoldReason } from './core/guard.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { hold, incomingOf, isApprovedBy } from './hold-back.ts'
import type { Plan, Step } from './plan.ts'
import type { HoldRecord } from './ports/state-store.ts'

const REASONS: Readonly<Record<Doubt, HoldReason>> = {
  'database-older': 'database-restored',
  'root-exchanged': 'root-exchanged',
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
