import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { countWork } from '../../../test/support/work.ts'
import { type Change, diffLines } from './line-diff.ts'

function replay(base: readonly string[], side: readonly string[], changes: readonly Change[]): string[] {
  const out: string[] = []
  let at = 0
  for (const { baseStart, baseEnd, sideStart, sideEnd } of changes) {
    out.push(...base.slice(at, baseStart), ...side.slice(sideStart, sideEnd))
    at = baseEnd
  }
  return [...out, ...base.slice(at)]
}

test.each([
  ['abc', 'abc', []],
  ['abc', 'axc', [[1, 2, 1, 2]]],
  ['abc', 'abxc', [[2, 2, 2, 3]]],
  ['abc', 'ac', [[1, 2, 1, 1]]],
  ['', 'a', [[0, 0, 0, 1]]],
  [
    'abcdef',
    'xbcdey',
    [
      [0, 1, 0, 1],
      [5, 6, 5, 6],
    ],
  ],
  // Which b is the new one cannot be known, so both places count as changed.
  ['abc', 'abbc', [[1, 2, 1, 3]]],
])('%j to %j', (base, side, changes) => {
  const found = diffLines(base.split(''), side.split(''))
  expect(
    found.map(({ baseStart, baseEnd, sideStart, sideEnd }) => [baseStart, baseEnd, sideStart, sideEnd]),
  ).toEqual(changes)
})

test('R5 F8 the changes lead from the base to the side, with a common line between any two', () => {
  let changed = 0
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 40 })
  fc.assert(
    fc.property(lines, lines, (base, side) => {
      const changes = diffLines(base, side)
      changed += changes.length
      expect(replay(base, side, changes)).toEqual(side)
      for (const [at, { baseStart, sideStart }] of changes.entries()) {
        if (at === 0) continue
        expect(baseStart).toBeGreaterThan(changes[at - 1]!.baseEnd)
        expect(sideStart).toBeGreaterThan(changes[at - 1]!.sideEnd)
      }
    }),
    { numRuns: 3_000 },
  )
  expect(changed).toBeGreaterThan(3_000)
})

test('R5 where all lines differ from each other, only what changed counts as changed', () => {
  let seen = 0
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(200), { maxLength: 60 }),
      fc.infiniteStream(fc.nat(5)),
      (numbers, random) => {
        const base = numbers.map(String)
        const isKept = base.map(() => random.next().value > 0)
        const side = base.flatMap((line, at) =>
          isKept[at] ? [line] : random.next().value > 2 ? [] : [`new ${at}`],
        )
        const untouched = new Set(base.filter((_, at) => isKept[at]))
        for (const { baseStart, baseEnd } of diffLines(base, side)) {
          seen++
          expect(base.slice(baseStart, baseEnd).filter(line => untouched.has(line))).toEqual([])
        }
      },
    ),
    { numRuns: 1_000 },
  )
  expect(seen).toBeGreaterThan(500)
})

describe('F8 a hundred thousand lines', () => {
  const SIZE = 100_000
  /** Twice what it takes. Blocks. */
  const cases = [
    { name: 'edits in many places', most: 7_000_000 },
    { name: 'all of it in another order', most: 500_000_000 },
    { name: 'back to front', most: 22_000_000 },
    { name: 'few different lines', most: 80_000_000 },
    { name: 'nothing in common', most: 3_000_000 },
  ]
  let counts: readonly number[]

  beforeAll(async () => {
    counts = await countWork(`
      const { diffLines } = await load('engine/core/line-diff.ts')
      const base = Array.from({ length: ${SIZE} }, (_, at) => 'line ' + at)
      const scattered = base
        .map((line, at) => [(at * 7_919) % ${SIZE}, line])
        .sort(([a], [b]) => a - b)
        .map(([, line]) => line)
      const few = by => base.map((_, at) => String((at * at * by) % 7))
      const sides = [
        [base, base.flatMap((line, at) => (at % 50 === 0 ? ['new', line] : at % 31 === 0 ? [] : [line]))],
        [base, scattered],
        [base, base.toReversed()],
        [few(3), few(5)],
        [base, base.map(line => line + '!')],
      ]
      const replay = ${replay.toString()}
      count()
      for (const [base, side] of sides) {
        const changes = diffLines(base, side)
        count()
        counts.push(Number(replay(base, side, changes).join('\\n') === side.join('\\n')))
      }`)
  })

  test.each(cases.map(({ name, most }, at) => [name, most, at] as const))('%s', (_, most, at) => {
    const [steps, isRight] = counts.slice(1 + at * 2)
    expect(isRight).toBe(1)
    expect(steps).toBeLessThan(most)
  })
})
