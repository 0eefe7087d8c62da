/**
 * Arrays whose elements have no identity, merged as sequences: an element added, removed or replaced on one side is
 * taken where the other side's changes do not touch it (R5).
 *
 * An element has only its value to be known by. So where a side has changed one, all elements that are equal to it
 * count as touched, and no value can come out more often, or less, than both sides meant. Arrays of numbers (colours,
 * coordinates) are one value unless all that was done is to insert some.
 */
import { tokenOf } from './json-equality.ts'
import type { JsonArray, JsonNode } from './json-tree.ts'
import {
  isAgreed,
  type PlacedChange,
  type Region,
  regionsOf,
  type Side,
  type Sides,
} from './merge-regions.ts'
import type { MergeOptions } from './merge-result.ts'
import { type Origin, unionOf } from './merge-union.ts'

type Tokens = Sides<readonly string[]>

const SIDES = ['local', 'remote'] as const

/** In the result's order; null where it takes a person. */
export function mergeSequences(
  arrays: { readonly base: JsonArray | null; readonly local: JsonArray; readonly remote: JsonArray },
  { isUnion }: MergeOptions,
): readonly Origin[] | null {
  const of = { base: arrays.base?.items ?? [], local: arrays.local.items, remote: arrays.remote.items }
  const tokens = { base: of.base.map(tokenOf), local: of.local.map(tokenOf), remote: of.remote.map(tokenOf) }
  const regions = regionsOf(tokens)
  if (
    of.base.length > 0 &&
    of.base.every(isNumber) &&
    !regions.every(region => areInsertions(region, tokens))
  )
    return null
  if (isUnion && [of.base, of.local, of.remote].every(items => items.every(isPlain)))
    return uniteValues(regions, tokens)
  return doTouch(regions, tokens) ? null : originsOf(regions, tokens)
}

const isNumber = ({ kind }: JsonNode): boolean => kind === 'number'
const isPlain = ({ kind }: JsonNode): boolean => kind !== 'object' && kind !== 'array'

/** Whether each side still has all that stood there, in its order. */
function areInsertions({ changes }: Region, tokens: Tokens): boolean {
  return SIDES.every(side =>
    changes[side].every(({ baseStart, baseEnd, sideStart, sideEnd }) => {
      let at = baseStart
      for (let own = sideStart; own < sideEnd && at < baseEnd; own++)
        if (tokens[side][own] === tokens.base[at]) at++
      return at === baseEnd
    }),
  )
}

function originsOf(regions: readonly Region[], tokens: Tokens): Origin[] {
  const out: Origin[] = []
  let [local, remote] = [0, 0]
  for (const region of regions) {
    while (local < region.local.start) out.push({ local: local++, remote: remote++ })
    const both = isAgreed(region, tokens) ? agreedOf(region) : unionOf(region, tokens, isBefore)
    for (const origin of both) out.push(origin)
    ;[local, remote] = [region.local.end, region.remote.end]
  }
  while (local < tokens.local.length) out.push({ local: local++, remote: remote++ })
  return out
}

function agreedOf({ changes, local, remote }: Region): Origin[] {
  const [hasLocal, hasRemote] = [changes.local.length > 0, changes.remote.length > 0]
  const length = hasLocal ? local.end - local.start : remote.end - remote.start
  return Array.from({ length }, (_, at) => ({
    local: hasLocal ? local.start + at : null,
    remote: hasRemote ? remote.start + at : null,
  }))
}

/** Null where each side has removed another one of equal values: both still have one. */
function uniteValues(regions: readonly Region[], tokens: Tokens): readonly Origin[] | null {
  const united = withoutTwins(originsOf(regions, tokens), tokens)
  const counts = countsOf(united.map(origin => tokenAt(origin, tokens)))
  const [local, remote] = [countsOf(tokens.local), countsOf(tokens.remote)]
  const isLost = (token: string): boolean =>
    (counts.get(token) ?? 0) < Math.min(local.get(token)!, remote.get(token) ?? 0)
  return [...local.keys()].some(isLost) ? null : united
}

/** Of a value that both sides added, in different places, the second one goes. */
function withoutTwins(origins: readonly Origin[], tokens: Tokens): Origin[] {
  const open = { local: new Map<string, number>(), remote: new Map<string, number>() }
  return origins.filter(({ local, remote }) => {
    if (local !== null && remote !== null) return true
    const [own, other] = local === null ? (['remote', 'local'] as const) : (['local', 'remote'] as const)
    const token = tokenAt({ local, remote }, tokens)
    const before = open[other].get(token) ?? 0
    if (before > 0) open[other].set(token, before - 1)
    else open[own].set(token, (open[own].get(token) ?? 0) + 1)
    return before === 0
  })
}

function tokenAt({ local, remote }: Origin, tokens: Tokens): string {
  return local === null ? tokens.remote[remote!]! : tokens.local[local]!
}

function countsOf(tokens: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  return counts
}

/** Numbers first, by their size. */
function isBefore(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)]
  if (Number.isNaN(x) || Number.isNaN(y))
    return Number.isNaN(x) === Number.isNaN(y) ? a < b : !Number.isNaN(x)
  return x < y
}

/** Whether the sides are at odds in a region, or one of them has touched a value that the other one touched elsewhere. */
function doTouch(regions: readonly Region[], tokens: Tokens): boolean {
  if (!regions.every(region => isAgreed(region, tokens))) return true
  const own = (side: Side, other: Side): PlacedChange[] =>
    regions.filter(({ changes }) => changes[other].length === 0).flatMap(({ changes }) => changes[side])
  const all = (side: Side): PlacedChange[] => regions.flatMap(({ changes }) => changes[side])
  const touch = (side: Side, other: Side): boolean =>
    overlap(touchedBy(own(side, other), side, tokens), touchedBy(all(other), other, tokens))
  return touch('local', 'remote') || touch('remote', 'local')
}

interface Touched {
  readonly values: ReadonlySet<string>
  /** By place: before base element n is 2n, the element itself 2n + 1. */
  readonly places: Uint8Array
}

function touchedBy(changes: readonly PlacedChange[], side: Side, tokens: Tokens): Touched {
  const values = new Set<string>()
  const places = new Uint8Array(2 * tokens.base.length + 1)
  for (const { baseStart, baseEnd, sideStart, sideEnd, first, last } of changes) {
    for (let at = baseStart; at < baseEnd; at++) values.add(tokens.base[at]!)
    for (let at = sideStart; at < sideEnd; at++) values.add(tokens[side][at]!)
    places.fill(1, 2 * first, 2 * last + 1)
  }
  for (const [at, token] of tokens.base.entries()) if (values.has(token)) places.fill(1, 2 * at, 2 * at + 3)
  return { values, places }
}

function overlap(a: Touched, b: Touched): boolean {
  for (const value of a.values) if (b.values.has(value)) return true
  return a.places.some((isTouched, at) => isTouched === 1 && b.places[at] === 1)
}
