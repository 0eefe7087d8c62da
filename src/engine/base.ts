/**
 * The one way in which a base gives way to another (R16): where a program here, and not sync, has replaced or deleted
 * what both sides had agreed on, that goes into the history in the same commit. Its bytes are kept as the base's
 * already. To be called while the local tree still shows what the program has left.
 */
import { LARGEST_MERGED_BYTES } from './base-content.ts'
import type { BaseEntry } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import type { StateChange } from './ports/state-store.ts'

export function setBase(
  context: Context,
  state: ChannelState,
  path: string,
  entry: BaseEntry,
): StateChange[] {
  const replaced = state.base.get(path)?.digest === entry.digest ? [] : ownEdit(context, state, path)
  state.base.set(path, entry)
  state.unseen.delete(path)
  return [...replaced, { kind: 'base-set', scope: state.scope, path, entry }]
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

/** What sync replaces or removes itself was the base's content until then, and has been put aside before. */
export function ownEdit({ ports, device }: Context, state: ChannelState, path: string): StateChange[] {
  const base = state.base.get(path)
  const local = state.local.get(path)
  if (base === undefined || local?.digest === base.digest || base.size > LARGEST_MERGED_BYTES) return []
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
