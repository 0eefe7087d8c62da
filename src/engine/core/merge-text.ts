/**
 * Three-way merge by lines (R5). Pure, and the same whichever side is called local.
 *
 * A side's change occupies the base lines it replaces, and where its place is ambiguous (a line added beside
 * an equal one could be either) all the places it could have. Changes of both sides whose places overlap or
 * touch are a conflict, unless both made the same change; so between two changes that are taken from
 * different sides there is always a line that neither touched, and no line can be dropped or doubled (F8).
 */
import { type Change, diffLines } from './line-diff.ts'
import { commonLineEnd, joinLines, splitLines, withLineEnd } from './lines.ts'
import {
  type Hunk,
  type MergeChoice,
  type MergeChoices,
  type MergeResult,
  type MergeTexts,
  mergeWhole,
  NO_CHOICES,
  type ResolveResult,
  type TextConflict,
  unknownChoice,
} from './merge-result.ts'
import { resolveWhole } from './resolve-whole.ts'

interface Sides<T> {
  readonly base: T
  readonly local: T
  readonly remote: T
}

type Side = 'local' | 'remote'

/** A change, and the first and last place between base lines that it may occupy. */
interface PlacedChange extends Change {
  readonly first: number
  readonly last: number
}

/** Changes that touch, and the lines they cover in all three texts. */
interface Region {
  readonly sides: ReadonlySet<Side>
  readonly base: Span
  readonly local: Span
  readonly remote: Span
}

interface Span {
  readonly start: number
  readonly end: number
}

export function mergeText(texts: MergeTexts): MergeResult {
  return mergeWhole(texts) ?? mergeLines(texts, NO_CHOICES).result
}

/** Choices by conflict id; what is not chosen stays in conflict. */
export function resolveText(texts: MergeTexts, choices: MergeChoices): ResolveResult {
  const whole = mergeWhole(texts)
  if (whole !== null) return resolveWhole(whole, choices)
  const { result, ids } = mergeLines(texts, choices)
  return unknownChoice(choices, ids) ?? result
}

function mergeLines(
  texts: MergeTexts,
  choices: MergeChoices,
): { result: MergeResult; ids: ReadonlySet<string> } {
  const lines = linesOf(texts)
  const ids = new Set<string>()
  const conflicts: TextConflict[] = []
  const out: string[] = []
  let at = 0
  for (const region of regionsOf(lines)) {
    append(out, lines.base.slice(at, region.base.start))
    at = region.base.end
    const taken = agreed(region, lines)
    if (taken !== null) {
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

/** The lines of a region where only one side changed it or both did the same; null: a conflict. */
function agreed(region: Region, lines: Sides<readonly string[]>): readonly string[] | null {
  const local = lines.local.slice(region.local.start, region.local.end)
  if (!region.sides.has('remote')) return local
  const remote = lines.remote.slice(region.remote.start, region.remote.end)
  if (!region.sides.has('local')) return remote
  const isSame = local.length === remote.length && local.every((line, at) => line === remote[at])
  return isSame ? local : null
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

function regionsOf(lines: Sides<readonly string[]>): Region[] {
  const queues = {
    local: new ChangeQueue(lines.base, lines.local),
    remote: new ChangeQueue(lines.base, lines.remote),
  }
  const regions: Region[] = []
  for (let side = firstSide(queues); side !== null; side = firstSide(queues)) {
    const from = { local: queues.local.shift, remote: queues.remote.shift }
    const taken: Record<Side, PlacedChange[]> = { local: [], remote: [] }
    for (let next: Side | null = side; next !== null; next = touching(queues, taken)) {
      taken[next].push(queues[next].take())
    }
    const all = [...taken.local, ...taken.remote]
    const start = Math.min(...all.map(change => change.baseStart))
    const end = Math.max(...all.map(change => change.baseEnd))
    regions.push({
      sides: new Set((['local', 'remote'] as const).filter(name => taken[name].length > 0)),
      base: { start, end },
      local: { start: start + from.local, end: end + queues.local.shift },
      remote: { start: start + from.remote, end: end + queues.remote.shift },
    })
  }
  return regions
}

function firstSide({ local, remote }: Record<Side, ChangeQueue>): Side | null {
  if (local.next === null && remote.next === null) return null
  return (local.next?.first ?? Infinity) <= (remote.next?.first ?? Infinity) ? 'local' : 'remote'
}

/** The side whose next change touches what the other side has in the region already. */
function touching(
  queues: Record<Side, ChangeQueue>,
  taken: Record<Side, readonly PlacedChange[]>,
): Side | null {
  const touches = (side: Side, other: Side): boolean => {
    const last = taken[other].at(-1)
    const next = queues[side].next
    return last !== undefined && next !== null && next.first <= last.last
  }
  if (touches('local', 'remote')) return 'local'
  return touches('remote', 'local') ? 'remote' : null
}

/** One side's changes in order, and how far its lines have shifted against the base's by those taken. */
class ChangeQueue {
  readonly #changes: readonly PlacedChange[]
  #at = 0
  shift = 0

  constructor(base: readonly string[], side: readonly string[]) {
    this.#changes = placed(diffLines(base, side), base, side)
  }

  get next(): PlacedChange | null {
    return this.#changes[this.#at] ?? null
  }

  take(): PlacedChange {
    const change = this.#changes[this.#at++]!
    this.shift = change.sideEnd - change.baseEnd
    return change
  }
}

function placed(
  changes: readonly Change[],
  base: readonly string[],
  side: readonly string[],
): PlacedChange[] {
  return changes.map((change, at) => {
    const lowest = changes[at - 1]?.baseEnd ?? 0
    const highest = changes[at + 1]?.baseStart ?? base.length
    const { up, down } = slide(change, base, side, lowest, highest)
    return { ...change, first: change.baseStart - up, last: change.baseEnd + down }
  })
}

/**
 * Lines by which added or removed lines could as well stand higher or lower: as many as the block could be
 * rolled through, taking an equal line in at one end and giving one out at the other.
 */
function slide(
  change: Change,
  base: readonly string[],
  side: readonly string[],
  lowest: number,
  highest: number,
): { up: number; down: number } {
  const isAdded = change.baseStart === change.baseEnd
  const isRemoved = change.sideStart === change.sideEnd
  if (!isAdded && !isRemoved) return { up: 0, down: 0 }
  const lines = isAdded ? side : base
  const start = isAdded ? change.sideStart : change.baseStart
  const end = isAdded ? change.sideEnd : change.baseEnd
  let up = 0
  while (change.baseStart - up > lowest && lines[start - 1 - up] === lines[end - 1 - up]) up++
  let down = 0
  while (change.baseEnd + down < highest && lines[start + down] === lines[end + down]) down++
  return { up, down }
}

/** Without a spread, which a long list of arguments would overflow. */
function append(out: string[], lines: readonly string[]): void {
  for (const line of lines) out.push(line)
}
