/**
 * The one way in which a base gives way to another (R16): where a program here, and not sync, has replaced or deleted
 * what both sides had agreed on, that goes into the history in the same commit. Its bytes are kept as the base's
 * already. To be called while the local tree still shows what the program has left.
 */
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import { type BaseEntry, isSameBase } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import type { StateChange } from './ports/state-store.ts'

export function setBase(
  context: Context,
  state: ChannelState,
  path: string,
  entry: BaseEntry,
): StateChange[] {
  const former = state.base.get(path)
  const replaced =
    former?.digest === entry.digest
      ? formerTime(context, state, path, entry.fingerprint)
      : ownEdit(context, state, path)
  const next: BaseEntry = state.isBeneath(path) ? { ...entry, doubt: 'beneath-mount' } : entry
  state.unseen.delete(path)
  // A doubt that stands is looked into again and again.
  if (former !== undefined && isSameBase(former, next)) return []
  state.base.set(path, next)
  return [...replaced, { kind: 'base-set', scope: state.scope, path, entry: next }]
}

/** Both sides have come to lack it. */
export function dropBase(context: Context, state: ChannelState, path: string): StateChange[] {
  const replaced = ownEdit(context, state, path)
  state.base.delete(path)
  state.unseen.delete(path)
  return [...replaced, { kind: 'base-gone', scope: state.scope, path }]
}

/** Nothing is agreed on any longer: both sides are compared anew. */
export function forgetBase(context: Context, state: ChannelState, path: string): StateChange[] {
  const replaced = ownEdit(context, state, path)
  state.base.delete(path)
  return [...replaced, { kind: 'base-delete', scope: state.scope, path }]
}

/** A program has saved the file as it was: a copy may have the time that it had before (R8.16). */
function formerTime(
  context: Context,
  state: ChannelState,
  path: string,
  now: BaseEntry['fingerprint'],
): StateChange[] {
  const former = state.base.get(path)
  if (former === undefined || former.fingerprint?.mtimeMs === now?.mtimeMs) return []
  return fileTime(context, state, path, former)
}

function fileTime(
  { ports }: Context,
  { scope }: ChannelState,
  path: string,
  { digest, fingerprint }: BaseEntry,
): StateChange[] {
  if (fingerprint === null) return []
  const { mtimeMs } = fingerprint
  return [{ kind: 'file-time-add', scope, entry: { path, digest, mtimeMs, time: ports.clock.now() } }]
}

/** What sync replaces or removes itself was the base's content until then, and has been put aside before. */
export function ownEdit(context: Context, state: ChannelState, path: string): StateChange[] {
  const { ports, device } = context
  const base = state.base.get(path)
  const local = state.local.get(path)
  if (base === undefined || local?.digest === base.digest) return []
  // Too large to be kept, and known again all the same.
  if (base.size > LARGEST_MERGED_BYTES) return fileTime(context, state, path, base)
  const { digest, size, version, fingerprint } = base
  const entry = {
    path,
    channel: state.channel,
    digest,
    size,
    time: ports.clock.now(),
    version,
    cause: local === undefined ? ('deleted-here' as const) : ('edited-here' as const),
    device,
    mtimeMs: fingerprint?.mtimeMs ?? null,
  }
  return [{ kind: 'own-history-add', scope: state.scope, entry }]
}
