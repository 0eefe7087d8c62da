/** How a JSON text is laid out, and values of one document written the way another one is. */
import { type JsonNode, sourceOf } from './json-tree.ts'

export interface JsonStyle {
  /** Null for a document without line breaks. */
  readonly lineEnd: string | null
  /** One level of indentation. */
  readonly unit: string
  /** With the spaces around it. */
  readonly colon: string
  /** Between values on one line, with the spaces after it. */
  readonly comma: string
}

/** As `JSON.stringify` writes without being asked for more. */
const COMPACT: JsonStyle = { lineEnd: null, unit: '', colon: ':', comma: ',' }

const LINE_BREAK = /\r\n|\n|\r/
const LINE_BREAKS = /(\r\n|\n|\r)([ \t]*)/g

/** How one document is laid out. */
export class Layout {
  /** Null where the document has nothing by which to tell. */
  readonly style: JsonStyle | null
  readonly #text: string
  /** Found once, where lines are long: a whole document may be one. */
  #lineStarts: readonly number[] | null = null

  constructor(root: JsonNode) {
    this.#text = root.text
    this.style = styleOf(root, at => this.indentAt(at))
  }

  /** The white space with which the line begins in which this place lies. */
  indentAt(at: number): string {
    const start = nearLineStart(this.#text, at) ?? this.#lineStart(at)
    let end = start
    while (end < at && (this.#text[end] === ' ' || this.#text[end] === '\t')) end++
    return this.#text.slice(start, end)
  }

  #lineStart(at: number): number {
    this.#lineStarts ??= lineStarts(this.#text)
    const starts = this.#lineStarts
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= at) low = middle
      else high = middle
    }
    return starts[low]!
  }
}

/** In UTF-16 units. */
const NEAR = 500

/** Null where the line begins further back. */
function nearLineStart(text: string, at: number): number | null {
  for (let start = at; start > at - NEAR; start--) {
    if (start === 0) return text.startsWith('\ufeff') ? 1 : 0
    if (text[start - 1] === '\n' || text[start - 1] === '\r') return start
  }
  return null
}

function lineStarts(text: string): number[] {
  const starts = [text.startsWith('\ufeff') ? 1 : 0]
  for (const { index, 0: lineEnd } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + lineEnd.length)
  return starts
}

type Found = { -readonly [Name in keyof JsonStyle]?: string }

/** Values that are looked at to tell a style, in the text's order. */
const LOOKED_AT = 1_000

function styleOf(root: JsonNode, indentAt: (at: number) => string): JsonStyle | null {
  if (childrenOf(root).length === 0) return null
  const found: Found = {}
  const open: JsonNode[] = [root]
  for (let seen = 0; seen < LOOKED_AT; seen++) {
    const node = open.pop()
    if (
      node === undefined ||
      (found.unit !== undefined && found.colon !== undefined && found.comma !== undefined)
    )
      break
    lookAt(node, indentAt, found)
    open.push(...childrenOf(node).slice(0, LOOKED_AT).reverse())
  }
  const { lineEnd = null, unit = COMPACT.unit, colon, comma } = found
  const isSpaced = lineEnd !== null || colon === ': '
  return {
    lineEnd,
    unit,
    colon: colon ?? (isSpaced ? ': ' : COMPACT.colon),
    comma: comma ?? (isSpaced ? ', ' : COMPACT.comma),
  }
}

function lookAt(node: JsonNode, indentAt: (at: number) => string, found: Found): void {
  const children = childrenOf(node)
  const first = children[0]
  if (first === undefined) return
  const firstStart = node.kind === 'object' ? node.members[0]!.start : first.start
  const lineEnd = LINE_BREAK.exec(node.text.slice(node.start + 1, firstStart))?.[0]
  if (lineEnd !== undefined && found.unit === undefined) {
    const outer = indentAt(node.start)
    const inner = indentAt(firstStart)
    found.lineEnd = lineEnd
    found.unit = inner.startsWith(outer) ? inner.slice(outer.length) : inner
  }
  if (node.kind === 'object')
    found.colon ??= oneLine(node.text.slice(node.members[0]!.keyEnd, first.start), ': ')
  const second = node.kind === 'object' ? node.members[1]?.start : children[1]?.start
  if (lineEnd === undefined && second !== undefined) {
    const between = node.text.slice(first.end, second)
    if (!LINE_BREAK.test(between)) found.comma ??= between.trimStart()
  }
}

function oneLine(text: string, otherwise: string): string {
  return LINE_BREAK.test(text) ? otherwise : text
}

function childrenOf(node: JsonNode): readonly JsonNode[] {
  if (node.kind === 'object') return node.members.map(({ value }) => value)
  return node.kind === 'array' ? node.items : []
}

/** A value of another document, or from another place of this one, for a line that is indented so. */
export function transplant(node: JsonNode, from: Layout, to: JsonStyle, indent: string): string {
  if (node.kind !== 'object' && node.kind !== 'array') return sourceOf(node)
  if (from.style === null || !isAlike(from.style, to)) return laidOut(node, to, indent)
  const old = from.indentAt(node.start)
  if (old === indent) return sourceOf(node)
  // A string has no line breaks, so each one is between values.
  return sourceOf(node).replace(LINE_BREAKS, (_, lineEnd: string, own: string) =>
    own.startsWith(old) ? lineEnd + indent + own.slice(old.length) : lineEnd + own,
  )
}

function isAlike(a: JsonStyle, b: JsonStyle): boolean {
  return a.lineEnd === b.lineEnd && a.unit === b.unit && a.colon === b.colon
}

/** Written anew, but for strings, numbers and keys. */
function laidOut(node: JsonNode, style: JsonStyle, indent: string): string {
  if (node.kind !== 'object' && node.kind !== 'array') return sourceOf(node)
  const inner = indent + style.unit
  const children =
    node.kind === 'array'
      ? node.items.map(item => laidOut(item, style, inner))
      : node.members.map(
          ({ start, keyEnd, value }) =>
            node.text.slice(start, keyEnd) + style.colon + laidOut(value, style, inner),
        )
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}']
  if (children.length === 0) return open + close
  if (style.lineEnd === null) return open + children.join(style.comma) + close
  const lineStart = style.lineEnd + inner
  return open + lineStart + children.join(`,${lineStart}`) + style.lineEnd + indent + close
}
