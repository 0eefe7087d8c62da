/**
 * sync-config.json (design, section 1): strict JSON in, patterns with their lines out.
 *
 * The first fault ends it, with the place and a reason for a person. Unknown fields are none of ours, but one that
 * is nearly the name of one that we know is an error: files that were meant to be private would be shared.
 */
import { parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'
import { nearest } from './near-name.ts'
import { pathFault } from './path.ts'
import { MAX_PATTERNS_COST, patternCost, patternFault } from './patterns.ts'

export type PatternList = 'syncFilePatterns' | 'privateSyncFilePatterns'

export interface PatternEntry {
  readonly pattern: string
  /** Its place in the list, from 0. */
  readonly index: number
  /** In the file, from 1. */
  readonly line: number
}

/** Of all lists of a file together. */
const MAX_PATTERNS = 1_000
const CONFLICT_POLICIES = ['merge', 'union', 'ask', 'newest', 'local', 'remote'] as const

export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number]

export interface SyncConfig {
  readonly shared: readonly PatternEntry[]
  readonly private: readonly PatternEntry[]
  readonly contentRoot: string | null
  readonly conflictPolicy: readonly { readonly pattern: string; readonly policy: ConflictPolicy }[]
  /** Files that come and go, as in a queue: their deletes are never counted (R8.6). */
  readonly expectDeletes: readonly PatternEntry[]
  readonly maxFileBytes: number | null
}

/** `line` and `column` count from 1. */
export interface SyncConfigFault {
  readonly ok: false
  readonly line: number
  readonly column: number
  readonly reason: string
}

export type ParsedSyncConfig = { readonly ok: true; readonly config: SyncConfig } | SyncConfigFault

export function parseSyncConfig(text: string): ParsedSyncConfig {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text
  const places = placesIn(source)
  try {
    return { ok: true, config: readConfig(new PatternReader(places), readRoot(source)) }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, ...places(error.offset), reason: error.message }
    throw error
  }
}

/** The text of a new sync-config.json that shares the files of `patterns` and keeps those of `own` for the user. */
export function createSyncConfigText(patterns: readonly string[], own: readonly string[] = []): string {
  return `${JSON.stringify({ syncFilePatterns: patterns, privateSyncFilePatterns: own }, null, 2)}\n`
}

/** Never leaves this module. */
class Fault extends Error {
  readonly offset: number

  constructor(offset: number, reason: string) {
    super(reason)
    this.offset = offset
  }
}

type Fields = ReadonlyMap<string, Node>

const FIELDS = [
  'privateSyncFilePatterns',
  'syncFilePatterns',
  'contentRoot',
  'conflictPolicy',
  'expectDeletes',
  'maxFileBytes',
] as const

/** In characters; as a file it is at most so many bytes. */
const MOST_TEXT = 2 ** 20
/** The parser calls itself for each level. */
const MOST_LEVELS = 100

function readRoot(source: string): Fields {
  if (source.length > MOST_TEXT) throw new Fault(0, 'The file is larger than 1 MB.')
  requireShallow(source)
  if (source.trim() === '') throw new Fault(0, 'The file is empty; at least {} must be in it.')
  const errors: ParseError[] = []
  const root = parseTree(source, errors, { allowTrailingComma: false, disallowComments: true })
  const error = errors[0]
  if (error !== undefined) throw new Fault(error.offset, syntaxReason(error, source))
  requireStrictJson(source)
  if (root?.type !== 'object') throw new Fault(root?.offset ?? 0, 'The file must hold one object, { … }.')
  const fields = readFields(root)
  requireKnownNames(fields, root)
  return fields
}

/** Reads brackets and strings alone, so whatever else is wrong stays for the parser to tell. */
function requireShallow(source: string): void {
  let level = 0
  for (const { 0: token, index } of source.matchAll(/"(?:[^"\\\n]|\\.)*"?|[[{\]}]/g)) {
    if (token === '[' || token === '{') level += 1
    if (token === ']' || token === '}') level -= 1
    if (level > MOST_LEVELS) throw new Fault(index, `It is nested deeper than ${MOST_LEVELS} levels.`)
  }
}

function requireKnownNames(fields: Fields, root: Node): void {
  for (const property of root.children ?? []) {
    const name = property.children?.[0]
    const meant = name === undefined ? null : meantField(String(name.value))
    if (name === undefined || meant === null) continue
    const advice = fields.has(meant) ? `"${meant}" is there as well; remove this one` : `write "${meant}"`
    throw new Fault(name.offset, `"${name.value}" is no field that is known: ${advice}.`)
  }
}

/** The known field that an unknown one is nearly named like; null where there is none. */
function meantField(name: string): (typeof FIELDS)[number] | null {
  if (FIELDS.some(field => field === name)) return null
  // Whatever it is called: patterns of private files that are not heeded make these public.
  if (/private/i.test(name) && /pattern/i.test(name)) return 'privateSyncFilePatterns'
  return nearest(name, FIELDS)
}

/** What jsonc-parser lets pass and `JSON.parse` does not, other readers of this file would stumble over. */
function requireStrictJson(source: string): void {
  try {
    JSON.parse(source)
  } catch {
    throw new Fault(0, 'The file is not strict JSON.')
  }
}

function syntaxReason(error: ParseError, source: string): string {
  const code = printParseErrorCode(error.error)
  const found = source.slice(error.offset, error.offset + error.length)
  const reasons: Readonly<Record<string, string>> = {
    InvalidCommentToken: 'JSON has no comments.',
    PropertyNameExpected:
      found === '}' ? 'There is a comma before the "}".' : 'A name in double quotes is expected here.',
    ValueExpected: found === ']' ? 'There is a comma before the "]".' : 'A value is expected here.',
    ColonExpected: 'A ":" is expected here.',
    CommaExpected: 'A "," is expected here.',
    CloseBraceExpected: 'A "}" is missing.',
    CloseBracketExpected: 'A "]" is missing.',
    EndOfFileExpected: 'The JSON has ended, but something follows.',
    UnexpectedEndOfString: 'A string is not closed with a double quote on its line.',
    InvalidEscapeCharacter:
      'After a backslash only \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are allowed; patterns use "/".',
    InvalidUnicode: 'After \\u four hexadecimal digits must follow.',
    UnexpectedEndOfComment: 'JSON has no comments.',
    UnexpectedEndOfNumber: 'A number breaks off here.',
    InvalidNumberFormat: 'This is no number that JSON knows.',
    InvalidCharacter: 'A string has a control character in it.',
    InvalidSymbol: `${found} is not JSON; text needs double quotes.`,
  }
  return reasons[code] ?? `The file is not JSON (${code}).`
}

/** By name. A name that stands twice would be read differently by different programs. */
function readFields(object: Node): Fields {
  const fields = new Map<string, Node>()
  for (const property of object.children ?? []) {
    const [name, value] = property.children ?? []
    if (name === undefined || value === undefined) continue
    const key = String(name.value)
    if (fields.has(key)) throw new Fault(name.offset, `"${key}" stands twice; remove one of them.`)
    fields.set(key, value)
  }
  return fields
}

function readConfig(patterns: PatternReader, fields: Fields): SyncConfig {
  const contentRoot = fields.get('contentRoot')
  const maxFileBytes = fields.get('maxFileBytes')
  return {
    shared: patterns.list('syncFilePatterns', fields),
    private: patterns.list('privateSyncFilePatterns', fields),
    contentRoot: contentRoot === undefined ? null : readContentRoot(contentRoot),
    conflictPolicy: readList('conflictPolicy', fields).map(node => readConflictPolicy(patterns, node)),
    expectDeletes: patterns.list('expectDeletes', fields),
    maxFileBytes: maxFileBytes === undefined ? null : readMaxFileBytes(maxFileBytes),
  }
}

function readList(field: string, fields: Fields): readonly Node[] {
  const node = fields.get(field)
  if (node === undefined) return []
  if (node.type !== 'array')
    throw new Fault(node.offset, `"${field}" must be a list, [ … ], but is ${typeName(node)}.`)
  return node.children ?? []
}

/** All patterns of a file, in whichever list: together they are not too many, and not too much work for each path. */
class PatternReader {
  readonly #places: Places
  #count = 0
  #cost = 0

  constructor(places: Places) {
    this.#places = places
  }

  list(list: PatternList | 'expectDeletes', fields: Fields): PatternEntry[] {
    return readList(list, fields).map((node, index) => {
      const pattern = this.read(`"${list}"`, node)
      return { pattern, index, line: this.#places(node.offset).line }
    })
  }

  read(owner: string, node: Node): string {
    if (node.type !== 'string')
      throw new Fault(node.offset, `${owner} must hold patterns in double quotes, not ${typeName(node)}.`)
    this.#count += 1
    if (this.#count > MAX_PATTERNS)
      throw new Fault(node.offset, 'The file has more than 1,000 patterns; write fewer with wildcards.')
    const pattern = String(node.value)
    const fault = patternFault(pattern)
    if (fault !== null)
      throw new Fault(node.offset, `The pattern "${pattern}" in ${owner} cannot be used: ${fault}.`)
    this.#cost += patternCost(pattern)
    if (this.#cost > MAX_PATTERNS_COST) throw new Fault(node.offset, tooMuchWork(pattern, owner))
    return pattern
  }
}

function tooMuchWork(pattern: string, owner: string): string {
  return `With the pattern "${pattern}" in ${owner} all patterns together would be too much work for each file. Write fewer braces, ?, [ ] and parentheses; !( ) behind other characters costs most.`
}

function readContentRoot(node: Node): string {
  if (node.type !== 'string')
    throw new Fault(node.offset, `"contentRoot" must be text in double quotes, but is ${typeName(node)}.`)
  const folder = String(node.value).replace(/^\.\//, '').replace(/\/$/, '')
  const fault = pathFault(folder)
  if (fault !== null)
    throw new Fault(node.offset, `"contentRoot" must be a folder in the project, such as "data". ${fault}`)
  return folder
}

function readConflictPolicy(
  patterns: PatternReader,
  node: Node,
): { pattern: string; policy: ConflictPolicy } {
  const shape = '"conflictPolicy" must hold objects such as { "pattern": "data/**", "policy": "ask" }'
  if (node.type !== 'object') throw new Fault(node.offset, `${shape}, not ${typeName(node)}.`)
  const fields = readFields(node)
  const pattern = fields.get('pattern')
  const policy = fields.get('policy')
  if (pattern === undefined) throw new Fault(node.offset, `${shape}; "pattern" is missing here.`)
  if (policy === undefined) throw new Fault(node.offset, `${shape}; "policy" is missing here.`)
  const known = CONFLICT_POLICIES.find(name => name === policy.value)
  if (known === undefined)
    throw new Fault(policy.offset, `"policy" must be one of ${CONFLICT_POLICIES.join(', ')}.`)
  return { pattern: patterns.read('"conflictPolicy"', pattern), policy: known }
}

function readMaxFileBytes(node: Node): number {
  const bytes: unknown = node.value
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new Fault(node.offset, '"maxFileBytes" must be a whole number of bytes above 0.')
}

function typeName(node: Node): string {
  const names = {
    object: 'an object',
    array: 'a list',
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
  }
  return node.type === 'null' ? 'null' : node.type === 'property' ? 'a field' : names[node.type]
}

/** Where an offset is, both counted from 1. */
type Places = (offset: number) => { readonly line: number; readonly column: number }

function placesIn(source: string): Places {
  const starts = [0, ...Array.from(source.matchAll(/\r\n|\r|\n/g), ({ 0: end, index }) => index + end.length)]
  return offset => {
    let [line, after] = [0, starts.length]
    while (after - line > 1) {
      const middle = (line + after) >> 1
      if (starts[middle]! <= offset) line = middle
      else after = middle
    }
    return { line: line + 1, column: offset - starts[line]! + 1 }
  }
}
