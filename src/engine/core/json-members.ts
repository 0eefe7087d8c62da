/** An object or array with other members, with the white space it has around those it keeps. */
import type { JsonStyle, Layout } from './json-style.ts'
import type { JsonArray, JsonObject } from './json-tree.ts'
import type { PatchedText } from './patched-text.ts'

/** Where a member stands, with its key. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** A member of the result: one of the container's own, perhaps with another value, or a new one. */
export type MemberText =
  | { readonly kind: 'own'; readonly at: number; readonly write: () => void }
  | { readonly kind: 'new'; readonly write: (indent: string) => void }

/** `places` are those of the container's own members, in order. */
export function writeMembers(
  out: PatchedText,
  container: JsonObject | JsonArray,
  places: readonly Place[],
  members: readonly MemberText[],
  layout: Layout,
  style: JsonStyle,
): void {
  if (isInPlace(places, members)) return writeInPlace(out, container, places, members)
  const { text, start, end } = container
  out.add(text[start]!)
  if (members.length > 0) {
    const space =
      places.length === 0 ? spaceOfEmpty(layout.indentAt(start), style) : spaceOf(container, places, style)
    for (const [position, member] of members.entries()) {
      if (position > 0) out.add(gapAfter(members[position - 1]!, space), ',')
      const lead = leadOf(position, member, members[position - 1], space)
      out.add(lead)
      if (member.kind === 'own') member.write()
      else member.write(lineIndent(lead) ?? layout.indentAt(start))
    }
    out.add(space.tail)
  }
  out.add(text[end - 1]!)
}

function isInPlace(places: readonly Place[], members: readonly MemberText[]): boolean {
  return (
    places.length === members.length &&
    members.every((member, at) => member.kind === 'own' && member.at === at)
  )
}

function writeInPlace(
  out: PatchedText,
  container: JsonObject | JsonArray,
  places: readonly Place[],
  members: readonly MemberText[],
): void {
  let done = container.start
  for (const [at, member] of members.entries()) {
    out.copy(done, places[at]!.start)
    if (member.kind === 'own') member.write()
    done = places[at]!.end
  }
  out.copy(done, container.end)
}

/** The white space of a container: before each member, after each, before the closing bracket. */
interface Space {
  readonly leads: readonly string[]
  readonly gaps: readonly string[]
  readonly tail: string
  /** Before the first member, and before a further one that has no example to follow. */
  readonly first: string
  readonly further: string
}

function spaceOf(
  { text, start, end }: JsonObject | JsonArray,
  places: readonly Place[],
  style: JsonStyle,
): Space {
  const last = places.length - 1
  const commas = places.map((place, at) => (at === last ? end - 1 : text.indexOf(',', place.end)))
  const leads = places.map((place, at) => text.slice((at === 0 ? start : commas[at - 1]!) + 1, place.start))
  const gaps = places.map((place, at) => text.slice(place.end, commas[at]))
  const first = leads[0]!
  const further = leads[1] ?? (lineIndent(first) === null ? style.comma.slice(1) : first)
  return { leads, gaps, tail: gaps[last]!, first, further: withoutBlankLines(further) }
}

function spaceOfEmpty(indent: string, { lineEnd, unit, comma }: JsonStyle): Space {
  const first = lineEnd === null ? '' : lineEnd + indent + unit
  const further = lineEnd === null ? comma.slice(1) : first
  return { leads: [], gaps: [], tail: lineEnd === null ? '' : lineEnd + indent, first, further }
}

/** A new member follows the example of the one before it. */
function leadOf(position: number, member: MemberText, before: MemberText | undefined, space: Space): string {
  if (position === 0) return space.first
  if (member.kind === 'own' && member.at > 0) return space.leads[member.at]!
  return before?.kind === 'own' && before.at > 0 ? withoutBlankLines(space.leads[before.at]!) : space.further
}

/** Before a comma. What stands after the last member belongs to the bracket. */
function gapAfter(member: MemberText, { gaps }: Space): string {
  return member.kind === 'own' && member.at < gaps.length - 1 ? gaps[member.at]! : ''
}

/** Null for white space without a line break. */
function lineIndent(space: string): string | null {
  return /[\r\n]([ \t]*)$/.exec(space)?.[1] ?? null
}

function withoutBlankLines(space: string): string {
  return /(?:\r\n|\n|\r)?[ \t]*$/.exec(space)![0]
}
