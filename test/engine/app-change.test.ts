/** A folder whose app has another name than it had (R4.11): nothing happens before a person has decided. */
import { expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const FILE = 'data/a.md'

async function inStep(database: MemoryDatabase): Promise<[MemoryDevice, MemoryDevice]> {
  const devices: [MemoryDevice, MemoryDevice] = [new MemoryDevice(database), new MemoryDevice(database)]
  devices[0].write(FILE, 'first\n')
  for (const device of devices) await device.sync()
  return devices
}

const isHeld = (events: readonly SessionEvent[]): boolean =>
  events.some(event => event.type === 'problem' && event.code === 'app-changed') &&
  events.findLast(event => event.type === 'status')?.state === 'held'

const recordsOf = async (database: MemoryDatabase, app: string): Promise<string[]> =>
  (await database.adapter().query(app, 'shared')).map(({ data }) => `${data.path} ${data.content}`)

/** As `lockstep approve` does. */
async function approve({ state, scope }: MemoryDevice): Promise<void> {
  await state.commit([
    { kind: 'base-doubt', scope, doubt: 'elsewhere' },
    { kind: 'scopes-watched', scopes: [scope] },
  ])
}

test('R4.11 nothing is sent, received or deleted, and with the former name all goes on', async () => {
  const database = createMemoryDatabase()
  const [a, b] = await inStep(database)
  await using _a = a
  await using _b = b
  a.app = 'renamed'
  a.write('data/new.md', 'new\n')
  b.write('data/theirs.md', 'theirs\n')
  await b.sync()
  for (const _ of [1, 2]) expect(isHeld(await a.sync())).toBe(true)
  expect(await recordsOf(database, 'renamed')).toEqual([])
  expect(a.paths()).toEqual([FILE, 'data/new.md'])
  a.remove(FILE)
  a.app = 'app'
  expect(isHeld(await a.sync())).toBe(false)
  expect(a.paths()).toEqual(['data/new.md', 'data/theirs.md'])
  expect((await recordsOf(database, 'app')).sort()).toEqual(['data/new.md new\n', 'data/theirs.md theirs\n'])
})

test('R4.11 approved, it goes on as another app, and back again nothing is lost', async () => {
  const database = createMemoryDatabase()
  const [a, b] = await inStep(database)
  await using _a = a
  await using _b = b
  a.app = 'renamed'
  await a.sync()
  await approve(a)
  expect(isHeld(await a.sync())).toBe(false)
  a.write(FILE, 'as the new app\n')
  await a.sync()
  expect(await recordsOf(database, 'renamed')).toEqual([`${FILE} as the new app\n`])
  a.app = 'app'
  expect(isHeld(await a.sync())).toBe(true)
  await approve(a)
  await a.sync()
  expect(await recordsOf(database, 'app')).toEqual([`${FILE} first\n`])
  expect(a.read(FILE)).toBe('first\n')
})

test('R4.11 a folder that was never in step may be named anew', async () => {
  const database = createMemoryDatabase()
  await using device = new MemoryDevice(database)
  device.app = 'renamed'
  device.write(FILE, 'first\n')
  expect(isHeld(await device.sync())).toBe(false)
  expect(await recordsOf(database, 'renamed')).toEqual([`${FILE} first\n`])
})
