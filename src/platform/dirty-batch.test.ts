import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DirtyBatch } from './dirty-batch.ts'

const TIMES = { joinMs: 5, trailMs: 70 }
let start: number
let reports: { at: number; paths: readonly string[] }[]
let batch: DirtyBatch

beforeEach(() => {
  vi.useFakeTimers()
  start = Date.now()
  reports = []
  batch = new DirtyBatch(paths => reports.push({ at: Date.now() - start, paths }), TIMES)
})

afterEach(() => vi.useRealTimers())

test('events within a few milliseconds become one report', () => {
  batch.add('a')
  vi.advanceTimersByTime(3)
  batch.add('b')
  batch.add('a')
  vi.advanceTimersByTime(2)
  expect(reports).toEqual([{ at: 5, paths: ['a', 'b'] }])
})

test('F2 a path is reported again once it has been quiet', () => {
  batch.add('a')
  vi.advanceTimersByTime(1_000)
  expect(reports).toEqual([
    { at: 5, paths: ['a'] },
    { at: 70, paths: ['a'] },
  ])
})

test('F2 each event moves the second look on', () => {
  batch.add('a')
  vi.advanceTimersByTime(40)
  batch.add('b')
  vi.advanceTimersByTime(20)
  batch.add('a')
  vi.advanceTimersByTime(1_000)
  expect(reports).toEqual([
    { at: 5, paths: ['a'] },
    { at: 45, paths: ['b'] },
    { at: 65, paths: ['a'] },
    { at: 110, paths: ['b'] },
    { at: 130, paths: ['a'] },
  ])
})

test('second looks that are due together are one report', () => {
  batch.add('a')
  vi.advanceTimersByTime(4)
  batch.add('b')
  vi.advanceTimersByTime(1_000)
  expect(reports).toEqual([
    { at: 5, paths: ['a', 'b'] },
    { at: 70, paths: ['a', 'b'] },
  ])
})

test('after clear nothing comes, and no timer is left', () => {
  batch.add('a')
  batch.clear()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1_000)
  expect(reports).toEqual([])
})
