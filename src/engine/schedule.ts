/** What is left to do, and when: derived from the trees at each question, so that nothing can be forgotten. */
import type { ChannelState } from './channel-state.ts'
import { type Context, isHalted, unknownFolderAbove } from './context.ts'
import { hasCome } from './core/backoff.ts'
import { isFailure } from './core/problem.ts'

/** A sync that ends by itself waits for what has failed up to this many times; the rest is for a person to look at. */
const TRIES_TO_SETTLE = 3

/** When the next look at anything is due, in milliseconds since the epoch; null for never. */
export function nextAt(context: Context): number | null {
  const { dirt, kept, channels } = context
  const times = [dirt.nextAt(), dirt.againAt(), kept.nextAt()]
  for (const state of channels) times.push(remoteNextAt(state), pendingNextAt(context, state))
  return times.reduce((next, at) => (at === null || (next !== null && next <= at) ? next : at), null)
}

export function isAnythingDue(context: Context, now: number): boolean {
  const { dirt, kept, channels } = context
  const isNow = (at: number | null): boolean => at !== null && hasCome(at, now)
  if (isNow(dirt.nextAt()) || isNow(dirt.againAt()) || isNow(kept.nextAt())) return true
  return channels.some(state => isNow(remoteNextAt(state)) || isNow(pendingNextAt(context, state)))
}

function remoteNextAt(state: ChannelState): number | null {
  if (state.dirtyRemote !== 'everything' && state.dirtyRemote.size === 0) return null
  return state.connection?.nextAt ?? 0
}

function pendingNextAt(context: Context, state: ChannelState): number | null {
  if (!state.remoteKnown) return null
  let next: number | null = null
  for (const path of state.pending) {
    if (context.dirt.isWaiting(path)) continue
    const at = Math.max(
      state.retries.get(path)?.nextAt ?? 0,
      state.connection?.nextAt ?? 0,
      state.postponed.get(path) ?? 0,
    )
    if (next === null || at < next) next = at
  }
  return next
}

/** Paths with something left to do, those included that are being waited for, or cannot be read or written now. */
export function pendingCount(context: Context): number {
  const { channels, dirt } = context
  const waiting = dirt.countWaiting(path => channels.some(state => state.pending.has(path)))
  return channels.reduce((sum, state) => sum + state.pending.size, waiting + shutOffCount(context))
}

/** Until a file or a folder can be read again, or a drive is back, nothing is decided about these. */
function shutOffCount(context: Context): number {
  const { channels, unknown, problems } = context
  const isElsewhere = (path: string): boolean => channels.some(state => state.pending.has(path))
  const unreadable = [...unknown.paths].filter(
    path => problems.of(path).some(isFailure) && !isElsewhere(path),
  )
  const isShutOff = (state: ChannelState, path: string): boolean => {
    const problem = unknownFolderAbove(context, path)
    return !state.pending.has(path) && (problem === null ? state.isAway(path) : isFailure(problem))
  }
  return channels.reduce(
    (sum, state) => sum + [...state.blocked].filter(path => isShutOff(state, path)).length,
    unreadable.length,
  )
}

/** Whether all that is pending has failed, and waits for its next try. */
export function isOnlyRetrying({ channels, dirt }: Context): boolean {
  if (dirt.nextAt() !== null) return false
  return channels.every(({ pending, retries }) => [...pending].every(path => retries.has(path)))
}

export function isFirstLook({ channels }: Context): boolean {
  return channels.some(state => !state.remoteKnown)
}

function isOffline({ channels }: Context): boolean {
  return channels.some(state => state.connection !== null)
}

export function isInStep(context: Context): boolean {
  return !isHalted(context) && pendingCount(context) === 0 && !isOffline(context) && !isFirstLook(context)
}

/** Files are being waited for, or deletes for one another: a plan made now would not be the whole one. */
export function isSettling(context: Context): boolean {
  const { dirt, channels } = context
  if (isHalted(context)) return false
  return dirt.nextAt() !== null || channels.some(state => state.postponed.size > 0)
}

/** Work that goes on by itself soon; what waits for a person, a connection or a late retry is none. */
export function isWorkLeft(context: Context): boolean {
  if (context.signal.aborted || isHalted(context) || isOffline(context)) return false
  if (context.dirt.nextAt() !== null || context.kept.workAt() !== null) return true
  return context.channels.some(state => remoteNextAt(state) !== null || hasWorkToSettle(state))
}

function hasWorkToSettle({ pending, retries, postponed }: ChannelState): boolean {
  // A delete that waits for others has not been tried yet, however often it failed before.
  if (postponed.size > 0) return true
  for (const path of pending) if ((retries.get(path)?.attempts ?? 0) < TRIES_TO_SETTLE) return true
  return false
}
