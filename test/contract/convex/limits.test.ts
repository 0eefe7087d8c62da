/**
 * Convex's limits: the stand-in enforces half of them, as older self-hosted backends have. Nothing here proves
 * that a function stays within its one second.
 */
import { expect, test } from 'vitest'
import { LIMITS } from '../../../src/adapters/convex/limits.ts'
import { AdapterError } from '../../../src/engine/ports/adapter.ts'
import {
  allHeads,
  deletion,
  headOf,
  insertion,
  openAdapter,
  replacement,
  startStandIn,
  statuses,
} from './stand-in.ts'

const LARGE = 'ä'.repeat(450_000)

test('F28 R1 thirty records of 900 KB are written, replaced, read and deleted within what a function may do', async () => {
  const adapter = openAdapter(await startStandIn())
  const paths = Array.from({ length: 30 }, (_, n) => `data/${n}.bin`)
  expect(statuses(await adapter.commit(paths.map(path => insertion(path, LARGE))))).toEqual(
    paths.map(() => 'done'),
  )
  const records = await adapter.getMany(paths.map(path => `app:${path}`))
  expect(records.map(record => record?.data.content === LARGE)).toEqual(paths.map(() => true))
  const heads = await allHeads(adapter)
  const replaced = await adapter.commit(heads.map(head => replacement(head, `${LARGE}!`, 2_000)))
  expect(statuses(replaced)).toEqual(paths.map(() => 'done'))
  const removed = await adapter.commit((await allHeads(adapter)).map(deletion))
  expect(statuses(removed)).toEqual(paths.map(() => 'done'))
  expect(await allHeads(adapter)).toEqual([])
})

test('F28 contents of a channel that no single answer could hold are queried in parts', async () => {
  const adapter = openAdapter(await startStandIn())
  const paths = Array.from({ length: 12 }, (_, n) => `data/${n}.bin`)
  await adapter.commit(paths.map(path => insertion(path, LARGE)))
  expect((await adapter.query('app', 'shared')).map(({ data }) => data.path).toSorted()).toEqual(
    paths.toSorted(),
  )
})

test('the largest content fits, with the longest path; one byte more is refused without a call, and nothing else with it', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const long = `data/${'n'.repeat(3_000)}.md`
  const full = 'x'.repeat(LIMITS.contentBytes)
  expect(statuses(await adapter.commit([insertion(long, full)]))).toEqual(['done'])
  expect((await adapter.getMany([`app:${long}`]))[0]?.data.content.length).toBe(LIMITS.contentBytes)
  const results = await adapter.commit([
    insertion('data/over.md', `${full}x`),
    insertion('data/small.md', 'small'),
  ])
  expect(statuses(results)).toEqual(['failed', 'done'])
  const [refused] = results
  if (refused?.status !== 'failed') throw new Error('it was not refused')
  expect(refused.error).toBeInstanceOf(AdapterError)
  expect(refused.error).toMatchObject({ code: 'too-large', retryable: false })
  expect(refused.error.message).toMatch(/data\/over\.md.*too large for Convex.*https:\/\/docs\.convex\.dev/)
})

test('a document that is too large with its path alone is refused by the functions, each for itself', async () => {
  const adapter = openAdapter(await startStandIn())
  const absurd = `data/${'n'.repeat(600_000)}.md`
  const results = await adapter.commit([insertion(absurd), insertion('data/small.md')])
  expect(statuses(results)).toEqual(['failed', 'done'])
  expect(results[0]).toMatchObject({ error: { code: 'too-large' } })
})

test('half a character is refused without a call', async () => {
  const server = await startStandIn()
  const adapter = openAdapter(server)
  const results = await adapter.commit([insertion('data/a.md', 'a\ud800b')])
  expect(results).toMatchObject([{ status: 'failed', error: { code: 'invalid' } }])
  expect(server.deployment.calls.get('files:commit')).toBeUndefined()
})

test('F28 a blind write of a too large content is refused with the reason', async () => {
  const adapter = openAdapter(await startStandIn())
  const set = adapter.set('app:data/a.md', { path: 'data/a.md', content: 'x'.repeat(2 ** 20) })
  await expect(set).rejects.toMatchObject({ name: 'AdapterError', code: 'too-large', retryable: false })
})

test('F28 2,600 records that lie scattered among others are read and written by their ids', async () => {
  const adapter = openAdapter(await startStandIn())
  const paths = Array.from({ length: 2_600 }, (_, n) => `data/${String(n).padStart(5, '0')}.md`)
  await adapter.commit(paths.map(path => insertion(path)))
  const some = paths.filter((_, n) => n % 97 === 0)
  const records = await adapter.getMany(some.map(path => `app:${path}`))
  expect(records.map(record => record?.data.path)).toEqual(some)
  const heads = new Map((await allHeads(adapter)).map(head => [head.id, head]))
  const writes = some.map(path => replacement(heads.get(`app:${path}`)!, 'new', 2_000))
  expect(statuses(await adapter.commit(writes))).toEqual(some.map(() => 'done'))
})

test('F16 in one batch a later write of a record meets what an earlier one has left', async () => {
  const adapter = openAdapter(await startStandIn())
  await adapter.commit([insertion('data/a.md', 'one')])
  const head = await headOf(adapter, 'data/a.md')
  const results = await adapter.commit([
    replacement(head, 'two', 2_000),
    replacement(head, 'three', 3_000),
    insertion('data/b.md'),
    insertion('data/b.md', 'again'),
  ])
  expect(statuses(results)).toEqual(['done', 'lost', 'done', 'lost'])
})
