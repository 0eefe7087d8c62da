/** The change feed: soon, at the cost of what changed, and silent while nothing happens. */
import { drizzle } from 'drizzle-orm/better-sqlite3/driver'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { prepareStatements } from '../../../src/adapters/sqlite/statements.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import {
  allHeads,
  foreignProcess,
  foreignProgram,
  insertion,
  listenTo,
  openAdapter,
  temporaryFolder,
  until,
} from './database.ts'

describe('latency', () => {
  test('R2 another process’s commits are told within 100 ms', { retry: 3 }, async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    const delays: number[] = []
    const end = adapter.watchHeads(
      'app',
      'shared',
      hint => {
        const now = performance.timeOrigin + performance.now()
        if (hint !== 'everything')
          for (const { head } of hint) if (head !== null) delays.push(now - head.lastUpdated / 1_000)
      },
      () => expect.unreachable(),
    )
    // Versions are microseconds here: when the writer was done preparing its commit.
    const writer = foreignProcess(
      path,
      `const insert = db.prepare("INSERT INTO files VALUES (?, 'x', 'x', 'app', 'shared', ?, 1)")
       for (let i = 0; i < 30; i++) { await sleep(30 + i * 3); insert.run('app:' + i, Math.round(now() * 1000)) }`,
    )
    await writer.ended
    await until(() => delays.length >= 30)
    end()
    const sorted = delays.filter(delay => delay > 0).toSorted((a, b) => a - b)
    expect(sorted.length).toBeGreaterThanOrEqual(30)
    expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThan(100)
  })

  test(
    'R2 a commit right after subscribing is told without waiting for the slow look',
    { retry: 3 },
    async () => {
      const path = join(temporaryFolder(), 'sync.db')
      const adapter = openAdapter(path)
      const other = openAdapter(path)
      const feed = listenTo(adapter)
      const began = performance.now()
      await other.commit([insertion('a')])
      await until(() => feed.ids().includes('app:a'))
      expect(performance.now() - began).toBeLessThan(500)
    },
  )
})

describe('cost', () => {
  test('F28 of 20,000 records one that changed is told alone, in a fraction of the time that all take', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const other = foreignProgram(path)
    const adapter = openAdapter(path)
    await adapter.identity()
    other.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO files SELECT 'app:' || i, i, printf('%.2000c', 'x'), 'app', 'shared', i, i FROM n`)
    const beganAll = process.cpuUsage()
    expect(await adapter.query('app', 'shared')).toHaveLength(20_000)
    const all = process.cpuUsage(beganAll)

    const feed = listenTo(adapter)
    await nodeClock.sleep(300)
    const began = process.cpuUsage()
    other.exec(`UPDATE files SET content = 'new' WHERE id = 'app:777'`)
    await until(() => feed.ids().length > 0)
    await nodeClock.sleep(50)
    const one = process.cpuUsage(began)
    expect(feed.ids()).toEqual(['app:777'])
    expect(one.user + one.system).toBeLessThan((all.user + all.system) / 4)
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
    const [one, two] = [openAdapter(path), openAdapter(path)]
    await one.commit([insertion('a')])
    const feeds = [listenTo(one), listenTo(two)]
    const other = foreignProgram(path)
    const sequence = (): unknown =>
      other.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'lockstep_changes'`).pluck().get()
    const before = sequence()
    await allHeads(two)
    await two.getMany(['app:a'])
    await two.identity()
    // The log is moved into the database a second after the commit.
    await nodeClock.sleep(1_300)
    expect(sequence()).toBe(before)
    expect(feeds.map(feed => feed.ids())).toEqual([[], []])
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
    await until(() => feed.ids().includes('*'))
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
    await until(() => feed.ids().length >= 1_700)
    expect(feed.ids()).toEqual(Array.from({ length: 1_700 }, (_, i) => `app:${i + 1}`))
    expect(feed.hints.length).toBeGreaterThan(1)
  })
})
