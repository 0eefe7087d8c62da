/** What the log of the user's database still knows of writes that were seen in it (R4.10). */
import { copyFileSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SeenWrite } from '../../../src/engine/ports/adapter.ts'
import { allHeads, foreignProgram, insertion, openAdapter, temporaryFolder } from './database.ts'

interface Database {
  readonly path: string
  /** Every record's last write. */
  seen(): Promise<SeenWrite[]>
  remembers(writes: readonly SeenWrite[]): Promise<boolean[]>
  execute(sql: string): void
  /** A copy of it as it is now; called later, it is put back in place. */
  copy(): () => void
}

async function inDatabase(): Promise<Database> {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path)
  await adapter.commit(['a', 'b', 'c'].map(name => insertion(name, name, 1_000)))
  await adapter.dispose()
  const opened = async <Result>(work: (adapter: ReturnType<typeof openAdapter>) => Promise<Result>) => {
    const again = openAdapter(path)
    try {
      return await work(again)
    } finally {
      await again.dispose()
    }
  }
  return {
    path,
    seen: () => opened(allHeads),
    remembers: writes => opened(async again => again.remembers!(writes)),
    execute(sql) {
      const program = foreignProgram(path)
      program.exec(sql)
      program.pragma('wal_checkpoint(TRUNCATE)')
      program.close()
    },
    copy() {
      const copy = `${path}.copy`
      copyFileSync(path, copy)
      return () => {
        for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
        writeFileSync(path, readFileSync(copy))
      }
    },
  }
}

test('R4.10 writes that others have followed, edits and deletes, are known', async () => {
  const database = await inDatabase()
  const before = await database.seen()
  database.execute(`UPDATE files SET content = 'edited' WHERE path = 'a'; DELETE FROM files WHERE path = 'b'`)
  expect(await database.remembers(before)).toEqual([true, true, true])
})

test('R4.10 an older copy has forgotten what came after it: edits, new records, and both once they were deleted', async () => {
  const database = await inDatabase()
  const putBack = database.copy()
  database.execute(`UPDATE files SET content = 'edited' WHERE path = 'a'`)
  database.execute(`INSERT INTO files (id, path, app, owner_id) VALUES ('app:new', 'new', 'app', 'shared')`)
  const after = await database.seen()
  putBack()
  const verdicts = await database.remembers(after)
  const forgotten = after.filter((_, index) => !verdicts[index]).map(({ id }) => id)
  expect(forgotten).toEqual(['app:a', 'app:new'])
})

test('R4.10 also where its numbers were given again, and the record itself was written anew', async () => {
  const database = await inDatabase()
  const putBack = database.copy()
  database.execute(`UPDATE files SET content = 'edited' WHERE path = 'a'`)
  const after = await database.seen()
  putBack()
  database.execute(`UPDATE files SET content = 'other' WHERE path = 'b'`)
  database.execute(`UPDATE files SET content = 'on the older one' WHERE path = 'a'`)
  expect(await database.remembers(after)).toEqual([false, true, true])
})

test.each([
  ['edit', `UPDATE files SET content = 'on the older one', last_updated = 3000 WHERE path = 'a'`],
  ['delete', `DELETE FROM files WHERE path = 'a'`],
])('R4.10 also where the record’s own %s in the copy was given the number of the write', async (_, sql) => {
  const database = await inDatabase()
  const putBack = database.copy()
  database.execute(`UPDATE files SET content = 'edited', last_updated = 2000 WHERE path = 'a'`)
  const after = await database.seen()
  putBack()
  database.execute(sql)
  expect(await database.remembers(after)).toEqual([false, true, true])
})

test('R4.10 what was written while nothing was logged is an edit', async () => {
  const database = await inDatabase()
  const before = await database.seen()
  database.execute(
    `DROP TRIGGER lockstep_files_update; UPDATE files SET content = 'edited', last_updated = 2000 WHERE path = 'a'`,
  )
  expect(await database.remembers(before)).toEqual([true, true, true])
})

test('R4.10 up to a gap in the log nothing is said of records that are gone', async () => {
  const database = await inDatabase()
  const before = await database.seen()
  database.execute(`DROP TRIGGER lockstep_files_delete; DELETE FROM files WHERE path = 'b'`)
  expect(await database.remembers(before)).toEqual([true, true, true])
})
