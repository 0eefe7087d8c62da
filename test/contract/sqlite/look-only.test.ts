/** Looking at a database changes nothing in it (R3), whoever it belongs to, and shows what a sync would find. */
import Sqlite, { type Database } from 'better-sqlite3'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSqliteAdapter, type SqliteAdapter } from '../../../src/adapters/sqlite/adapter.ts'
import { FILES_INDEX, FILES_TABLE } from '../../../src/adapters/sqlite/schema.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { allHeads, insertion, openAdapter, temporaryFolder } from './database.ts'

const ROW = `INSERT INTO files VALUES ('app:data/a.md', 'data/a.md', 'A', 'app', 'shared', 1000, 1000)`

function made(path: string, make: (client: Database) => void): void {
  const client = new Sqlite(path)
  make(client)
  client.close()
}

/** Every file beside the database too, by its bytes. */
function bytesOf(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'base64')]))
}

async function looked<Result>(
  path: string,
  work: (adapter: SqliteAdapter) => Promise<Result>,
): Promise<Result> {
  const adapter = createSqliteAdapter({ path, clock: nodeClock, isPreview: true })
  try {
    return await work(adapter)
  } finally {
    await adapter.dispose()
  }
}

const JOURNALS = ['delete', 'wal'] as const

test.each(JOURNALS)('R3 a database that was never ours stays as it is (journal: %s)', async journal => {
  const folder = temporaryFolder()
  const path = join(folder, 'app.db')
  made(path, client => {
    client.pragma(`journal_mode = ${journal}`)
    client.exec(FILES_TABLE + FILES_INDEX + ROW)
  })
  const before = bytesOf(folder)
  await looked(path, async adapter => {
    expect(await allHeads(adapter)).toEqual([{ id: 'app:data/a.md', etag: '1000.0', lastUpdated: 1_000 }])
    expect((await adapter.getMany(['app:data/a.md', 'app:data/b.md'])).map(one => one?.data.content)).toEqual(
      ['A', undefined],
    )
    expect((await adapter.query('app', 'shared')).map(({ id }) => id)).toEqual(['app:data/a.md'])
    expect(await adapter.identity()).toMatch(/^[\da-f-]{36}\./)
  })
  expect(bytesOf(folder)).toEqual(before)
})

test.each([
  ['without any table', (client: Database) => void client.pragma('user_version = 1')],
  ['with other tables', (client: Database) => void client.exec('CREATE TABLE notes (text TEXT)')],
  [
    'with half of what is ours',
    (client: Database) =>
      void client.exec(
        `${FILES_TABLE} CREATE TABLE lockstep_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
      ),
  ],
])('R3 a database %s holds no records, and stays so', async (_name, make) => {
  const folder = temporaryFolder()
  const path = join(folder, 'app.db')
  made(path, make)
  const before = bytesOf(folder)
  expect(await looked(path, allHeads)).toEqual([])
  expect(await looked(path, adapter => adapter.identity())).toMatch(/^[\da-f-]{36}\./)
  expect(bytesOf(folder)).toEqual(before)
})

test('R12 another program’s table files is refused, also for a sync, and nothing of it is changed', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'other.db')
  made(path, client => void client.exec('CREATE TABLE files (name TEXT)'))
  const before = bytesOf(folder)
  const refused = { name: 'AdapterError', code: 'schema', retryable: false }
  await expect(looked(path, allHeads)).rejects.toMatchObject(refused)
  expect(bytesOf(folder)).toEqual(before)
  await expect(openAdapter(path).identity()).rejects.toMatchObject(refused)
  expect(bytesOf(folder)).toEqual(before)
})

test('R4 our own database is the same one to a look and to a sync, whether or not somebody has it open', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'sync.db')
  const adapter = createSqliteAdapter({ path, clock: nodeClock })
  await adapter.commit([insertion('data/a.md', 'A'), insertion('data/b.md', 'B')])
  const [heads, identity] = [await allHeads(adapter), await adapter.identity()]
  expect(await looked(path, allHeads), 'beside an engine').toEqual(heads)
  await adapter.dispose()
  const before = bytesOf(folder)
  expect([...before.keys()]).toEqual(['sync.db'])
  expect(await looked(path, allHeads)).toEqual(heads)
  expect(await looked(path, other => other.identity())).toBe(identity)
  expect(bytesOf(folder)).toEqual(before)
})

test('R3 what a crash left in the log is read, and stays there', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'sync.db')
  const source = join(temporaryFolder(), 'source.db')
  const adapter = openAdapter(source)
  await adapter.commit([insertion('data/a.md', 'A')])
  for (const end of ['', '-wal']) copyFileSync(source + end, path + end)
  const before = bytesOf(folder)
  expect(await looked(path, allHeads)).toHaveLength(1)
  const after = bytesOf(folder)
  for (const [name, bytes] of before) expect(after.get(name), name).toBe(bytes)
})

test('R12 a write that was broken off is left for a sync to undo, and that is said', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'app.db')
  const source = join(temporaryFolder(), 'source.db')
  made(source, client => {
    client.exec(FILES_TABLE + FILES_INDEX + ROW)
    // So small a cache that half of the transaction is in the file before its end.
    client.pragma('cache_size = 5')
    const insert = client.prepare(`INSERT INTO files (id, content) VALUES (?, ?)`)
    client.exec('BEGIN')
    for (let n = 0; n < 500; n++) insert.run(`x${n}`, 'x'.repeat(500))
    client.exec('COMMIT; BEGIN; UPDATE files SET content = content || 1')
    for (const end of ['', '-journal']) copyFileSync(source + end, path + end)
    client.exec('ROLLBACK')
  })
  const before = bytesOf(folder)
  await expect(looked(path, allHeads)).rejects.toMatchObject({
    retryable: true,
    message: expect.stringContaining('The next sync mends that') as string,
  })
  expect(bytesOf(folder)).toEqual(before)
  expect(await allHeads(openAdapter(path))).toHaveLength(1)
  expect(await looked(path, allHeads)).toHaveLength(1)
})

test('a write by mistake is refused, and a schema that changes meanwhile is seen', async () => {
  const path = join(temporaryFolder(), 'app.db')
  made(path, client => void client.exec('CREATE TABLE notes (text TEXT)'))
  await looked(path, async adapter => {
    expect(await allHeads(adapter)).toEqual([])
    await expect(adapter.commit([insertion('data/a.md')])).rejects.toMatchObject({ name: 'AdapterError' })
    made(path, client => void client.exec(FILES_TABLE + FILES_INDEX + ROW))
    expect(await allHeads(adapter)).toHaveLength(1)
  })
})

test('a database that is not there is not made', async () => {
  const folder = temporaryFolder()
  await expect(looked(join(folder, 'sync.db'), allHeads)).rejects.toMatchObject({ code: 'not-found' })
  expect(readdirSync(folder)).toEqual([])
})
