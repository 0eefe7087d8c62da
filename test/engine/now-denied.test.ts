/** What an update, or an edit of the settings, puts on the denylist is told once, and deleted nowhere (R10.9). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const told = (events: readonly SessionEvent[]): string[] =>
  events.flatMap(event => (event.type === 'problem' && event.code === 'now-denied' ? [event.message] : []))

test('R10.9 files that have a base and are denied now are named once', async () => {
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  for (const name of ['a', 'b', 'c']) device.write(`data/${name}.md`, `${name}\n`)
  await device.sync()
  // As after an update whose list is longer.
  device.denied = ['data/a.md', 'data/b.md']
  device.write('data/b.md', 'edited\n')
  device.remove('data/a.md')
  const [first, ...others] = told(await device.sync())
  expect(others).toEqual([])
  expect(first).toMatch(/^2 files .*: data\/a\.md, data\/b\.md\. Nothing is deleted/)
  expect(told(await device.sync())).toEqual([])
  const records = await database.adapter().query('app', 'shared')
  expect(records.map(({ data }) => data.content).sort()).toEqual(['a\n', 'b\n', 'c\n'])
  expect(device.paths()).toEqual(['data/b.md', 'data/c.md'])
})

test('R10.9 a file that never synced is not told of', async () => {
  await using device = new MemoryDevice(createMemoryDatabase())
  device.denied = ['data/a.md']
  device.write('data/a.md', 'a\n')
  expect(told(await device.sync())).toEqual([])
})
