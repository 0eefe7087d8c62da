/** Databases in which a write is always too late, although nobody else writes (R13.4). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { AdapterAbilities, EngineAdapter } from '../../src/engine/ports/adapter.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

/** Of all writes of this path it says that they were lost, and does nothing. */
function ignoring(path: string, asked: { count: number }): (adapter: EngineAdapter) => EngineAdapter {
  return adapter => ({
    ...adapter,
    commit: async writes => {
      const results = await (adapter as EngineAdapter & AdapterAbilities).commit(
        writes.filter(({ id }) => !id.endsWith(path)),
      )
      return writes.map(({ id }) => {
        if (!id.endsWith(path)) return results.shift()!
        asked.count += 1
        return { status: 'lost' }
      })
    },
  })
}

function neverWon(events: readonly SessionEvent[]) {
  return events.filter(event => event.type === 'problem' && event.code === 'never-won')
}

test.concurrent('R13.4 a new file that the database never takes is a problem, and sync ends; others go on', async () => {
  const database = createMemoryDatabase()
  const asked = { count: 0 }
  await using device = new MemoryDevice(database, { aroundDatabase: ignoring('data/X.md', asked) })
  await using other = new MemoryDevice(database)
  for (const name of ['x', 'X', 'z']) device.write(`data/${name}.md`, name)
  const events = await device.sync()
  expect(neverWon(events)[0]).toMatchObject({ path: 'data/X.md', retryAt: expect.any(Number) as number })
  // Twice it may have been a race; each try after that waits longer.
  expect(asked.count).toBeLessThanOrEqual(6)
  expect(device.summary).toMatchObject({ pushed: 2, problems: 1 })
  await other.sync()
  expect(other.paths()).toEqual(['data/x.md', 'data/z.md'])
})

test.concurrent('R13.4 so is an edit that it ignores, and a delete, until it takes them', async () => {
  const database = createMemoryDatabase()
  const asked = { count: 0 }
  let isMended = false
  const ignore = ignoring('data/edited.md', asked)
  const ignoreDelete = ignoring('data/deleted.md', asked)
  await using device = new MemoryDevice(database, {
    aroundDatabase: adapter =>
      isMended || !device.paths().includes('data/new.md') ? adapter : ignoreDelete(ignore(adapter)),
  })
  await using other = new MemoryDevice(database)
  device.write('data/edited.md', 'one')
  device.write('data/deleted.md', 'two')
  await device.sync()
  device.write('data/new.md', 'three')
  device.write('data/edited.md', 'one, edited')
  device.remove('data/deleted.md')
  const events = await device.sync()
  expect(new Set(neverWon(events).map(event => 'path' in event && event.path))).toEqual(
    new Set(['data/edited.md', 'data/deleted.md']),
  )
  await other.sync()
  expect(other.paths()).toEqual(['data/deleted.md', 'data/edited.md', 'data/new.md'])

  isMended = true
  expect(neverWon(await device.sync())).toEqual([])
  await other.sync()
  expect(other.paths()).toEqual(['data/edited.md', 'data/new.md'])
  expect(other.read('data/edited.md')).toBe('one, edited')
})
