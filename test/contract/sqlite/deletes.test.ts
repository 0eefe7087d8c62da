/** What devices say of the deletes they make (R8.9), kept in the user's own database. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DeleteWord } from '../../../src/engine/ports/adapter.ts'
import { allHeads, foreignProgram, insertion, openAdapter, temporaryFolder } from './database.ts'

async function inDatabase(): Promise<{
  readonly path: string
  readonly adapter: ReturnType<typeof openAdapter>
  remove(id: string, word?: DeleteWord): Promise<string>
}> {
  const path = join(temporaryFolder(), 'sync.db')
  const adapter = openAdapter(path)
  await adapter.commit([insertion('a', 'A', 1_000), insertion('b', 'B', 1_000)])
  return {
    path,
    adapter,
    async remove(id, word) {
      const head = (await allHeads(adapter)).find(each => each.id === id)!
      const expected = { etag: head.etag, lastUpdated: head.lastUpdated }
      const said = word === undefined ? {} : { word }
      expect(await adapter.commit([{ type: 'delete', id, expected, ...said }])).toEqual([
        { status: 'done', etag: null },
      ])
      return head.etag
    },
  }
}

test('R8.9 a word that comes with a delete is told to other connections, for the record that was deleted', async () => {
  const { path, remove } = await inDatabase()
  const etag = await remove('app:a', 'meant')
  const there = openAdapter(path)
  expect(await there.deletes!(['app:b', 'app:a'])).toEqual([
    null,
    { etag, lastUpdated: 1_000, word: 'meant' },
  ])
})

test('R8.9 a later delete has its own word; one that nobody speaks for leaves the former record’s', async () => {
  const { path, adapter, remove } = await inDatabase()
  const first = await remove('app:a', 'seen')
  await adapter.commit([insertion('a', 'anew', 2_000)])
  const second = await remove('app:a', 'meant')
  expect(await adapter.deletes!(['app:a'])).toEqual([{ etag: second, lastUpdated: 2_000, word: 'meant' }])
  expect(second).not.toBe(first)
  await adapter.commit([insertion('a', 'once more', 3_000)])
  foreignProgram(path).exec('DELETE FROM files')
  // It names a record that no base has any more.
  expect(await adapter.deletes!(['app:a'])).toEqual([{ etag: second, lastUpdated: 2_000, word: 'meant' }])
})

test('R8.9 a delete that is lost says nothing', async () => {
  const { adapter } = await inDatabase()
  const expected = { etag: 'other', lastUpdated: 1_000 }
  const results = await adapter.commit([{ type: 'delete', id: 'app:a', expected, word: 'meant' }])
  expect(results).toEqual([{ status: 'lost' }])
  expect(await adapter.deletes!(['app:a'])).toEqual([null])
})

test('R8.9 an edit has its word too, for the record that it has made', async () => {
  const { adapter } = await inDatabase()
  const [{ etag, lastUpdated } = { etag: '', lastUpdated: 0 }] = await allHeads(adapter)
  const data = { path: 'a', content: 'anew', app: 'app', ownerId: 'shared', lastUpdated: 2_000 }
  const expected = { etag, lastUpdated }
  const [edited] = await adapter.commit([{ type: 'set', id: 'app:a', expected, data, word: 'weighed' }])
  const made = (await allHeads(adapter)).find(({ id }) => id === 'app:a')!
  expect(edited).toEqual({ status: 'done', etag: made.etag })
  expect(await adapter.deletes!(['app:a'])).toEqual([
    { etag: made.etag, lastUpdated: 2_000, word: 'weighed' },
  ])
  await adapter.commit([{ type: 'set', id: 'app:a', expected, data, word: 'weighed' }])
  expect((await adapter.deletes!(['app:a']))[0]!.etag).toBe(made.etag)
})

test('R8.9 words of long ago are forgotten with the next one', async () => {
  const { path, adapter, remove } = await inDatabase()
  await remove('app:a', 'meant')
  foreignProgram(path).exec('UPDATE lockstep_deletes SET at = 1000')
  await remove('app:b', 'seen')
  expect((await adapter.deletes!(['app:a', 'app:b'])).map(said => said?.word ?? null)).toEqual([null, 'seen'])
})
