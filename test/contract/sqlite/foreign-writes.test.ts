/** Other programs write into the database as they please, and older ones made it: nothing of that is missed. */
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FILES_INDEX, FILES_TABLE } from '../../../src/adapters/sqlite/schema.ts'
import {
  allHeads,
  foreignProgram,
  insertion,
  listenTo,
  openAdapter,
  temporaryFolder,
  untilTold,
} from './database.ts'

const SEED = [insertion('a', 'A', 1_000), insertion('b', 'B', 1_000), insertion('c', 'C', 1_000)]
const ROW = `('app:a', 'a', 'blind', 'app', 'shared', 1000, 1000)`

/** Each leaves rows that differ from the seed; the ids are those whose change must be told. */
const STATEMENTS: readonly (readonly [sql: string, ids: readonly string[]])[] = [
  [`INSERT INTO files VALUES ('app:new', 'new', 'x', 'app', 'shared', 1, NULL)`, ['app:new']],
  [`INSERT OR REPLACE INTO files VALUES ${ROW}`, ['app:a']],
  [`REPLACE INTO files VALUES ${ROW}`, ['app:a']],
  [`INSERT INTO files VALUES ${ROW} ON CONFLICT (id) DO UPDATE SET content = excluded.content`, ['app:a']],
  [`INSERT OR IGNORE INTO files VALUES ('app:new', 'new', 'x', 'app', 'shared', 1, 1)`, ['app:new']],
  [`UPDATE files SET content = 'blind' WHERE id = 'app:a'`, ['app:a']],
  [`UPDATE OR IGNORE files SET content = 'blind' WHERE id = 'app:a'`, ['app:a']],
  [`UPDATE OR REPLACE files SET id = 'app:b' WHERE id = 'app:a'`, ['app:a', 'app:b']],
  [`UPDATE files SET id = 'app:moved' WHERE id = 'app:a'`, ['app:a', 'app:moved']],
  [`UPDATE files SET owner_id = 'ann' WHERE id = 'app:a'`, ['app:a']],
  [`UPDATE files SET content = content || '!'`, ['app:a', 'app:b', 'app:c']],
  [`DELETE FROM files WHERE id = 'app:a'`, ['app:a']],
  [`DELETE FROM files`, ['app:a', 'app:b', 'app:c']],
]

describe('writes of other programs', () => {
  test.each(STATEMENTS)('F3 F14 F15 %s is told', async (sql, ids) => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const before = new Map((await allHeads(adapter)).map(head => [head.id, head.etag]))
    const feed = listenTo(adapter)
    foreignProgram(path).exec(sql)

    await untilTold(feed, ...ids)
    expect(feed.ids().toSorted()).toEqual(ids.toSorted())
    const after = new Map((await allHeads(adapter)).map(head => [head.id, head]))
    for (const id of ids) {
      expect(after.get(id)?.etag).not.toBe(before.get(id))
      expect(feed.last(id)).toEqual(after.get(id) ?? null)
    }
    const rest = [...before].filter(([id]) => !ids.includes(id))
    expect(rest.map(([id]) => [id, after.get(id)?.etag])).toEqual(rest)
  })

  test('F15 of two writes in one millisecond, between two looks, the second is seen', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const other = foreignProgram(path)
    const write = other.prepare(`UPDATE files SET content = ?, last_updated = 5000 WHERE id = 'app:a'`)
    write.run('first')
    const first = (await allHeads(adapter)).find(({ id }) => id === 'app:a')!
    write.run('second')
    const second = (await allHeads(adapter)).find(({ id }) => id === 'app:a')!
    expect([first.lastUpdated, second.lastUpdated]).toEqual([5_000, 5_000])
    expect(first.etag).not.toBe(second.etag)
    const [result] = await adapter.commit([{ ...insertion('a', 'mine', 6_000), expected: first }])
    expect(result).toEqual({ status: 'lost' })
  })

  test('F14 a record that came and went between two looks is told as gone', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const feed = listenTo(adapter)
    const other = foreignProgram(path)
    other.exec(
      `BEGIN; INSERT INTO files (id, app) VALUES ('app:x', 'app'); DELETE FROM files WHERE id = 'app:x'; COMMIT`,
    )
    await untilTold(feed, 'app:x')
    expect(feed.last('app:x')).toBeNull()
  })

  test('F16 rows that no file can be made of neither fail their writer nor hide others', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const other = foreignProgram(path)
    other.exec(`INSERT INTO files (id, app, owner_id) VALUES (NULL, 'app', 'shared')`)
    other.exec(`INSERT INTO files VALUES ('app:null', NULL, NULL, 'app', 'shared', NULL, NULL)`)
    other.exec(`INSERT INTO files VALUES ('app:blob', 'blob', x'ff00', 'app', 'shared', 5, 5)`)
    expect((await allHeads(adapter)).map(({ id }) => id)).toEqual([
      'app:a',
      'app:b',
      'app:blob',
      'app:c',
      'app:null',
    ])
    const records = await adapter.getMany(['app:a', 'app:null', 'app:blob'])
    expect(records.map(record => record?.data.path)).toEqual(['a', '', ''])
    const head = (await allHeads(adapter)).find(({ id }) => id === 'app:null')!
    expect(await adapter.commit([{ type: 'delete', id: 'app:null', expected: head }])).toMatchObject([
      { status: 'done' },
    ])
  })

  test('F3 a foreign commit between two of ours is told too', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const other = foreignProgram(path)
    const insert = other.prepare(`INSERT INTO files VALUES (?, 'x', 'x', 'app', 'shared', 1, 1)`)
    const feed = listenTo(adapter)
    for (let i = 0; i < 50; i++) {
      const own = adapter.commit([insertion(`own-${i}`)])
      insert.run(`app:foreign-${i}`)
      await own
    }
    const expected = Array.from({ length: 50 }, (_, i) => `app:foreign-${i}`)
    await untilTold(feed, ...expected)
    expect(feed.errors).toEqual([])
  })
})

describe('databases of older programs', () => {
  test.each([
    ['without the index, in a rollback journal', FILES_TABLE],
    [
      'with other types',
      `CREATE TABLE files (id text PRIMARY KEY NOT NULL, path text NOT NULL, content text NOT NULL, app text NOT NULL, owner_id text NOT NULL, last_updated integer NOT NULL, created_at integer)`,
    ],
    [
      'with a column more',
      `CREATE TABLE files (id TEXT PRIMARY KEY, path TEXT, content TEXT, app TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT, note TEXT)`,
    ],
  ])('a table %s is used, and no row of it changed', async (_, sql) => {
    const path = join(temporaryFolder(), 'old.db')
    const old = new Sqlite(path)
    old.exec(sql)
    const row = {
      id: 'app:data/a.md',
      path: 'data/a.md',
      content: 'old',
      app: 'app',
      owner_id: 'shared',
      last_updated: 1_700_000_000_123,
      created_at: null,
    }
    old
      .prepare(
        `INSERT INTO files (id, path, content, app, owner_id, last_updated, created_at) VALUES (@id, @path, @content, @app, @owner_id, @last_updated, @created_at)`,
      )
      .run(row)
    old.close()

    const adapter = openAdapter(path)
    const head = { id: row.id, etag: '1700000000123.0', lastUpdated: row.last_updated }
    expect(await allHeads(adapter)).toEqual([head])
    const other = foreignProgram(path)
    expect(other.prepare('SELECT * FROM files').all()).toMatchObject([row])
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
    const names = other
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'files'`)
      .pluck()
      .all()
    expect(names).toContain('idx_files_app_owner')
    const [result] = await adapter.commit([
      {
        type: 'set',
        id: row.id,
        expected: head,
        data: {
          path: row.path,
          content: 'new',
          app: 'app',
          ownerId: 'shared',
          lastUpdated: head.lastUpdated + 1,
        },
      },
    ])
    expect(result?.status).toBe('done')
    expect(other.prepare('SELECT content, created_at FROM files').get()).toEqual({
      content: 'new',
      created_at: null,
    })
  })

  test('a new database has the table of the contract, to the letter', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    await openAdapter(path).identity()
    const sql = foreignProgram(path)
      .prepare(
        `SELECT sql FROM sqlite_master WHERE name IN ('files', 'idx_files_app_owner') ORDER BY type DESC`,
      )
      .pluck()
      .all()
    expect(sql).toEqual(
      [FILES_TABLE, FILES_INDEX].map(text => text.replace(' IF NOT EXISTS', '').replace(/;$/, '')),
    )
  })

  test.each([
    [
      'no column app',
      'CREATE TABLE files (id TEXT PRIMARY KEY, path TEXT, content TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT)',
    ],
    ['primary key is not "id"', FILES_TABLE.replace(' PRIMARY KEY', '')],
    ['makes texts of numbers', FILES_TABLE.replace('last_updated BIGINT', 'last_updated TEXT')],
    ['column size must be given', FILES_TABLE.replace(');', ', size INTEGER NOT NULL);')],
    ['is a view', 'CREATE VIEW files AS SELECT 1 AS id'],
  ])(
    'R12 another program’s table files is refused with the SQL that is expected: %s',
    async (reason, sql) => {
      const path = join(temporaryFolder(), 'other.db')
      const other = foreignProgram(path)
      other.exec(sql)
      const error = await openAdapter(path)
        .identity()
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject({ name: 'AdapterError', code: 'schema', retryable: false })
      expect(String(error)).toContain(reason)
      expect(String(error)).toContain(FILES_TABLE)
      expect(
        other.prepare(`SELECT count(*) FROM sqlite_master WHERE name LIKE 'lockstep%'`).pluck().get(),
      ).toBe(0)
    },
  )
})

describe('triggers of others', () => {
  const TRIM =
    'CREATE TRIGGER trim AFTER UPDATE ON files WHEN NEW.content <> trim(NEW.content) BEGIN UPDATE files SET content = trim(NEW.content) WHERE id = NEW.id; END'

  test('R2 what a trigger makes of a record is another version than the one that was written', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    foreignProgram(path).exec(TRIM)
    const before = new Map((await allHeads(adapter)).map(head => [head.id, head]))
    const edit = (name: string, content: string) => ({
      ...insertion(name, content, 2_000),
      expected: before.get(`app:${name}`)!,
    })
    const results = await adapter.commit([edit('a', ' trimmed '), edit('b', 'as it is'), edit('c', 'too')])
    const after = new Map((await allHeads(adapter)).map(({ id, etag }) => [id, etag]))
    const isAsWritten = results.map(
      (result, index) => result.status === 'done' && result.etag === after.get(`app:${'abc'[index]}`),
    )
    expect(isAsWritten).toEqual([false, true, true])
  })
})

describe('changes of the schema by others', () => {
  test('R8 dropped triggers are made again, and everything is compared', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const feed = listenTo(adapter)
    const other = foreignProgram(path)
    other.exec(
      `DROP TRIGGER lockstep_files_update; UPDATE files SET content = 'unseen', last_updated = 2 WHERE id = 'app:a'`,
    )
    await untilTold(feed, '*')
    other.exec(`UPDATE files SET content = 'seen' WHERE id = 'app:b'`)
    await untilTold(feed, 'app:b')
    expect(feed.errors).toEqual([])
  })

  test('R8 a table that was dropped and made again is compared by every process', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const [one, two] = [openAdapter(path), openAdapter(path)]
    await one.commit(SEED)
    const feeds = [listenTo(one), listenTo(two)]
    foreignProgram(path).exec(`DROP TABLE files; ${FILES_TABLE}`)
    for (const feed of feeds) await untilTold(feed, '*')
    expect(await allHeads(two)).toEqual([])
    expect(await one.commit([insertion('a')])).toMatchObject([{ status: 'done' }])
  })

  test('F20 vacuum, new indexes and other tables are no gap', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit(SEED)
    const feed = listenTo(adapter)
    const other = foreignProgram(path)
    other.exec(`CREATE TABLE notes (id); CREATE INDEX mine ON files(path); VACUUM`)
    other.exec(`UPDATE files SET content = 'seen' WHERE id = 'app:b'`)
    await untilTold(feed, 'app:b')
    expect(feed.ids()).toEqual(['app:b'])
  })
})
