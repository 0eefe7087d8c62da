/**
 * Whether two values of different documents are the same: keys in any order, strings and numbers in any
 * spelling, arrays in order. Each pair of objects or arrays is compared once, however often it is asked for.
 * `tokenOf` is one text for all values that are the same.
 */
import {
  decimal,
  isExact,
  type JsonArray,
  type JsonMember,
  type JsonNode,
  type JsonObject,
  sourceOf,
  unquote,
} from './json-tree.ts'

export class JsonEquality {
  readonly #known = new Map<JsonNode, Map<JsonNode, boolean>>()
  readonly #members = new Map<JsonObject, ReadonlyMap<string, JsonMember>>()

  /** Null: there is no value. */
  equal(a: JsonNode | null, b: JsonNode | null): boolean {
    if (a === null || b === null) return a === b
    if (a === b) return true
    if (a.kind !== b.kind) return false
    if (isSameText(a, b)) return true
    if (a.kind === 'object' || a.kind === 'array') return this.#remembered(a, b)
    if (a.kind === 'string') return unquote(sourceOf(a)) === unquote(sourceOf(b))
    return a.kind === 'number' && numberToken(sourceOf(a)) === numberToken(sourceOf(b))
  }

  /** By slot. */
  membersOf(object: JsonObject): ReadonlyMap<string, JsonMember> {
    const known = this.#members.get(object)
    if (known !== undefined) return known
    const members = new Map(object.members.map(member => [member.slot, member]))
    this.#members.set(object, members)
    return members
  }

  valueOf(object: JsonObject | null, slot: string): JsonNode | null {
    return object === null ? null : (this.membersOf(object).get(slot)?.value ?? null)
  }

  #remembered(a: JsonNode, b: JsonNode): boolean {
    const known = this.#known.get(a)?.get(b)
    if (known !== undefined) return known
    const equal =
      a.kind === 'object' && b.kind === 'object'
        ? this.#equalObjects(a, b)
        : a.kind === 'array' && b.kind === 'array' && this.#equalArrays(a, b)
    const ofA = this.#known.get(a) ?? new Map<JsonNode, boolean>()
    this.#known.set(a, ofA.set(b, equal))
    return equal
  }

  #equalObjects(a: JsonObject, b: JsonObject): boolean {
    if (a.members.length !== b.members.length) return false
    return a.members.every(({ slot, value }, at) => {
      const beside = b.members[at]!
      const other = beside.slot === slot ? beside.value : this.valueOf(b, slot)
      return other !== null && this.equal(value, other)
    })
  }

  #equalArrays(a: JsonArray, b: JsonArray): boolean {
    return a.items.length === b.items.length && a.items.every((item, at) => this.equal(item, b.items[at]!))
  }
}

/** Longer texts are worth being cut out, for a comparison in one go. In UTF-16 units. */
const SHORT = 24

function isSameText(a: JsonNode, b: JsonNode): boolean {
  const length = a.end - a.start
  if (length !== b.end - b.start) return false
  if (length > SHORT) return sourceOf(a) === sourceOf(b)
  for (let at = 0; at < length; at++) {
    if (a.text.charCodeAt(a.start + at) !== b.text.charCodeAt(b.start + at)) return false
  }
  return true
}

export function tokenOf(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return `{${node.members
        .map(({ slot, value }) => `${JSON.stringify(slot)}:${tokenOf(value)}`)
        .sort()
        .join()}}`
    case 'array':
      return `[${node.items.map(tokenOf).join()}]`
    case 'string':
      return JSON.stringify(unquote(sourceOf(node)))
    case 'number':
      return numberToken(sourceOf(node))
    case 'word':
      return sourceOf(node)
  }
}

/** A number that a double does not hold is the same only as itself. */
function numberToken(source: string): string {
  return isExact(source) ? String(Number(source)) : decimal(source)
}
