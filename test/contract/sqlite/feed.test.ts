/** The change feed: soon, at the cost of what changed, and silent while nothing happens. */
import { statSync } from 'node:fs'
import { drizzle } from 'drizzle-orm/better-sqlite3/driver'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { prepareStatements } from '../../../src/adapters/sqlite/statements.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  countStatements,
  foreignProcess,
  foreignProgram,
  insertion,
  listenTo,
  openAdapter,
  ownTimeToTell,
  temporaryFolder,
  untilAtRest,
  untilTold,
} from './database.ts'

/** Of the microtasks that follow a subscription. */
const MOMENTS = 40
/** What a commit may take to be told, of the adapter's own time, in milliseconds. */
const SOON_MS = 100
/** After an event the database is looked at for so long, and what was committed is settled: then it rests. Milliseconds. */
const TO_REST_MS = 1_300

describe('latency', () => {
  test('R2 another process’s commits are told within 100 ms of the adapter’s own time', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    await adapter.commit([insertion('a')])
    const feed = listenTo(adapter)
    await untilAtRest(clock)
    const writer = foreignProcess(
      path,
      `const insert = db.prepare("INSERT INTO files VALUES (?, 'x', 'x', 'app', 'shared', 1, 1)")
       for (let i = 0; i < 10; i++) { say('ready for ' + i); await heard(); insert.run('app:' + i); say('done ' + i) }`,
    )
    for (let i = 0; i < 10; i++) {
      await clock.pass(TO_REST_MS)
      await writer.said(`ready for ${i}`)
      const write = (): Promise<void> => {
        writer.goOn()
        return writer.said(`done ${i}`)
      }
      const took = await ownTimeToTell(clock, write, () => feed.ids().includes(`app:${i}`))
      expect(took, `commit ${i}`).not.toBeNull()
      expect(took, `commit ${i}`).toBeLessThanOrEqual(SOON_MS)
    }
    expect(feed.errors).toEqual([])
    await writer.ended()
  })

  test('R2 a commit right after subscribing is told without waiting for the slow look', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    await openAdapter(path).identity()
    const insert = foreignProgram(path).prepare(
      `INSERT INTO files (id, app, owner_id) VALUES (?, 'app', 'shared')`,
    )
    // At each moment between subscribing and the watch's beginning, and some after it.
    for (let moment = 0; moment < MOMENTS; moment++) {
      const clock = new SteeredClock()
      const adapter = openAdapter(path, clock)
      const feed = listenTo(adapter)
      for (let turn = 0; turn < moment; turn++) await Promise.resolve()
      insert.run(`app:${moment}`)
      await untilAtRest(clock)
      const took = await ownTimeToTell(
        clock,
        () => {},
        () => feed.ids().includes(`app:${moment}`),
      )
      expect(took, `at moment ${moment}`).not.toBeNull()
      expect(took, `at moment ${moment}`).toBeLessThanOrEqual(SOON_MS)
      await adapter.dispose()
    }
  })
})

describe('cost', () => {
  test('F28 of 20,000 records one that changed is told alone, at a fraction of what all are', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const other = foreignProgram(path)
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    await adapter.identity()
    other.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO files SELECT 'app:' || i, i, printf('%.2000c', 'x'), 'app', 'shared', i, i FROM n`)
    const work = countStatements()
    expect(await adapter.query('app', 'shared')).toHaveLength(20_000)
    expect(work.take().rows).toBeGreaterThanOrEqual(20_000)

    const feed = listenTo(adapter)
    await untilAtRest(clock)
    await clock.pass(TO_REST_MS)
    work.take()
    const change = (): void => void other.exec(`UPDATE files SET content = 'new' WHERE id = 'app:777'`)
    await ownTimeToTell(clock, change, () => feed.ids().length > 0)
    // With all looks that follow the event; each reads two numbers.
    await clock.pass(TO_REST_MS)
    const one = work.take()
    expect(feed.ids()).toEqual(['app:777'])
    expect(one.statements).toBeLessThan(100)
    expect(one.rows).toBeLessThan(100)
  })

  test('F28 heads and changes are read through indexes, never through contents', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.identity()
    const other = foreignProgram(path)
    const statements = prepareStatements(drizzle(other))
    const plan = (query: { readonly sql: string; readonly params: readonly unknown[] }): string =>
      other
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query.sql}`)
        .all(...query.params.map(() => 1))
        .map(({ detail }) => detail)
        .join('\n')
    const heads = plan(statements.headsPage.getQuery())
    expect(heads).toContain(
      'SEARCH files USING COVERING INDEX lockstep_heads (app=? AND owner_id=? AND id>?)',
    )
    expect(heads).toContain('SEARCH c USING COVERING INDEX lockstep_changes_id (id=?)')
    expect(heads).not.toContain('TEMP B-TREE')
    const changes = plan(statements.changesPage.getQuery())
    expect(changes).toContain('SEARCH lockstep_changes USING INTEGER PRIMARY KEY (rowid>?)')
    expect(changes).toContain(
      'SEARCH files USING COVERING INDEX lockstep_heads (app=? AND owner_id=? AND id=?)',
    )
  })

  test('R3 reading, subscribing and settling write nothing, and tell nothing', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const clock = new SteeredClock()
    const [one, two] = [openAdapter(path, clock), openAdapter(path, clock)]
    await one.commit([insertion('a')])
    const feeds = [listenTo(one), listenTo(two)]
    const other = foreignProgram(path)
    const sequence = (): unknown =>
      other.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'lockstep_changes'`).pluck().get()
    const before = sequence()
    await allHeads(two)
    await two.getMany(['app:a'])
    await two.identity()
    // The log is moved into the database a second after the commit, which their watches see, too.
    await clock.pass(TO_REST_MS)
    expect(statSync(`${path}-wal`).size).toBe(0)
    await clock.pass(TO_REST_MS)
    expect(sequence()).toBe(before)
    const change = (): void => void other.exec(`UPDATE files SET content = 'new'`)
    await ownTimeToTell(clock, change, () => feeds.every(feed => feed.ids().length > 0))
    expect(feeds.map(feed => feed.ids())).toEqual([['app:a'], ['app:a']])
  })

  test('F28 the log has one row for each record, however often it changes', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.identity()
    const other = foreignProgram(path)
    for (let i = 0; i < 100; i++)
      other.exec(
        `REPLACE INTO files (id, app, owner_id, last_updated) VALUES ('app:a', 'app', 'shared', ${i})`,
      )
    expect(other.prepare('SELECT count(*) FROM lockstep_changes').pluck().get()).toBe(1)
  })
})

describe('long logs', () => {
  test('R8 old deletes are forgotten at connect, and a reader that had not read them compares everything', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const behind = openAdapter(path)
    await behind.identity()
    const other = foreignProgram(path)
    const rows = (): unknown => other.prepare('SELECT count(*) FROM lockstep_changes').pluck().get()
    // Held back, as a process that was suspended: its subscription began before all that follows.
    other.exec('BEGIN IMMEDIATE')
    other.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
      INSERT INTO files (id, app, owner_id) SELECT 'app:' || i, 'app', 'shared' FROM n;
      DELETE FROM files WHERE id <> 'app:9'`)
    const feed = listenTo(behind)
    expect(rows()).toBe(25_000)
    other.exec('COMMIT')
    await openAdapter(path).identity()
    expect(rows()).toBe(20_000)
    await untilTold(feed, '*')
    expect((await allHeads(behind)).map(({ id }) => id)).toEqual(['app:9'])
  })

  test('F28 changes of more than one page are told in order, once each', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    const feed = listenTo(adapter)
    await adapter.identity()
    foreignProgram(path).exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700)
      INSERT INTO files (id, app, owner_id, last_updated) SELECT 'app:' || i, 'app', 'shared', i FROM n`)
    await untilTold(feed, 'app:1700')
    expect(feed.ids()).toEqual(Array.from({ length: 1_700 }, (_, i) => `app:${i + 1}`))
    expect(feed.hints.length).toBeGreaterThan(1)
  })
})
