/**
 * Changes a list of patterns in the text of sync-config.json and nothing else: other fields, comments of
 * nobody's business, indentation, line ends, and single patterns that stay are left byte for byte.
 *
 * Expects strict JSON with one object, as parseSyncConfig has found it.
 */
import { applyEdits, modify, type Node, parseTree } from 'jsonc-parser'
import type { PatternList } from '../../engine/core/sync-config.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function setPatterns(text: string, list: PatternList, patterns: readonly string[]): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const source = text.slice(mark.length)
  const node = listNode(source, list)
  if (node === null) return patterns.length === 0 ? text : mark + withNewList(source, list, patterns)
  return mark + apply(source, editsOf(source, node, patterns))
}

function listNode(source: string, list: PatternList): Node | null {
  const property = parseTree(source)?.children?.find(({ children }) => children?.[0]?.value === list)
  const value = property?.children?.[1]
  return value?.type === 'array' ? value : null
}

function editsOf(source: string, node: Node, patterns: readonly string[]): Edit[] {
  const items = node.children ?? []
  const before = items.map(item => String(item.value))
  if (before.join('\n') === patterns.join('\n') && before.length === patterns.length) return []
  if (items.length === 0 || patterns.length === 0) {
    return [{ start: node.offset, end: node.offset + node.length, text: wholeList(source, node, patterns) }]
  }
  let same = 0
  while (same < before.length && same < patterns.length && before[same] === patterns[same]) same += 1
  let sameEnd = 0
  while (
    sameEnd < before.length - same &&
    sameEnd < patterns.length - same &&
    before[before.length - 1 - sameEnd] === patterns[patterns.length - 1 - sameEnd]
  )
    sameEnd += 1
  return middleEdits(source, node, items, patterns.slice(same, patterns.length - sameEnd), same, sameEnd)
}

/** Items `same` … `items.length - sameEnd` become `wanted`. */
function middleEdits(
  source: string,
  node: Node,
  items: readonly Node[],
  wanted: readonly string[],
  same: number,
  sameEnd: number,
): Edit[] {
  const old = items.slice(same, items.length - sameEnd)
  const written = wanted.map(pattern => JSON.stringify(pattern))
  const kept = Math.min(old.length, written.length)
  const edits: Edit[] = []
  for (let at = 0; at < kept; at++) {
    const item = old[at]!
    edits.push({ start: item.offset, end: endOf(item), text: written[at]! })
  }
  if (written.length > kept) edits.push(insertion(source, node, items, same + kept, written.slice(kept)))
  if (old.length > kept) edits.push(removal(items, same + kept, same + old.length))
  return edits
}

/** Before the item at `index`, or after the last one. */
function insertion(
  source: string,
  node: Node,
  items: readonly Node[],
  index: number,
  written: readonly string[],
): Edit {
  const separator = separatorOf(source, node, items)
  if (index < items.length) {
    const { offset } = items[index]!
    return { start: offset, end: offset, text: written.map(each => each + separator).join('') }
  }
  const end = endOf(items.at(-1)!)
  return { start: end, end, text: written.map(each => separator + each).join('') }
}

/** Items from `from` up to `to`, with the comma and the space that go with them; never all of them. */
function removal(items: readonly Node[], from: number, to: number): Edit {
  if (from > 0) return { start: endOf(items[from - 1]!), end: endOf(items[to - 1]!), text: '' }
  return { start: items[from]!.offset, end: items[to]!.offset, text: '' }
}

/** What stands between two items, comma included. */
function separatorOf(source: string, node: Node, items: readonly Node[]): string {
  const [first, second] = items
  if (first !== undefined && second !== undefined) return source.slice(endOf(first), second.offset)
  const lead = first === undefined ? '' : source.slice(node.offset + 1, first.offset)
  return `,${lead.includes('\n') ? lead : ' '}`
}

function wholeList(source: string, node: Node, patterns: readonly string[]): string {
  if (patterns.length === 0) return '[]'
  const lineStart = source.lastIndexOf('\n', node.offset) + 1
  const indent = /^[ \t]*/.exec(source.slice(lineStart))?.[0] ?? ''
  if (!source.includes('\n')) return JSON.stringify(patterns)
  const eol = source.includes('\r\n') ? '\r\n' : '\n'
  const step = indent === '' ? '  ' : indent
  const lines = patterns.map(pattern => `${indent}${step}${JSON.stringify(pattern)}`)
  return `[${eol}${lines.join(`,${eol}`)}${eol}${indent}]`
}

function withNewList(source: string, list: PatternList, patterns: readonly string[]): string {
  const indent = /\n([ \t]+)"/.exec(source)?.[1] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: source.includes('\r\n') ? '\r\n' : '\n',
  }
  return applyEdits(source, modify(source, [list], [...patterns], { formattingOptions }))
}

function apply(source: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: piece }) => text.slice(0, start) + piece + text.slice(end), source)
}

function endOf(node: Node): number {
  return node.offset + node.length
}
