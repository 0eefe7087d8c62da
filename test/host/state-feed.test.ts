/** The state stream alone: numbered, joined, and never more than a slow reader can hold. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StateChange, StateEvent } from '../../src/contract/state.ts'
import { StateFeed } from '../../src/host/app/state-feed.ts'
import { appState } from '../support/app-state.ts'

const EMPTY = appState([])

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
  const started = performance.now()
  while (performance.now() - started < 1_000) {
    for (let n = 0; n < 25; n++) {
      value += 1
      const now = value
      feed.mark('paused-all', () => paused(now))
    }
    await sleep(5)
  }
  const seconds = (performance.now() - started) / 1_000
  feed.mark('order', () => ({ type: 'order', ids: ['last'] }))
  while (events.at(-1)?.type !== 'changes' || !JSON.stringify(events.at(-1)).includes('last')) await sleep(5)
  ending.abort()
  await reading
  expect(value).toBeGreaterThan(1_000)
  expect(events.length).toBeLessThan(seconds * 20 + 3)
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
    await sleep(80)
  }
  const { value } = await reading.next()
  expect(value).toMatchObject({ type: 'changes', changes: [paused(5)] })
  feed.close()
  expect(await reading.next()).toMatchObject({ done: true })
})

test('R3: what has not changed is not told', async () => {
  const feed = new StateFeed(() => EMPTY)
  const reading = feed.watch(new AbortController().signal)
  await reading.next()
  feed.mark('paused-all', () => paused(1))
  await reading.next()
  feed.mark('paused-all', () => paused(1))
  await sleep(150)
  feed.mark('order', () => ({ type: 'order', ids: [] }))
  const { value } = await reading.next()
  expect(value).toMatchObject({ changes: [{ type: 'order', ids: [] }] })
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
