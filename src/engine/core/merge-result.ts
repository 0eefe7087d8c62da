/**
 * What a three-way merge answers, and what a person may answer to its conflicts.
 *
 * A conflict is named by its `id`: for JSON the pointer of the value in doubt (`servers[id=3].port`), for
 * lines `hunk 1`, `hunk 2` …, for a whole file `file`. Merging the same three texts again gives the same
 * ids, so nothing but the texts and the choices has to be kept to resolve a conflict later.
 */

export interface MergeTexts {
  /** What both sides last agreed on; null where nothing is known, and then only equal sides merge. */
  readonly base: string | null
  readonly local: string
  readonly remote: string
}

export interface MergeOptions {
  /** Where both sides only added something in one place, both additions are taken (policy `union`). */
  readonly isUnion: boolean
}

export const MERGE: MergeOptions = { isUnion: false }

export type MergeSide = 'base' | 'local' | 'remote'

export type MergeResult = Merged | MergeInConflict

export interface Merged {
  readonly kind: 'merged'
  readonly text: string
}

export interface MergeInConflict {
  readonly kind: 'conflict'
  /** Never empty. */
  readonly conflicts: readonly MergeConflict[]
  /** All that is not in doubt, merged, with the local side where it is; null for the whole file in conflict. */
  readonly rest: string | null
}

export type MergeConflict = JsonConflict | TextConflict | FileConflict

/** Both sides changed the value at one path, differently; null: there is no value at this path. */
export interface JsonConflict {
  readonly kind: 'json'
  readonly id: string
  readonly path: readonly JsonStep[]
  /** `values`: what stands at the path. `order`: both sides moved elements of the array, differently. */
  readonly about: 'values' | 'order'
  /** JSON texts, as they are written on each side. */
  readonly base: string | null
  readonly local: string | null
  readonly remote: string | null
}

/** A key of an object, or the identity of an array's element. */
export type JsonStep = string | JsonElementStep

export interface JsonElementStep {
  readonly by: string
  readonly is: string | number
}

/** Both sides changed the same lines, or lines that touch. */
export interface TextConflict {
  readonly kind: 'text'
  readonly id: string
  readonly base: Hunk
  readonly local: Hunk
  readonly remote: Hunk
  /** Where the local lines stand in `rest`: number of the first line, from 1. */
  readonly restLine: number
}

export interface Hunk {
  /** Number of the first line, from 1; of a hunk without lines, the one before which it lies. */
  readonly line: number
  /** Each with its own line end. */
  readonly lines: readonly string[]
}

export interface FileConflict {
  readonly kind: 'file'
  readonly id: 'file'
  readonly reason: FileConflictReason
  /** Whose text is the reason, where it is one side's. */
  readonly side: MergeSide | null
  readonly base: string | null
  readonly local: string
  readonly remote: string
}

/**
 * `unreadable-merge`: merged by lines, it would be no file of its format any more. `merge-failed`: this device could
 * not carry it out.
 */
export type FileConflictReason = 'no-base' | 'unreadable-merge' | 'merge-failed' | JsonFault

/** Why a text is never merged by structure. */
export type JsonFault = 'not-json' | 'duplicate-key' | 'imprecise-number' | 'too-deep'

/** For one conflict: a side, both (lines only: the local ones first), or a text in their place. */
export type MergeChoice = MergeSide | 'both' | { readonly text: string }

/** By conflict id. What has no choice stays in conflict. */
export type MergeChoices = ReadonlyMap<string, MergeChoice>

export type ResolveResult =
  | MergeResult
  | { readonly kind: 'refused'; readonly id: string; readonly reason: string }

export const NO_CHOICES: MergeChoices = new Map()

export const FILE_ID = 'file'

/** What there is to say before any line or value is looked at; null where the merge has to look. */
export function mergeWhole(texts: MergeTexts): MergeResult | null {
  const { base, local, remote } = texts
  if (local === remote || remote === base) return { kind: 'merged', text: local }
  if (local === base) return { kind: 'merged', text: remote }
  return base === null ? fileConflict(texts, 'no-base', null) : null
}

export function fileConflict(
  { base, local, remote }: MergeTexts,
  reason: FileConflictReason,
  side: MergeSide | null,
): MergeInConflict {
  const conflict: FileConflict = { kind: 'file', id: FILE_ID, reason, side, base, local, remote }
  return { kind: 'conflict', conflicts: [conflict], rest: null }
}

/** A choice for something that is not, or no longer, in conflict is refused: a person meant something by it. */
export function unknownChoice(choices: MergeChoices, ids: ReadonlySet<string>): ResolveResult | null {
  for (const id of choices.keys()) {
    if (!ids.has(id)) return { kind: 'refused', id, reason: 'This is not in conflict, or not any more.' }
  }
  return null
}
