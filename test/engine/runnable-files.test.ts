/** Files that programs run by themselves: each content from the database waits, unless this device trusts it (R10.6, R10.7). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { EngineAdapter } from '../../src/engine/ports/adapter.ts'
import { decide, holdsOf } from '../support/decisions.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const TASKS = 'data/.vscode/tasks.json'
const [GOOD, EVIL, WORSE] = ['{"tasks":["build"]}\n', '{"tasks":["steal"]}\n', '{"tasks":["steal more"]}\n']

/** As a program that writes rows. */
async function row(database: MemoryDatabase, path: string, content: string): Promise<void> {
  const lastUpdated = Date.now()
  await database
    .adapter()
    .set(`app:${path}`, { path, content, app: 'app', ownerId: 'shared', lastUpdated, createdAt: lastUpdated })
}

async function recordOf(database: MemoryDatabase, path = TASKS): Promise<string | null> {
  return (await database.adapter().get(`app:${path}`))?.data.content ?? null
}

const isThere = ({ folder }: MemoryDevice, path = TASKS): boolean => existsSync(join(folder, path))
const held = (device: MemoryDevice): string[] =>
  holdsOf(device).map(({ path, kind, side, reason }) => `${path} ${kind} ${side} ${reason}`)
const HELD = [`${TASKS} content local may-run-code`]

async function trust({ state }: MemoryDevice, what: string): Promise<void> {
  await state.commit([{ kind: 'trust-add', trust: { reason: 'may-run-code', path: null, what } }])
}

describe.concurrent('R10.6 what comes from the database', () => {
  test('waits, is kept to be looked at, and all else is in step', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, TASKS, EVIL)
    await row(database, 'data/plain.json', '{}')
    const events = await device.sync()
    expect(isThere(device)).toBe(false)
    expect(device.read('data/plain.json')).toBe('{}')
    expect(held(device)).toEqual(HELD)
    expect(Buffer.from(device.state.readContent(holdsOf(device)[0]!.digest)!).toString()).toBe(EVIL)
    expect(device.state.loadStatus()).toMatchObject({ state: 'idle', pending: 0 })
    expect(device.state.loadStatus()!.lastSyncedAt).not.toBeNull()
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'file', path: TASKS, action: 'skip', reason: 'held: may-run-code' }),
    )
    expect(await recordOf(database)).toBe(EVIL)
  })

  test('a harmless one that was approved does not open the door for the next', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, TASKS, GOOD)
    await device.sync()
    await decide(device, 'approve')
    expect(device.read(TASKS)).toBe(GOOD)
    expect(held(device)).toEqual([])
    await row(database, TASKS, EVIL)
    const events = await device.sync()
    expect(device.read(TASKS)).toBe(GOOD)
    expect(held(device)).toEqual(HELD)
    expect(events).toContainEqual(expect.objectContaining({ path: TASKS, reason: 'held: may-run-code' }))
  })

  test('an approval is for the content that was shown', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, TASKS, GOOD)
    await device.sync()
    await row(database, TASKS, EVIL)
    await decide(device, 'approve')
    expect(isThere(device)).toBe(false)
    expect(held(device)).toEqual(HELD)
    await row(database, TASKS, GOOD)
    await device.sync()
    expect(device.read(TASKS)).toBe(GOOD)
  })

  test('a record that becomes hostile between decision and write does not come', async () => {
    const database = createMemoryDatabase()
    let isArmed = false
    const aroundDatabase = (adapter: EngineAdapter): EngineAdapter => ({
      ...adapter,
      async getMany(ids) {
        const found = await adapter.getMany!(ids)
        // After the look at it, and before it is read to be written.
        if (isArmed && found.some(record => record?.data.content === GOOD)) {
          isArmed = false
          await row(database, TASKS, EVIL)
        }
        return found
      },
    })
    await using device = new MemoryDevice(database, { aroundDatabase })
    await row(database, TASKS, GOOD)
    await device.sync()
    await device.state.commit([
      {
        kind: 'trust-add',
        trust: { reason: 'may-run-code', path: TASKS, what: holdsOf(device)[0]!.digest },
      },
    ])
    isArmed = true
    await device.sync()
    expect(isArmed).toBe(false)
    expect(isThere(device)).toBe(false)
    expect(held(device)).toEqual(HELD)
  })

  test('it ends by itself with the record, and with a content that was here before', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, TASKS, EVIL)
    await device.sync()
    await database.adapter().delete(`app:${TASKS}`)
    await device.sync()
    expect(held(device)).toEqual([])

    device.write(TASKS, GOOD)
    await device.sync()
    await row(database, TASKS, EVIL)
    await device.sync()
    expect(held(device)).toEqual(HELD)
    await row(database, TASKS, GOOD)
    await device.sync()
    expect(held(device)).toEqual([])
    expect(device.read(TASKS)).toBe(GOOD)
  })

  test('to keep what is here changes nothing, and it goes on waiting', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(TASKS, GOOD)
    await device.sync()
    await row(database, TASKS, EVIL)
    await device.sync()
    await decide(device, 'restore')
    expect([device.read(TASKS), await recordOf(database)]).toEqual([GOOD, EVIL])
    expect(held(device)).toEqual(HELD)
    expect(device.state.loadDecisions(device.scope)).toEqual([])
  })

  test('deletes go through, and a delete here is no reason for a hostile edit to come', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(TASKS, GOOD)
    await device.sync()
    await row(database, TASKS, EVIL)
    device.remove(TASKS)
    await device.sync()
    expect(isThere(device)).toBe(false)
    expect(held(device)).toEqual(HELD)
    await row(database, TASKS, GOOD)
    await device.sync()
    await database.adapter().delete(`app:${TASKS}`)
    await device.sync()
    expect(isThere(device)).toBe(false)
    expect(held(device)).toEqual([])
  })

  test('what an approval for something else lets come still waits for its content', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(TASKS, GOOD)
    for (const name of ['a', 'b', 'c']) device.write(`data/${name}.md`, 'first\n')
    await device.sync()
    const adapter = database.adapter()
    for (const path of [TASKS, 'data/a.md', 'data/b.md', 'data/c.md']) {
      const { id, data } = (await adapter.get(`app:${path}`))!
      await adapter.set(id, { ...data, content: EVIL, lastUpdated: data.lastUpdated - 60_000 })
    }
    await device.sync()
    expect(held(device)).toHaveLength(4)
    const restored = holdsOf(device).filter(({ reason }) => reason === 'database-restored')
    for (const { channel, side, path, digest, incoming } of restored)
      await device.state.commit([
        {
          kind: 'decision-add',
          scope: device.scope,
          decision: { channel, side, path, digest: `${digest} ${incoming}`, decision: 'approve' },
        },
      ])
    await device.sync()
    expect([device.read('data/a.md'), device.read(TASKS)]).toEqual([EVIL, GOOD])
    expect(held(device)).toEqual(HELD)
  })
})

describe.concurrent('R10.6 both sides changed', () => {
  const base = '{\n  "a": 1,\n  "b": 1\n}\n'
  const here = '{\n  "a": 2,\n  "b": 1\n}\n'
  const there = '{\n  "a": 1,\n  "b": 2\n}\n'

  test('a merge waits for what would come with it, and goes on once that is approved', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(TASKS, base)
    await device.sync()
    device.write(TASKS, here)
    await row(database, TASKS, there)
    await device.sync()
    expect([device.read(TASKS), await recordOf(database)]).toEqual([here, there])
    expect(held(device)).toEqual(HELD)
    device.write(TASKS, here.replace('2', '3'))
    await device.sync()
    expect(held(device)).toEqual(HELD)
    await decide(device, 'approve')
    const merged = '{\n  "a": 3,\n  "b": 2\n}\n'
    expect([device.read(TASKS), await recordOf(database)]).toEqual([merged, merged])
    expect(held(device)).toEqual([])
  })

  test('a conflict puts no copy beside the file before that', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write(TASKS, GOOD)
    await row(database, TASKS, EVIL)
    await device.sync()
    expect(device.paths()).toEqual([TASKS])
    expect(device.state.loadConflicts(device.scope)).toEqual([])
    expect(held(device)).toEqual(HELD)
    await decide(device, 'approve')
    expect(device.state.loadConflicts(device.scope)).toHaveLength(1)
    expect(held(device)).toEqual([])
    expect(device.read(TASKS)).toBe(GOOD)
  })
})

describe.concurrent('R10.7 trusted', () => {
  test('what this device has made, and takes back, is no one else’s', async () => {
    const database = createMemoryDatabase()
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database)
    a.write(TASKS, GOOD)
    await a.sync()
    await b.sync()
    await decide(b, 'approve')
    b.write(TASKS, EVIL)
    await b.sync()
    expect(held(b)).toEqual([])
    await a.sync()
    expect(held(a)).toEqual(HELD)
    b.write(TASKS, GOOD)
    await b.sync()
    await a.sync()
    expect(held(a)).toEqual([])
    expect(a.read(TASKS)).toBe(GOOD)
    // It was in the file here before it was edited.
    a.write(TASKS, WORSE)
    await a.sync()
    await row(database, TASKS, GOOD)
    await a.sync()
    expect(a.read(TASKS)).toBe(GOOD)
  })

  test('of another path nothing is known', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.write('data/notes.json', EVIL)
    device.write('data/.mcp.json', EVIL)
    await device.sync()
    await row(database, TASKS, EVIL)
    await device.sync()
    expect(held(device)).toEqual(HELD)
  })

  test('by a pattern, what waits comes at once, and all that comes later', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await row(database, TASKS, GOOD)
    await row(database, 'data/.mcp.json', GOOD)
    await device.sync()
    await trust(device, 'data/.vscode/**')
    await device.sync()
    expect(device.read(TASKS)).toBe(GOOD)
    expect(held(device)).toEqual(['data/.mcp.json content local may-run-code'])
    await row(database, TASKS, WORSE)
    await device.sync()
    expect(device.read(TASKS)).toBe(WORSE)
    const forgotten = { reason: 'may-run-code', path: null, what: 'data/.vscode/**' } as const
    await device.state.commit([{ kind: 'trust-delete', trust: forgotten }])
    await row(database, TASKS, EVIL)
    await device.sync()
    expect(device.read(TASKS)).toBe(WORSE)
  })

  test('R3 records are read for what is watched alone, and once', async () => {
    const database = createMemoryDatabase()
    let reads = 0
    const aroundDatabase = (adapter: EngineAdapter): EngineAdapter => ({
      ...adapter,
      getMany: ids => ((reads += ids.length), adapter.getMany!(ids)),
    })
    await using device = new MemoryDevice(database, { aroundDatabase })
    for (let n = 0; n < 30; n++) await row(database, `data/${n}.json`, `${n}`)
    await row(database, TASKS, EVIL)
    await device.sync()
    expect(reads).toBe(31)
    reads = 0
    await device.sync()
    expect(reads).toBe(1)
  })
})
