/** The change feed over the real client: gaps, outages, and what the server may do to it. */
import { expect, test } from 'vitest'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import {
  allHeads,
  deletion,
  headOf,
  insertion,
  listenTo,
  openAdapter,
  replacement,
  rowCounts,
  SHORT_PATIENCE,
  startStandIn,
  until,
  writeDirectly,
} from './stand-in.ts'

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
    await until(() => feed.ids().includes(`app:data/after-${round}.md`))
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
  await until(() => new Set(feed.ids()).size === paths.length)
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
  await until(() => feed.gaps() > 0 && feed.last('data/a.md') === null)
  await other.commit([insertion('data/c.md')])
  await until(() => feed.ids().includes('app:data/c.md'))
  expect(feed.errors).toEqual([])
})

test('R13 a feed on a connection that was given up goes on with the next one', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server, { patience: SHORT_PATIENCE })
  const other = openAdapter(server, { device: 'there' })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.deafen()
  await expect(adapter.commit([insertion('data/a.md')])).rejects.toMatchObject({ code: 'offline' })
  server.restore()
  await until(() => feed.gaps() > 0)
  await other.commit([insertion('data/b.md')])
  await until(() => feed.ids().includes('app:data/b.md'))
  expect(feed.errors).toEqual([])
})

test('R12 an outage that lasts is told as one, and a new feed finds the database again', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server, { outageMs: 300 })
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.cut()
  await until(() => feed.errors.length > 0)
  expect(feed.errors).toMatchObject([{ name: 'AdapterError', code: 'offline', retryable: true }])
  server.restore()
  await adapter.commit([insertion('data/a.md')])
  let again = listenTo(adapter)
  await until(() => {
    // As the engine does, until the connection is back.
    if (again.errors.length > 0) again = listenTo(adapter)
    return again.ids().includes('app:data/a.md')
  })
  expect(feed.ids()).toEqual([])
})

test('R12 a query that fails on the server ends the feed with its error', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.deployment.failNext('files:changes', 'broken')
  await adapter.commit([insertion('data/a.md')])
  await until(() => feed.errors.length > 0)
  expect(feed.errors).toMatchObject([{ name: 'AdapterError', code: 'unknown' }])
  const told = feed.hints.length
  await adapter.commit([insertion('data/b.md')])
  expect(feed.hints.length).toBe(told)
})

test('F26 a fatal error of the server ends the feed and not the process, and the next call works', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  server.failFatally()
  await until(() => feed.errors.length > 0)
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
  await until(() => feed.ids().includes('app:data/a.md'))
  server.cut()
  await other.commit([deletion(await headOf(other, 'data/a.md'))])
  await server.deployment.write(async ctx => {
    for (const row of await ctx.db.query('lockstepGone').collect()) await ctx.db.delete(row._id)
    for (const row of await ctx.db.query('lockstepChannels').collect())
      await ctx.db.patch(row._id, { gap: row.seq })
  })
  server.restore()
  // One for the new connection, one for the gap.
  await until(() => feed.gaps() >= 2)
})

test('R8 a database that went back in time is another one from then on', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const before = await adapter.identity()
  await adapter.commit([insertion('data/a.md'), insertion('data/b.md')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await until(() => feed.ids().length >= 2)
  await server.deployment.write(async ctx => {
    for (const row of await ctx.db.query('lockstepHeads').collect())
      if (row.seq === 2) {
        await ctx.db.delete(row.file)
        await ctx.db.delete(row._id)
      }
    for (const row of await ctx.db.query('lockstepChannels').collect())
      await ctx.db.patch(row._id, { seq: 1 })
  })
  await until(() => feed.gaps() > 0)
  for (const deadline = performance.now() + 5_000; (await adapter.identity()) === before;) {
    expect(performance.now()).toBeLessThan(deadline)
    await nodeClock.sleep(10)
  }
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
  await allHeads(adapter)
  await other.commit([insertion('data/a.md', 'one')])
  await until(() => told.includes('added data/a.md one'))
  await other.commit([replacement(await headOf(other, 'data/a.md'), 'two', 2_000)])
  await until(() => told.includes('modified data/a.md two'))
  await other.commit([deletion(await headOf(other, 'data/a.md'))])
  await until(() => told.includes('removed data/a.md '))
  end()
  await writeDirectly(server, 'data/b.md', 'unheard')
  expect(told.filter(line => line.includes('b.md'))).toEqual([])
  expect(errors).toEqual([])
})
