/** What is done where both sides have changed a file (R5): sync-config.json's `conflictPolicy`, the last match wins. */
import type { MergePolicy } from './merge.ts'
import { compilePatterns } from './patterns.ts'
import type { ConflictPolicy, SyncConfig } from './sync-config.ts'

/** Why a conflict ended without a merge and without a person. */
export type PolicyReason = 'policy local' | 'policy remote' | `policy newest: ${'local' | 'remote'}`

export function compileConflictPolicy(
  entries: SyncConfig['conflictPolicy'],
): (path: string) => ConflictPolicy {
  const compiled = entries.map(({ pattern, policy }) => ({ policy, set: compilePatterns([pattern]) }))
  return path => compiled.findLast(({ set }) => set.match(path).matched)?.policy ?? 'merge'
}

/** Null for a policy that merges nothing. */
export function mergePolicy(policy: ConflictPolicy): MergePolicy | null {
  return policy === 'merge' || policy === 'union' ? policy : null
}

/**
 * Whose version `newest` takes. The one place where times decide (design, section 2): the file's modification
 * time on this device's clock against the record's on the other one's, so with clocks that differ the wrong
 * one may win. In doubt the record, which every other device already has.
 */
export function newestSide(times: {
  readonly localMs: number
  readonly remoteMs: number
}): 'local' | 'remote' {
  return times.localMs > times.remoteMs ? 'local' : 'remote'
}
