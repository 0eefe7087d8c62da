/**
 * Arrays whose elements have a name of their own, and the order of such elements when two sides have changed
 * it.
 *
 * An array has identities by `id`, else by `key`, else by `name`, where in every version at hand all elements
 * are objects with that member, a string or a number, and no two in one version have the same.
 */
import {
  type JsonArray,
  type JsonMember,
  type JsonNode,
  type JsonObject,
  sourceOf,
  unquote,
} from './json-tree.ts'

/** An element's identity, the same in any spelling: a string as JSON, a number in its shortest form. */
export type Identity = string

export type ByIdentity = ReadonlyMap<Identity, JsonNode>

const IDENTITY_KEYS = ['id', 'key', 'name'] as const

export interface IdentifiedArrays {
  readonly by: string
  /** In the order of the arrays asked about; in the array's own order. */
  readonly elements: readonly ByIdentity[]
}

/** Null where the arrays are to be taken as values. */
export function identify(arrays: readonly JsonArray[]): IdentifiedArrays | null {
  for (const by of IDENTITY_KEYS) {
    const elements = arrays.map(array => elementsBy(by, array))
    if (elements.every(found => found !== null)) return { by, elements }
  }
  return null
}

export function identityValue(identity: Identity): string | number {
  return JSON.parse(identity) as string | number
}

export function elementsBy(by: string, array: JsonArray): ByIdentity | null {
  const elements = new Map<Identity, JsonNode>()
  for (const item of array.items) {
    const identity = item.kind === 'object' ? identityIn(item, by) : null
    if (identity === null || elements.has(identity)) return null
    elements.set(identity, item)
  }
  return elements
}

/** Null also where the key is there twice: programs differ in which of them they read. */
function identityIn({ members }: JsonObject, by: string): Identity | null {
  const hasKey = ({ key }: JsonMember): boolean => key === by
  const member = members.find(hasKey)
  return member === undefined || member !== members.findLast(hasKey) ? null : identityOf(member.value)
}

function identityOf(value: JsonNode): Identity | null {
  if (value.kind === 'number') return String(Number(sourceOf(value)))
  return value.kind === 'string' ? JSON.stringify(unquote(sourceOf(value))) : null
}

export interface Orders {
  readonly base: readonly Identity[]
  readonly local: readonly Identity[]
  readonly remote: readonly Identity[]
}

/**
 * The order of what both sides have: as both have it, or as the one has it that moved something. Null where
 * both moved, differently.
 */
export function commonOrder(orders: Orders): readonly Identity[] | null {
  const inLocal = new Set(orders.local)
  const inBoth = new Set(orders.remote.filter(identity => inLocal.has(identity)))
  const local = orders.local.filter(identity => inBoth.has(identity))
  const remote = orders.remote.filter(identity => inBoth.has(identity))
  if (isSameOrder(local, remote)) return local
  const old = orders.base.filter(identity => inBoth.has(identity))
  const known = new Set(old)
  const hasMoved = (order: readonly Identity[]): boolean =>
    !isSameOrder(
      old,
      order.filter(identity => known.has(identity)),
    )
  const [localMoved, remoteMoved] = [hasMoved(local), hasMoved(remote)]
  if (localMoved === remoteMoved) return null
  return localMoved ? local : remote
}

function isSameOrder(a: readonly Identity[], b: readonly Identity[]): boolean {
  return a.length === b.length && a.every((identity, at) => identity === b[at])
}

/**
 * The common elements in their order, and after each what one side alone has after it. Where both sides have
 * something in one place, the rows come in the order of their first identities, so that it does not matter
 * which side is called local.
 */
export function interleave(
  common: readonly Identity[],
  local: readonly Identity[],
  remote: readonly Identity[],
): Identity[] {
  const shared = new Set(common)
  const localRows = rowsAfter(local, shared)
  const remoteRows = rowsAfter(remote, shared)
  return [null, ...common].flatMap(before => [
    ...(before === null ? [] : [before]),
    ...inOrder(localRows.get(before) ?? [], remoteRows.get(before) ?? []),
  ])
}

function rowsAfter(
  order: readonly Identity[],
  shared: ReadonlySet<Identity>,
): Map<Identity | null, Identity[]> {
  const rows = new Map<Identity | null, Identity[]>()
  let before: Identity | null = null
  for (const identity of order) {
    const row = rows.get(before)
    if (shared.has(identity)) before = identity
    else if (row === undefined) rows.set(before, [identity])
    else row.push(identity)
  }
  return rows
}

function inOrder(a: readonly Identity[], b: readonly Identity[]): Identity[] {
  if (a.length === 0 || b.length === 0) return [...a, ...b]
  return isBefore(identityValue(a[0]!), identityValue(b[0]!)) ? [...a, ...b] : [...b, ...a]
}

/** Numbers before strings. */
function isBefore(a: string | number, b: string | number): boolean {
  return typeof a === typeof b ? a < b : typeof a === 'number'
}
