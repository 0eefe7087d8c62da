import { expect, test } from 'vitest'
import { Losses } from './losses.ts'

test('R13.4 the third loss of a write over the same record is no race', () => {
  const losses = new Losses()
  expect([1, 2, 3, 4].map(() => losses.note('a', 'etag 1'))).toEqual([false, false, true, true])
  expect(losses.note('b', 'etag 1')).toBe(false)
  // Somebody else has written: a race.
  expect(losses.note('a', 'etag 2')).toBe(false)
  expect(losses.note('a', null)).toBe(false)
})

test('a write that was won begins anew', () => {
  const losses = new Losses()
  for (let loss = 0; loss < 3; loss++) losses.note('a', null)
  losses.forget('a')
  expect(losses.note('a', null)).toBe(false)
})
