/**
 * Brings a channel's remote tree up to date with the database's heads: all of them after every (re)connect,
 * in between those that the feed has named.
 */
import { backoffMs, hasCome } from './core/backoff.ts'
import type { ChannelState, RemoteHintHead } from './channel-state.ts'
import { forgetBase } from './base.ts'
import { type Context, markChanged } from './context.ts'
import type { Problem } from './core/problem.ts'
import { databaseProblem } from './file-problem.ts'
import { AdapterError } from './ports/adapter.ts'
import type { RemoteHead, RemoteRead } from './ports/remote-store.ts'
import type { StateChange } from './ports/state-store.ts'
import { Slice } from './slice.ts'

/** Base rows compared with another database in one transaction. */
const COMPARE_BATCH = 500

/**
 * Whether all heads were read. A failing connection ends the cycle for this channel only; it is tried again
 * later (R13).
 */
export async function observeRemote(context: Context, state: ChannelState): Promise<boolean> {
  if (isWaitingToReconnect(context, state)) return false
  const dirty = state.dirtyRemote
  if (dirty !== 'everything' && dirty.size === 0) return false
  state.dirtyRemote = new Map()
  try {
    if (dirty === 'everything') await observeEverything(context, state)
    else await observeHints(context, state, dirty)
    connected(context, state)
    return dirty === 'everything'
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error
    state.dirtyRemote = 'everything'
    disconnected(context, state, error)
    return false
  }
}

export function isWaitingToReconnect(context: Context, state: ChannelState): boolean {
  return state.connection !== null && !hasCome(state.connection.nextAt, context.ports.clock.now())
}

export function disconnected(context: Context, state: ChannelState, error: AdapterError): void {
  const attempts = (state.connection?.attempts ?? 0) + 1
  const { clock, log } = context.ports
  const nextAt = clock.now() + backoffMs(attempts, clock.random())
  const problem = databaseProblem(error)
  const former = state.connection?.problem
  if (former !== undefined && former.code !== problem.code) context.problems.clear(former.code)
  state.connection = { problem, attempts, nextAt, isLasting: !error.retryable }
  log.info('the database cannot be reached', { code: error.code, message: error.message, attempts })
  context.problems.report({ ...problem, retryAt: nextAt })
}

function connected(context: Context, state: ChannelState): void {
  if (state.connection === null) return
  context.problems.clear(state.connection.problem.code)
  state.connection = null
}

async function observeEverything(context: Context, state: ChannelState): Promise<void> {
  const seen = new Set<string>()
  const former = [...state.remote.keys()]
  state.unmatched.clear()
  const slice = new Slice(context.ports.clock, context.signal)
  for await (const page of state.store.heads(context.signal)) {
    for (const problem of page.refused) {
      refuse(context, state, problem.path ?? problem.message, problem, null)
      seen.add(problem.path ?? problem.message)
    }
    for (const head of page.heads) {
      noteHead(context, state, head)
      seen.add(head.path)
    }
    context.emit({ type: 'progress', step: 'heads', done: seen.size, total: null })
    context.signal.throwIfAborted()
    if (slice.isOver()) await slice.yield()
  }
  for (const path of former) if (!seen.has(path)) noteGone(context, state, path)
  for (const path of state.base.keys()) if (!seen.has(path)) markChanged(state, path)
  for (const path of state.refused.keys()) if (!seen.has(path)) forgetRefusal(context, state, path)
  await noteIdentity(context, state)
  state.remoteKnown = true
}

async function observeHints(
  context: Context,
  state: ChannelState,
  hints: ReadonlyMap<string, RemoteHintHead>,
): Promise<void> {
  const unknown: string[] = []
  for (const [path, head] of hints) {
    if (head === undefined || head === null) unknown.push(path)
    else if ('code' in head) refuse(context, state, path, head, null)
    // The echo of a write of ours, told before we had its answer.
    else if (head.etag === state.remote.get(path)?.etag && !state.refused.has(path)) continue
    else if (isNewer(state, head)) noteHead(context, state, head)
    else unknown.push(path)
  }
  const batch = state.store.limits.batchItems
  for (let from = 0; from < unknown.length; from += batch) {
    const paths = unknown.slice(from, from + batch)
    const reads = await state.store.read(paths)
    for (const [index, read] of reads.entries()) noteRead(context, state, paths[index]!, read)
  }
}

/**
 * Hints may come late and out of order: that a record is gone, or is what it once was, is believed only when it
 * has been looked at. What a newer one leads to is checked by its condition, or fetches the record anyway.
 */
function isNewer(state: ChannelState, { path, version }: RemoteHead): boolean {
  const known = Math.max(state.remote.get(path)?.version ?? 0, state.base.get(path)?.version ?? 0)
  return version > known
}

function noteRead(context: Context, state: ChannelState, path: string, read: RemoteRead): void {
  switch (read.status) {
    case 'found':
      noteHead(context, state, read.file)
      return
    case 'absent':
      noteGone(context, state, path)
      forgetRefusal(context, state, path)
      return
    case 'refused':
      refuse(context, state, path, read.problem, null)
  }
}

function noteHead(context: Context, state: ChannelState, head: RemoteHead): void {
  const { path, etag, version } = head
  const found = context.rules.classify(path)
  if (found.kind === 'denied' && found.entry.category !== 'other projects') {
    return refuse(context, state, path, deniedProblem(path, found.entry.reason), etag)
  }
  if (found.kind === 'unsafe') {
    return refuse(context, state, path, { code: 'unsafe-path', path, message: found.reason }, etag)
  }
  if (found.kind !== 'synced' || found.channel !== state.channel) {
    state.unmatched.add(path)
    state.remote.delete(path)
    return
  }
  if (isStillRefused(state, path, etag)) return
  const before = state.remote.get(path)
  state.remote.set(path, { etag, version, digest: before?.etag === etag ? before.digest : null })
  const isNew = state.base.get(path)?.etag !== etag || (before !== undefined && before.etag !== etag)
  if (isNew || state.holds.has(path)) markChanged(state, path)
}

function deniedProblem(path: string, reason: string): Problem {
  return { code: 'denied', path, message: `The record is refused: ${reason}` }
}

/** A record that was found unfit stays so until it changes; a link on the way may be gone by now. */
function isStillRefused(state: ChannelState, path: string, etag: string): boolean {
  const refusal = state.refused.get(path)
  return refusal?.isOfRecord === true && refusal.etag === etag && refusal.problem.code !== 'link'
}

function noteGone(context: Context, state: ChannelState, path: string): void {
  if (!state.remote.delete(path) && !state.base.has(path)) return
  if (context.rules.expectsDelete(path) === null) state.quiet.remote.note(context.ports.clock.now())
  markChanged(state, path)
}

export function refuse(
  context: Context,
  state: ChannelState,
  path: string,
  problem: Problem,
  etag: string | null,
): void {
  state.remote.delete(path)
  state.pending.delete(path)
  const isKnown = state.refused.get(path)?.problem.code === problem.code
  state.refused.set(path, { problem, etag, isOfRecord: true })
  if (isKnown) return
  context.emit({ type: 'file', path, channel: state.channel, action: 'skip', reason: problem.code })
  context.problems.report(problem)
}

function forgetRefusal(context: Context, state: ChannelState, path: string): void {
  if (state.refused.delete(path)) context.problems.clearPath(path)
}

/**
 * Another database stands where the known one stood (R4, R8). What it holds is compared as if for the first
 * time, so that nothing is overwritten; what it lacks is held at once. Where it is an older state of the known
 * one, what has stayed and what went back keep their base, and the guard holds the latter. Only then it is the
 * known one: after a crash before that all is done again, and what comes later is an ordinary change.
 */
async function noteIdentity(context: Context, state: ChannelState): Promise<void> {
  const database = await state.store.identity()
  state.databaseNow = database
  const known = state.identity.database
  if (known === null || known === database) return
  await state.askTheLog(state.base.keys())
  const restored = isOlderState(state)
  const paths = [...state.base.keys()]
  context.ports.log.info('the database has been exchanged', { compared: paths.length, restored })
  for (let from = 0; from < paths.length; from += COMPARE_BATCH) {
    const changes = paths
      .slice(from, from + COMPARE_BATCH)
      .flatMap(path => compareAnew(context, state, path, restored))
    if (changes.length > 0) await context.ports.state.commit(changes)
  }
  state.identity = { ...state.identity, database }
  await context.ports.state.commit([{ kind: 'identity-set', scope: state.scope, identity: state.identity }])
}

function isOlderState(state: ChannelState): boolean {
  return [...state.base.keys()].some(path => state.isRecordOlder(path))
}

function compareAnew(context: Context, state: ChannelState, path: string, restored: boolean): StateChange[] {
  const { scope, channel } = state
  markChanged(state, path)
  const remote = state.remote.get(path)
  if (remote !== undefined) {
    if (restored && (state.isRecordOlder(path) || remote.etag === state.base.get(path)!.etag)) return []
    return forgetBase(context, state, path)
  }
  if (state.holds.has(path)) return []
  const { digest } = state.base.get(path)!
  const reason = restored ? 'database-restored' : 'database-exchanged'
  const since = context.ports.clock.now()
  const hold = {
    channel,
    side: 'local',
    path,
    digest,
    kind: 'delete',
    incoming: null,
    reason,
    since,
  } as const
  state.holds.set(path, hold)
  context.emit({ type: 'file', path, channel, action: 'skip', reason: `held: ${reason}` })
  return [{ kind: 'hold-set', scope, hold }]
}
