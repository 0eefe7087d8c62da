/** The state stream alone: numbered, joined, and never more than a slow reader can hold. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StateChange, StateEvent } from '../../src/contract/state.ts'
import { StateFeed } from '../../src/host/app/state-feed.ts'
import { appState } from '../support/app-state.ts'

const EMPTY = appState([])

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function paused(until: number): StateChange {
  return { type: 'paused-all', pausedAll: { until } }
}

test('5,000 changes a second become few events, with the last value of each', async () => {
  const feed = new StateFeed(() => EMPTY)
  const ending = new AbortController()
  const events: StateEvent[] = []
  const reading = (async () => {
    for await (const event of feed.watch(ending.signal)) events.push(event)
  })()
  let value = 0
  for (let ms = 0; ms < 1_000; ms += 5) {
    for (let n = 0; n < 25; n++) {
      value += 1
      const now = value
      feed.mark('paused-all', () => paused(now))
    }
    await vi.advanceTimersByTimeAsync(5)
  }
  feed.mark('order', () => ({ type: 'order', ids: ['last'] }))
  await vi.advanceTimersByTimeAsync(1_000)
  ending.abort()
  await reading
  expect(value).toBe(5_000)
  expect(JSON.stringify(events.at(-1))).toContain('last')
  // One for each 50 ms, besides the first state and the last change.
  expect(events.length).toBeGreaterThan(15)
  expect(events.length).toBeLessThanOrEqual(24)
  const revisions = events.map(({ revision }) => revision)
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
  const told = events.flatMap(event => (event.type === 'changes' ? event.changes : []))
  expect(told.findLast(({ type }) => type === 'paused-all')).toEqual(paused(value))
  feed.close()
})

test('a reader that does not read gets the latest values in one event', async () => {
  const feed = new StateFeed(() => EMPTY)
  const reading = feed.watch(new AbortController().signal)
  await reading.next()
  for (let n = 1; n <= 5; n++) {
    feed.mark('paused-all', () => paused(n))
    await vi.advanceTimersByTimeAsync(80)
  }
  const { value } = await reading.next()
  expect(value).toMatchObject({ type: 'changes', changes: [paused(5)] })
  feed.close()
  expect(await reading.next()).toMatchObject({ done: true })
})

test('R3: what has not changed is not told', async () => {
  const feed = new StateFeed(() => EMPTY)
  const reading = feed.watch(new AbortController().signal)
  const next = async (): Promise<unknown> => {
    const step = reading.next()
    await vi.advanceTimersByTimeAsync(150)
    return (await step).value
  }
  await next()
  feed.mark('paused-all', () => paused(1))
  await next()
  feed.mark('paused-all', () => paused(1))
  await vi.advanceTimersByTimeAsync(150)
  feed.mark('order', () => ({ type: 'order', ids: [] }))
  expect(await next()).toMatchObject({ changes: [{ type: 'order', ids: [] }] })
  feed.close()
})

test('a reader that goes leaves nothing behind', async () => {
  const feed = new StateFeed(() => EMPTY)
  const ending = new AbortController()
  const reading = feed.watch(ending.signal)
  await reading.next()
  const waiting = reading.next()
  ending.abort()
  expect(await waiting).toMatchObject({ done: true })
  feed.close()
})
