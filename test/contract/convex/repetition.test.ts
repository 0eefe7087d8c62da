/**
 * A write whose answer does not come: it is never done twice, and never later than the adapter says.
 *
 * The stand-in decides what became of a mutation; Convex itself also knows a request that one session repeats,
 * which is switched off here where the operation's own id is to be proven.
 */
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  givenUp,
  headOf,
  insertion,
  openAdapter,
  replacement,
  rowCounts,
  startStandIn,
  statuses,
} from './stand-in.ts'

test.each([true, false])(
  'R4 a batch that broke off between its execution and its answer is repeated and answered alike (Convex remembers requests: %s)',
  async remembersRequests => {
    const server = await startStandIn({ remembersRequests })
    const adapter = openAdapter(server)
    await adapter.commit([insertion('data/a.md', 'base')])
    const seen = await headOf(adapter, 'data/a.md')
    server.loseNextAnswer('files:commit')
    const results = await adapter.commit([
      replacement(seen, 'mine', 2_000),
      insertion('data/b.md'),
      replacement(seen, 'stale', 3_000),
    ])
    expect(statuses(results)).toEqual(['done', 'done', 'lost'])
    expect(results[0]).toEqual({ status: 'done', etag: (await headOf(adapter, 'data/a.md')).etag })
    const [record] = await adapter.getMany(['app:data/a.md'])
    expect(record?.data.content).toBe('mine')
    // Seen by the channel's numbers: two for the batch, one for what was there before.
    const heads = await allHeads(adapter)
    expect(heads.map(({ etag }) => Number(etag.split('.')[0])).toSorted((a, b) => a - b)).toEqual([2, 3])
  },
)

test('R13 a write to a deployment that has gone silent is "offline" after a while, and the next one finds it again', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  await adapter.commit([insertion('data/a.md')])
  server.deafen()
  const error = await givenUp(clock, adapter.commit([insertion('data/b.md')]), () => server.restore())
  expect(error).toMatchObject({ name: 'AdapterError', code: 'offline', retryable: true })
  expect(statuses(await adapter.commit([insertion('data/b.md')]))).toEqual(['done'])
})

test('R1 R7 a write that was given up is not carried out later, however late it is taken from the queue', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  await allHeads(adapter)
  const release = server.holdMutations()
  const write = adapter.commit([insertion('data/late.md')])
  await until(() => server.heldMutations > 0, 'the write to be held')
  expect(await givenUp(clock, write)).toMatchObject({ code: 'offline' })
  // The next connection's mutations go ahead of the one that is held.
  const held = server.deployment.calls.get('files:commit') ?? 0
  server.passOthers()
  expect(await allHeads(adapter)).toEqual([])
  expect(server.deployment.calls.get('files:settle')).toBe(1)
  release()
  await until(() => (server.deployment.calls.get('files:commit') ?? 0) > held, 'the late write to be taken')
  expect(await allHeads(adapter)).toEqual([])
  expect((await rowCounts(server)).files).toBe(0)
})

test('R13 a write that was carried out unheard is found to be so, and not repeated', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  await allHeads(adapter)
  const release = server.holdMutations()
  const write = adapter.commit([insertion('data/a.md')])
  write.catch(() => {})
  await until(() => server.heldMutations > 0, 'the write to be held')
  server.deafen()
  release()
  expect(await givenUp(clock, write, () => server.restore())).toMatchObject({ code: 'offline' })
  expect((await allHeads(adapter)).map(({ id }) => id)).toEqual(['app:data/a.md'])
  expect(server.deployment.calls.get('files:commit')).toBe(1)
})

test('R13 a server that has too much to do is asked again by itself', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await allHeads(adapter)
  const write = adapter.commit([insertion('data/a.md')])
  server.overload()
  expect(statuses(await write)).toEqual(['done'])
})

test.each([
  ['OptimisticConcurrencyControlFailure: Data read or written in this mutation changed', 'busy', true],
  ['TooManyWritesInTimePeriod', 'busy', true],
  ['Cannot run functions while this deployment is disabled', 'quota', false],
  ['Something nobody has thought of', 'unknown', true],
])('R13 a function that fails with "%s" is %s', async (text, code, retryable) => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await allHeads(adapter)
  server.deployment.failNext('files:commit', text)
  await expect(adapter.commit([insertion('data/a.md')])).rejects.toMatchObject({
    name: 'AdapterError',
    code,
    retryable,
  })
  expect(statuses(await adapter.commit([insertion('data/a.md')]))).toEqual(['done'])
})
