/** Puts a content aside before sync replaces or removes it (R1). */
import type { Digest } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import type { HistoryCause, StateChange } from './ports/state-store.ts'

export interface PutAside {
  readonly digest: Digest
  readonly version: number | null
  readonly cause: HistoryCause
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly device: string
  /** The file's modification time while it held the content, in milliseconds since the epoch; null where it is not known. */
  readonly mtimeMs: number | null
}

/** The changes that keep `bytes`; they must be committed before the file is touched. */
export function putAside(
  state: Pick<ChannelState, 'scope' | 'channel'>,
  path: string,
  bytes: Uint8Array,
  of: PutAside,
): StateChange[] {
  const entry = { path, channel: state.channel, size: bytes.length, ...of }
  return [
    { kind: 'content-put', digest: of.digest, bytes },
    { kind: 'history-add', scope: state.scope, entry },
  ]
}
