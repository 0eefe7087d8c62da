/**
 * What it costs in calls, which Convex bills. Counted by the stand-in, for which a subscription costs a call
 * when its result has changed; Convex counts each time that it runs it anew.
 */
import { expect, test } from 'vitest'
import { until, within } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  givenUp,
  GOODBYE_MS,
  insertion,
  listenTo,
  openAdapter,
  startStandIn,
  untilTold,
  untilToldOf,
} from './stand-in.ts'

test('F28 a file that is written costs one call, and one for each device that hears of it', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  const [feed, otherFeed] = [listenTo(adapter), listenTo(other)]
  await Promise.all([allHeads(adapter), allHeads(other)])
  await adapter.commit([insertion('data/0.md')])
  for (const one of [feed, otherFeed]) await untilTold(one, 'data/0.md')
  const { deployment } = server
  deployment.forgetCalls()
  for (let n = 1; n <= 10; n++) {
    await adapter.commit([insertion(`data/${n}.md`)])
    for (const one of [feed, otherFeed]) await untilTold(one, `data/${n}.md`)
  }
  expect(Object.fromEntries(deployment.calls)).toEqual({ 'files:commit': 10, 'files:changes': 20 })
})

test('F28 nothing is called while nothing happens', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  for (const path of ['data/a.md', 'data/b.md']) {
    await adapter.commit([insertion(path)])
    await untilTold(feed, path)
  }
  server.deployment.forgetCalls()
  await clock.pass(10 * 60_000)
  // Nor was any call on its way before this one.
  await adapter.commit([insertion('data/last.md')])
  await untilTold(feed, 'data/last.md')
  expect(Object.fromEntries(server.deployment.calls)).toEqual({ 'files:commit': 1, 'files:changes': 1 })
  expect(server.connections).toBe(1)
})

test('F28 5,000 files take 20 calls to write and 5 to list', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const paths = Array.from({ length: 5_000 }, (_, n) => `data/${String(n).padStart(5, '0')}.json`)
  await allHeads(adapter)
  server.deployment.forgetCalls()
  for (let from = 0; from < paths.length; from += adapter.limits.batchItems)
    await adapter.commit(
      paths.slice(from, from + adapter.limits.batchItems).map(path => insertion(path, 'x'.repeat(2_000))),
    )
  expect(Object.fromEntries(server.deployment.calls)).toEqual({ 'files:commit': 20 })
  server.deployment.forgetCalls()
  expect(await allHeads(adapter)).toHaveLength(5_000)
  expect(Object.fromEntries(server.deployment.calls)).toEqual({ 'files:heads': 5 })
})

test('R3 a subscription is moved on now and then, so that what was told is not sent again and again', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await adapter.commit([insertion('data/0.md')])
  await untilToldOf(feed, 1)
  server.deployment.forgetCalls()
  for (let n = 1; n <= 100; n++) await adapter.commit([insertion(`data/${n}.md`)])
  await untilToldOf(feed, 101)
  // One for each write, and one for each 32 of them to move on.
  expect(server.deployment.calls.get('files:changes')).toBeGreaterThan(100)
  expect(server.deployment.calls.get('files:changes')).toBeLessThan(110)
})

test('F26 dispose ends a connection that never came about', async () => {
  const { createServer } = await import('node:net')
  const sockets = new Set<{ destroy(): void }>()
  const silent = createServer(socket => void sockets.add(socket))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const { createConvexAdapter } = await import('../../../src/adapters/convex/adapter.ts')
  const { port } = silent.address() as { readonly port: number }
  const clock = new SteeredClock()
  const adapter = createConvexAdapter({ url: `http://127.0.0.1:${port}`, syncKey: null, clock })
  const call = adapter.get('app:data/a.md')
  call.catch(() => {})
  await until(() => sockets.size > 0, 'the client to connect')
  const end = adapter.dispose()
  await clock.pass(GOODBYE_MS)
  await within(end, 'the end of the adapter', () => clock.describe())
  await expect(call).rejects.toMatchObject({ name: 'AdapterError' })
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => silent.close(resolve))
})

test('R13 F29 answers of before an outage are not taken for answers of now', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  const other = openAdapter(server, { device: 'there' })
  await allHeads(adapter)
  await allHeads(adapter)
  server.cut()
  await other.commit([insertion('data/a.md')])
  expect(await givenUp(clock, allHeads(adapter))).toMatchObject({ code: 'offline' })
  server.restore()
  expect(await allHeads(adapter)).toHaveLength(1)
})
