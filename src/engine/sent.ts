/**
 * Records whose writing was never answered: the engine was killed, or the line was cut (R1, R2).
 *
 * If the write has happened, the record looks like somebody else's version, and once the file has been edited again
 * or is gone, like a conflict that nobody made or a delete that is taken back. A record that holds what this device
 * has sent is what its file has been since, so it is the base.
 */
import { agreedOn, recordBase } from './write-local.ts'
import type { ChannelState } from './channel-state.ts'
import type { Digest } from './core/entry.ts'
import { type Context, markChanged } from './context.ts'
import { noteContent } from './decide.ts'
import type { RemoteRead } from './ports/remote-store.ts'
import type { SentWrite, StateChange } from './ports/state-store.ts'
import { ReadPace } from './read-pace.ts'

/** To be committed before the records are written. Null: the record is being deleted. */
export function send(
  state: ChannelState,
  writes: readonly { readonly path: string; readonly digest: Digest | null }[],
): StateChange {
  const sent = writes.map(({ path, digest }) => ({ path, digest, over: baseEtag(state, path) }))
  state.sent = [...state.sent, ...sent]
  return sentSet(state)
}

/** To be committed with the bases of what has been written. What was not, or perhaps not, stays. */
export function sentSet(state: ChannelState): StateChange {
  state.sent = state.sent.filter(write => write.over === baseEtag(state, write.path))
  return { kind: 'sent-set', scope: state.scope, writes: state.sent }
}

/** After the heads have been looked at, and before anything is decided. */
export async function takeSent(context: Context, state: ChannelState): Promise<void> {
  const waiting = state.sent.filter(write => isLookedFor(state, write))
  if (waiting.length === 0) return
  const deleted = waiting.filter(write => isDeleted(state, write))
  const changes = deleted.flatMap(write => forgetBase(context, state, write))
  if (deleted.length > 0) changes.push(state.deletesSet('remote'))
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

/** Whether the record has changed since, so that it may be what was sent. */
function isLookedFor(state: ChannelState, { path, over }: SentWrite): boolean {
  const isUnfit = state.refused.get(path)?.isOfRecord === true
  return over === baseEtag(state, path) && !isUnfit && (state.remote.get(path)?.etag ?? null) !== over
}

function isDeleted(state: ChannelState, { path, digest }: SentWrite): boolean {
  return digest === null && !state.remote.has(path)
}

function forgetBase(context: Context, state: ChannelState, { path }: SentWrite): StateChange[] {
  state.recentDeletes.remote.note(context.ports.clock.now())
  markChanged(state, path)
  state.base.delete(path)
  return [{ kind: 'base-gone', scope: state.scope, path }]
}

function takeOne(context: Context, state: ChannelState, path: string, read: RemoteRead): StateChange[] {
  const content = noteContent(context, state, path, read)
  if (content === null) return []
  const agreed = agreedOn(state, path, content.file, content.bytes)
  if (!state.sent.some(write => write.path === path && write.digest === agreed.digest)) return []
  const local = state.local.get(path)
  markChanged(state, path)
  return recordBase(state, path, agreed, local?.digest === agreed.digest ? local.fingerprint : null)
}

function baseEtag(state: ChannelState, path: string): string | null {
  return state.base.get(path)?.etag ?? null
}
