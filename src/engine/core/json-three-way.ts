/**
 * The three-way merge of JSON values (R5), before it is written as a text.
 *
 * It treats both sides alike: what comes out depends on which side is called local only where a conflict
 * keeps the local value. Per path: what one side changed is taken, what both changed alike is taken once,
 * what both changed differently is a conflict, unless it is objects, or arrays of elements with identities,
 * which are merged member by member, or other arrays, which merge as sequences where the changes do not touch. Such
 * a container that is in the base of neither counts as empty there; an element of an array does not, as two that
 * were added with one identity need not be meant as one.
 */
import type { JsonEquality } from './json-equality.ts'
import {
  commonOrder,
  type Identity,
  type IdentifiedArrays,
  identify,
  identityValue,
  interleave,
} from './json-identity.ts'
import { jsonPointer } from './json-pointer.ts'
import { mergeSequences } from './json-sequence.ts'
import { type JsonArray, type JsonNode, type JsonObject, keyOf, readJson, sourceOf } from './json-tree.ts'
import type { JsonConflict, JsonStep, MergeChoice, MergeChoices, MergeOptions } from './merge-result.ts'
import type { Origin } from './merge-union.ts'

/** A value of the result: as it stands in one of the documents, or put together. */
export type MergedValue =
  | { readonly kind: 'node'; readonly node: JsonNode }
  | {
      readonly kind: 'object'
      /** By slot. */
      readonly members: ReadonlyMap<string, MergedValue>
      readonly local: JsonObject
      readonly remote: JsonObject
    }
  | {
      readonly kind: 'array'
      readonly by: string
      /** In the result's order. */
      readonly items: ReadonlyMap<Identity, MergedValue>
      readonly local: JsonArray
      readonly remote: JsonArray
    }
  | {
      readonly kind: 'sequence'
      /** In the result's order. */
      readonly items: readonly Origin[]
      readonly local: JsonArray
      readonly remote: JsonArray
    }

/** What each document has at one path. */
interface Versions<T = JsonNode> {
  readonly base: T | null
  readonly local: T | null
  readonly remote: T | null
}

/** From the inside out, so that going down copies nothing. */
interface Path {
  readonly step: JsonStep
  readonly parent: Path | null
}

export interface ThreeWay {
  /** Null where a choice was that there is no value. */
  readonly value: MergedValue | null
  /** Without those that were chosen. */
  readonly conflicts: readonly JsonConflict[]
  /** With those that were chosen. */
  readonly ids: ReadonlySet<string>
  /** The first choice that cannot be followed. */
  readonly refused: { readonly id: string; readonly reason: string } | null
}

export function mergeJsonValues(
  base: JsonNode,
  local: JsonNode,
  remote: JsonNode,
  choices: MergeChoices,
  options: MergeOptions,
  equality: JsonEquality,
): ThreeWay {
  return new JsonMerge(choices, options, equality).run({ base, local, remote })
}

class JsonMerge {
  readonly #choices: MergeChoices
  readonly #options: MergeOptions
  readonly #equality: JsonEquality
  readonly #conflicts: JsonConflict[] = []
  readonly #ids = new Set<string>()
  #refused: ThreeWay['refused'] = null

  constructor(choices: MergeChoices, options: MergeOptions, equality: JsonEquality) {
    this.#choices = choices
    this.#options = options
    this.#equality = equality
  }

  run(root: Versions): ThreeWay {
    const value = this.#merge(root, null)
    return { value, conflicts: this.#conflicts, ids: this.#ids, refused: this.#refused }
  }

  #merge(versions: Versions, path: Path | null): MergedValue | null {
    const { base, local, remote } = versions
    if (this.#equality.equal(local, remote)) return asIs(local)
    if (this.#equality.equal(local, base)) return asIs(remote)
    if (this.#equality.equal(remote, base)) return asIs(local)
    if (local === null || remote === null) return this.#conflict(versions, path, 'values')
    if (local.kind === 'object' && remote.kind === 'object' && (base === null || base.kind === 'object')) {
      return this.#mergeObjects(base, local, remote, path)
    }
    if (local.kind === 'array' && remote.kind === 'array' && (base === null || base.kind === 'array')) {
      return this.#mergeArrays({ base, local, remote }, path)
    }
    return this.#conflict(versions, path, 'values')
  }

  #mergeObjects(
    base: JsonObject | null,
    local: JsonObject,
    remote: JsonObject,
    path: Path | null,
  ): MergedValue {
    const members = new Map<string, MergedValue>()
    const slots = new Set<string>()
    for (const object of [base, local, remote]) for (const { slot } of object?.members ?? []) slots.add(slot)
    for (const slot of slots) {
      const of = (object: JsonObject | null): JsonNode | null => this.#equality.valueOf(object, slot)
      const merged = this.#merge(
        { base: of(base), local: of(local), remote: of(remote) },
        { step: keyOf(slot), parent: path },
      )
      if (merged !== null) members.set(slot, merged)
    }
    return { kind: 'object', members, local, remote }
  }

  #mergeArrays(versions: Versions<JsonArray>, path: Path | null): MergedValue | null {
    const { base, local, remote } = versions
    if (local === null || remote === null) return null
    const identified = identify(base === null ? [local, remote] : [local, remote, base])
    if (identified === null) {
      const items = mergeSequences({ base, local, remote }, this.#options)
      if (items === null) return this.#conflict(versions, path, 'values')
      return { kind: 'sequence', items, local, remote }
    }
    const orders = { base: idsOf(identified, 2), local: idsOf(identified, 0), remote: idsOf(identified, 1) }
    const common = commonOrder(orders)
    if (common === null) return this.#conflict(versions, path, 'order')
    const merged = this.#mergeElements(identified, path)
    const isLeft = (identity: Identity): boolean => merged.has(identity)
    const order = interleave(common, orders.local.filter(isLeft), orders.remote.filter(isLeft))
    const items = new Map<Identity, MergedValue>()
    for (const identity of order) {
      const item = merged.get(identity)
      if (item !== undefined) items.set(identity, item)
    }
    return { kind: 'array', by: identified.by, items, local, remote }
  }

  #mergeElements({ by, elements }: IdentifiedArrays, path: Path | null): Map<Identity, MergedValue> {
    const [local, remote, base] = elements
    const merged = new Map<Identity, MergedValue>()
    const identities = new Set<Identity>()
    for (const found of [base, local, remote])
      for (const identity of found?.keys() ?? []) identities.add(identity)
    for (const identity of identities) {
      const of = (found: typeof local): JsonNode | null => found?.get(identity) ?? null
      const step = { by, is: identityValue(identity) }
      const item = this.#mergeElement(
        { base: of(base), local: of(local), remote: of(remote) },
        { step, parent: path },
      )
      if (item !== null) merged.set(identity, item)
    }
    return merged
  }

  #mergeElement(versions: Versions, path: Path): MergedValue | null {
    const { base, local, remote } = versions
    const areNew = base === null && local !== null && remote !== null
    if (areNew && !this.#equality.equal(local, remote)) return this.#conflict(versions, path, 'values')
    return this.#merge(versions, path)
  }

  #conflict(versions: Versions, path: Path | null, about: JsonConflict['about']): MergedValue | null {
    const steps = stepsOf(path)
    const id = jsonPointer(steps)
    this.#ids.add(id)
    const choice = this.#choices.get(id)
    if (choice !== undefined) return this.#chosen(id, choice, versions)
    const { base, local, remote } = versions
    const source = (node: JsonNode | null): string | null => (node === null ? null : sourceOf(node))
    this.#conflicts.push({
      kind: 'json',
      id,
      path: steps,
      about,
      base: source(base),
      local: source(local),
      remote: source(remote),
    })
    return asIs(local)
  }

  #chosen(id: string, choice: MergeChoice, versions: Versions): MergedValue | null {
    if (choice === 'both') return this.#refuse(id, 'One value cannot be both.', versions)
    if (typeof choice === 'string') return asIs(versions[choice])
    const node = readJson(choice.text)
    if (typeof node === 'string')
      return this.#refuse(id, 'The text in its place is not usable JSON.', versions)
    return asIs(node)
  }

  #refuse(id: string, reason: string, { local }: Versions): MergedValue | null {
    this.#refused ??= { id, reason }
    return asIs(local)
  }
}

function idsOf({ elements }: IdentifiedArrays, at: number): Identity[] {
  return [...(elements[at]?.keys() ?? [])]
}

function asIs(node: JsonNode | null): MergedValue | null {
  return node === null ? null : { kind: 'node', node }
}

function stepsOf(path: Path | null): JsonStep[] {
  const steps: JsonStep[] = []
  for (let at = path; at !== null; at = at.parent) steps.push(at.step)
  return steps.reverse()
}
