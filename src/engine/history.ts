/** Puts a content aside before sync replaces or removes it (R1). */
import type { Digest, LocalEntry } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import type { FormerFile, HistoryCause, ScopeId, StateChange } from './ports/state-store.ts'

export interface PutAside {
  readonly digest: Digest
  readonly version: number | null
  readonly cause: HistoryCause
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly device: string
}

/**
 * The changes that keep `bytes`; they must be committed before the file is touched. Without its time: where the file is
 * not replaced after all, it lies there with that time, and is no older copy of itself.
 */
export function putAside(
  state: Pick<ChannelState, 'scope' | 'channel'>,
  path: string,
  bytes: Uint8Array,
  of: PutAside,
): StateChange[] {
  const entry = { path, channel: state.channel, size: bytes.length, ...of, mtimeMs: null }
  return [
    { kind: 'content-put', digest: of.digest, bytes },
    { kind: 'history-add', scope: state.scope, entry },
  ]
}

/** As a staged write names it. */
export function formerOf(local: LocalEntry | undefined): { readonly former?: FormerFile } {
  return local === undefined ? {} : { former: formerFile(local) }
}

export function formerFile({ digest, fingerprint }: LocalEntry): FormerFile {
  return { digest, mtimeMs: fingerprint.mtimeMs }
}

/** Of a file that was put aside and is replaced or removed by now: one with its time is an older copy from here on. */
export function formerGone(scope: ScopeId, path: string, former: FormerFile): StateChange {
  return { kind: 'history-replaced', scope, path, former }
}
