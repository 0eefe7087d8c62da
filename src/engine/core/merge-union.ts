/**
 * What both sides have added in one region, instead of a conflict (policy `union`, R5).
 *
 * What either side removed is gone, what either added is there: each addition where its side has it, and of two in
 * one place first the one that sorts first, so that it does not matter which side is called local. What both
 * additions begin or end with is there once.
 */
import type { Change } from './line-diff.ts'
import type { Region, Side, Sides, Span } from './merge-regions.ts'

/** Where an element of the result stands on each side; null where that side does not have it. */
export interface Origin {
  readonly local: number | null
  readonly remote: number | null
}

export type IsBefore = (a: string, b: string) => boolean

export function unionOf(region: Region, of: Sides<readonly string[]>, isBefore: IsBefore): Origin[] {
  const sides = { local: new Walk(region, 'local'), remote: new Walk(region, 'remote') }
  const out: Origin[] = []
  for (let at = region.base.start; at <= region.base.end; at++) {
    addBoth(out, sides.local.addedAt(at), sides.remote.addedAt(at), of, isBefore)
    const [local, remote] = [sides.local.placeOf(at), sides.remote.placeOf(at)]
    if (at < region.base.end && local !== null && remote !== null) out.push({ local, remote })
  }
  return out
}

/** One side's changes in a region, met in the base's order. */
class Walk {
  readonly #changes: readonly Change[]
  #next = 0
  #replacedTo: number
  #shift: number

  constructor(region: Region, side: Side) {
    this.#changes = region.changes[side]
    this.#replacedTo = region.base.start
    this.#shift = region[side].start - region.base.start
  }

  /** What the side has in the place of a base element, or before it. */
  addedAt(base: number): Span {
    const change = this.#changes[this.#next]
    if (change?.baseStart !== base) return { start: 0, end: 0 }
    this.#next++
    this.#replacedTo = change.baseEnd
    this.#shift = change.sideEnd - change.baseEnd
    return { start: change.sideStart, end: change.sideEnd }
  }

  /** Null where the side has removed or replaced the base element. */
  placeOf(base: number): number | null {
    return base < this.#replacedTo ? null : base + this.#shift
  }
}

function addBoth(
  out: Origin[],
  local: Span,
  remote: Span,
  of: Sides<readonly string[]>,
  isBefore: IsBefore,
): void {
  const shorter = Math.min(local.end - local.start, remote.end - remote.start)
  let before = 0
  while (before < shorter && of.local[local.start + before] === of.remote[remote.start + before]) before++
  let after = 0
  while (after < shorter - before && of.local[local.end - 1 - after] === of.remote[remote.end - 1 - after])
    after++
  const own = { start: local.start + before, end: local.end - after }
  const theirs = { start: remote.start + before, end: remote.end - after }
  const addLocal = (): void => {
    for (let at = own.start; at < own.end; at++) out.push({ local: at, remote: null })
  }
  const addRemote = (): void => {
    for (let at = theirs.start; at < theirs.end; at++) out.push({ local: null, remote: at })
  }
  for (let at = 0; at < before; at++) out.push({ local: local.start + at, remote: remote.start + at })
  if (isBefore(of.remote[theirs.start] ?? '', of.local[own.start] ?? '')) {
    addRemote()
    addLocal()
  } else {
    addLocal()
    addRemote()
  }
  for (let at = 0; at < after; at++) out.push({ local: own.end + at, remote: theirs.end + at })
}
