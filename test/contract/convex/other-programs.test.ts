/**
 * Programs that use the deployment beside us: agent-native servers, which call the four functions and write
 * blindly, and such as have functions of their own that know of `files` and of nothing else.
 */
import { ConvexClient } from 'convex/browser'
import { anyApi } from 'convex/server'
import { expect, onTestFinished, test } from 'vitest'
import type { RecordHead } from '../../../src/engine/ports/adapter.ts'
import type { ConvexStandIn } from '../../stand-ins/convex/server.ts'
import { until } from '../../support/until.ts'
import {
  ageAudit,
  allHeads,
  headOf,
  insertion,
  listenTo,
  openAdapter,
  replacement,
  rowCounts,
  startStandIn,
  statuses,
  untilGone,
  untilTold,
  untilToldOf,
  writeDirectly,
} from './stand-in.ts'

const HOUR_MS = 60 * 60_000

/** With the calls that an agent-native server makes. */
function openAgentNative(server: ConvexStandIn) {
  const client = new ConvexClient(server.url('agent-native'), { logger: false })
  onTestFinished(() => client.close())
  const files = anyApi['files']!
  return {
    list: () => client.query(files['list']!, { app: 'app', ownerId: 'shared' }),
    get: (id: string) => client.query(files['get']!, { id }),
    upsert: (id: string, fields: object) => client.mutation(files['upsert']!, { id, ...fields }),
    remove: (id: string) => client.mutation(files['remove']!, { id }),
  }
}

const ROW = { path: 'data/a.md', content: 'blind', app: 'app', ownerId: 'shared', lastUpdated: 5 }

test('F3 an agent-native server lists, gets, sets and removes records, with the fields it knows', async () => {
  const server = await startStandIn()
  const agent = openAgentNative(server)
  await agent.upsert('app:data/a.md', { ...ROW, createdAt: 4 })
  expect(await agent.list()).toEqual([{ id: 'app:data/a.md', ...ROW, createdAt: 4 }])
  await agent.upsert('app:data/a.md', { content: 'new', lastUpdated: 6 })
  const changed = { id: 'app:data/a.md', ...ROW, content: 'new', lastUpdated: 6, createdAt: 4 }
  expect(await agent.get('app:data/a.md')).toEqual(changed)
  await agent.remove('app:data/a.md')
  await agent.remove('app:data/a.md')
  expect(await agent.get('app:data/a.md')).toBeNull()
})

test('F3 F14 what an agent-native server writes blindly is told, compared and followed', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const agent = openAgentNative(server)
  await adapter.commit([insertion('data/a.md', 'mine', 9_000)])
  const seen = await headOf(adapter, 'data/a.md')
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await agent.upsert('app:data/a.md', ROW)
  await until(
    () => feed.last('data/a.md')?.lastUpdated === ROW.lastUpdated,
    'the blind write to be told',
    feed.describe,
  )
  expect(feed.last('data/a.md')).toEqual(await headOf(adapter, 'data/a.md'))
  expect(statuses(await adapter.commit([replacement(seen, 'mine again', 10_000)]))).toEqual(['lost'])
  await agent.remove('app:data/a.md')
  await untilGone(feed, 'data/a.md')
  expect(await allHeads(adapter)).toEqual([])
})

test('F28 a listing that would not be whole is refused, so that nothing looks deleted', async () => {
  const server = await startStandIn()
  const agent = openAgentNative(server)
  for (let n = 0; n < 9; n++) await writeDirectly(server, `data/${n}.bin`, 'x'.repeat(900_000))
  await expect(agent.list()).rejects.toThrow(/too-large/)
})

test('records that were there before our functions are found and adopted, and stay the same ones', async () => {
  const server = await startStandIn()
  const paths = Array.from({ length: 1_000 }, (_, n) => `data/${String(n).padStart(4, '0')}.md`)
  for (const path of paths.slice(0, 50)) await writeDirectly(server, path, `old ${path}`, 1_000)
  const preview = openAdapter(server, { isPreview: true })
  const seen = await allHeads(preview)
  expect(seen.map(({ id }) => id)).toEqual(paths.slice(0, 50).map(path => `app:${path}`))
  expect((await rowCounts(server)).lockstepHeads).toBe(0)
  const adapter = openAdapter(server)
  expect(await allHeads(adapter)).toEqual(seen)
  expect((await rowCounts(server)).lockstepHeads).toBe(50)
  server.deployment.forgetCalls()
  expect(await allHeads(adapter)).toEqual(seen)
  expect([...server.deployment.calls.keys()]).toEqual(['files:heads'])
  const [record] = await adapter.getMany([seen[0]!.id])
  expect(record?.etag).toBe(seen[0]!.etag)
  expect(statuses(await adapter.commit([replacement(seen[0]!, 'new', 2_000)]))).toEqual(['done'])
})

test('F14 a record that another program writes into the table is told at once and gets a head', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await adapter.commit([insertion('data/a.md', 'mine')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await writeDirectly(server, 'data/a.md', 'theirs')
  await writeDirectly(server, 'data/b.md', 'new')
  await untilTold(feed, 'data/b.md')
  await until(() => server.deployment.calls.get('files:adopt') !== undefined, 'the new record to be adopted')
  const heads = await allHeads(adapter)
  expect(heads.map(({ id }) => id)).toEqual(['app:data/a.md', 'app:data/b.md'])
  const records = await adapter.getMany(heads.map(({ id }) => id))
  expect(records.map(record => record?.data.content)).toEqual(['theirs', 'new'])
  expect(records.map(record => record?.etag)).toEqual(heads.map(({ etag }) => etag))
  expect(feed.last('data/a.md')).toEqual(heads[0])
})

test('F14 F28 an import of many records by another program is told as a whole, in a few calls', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  const paths = Array.from({ length: 250 }, (_, n) => `data/${n}.md`)
  await server.deployment.write(async ctx => {
    for (const [n, path] of paths.entries()) {
      const fields = { path, content: path, app: 'app', ownerId: 'shared', lastUpdated: 1_000 + n }
      await ctx.db.insert('files', { syncId: `app:${path}`, ...fields })
    }
  })
  await untilToldOf(feed, paths.length)
  expect(await allHeads(adapter)).toHaveLength(paths.length)
  expect(server.deployment.calls.get('files:adopt')).toBeLessThanOrEqual(5)
})

test('R4 F15 a content that another program exchanged under its version is another record, and is not overwritten', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await adapter.commit([insertion('data/a.md', 'mine', 1_000)])
  const seen = await headOf(adapter, 'data/a.md')
  await writeDirectly(server, 'data/a.md', 'theirs', 1_000)
  expect(statuses(await adapter.commit([replacement(seen, 'mine again', 2_000)]))).toEqual(['lost'])
  const [record] = await adapter.getMany(['app:data/a.md'])
  expect(record?.data.content).toBe('theirs')
  expect(record?.etag).not.toBe(seen.etag)
})

test('R8 F14 what another program deletes or writes under an old version is found when the channel is compared again', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await adapter.commit(['a', 'b', 'c'].map(name => insertion(`data/${name}.md`, name, 5_000)))
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await writeDirectly(server, 'data/a.md', null)
  await writeDirectly(server, 'data/b.md', 'older', 4_000)
  await writeDirectly(server, 'data/d.md', 'older', 4_000)
  // One look at one of them is enough to know that somebody else writes here.
  expect(await adapter.commit([insertion('data/d.md')])).toEqual([{ status: 'lost' }])
  expect((await adapter.getMany(['app:data/a.md']))[0]).toBeNull()
  // What was seen is in the heads from then on, and only that.
  expect(summaryOf(await allHeads(adapter))).toEqual(['b 5000', 'c 5000', 'd 4000'])
  await ageAudit(server, 2 * HOUR_MS)
  const heads = await allHeads(adapter)
  expect(summaryOf(heads)).toEqual(['b 4000', 'c 5000', 'd 4000'])
  await untilGone(feed, 'data/a.md')
  await untilTold(feed, 'data/d.md')
  expect(await allHeads(adapter)).toEqual(heads)
})

test('a channel is compared again after a week, whoever writes it', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await adapter.commit([insertion('data/a.md')])
  await allHeads(adapter)
  server.deployment.forgetCalls()
  await allHeads(adapter)
  expect(server.deployment.calls.get('files:repair')).toBeUndefined()
  await writeDirectly(server, 'data/a.md', null)
  await ageAudit(server, 8 * 24 * HOUR_MS)
  expect(await allHeads(adapter)).toEqual([])
})

test('R11 F12 a record that was given to another owner leaves one channel and comes to the other', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  await adapter.commit([insertion('data/a.md', 'mine')])
  const feed = listenTo(adapter)
  await allHeads(adapter)
  await adapter.set('app:data/a.md', { ownerId: 'ann', lastUpdated: 2_000 })
  await untilGone(feed, 'data/a.md')
  expect(await allHeads(adapter)).toEqual([])
  expect((await adapter.heads('app', 'ann', null)).heads.map(({ id }) => id)).toEqual(['app:data/a.md'])
})

test('R4 a preview changes nothing, not even the database’s name, and names what is there', async () => {
  const server = await startStandIn({ cloudUrl: 'https://happy-animal-123.convex.cloud' })
  const preview = openAdapter(server, { isPreview: true })
  await allHeads(preview)
  const unnamed = await preview.identity()
  const empty = await rowCounts(server)
  expect(Object.values(empty).every(count => count === 0)).toBe(true)
  const adapter = openAdapter(server, { device: 'there' })
  const named = await adapter.identity()
  expect(named).not.toBe(unnamed)
  expect(await preview.identity()).toBe(named)
  expect(await openAdapter(server, { device: 'third' }).identity()).toBe(named)
  const elsewhere = await startStandIn()
  expect(await openAdapter(elsewhere).identity()).not.toBe(named)
})

function summaryOf(heads: readonly RecordHead[]): string[] {
  return heads.map(({ id, lastUpdated }) => `${id.slice('app:data/'.length, -'.md'.length)} ${lastUpdated}`)
}
