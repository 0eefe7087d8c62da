/**
 * What it costs in calls, which Convex bills. Counted by the stand-in, for which a subscription costs a call
 * when its result has changed; Convex counts each time that it runs it anew.
 */
import { expect, test } from 'vitest'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { allHeads, insertion, listenTo, openAdapter, startStandIn, until } from './stand-in.ts'

test('F28 a file that is written costs one call, and one for each device that hears of it', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  const [feed, otherFeed] = [listenTo(adapter), listenTo(other)]
  await Promise.all([allHeads(adapter), allHeads(other)])
  await adapter.commit([insertion('data/0.md')])
  await until(() => feed.ids().length > 0 && otherFeed.ids().length > 0)
  const { deployment } = server
  deployment.forgetCalls()
  for (let n = 1; n <= 10; n++) {
    await adapter.commit([insertion(`data/${n}.md`)])
    await until(() => feed.ids().includes(`app:data/${n}.md`) && otherFeed.ids().includes(`app:data/${n}.md`))
  }
  expect(Object.fromEntries(deployment.calls)).toEqual({ 'files:commit': 10, 'files:changes': 20 })
})

test('F28 nothing is called while nothing happens', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await adapter.commit([insertion('data/a.md')])
  await allHeads(adapter)
  await until(() => feed.ids().length > 0)
  await nodeClock.sleep(100)
  server.deployment.forgetCalls()
  await nodeClock.sleep(1_500)
  expect(server.deployment.callCount).toBe(0)
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
  await until(() => feed.ids().length === 1)
  server.deployment.forgetCalls()
  for (let n = 1; n <= 100; n++) await adapter.commit([insertion(`data/${n}.md`)])
  await until(() => feed.ids().length === 101)
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
  const adapter = createConvexAdapter({ url: `http://127.0.0.1:${port}`, syncKey: null, clock: nodeClock })
  const call = adapter.get('app:data/a.md')
  call.catch(() => {})
  await until(() => sockets.size > 0)
  const began = performance.now()
  await adapter.dispose()
  await expect(call).rejects.toMatchObject({ name: 'AdapterError' })
  expect(performance.now() - began).toBeLessThan(2_000)
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => silent.close(resolve))
})

test('R13 F29 answers of before an outage are not taken for answers of now', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server, { patience: { connectMs: 500, callMs: 1_000 } })
  const other = openAdapter(server, { device: 'there' })
  await allHeads(adapter)
  await allHeads(adapter)
  server.cut()
  await other.commit([insertion('data/a.md')])
  await expect(allHeads(adapter)).rejects.toMatchObject({ code: 'offline' })
  server.restore()
  expect(await allHeads(adapter)).toHaveLength(1)
})
