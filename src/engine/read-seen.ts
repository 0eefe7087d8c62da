/**
 * Reads what the last look has seen, to file it: in the history, in the database, in a merge (R1.1). Contents are found
 * by their digests, so bytes are hashed before they are filed under one that was taken earlier. The times of a file
 * need not show that it has changed since.
 */
import type { LocalEntry } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import type { Context } from './context.ts'
import { readUnchanged, SETTLE_MS } from './look.ts'

/** Null where the file has changed since; then it is looked at again. Throws FileSystemError. */
export function readSeen(context: Context, state: ChannelState, path: string): Uint8Array | null {
  const { fs, codec } = context.ports
  const local = state.local.get(path)!
  const bytes = readUnchanged(fs, path, local.fingerprint)
  if (bytes !== null && codec.digest(bytes) === local.digest) return bytes
  if (bytes !== null) distrust(state, path, local)
  lookAgain(context, path)
  return null
}

/** Its times are those of another content as well: whatever is known by them is read anew. */
function distrust(state: ChannelState, path: string, local: LocalEntry): void {
  state.local.set(path, { ...local, isUnproven: true })
  const base = state.base.get(path)
  if (base !== undefined) state.base.set(path, { ...base, fingerprint: null })
}

/** Somebody is at work on the file: it is looked at again once it may have settled, not at once and for ever. */
export function lookAgain(context: Context, path: string): void {
  context.dirt.markLater(path, context.ports.clock.now() + SETTLE_MS)
}
