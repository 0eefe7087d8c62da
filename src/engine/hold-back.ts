/** Takes out of a plan what the guard stops (R8): deletes that look like an absence, and changes of nearly everything. */
import type { BaseEntry, LocalEntry, RemoteEntry, Side } from './core/entry.ts'
import {
  type Change,
  type ChangeVerdict,
  type Deletion,
  guard,
  guardChanges,
  type HoldReason,
} from './core/guard.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import type { Plan, Step } from './plan.ts'
import type { Decision, HoldRecord } from './ports/state-store.ts'

export function holdBack(context: Context, state: ChannelState, plan: Plan): void {
  holdChanges(context, state, plan, 'local')
  holdChanges(context, state, plan, 'remote')
  holdDeletes(context, state, plan, 'local', isDatabaseRestored(state, plan))
  holdDeletes(context, state, plan, 'remote', false)
}

/** Pulls that would be held for what their heads say, and whose contents are not known yet. */
export function suspectPulls(state: ChannelState, plan: Plan): string[] {
  const pulls = plan.pulls.filter(
    step => isChange(state, step) && !isApprovedChange(state, 'local', step.path),
  )
  const { hold: stopped } = verdictOn(state, 'local', pulls)
  return stopped.filter(path => state.remote.get(path)?.digest === null)
}

/** What a decision about this hold names: for a delete the content that goes, for a change the one that comes. */
export function decidedDigest(hold: Pick<HoldRecord, 'digest' | 'incoming'>): string {
  return hold.incoming ?? hold.digest
}

function holdDeletes(
  context: Context,
  state: ChannelState,
  plan: Plan,
  side: Side,
  databaseRestored: boolean,
): void {
  const steps = side === 'local' ? plan.deleteLocal : plan.deleteRemote
  if (steps.length === 0) return
  const isApproved = ({ path }: Step): boolean =>
    isApprovedBy(state.decisions.get(path), side, state.base.get(path)?.digest)
  const asked = steps.filter(step => !isApproved(step)).map(step => deletion(state, side, step.path))
  const verdict = guard({
    deletions: [...asked, ...heldElsewhere(state, side, steps)],
    baseCount: state.base.size,
    presentOnMissingSide: presentOnMissingSide(context, state, side),
    recentlyDeleted: state.recentDeletes[side].count(context.ports.clock.now()),
    missingSideExchanged: isMissingSideExchanged(context, state, side),
    databaseRestored,
    held: new Set(heldDeletes(state, side).map(hold => hold.path)),
  })
  if (verdict.reason === null) return
  const held = new Set(verdict.hold.map(hold => hold.path))
  removeSteps(steps, step => !isApproved(step) && held.has(step.path))
  // Those held before are on record; one that is no delete any more must not be held again.
  for (const asking of asked) {
    if (held.has(asking.path))
      plan.holds.push(hold(context, state, { ...asking, kind: 'delete', incoming: null }, verdict.reason))
  }
}

/** What it lacks may be told later than what went back in it, so holds of former cycles count as well. */
function isDatabaseRestored(state: ChannelState, plan: Plan): boolean {
  return [...plan.holds, ...state.holds.values()].some(({ reason }) => reason === 'database-restored')
}

function holdChanges(context: Context, state: ChannelState, plan: Plan, side: Side): void {
  const steps = side === 'local' ? plan.pulls : plan.pushes
  const asked = steps.filter(step => isChange(state, step) && !isApprovedChange(state, side, step.path))
  const { hold: stopped, reason } = verdictOn(state, side, asked)
  const held = new Set(stopped)
  for (const { path } of asked) if (isHeldChange(state, side, path)) held.add(path)
  if (held.size === 0) return
  removeSteps(
    steps,
    step => isChange(state, step) && held.has(step.path) && !isApprovedChange(state, side, step.path),
  )
  for (const path of held) {
    const { digest } = state.base.get(path)!
    const { channel } = state
    const incoming = incomingOf(state, side, path)
    plan.holds.push(
      hold(
        context,
        state,
        { channel, side, path, digest, kind: 'change', incoming },
        reason ?? 'mass-change',
      ),
    )
  }
}

function verdictOn(state: ChannelState, side: Side, steps: readonly Step[]): ChangeVerdict {
  return guardChanges({
    changes: steps.map(({ path }) => change(state, side, path)),
    baseCount: state.base.size,
    isUnseen: state.comparedAll[side === 'local' ? 'remote' : 'local'],
  })
}

/** Only what both sides held can be replaced; new files and revived ones replace nothing. */
function isChange(state: ChannelState, { path, reason }: Step): boolean {
  return (reason === 'remote-edit' || reason === 'local-edit') && !isGivenBack(state.base.get(path))
}

/**
 * The base of a path whose held change a person has undone: it names a content or a record that is nowhere, so
 * that the side which holds the former content has changed, and that change is not held again.
 */
export function givenBack(base: BaseEntry, side: Side, local: LocalEntry, remote: RemoteEntry): BaseEntry {
  return side === 'local'
    ? { ...base, digest: '', etag: remote.etag, version: remote.version, fingerprint: null }
    : { ...base, digest: local.digest, etag: '', fingerprint: null }
}

function isGivenBack(base: BaseEntry | undefined): boolean {
  return base?.digest === '' || base?.etag === ''
}

function change(state: ChannelState, side: Side, path: string): Change {
  const base = state.base.get(path)!
  if (side === 'remote') return { path, time: state.local.get(path)!.fingerprint.mtimeMs, wentBack: false }
  const { version } = state.remote.get(path)!
  return { path, time: version, wentBack: version < base.version }
}

/** What would come, as a decision about it names it. */
export function incomingOf(state: ChannelState, side: Side, path: string): string {
  return side === 'local' ? state.remote.get(path)!.etag : state.local.get(path)!.digest
}

/** Unless it was edited since: then it is a change like any other. */
function isHeldChange(state: ChannelState, side: Side, path: string): boolean {
  const held = state.holds.get(path)
  if (held?.kind !== 'change' || held.side !== side) return false
  return held.incoming === incomingOf(state, side, path) || change(state, side, path).wentBack
}

function isApprovedChange(state: ChannelState, side: Side, path: string): boolean {
  return isApprovedBy(state.decisions.get(path), side, incomingOf(state, side, path))
}

export function isApprovedBy(
  decision: Decision | undefined,
  side: Side,
  digest: string | undefined,
): boolean {
  return decision?.decision === 'approve' && decision.side === side && decision.digest === digest
}

function removeSteps(steps: Step[], isHeld: (step: Step) => boolean): void {
  const go = steps.filter(step => !isHeld(step))
  steps.splice(0, steps.length, ...go)
}

function deletion(state: ChannelState, side: Side, path: string): Deletion {
  return { channel: state.channel, side, path, digest: state.base.get(path)!.digest }
}

function heldDeletes(state: ChannelState, side: Side): HoldRecord[] {
  return [...state.holds.values()].filter(held => held.side === side && held.kind === 'delete')
}

/** Held deletes that nothing has touched in this cycle still count towards what a cycle would delete. */
function heldElsewhere(state: ChannelState, side: Side, steps: readonly Step[]): Deletion[] {
  const planned = new Set(steps.map(step => step.path))
  return heldDeletes(state, side).filter(held => !planned.has(held.path))
}

function presentOnMissingSide(context: Context, state: ChannelState, side: Side): number {
  const missing = side === 'local' ? 'remote' : 'local'
  return state.ownWrites[missing].countOthers(state[missing], state.base, context.ports.clock.now())
}

function isMissingSideExchanged(context: Context, state: ChannelState, side: Side): boolean {
  if (side === 'remote') return false
  return state.identity.database !== null && state.identity.database !== state.databaseNow
}

/** Not yet recorded; one that is known keeps its reason and its beginning. */
export function hold(
  context: Context,
  state: ChannelState,
  held: Deletion & Pick<HoldRecord, 'kind' | 'incoming'>,
  reason: HoldReason,
): HoldRecord {
  const before = state.holds.get(held.path)
  return { ...held, reason: before?.reason ?? reason, since: before?.since ?? context.ports.clock.now() }
}
