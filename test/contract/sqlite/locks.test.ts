/** Other programs hold the database: the event loop goes on, and the work is done once they let go. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import {
  allHeads,
  foreignProcess,
  foreignProgram,
  hastyClock,
  insertion,
  listenTo,
  openAdapter,
  temporaryFolder,
  until,
} from './database.ts'

/** The event loop may stand still for this long at most, in milliseconds (design, section 6). */
const LONGEST_GAP_MS = 50

/** The longest time between two turns of a 1 ms timer; only what the event loop did not do meanwhile. */
function watchEventLoop(): { longest(): number } {
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 1)
  return {
    longest() {
      clearInterval(timer)
      return longest
    },
  }
}

const HOLD = `
  db.pragma('busy_timeout = 5000')
  db.exec('BEGIN EXCLUSIVE')
  say('locked')
  await sleep(2000)
  db.exec('COMMIT')
  say('released')
`

// The machine's other work may hold up a turn too: a locked database would do so at every try.
test(
  'F27 a database that is locked for 2 s blocks the event loop for less than 50 ms, and the write is done then',
  { retry: 3 },
  async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit([insertion('before')])
    const holder = foreignProcess(path, HOLD)
    await holder.said('locked')

    const began = performance.now()
    const loop = watchEventLoop()
    const writing = Promise.all([
      adapter.commit([insertion('a')]),
      adapter.commit([insertion('b')]),
      adapter.set('app:c', insertion('c').data),
      adapter.delete('app:before'),
    ])
    await nodeClock.sleep(1_500)
    const gap = loop.longest()
    const results = await writing
    expect(performance.now() - began).toBeGreaterThan(1_500)
    expect(results.slice(0, 2)).toMatchObject([[{ status: 'done' }], [{ status: 'done' }]])
    expect((await allHeads(adapter)).map(({ id }) => id)).toEqual(['app:a', 'app:b', 'app:c'])
    expect(gap).toBeLessThan(LONGEST_GAP_MS)
    await holder.ended
  },
)

test('F27 reads and the feed go on while another program writes', { retry: 3 }, async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path)
  await adapter.commit([insertion('a')])
  const holder = foreignProcess(path, HOLD)
  await holder.said('locked')
  const began = performance.now()
  expect(await allHeads(adapter)).toHaveLength(1)
  const second = openAdapter(path)
  expect(await allHeads(second)).toHaveLength(1)
  expect(performance.now() - began).toBeLessThan(1_000)
  await holder.ended
})

test(
  'F27 an older database in a rollback journal, locked while it is opened, blocks nothing either',
  { retry: 3 },
  async () => {
    const path = join(temporaryFolder(), 'old.db')
    foreignProgram(path).exec('CREATE TABLE notes (id)')
    const holder = foreignProcess(path, HOLD)
    await holder.said('locked')
    const adapter = openAdapter(path)
    const loop = watchEventLoop()
    const feed = listenTo(adapter)
    const writing = adapter.commit([insertion('a')])
    const results = await writing
    const gap = loop.longest()
    expect(results).toMatchObject([{ status: 'done' }])
    expect(gap).toBeLessThan(LONGEST_GAP_MS)
    await until(() => feed.ids().includes('app:a'))
    await holder.ended
  },
)

test('F27 after ten seconds a locked database is reported as busy, to be tried again', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path, hastyClock)
  await adapter.commit([insertion('a')])
  const holder = foreignProgram(path)
  holder.exec('BEGIN IMMEDIATE')
  const began = hastyClock.monotonic()
  const error = await adapter.commit([insertion('b')]).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ name: 'AdapterError', code: 'busy', retryable: true })
  expect(hastyClock.monotonic() - began).toBeGreaterThan(9_000)
  holder.exec('ROLLBACK')
  expect(await adapter.commit([insertion('b')])).toMatchObject([{ status: 'done' }])
})

test('F26 dispose ends what waits for a lock', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path)
  await adapter.commit([insertion('a')])
  foreignProgram(path).exec('BEGIN IMMEDIATE')
  const waiting = adapter.commit([insertion('b')]).catch((caught: unknown) => caught)
  await adapter.dispose()
  expect(await waiting).toMatchObject({ name: 'AdapterError', code: 'offline' })
})

test('F27 large batches and pages leave the event loop its turns', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path)
  const feed = listenTo(adapter)
  await allHeads(adapter)
  const content = 'x'.repeat(2_048)
  const writes = Array.from({ length: 5_000 }, (_, i) => insertion(`data/${i}.md`, content))
  const loop = watchEventLoop()
  const results = await adapter.commit(writes)
  const heads = await allHeads(adapter)
  const records = await adapter.getMany(heads.map(({ id }) => id))
  await until(() => new Set(feed.ids()).size === 5_000, 10_000)
  const gap = loop.longest()
  expect(results.every(({ status }) => status === 'done')).toBe(true)
  expect(records.every(record => record?.data.content === content)).toBe(true)
  // The disk's own waits are within it; on a slow one a commit alone takes longer.
  expect(gap).toBeLessThan(10 * LONGEST_GAP_MS)
})
