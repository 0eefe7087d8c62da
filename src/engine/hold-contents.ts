/**
 * Contents that wait for a person for their own sake (R10.6): each one anew, and nothing else waits for it.
 *
 * Which ones wait, a gate says. What a person has said yes to passes it from then on; so a hold is over by itself once the
 * side that it comes from holds what passes, or nothing. Another reason is another gate in `GATES`, and a `ContentReason`.
 */
import type { Digest, Side } from './core/entry.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import type { Gate } from './gate.ts'
import type { Plan, Step } from './plan.ts'
import type { HoldRecord, StateChange } from './ports/state-store.ts'
import { runnableGate } from './runnable-gate.ts'
import type { Slice } from './slice.ts'

const GATES: readonly Gate[] = [runnableGate]

/** The lists of a plan that bring a content to a side. Of a conflict either side's may come to the other. */
const LISTS: Readonly<Record<Side, readonly ('pulls' | 'pushes' | 'conflicts')[]>> = {
  local: ['pulls', 'conflicts'],
  remote: ['pushes', 'conflicts'],
}

/** Takes what waits out of the plan. What its records hold must be known (`unknownArrivals`). */
export async function holdContents(
  context: Context,
  state: ChannelState,
  plan: Plan,
  slice: Slice,
): Promise<void> {
  for (const gate of GATES)
    for (const list of LISTS[gate.side]) {
      const go: Step[] = []
      for (const step of plan[list]) {
        if (slice.isOver()) await slice.yield()
        const digest = stopped(context, state, gate, step.path)
        if (digest === null) go.push(step)
        else plan.holds.push(contentHold(context, state, gate, step.path, digest))
      }
      plan[list].splice(0, plan[list].length, ...go)
    }
}

/** Paths of a plan whose records have to be read before it is known whether what they hold may come, or to show it. */
export function unknownArrivals(context: Context, state: ChannelState, plan: Plan): string[] {
  const gates = GATES.filter(({ side }) => side === 'local')
  const isUnknown = ({ path }: Step): boolean =>
    gates.some(gate => {
      if (!gate.watches(context, path)) return false
      const digest = state.remote.get(path)?.digest ?? null
      return (
        digest === null || !(gate.passes(context, path, digest) || context.ports.state.hasContent(digest))
      )
    })
  return LISTS.local.flatMap(list => plan[list].filter(isUnknown).map(({ path }) => path))
}

/** Keeps of what has been read what waits, for a person to look at; what is too large to be looked at is not. */
export async function keepArrivals(
  context: Context,
  state: ChannelState,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const changes = [...contents].flatMap(([path, bytes]): StateChange[] => {
    const { digest } = state.remote.get(path)!
    const isKept = bytes.length <= LARGEST_MERGED_BYTES && !mayCome(context, state, 'local', path)
    return isKept ? [{ kind: 'content-put', digest: digest!, bytes }] : []
  })
  if (changes.length > 0) await context.ports.state.commit(changes)
}

/** Asked once more with what was read just before it is written there. */
export function mayCome(context: Context, state: ChannelState, side: Side, path: string): boolean {
  return GATES.every(gate => gate.side !== side || stopped(context, state, gate, path) === null)
}

/** A person's yes to what waits. */
export function allow(hold: HoldRecord): readonly StateChange[] {
  return GATES.find(({ reason }) => reason === hold.reason)?.allow(hold) ?? []
}

/** The content that waits there; null where none does. */
function stopped(context: Context, state: ChannelState, gate: Gate, path: string): Digest | null {
  if (!gate.watches(context, path)) return null
  const { digest } = (gate.side === 'local' ? state.remote : state.local).get(path) ?? {}
  if (digest === undefined || digest === null) return null
  return gate.passes(context, path, digest) ? null : digest
}

function contentHold(
  context: Context,
  { channel, holds }: ChannelState,
  { reason, side }: Gate,
  path: string,
  digest: Digest,
): HoldRecord {
  const before = holds.get(path)
  const since =
    before?.kind === 'content' && before.digest === digest ? before.since : context.ports.clock.now()
  return { channel, side, path, digest, kind: 'content', incoming: null, reason, since }
}
