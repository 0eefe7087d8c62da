/** A text as it is once its JSON escapes are undone, wherever they stand, and where each part of it comes from. */

export interface Unescaped {
  readonly text: string
  /** Where the character at `index` begins in the text that was given. */
  sourceOf(index: number): number
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Null where there are none. */
export function unescapeJson(source: string): Unescaped | null {
  const parts: string[] = []
  /** Behind each escape: how much of the result and of the source is over. */
  const results: number[] = []
  const sources: number[] = []
  let length = 0
  let end = 0
  for (const match of source.matchAll(ESCAPE)) {
    const [escape, code, short] = match
    const character = code === undefined ? (SHORT[short!] ?? short!) : String.fromCharCode(parseInt(code, 16))
    const plain = source.slice(end, match.index)
    parts.push(plain, character)
    length += plain.length + 1
    end = match.index + escape.length
    results.push(length)
    sources.push(end)
  }
  if (results.length === 0) return null
  const text = parts.join('') + source.slice(end)
  const sourceOf = (index: number): number => {
    const before = lastAtMost(results, index)
    if (before === -1) return Math.min(index, results[0]! - 1)
    const next = results[before + 1]
    // The character that an escape stands for begins where the escape does.
    const inPlain = sources[before]! + index - results[before]!
    return next === undefined ? inPlain : Math.min(inPlain, sources[before]! + next - 1 - results[before]!)
  }
  return { text, sourceOf }
}

/** The index of the last of these ascending numbers that is not above `value`; -1 where there is none. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
