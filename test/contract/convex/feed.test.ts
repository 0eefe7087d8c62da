/** The change feed over the real client: gaps, outages, and what the server may do to it. */
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  deletion,
  givenUp,
  headOf,
  insertion,
  listenTo,
  openAdapter,
  replacement,
  rowCounts,
  startStandIn,
  untilFailed,
  untilGaps,
  untilGone,
  untilTold,
  untilToldOf,
  writeDirectly,
} from './stand-in.ts'

/** A connection that is down for so long is an error. Milliseconds. */
const OUTAGE_MS = 20_000

test('R4 whatever happens after the heads were read is told, without a gap in between', async () => {
  const server = await startStandIn()
  const other = openAdapter(server, { device: 'there' })
  for (let round = 0; round < 10; round++) {
    const adapter = openAdapter(server)
    const writing = other.commit([insertion(`data/before-${round}.md`)])
    const feed = listenTo(adapter)
    const known = new Set((await allHeads(adapter)).map(({ id }) => id))
    await writing
    await other.commit([insertion(`data/after-${round}.md`)])
    await untilTold(feed, `data/after-${round}.md`)
    const told = new Set([...known, ...feed.ids()])
    expect(told.has(`app:data/before-${round}.md`), `round ${round}`).toBe(true)
    await adapter.dispose()
  }
})

test('F28 more changes than one answer holds are all told, in order, once each', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  const paths = Array.from({ length: 700 }, (_, n) => `data/${String(n).padStart(4, '0')}.md`)
  await other.commit(paths.map(path => insertion(path)))
  await untilToldOf(feed, paths.length)
  expect(feed.ids()).toEqual(paths.map(path => `app:${path}`))
  expect(feed.gaps()).toBe(0)
})

test('F14 R13 after a broken connection everything is looked at again, and deletes of the meantime are told', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  await other.commit([insertion('data/a.md'), insertion('data/b.md')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.cut()
  await other.commit([deletion(await headOf(other, 'data/a.md'))])
  expect(feed.gaps()).toBe(0)
  server.restore()
  await untilGaps(feed, 1)
  await untilGone(feed, 'data/a.md')
  await other.commit([insertion('data/c.md')])
  await untilTold(feed, 'data/c.md')
  expect(feed.errors).toEqual([])
})

test('R13 a feed on a connection that was given up goes on with the next one', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  const other = openAdapter(server, { device: 'there' })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.deafen()
  const error = await givenUp(clock, adapter.commit([insertion('data/a.md')]), () => server.restore())
  expect(error).toMatchObject({ code: 'offline' })
  await untilGaps(feed, 1)
  await other.commit([insertion('data/b.md')])
  await untilTold(feed, 'data/b.md')
  expect(feed.errors).toEqual([])
})

test('R12 an outage that lasts is told as one, and a new feed finds the database again', async () => {
  const server = await startStandIn()
  const clock = new SteeredClock()
  const adapter = openAdapter(server, { clock })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.cut()
  await until(
    () => clock.sleepers === 1,
    'the feed to notice the outage',
    () => clock.describe(),
  )
  await clock.pass(OUTAGE_MS - 1)
  expect(feed.errors).toEqual([])
  await clock.pass(1)
  expect(feed.errors).toMatchObject([{ name: 'AdapterError', code: 'offline', retryable: true }])
  server.restore()
  await adapter.commit([insertion('data/a.md')])
  const again = listenTo(adapter)
  await untilTold(again, 'data/a.md')
  expect(feed.ids()).toEqual([])
})

test('R12 a query that fails on the server ends the feed with its error', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.deployment.failNext('files:changes', 'broken')
  await adapter.commit([insertion('data/a.md')])
  await untilFailed(feed)
  expect(feed.errors).toMatchObject([{ name: 'AdapterError', code: 'unknown' }])
  const told = feed.hints.length
  const again = listenTo(adapter)
  await adapter.commit([insertion('data/b.md')])
  await untilTold(again, 'data/b.md')
  expect(feed.hints.length).toBe(told)
})

test('F26 a fatal error of the server ends the feed and not the process, and the next call works', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.failFatally()
  await untilFailed(feed)
  expect(feed.errors).toMatchObject([{ name: 'AdapterError' }])
  expect(await allHeads(adapter)).toEqual([])
})

test('R8 deletes that nobody remembers any more are told as a gap', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  await other.commit([insertion('data/a.md')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await untilTold(feed, 'data/a.md')
  server.cut()
  await other.commit([deletion(await headOf(other, 'data/a.md'))])
  await server.deployment.write(async ctx => {
    for (const row of await ctx.db.query('lockstepGone').collect()) await ctx.db.delete(row._id)
    for (const row of await ctx.db.query('lockstepChannels').collect())
      await ctx.db.patch(row._id, { gap: row.seq })
  })
  server.restore()
  // One for the new connection, one for the gap.
  await untilGaps(feed, 2)
})

test('R8 a database that went back in time is another one from then on', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const before = await adapter.identity()
  await adapter.commit([insertion('data/a.md'), insertion('data/b.md')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await untilTold(feed, 'data/a.md', 'data/b.md')
  await server.deployment.write(async ctx => {
    for (const row of await ctx.db.query('lockstepHeads').collect())
      if (row.seq === 2) {
        await ctx.db.delete(row.file)
        await ctx.db.delete(row._id)
      }
    for (const row of await ctx.db.query('lockstepChannels').collect())
      await ctx.db.patch(row._id, { seq: 1 })
  })
  await untilGaps(feed, 1)
  await until(async () => (await adapter.identity()) !== before, 'another identity', feed.describe)
})

test('what was deleted long ago is forgotten, a part with each so many writes', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const paths = Array.from({ length: 100 }, (_, n) => `data/${n}.md`)
  await adapter.commit(paths.map(path => insertion(path)))
  await adapter.commit((await allHeads(adapter)).map(deletion))
  const before = await rowCounts(server)
  expect(before.lockstepGone).toBe(100)
  await server.deployment.inTheFuture(40 * 24 * 60 * 60_000, async () => {
    await adapter.commit(paths.map(path => insertion(path)))
    await adapter.commit((await allHeads(adapter)).map(deletion))
  })
  const after = await rowCounts(server)
  expect(after.lockstepGone).toBeLessThan(200)
  expect(after.lockstepOperations).toBeLessThan(before.lockstepOperations + 2)
})

test('F22 a subscriber of whole records is told edits and deletes in their order', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const other = openAdapter(server, { device: 'there' })
  const told: string[] = []
  const errors: unknown[] = []
  const end = adapter.subscribe(
    'app',
    'shared',
    changes => told.push(...changes.map(({ type, data }) => `${type} ${data.path} ${data.content}`)),
    error => errors.push(error),
  )
  const untilHeard = (line: string): Promise<void> =>
    until(
      () => told.includes(line),
      `the subscriber to hear "${line}"`,
      () => told.join(', '),
    )
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await other.commit([insertion('data/a.md', 'one')])
  await untilHeard('added data/a.md one')
  await other.commit([replacement(await headOf(other, 'data/a.md'), 'two', 2_000)])
  await untilHeard('modified data/a.md two')
  await other.commit([deletion(await headOf(other, 'data/a.md'))])
  await untilHeard('removed data/a.md ')
  end()
  await writeDirectly(server, 'data/b.md', 'unheard')
  await untilTold(feed, 'data/b.md')
  expect(told.filter(line => line.includes('b.md'))).toEqual([])
  expect(errors).toEqual([])
})
