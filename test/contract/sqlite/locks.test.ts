/** Other programs hold the database: the event loop goes on, and the work is done once they let go. */
import Sqlite, { type Database } from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { HeadsPage } from '../../../src/engine/ports/adapter.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  foreignProcess,
  foreignProgram,
  insertion,
  listenTo,
  openAdapter,
  temporaryFolder,
  untilTold,
  watchTurns,
} from './database.ts'

/** Several calls wait at once, and none may hold up the event loop for 50 ms (design, section 6). Milliseconds. */
const LONGEST_WAIT_IN_SQLITE_MS = 10
/** Rows that are read or written between two turns of the event loop, however quick the machine is: those of a batch, thrice, and of a page. */
const MOST_ROWS_IN_A_TURN = 4_000

const HOLD = `
  db.exec('BEGIN EXCLUSIVE')
  say('locked')
  await heard()
  db.exec('COMMIT')
`

/** Notes which connections are made here from now on. */
function watchConnections(): { waitsMs(): number[]; tries(): number } {
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare')
  const transaction = vi.spyOn(Sqlite.prototype, 'transaction')
  return {
    /** How long SQLite itself waits for a lock on each, in milliseconds; the event loop stands still meanwhile. */
    waitsMs: () =>
      [...new Set(prepare.mock.contexts as unknown as Database[])]
        .filter(({ open }) => open)
        .map(client => client.pragma('busy_timeout', { simple: true }) as number),
    /** How often a write was begun. */
    tries: () => transaction.mock.calls.length,
  }
}

/** Turns of the event loop in which nothing happens unless somebody is busy. */
async function idleTurns(): Promise<void> {
  for (let n = 0; n < 100; n++) await new Promise(resolve => void setImmediate(resolve))
}

test('F27 a database that is locked for 2 s is asked now and then, never waited for, and the write is done then', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const clock = new SteeredClock()
  const connections = watchConnections()
  const adapter = openAdapter(path, clock)
  await adapter.commit([insertion('before')])
  await clock.pass(1_000)
  const holder = foreignProcess(path, HOLD)
  await holder.said('locked')

  const before = connections.tries()
  const writing = Promise.all([
    adapter.commit([insertion('a')]),
    adapter.commit([insertion('b')]),
    adapter.set('app:c', insertion('c').data),
    adapter.delete('app:before'),
  ])
  await idleTurns()
  // Each has tried once, and sleeps: while no time passes, nothing more happens.
  expect(connections.tries() - before).toBe(4)
  expect(clock.sleepers).toBe(4)
  await clock.pass(2_000)
  const tries = (connections.tries() - before) / 4
  expect(tries).toBeGreaterThan(10)
  expect(tries).toBeLessThan(50)
  expect(Math.max(...connections.waitsMs())).toBeLessThanOrEqual(LONGEST_WAIT_IN_SQLITE_MS)

  holder.goOn()
  await holder.ended()
  await clock.pass(200)
  expect((await writing).slice(0, 2)).toMatchObject([[{ status: 'done' }], [{ status: 'done' }]])
  expect((await allHeads(adapter)).map(({ id }) => id)).toEqual(['app:a', 'app:b', 'app:c'])
})

test('F27 reads and the feed go on while another program writes', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const clock = new SteeredClock()
  const adapter = openAdapter(path, clock)
  await adapter.commit([insertion('a')])
  const holder = foreignProcess(path, HOLD)
  await holder.said('locked')
  // No time passes, and the lock is held until all of it is done.
  const feed = listenTo(adapter)
  expect(await allHeads(adapter)).toHaveLength(1)
  const second = openAdapter(path, clock)
  expect(await allHeads(second)).toHaveLength(1)
  await clock.pass(2_000)
  expect(feed.errors).toEqual([])
  holder.goOn()
  await holder.ended()
})

test('F27 an older database in a rollback journal, locked while it is opened, blocks nothing either', async () => {
  const path = join(temporaryFolder(), 'old.db')
  foreignProgram(path).exec('CREATE TABLE notes (id)')
  const holder = foreignProcess(path, HOLD)
  await holder.said('locked')
  const clock = new SteeredClock()
  const opened = vi.spyOn(Sqlite.prototype, 'prepare')
  const adapter = openAdapter(path, clock)
  const feed = listenTo(adapter)
  const writing = adapter.commit([insertion('a')])
  await idleTurns()
  const connections = (): number => new Set(opened.mock.contexts).size
  const waiting = clock.sleepers
  expect(waiting).toBe(2)
  const before = connections()
  await idleTurns()
  expect(connections()).toBe(before)
  await clock.pass(2_000)
  expect(connections() - before).toBeGreaterThan(10 * waiting)
  expect(connections() - before).toBeLessThan(50 * waiting)

  holder.goOn()
  await holder.ended()
  await clock.pass(200)
  expect(await writing).toMatchObject([{ status: 'done' }])
  await untilTold(feed, 'app:a')
})

test('F27 after ten seconds a locked database is reported as busy, to be tried again', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  const clock = new SteeredClock()
  const adapter = openAdapter(path, clock)
  await adapter.commit([insertion('a')])
  const holder = foreignProgram(path)
  holder.exec('BEGIN IMMEDIATE')
  const errors: unknown[] = []
  const writing = adapter.commit([insertion('b')]).catch((error: unknown) => errors.push(error))
  await clock.pass(9_800)
  expect(errors).toEqual([])
  await clock.pass(400)
  await writing
  expect(errors).toMatchObject([{ name: 'AdapterError', code: 'busy', retryable: true }])
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
  const turns = watchTurns()
  const results = await adapter.commit(writes)
  const ids: string[] = []
  for (let after: string | null = ''; after !== null;) {
    const page: HeadsPage = await adapter.heads('app', 'shared', after)
    ids.push(...page.heads.map(({ id }) => id))
    after = page.next
    // As the engine does between two pages.
    await nodeClock.yield()
  }
  const records = await adapter.getMany(ids)
  await until(() => new Set(feed.ids()).size === 5_000, 'the feed to tell all', feed.describe)
  expect(turns.mostRows()).toBeLessThan(MOST_ROWS_IN_A_TURN)
  expect(results.every(({ status }) => status === 'done')).toBe(true)
  expect(records).toHaveLength(writes.length)
  expect(records.every(record => record?.data.content === content)).toBe(true)
})

test('F27 on a slow disk as little is done between two turns of the event loop as fits there', async () => {
  const path = join(temporaryFolder(), 'sync.db')
  let now = 0
  // Each look at it finds it 6 ms further on: so long a write takes, and so long a page.
  const slow: Clock = { ...nodeClock, monotonic: () => (now += 6) }
  const adapter = openAdapter(path, slow)
  await adapter.identity()
  const writes = Array.from({ length: 200 }, (_, i) => insertion(`data/${i}.md`))
  const turns = watchTurns()
  await adapter.commit(writes)
  const records = await adapter.getMany(writes.map(({ id }) => id))
  expect(turns.mostRows()).toBeLessThan(50)
  expect(records.every(record => record !== null)).toBe(true)
})
