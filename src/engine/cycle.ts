/**
 * One pass of the engine: see what both sides hold, decide, and carry it out (R2).
 *
 * Nothing but what was seen is persisted, and only once it has happened; what is left to do is derived anew
 * by the next pass. So after a crash at any point the same cycle simply runs again.
 */
import { appChangeOf, appChangeProblem } from './core/app-change.ts'
import { allPaths, isChanged } from './core/diff.ts'
import type { ChannelState } from './channel-state.ts'
import { applyLocalDeletes, applyPulls } from './apply-local.ts'
import { applyPushes, applyRemoteDeletes } from './apply-remote.ts'
import { endConflicts, recordConflicts } from './conflict.ts'
import { type Context, isUnknown } from './context.ts'
import { nowDeniedProblem } from './core/now-denied.ts'
import { decide, previewPulls, settle } from './decide.ts'
import { emptyPlan, type Plan } from './plan.ts'
import { holdDeletes } from './hold-back.ts'
import { endCarriedOut, endHoldsThatAreOver, noteIdentity, recordHolds, takeDecisions } from './holds.ts'
import { takeBack } from './leave-out.ts'
import { holdSecrets } from './hold-secrets.ts'
import { mergeFiles, previewMerges } from './merge-files.ts'
import { observeLocal } from './observe-local.ts'
import { disconnected, isWaitingToReconnect, observeRemote } from './observe-remote.ts'
import { mergeOvertaken } from './overtaken.ts'
import { AdapterError } from './ports/adapter.ts'
import type { ScopeId, ScopeKey } from './ports/state-store.ts'
import { isFirstLook } from './schedule.ts'
import { resolveConflicts, takeResolutions } from './resolve.ts'
import { takeSent } from './sent.ts'
import { takeStaged } from './staged.ts'
import { isRootLink, isSameRoot, rootIdentity, rootMissingProblem } from './root.ts'
import { Slice } from './slice.ts'

/** State changes of settled paths in one transaction. */
const SETTLE_BATCH = 500
/** Paths compared between two looks at the clock: a tenth of a millisecond. */
const PATHS_PER_LOOK = 256

interface Pass {
  readonly context: Context
  readonly state: ChannelState
  plan: Plan
}

interface CycleStep {
  readonly name: string
  run(pass: Pass): Promise<void>
}

/** What happens for each channel once both sides have been observed, in this order. */
const STEPS: readonly CycleStep[] = [
  { name: 'take what was sent', run: ({ context, state }) => takeSent(context, state) },
  { name: 'take decisions', run: ({ context, state }) => takeDecisions(context, state) },
  { name: 'take resolutions', run: ({ context, state }) => takeResolutions(context, state) },
  { name: 'merge overtaken', run: ({ context, state }) => mergeOvertaken(context, state) },
  { name: 'decide', run: async pass => void (pass.plan = await decide(pass.context, pass.state)) },
  {
    name: 'hold secrets',
    run: ({ context, state, plan }) => holdSecrets(context, state, plan, { isPreview: false }),
  },
  { name: 'hold changes', run: ({ context, state, plan }) => recordHolds(context, state, plan) },
  { name: 'release', run: ({ context, state, plan }) => endHoldsThatAreOver(context, state, plan) },
  { name: 'settle', run: settleBatches },
  { name: 'pull', run: ({ context, state, plan }) => applyPulls(context, state, plan.pulls) },
  { name: 'resolve', run: ({ context, state, plan }) => resolveConflicts(context, state, plan) },
  { name: 'merge', run: ({ context, state, plan }) => mergeFiles(context, state, plan) },
  { name: 'push', run: ({ context, state, plan }) => applyPushes(context, state, plan.pushes) },
  { name: 'conflict', run: ({ context, state, plan }) => recordConflicts(context, state, plan.conflicts) },
  // Deletes come last, so that of a renamed file there is at least one copy at every moment.
  { name: 'hold deletes', run: holdDeletesOf },
  {
    name: 'delete locally',
    run: ({ context, state, plan }) => applyLocalDeletes(context, state, plan.deleteLocal),
  },
  {
    name: 'delete remotely',
    run: ({ context, state, plan }) => applyRemoteDeletes(context, state, plan.deleteRemote),
  },
  { name: 'end conflicts', run: endConflictsThatAreOver },
  { name: 'end holds', run: ({ context, state }) => endCarriedOut(context, state) },
  { name: 'note identity', run: ({ context, state }) => noteIdentity(context, state) },
]

export async function cycle(context: Context): Promise<void> {
  const { fs } = context.ports
  const root = rootIdentity(fs, context.contentRoot)
  // Another folder at that place: nothing is known of it, whatever the watcher has told.
  if (!isSameRoot(root, context.root)) context.dirt.markEverything()
  context.root = root
  if (context.root === null) return reportMissingRoot(context)
  context.problems.clear('root-missing')
  if (isOtherApp(context)) return
  if (context.mounts.look()) context.dirt.markEverything()
  for (const path of await context.kept.release()) context.dirt.mark(path)
  await observe(context)
  if (context.trusted.look()) for (const state of context.channels) askAgain(state)
  for (const state of context.channels) if (canApply(context, state)) await carryOut(context, state)
  context.out.recent.clear()
}

/** Other contents than before may come. */
function askAgain({ holds, pending }: ChannelState): void {
  for (const [path, { kind }] of holds) if (kind === 'content') pending.add(path)
}

/** Plans without changing anything but what is known: for `plan` and `status`. */
export async function preview(context: Context): Promise<Map<ChannelState, Plan>> {
  const plans = new Map<ChannelState, Plan>()
  context.root = rootIdentity(context.ports.fs, context.contentRoot)
  if (context.root === null) {
    reportMissingRoot(context)
    return plans
  }
  if (isOtherApp(context)) return plans
  context.mounts.look()
  await observe(context)
  for (const state of context.channels) {
    if (!canApply(context, state)) continue
    await takeSent(context, state)
    const plan = await decide(context, state)
    await previewPulls(context, state, plan)
    await holdDeletes(context, state, plan)
    await previewMerges(context, state, plan)
    await holdSecrets(context, state, plan, { isPreview: true })
    plans.set(state, plan)
  }
  return plans
}

/** Asked until the folder has been compared under its name of today: then that is what it is kept in step as. */
function isOtherApp(context: Context): boolean {
  const { ports, channels, problems } = context
  if (!isFirstLook(context)) return false
  const keysOf = (scopes: readonly ScopeId[]): ScopeKey[] => scopes.map(scope => ports.state.scopeKey(scope))
  context.appChange = appChangeOf(
    keysOf(ports.state.watchedScopes()),
    keysOf(channels.map(({ scope }) => scope)),
  )
  if (context.appChange === null) problems.clear('app-changed')
  else problems.report(appChangeProblem(context.appChange))
  return context.appChange !== null
}

/** Both sides, as far as something is dirty; what differs from the base becomes pending. */
async function observe(context: Context): Promise<void> {
  const { ports, rules, channels, problems, signal } = context
  const slice = new Slice(ports.clock, signal)
  takeBack(context)
  const denied: string[] = []
  const onDenied = (paths: readonly string[]): void => {
    denied.push(...paths)
    problems.report(nowDeniedProblem(denied))
  }
  for (const state of channels)
    await state.loadBase({ store: ports.state, rules, slice, root: context.root, onDenied })
  const lookedAtAll = await observeLocal(context)
  for (const state of channels) await takeStaged(context, state)
  for (const state of channels) {
    const readAll = await observeRemote(context, state)
    state.comparedAll = { local: lookedAtAll, remote: readAll }
    state.comparedWith = {
      root: lookedAtAll ? context.root : state.comparedWith.root,
      database: readAll ? state.databaseNow : state.comparedWith.database,
    }
    if (!lookedAtAll && !readAll) continue
    if (canApply(context, state)) await compareEverything(state, slice)
  }
  await noteWatched(context)
}

/** From the first comparison on, other scopes of the folder are not watched any more (R4). */
async function noteWatched({ ports, channels }: Context): Promise<void> {
  if (!channels.every(({ remoteKnown }) => remoteKnown)) return
  const scopes = channels.map(({ scope }) => scope).sort((a, b) => a - b)
  const watched = ports.state.watchedScopes().sort((a, b) => a - b)
  if (scopes.join() !== watched.join()) await ports.state.commit([{ kind: 'scopes-watched', scopes }])
}

async function compareEverything(state: ChannelState, slice: Slice): Promise<void> {
  let count = 0
  for (const path of allPaths(state)) {
    if (isChanged(state, path)) state.pending.add(path)
    count += 1
    if (count % PATHS_PER_LOOK === 0 && slice.isOver()) await slice.yield()
  }
}

function canApply(context: Context, state: ChannelState): boolean {
  // Before all heads were read, everything would look as if it were missing in the database.
  return state.remoteKnown && state.dirtyRemote !== 'everything' && !isWaitingToReconnect(context, state)
}

async function carryOut(context: Context, state: ChannelState): Promise<void> {
  const pass: Pass = { context, state, plan: emptyPlan() }
  try {
    if (!context.areRulesCurrent()) return
    for (const step of STEPS) {
      context.signal.throwIfAborted()
      await step.run(pass)
    }
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error
    state.dirtyRemote = 'everything'
    disconnected(context, state, error)
  }
}

async function holdDeletesOf({ context, state, plan }: Pass): Promise<void> {
  await holdDeletes(context, state, plan)
  await recordHolds(context, state, plan)
}

async function settleBatches({ context, state, plan }: Pass): Promise<void> {
  for (let from = 0; from < plan.settle.length; from += SETTLE_BATCH) {
    const changes = settle(context, state, plan.settle.slice(from, from + SETTLE_BATCH))
    if (changes.length > 0) await context.ports.state.commit(changes)
  }
}

async function endConflictsThatAreOver({ context, state }: Pass): Promise<void> {
  const over = [...state.conflicts.keys()].filter(
    path =>
      !context.dirt.isWaiting(path) &&
      !isUnknown(context, state, path) &&
      !state.pending.has(path) &&
      state.reconcile(path).kind !== 'conflict',
  )
  await endConflicts(context, state, over)
}

function reportMissingRoot(context: Context): void {
  context.dirt.markEverything()
  const isLink = isRootLink(context.ports.fs, context.contentRoot)
  context.problems.report(rootMissingProblem(context.contentRoot, isLink))
}
