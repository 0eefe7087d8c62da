/** Which merge a file gets, by its name: JSON by structure, every other text by lines (R5). */
import { mergeJson, resolveJson } from './merge-json.ts'
import type { MergeChoices, MergeResult, MergeTexts, ResolveResult } from './merge-result.ts'
import { mergeText, resolveText } from './merge-text.ts'

/**
 * Formats that are JSON to the letter. Not those with comments (`.jsonc`, `.json5`) or with a document on
 * each line (`.jsonl`, `.ndjson`), which merge by lines.
 */
const JSON_NAME = /\.(?:json|geojson|topojson|jsonld|webmanifest|canvas|ipynb|excalidraw)$/i

export interface MergeFile extends MergeTexts {
  readonly path: string
}

export function mergeFile({ path, ...texts }: MergeFile): MergeResult {
  return JSON_NAME.test(path) ? mergeJson(texts) : mergeText(texts)
}

/** What `mergeFile` says of the same texts, with choices for its conflicts; what has none stays in conflict. */
export function resolveFile({ path, ...texts }: MergeFile, choices: MergeChoices): ResolveResult {
  return JSON_NAME.test(path) ? resolveJson(texts, choices) : resolveText(texts, choices)
}
