/** Globs of whatever characters: refused with a reason, or three answers that never disagree (R15.9). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePatterns, patternCost, patternFault } from '../../src/engine/core/patterns.ts'
import { isWithin, parentOf } from '../../src/engine/core/tree.ts'
import { times } from '../support/long.ts'
import { hostilePath } from './names.ts'

const RUNS = times({ short: 1_000, long: 100_000 })

const TOKENS = [
  'a',
  'b',
  'data',
  '.',
  '*',
  '**',
  '/',
  '/',
  '/**/',
  '?',
  '[ab]',
  '[!a]',
  '[]]',
  '[',
  ']',
  '{a,b}',
  '{1..3}',
  '{',
  ',',
  '}',
  '(',
  ')',
  '|',
  '@(a|b)',
  '?(a)',
  '+(ab)',
  '*(b)',
  '!(a)',
  '!',
  '\\',
  ' ',
  '-',
  '^',
  '#',
  '日',
  '😀',
  '\u202e',
  '\ud83d',
  '\n',
]
const glob = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 12 })
      .map(parts => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 220 }) },
  { weight: 1, arbitrary: fc.constantFrom('**', 'data/**', '**/*.md', '*') },
)
const path = fc.oneof(
  { weight: 2, arbitrary: hostilePath },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom('a', 'b', 'ab', 'data', '日', 'x.md'), { minLength: 1, maxLength: 4 })
      .map(names => names.join('/')),
  },
)

test('R15.9 none throws, and what matches lies where it may', () => {
  const seen = { refused: 0, matched: 0, not: 0 }
  fc.assert(
    fc.property(glob, fc.array(path, { minLength: 1, maxLength: 5 }), (text, paths) => {
      const fault = patternFault(text)
      if (fault !== null) {
        expect(fault).toMatch(/^(?:it|its) /)
        return void seen.refused++
      }
      expect(patternCost(text)).toBeGreaterThan(0)
      // A negation alone takes out of nothing.
      const isNegation = text.startsWith('!') && text[1] !== '('
      const set = compilePatterns(isNegation ? [text, '**'] : [text])
      for (const each of paths) {
        const { matched } = set.match(each)
        seen[matched ? 'matched' : 'not']++
        if (!matched) continue
        expect(set.bases.some(base => isWithin(base, parentOf(each)))).toBe(true)
        for (let folder = parentOf(each); folder !== ''; folder = parentOf(folder))
          if (!set.mayContain(folder)) expect.fail(`${folder} may hold nothing`)
      }
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 20)
})
