/** Takes out of a plan what the guard stops (R8): deletes that look like an absence, and changes of nearly everything. */
import type { BaseEntry, LocalEntry, RemoteEntry, Side } from './core/entry.ts'
import {
  type Change,
  type ChangeVerdict,
  type Deletion,
  guard,
  guardChanges,
  type HoldReason,
  MASS_DELETE_FILES,
  type Standing,
  type Verdict,
} from './core/guard.ts'
import { moves, type Placed } from './core/moves.ts'
import { parentOf } from './core/tree.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import type { DeleteStep, Plan, Step } from './plan.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { Decision, HoldRecord, RecentDelete } from './ports/state-store.ts'

export async function holdChanges(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  await holdChangesOf(context, state, plan, 'local')
  await holdChangesOf(context, state, plan, 'remote')
}

/**
 * Once what is new has been pulled and pushed: then it is known which contents have come to other paths, and of a
 * file that was moved there is a copy on both sides at every moment.
 */
export async function holdDeletes(context: Context, state: ChannelState, plan: Plan): Promise<void> {
  await holdDeletesOf(context, state, plan, 'local', isDatabaseRestored(state, plan))
  await holdDeletesOf(context, state, plan, 'remote', false)
}

/** Whether so many deletes are planned that it matters which of them are moves. */
export function areDeletesMany(context: Context, state: ChannelState, plan: Plan, side: Side): boolean {
  const steps = side === 'local' ? plan.deleteLocal : plan.deleteRemote
  const recent = state.deletedOfLate(side, context.ports.clock.now())
  return steps.length + recent.length + heldElsewhere(state, side, steps).length >= MASS_DELETE_FILES
}

/** Pulls that would be held for what their heads say, and whose contents are not known yet. */
export function suspectPulls(state: ChannelState, plan: Plan): string[] {
  const pulls = plan.pulls.filter(
    step => isChange(state, step) && !isApprovedChange(state, 'local', step.path),
  )
  const { hold: stopped } = verdictOn(state, 'local', pulls)
  return stopped.filter(path => state.remote.get(path)?.digest === null)
}

/** What a decision about this hold names: the content that goes, and for a change also what comes. */
export function decidedDigest({ digest, incoming }: Pick<HoldRecord, 'digest' | 'incoming'>): string {
  return incoming === null ? digest : `${digest} ${incoming}`
}

async function holdDeletesOf(
  context: Context,
  state: ChannelState,
  plan: Plan,
  side: Side,
  databaseRestored: boolean,
): Promise<void> {
  const steps = side === 'local' ? plan.deleteLocal : plan.deleteRemote
  if (steps.length === 0) return
  const isApproved = ({ path }: DeleteStep): boolean =>
    state.base.has(path) && isApprovedBy(state.decisions.get(path), side, deletion(state, side, path).digest)
  setStanding(steps, step => (isApproved(step) ? 'approved' : step.standing))
  const asked = steps
    .filter(({ standing }) => standing !== 'approved')
    .map(step => deletion(state, side, step.path))
  const deletions = [...asked, ...heldElsewhere(state, side, steps)]
  const recent = state.deletedOfLate(side, context.ports.clock.now())
  const hasServer = side === 'local' && hasServerRecords(state)
  const question = { side, deletions, recent, databaseRestored, hasServer }
  const first = weigh(context, state, question, NOTHING_SAID)
  const { reason } = first.verdict
  const isDoubtful = side === 'local' && reason !== null && (hasServer || BURSTS.has(reason))
  const said = isDoubtful ? await saidOf(state, deletions, recent) : NOTHING_SAID
  const { verdict, uncounted } = isDoubtful ? weigh(context, state, question, said) : first
  setStanding(
    steps,
    ({ path, standing }) => (standing === 'approved' ? standing : uncounted.get(path)) ?? standing,
  )
  if (verdict.reason === null) return
  const held = new Set(verdict.hold.map(hold => hold.path))
  removeSteps(steps, step => step.standing !== 'approved' && held.has(step.path))
  // Those held before are on record; one that is no delete any more must not be held again.
  const stopped = asked.filter(({ path }) => held.has(path))
  const gone = stopped.length > 0 && BURSTS.has(verdict.reason) ? recent : []
  const records = [
    ...stopped.map(each => ({ ...each, kind: 'delete' as const })),
    ...gone
      .filter(({ path }) => !uncounted.has(path))
      .map(({ path, digest }) => ({ channel: state.channel, side, path, digest, kind: 'gone' as const })),
  ]
  for (const record of records)
    plan.holds.push(hold(context, state, { ...record, incoming: null }, verdict.reason))
}

function setStanding(steps: DeleteStep[], standingOf: (step: DeleteStep) => Standing): void {
  for (const [index, step] of steps.entries()) steps[index] = { ...step, standing: standingOf(step) }
}

interface Question {
  readonly side: Side
  readonly deletions: readonly Deletion[]
  readonly recent: readonly RecentDelete[]
  readonly databaseRestored: boolean
  /** Whether a server of another kind works on the channel (R8.18). */
  readonly hasServer: boolean
}

function hasServerRecords({ refused }: ChannelState): boolean {
  return [...refused.values()].some(({ problem }) => problem.code === 'server-record')
}

/** The guard's word, and why what is not counted is not. */
function weigh(
  context: Context,
  state: ChannelState,
  { side, deletions, recent, databaseRestored, hasServer }: Question,
  said: Said,
): { readonly verdict: Verdict; readonly uncounted: ReadonlyMap<string, Standing> } {
  const isMany = deletions.length + recent.length >= MASS_DELETE_FILES
  const moved = isMany ? movesOf(state, side, deletions, recent) : NO_MOVES
  const uncounted = new Map<string, Standing>()
  for (const path of said.meant) uncounted.set(path, 'approved')
  for (const { path } of deletions)
    if (context.rules.expectsDelete(path) !== null) uncounted.set(path, 'expected')
  for (const path of moved.keys()) uncounted.set(path, 'moved')
  const asked = deletions.map(({ path }) => path)
  const counted = asked.filter(path => !uncounted.has(path))
  const isMissingSideEmptied = counted.length > 0 && isEmptied(context, state, side, counted, said)
  const isCountNeeded = isMany || isMissingSideEmptied
  const verdict = guard({
    deletions,
    baseCount: (isCountNeeded ? countBase(context, state) : state.base.size) - countAgreed(state, moved),
    isMissingSideEmptied,
    recentlyDeleted: recent.filter(({ path }) => !uncounted.has(path)).length,
    uncounted: new Set(uncounted.keys()),
    // Of what an engine has deleted it says so.
    clearedAway: new Set(hasServer ? asked.filter(path => !said.seen.has(path)) : []),
    missingSideExchanged: isMissingSideExchanged(context, state, side),
    databaseRestored,
    held: new Set(heldDeletes(state, side).map(held => held.path)),
  })
  return { verdict, uncounted }
}

/** What the devices that deleted these records have said of it: that it was meant, or that an engine saw it at least. */
interface Said {
  readonly meant: ReadonlySet<string>
  readonly seen: ReadonlySet<string>
}

const NOTHING_SAID: Said = { meant: new Set(), seen: new Set() }

/** A word counts for the very record that was known here. */
async function saidOf(
  state: ChannelState,
  deletions: readonly Deletion[],
  recent: readonly RecentDelete[],
): Promise<Said> {
  const paths = [...deletions, ...recent].map(({ path }) => path)
  const versions = new Map(recent.map(({ path, version }) => [path, version]))
  const said = { meant: new Set<string>(), seen: new Set<string>() }
  for (const [index, found] of (await state.store.said(paths)).entries()) {
    const path = paths[index]!
    const base = state.base.get(path)
    const isOfThis =
      base === undefined ? found?.lastUpdated === versions.get(path) : found?.etag === base.etag
    if (found === null || !isOfThis || found.word === 'weighed') continue
    said.seen.add(path)
    if (found.word === 'meant') said.meant.add(path)
  }
  return said
}

/** What was deleted just before belongs to these. */
const BURSTS: ReadonlySet<HoldReason> = new Set(['mass-delete', 'local-emptied', 'database-emptied'])

const NO_MOVES: ReadonlyMap<string, string> = new Map()

function movesOf(
  state: ChannelState,
  side: Side,
  deletions: readonly Deletion[],
  recent: readonly RecentDelete[],
): ReadonlyMap<string, string> {
  const asked = deletions.flatMap(({ path, digest }) => {
    const base = state.base.get(path)
    if (base === undefined) return []
    return [{ path, digest, since: base.version, file: side === 'remote' ? fileOf(base) : null }]
  })
  const before = recent.map(({ path, digest, version }) => ({ path, digest, since: version, file: null }))
  return moves([...asked, ...before], presentContents(state, side === 'local' ? 'remote' : 'local'))
}

/** What that side holds, as far as it is known; what has failed to reach the other one is not there yet. */
function* presentContents(state: ChannelState, side: Side): Generator<Placed> {
  for (const [path, entry] of state[side]) {
    const base = state.base.get(path)
    const isAgreed =
      base !== undefined && ('etag' in entry ? entry.etag === base.etag : entry.digest === base.digest)
    const digest = isAgreed ? base.digest : entry.digest
    if (digest === null || (!isAgreed && state.retries.has(path))) continue
    yield {
      path,
      digest,
      since: isAgreed ? base.version : Infinity,
      file: 'fingerprint' in entry ? fileOf(entry) : null,
    }
  }
}

/** Some file systems number none. */
function fileOf({ fingerprint }: Pick<BaseEntry, 'fingerprint'>): number | null {
  return fingerprint === null || fingerprint.ino === 0 ? null : fingerprint.ino
}

/** Of a file that was moved the base has both paths, once the new one has been agreed on. */
function countAgreed(state: ChannelState, moved: ReadonlyMap<string, string>): number {
  let count = 0
  for (const to of moved.values()) if (state.base.has(to)) count += 1
  return count
}

/** What it lacks may be told later than what went back in it, so holds of former cycles count as well. */
function isDatabaseRestored(state: ChannelState, plan: Plan): boolean {
  return [...plan.holds, ...state.holds.values()].some(({ reason }) => reason === 'database-restored')
}

async function holdChangesOf(context: Context, state: ChannelState, plan: Plan, side: Side): Promise<void> {
  const steps = side === 'local' ? plan.pulls : plan.pushes
  const asked = steps.filter(step => isChange(state, step) && !isApprovedChange(state, side, step.path))
  const first = verdictOn(state, side, asked)
  const mayBeWeighed = side === 'local' && first.reason === 'mass-change'
  const { hold: stopped, reason } = mayBeWeighed
    ? verdictOn(state, side, await notWeighed(state, asked))
    : first
  const held = new Set(stopped)
  for (const { path } of asked) if (isHeldChange(state, side, path)) held.add(path)
  if (held.size === 0) return
  removeSteps(
    steps,
    step => isChange(state, step) && held.has(step.path) && !isApprovedChange(state, side, step.path),
  )
  for (const path of held) {
    const { channel } = state
    const change = { channel, side, path, kind: 'change', ...changeOf(state, side, path) } as const
    plan.holds.push(hold(context, state, change, reason ?? 'mass-change'))
  }
}

/** Those that no guard has let go yet: the device that has made the others has asked its own person (R8.9). */
async function notWeighed(state: ChannelState, pulls: readonly Step[]): Promise<Step[]> {
  const said = await state.store.said(pulls.map(({ path }) => path))
  return pulls.filter(({ path }, index) => {
    const found = said[index]
    return found?.word !== 'weighed' || found.etag !== state.remote.get(path)!.etag
  })
}

function verdictOn(state: ChannelState, side: Side, steps: readonly Step[]): ChangeVerdict {
  return guardChanges({
    changes: steps.map(({ path }) => change(state, side, path)),
    baseCount: state.base.size,
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
  if (side === 'remote') {
    const time = state.local.get(path)!.fingerprint.mtimeMs
    return { path, time, wentBack: false, isUnseen: state.unseen.has(path) }
  }
  const { version } = state.remote.get(path)!
  return { path, time: version, wentBack: version < base.version, isUnseen: state.comparedAll.remote }
}

/** What a change is about: an edit of either since, and a hold or a decision is about another one. */
export function changeOf(
  state: ChannelState,
  side: Side,
  path: string,
): Pick<HoldRecord, 'digest'> & { readonly incoming: string } {
  const local = state.local.get(path)!
  if (side === 'local') return { digest: local.digest, incoming: state.remote.get(path)!.etag }
  return { digest: recordContent(state, path) ?? local.digest, incoming: local.digest }
}

/** As far as it is known: one that was not fetched may be of a time before the base. */
function recordContent(state: ChannelState, path: string): string | null {
  const base = state.base.get(path)
  const remote = state.remote.get(path)
  const isAsAgreed = remote === undefined || remote.etag === base?.etag
  return (isAsAgreed ? base?.digest : remote.digest) ?? null
}

/** Unless it was edited since: then it is a change like any other. */
function isHeldChange(state: ChannelState, side: Side, path: string): boolean {
  const held = state.holds.get(path)
  if (held?.kind !== 'change' || held.side !== side || held.reason === 'private-elsewhere') return false
  return held.incoming === changeOf(state, side, path).incoming || change(state, side, path).wentBack
}

function isApprovedChange(state: ChannelState, side: Side, path: string): boolean {
  return isApprovedBy(state.decisions.get(path), side, decidedDigest(changeOf(state, side, path)))
}

export function isApprovedBy(
  decision: Decision | undefined,
  side: Side,
  digest: string | undefined,
): boolean {
  return decision?.decision === 'approve' && decision.side === side && decision.digest === digest
}

function removeSteps<S extends Step>(steps: S[], isHeld: (step: S) => boolean): void {
  const go = steps.filter(step => !isHeld(step))
  steps.splice(0, steps.length, ...go)
}

/** What would go: of an older record that is what it holds, and not what was agreed on. */
export function deletion(state: ChannelState, side: Side, path: string): Deletion {
  const agreed = state.base.get(path)!.digest
  const digest = side === 'remote' ? (recordContent(state, path) ?? agreed) : agreed
  return { channel: state.channel, side, path, digest }
}

function heldDeletes(state: ChannelState, side: Side): HoldRecord[] {
  return [...state.holds.values()].filter(
    held => held.side === side && held.kind === 'delete' && held.reason !== 'private-elsewhere',
  )
}

/** Held deletes that nothing has touched in this cycle still count towards what a cycle would delete. */
function heldElsewhere(state: ChannelState, side: Side, steps: readonly Step[]): Deletion[] {
  const planned = new Set(steps.map(step => step.path))
  return heldDeletes(state, side).filter(held => !planned.has(held.path))
}

function countBase({ rules }: Context, { base }: ChannelState): number {
  if (!rules.hasExpectedDeletes) return base.size
  let count = 0
  for (const path of base.keys()) if (rules.expectsDelete(path) === null) count += 1
  return count
}

/**
 * R8.5: nothing is left of the channel on the side where files are missing. Here the folder must have been emptied as
 * a whole: nothing of the other channel is left either, nor any folder below the content root that one of the missing
 * files lay in. Who drains a queue leaves the folder standing; who empties a drive, or clears a folder, does not.
 * In the database there must be a record at least whose delete no engine has written.
 */
function isEmptied(
  context: Context,
  state: ChannelState,
  side: Side,
  missing: readonly string[],
  { seen }: Said,
): boolean {
  if (side === 'local') return !hasOthers(context, state, 'remote') && missing.some(path => !seen.has(path))
  return (
    !context.channels.some(channel => hasOthers(context, channel, 'local')) &&
    !missing.some(path => isFolderStanding(context, path))
  )
}

function hasOthers({ ports, rules }: Context, state: ChannelState, side: Side): boolean {
  const isExpected = (path: string): boolean => rules.expectsDelete(path) !== null
  return state.ownWrites[side].hasOthers(state[side], state.base, ports.clock.monotonic(), isExpected)
}

function isFolderStanding({ ports, contentRoot }: Context, path: string): boolean {
  const folder = parentOf(path)
  if (folder === contentRoot || folder === '') return false
  try {
    return ports.fs.lstat(folder)?.kind === 'directory'
  } catch (error) {
    // What cannot be looked at is no proof of anything.
    if (error instanceof FileSystemError) return false
    throw error
  }
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
  const known = state.holds.get(held.path)
  const before = known?.kind === 'content' ? undefined : known
  return { ...held, reason: before?.reason ?? reason, since: before?.since ?? context.ports.clock.now() }
}
