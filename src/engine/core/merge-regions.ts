/**
 * The places in which two sides of a merge differ from their base: lines of a text, or elements of an array that
 * have no identity (R5).
 *
 * A side's change occupies the base elements it replaces, and where its place is ambiguous (a line added beside
 * an equal one could be either) all the places it could have. Changes of both sides whose places overlap or touch
 * are one region; so between two changes of different regions there is always an element that neither touched.
 */
import { type Change, diffLines } from './line-diff.ts'

export interface Sides<T> {
  readonly base: T
  readonly local: T
  readonly remote: T
}

export type Side = 'local' | 'remote'

/** A change, and the first and last place between base elements that it may occupy. */
export interface PlacedChange extends Change {
  readonly first: number
  readonly last: number
}

/** Changes that touch, and what they cover in all three. */
export interface Region {
  readonly changes: Readonly<Record<Side, readonly PlacedChange[]>>
  readonly base: Span
  readonly local: Span
  readonly remote: Span
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** Whether only one side has changes here, or both the same. */
export function isAgreed({ changes, local, remote }: Region, of: Sides<readonly string[]>): boolean {
  if (changes.local.length === 0 || changes.remote.length === 0) return true
  const length = local.end - local.start
  if (length !== remote.end - remote.start) return false
  for (let at = 0; at < length; at++)
    if (of.local[local.start + at] !== of.remote[remote.start + at]) return false
  return true
}

export function regionsOf(of: Sides<readonly string[]>): Region[] {
  const queues = {
    local: new ChangeQueue(of.base, of.local),
    remote: new ChangeQueue(of.base, of.remote),
  }
  const regions: Region[] = []
  for (let side = firstSide(queues); side !== null; side = firstSide(queues)) {
    const from = { local: queues.local.shift, remote: queues.remote.shift }
    const taken: Record<Side, PlacedChange[]> = { local: [], remote: [] }
    for (let next: Side | null = side; next !== null; next = touching(queues, taken)) {
      taken[next].push(queues[next].take())
    }
    const { local, remote } = taken
    const start = Math.min(local[0]?.baseStart ?? Infinity, remote[0]?.baseStart ?? Infinity)
    const end = Math.max(local.at(-1)?.baseEnd ?? 0, remote.at(-1)?.baseEnd ?? 0)
    regions.push({
      changes: taken,
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

/** One side's changes in order, and how far its elements have shifted against the base's by those taken. */
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
 * Elements by which added or removed ones could as well stand higher or lower: as many as the block could be
 * rolled through, taking an equal one in at one end and giving one out at the other.
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
