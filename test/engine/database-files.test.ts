/** SQLite's files never sync, whatever they are called (R10.5): they are known by what they begin with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { encodeContent } from '../../src/engine/core/content.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

/** The files of a database that a program has open. */
function filesOfOpenDatabase(): { readonly database: Buffer; readonly log: Buffer; readonly index: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-sqlite-'))
  const file = join(folder, 'x.db')
  const open = new Sqlite(file)
  open.pragma('journal_mode = WAL')
  open.exec("CREATE TABLE t (secret); INSERT INTO t VALUES ('hunter2')")
  const [database, log, index] = ['', '-wal', '-shm'].map(end => readFileSync(file + end))
  open.close()
  rmSync(folder, { recursive: true })
  return { database: database!, log: log!, index: index! }
}

const { database: DATABASE, log: LOG, index: INDEX } = filesOfOpenDatabase()

test('R10.5 one that lies in the folder is not sent, nor are its log and its index, and all are told', async () => {
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  device.write('data/store.bin', DATABASE)
  device.write('data/store.log2', LOG)
  device.write('data/store.log3', INDEX)
  device.write('data/about.md', 'SQLite format 3 is a format.\n')
  const events = await device.sync()
  const ids = (await database.adapter().query('app', 'shared')).map(({ id }) => id)
  expect(ids).toEqual(['app:data/about.md'])
  const problems = events.filter(({ type }) => type === 'problem')
  expect(problems).toMatchObject([
    { code: 'denied', path: 'data/store.bin' },
    { code: 'denied', path: 'data/store.log2' },
    { code: 'denied', path: 'data/store.log3' },
  ])
})

test('R10.5 R8.15 a file that becomes one is no delete, and no edit', async () => {
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  device.write('data/store', 'a text\n')
  device.write('data/other.md', 'other\n')
  await device.sync()
  device.write('data/store', DATABASE)
  await device.sync()
  expect((await database.adapter().get('app:data/store'))?.data.content).toBe('a text\n')
})

test('R10.5 a record that holds one becomes no file', async () => {
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  const content = encodeContent(DATABASE, nodeCodec)
  const record = { content, app: 'app', ownerId: 'shared', lastUpdated: 1_000 }
  const adapter = database.adapter()
  await adapter.set('app:data/store', { ...record, path: 'data/store' })
  await adapter.set('app:data/a.md', { ...record, path: 'data/a.md', content: 'a\n' })
  await device.sync()
  expect(device.paths()).toEqual(['data/a.md'])
  expect((await adapter.get('app:data/store'))?.data.content).toBe(content)
})
