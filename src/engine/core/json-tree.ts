/**
 * A JSON text as a tree of places in that text, so that it can be changed without being written anew.
 *
 * Only what is JSON to the letter is read, and only where the tree says all that the text says: a key that
 * is there twice, or a number that a double cannot hold, means something that a merge by values would lose, unless
 * no side has touched it.
 * `JSON.parse` judges the text; what it lets pass needs no second checking here.
 */
import type { JsonFault } from './merge-result.ts'

export type JsonNode = JsonObject | JsonArray | JsonScalar

/** In UTF-16 units of `text`, the whole document it stands in. */
interface JsonPlace {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface JsonObject extends JsonPlace {
  readonly kind: 'object'
  /** In the text's order. */
  readonly members: readonly JsonMember[]
}

export interface JsonMember {
  readonly key: string
  /** The key, but for one that the object has again: then a name of its own, the same in each version. */
  readonly slot: string
  /** Of the key, with its quotes. */
  readonly start: number
  readonly keyEnd: number
  readonly value: JsonNode
}

export interface JsonArray extends JsonPlace {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
}

export interface JsonScalar extends JsonPlace {
  readonly kind: 'string' | 'number' | 'word'
}

/** Levels of objects and arrays, beyond which nothing is merged by structure. */
const MAX_DEPTH = 500

class FaultFound extends Error {
  readonly fault: JsonFault

  constructor(fault: JsonFault) {
    super(fault)
    this.fault = fault
  }
}

/** What means more than the tree says: a member whose key its object has twice, or a number. */
export interface Unclear {
  readonly fault: 'duplicate-key' | 'imprecise-number'
  readonly key: string | null
  readonly value: JsonNode
}

/**
 * The root of the tree. A byte order mark before it is no part of it. What is unclear is a fault, or is put into the
 * list that is given for it.
 */
export function readJson(text: string, unclear: Unclear[] | null = null): JsonNode | JsonFault {
  if (!isJson(text)) return 'not-json'
  try {
    return new Reader(text, markLength(text), unclear).value(0)
  } catch (error) {
    if (error instanceof FaultFound) return error.fault
    throw error
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text.slice(markLength(text)))
    return true
  } catch {
    return false
  }
}

/** Of a byte order mark. */
function markLength(text: string): number {
  return text.startsWith('\ufeff') ? 1 : 0
}

export function sourceOf(node: JsonNode): string {
  return node.text.slice(node.start, node.end)
}

/** The value of a string or the key of a member, from its text with the quotes. */
export function unquote(source: string): string {
  return source.includes('\\') ? (JSON.parse(source) as string) : source.slice(1, -1)
}

/** Of a text that is known to be JSON. */
class Reader {
  readonly #text: string
  readonly #unclear: Unclear[] | null
  #at: number

  constructor(text: string, start: number, unclear: Unclear[] | null) {
    this.#text = text
    this.#unclear = unclear
    this.#at = start
  }

  value(depth: number): JsonNode {
    this.#skipSpace()
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_OBJECT:
        return this.#object(depth + 1)
      case OPEN_ARRAY:
        return this.#array(depth + 1)
      case QUOTE: {
        const start = this.#at
        this.#skipString()
        return { kind: 'string', text: this.#text, start, end: this.#at }
      }
      default:
        return this.#numberOrWord()
    }
  }

  #object(depth: number): JsonObject {
    const start = this.#enter(depth)
    const members: JsonMember[] = []
    while (!this.#leaves(CLOSE_OBJECT)) {
      const keyStart = this.#at
      this.#skipString()
      const keyEnd = this.#at
      this.#skipSpace()
      this.#at++ // the colon
      const key = unquote(this.#text.slice(keyStart, keyEnd))
      members.push({ key, slot: slotOf(key, 0), start: keyStart, keyEnd, value: this.value(depth) })
    }
    const own = hasTwice(members) ? this.#withSlots(members) : members
    return { kind: 'object', text: this.#text, start, end: this.#at, members: own }
  }

  #withSlots(members: readonly JsonMember[]): JsonMember[] {
    const counts = new Map<string, number>()
    const own = members.map(member => {
      const before = counts.get(member.key) ?? 0
      counts.set(member.key, before + 1)
      return { ...member, slot: slotOf(member.key, before) }
    })
    for (const { key, value } of own) if (counts.get(key)! > 1) this.#note('duplicate-key', key, value)
    return own
  }

  #note(fault: Unclear['fault'], key: string | null, value: JsonNode): void {
    if (this.#unclear === null) throw new FaultFound(fault)
    this.#unclear.push({ fault, key, value })
  }

  #array(depth: number): JsonArray {
    const start = this.#enter(depth)
    const items: JsonNode[] = []
    while (!this.#leaves(CLOSE_ARRAY)) items.push(this.value(depth))
    return { kind: 'array', text: this.#text, start, end: this.#at, items }
  }

  #enter(depth: number): number {
    if (depth > MAX_DEPTH) throw new FaultFound('too-deep')
    return this.#at++
  }

  /** Steps over a comma to what follows, or over the closing bracket. */
  #leaves(close: number): boolean {
    this.#skipSpace()
    const code = this.#text.charCodeAt(this.#at)
    if (code === close || code === COMMA) this.#at++
    if (code === COMMA) this.#skipSpace()
    return code === close
  }

  #numberOrWord(): JsonScalar {
    const start = this.#at
    const text = this.#text
    let hasDigitsOnly = true
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (!isWordCode(code)) break
      hasDigitsOnly &&= isDigit(code)
    }
    const isNumber = text.charCodeAt(start) < LETTERS
    const isSafe = hasDigitsOnly && this.#at - start <= SAFE_DIGITS
    const word: JsonScalar = { kind: isNumber ? 'number' : 'word', text, start, end: this.#at }
    if (isNumber && !isSafe && !isExact(sourceOf(word))) this.#note('imprecise-number', null, word)
    return word
  }

  #skipString(): void {
    let end = this.#text.indexOf('"', this.#at + 1)
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1)
    this.#at = end + 1
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++
  }
}

/** No two members of one object have the same. A key that begins as these names do gets one as well. */
function slotOf(key: string, before: number): string {
  return before === 0 && !key.startsWith('\0') ? key : `\0${before}:${key}`
}

/** The key to which a slot belongs. */
export function keyOf(slot: string): string {
  return slot.startsWith('\0') ? slot.slice(slot.indexOf(':') + 1) : slot
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** Digits and signs lie below. */
const LETTERS = 0x41

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function isWordCode(code: number): boolean {
  return !isSpace(code) && code !== COMMA && code !== CLOSE_ARRAY && code !== CLOSE_OBJECT
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === BACKSLASH) before--
  return ((at - before) & 1) === 1
}

/** An integer with so many is below 2^53. */
const SAFE_DIGITS = 15

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Up to this many keys are compared with each other; more are put into a set. */
const FEW_KEYS = 8

function hasTwice(members: readonly JsonMember[]): boolean {
  if (members.length > FEW_KEYS) return new Set(members.map(({ key }) => key)).size < members.length
  return members.some(({ key }, at) => members.findIndex(other => other.key === key) < at)
}

/** Whether a double holds exactly the number that is written, and is written as it again; -0 is not. */
export function isExact(source: string): boolean {
  const value = Number(source)
  if (!Number.isFinite(value) || Object.is(value, -0)) return false
  const shortest = String(value)
  return shortest === source || decimal(shortest) === decimal(source)
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** One spelling for each decimal number: sign, digits without zeros around them, power of ten. */
export function decimal(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(source)!
  const leading = (whole + fraction).replace(/^0+/, '')
  const digits = leading.replace(/0+$/, '')
  if (digits === '') return `${sign}0`
  return `${sign}${digits}e${Number(exponent) - fraction.length + (leading.length - digits.length)}`
}
