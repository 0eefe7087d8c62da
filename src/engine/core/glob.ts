/**
 * One glob, as a test for whole paths and for the folders on the way to them.
 *
 * Braces are expanded first, so a glob is a list of alternatives; each is a list of names, in which `**`
 * stands for any number of folders. `a/**` means the files below `a`, never a file `a` itself. Names that
 * begin with a dot are like any other. Case matters on every OS, so that all machines agree.
 *
 * Own code instead of a glob library because the same structure answers three questions that must never
 * disagree (does the path match, can anything below this folder match, where do matches begin), and because
 * matching is bounded by pattern length times path length, whatever the pattern.
 */
import { ANY_NAME, compileName } from './glob-name.ts'
import type { NameTest } from './glob-name.ts'
import { join } from './tree.ts'

const MAX_ALTERNATIVES = 400
/** `*`, `+(…)` and `!(…)` in one name. Nobody means more, and each adds to the time of every match. */
const MAX_REPEATS = 10
/** In UTF-16 units. No file system here holds a longer one, and nothing matches it. */
export const MAX_NAME_LENGTH = 255

export interface Glob {
  matches(names: readonly string[]): boolean
  /** False only where no path below this folder can match. */
  mayContain(folder: readonly string[]): boolean
  /** True only where every path below this folder matches. */
  containsAll(folder: readonly string[]): boolean
  /** The folders without glob characters in which all matches lie, one for each alternative; '' is the project. */
  readonly bases: readonly string[]
}

type Alternative = readonly Part[]
type Part = NameTest | '**'

/** Expects a glob without fault. `withBelow`: what ends with a name alone stands for what lies below it, too. */
export function compileGlob(
  glob: string,
  { withBelow = false }: { readonly withBelow?: boolean } = {},
): Glob {
  const alternatives = [...new Set(expandBraces(withoutDotSlash(glob)))]
    .map(compileAlternative)
    .flatMap(parts => (withBelow && literalEnd(parts) !== null ? [parts, below(parts)] : [parts]))
  const covering = alternatives.filter(parts => parts.at(-2) === '**' && parts.at(-1) === ANY_NAME)
  const coveringHeads = covering.map(parts => parts.slice(0, -2))
  return {
    matches: names => alternatives.some(parts => matchesParts(parts, names)),
    mayContain: folder => alternatives.some(parts => mayMatchBelow(parts, folder)),
    containsAll: folder => coveringHeads.some(head => matchesSomeAncestor(head, folder)),
    bases: alternatives.map(baseOf),
  }
}

/** The paths that a glob names, where it names paths and nothing else; empty where it has wildcards. */
export function literalPaths(glob: string): string[] {
  const alternatives = [...new Set(expandBraces(withoutDotSlash(glob)))].map(compileAlternative)
  const isLiteral = alternatives.every(parts => parts.every(part => part !== '**' && part.literal !== null))
  return isLiteral ? alternatives.map(parts => join(baseOf(parts), literalEnd(parts)!)) : []
}

/**
 * How many steps one character of a path takes at most, in all alternatives together: states that are followed at once,
 * and for a negation behind something else, which is begun at each character, as many as a name has. Of a glob without fault.
 */
export function globCost(glob: string): number {
  const names = expandBraces(withoutDotSlash(glob)).flatMap(alternative => alternative.split('/'))
  return names.reduce((cost, name) => cost + nameCost(name), 0)
}

function nameCost(name: string): number {
  if (!/[?[(]/.test(name)) return name.split('*').length
  return name.lastIndexOf('!(') > 0 ? name.length * MAX_NAME_LENGTH : name.length
}

/** Why this is no glob that can be used, as a sentence for a person; null where it is one. */
export function globFault(glob: string): string | null {
  if (glob.includes('\\')) {
    return 'it has a backslash; use "/" between folders on every system, and [*] for a special character itself'
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f\u007f]/.test(glob)) return 'it has a control character'
  const body = withoutDotSlash(glob)
  if (body === '') return 'it is empty'
  if (body !== body.trim()) return 'it begins or ends with a space; write [ ] for one that is meant'
  const braces = bracesFault(body)
  if (braces !== null) return braces
  for (const alternative of expandBraces(body)) {
    const fault = syntaxFault(alternative) ?? componentsFault(alternative)
    if (fault !== null) return fault
  }
  return null
}

function withoutDotSlash(glob: string): string {
  return glob.startsWith('./') ? glob.slice(2) : glob
}

function componentsFault(alternative: string): string | null {
  if (alternative.startsWith('/') || /^[A-Za-z]:\//.test(alternative)) {
    return 'it is absolute; patterns are relative to the project, such as "data/**"'
  }
  if (alternative.endsWith('/')) return 'it ends with "/"; write "/**" for everything in a folder'
  for (const component of alternative.split('/')) {
    if (component === '') return 'it has an empty name, as between two "/"'
    const repeats = component.replace(/\[[^\]]*\]/g, '').match(/\*+|[+!](?=\()/g)?.length ?? 0
    if (repeats > MAX_REPEATS) return `it has more than ${MAX_REPEATS} wildcards in one name`
    if (component === '..' || component === '.')
      return `it has a "${component}" in it; patterns are relative to the project`
  }
  return null
}

/** Brackets and groups of one alternative. Each level of negation costs a factor of the name's length, so one is all. */
function syntaxFault(alternative: string): string | null {
  const open: ('group' | 'negation' | 'plain')[] = []
  for (let i = 0; i < alternative.length; i++) {
    const character = alternative[i]!
    const top = open.at(-1)
    if (character === '[') {
      const close = setEnd(alternative, i)
      const fault = close === -1 ? 'it has a "[" without its "]"' : setFault(alternative.slice(i, close))
      if (fault !== null) return fault
      i = close - 1
    } else if (character === '(') {
      const operator = alternative[i - 1] ?? ''
      const kind = operator === '!' ? 'negation' : /^[@?*+]$/.test(operator) ? 'group' : 'plain'
      if (kind === 'plain' && open.some(outer => outer !== 'plain'))
        return 'it has plain parentheses within a group'
      if (kind === 'negation' && open.includes('negation')) return 'it has a !(…) within a !(…)'
      open.push(kind)
    } else if (character === ')') open.pop()
    else if (character === '|' && top === 'plain')
      return 'it has a choice in plain parentheses; write @(a|b) or {a,b}'
    else if (character === '/' && open.some(kind => kind !== 'plain')) {
      return 'it has a "/" in parentheses; write {a/b,c} or two patterns'
    }
  }
  return open.some(kind => kind !== 'plain') ? 'it has a "(" without its ")"' : null
}

function setFault(set: string): string | null {
  if (set.includes('/')) return 'it has a "/" in brackets'
  if (set.includes('[:'))
    return `it has ${set.slice(0, 12)}…; write the characters themselves, such as [a-z0-9]`
  for (const [, low, high] of set.slice(1, -1).matchAll(/(.)-(.)/gsu)) {
    if (low!.codePointAt(0)! > high!.codePointAt(0)!)
      return `it has a range that runs backwards, ${low}-${high}`
  }
  return null
}

/** The index after the `]` of a set that begins at `start`; -1 where there is none. */
function setEnd(text: string, start: number): number {
  const negated = text[start + 1] === '!' || text[start + 1] === '^'
  return text.indexOf(']', start + (negated ? 3 : 2)) + 1 || -1
}

function bracesFault(text: string): string | null {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') i = Math.max(i, setEnd(text, i) - 1)
    else if (text[i] === '{') depth++
    else if (text[i] === '}' && depth > 0) depth--
  }
  if (depth > 0) return 'it has a "{" without its "}"'
  return expandBraces(text).length > MAX_ALTERNATIVES
    ? `its braces stand for more than ${MAX_ALTERNATIVES} patterns`
    : null
}

/** Stops at one more than the allowed number. A pair without a comma or a range stands for itself. */
function expandBraces(text: string, from = 0): string[] {
  const open = nextBrace(text, from)
  if (open === -1) return [text]
  const { end, choices } = readChoices(text, open)
  if (choices === null) return expandBraces(text, open + 1)
  const tails = expandBraces(text.slice(end))
  const expanded: string[] = []
  for (const choice of choices) {
    for (const head of expandBraces(choice)) {
      for (const tail of tails) expanded.push(text.slice(0, open) + head + tail)
      if (expanded.length > MAX_ALTERNATIVES) return expanded.slice(0, MAX_ALTERNATIVES + 1)
    }
  }
  return expanded
}

function nextBrace(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '[') i = Math.max(i, setEnd(text, i) - 1)
    else if (text[i] === '{') return i
  }
  return -1
}

function readChoices(text: string, open: number): { end: number; choices: string[] | null } {
  const commas: number[] = []
  let braces = 0
  let parentheses = 0
  for (let i = open; i < text.length; i++) {
    const character = text[i]
    if (character === '[') i = Math.max(i, setEnd(text, i) - 1)
    else if (character === '{') braces++
    else if (character === '(') parentheses++
    else if (character === ')') parentheses--
    else if (character === ',' && braces === 1 && parentheses === 0) commas.push(i)
    else if (character === '}' && --braces === 0) {
      if (commas.length === 0) return { end: i + 1, choices: readRange(text.slice(open + 1, i)) }
      const edges = [open, ...commas, i]
      return { end: i + 1, choices: edges.slice(1).map((edge, index) => text.slice(edges[index]! + 1, edge)) }
    }
  }
  return { end: text.length, choices: null }
}

/** `1..12`, `01..12` (all of one width) or `a..f`; null where it is no range. May be one too long. */
function readRange(text: string): string[] | null {
  const numbers = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text)
  if (numbers !== null) {
    const width =
      /^0\d/.test(numbers[1]!) || /^0\d/.test(numbers[2]!)
        ? Math.max(numbers[1]!.length, numbers[2]!.length)
        : 0
    return countTo(Number(numbers[1]), Number(numbers[2])).map(number => String(number).padStart(width, '0'))
  }
  const letters = /^([a-z])\.\.([a-z])$|^([A-Z])\.\.([A-Z])$/.exec(text)
  if (letters === null) return null
  const [low, high] = [letters[1] ?? letters[3]!, letters[2] ?? letters[4]!]
  return countTo(low.charCodeAt(0), high.charCodeAt(0)).map(code => String.fromCharCode(code))
}

function countTo(first: number, last: number): number[] {
  const length = Math.min(Math.abs(last - first), MAX_ALTERNATIVES) + 1
  return Array.from({ length }, (_, index) => (first <= last ? first + index : first - index))
}

function compileAlternative(alternative: string): Alternative {
  const parts: Part[] = alternative.split('/').map(source => (source === '**' ? '**' : compileName(source)))
  // Files below, so at least one name more; this makes `a/**` and a walk that starts in `a` agree.
  if (parts.at(-1) === '**') parts.push(ANY_NAME)
  return parts
}

/**
 * Going back to the last `**` alone is enough: what the ones before it have taken could only be extended
 * by what this one takes anyway.
 */
function matchesParts(parts: Alternative, names: readonly string[]): boolean {
  let part = 0
  let name = 0
  let lastStars = -1
  let nameAtStars = 0
  while (name < names.length) {
    const current = parts[part]
    if (current === '**') {
      lastStars = part++
      nameAtStars = name
    } else if (current !== undefined && current.matches(names[name]!)) {
      part++
      name++
    } else if (lastStars !== -1) {
      part = lastStars + 1
      name = ++nameAtStars
    } else return false
  }
  while (parts[part] === '**') part++
  return part === parts.length
}

function literalEnd(parts: Alternative): string | null {
  const last = parts.at(-1)
  return last === undefined || last === '**' ? null : last.literal
}

function below(parts: Alternative): Alternative {
  return [...parts, '**', ANY_NAME]
}

function mayMatchBelow(parts: Alternative, folder: readonly string[]): boolean {
  for (const [index, name] of folder.entries()) {
    const part = parts[index]
    if (part === '**') return true
    if (part === undefined || !part.matches(name)) return false
  }
  return parts.length > folder.length
}

/** Whether the head matches the folder, or one that it lies in. */
function matchesSomeAncestor(head: Alternative, folder: readonly string[]): boolean {
  return Array.from({ length: folder.length + 1 }, (_, length) => folder.slice(0, length)).some(ancestor =>
    matchesParts(head, ancestor),
  )
}

function baseOf(parts: Alternative): string {
  const names: string[] = []
  for (const part of parts.slice(0, -1)) {
    if (part === '**' || part.literal === null) break
    names.push(part.literal)
  }
  return names.join('/')
}
