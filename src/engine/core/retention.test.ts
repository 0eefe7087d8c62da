import { expect, test } from 'vitest'
import { isRepetition, surplus } from './retention.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Entries of so many minutes ago each, oldest first. */
function ages(now: number, ...minutes: readonly number[]): { id: number; life: number }[] {
  return minutes.map((minutesAgo, id) => ({ id, life: now - minutesAgo * MINUTE }))
}

/** How many minutes ago those were that stay, oldest first. */
function kept(now: number, ...minutes: readonly number[]): number[] {
  const entries = ages(now, ...minutes)
  const gone = new Set(surplus(entries, now))
  return entries.filter(entry => !gone.has(entry)).map(({ life }) => (now - life) / MINUTE)
}

const NOW = 40 * DAY

test.each`
  change                      | isRepeated
  ${{}}                       | ${true}
  ${{ life: DAY - 1 }}        | ${true}
  ${{ life: DAY }}            | ${false}
  ${{ digest: 'b' }}          | ${false}
  ${{ cause: 'overwritten' }} | ${false}
  ${{ version: 8 }}           | ${false}
  ${{ mtimeMs: null }}        | ${false}
`('R16 the same put aside again, but for $change: noted once $isRepeated', ({ change, isRepeated }) => {
  const last = { digest: 'a', cause: 'merged', version: 7, mtimeMs: 5, life: 0 }
  expect(isRepetition(last, { ...last, ...change })).toBe(isRepeated)
})

test('R16.4 all of the last hour stay', () => {
  expect(kept(NOW, 59, 58, 57, 3, 2, 1, 0)).toEqual([59, 58, 57, 3, 2, 1, 0])
})

test('R16.4 of each hour before it the last one stays', () => {
  expect(kept(NOW, 179, 150, 121, 119, 90, 61, 30)).toEqual([121, 61, 30])
})

test('R16.4 of each day before those the last one stays', () => {
  const [two, three] = [2 * 24 * 60, 3 * 24 * 60]
  expect(kept(NOW, three - 1, three - 700, two + 1, two - 1, two - 900, 5)).toEqual([two + 1, two - 900, 5])
})

test('R16.4 a file that changes every minute for a month leaves a few dozen', () => {
  const now = 31 * DAY
  let entries: { id: number; life: number }[] = []
  for (let hour = 0; hour < 31 * 24; hour++) {
    entries.push(...Array.from({ length: 60 }, (_, index) => ({ id: 0, life: hour * HOUR + index * MINUTE })))
    const gone = new Set(surplus(entries, (hour + 1) * HOUR))
    entries = entries.filter(entry => !gone.has(entry))
  }
  const last = (ms: number): number => entries.filter(({ life }) => life > now - ms).length
  expect([last(HOUR), last(DAY)]).toEqual([59, 59 + 24])
  expect(entries.length).toBeLessThan(59 + 24 + 31)
})

test('R16.4 what is thinned once is thinned: a second look takes nothing', () => {
  const entries = ages(NOW, ...Array.from({ length: 5_000 }, (_, index) => 5_000 - index))
  const gone = new Set(surplus(entries, NOW))
  const left = entries.filter(entry => !gone.has(entry))
  expect(gone.size).toBeGreaterThan(4_000)
  expect(surplus(left, NOW)).toEqual([])
})
