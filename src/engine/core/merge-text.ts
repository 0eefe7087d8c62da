/**
 * Three-way merge by lines (R5). Pure, and the same whichever side is called local.
 *
 * Changes of both sides that overlap or touch are a conflict, unless both made the same change; so between two
 * changes that are taken from different sides there is always a line that neither touched, and no line can be
 * dropped or doubled (F8). As a union, both are taken instead.
 */
import { commonLineEnd, hasLineEnd, joinLines, splitLines, withLineEnd } from './lines.ts'
import { isAgreed, type Region, regionsOf, type Sides, type Span } from './merge-regions.ts'
import {
  type Hunk,
  MERGE,
  type MergeChoice,
  type MergeChoices,
  type MergeOptions,
  type MergeResult,
  type MergeTexts,
  mergeWhole,
  NO_CHOICES,
  type ResolveResult,
  type TextConflict,
  unknownChoice,
} from './merge-result.ts'
import { unionOf } from './merge-union.ts'
import { resolveWhole } from './resolve-whole.ts'

export function mergeText(texts: MergeTexts, options = MERGE): MergeResult {
  return mergeWhole(texts) ?? mergeLines(texts, NO_CHOICES, options).result
}

/** Choices by conflict id; what is not chosen stays in conflict. */
export function resolveText(texts: MergeTexts, choices: MergeChoices, options = MERGE): ResolveResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return resolveWhole(whole, choices)
  const { result, ids } = mergeLines(texts, choices, options)
  return unknownChoice(choices, ids) ?? result
}

/** Whether all that both sides did was to add lines at the end, so that nothing they hold can contradict. */
function areAppended({ base, local, remote }: MergeTexts): boolean {
  if (base === null || !(base === '' || hasLineEnd(base))) return false
  return local.startsWith(base) && remote.startsWith(base)
}

/** Whether all that both sides did was to add lines, wherever: what others have appended may come to stand above. */
export function areLinesAdded(texts: MergeTexts): boolean {
  const { base, local, remote } = texts
  if (areAppended(texts)) return true
  if (base === null || !(base === '' || hasLineEnd(base))) return false
  return [local, remote].every(side => isSubsequence(splitLines(base), splitLines(side)))
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0
  for (const line of all) if (line === some[at]) at += 1
  return at === some.length
}

/** Known without a search, which would find lines like those before them in many places. */
function appendedTo({ base, local, remote }: Sides<readonly string[]>): Region {
  const end = { start: base.length, end: base.length }
  const added = (side: readonly string[]) => ({ start: base.length, end: side.length })
  const change = (side: readonly string[]) => ({
    baseStart: base.length,
    baseEnd: base.length,
    sideStart: base.length,
    sideEnd: side.length,
    first: base.length,
    last: base.length,
  })
  return {
    changes: { local: [change(local)], remote: [change(remote)] },
    base: end,
    local: added(local),
    remote: added(remote),
  }
}

interface LineMerge {
  readonly result: MergeResult
  readonly ids: ReadonlySet<string>
}

function mergeLines(texts: MergeTexts, choices: MergeChoices, { isUnion }: MergeOptions): LineMerge {
  const lines = linesOf(texts)
  const regions = isUnion && areAppended(texts) ? [appendedTo(lines)] : regionsOf(lines)
  const united = isUnion ? uniteLines(regions, lines) : null
  return mergeRegions(regions, lines, choices, united)
}

/** `united`: the lines of the regions that are no conflict as a union. */
function mergeRegions(
  regions: readonly Region[],
  lines: Sides<readonly string[]>,
  choices: MergeChoices,
  united: ReadonlyMap<Region, readonly string[]> | null,
): LineMerge {
  const ids = new Set<string>()
  const conflicts: TextConflict[] = []
  const out: string[] = []
  let at = 0
  for (const region of regions) {
    append(out, lines.base.slice(at, region.base.start))
    at = region.base.end
    const taken = agreed(region, lines) ?? united?.get(region)
    if (taken !== undefined) {
      append(out, taken)
      continue
    }
    const conflict = conflictOf(region, lines, `hunk ${ids.size + 1}`)
    ids.add(conflict.id)
    append(out, conflict.before)
    const choice = choices.get(conflict.id)
    if (choice === undefined) conflicts.push({ ...conflict.hunks, restLine: out.length + 1 })
    append(out, chosenLines(conflict.hunks, choice ?? 'local'))
    append(out, conflict.after)
  }
  append(out, lines.base.slice(at))
  const text = joinLines(out)
  const result: MergeResult =
    conflicts.length === 0 ? { kind: 'merged', text } : { kind: 'conflict', conflicts, rest: text }
  return { result, ids }
}

/** The lines of a region where only one side changed it or both did the same. */
function agreed(region: Region, lines: Sides<readonly string[]>): readonly string[] | undefined {
  if (!isAgreed(region, lines)) return undefined
  const side = region.changes.local.length > 0 ? 'local' : 'remote'
  return lines[side].slice(region[side].start, region[side].end)
}

/**
 * The unions of the regions that both sides changed. A last line without an end may be half-written, so nothing is
 * put behind it: it stays the last one, and where both sides have one there is no union.
 */
function uniteLines(
  regions: readonly Region[],
  lines: Sides<readonly string[]>,
): ReadonlyMap<Region, readonly string[]> {
  const united = new Map<Region, readonly string[]>()
  const ends = [lines.local.at(-1), lines.remote.at(-1)].filter(
    line => line !== undefined && !hasLineEnd(line),
  )
  for (const region of regions) {
    if (isAgreed(region, lines)) continue
    const both = unionOf(region, lines, (a, b) => a < b).map(({ local, remote }) =>
      local === null ? lines.remote[remote!]! : lines.local[local]!,
    )
    const open = both.filter(line => !hasLineEnd(line))
    const isLast = region.base.end === lines.base.length
    if (isLast && (open.length > 1 || ends.some(line => !open.includes(line!)))) continue
    united.set(region, [...both.filter(line => hasLineEnd(line)), ...open])
  }
  return united
}

/** Lines with which all three begin or end the region are not in doubt. */
function conflictOf(region: Region, lines: Sides<readonly string[]>, id: string) {
  const base = lines.base.slice(region.base.start, region.base.end)
  const local = lines.local.slice(region.local.start, region.local.end)
  const remote = lines.remote.slice(region.remote.start, region.remote.end)
  const shortest = Math.min(base.length, local.length, remote.length)
  let before = 0
  while (before < shortest && base[before] === local[before] && base[before] === remote[before]) before++
  let after = 0
  const isEqualAt = (end: number): boolean =>
    base.at(-end) === local.at(-end) && base.at(-end) === remote.at(-end)
  while (after < shortest - before && isEqualAt(after + 1)) after++
  const hunk = (span: Span, own: readonly string[]): Hunk => ({
    line: span.start + before + 1,
    lines: own.slice(before, own.length - after),
  })
  return {
    id,
    before: base.slice(0, before),
    hunks: {
      kind: 'text',
      id,
      base: hunk(region.base, base),
      local: hunk(region.local, local),
      remote: hunk(region.remote, remote),
    },
    after: base.slice(base.length - after),
  } as const
}

function chosenLines(conflict: Omit<TextConflict, 'restLine'>, choice: MergeChoice): readonly string[] {
  if (typeof choice === 'object') return splitLines(choice.text)
  if (choice === 'both') return [...conflict.local.lines, ...conflict.remote.lines]
  return conflict[choice].lines
}

/**
 * A side that only turned all line ends into others has changed no line: all three are compared, and the
 * result is written, with the ends it chose.
 */
function linesOf({ base, local, remote }: MergeTexts): Sides<readonly string[]> {
  const lines = { base: splitLines(base ?? ''), local: splitLines(local), remote: splitLines(remote) }
  const ends = {
    base: commonLineEnd(lines.base),
    local: commonLineEnd(lines.local),
    remote: commonLineEnd(lines.remote),
  }
  if (ends.base === null || ends.local === null || ends.remote === null) return lines
  if (ends.local !== ends.remote && ends.local !== ends.base && ends.remote !== ends.base) return lines
  const end = ends.local === ends.base ? ends.remote : ends.local
  return {
    base: withLineEnd(lines.base, end),
    local: withLineEnd(lines.local, end),
    remote: withLineEnd(lines.remote, end),
  }
}

/** Without a spread, which a long list of arguments would overflow. */
function append(out: string[], lines: readonly string[]): void {
  for (const line of lines) out.push(line)
}
