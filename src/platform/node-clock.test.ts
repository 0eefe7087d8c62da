import { afterEach, expect, test, vi } from 'vitest'
import { nodeClock } from './node-clock.ts'

// oxlint-disable-next-line no-restricted-properties -- it is what is tested, while the test owns the time
const sleep: typeof nodeClock.sleep = (ms, signal) => nodeClock.sleep(ms, signal)

afterEach(() => vi.useRealTimers())

test('sleep ends after its time', async () => {
  vi.useFakeTimers()
  const ended = vi.fn()
  const sleeping = sleep(1_000).then(ended)
  await vi.advanceTimersByTimeAsync(999)
  expect(ended).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await sleeping
  expect(ended).toHaveBeenCalledOnce()
})

test('sleep ends at once when aborted, before or meanwhile, and keeps nothing alive', async () => {
  vi.useFakeTimers()
  const abort = new AbortController()
  const sleeping = sleep(60_000, abort.signal)
  expect(vi.getTimerCount()).toBe(1)
  abort.abort()
  await sleeping
  await sleep(60_000, abort.signal)
  expect(vi.getTimerCount()).toBe(0)
})

test('a sleep that is longer than any timer does not end at once', async () => {
  vi.useFakeTimers()
  const ended = vi.fn()
  void sleep(Number.MAX_SAFE_INTEGER).then(ended)
  await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000)
  expect(ended).not.toHaveBeenCalled()
})

test('yield lets timers and I/O take their turn', async () => {
  const order: string[] = []
  setImmediate(() => order.push('other work'))
  await nodeClock.yield()
  order.push('after the yield')
  expect(order).toEqual(['other work', 'after the yield'])
})

test('time goes on and chance stays within its bounds', () => {
  const before = nodeClock.monotonic()
  expect(nodeClock.monotonic()).toBeGreaterThanOrEqual(before)
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  expect(nodeClock.now()).toBe(1_800_000_000_000)
  const chances = Array.from({ length: 100 }, () => nodeClock.random())
  expect(chances.every(chance => chance >= 0 && chance < 1)).toBe(true)
  expect(new Set(chances).size).toBeGreaterThan(90)
})
