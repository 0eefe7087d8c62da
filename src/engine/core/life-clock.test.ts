import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, type LifeClock } from './life-clock.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR
const NOW = 1_800_000_000_000
const IN_2001 = 978_300_000_000

/** The life after these readings of the machine's clock. */
function lifeAfter(...walls: readonly number[]): number {
  return walls.reduce<LifeClock | null>(advance, null)!.life
}

test.each([
  ['the first reading', [NOW], 0],
  ['ordinary time', [NOW, NOW + HOUR, NOW + 5 * HOUR], 5 * HOUR],
  ['a machine that was off for a month', [NOW, NOW + 30 * DAY, NOW + 30 * DAY + HOUR], DAY + HOUR],
  ['40 days ahead', [NOW, NOW + 40 * DAY], DAY],
  ['40 days ahead for one start', [NOW, NOW + 40 * DAY, NOW + HOUR, NOW + 3 * HOUR], DAY + 2 * HOUR],
  [
    '60 days ahead again and again',
    [NOW, NOW + 60 * DAY, NOW, NOW + 60 * DAY, NOW + HOUR, NOW + 60 * DAY],
    DAY,
  ],
  [
    'hours of work with a clock that is 60 days ahead',
    [NOW, NOW + 60 * DAY, NOW + 60 * DAY + HOUR],
    DAY + HOUR,
  ],
  ['2001, and right again', [NOW, IN_2001, IN_2001 + HOUR, NOW + HOUR, NOW + 2 * HOUR], 3 * HOUR],
  ['2001 at each start', [NOW, IN_2001, NOW + HOUR, IN_2001, NOW + 2 * HOUR], 2 * HOUR],
  ['the first reading in 2001', [IN_2001, NOW, NOW + HOUR], DAY + HOUR],
  ['the first reading in 2099', [NOW + 70 * 365 * DAY, NOW, NOW + HOUR, NOW + 3 * HOUR], 3 * HOUR],
  ['a clock that goes to and fro by some hours', [NOW, NOW - 12 * HOUR, NOW, NOW - 12 * HOUR, NOW], 0],
])('R16.6 %s', (_name, walls, life) => {
  expect(lifeAfter(...walls)).toBe(life)
})

test('R16.6 readings within a minute need not be kept, and are not lost', () => {
  const first = advance(null, NOW)
  expect(advance(first, NOW + 59_000)).toBe(first)
  expect(advance(first, NOW - 59_000)).toBe(first)
  expect(advance(first, NOW + 61_000).life).toBe(61_000)
})

test('R16.6 no reading takes more than a day, and none gives any back', () => {
  const walls = fc.array(fc.integer({ min: 0, max: 2 * NOW }), { minLength: 2 })
  fc.assert(
    fc.property(walls, readings => {
      let before = advance(null, readings[0]!)
      for (const wall of readings.slice(1)) {
        const after = advance(before, wall)
        expect(after.life).toBeGreaterThanOrEqual(before.life)
        expect(after.life - before.life).toBeLessThanOrEqual(DAY)
        before = after
      }
    }),
  )
})
