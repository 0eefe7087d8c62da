/** A file on both lists is private, and that is told at each sync alike (R15.1, R12.1). */
import { expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const DIARY = 'data/own/diary.md'

function ofAlice(database: MemoryDatabase): MemoryDevice {
  const device = new MemoryDevice(database, { config: { privateSyncFilePatterns: ['data/own/**'] } })
  device.user = 'alice'
  return device
}

/** What a sync says stands in the end, and whether that was told once. */
async function told(device: MemoryDevice): Promise<{ problems: number; events: string[] }> {
  const events = await device.sync()
  return {
    problems: device.summary!.problems,
    events: events.flatMap(event =>
      event.type === 'problem' || event.type === 'recovered' ? [`${event.type} ${event.code}`] : [],
    ),
  }
}

const ONCE = { problems: 1, events: ['problem both-channels'] }

test.concurrent('R15.1 R12.1 a file of both lists is one problem in each sync, whatever is carried out', async () => {
  const database = createMemoryDatabase()
  await using one = ofAlice(database)
  await using other = ofAlice(database)
  one.write(DIARY, 'first\n')
  expect(await told(one)).toEqual(ONCE)
  expect(await told(one)).toEqual(ONCE)
  expect(await told(other)).toEqual(ONCE)
  other.write(DIARY, 'second\n')
  expect(await told(other)).toEqual(ONCE)
  expect(await told(one)).toEqual(ONCE)
  one.write('data/own/more.md', 'more\n')
  one.write('data/plain.md', 'plain\n')
  expect((await told(one)).problems).toBe(2)
})

test.concurrent('R15.1 it is over when the file is gone, here or by a delete elsewhere', async () => {
  const database = createMemoryDatabase()
  await using one = ofAlice(database)
  await using other = ofAlice(database)
  for (const name of ['diary', 'a', 'b']) one.write(`data/own/${name}.md`, name)
  await one.sync()
  await other.sync()
  one.remove(DIARY)
  expect((await told(one)).problems).toBe(2)
  expect((await told(other)).problems).toBe(2)
})
