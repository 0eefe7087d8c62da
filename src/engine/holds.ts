/**
 * Deletes and changes that wait for a person (R8): set by the guard, ended by a decision or by the file's return.
 *
 * A decision names one content of one path on one side, and is used up by carrying it out.
 */
import { ownEdit } from './base.ts'
import type { ChannelState } from './channel-state.ts'
import { type Context, isUnknown } from './context.ts'
import { isFolderHeld } from './core/guard.ts'
import { keepRemote } from './merge-files.ts'
import type { Plan } from './plan.ts'
import { isSameRoot } from './root.ts'
import { agreedOn, writeFiles } from './write-local.ts'
import { noteContent } from './decide.ts'
import { decidedDigest, givenBack } from './hold-back.ts'
import { allow } from './hold-contents.ts'
import { allowSecrets, SECRET } from './hold-secrets.ts'
import type { Decision, HoldRecord, StateChange } from './ports/state-store.ts'

/** Takes in what a person has decided meanwhile; approved paths and restored ones become pending. */
export async function takeDecisions(context: Context, state: ChannelState): Promise<void> {
  state.decisions.clear()
  const changes: StateChange[] = []
  const gone: HoldRecord[] = []
  // What lies there is being written: first it has to be seen.
  const decisions = context.ports.state
    .loadDecisions(state.scope)
    .filter(({ path }) => !context.dirt.isWaiting(path))
  // The database may fail; from here on nothing does, so that what is known and what is stored stay the same.
  await keepEachIncoming(context, state, decisions)
  const allowed = await allowEach(context, state, decisions)
  for (const decision of decisions) {
    const { path, side } = decision
    const used = [{ kind: 'decision-delete' as const, scope: state.scope, side, path }]
    state.pending.add(path)
    if (!isAboutHold(state, decision)) {
      changes.push(...used)
      continue
    }
    const held = state.holds.get(path)!
    if (held.kind === 'content') {
      // To put back there is nothing: what waits has not come.
      if (decision.decision === 'approve')
        changes.push(...(allowed.get(path) ?? allow(held)), ...endHold(state, path))
      changes.push(...used)
      continue
    }
    if (held.reason === 'private-elsewhere') {
      // To put back there is nothing: the file lies where it was.
      if (decision.decision === 'approve')
        changes.push({ kind: 'base-handed-over', scope: state.scope, path }, ...endHold(state, path))
      changes.push(...used)
      continue
    }
    if (decision.decision === 'approve') {
      state.decisions.set(path, decision)
      continue
    }
    if (held.kind === 'gone') {
      gone.push(held)
      continue
    }
    changes.push(...used, ...giveBack(context, state, held), ...endHold(state, path))
  }
  changes.push(...(await bringBack(context, state, gone)))
  if (changes.length > 0) await context.ports.state.commit(changes)
}

/** Files that were deleted before the others were held are written anew here, and go on from here as new files. */
async function bringBack(
  context: Context,
  state: ChannelState,
  gone: readonly HoldRecord[],
): Promise<StateChange[]> {
  const writes = gone.flatMap(({ path, digest }) => {
    const bytes = state.local.has(path) ? null : context.ports.state.readContent(digest)
    return bytes === null
      ? []
      : [
          {
            path,
            digest,
            bytes,
            base: null,
            action: 'pull',
            reason: 'restored',
            cause: 'overwritten',
          } as const,
        ]
  })
  for (const path of await writeFiles(context, state, writes)) state.pending.add(path)
  const failed = new Set(writes.map(({ path }) => path).filter(path => !state.local.has(path)))
  return gone.flatMap(({ path, side }) =>
    // What could not be written is tried again, for as long as the decision stands.
    failed.has(path)
      ? []
      : [{ kind: 'decision-delete' as const, scope: state.scope, side, path }, ...endHold(state, path)],
  )
}

function isAboutHold(state: ChannelState, { path, side, digest }: Decision): boolean {
  const hold = state.holds.get(path)
  return hold?.side === side && decidedDigest(hold) === digest && isStillComing(state, hold)
}

/** What comes was edited since: of that nobody has been told. */
function isStillComing({ local, remote }: ChannelState, { kind, side, path, incoming }: HoldRecord): boolean {
  if (kind !== 'change') return true
  return incoming === (side === 'local' ? remote.get(path)?.etag : local.get(path)?.digest)
}

async function keepEachIncoming(
  context: Context,
  state: ChannelState,
  decisions: readonly Decision[],
): Promise<void> {
  for (const decision of decisions) {
    const held = state.holds.get(decision.path)
    const isTakenBack = decision.decision === 'restore' && isAboutHold(state, decision)
    if (!isTakenBack || held?.reason === 'private-elsewhere') continue
    if (held?.kind === 'change' && held.side === 'local') await keepIncoming(context, state, decision.path)
  }
}

/** What becomes of secrets that a person lets go, by the path of their file. */
async function allowEach(
  context: Context,
  state: ChannelState,
  decisions: readonly Decision[],
): Promise<ReadonlyMap<string, readonly StateChange[]>> {
  const allowed = new Map<string, readonly StateChange[]>()
  for (const decision of decisions) {
    const held = state.holds.get(decision.path)
    if (held?.reason !== SECRET || decision.decision !== 'approve' || !isAboutHold(state, decision)) continue
    allowed.set(decision.path, await allowSecrets(context, state, held))
  }
  return allowed
}

/** What the database holds goes to the history before this device's file takes its place again (R1). */
async function keepIncoming(context: Context, state: ChannelState, path: string): Promise<void> {
  const [read] = await state.store.read([path])
  const content = noteContent(context, state, path, read!)
  if (content === null) return
  await keepRemote(context, state, path, agreedOn(state, path, content.file, content.bytes))
}

/** Sets the base so that the next plan brings back what was there before the held delete or change. */
function giveBack(context: Context, state: ChannelState, { kind, side, path }: HoldRecord): StateChange[] {
  const { scope } = state
  const base = state.base.get(path)
  const local = state.local.get(path)
  const remote = state.remote.get(path)
  // What the database still has as it was agreed on comes back from there.
  const replaced = remote?.etag === base?.etag ? [] : ownEdit(context, state, path)
  if (kind === 'delete' || base === undefined || local === undefined || remote === undefined) {
    // Without a base nothing counts as deleted: the side that has the file gives it to the other.
    state.base.delete(path)
    return [...replaced, { kind: 'base-delete', scope, path }]
  }
  const entry = givenBack(base, side, local, remote)
  state.base.set(path, entry)
  return [...replaced, { kind: 'base-set', scope, path, entry }]
}

/** Records what the guard has stopped. */
export async function recordHolds(
  context: Context,
  state: ChannelState,
  { holds }: Pick<Plan, 'holds'>,
): Promise<void> {
  const changes: StateChange[] = []
  for (const hold of holds) {
    state.pending.delete(hold.path)
    const before = state.holds.get(hold.path)
    if (before !== undefined && isSameHold(before, hold)) continue
    if (before !== undefined) changes.push(...endHold(state, hold.path), ...withdrawn(state, hold.path))
    state.holds.set(hold.path, hold)
    changes.push({ kind: 'hold-set', scope: state.scope, hold })
    if ((before !== undefined && !isAskedAnew(hold)) || hold.kind === 'gone') continue
    context.emit({
      type: 'file',
      path: hold.path,
      channel: state.channel,
      action: 'skip',
      reason: `held: ${hold.reason}`,
    })
  }
  if (changes.length > 0) await context.ports.state.commit(changes)
}

/** Each content that may run code is another question; a file with a secret in it is one, however it is edited. */
function isAskedAnew({ kind, reason }: HoldRecord): boolean {
  return kind === 'content' && reason !== SECRET
}

/** What a person has decided was about another content than is held now. */
function withdrawn(state: ChannelState, path: string): StateChange[] {
  const decision = state.decisions.get(path)
  if (decision === undefined) return []
  state.decisions.delete(path)
  return [{ kind: 'decision-delete', scope: state.scope, side: decision.side, path }]
}

/** What turned out to be no delete or no change after all is held no longer. */
export async function endHoldsThatAreOver(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  const changes: StateChange[] = []
  const goingOn = new Set([...plan.pulls, ...plan.pushes, ...plan.conflicts].map(({ path }) => path))
  for (const path of state.holds.keys()) {
    if (state.holds.get(path)!.kind === 'gone') continue
    const isReleased = goingOn.has(path) && !state.decisions.has(path)
    if (isReleased || isOver(context, state, path)) changes.push(...endHold(state, path))
  }
  if (changes.length > 0) await context.ports.state.commit(changes)
}

function isSameHold(a: HoldRecord, b: HoldRecord): boolean {
  return a.kind === b.kind && a.side === b.side && decidedDigest(a) === decidedDigest(b)
}

/** The file is back, or was edited on the side that has it, or the change was taken back. */
function isOver(context: Context, state: ChannelState, path: string): boolean {
  if (!state.pending.has(path) || context.dirt.isWaiting(path)) return false
  const { kind } = state.reconcile(path)
  if (kind === 'compare') return false
  const held = state.holds.get(path)!
  const coming = held.side === 'local' ? 'pull' : 'push'
  if (held.kind === 'content') return kind !== coming && kind !== 'conflict'
  if (held.kind === 'change') return kind !== coming
  return kind !== 'delete-local' && kind !== 'delete-remote'
}

/** After what was approved has been carried out: the holds and the decisions are used up. */
export async function endCarriedOut(context: Context, state: ChannelState): Promise<void> {
  const changes: StateChange[] = []
  // What is being written has not been seen yet.
  const isSeen = (path: string): boolean => !isUnknown(context, state, path) && !context.dirt.isWaiting(path)
  const isOver = (path: string): boolean => isSeen(path) && isCarriedOut(state, path)
  for (const [path, { side }] of state.decisions) {
    if (!isOver(path)) continue
    changes.push({ kind: 'decision-delete', scope: state.scope, side, path }, ...endHold(state, path))
    state.decisions.delete(path)
  }
  for (const path of state.holds.keys()) if (isOver(path)) changes.push(...endHold(state, path))
  changes.push(...endLoneGone(state))
  if (changes.length > 0) await context.ports.state.commit(changes)
}

/** What has gone is named for as long as others like it are held, and as it has not come back. */
function endLoneGone(state: ChannelState): StateChange[] {
  const holds = [...state.holds.values()]
  const sides = new Set(holds.filter(({ kind }) => kind === 'delete').map(({ side }) => side))
  return holds
    .filter(({ kind, side, path }) => kind === 'gone' && (!sides.has(side) || state.isThere(path)))
    .flatMap(({ path }) => endHold(state, path))
}

function isCarriedOut(state: ChannelState, path: string): boolean {
  const base = state.base.get(path)
  const held = state.holds.get(path)
  if (held?.kind === 'gone') return state.decisions.has(path)
  if (held?.kind === 'content') {
    const source = held.side === 'local' ? state.remote : state.local
    return !source.has(path) || base?.digest === held.digest
  }
  // Of a file that was never agreed on here it is held that it is sent at all.
  if (base === undefined) return held?.reason !== 'private-elsewhere' || !state.local.has(path)
  if (held?.kind !== 'change') return false
  if (held.side === 'remote') return held.incoming === base.digest
  // The record may be the base's already where the file is in doubt: then it has to be here.
  return held.incoming === base.etag && state.local.get(path)?.digest === base.digest
}

function endHold(state: ChannelState, path: string): StateChange[] {
  const hold = state.holds.get(path)
  if (hold === undefined) return []
  state.holds.delete(path)
  return [{ kind: 'hold-delete', scope: state.scope, side: hold.side, path }]
}

/**
 * Once all was compared with them and nothing is held because of it, the root and the database of today are those
 * the base belongs to. While files are going missing it is too early to tell.
 */
export async function noteIdentity(context: Context, state: ChannelState): Promise<void> {
  if (state.postponed.size > 0 || context.waits.gone > 0) return
  const hasHolds = (side: 'local' | 'remote'): boolean =>
    [...state.holds.values()].some(hold => hold.side === side && isFolderHeld(hold.reason))
  const { identity, comparedWith } = state
  // What an exchange while no engine ran has left in doubt is noted with the bases.
  const root = isSameRoot(comparedWith.root, context.root) ? context.root : identity.root
  const isOtherDatabase = comparedWith.database !== state.databaseNow
  const database = hasHolds('local') || isOtherDatabase ? identity.database : state.databaseNow
  if (root === state.identity.root && database === state.identity.database) return
  state.identity = { root, database }
  await context.ports.state.commit([{ kind: 'identity-set', scope: state.scope, identity: state.identity }])
}
