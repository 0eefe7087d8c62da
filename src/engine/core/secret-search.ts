/** The search that lets clean files pass the secret scan (R10.12): once over the bytes, with no text made of them. */
import { SECRET_KINDS, type SecretKind, type SecretMark } from './secret-kinds.ts'

/** A printable ASCII character that is written as an escape in JSON could be part of a literal. */
const ESCAPED_ASCII: SecretMark = {
  literal: '\\u00',
  mayGoOn: (bytes, at) => bytes[at]! >= 0x32 && bytes[at]! <= 0x37,
}

const KINDS: readonly SecretKind[] = Object.values(SECRET_KINDS)
const MARKS: ReadonlySet<SecretMark> = new Set([...KINDS.flatMap(({ marks }) => marks), ESCAPED_ASCII])

/** Two neighbouring characters of a literal, and where in it they are. */
interface Pair {
  readonly mark: SecretMark
  readonly offset: number
}

/** Letters of English, the rarest first, and the space. */
const CHARACTERS = 'zqxjkvbpygfwmucldrhsnioate '
/** All else is as rare in texts and JSON. */
const OTHERS_RANK = 5

/** The literals by the rarest of their pairs: that is what the bytes are searched for. */
const BY_PAIR = new Map<number, readonly Pair[]>()
/** Whether there are any: nearly all bytes of a text pass by this table. */
const IS_PAIR = new Uint8Array(1 << 16)
for (const mark of MARKS) {
  const offset = rarestPair(mark.literal)
  for (const first of spellings(mark, offset)) {
    for (const second of spellings(mark, offset + 1)) {
      const pair = (first << 8) | second
      BY_PAIR.set(pair, [...(BY_PAIR.get(pair) ?? []), { mark, offset }])
      IS_PAIR[pair] = 1
    }
  }
}

function spellings({ literal, ignoresCase = false }: SecretMark, index: number): Set<number> {
  const character = literal[index]!
  const cases = ignoresCase ? [character.toLowerCase(), character.toUpperCase()] : [character]
  return new Set(cases.map(each => each.charCodeAt(0)))
}

function rarestPair(literal: string): number {
  const offsets = Array.from({ length: literal.length - 1 }, (_, offset) => offset)
  const frequency = (offset: number): number =>
    commonness(literal[offset]!) * commonness(literal[offset + 1]!)
  return offsets.reduce((best, offset) => (frequency(offset) < frequency(best) ? offset : best), 0)
}

function commonness(character: string): number {
  const rank = CHARACTERS.indexOf(character)
  return rank === -1 ? OTHERS_RANK : rank + 1
}

/** UTF-16, by its byte order mark: null for all else. */
export function wideOrder(bytes: Uint8Array): 'little' | 'big' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'little'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'big' : null
}

/** False only where no rule finds anything, in the text as it is nor in the values of its JSON. */
export function mayHoldSecret(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  if (from === 0 && wideOrder(bytes) !== null) return true
  let previous = bytes[from] ?? 0
  for (let index = from + 1; index < to; index += 1) {
    const byte = bytes[index]!
    const pair = (previous << 8) | byte
    previous = byte
    if (IS_PAIR[pair] === 1 && isAnyAt(bytes, index - 1, BY_PAIR.get(pair)!)) return true
  }
  return false
}

function isAnyAt(bytes: Uint8Array, at: number, pairs: readonly Pair[]): boolean {
  for (const { mark, offset } of pairs) if (isAt(bytes, at - offset, mark)) return true
  return false
}

function isAt(bytes: Uint8Array, at: number, { literal, ignoresCase = false, mayGoOn }: SecretMark): boolean {
  for (let index = 0; index < literal.length; index += 1) {
    const byte = bytes[at + index]
    const wanted = literal.charCodeAt(index)
    if (byte !== wanted && !(ignoresCase && lowerCase(byte) === lowerCase(wanted))) return false
  }
  return mayGoOn?.(bytes, at + literal.length) ?? true
}

function lowerCase(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 65 && byte <= 90 ? byte | 0x20 : byte
}
