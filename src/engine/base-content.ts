/** Keeps what both sides last agreed on, so that a merge after weeks still has its base (R5). */
import type { Digest } from './core/entry.ts'
import type { StateChange } from './ports/state-store.ts'

/** Larger contents are not merged, so their bases are not kept, in bytes. */
export const LARGEST_MERGED_BYTES = 1024 * 1024

/** To be committed together with the base that names the digest, or with the note of the write that brings it. */
export function keepBaseContent(digest: Digest, bytes: Uint8Array): StateChange[] {
  return bytes.length > LARGEST_MERGED_BYTES ? [] : [{ kind: 'base-content-put', digest, bytes }]
}
