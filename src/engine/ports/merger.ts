/**
 * Merges beside the event loop: a megabyte takes seconds on a slow machine, and everything else goes on meanwhile.
 * The answers are those of core/merge.ts; what cannot be carried out is a conflict of the whole file.
 */
import type { MergeFile } from '../core/merge.ts'
import type { MergeChoices, MergeResult, ResolveResult } from '../core/merge-result.ts'

export interface Merger {
  /** Rejects only when the signal aborts, with its reason. */
  merge(file: MergeFile, signal?: AbortSignal): Promise<MergeResult>
  resolve(file: MergeFile, choices: MergeChoices, signal?: AbortSignal): Promise<ResolveResult>
}
