/**
 * Three-way merge of JSON files by structure (R5). Pure, and in value the same whichever side is called local.
 *
 * The result is one side's text with the other side's changes made in it: local's, unless only remote was laid
 * out anew. A text that cannot be merged by structure safely is a conflict of the whole file; JSON is never
 * merged by lines, which could give what is no JSON or says what neither side wrote.
 */
import { JsonEquality } from './json-equality.ts'
import { mergeJsonValues, type MergedValue } from './json-three-way.ts'
import { isJson, type JsonNode, readJson, sourceOf, type Unclear } from './json-tree.ts'
import { type Carrier, writeJson } from './json-write.ts'
import {
  fileConflict,
  MERGE,
  type MergeChoices,
  type MergeInConflict,
  type MergeOptions,
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

export function mergeJson(texts: MergeTexts, options = MERGE): MergeResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return whole
  const equality = new JsonEquality()
  const roots = readAll(texts, equality)
  return 'kind' in roots ? roots : mergeRoots(texts, roots, NO_CHOICES, options, equality).result
}

/** Choices by conflict id; what is not chosen stays in conflict. */
export function resolveJson(texts: MergeTexts, choices: MergeChoices, options = MERGE): ResolveResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return resolveWhole(whole, choices)
  const equality = new JsonEquality()
  const roots = readAll(texts, equality)
  if ('kind' in roots) return resolveWhole(roots, choices)
  const { result, ids, refused } = mergeRoots(texts, roots, choices, options, equality)
  return unknownChoice(choices, ids) ?? (refused === null ? result : { kind: 'refused', ...refused })
}

function readAll(texts: MergeTexts, equality: JsonEquality): Roots | MergeInConflict {
  const roots: Partial<Record<keyof Roots, JsonNode>> = {}
  const unclear: Record<keyof Roots, Unclear[]> = { base: [], local: [], remote: [] }
  for (const side of ['local', 'remote', 'base'] as const) {
    const root = readJson(texts[side] ?? '', unclear[side])
    if (typeof root === 'string') return fileConflict(texts, root, side)
    roots[side] = root
  }
  return touchedUnclear(texts, unclear, equality) ?? (roots as Roots)
}

/** What a merge by values would lose is nothing to it as long as all sides have it alike. */
function touchedUnclear(
  texts: MergeTexts,
  unclear: Readonly<Record<keyof Roots, readonly Unclear[]>>,
  equality: JsonEquality,
): MergeInConflict | null {
  const { base } = unclear
  const isAlike = (a: Unclear | undefined, b: Unclear | undefined): boolean =>
    a?.fault === b?.fault && a?.key === b?.key && equality.equal(a?.value ?? null, b?.value ?? null)
  for (const side of ['local', 'remote'] as const) {
    const own = unclear[side]
    for (let at = 0; at < Math.max(own.length, base.length); at++) {
      if (isAlike(own[at], base[at])) continue
      const touched = own[at] ?? base[at]!
      return fileConflict(texts, touched.fault, own[at] === undefined ? 'base' : side)
    }
  }
  return null
}

function mergeRoots(
  texts: MergeTexts,
  roots: Roots,
  choices: MergeChoices,
  options: MergeOptions,
  equality: JsonEquality,
) {
  const { value, conflicts, ids, refused } = mergeJsonValues(
    roots.base,
    roots.local,
    roots.remote,
    choices,
    options,
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
