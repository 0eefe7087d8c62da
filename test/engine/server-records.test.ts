/** A channel that an agent-native server works on as well (R8.18): it deletes what is named as here when it starts. */
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const CONFIG = { syncFilePatterns: ['data/*.md'], privateSyncFilePatterns: ['data/own/**'] }
const THEIRS = 'app:data/own/theirs.md'

async function inStep(database: MemoryDatabase, hasServer: boolean): Promise<MemoryDevice> {
  if (hasServer)
    await database.adapter().set(THEIRS, {
      path: 'data/own/theirs.md',
      content: 'of the server\n',
      app: 'app',
      ownerId: 'alice',
      lastUpdated: 1_000,
    })
  const device = new MemoryDevice(database, { config: CONFIG })
  device.user = 'alice'
  for (const name of ['a', 'b', 'c']) device.write(`data/own/${name}.md`, `${name}\n`)
  device.write('data/shared.md', 'shared\n')
  await device.sync()
  return device
}

describe('R8.18 records of an agent-native server', () => {
  test.each([true, false])('there: %s, a delete of one of ours is held, or carried out', async hasServer => {
    const database = createMemoryDatabase()
    await using device = await inStep(database, hasServer)
    await database.adapter().delete('app@alice:data/own/a.md')
    await database.adapter().delete('app:data/shared.md')
    const events = await device.sync()
    const problems = events.flatMap(event => (event.type === 'problem' ? [[event.code, event.path]] : []))
    expect(problems).toEqual(hasServer ? [['server-record', THEIRS]] : [])
    const holds = device.state.loadHolds(device.ownScope).map(({ path, reason }) => [path, reason])
    expect(holds).toEqual(hasServer ? [['data/own/a.md', 'server-deletes']] : [])
    // The shared channel is another matter.
    expect(device.paths()).toEqual([
      ...(hasServer ? ['data/own/a.md'] : []),
      'data/own/b.md',
      'data/own/c.md',
    ])
  })

  test('edits, new files and deletes made here go on', async () => {
    const database = createMemoryDatabase()
    await using device = await inStep(database, true)
    device.write('data/own/a.md', 'edited\n')
    device.write('data/own/new.md', 'new\n')
    device.remove('data/own/b.md')
    await device.sync()
    const records = await database.adapter().query('app', 'alice')
    expect(records.map(({ id, data }) => `${id} ${data.content}`).sort()).toEqual([
      `${THEIRS} of the server\n`,
      'app@alice:data/own/a.md edited\n',
      'app@alice:data/own/c.md c\n',
      'app@alice:data/own/new.md new\n',
    ])
    expect(device.state.loadHolds(device.ownScope)).toEqual([])
  })
})
