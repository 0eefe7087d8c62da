import { expect, test } from 'vitest'
import { CrashCount } from './crash-count.ts'

test('a page that does nothing but crash is not loaded again', () => {
  const crashes = new CrashCount()
  expect([0, 1_000, 2_000, 3_000].map(now => crashes.add(now))).toEqual([true, true, true, false])
  crashes.forget()
  expect(crashes.add(4_000)).toBe(true)
})

test('one that crashes now and then is', () => {
  const crashes = new CrashCount()
  const times = Array.from({ length: 20 }, (_, index) => index * 30_000)
  expect(times.every(now => crashes.add(now))).toBe(true)
})
