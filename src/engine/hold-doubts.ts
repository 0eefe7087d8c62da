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

/** So many are asked for in one statement: each has a price of its own, and none may take long. */
const PATHS_AT_A_TIME = 1_000

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
  const anothers = await filesOfOthers(context, state, plan, slice)
  await holdEach(context, state, plan, anothers, slice)
  if (doubtYoungerThanCopy(state, plan)) await holdEach(context, state, plan, anothers, slice)
}

/** Those of the plan's paths that wait because they are the private files of somebody else. */
async function filesOfOthers(
  { ports }: Context,
  state: ChannelState,
  plan: Plan,
  slice: Slice,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const { list, action } of LISTS) {
    const paths = plan[list]
      .filter(({ path, doubt }) => doubt === undefined && mayBeOfAnother(state, path, action))
      .map(({ path }) => path)
    for (let at = 0; at < paths.length; at += PATHS_AT_A_TIME) {
      if (slice.isOver()) await slice.yield()
      const some = paths.slice(at, at + PATHS_AT_A_TIME)
      for (const path of ports.state.privateElsewhere(state.scope, some)) found.add(path)
    }
  }
  return found
}

function mayBeOfAnother(state: ChannelState, path: string, action: Action['kind']): boolean {
  const { channel } = state
  const file = { channel, base: state.base.get(path) ?? null, isHere: state.local.has(path) }
  return waitsForHandover(file, action)
}

async function holdEach(
  context: Context,
  state: ChannelState,
  plan: Plan,
  anothers: ReadonlySet<string>,
  slice: Slice,
): Promise<void> {
  for (const list of LISTS) {
    const go: Step[] = []
    for (const step of plan[list.list]) {
      if (slice.isOver()) await slice.yield()
      const held = heldBy(context, state, list, step, anothers)
      if (held === null) go.push(step)
      else plan.holds.push(held)
    }
    plan[list.list].splice(0, plan[list.list].length, ...go)
  }
}

/**
 * Where older copies of files were put back, what is missing beside them and was written later than any of them need not
 * have been deleted: the copy may never have had it. Whether there is any.
 */
function doubtYoungerThanCopy(state: ChannelState, plan: Plan): boolean {
  const copies = [...plan.holds, ...state.holds.values()].filter(
    held => held.reason === 'folder-restored' && held.kind === 'change',
  )
  if (copies.length === 0) return false
  const times = copies.map(({ path }) => state.local.get(path)?.fingerprint.mtimeMs ?? 0)
  const newest = times.reduce((latest, time) => Math.max(latest, time))
  let isAny = false
  for (const [index, step] of plan.deleteRemote.entries()) {
    const writtenAt = state.base.get(step.path)!.fingerprint?.mtimeMs ?? Infinity
    if (!state.unseen.has(step.path) || writtenAt <= newest) continue
    plan.deleteRemote[index] = { ...step, doubt: 'file-older' }
    isAny = true
  }
  return isAny
}

/** Null where nothing is in doubt, or a person has said yes to it. */
function heldBy(
  context: Context,
  state: ChannelState,
  { side, kind }: List,
  step: Step,
  anothers: ReadonlySet<string>,
): HoldRecord | null {
  const { path, doubt } = step
  if (doubt === undefined && !anothers.has(path)) return null
  const { channel } = state
  const about =
    kind === 'change'
      ? changeOf(state, side, path)
      : { digest: deletion(state, side, path).digest, incoming: null }
  if (isApprovedBy(state.decisions.get(path), side, decidedDigest(about))) return null
  const reason = doubt === undefined ? 'private-elsewhere' : REASONS[doubt]
  return hold(context, state, { channel, side, path, kind, ...about }, reason)
}
