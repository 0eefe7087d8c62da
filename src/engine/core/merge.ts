/** Which merge a file gets, by its name: JSON by structure, every other text by lines (R5). */
import { isUnreadable } from './format-readers.ts'
import { isLogFile } from './log-file.ts'
import { mergeJson, resolveJson } from './merge-json.ts'
import {
  fileConflict,
  type MergeChoices,
  type MergeInConflict,
  type MergeOptions,
  type MergeResult,
  type MergeTexts,
  type ResolveResult,
} from './merge-result.ts'
import { areLinesAdded, mergeText, resolveText } from './merge-text.ts'
import { resolveWhole } from './resolve-whole.ts'

/**
 * Formats that are JSON to the letter. Not those with comments (`.jsonc`, `.json5`) or with a document on
 * each line (`.jsonl`, `.ndjson`), which merge by lines.
 */
const JSON_NAME = /\.(?:json|geojson|topojson|jsonld|webmanifest|canvas|ipynb|excalidraw)$/i

/** A policy by which a file is merged. */
export type MergePolicy = 'merge' | 'union'

export interface MergeFile extends MergeTexts {
  readonly path: string
  readonly policy?: MergePolicy
}

export function mergeFile(file: MergeFile): MergeResult {
  return JSON_NAME.test(file.path) ? mergeJson(file, optionsOf(file)) : mergeReadable(file)
}

/** What `mergeFile` says of the same texts, with choices for its conflicts; what has none stays in conflict. */
export function resolveFile(file: MergeFile, choices: MergeChoices): ResolveResult {
  if (JSON_NAME.test(file.path)) return resolveJson(file, choices, optionsOf(file))
  const merge = mergeReadable(file)
  if (merge.kind === 'conflict' && merge.conflicts[0]?.kind === 'file') return resolveWhole(merge, choices)
  const resolved = resolveText(file, choices, optionsOf(file))
  const [id] = choices.keys()
  if (id === undefined || resolved.kind === 'refused' || unreadable(file, resolved) === null) return resolved
  return { kind: 'refused', id, reason: 'So chosen, the file could not be read by its programs any more.' }
}

function optionsOf(file: MergeFile): MergeOptions {
  return { isUnion: file.policy === 'union' || (isLogFile(file.path) && areLinesAdded(file)) }
}

function mergeReadable(file: MergeFile): MergeResult {
  const result = mergeText(file, optionsOf(file))
  return unreadable(file, result) ?? result
}

function unreadable(file: MergeFile, result: MergeResult): MergeInConflict | null {
  const merged = result.kind === 'merged' ? result.text : result.rest
  if (merged === null || !isUnreadable({ ...file, merged })) return null
  return fileConflict(file, 'unreadable-merge', null)
}
