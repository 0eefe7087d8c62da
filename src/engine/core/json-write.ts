/**
 * A merged JSON value as a change of one side's text: what has the same value keeps its bytes, members keep
 * their places and the white space around them, and what comes from elsewhere is laid out as its neighbours.
 */
import type { JsonEquality } from './json-equality.ts'
import { elementsBy, type Identity, identify } from './json-identity.ts'
import { type MemberText, type Place, writeMembers } from './json-members.ts'
import { type JsonStyle, Layout, transplant } from './json-style.ts'
import type { MergedValue } from './json-three-way.ts'
import {
  type JsonArray,
  type JsonMember,
  type JsonNode,
  type JsonObject,
  keyOf,
  sourceOf,
} from './json-tree.ts'
import { PatchedText } from './patched-text.ts'

/** Whose text is changed. */
export type Carrier = 'local' | 'remote'

/** For a document in which nothing shows how it is laid out. */
const PLAIN: JsonStyle = { lineEnd: '\n', unit: '  ', colon: ': ', comma: ', ' }

/**
 * `carrier` is the value whose place in its text the merged one takes; what that text has around it stays out.
 * Values may come from any of the `documents`; the one of the carrier is the first.
 */
export function writeJson(
  value: MergedValue,
  carrier: JsonNode,
  side: Carrier,
  documents: readonly JsonNode[],
  equality: JsonEquality,
): string {
  const writer = new JsonWriter(carrier.text, side, documents, equality)
  return writer.write(value, carrier)
}

class JsonWriter {
  readonly #out: PatchedText
  readonly #side: Carrier
  readonly #equality: JsonEquality
  readonly #layouts: ReadonlyMap<string, Layout>
  readonly #layout: Layout
  readonly #style: JsonStyle

  constructor(text: string, side: Carrier, documents: readonly JsonNode[], equality: JsonEquality) {
    this.#out = new PatchedText(text)
    this.#side = side
    this.#equality = equality
    this.#layouts = new Map(documents.map(root => [root.text, new Layout(root)]))
    this.#layout = this.#layouts.get(text)!
    this.#style = [...this.#layouts.values()].find(({ style }) => style !== null)?.style ?? PLAIN
  }

  write(value: MergedValue, carrier: JsonNode): string {
    this.#write(value, carrier)
    return this.#out.toString()
  }

  #write(value: MergedValue, carrier: JsonNode): void {
    switch (value.kind) {
      case 'node':
        return this.#writeNode(value.node, carrier)
      case 'object':
        return this.#writeObject(value.members, [value.local, value.remote], value[this.#side])
      case 'array':
        return this.#writeElements(value.items, value.by, value[this.#side])
      case 'sequence':
        return this.#writeSequence(value)
    }
  }

  #writeNode(node: JsonNode, carrier: JsonNode): void {
    if (this.#equality.equal(node, carrier)) {
      this.#out.copy(carrier.start, carrier.end)
    } else if (node.kind === 'object' && carrier.kind === 'object') {
      this.#writeObject(new Map(node.members.map(({ slot, value }) => [slot, asIs(value)])), [node], carrier)
    } else if (node.kind === 'array' && carrier.kind === 'array') {
      this.#writeArray(node, carrier)
    } else {
      this.#transplant(node, () => this.#layout.indentAt(carrier.start))
    }
  }

  #writeObject(
    members: ReadonlyMap<string, MergedValue>,
    sources: readonly JsonObject[],
    carrier: JsonObject,
  ): void {
    const own = new Map(carrier.members.map((member, at) => [member.slot, at]))
    const slots = placeSlots(
      carrier.members.map(({ slot }) => slot),
      sources.map(source => source.members.map(({ slot }) => slot)),
      slot => members.has(slot),
    )
    const texts = slots.map((slot): MemberText => {
      const at = own.get(slot)
      const value = members.get(slot)!
      if (at !== undefined)
        return { kind: 'own', at, write: () => this.#writeMember(value, carrier.members[at]!) }
      return { kind: 'new', write: indent => this.#addMember(slot, sources, value, indent) }
    })
    const places = carrier.members.map(({ start, value }): Place => ({ start, end: value.end }))
    writeMembers(this.#out, carrier, places, texts, this.#layout, this.#style)
  }

  #writeMember(value: MergedValue, member: JsonMember): void {
    this.#out.copy(member.start, member.value.start)
    this.#write(value, member.value)
  }

  #addMember(slot: string, sources: readonly JsonObject[], value: MergedValue, indent: string): void {
    const source = sources.find(object => this.#equality.membersOf(object).has(slot))
    const member = source === undefined ? undefined : this.#equality.membersOf(source).get(slot)
    const written =
      member === undefined ? JSON.stringify(keyOf(slot)) : source!.text.slice(member.start, member.keyEnd)
    this.#out.add(written, this.#style.colon)
    this.#add(value, indent)
  }

  #writeArray(node: JsonArray, carrier: JsonArray): void {
    const identified = identify([node, carrier])
    if (identified === null) return this.#writeItems(node, carrier)
    const items = new Map([...identified.elements[0]!].map(([identity, item]) => [identity, asIs(item)]))
    this.#writeElements(items, identified.by, carrier)
  }

  #writeElements(items: ReadonlyMap<Identity, MergedValue>, by: string, carrier: JsonArray): void {
    const own = new Map([...(elementsBy(by, carrier)?.keys() ?? [])].map((identity, at) => [identity, at]))
    const texts = [...items].map(([identity, value]) =>
      this.#itemText(value, own.get(identity) ?? null, carrier),
    )
    writeMembers(this.#out, carrier, carrier.items, texts, this.#layout, this.#style)
  }

  #writeSequence(value: Extract<MergedValue, { kind: 'sequence' }>): void {
    const [own, other] =
      this.#side === 'local' ? (['local', 'remote'] as const) : (['remote', 'local'] as const)
    const carrier = value[own]
    const texts = value.items.map(origin => {
      const node = origin[own] === null ? value[other].items[origin[other]!]! : carrier.items[origin[own]]!
      return this.#itemText(asIs(node), origin[own], carrier)
    })
    writeMembers(this.#out, carrier, carrier.items, texts, this.#layout, this.#style)
  }

  /** Without identities: what both begin and end with is the same, and what is between changes in its order. */
  #writeItems(node: JsonArray, carrier: JsonArray): void {
    const length = node.items.length
    const shift = carrier.items.length - length
    const shorter = Math.min(length, carrier.items.length)
    const isEqual = (at: number, own: number): boolean =>
      this.#equality.equal(node.items[at]!, carrier.items[own]!)
    let before = 0
    while (before < shorter && isEqual(before, before)) before++
    let after = 0
    while (after < shorter - before && isEqual(length - 1 - after, length - 1 - after + shift)) after++
    const texts = node.items.map((item, at) => {
      if (at >= length - after) return this.#itemText(asIs(item), at + shift, carrier)
      return this.#itemText(asIs(item), at < carrier.items.length - after ? at : null, carrier)
    })
    writeMembers(this.#out, carrier, carrier.items, texts, this.#layout, this.#style)
  }

  #itemText(value: MergedValue, at: number | null, carrier: JsonArray): MemberText {
    if (at === null) return { kind: 'new', write: indent => this.#add(value, indent) }
    return { kind: 'own', at, write: () => this.#write(value, carrier.items[at]!) }
  }

  /** Where the carrier has nothing. What was put together from both sides has its place in both. */
  #add(value: MergedValue, indent: string): void {
    if (value.kind === 'node') this.#transplant(value.node, () => indent)
    else this.#write(value, value[this.#side])
  }

  #transplant(node: JsonNode, indent: () => string): void {
    const isContainer = node.kind === 'object' || node.kind === 'array'
    // A chosen text is no document here.
    const layout = this.#layouts.get(node.text) ?? new Layout(node)
    this.#out.add(isContainer ? transplant(node, layout, this.#style, indent()) : sourceOf(node))
  }
}

function asIs(node: JsonNode): MergedValue {
  return { kind: 'node', node }
}

/** The carrier's slots in its order, and each other one after the slot that it follows where it comes from. */
function placeSlots(
  own: readonly string[],
  sources: readonly (readonly string[])[],
  isWanted: (slot: string) => boolean,
): string[] {
  const kept = own.filter(isWanted)
  const keptSet = new Set(kept)
  const placed = new Set(own)
  const followers = new Map<string | null, string[]>()
  for (const source of sources) {
    // A source that shares no slot with the carrier has no place for its own: they come last.
    let before = source.some(slot => keptSet.has(slot)) ? null : (kept.at(-1) ?? null)
    for (const slot of source) {
      if (keptSet.has(slot)) before = slot
      if (placed.has(slot) || !isWanted(slot)) continue
      placed.add(slot)
      const row = followers.get(before)
      if (row === undefined) followers.set(before, [slot])
      else row.push(slot)
    }
  }
  if (followers.size === 0) return kept
  return [null, ...kept].flatMap(slot => [...(slot === null ? [] : [slot]), ...(followers.get(slot) ?? [])])
}
