/**
 * Whether a text that was merged by lines is still what the programs that read it take (R5): YAML, TOML, a document
 * on each line, JSON with comments, and the front matter of Markdown.
 *
 * Two changes that lie lines apart can both be right and together be none: a key added above and again below, a
 * bracket that one side moved. Nothing is asked of a merge of texts that their own readers refuse (templates, say).
 */
import { type Node, type ParseError, parseTree } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { isAlias, isMap, isNode, isPair, isScalar, parseAllDocuments, visit } from 'yaml'
import { isJson } from './json-tree.ts'

/** How often the keys that a text has more than once are there too often, by their paths. */
type SurplusKeys = ReadonlyMap<string, number>

/** Null where the text is refused. */
type Reader = (text: string) => SurplusKeys | null

const NONE: SurplusKeys = new Map()

const READERS: readonly { readonly name: RegExp; readonly read: Reader }[] = [
  { name: /\.ya?ml$/i, read: readYaml },
  { name: /\.toml$/i, read: readToml },
  { name: /\.(?:jsonl|ndjson)$/i, read: readJsonLines },
  { name: /\.(?:jsonc|json5|code-workspace|code-snippets)$/i, read: readJsonc },
  { name: /\.(?:md|markdown|mdx|mdc|mdown|mkd|qmd|rmd)$/i, read: readFrontMatter },
]

interface LineMerge {
  readonly path: string
  readonly base: string | null
  readonly local: string
  readonly remote: string
  readonly merged: string
}

/** Whether the merge made a text that is refused, or has a key twice, of two that are read without either. */
export function isUnreadable({ path, base, local, remote, merged }: LineMerge): boolean {
  const read = READERS.find(({ name }) => name.test(path))?.read
  if (read === undefined || merged === local || merged === remote) return false
  const keys = read(merged)
  if (keys?.size === 0) return false
  const [ours, theirs] = [read(local), read(remote)]
  if (ours === null || theirs === null) return false
  if (keys === null) return true
  const before = base === null ? null : read(base)
  return [...keys].some(([key, times]) => times > mostOf(key, { before, ours, theirs }))
}

/** How often a key may be there too often: what one side has ended, the other one's text brings back nowhere. */
function mostOf(
  key: string,
  { before, ours, theirs }: Record<'ours' | 'theirs', SurplusKeys> & { readonly before: SurplusKeys | null },
): number {
  const [local, remote] = [ours.get(key) ?? 0, theirs.get(key) ?? 0]
  const most = Math.max(local, remote)
  return before === null || local === remote ? most : Math.min(most, local + remote - (before.get(key) ?? 0))
}

function readYaml(text: string): SurplusKeys | null {
  // The library's own check of keys compares each with each.
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })
  if (!Array.isArray(documents)) return NONE
  const surplus = new Map<string, number>()
  for (const document of documents) {
    if (document.errors.length > 0) return null
    const anchors = new Set<string>()
    let isWhole = true
    visit(document, (_, node, path) => {
      if (isAlias(node)) isWhole &&= anchors.has(node.source)
      else if (isNode(node) && node.anchor !== undefined) anchors.add(node.anchor)
      if (isMap(node)) {
        const above = path.flatMap(step => (isPair(step) ? [keyText(step.key)] : [])).join('/')
        addSurplus(
          surplus,
          above,
          node.items.map(({ key }) => keyText(key)),
        )
      }
    })
    if (!isWhole) return null
  }
  return surplus
}

/** Keys that are no scalars are told apart by nothing, and never the same. */
function keyText(key: unknown): string {
  return isScalar(key) ? `${typeof key.value} ${JSON.stringify(String(key.value))}` : ''
}

function addSurplus(surplus: Map<string, number>, above: string, keys: readonly string[]): void {
  const seen = new Set<string>()
  for (const key of keys) {
    if (key === '') continue
    const path = `${above}/${key}`
    if (seen.has(key)) surplus.set(path, (surplus.get(path) ?? 0) + 1)
    seen.add(key)
  }
}

function readToml(text: string): SurplusKeys | null {
  try {
    // Its integers have 64 bits.
    parseToml(text.replace(/^\ufeff/, ''), { integersAsBigInt: true })
    return NONE
  } catch {
    return null
  }
}

function readJsonLines(text: string): SurplusKeys | null {
  return text.split(/\r\n|\n|\r/).every(line => line.trim() === '' || isJson(line)) ? NONE : null
}

function readJsonc(text: string): SurplusKeys | null {
  const errors: ParseError[] = []
  const root = parseTree(text.replace(/^\ufeff/, ''), errors, { allowTrailingComma: true })
  if (errors.length > 0) return null
  const surplus = new Map<string, number>()
  const open: { readonly node: Node; readonly above: string }[] =
    root === undefined ? [] : [{ node: root, above: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, above } = next
    const members = node.type === 'object' ? (node.children ?? []) : []
    const keys = members.map(({ children }) => JSON.stringify(children?.[0]?.value))
    addSurplus(surplus, above, keys)
    for (const [at, { children }] of members.entries())
      if (children?.[1] !== undefined) open.push({ node: children[1], above: `${above}/${keys[at]}` })
    if (node.type === 'array') for (const child of node.children ?? []) open.push({ node: child, above })
  }
  return surplus
}

/** By the line above and below it. */
const FRONT_MATTER = [
  { opens: /^\ufeff?---[ \t]*(?:\r\n|\n|\r)/, closes: /^(?:---|\.\.\.)[ \t]*$/m, read: readYaml },
  { opens: /^\ufeff?\+\+\+[ \t]*(?:\r\n|\n|\r)/, closes: /^\+\+\+[ \t]*$/m, read: readToml },
]

function readFrontMatter(text: string): SurplusKeys | null {
  for (const { opens, closes, read } of FRONT_MATTER) {
    const start = opens.exec(text)?.[0].length
    const rest = start === undefined ? '' : text.slice(start)
    const end = closes.exec(rest)?.index
    if (end !== undefined) return read(rest.slice(0, end))
  }
  return NONE
}
