/**
 * The lines in which a side differs from the base, in order.
 *
 * Myers' O(ND) algorithm in linear space ("An O(ND) Difference Algorithm and Its Variations", 1986), after
 * the lines that only one of the two has are set aside. Where two stretches are so different that it would
 * take too long, they are cut at the lines that both have exactly once (patience); where there are none, the
 * whole stretch counts as changed, which can make a merge a conflict, never wrong.
 *
 * The answer depends on the two texts alone, so swapping the sides of a merge changes nothing.
 */

/** Base lines from `baseStart` up to `baseEnd` became side lines from `sideStart` up to `sideEnd`. */
export interface Change {
  readonly baseStart: number
  readonly baseEnd: number
  readonly sideStart: number
  readonly sideEnd: number
}

/** Two stretches to compare, as positions in both sequences. */
interface Box {
  readonly baseStart: number
  readonly baseEnd: number
  readonly sideStart: number
  readonly sideEnd: number
}

/** Edits that one search tries from each end. Its time is the square of this. */
const MAX_EDITS = 2_000
/** Diagonals visited in all searches of one diff: about a second. */
const MAX_VISITS = 60_000_000

/** Between two changes lies at least one line that is the same. */
export function diffLines(base: readonly string[], side: readonly string[]): Change[] {
  const numbers = new Map<string, number>()
  const baseNumbers = number(base, numbers)
  const sideNumbers = number(side, numbers)
  const matches = matched(baseNumbers, sideNumbers, numbers.size)
  const fromEnd = matched(baseNumbers.toReversed(), sideNumbers.toReversed(), numbers.size).reverse()
  const certain = matches.map((match, at) => (match === side.length - 1 - fromEnd[at]! ? match : -1))
  return changesBetween(certain, base.length, side.length)
}

function number(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, line => {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, numbers.size)
    return numbers.size - 1
  })
}

/** For each base line the side line it matches, or -1. */
function matched(base: Int32Array, side: Int32Array, count: number): Int32Array {
  const matches = new Int32Array(base.length).fill(-1)
  const all = trim(
    { baseStart: 0, baseEnd: base.length, sideStart: 0, sideEnd: side.length },
    base,
    side,
    matches,
  )
  const basePlaces = placesOf(
    base,
    all.baseStart,
    all.baseEnd,
    occurring(side, all.sideStart, all.sideEnd, count),
  )
  const sidePlaces = placesOf(
    side,
    all.sideStart,
    all.sideEnd,
    occurring(base, all.baseStart, all.baseEnd, count),
  )
  const shared = new Comparison(pick(base, basePlaces), pick(side, sidePlaces)).run()
  for (const [at, match] of shared.entries()) {
    if (match >= 0) matches[basePlaces[at]!] = sidePlaces[match]!
  }
  return matches
}

function occurring(numbers: Int32Array, start: number, end: number, count: number): Uint8Array {
  const occurs = new Uint8Array(count)
  for (let at = start; at < end; at++) occurs[numbers[at]!] = 1
  return occurs
}

function placesOf(numbers: Int32Array, start: number, end: number, wanted: Uint8Array): number[] {
  const places: number[] = []
  for (let at = start; at < end; at++) if (wanted[numbers[at]!] === 1) places.push(at)
  return places
}

function pick(numbers: Int32Array, places: readonly number[]): Int32Array {
  return Int32Array.from(places, place => numbers[place]!)
}

/** Matches what the two stretches begin and end with, and returns what is between. */
function trim(box: Box, base: Int32Array, side: Int32Array, matches: Int32Array): Box {
  let { baseStart, baseEnd, sideStart, sideEnd } = box
  while (baseStart < baseEnd && sideStart < sideEnd && base[baseStart] === side[sideStart]) {
    matches[baseStart++] = sideStart++
  }
  while (baseStart < baseEnd && sideStart < sideEnd && base[baseEnd - 1] === side[sideEnd - 1]) {
    matches[--baseEnd] = --sideEnd
  }
  return { baseStart, baseEnd, sideStart, sideEnd }
}

class Comparison {
  readonly #base: Int32Array
  readonly #side: Int32Array
  readonly #matches: Int32Array
  /** Furthest base positions by diagonal (base position - side position), shifted to be positive. */
  readonly #forward: Int32Array
  readonly #backward: Int32Array
  readonly #shift: number
  #visits = MAX_VISITS

  constructor(base: Int32Array, side: Int32Array) {
    this.#base = base
    this.#side = side
    this.#matches = new Int32Array(base.length).fill(-1)
    this.#shift = side.length + 1
    this.#forward = new Int32Array(base.length + side.length + 3)
    this.#backward = new Int32Array(base.length + side.length + 3)
  }

  run(): Int32Array {
    const open: Box[] = [
      { baseStart: 0, baseEnd: this.#base.length, sideStart: 0, sideEnd: this.#side.length },
    ]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const box = trim(next, this.#base, this.#side, this.#matches)
      if (box.baseStart === box.baseEnd || box.sideStart === box.sideEnd) continue
      open.push(...(this.#halve(box) ?? this.#cutAtUnique(box)))
    }
    return this.#matches
  }

  /**
   * Cuts at a point on a shortest way of edits, searched from both ends at once, an edit at a time; null
   * where that would take too long. A search that leaves the box on one diagonal has met the other one
   * before, so such a point is never the answer.
   */
  #halve(box: Box): [Box, Box] | null {
    const { baseStart, baseEnd, sideStart, sideEnd } = box
    const forward = new Front(this.#forward, this.#shift, baseStart - sideStart, baseStart, box)
    const backward = new Front(this.#backward, this.#shift, baseEnd - sideEnd, baseEnd, box)
    const isOdd = ((forward.low - backward.low) & 1) !== 0
    for (let edits = 1; edits <= MAX_EDITS && this.#visits > 0; edits++) {
      this.#visits -= 2 * edits
      const met =
        this.#advance(forward, isOdd ? backward : null, box) ??
        this.#retreat(backward, isOdd ? null : forward, box)
      if (met !== null) return met
    }
    return null
  }

  /** One edit further from the start. */
  #advance(front: Front, other: Front | null, box: Box): [Box, Box] | null {
    const { reached, shift } = front
    front.widen(-1)
    for (let diagonal = front.high; diagonal >= front.low; diagonal -= 2) {
      const at = diagonal + shift
      let x = Math.max(reached[at - 1]! + 1, reached[at + 1]!)
      while (x < box.baseEnd && x - diagonal < box.sideEnd && this.#base[x] === this.#side[x - diagonal]) x++
      reached[at] = x
      if (other?.has(diagonal) === true && other.reached[at]! <= x) return cut(box, x, x - diagonal)
    }
    return null
  }

  /** One edit further from the end. */
  #retreat(front: Front, other: Front | null, box: Box): [Box, Box] | null {
    const { reached, shift } = front
    front.widen(FAR)
    for (let diagonal = front.high; diagonal >= front.low; diagonal -= 2) {
      const at = diagonal + shift
      let x = Math.min(reached[at - 1]!, reached[at + 1]! - 1)
      while (
        x > box.baseStart &&
        x - diagonal > box.sideStart &&
        this.#base[x - 1] === this.#side[x - diagonal - 1]
      )
        x--
      reached[at] = x
      if (other?.has(diagonal) === true && other.reached[at]! >= x) return cut(box, x, x - diagonal)
    }
    return null
  }

  /** Cuts at the longest row of lines that both stretches have exactly once; none: the box is all changed. */
  #cutAtUnique(box: Box): Box[] {
    const anchors = longestRow(uniquePairs(this.#base, this.#side, box))
    if (anchors.length === 0) return []
    const boxes: Box[] = []
    let { baseStart, sideStart } = box
    for (const { base, side } of anchors) {
      this.#matches[base] = side
      boxes.push({ baseStart, baseEnd: base, sideStart, sideEnd: side })
      baseStart = base + 1
      sideStart = side + 1
    }
    boxes.push({ ...box, baseStart, sideStart })
    return boxes
  }
}

/** Above any position in a text. */
const FAR = 2 ** 31 - 1

/** How far one search has come on each diagonal (base position - side position) within a box. */
class Front {
  /** Base positions by diagonal, shifted. */
  readonly reached: Int32Array
  readonly shift: number
  readonly #lowest: number
  readonly #highest: number
  low: number
  high: number

  constructor(reached: Int32Array, shift: number, diagonal: number, position: number, box: Box) {
    this.reached = reached
    this.shift = shift
    this.#lowest = box.baseStart - box.sideEnd
    this.#highest = box.baseEnd - box.sideStart
    this.low = diagonal
    this.high = diagonal
    reached[diagonal + shift] = position
  }

  has(diagonal: number): boolean {
    return this.low <= diagonal && diagonal <= this.high
  }

  /** A diagonal further to each side, back from the box's corners; `none` is a position that always loses. */
  widen(none: number): void {
    if (this.low > this.#lowest) this.reached[--this.low - 1 + this.shift] = none
    else this.low++
    if (this.high < this.#highest) this.reached[++this.high + 1 + this.shift] = none
    else this.high--
  }
}

function cut(box: Box, base: number, side: number): [Box, Box] {
  return [
    { ...box, baseEnd: base, sideEnd: side },
    { ...box, baseStart: base, sideStart: side },
  ]
}

interface Pair {
  readonly base: number
  readonly side: number
}

/** Lines that both stretches have exactly once, in the base's order. */
function uniquePairs(base: Int32Array, side: Int32Array, box: Box): Pair[] {
  const basePlaces = uniquePlaces(base, box.baseStart, box.baseEnd)
  const sidePlaces = uniquePlaces(side, box.sideStart, box.sideEnd)
  const pairs: Pair[] = []
  for (const [line, place] of basePlaces) {
    const match = sidePlaces.get(line)
    if (place !== null && match !== undefined && match !== null) pairs.push({ base: place, side: match })
  }
  return pairs
}

/** Null for a line that is there more than once. */
function uniquePlaces(lines: Int32Array, start: number, end: number): Map<number, number | null> {
  const places = new Map<number, number | null>()
  for (let at = start; at < end; at++) places.set(lines[at]!, places.has(lines[at]!) ? null : at)
  return places
}

/** The longest row of pairs, given in the base's order, that is in order in the side as well. */
function longestRow(pairs: readonly Pair[]): Pair[] {
  /** For each length of a row the pair with the earliest side place that ends one. */
  const ends: number[] = []
  const before = new Int32Array(pairs.length)
  for (const [at, { side }] of pairs.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (pairs[ends[middle]!]!.side < side) low = middle + 1
      else high = middle
    }
    before[at] = low === 0 ? -1 : ends[low - 1]!
    ends[low] = at
  }
  const row: Pair[] = []
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) row.push(pairs[at]!)
  return row.reverse()
}

function changesBetween(matches: Int32Array, baseLength: number, sideLength: number): Change[] {
  const changes: Change[] = []
  let [baseStart, sideStart] = [0, 0]
  for (let base = 0; base <= baseLength; base++) {
    const side = base === baseLength ? sideLength : matches[base]!
    if (side < 0) continue
    if (base > baseStart || side > sideStart)
      changes.push({ baseStart, baseEnd: base, sideStart, sideEnd: side })
    baseStart = base + 1
    sideStart = side + 1
  }
  return changes
}
