import { expect, test } from 'vitest'
import { Restarts } from './restarts.ts'

const START = 1_000_000

test('R13.1 what has died comes back at once, and ever later where it only dies', () => {
  const restarts = new Restarts()
  const waits = Array.from({ length: 7 }, (_, index) => restarts.add(START + index * 1_000))
  expect(waits).toEqual([0, 1_000, 5_000, 15_000, 60_000, 60_000, 60_000])
})

test('R13.1 what has lived for a while counts as new', () => {
  const restarts = new Restarts()
  restarts.add(START)
  restarts.add(START + 1_000)
  expect(restarts.add(START + 600_000)).toBe(0)
  restarts.forget()
  expect(restarts.add(START + 600_001)).toBe(0)
})

test('the person hears of it once', () => {
  const restarts = new Restarts()
  const told = Array.from({ length: 8 }, (_, index) => {
    restarts.add(START + index)
    return restarts.areToBeTold
  })
  expect(told.filter(Boolean)).toHaveLength(1)
})
