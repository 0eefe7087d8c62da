/**
 * Records whose writing was never answered: the engine was killed, or the line was cut (R1, R2).
 *
 * If the write has happened, the record looks like somebody else's version, and once the file has been edited again
 * or is gone, like a conflict that nobody made or a delete that is taken back. A record that holds what this device
 * has sent, with the version that it has sent, is what its file has been since, so it is the base.
 *
 * If the write has not happened, the note of it must not outlive it: a later write by another device may look like it.
 * So it ends when the record is seen to be what it was, and when the file of a delete is back.
 */
import { provenFingerprint } from './core/entry.ts'
import { dropBase } from './base.ts'
import { agreedOn, recordBase } from './write-local.ts'
import type { ChannelState } from './channel-state.ts'
import { type Context, markChanged } from './context.ts'
import { noteContent } from './decide.ts'
import type { RemoteRead } from './ports/remote-store.ts'
import type { SentWrite, StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'

/** To be committed before the records are written. Null: the record is being deleted. */
export function send(state: ChannelState, writes: readonly Omit<SentWrite, 'over'>[]): StateChange {
  const sent = writes.map(write => ({ ...write, over: baseEtag(state, write.path) }))
  state.sent = [...state.sent, ...sent]
  return sentSet(state)
}

/** To be committed with the bases of what has been written. What was not, or perhaps not, stays. */
export function sentSet(state: ChannelState): StateChange {
  state.sent = state.sent.filter(write => write.over === baseEtag(state, write.path))
  return { kind: 'sent-set', scope: state.scope, writes: state.sent }
}

/** Of what was not sent after all; to be committed with whatever else is known by then. */
export function unsend(state: ChannelState, paths: ReadonlySet<string>): StateChange {
  state.sent = state.sent.filter(({ path }) => !paths.has(path))
  return sentSet(state)
}

/** After the heads have been looked at, and before anything is decided. */
export async function takeSent(context: Context, state: ChannelState): Promise<void> {
  const unwritten = state.sent.filter(write => isUnwritten(state, write))
  if (unwritten.length > 0) {
    state.sent = state.sent.filter(write => !unwritten.includes(write))
    await context.ports.state.commit([sentSet(state)])
  }
  const waiting = state.sent.filter(write => isLookedFor(state, write))
  if (waiting.length === 0) return
  const deleted = waiting.filter(write => isDeleted(state, write))
  const changes = deleted.flatMap(write => forgetBase(context, state, write))
  if (deleted.length > 0) changes.push(...state.forgetDeletes('remote', context.ports.clock.now()))
  const paths = [...new Set(waiting.filter(({ path }) => state.remote.has(path)).map(({ path }) => path))]
  const pace = new ReadPace(state.store.limits.batchItems)
  for (let from = 0; from < paths.length;) {
    context.signal.throwIfAborted()
    const batch = paths.slice(from, from + pace.items)
    const reads = await state.store.read(batch)
    pace.note(reads)
    for (const [index, read] of reads.entries()) changes.push(...takeOne(context, state, batch[index]!, read))
    from += batch.length
  }
  // What the database holds otherwise is somebody else's.
  state.sent = state.sent.filter(write => !waiting.includes(write))
  await context.ports.state.commit([...changes, sentSet(state)])
}

/** Whether the record is what it was before, as all heads that were read in this cycle say, or a delete is taken back. */
function isUnwritten(state: ChannelState, { path, digest, over }: SentWrite): boolean {
  if ((state.remote.get(path)?.etag ?? null) !== over) return false
  return state.comparedAll.remote || (digest === null && state.local.has(path))
}

/** Whether the record has changed since, so that it may be what was sent. */
function isLookedFor(state: ChannelState, { path, over }: SentWrite): boolean {
  const isUnfit = state.refused.get(path)?.isOfRecord === true
  return over === baseEtag(state, path) && !isUnfit && (state.remote.get(path)?.etag ?? null) !== over
}

function isDeleted(state: ChannelState, { path, digest }: SentWrite): boolean {
  return digest === null && !state.remote.has(path)
}

function forgetBase(context: Context, state: ChannelState, { path }: SentWrite): StateChange[] {
  const { digest, version } = state.base.get(path)!
  markChanged(state, path)
  const noted = state.noteDelete('remote', { path, digest, version, at: context.ports.clock.now() })
  return [noted, ...dropBase(context, state, path)]
}

function takeOne(context: Context, state: ChannelState, path: string, read: RemoteRead): StateChange[] {
  const content = noteContent(context, state, path, read)
  if (content === null) return []
  const agreed = agreedOn(state, path, content.file, content.bytes)
  const isOurs = ({ path: sent, digest, version }: SentWrite): boolean =>
    sent === path && digest === agreed.digest && version === agreed.version
  if (!state.sent.some(isOurs)) return []
  const local = state.local.get(path)
  markChanged(state, path)
  const isAsSent = local?.digest === agreed.digest
  return recordBase(context, state, path, agreed, isAsSent ? provenFingerprint(local) : null)
}

function baseEtag(state: ChannelState, path: string): string | null {
  return state.base.get(path)?.etag ?? null
}
