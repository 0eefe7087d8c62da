/** Texts that call themselves JSON, through the merge (R5): it ends, throws nothing, and never makes what is none. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeJson } from '../../src/engine/core/merge-json.ts'
import { times } from '../support/long.ts'

const RUNS = times({ short: 1_000, long: 100_000 })

const ODD = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\n',
  '\ufeff',
  '//x',
  '/**/',
  '1e400',
  '-0',
  '1.0',
  '12345678901234567890',
  '0.1e-400',
  '"\\ud800"',
  '"__proto__":1,',
  '"a":1,"a":2,',
  '"constructor":{},',
  'null',
  'NaN',
  '\u2028',
  '😀',
  '[['.repeat(50),
  '{"a":'.repeat(300),
]
const document = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 4 }) },
  {
    weight: 2,
    arbitrary: fc
      .jsonValue({ maxDepth: 4 })
      .map(value => JSON.stringify({ a: value, list: [1, value, { id: 1, value }] }, null, 2)),
  },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...ODD), { maxLength: 8 }).map(parts => parts.join('')) },
  { weight: 1, arbitrary: fc.nat(1_200).map(depth => `${'['.repeat(depth)}1${']'.repeat(depth)}`) },
)

/** Of one text: a value that is another one, a piece that goes, one that comes. */
function edited(text: string, random: number): string {
  const at = random % (text.length + 1)
  const piece = ODD[random % ODD.length]!
  switch (random % 6) {
    case 0:
      return text
    case 1:
      return text.replace(/\d+/, String(random))
    case 2:
      return text.replace(/"([^"\\]*)"/, `"$1${random}"`)
    case 3:
      return text.slice(0, at) + text.slice(at + (random % 7))
    case 4:
      return text.slice(0, at) + piece + text.slice(at)
    default:
      return text.replace(/[}\]]\s*$/, end => `,"new${random}":${random}${end}`)
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''))
    return true
  } catch {
    return false
  }
}

test('R5 whatever three texts there are', () => {
  const seen = { merged: 0, conflict: 0, made: 0, whole: 0, notJson: 0 }
  fc.assert(
    fc.property(document, fc.nat(), fc.nat(), fc.option(document, { freq: 8 }), (base, a, b, other) => {
      const texts = { base: other === null ? base : other, local: edited(base, a), remote: edited(base, b) }
      const result = mergeJson(texts)
      const swapped = mergeJson({ base: texts.base, local: texts.remote, remote: texts.local })
      seen[result.kind]++
      expect(swapped.kind).toBe(result.kind)
      const made = result.kind === 'merged' ? result.text : result.rest
      // A conflict of the whole file makes nothing.
      if (made === null) return void seen.whole++
      const isOneOfThem = Object.values(texts).includes(made)
      if (!isOneOfThem) {
        seen.made++
        expect(isJson(made)).toBe(true)
      }
      if (!isJson(texts.local) || !isJson(texts.remote)) {
        seen.notJson++
        // A side that does not parse is never merged.
        expect(isOneOfThem).toBe(true)
      }
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 100)
})
