/**
 * Three-way merge of JSON files by structure (R5). Pure, and in value the same whichever side is called local.
 *
 * The result is one side's text with the other side's changes made in it: local's, unless only remote was laid
 * out anew. A text that cannot be merged by structure safely is a conflict of the whole file; JSON is never
 * merged by lines, which could give what is no JSON or says what neither side wrote.
 */
import { JsonEquality } from './json-equality.ts'
import { mergeJsonValues, type MergedValue } from './json-three-way.ts'
import { isJson, type JsonNode, readJson, sourceOf } from './json-tree.ts'
import { type Carrier, writeJson } from './json-write.ts'
import {
  fileConflict,
  type MergeChoices,
  type MergeInConflict,
  type MergeResult,
  type MergeTexts,
  mergeWhole,
  NO_CHOICES,
  type ResolveResult,
  unknownChoice,
} from './merge-result.ts'
import { resolveWhole } from './resolve-whole.ts'

interface Roots {
  readonly base: JsonNode
  readonly local: JsonNode
  readonly remote: JsonNode
}

export function mergeJson(texts: MergeTexts): MergeResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return whole
  const roots = readAll(texts)
  return 'kind' in roots ? roots : mergeRoots(texts, roots, NO_CHOICES).result
}

/** Choices by conflict id; what is not chosen stays in conflict. */
export function resolveJson(texts: MergeTexts, choices: MergeChoices): ResolveResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return resolveWhole(whole, choices)
  const roots = readAll(texts)
  if ('kind' in roots) return resolveWhole(roots, choices)
  const { result, ids, refused } = mergeRoots(texts, roots, choices)
  return unknownChoice(choices, ids) ?? (refused === null ? result : { kind: 'refused', ...refused })
}

function readAll(texts: MergeTexts): Roots | MergeInConflict {
  const roots: Partial<Record<keyof Roots, JsonNode>> = {}
  for (const side of ['local', 'remote', 'base'] as const) {
    const root = readJson(texts[side] ?? '')
    if (typeof root === 'string') return fileConflict(texts, root, side)
    roots[side] = root
  }
  return roots as Roots
}

function mergeRoots(texts: MergeTexts, roots: Roots, choices: MergeChoices) {
  const equality = new JsonEquality()
  const { value, conflicts, ids, refused } = mergeJsonValues(
    roots.base,
    roots.local,
    roots.remote,
    choices,
    equality,
  )
  const text = written(value ?? { kind: 'node', node: roots.local }, roots, equality)
  // What is written goes to other machines, so it is read once more; a fault here would be ours.
  if (!isJson(text)) return { result: fileConflict(texts, 'not-json', null), ids, refused }
  const result: MergeResult =
    conflicts.length === 0 ? { kind: 'merged', text } : { kind: 'conflict', conflicts, rest: text }
  return { result, ids, refused }
}

function written(value: MergedValue, roots: Roots, equality: JsonEquality): string {
  const carrier = carrierOf(roots, equality)
  const other = carrier === 'local' ? 'remote' : 'local'
  const documents = [roots[carrier], roots[other], roots.base]
  const { before, after } = surroundings(roots, carrier, other)
  return before + writeJson(value, roots[carrier], carrier, documents, equality) + after
}

/** The side that was laid out anew: then the other one's changes are made in it, and both are kept. */
function carrierOf(roots: Roots, equality: JsonEquality): Carrier {
  return !isLaidOutAnew('local') && isLaidOutAnew('remote') ? 'remote' : 'local'

  /** Whether its values alone, written into the base, give another text than its own. */
  function isLaidOutAnew(side: Carrier): boolean {
    const root = roots[side]
    return (
      writeJson({ kind: 'node', node: root }, roots.base, side, [roots.base, root], equality) !==
      sourceOf(root)
    )
  }
}

/** Byte order mark, white space and final newline, each of the side that changed it. */
function surroundings(roots: Roots, carrier: Carrier, other: Carrier): { before: string; after: string } {
  const before = ({ text, start }: JsonNode): string => text.slice(0, start)
  const after = ({ text, end }: JsonNode): string => text.slice(end)
  const changed = (part: (root: JsonNode) => string): string =>
    part(roots[carrier]) === part(roots.base) ? part(roots[other]) : part(roots[carrier])
  return { before: changed(before), after: changed(after) }
}
