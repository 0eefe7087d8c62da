/** Private files when the user or the patterns change (R15): sent to nobody else before a person has said so. */
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { FileSystem } from '../../src/engine/ports/file-system.ts'
import type { HoldRecord } from '../../src/engine/ports/state-store.ts'
import { withUnreadableFolders } from '../fakes/unreadable-folder.ts'
import { decide } from '../support/decisions.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const PRIVATE = { privateSyncFilePatterns: ['data/own/**'] }
const DIARY = 'data/own/diary.md'

/** Alice's folder, in step. */
async function ofAlice(
  database: MemoryDatabase,
  config: object = PRIVATE,
  around: (fs: FileSystem) => FileSystem = fs => fs,
): Promise<MemoryDevice> {
  const device = new MemoryDevice(database, { config, around })
  device.user = 'alice'
  device.write(DIARY, 'of alice\n')
  await device.sync()
  return device
}

async function content(database: MemoryDatabase, id: string): Promise<string | null> {
  const found = await database.adapter().get(id)
  return found === null ? null : found.data.content
}

function heldAs({ state }: MemoryDevice, scope: number): [string, string, string][] {
  return state.loadHolds(scope).map(({ path, side, reason }: HoldRecord) => [path, side, reason])
}

describe.concurrent('R15.3 another user in the same folder', () => {
  test('what is held stays so while its folder cannot be read', async () => {
    let isUnreadable = false
    await using device = await ofAlice(
      createMemoryDatabase(),
      PRIVATE,
      withUnreadableFolders(() => isUnreadable),
    )
    device.user = 'bob'
    await device.sync()
    const held = device.state.loadHolds(device.ownScope)
    expect(held).toHaveLength(1)
    isUnreadable = true
    await device.sync()
    expect(device.state.loadHolds(device.ownScope)).toEqual(held)
  })

  test('what lies there is not sent as theirs, edited or not, and a file of their own is', async () => {
    const database = createMemoryDatabase()
    await using device = await ofAlice(database)
    device.user = 'bob'
    await device.sync()
    expect(heldAs(device, device.ownScope)).toEqual([[DIARY, 'remote', 'private-elsewhere']])
    device.write(DIARY, 'of alice, and more\n')
    device.write('data/own/new.md', 'of bob\n')
    await device.sync()
    expect(await content(database, `app@bob:${DIARY}`)).toBeNull()
    expect(await content(database, 'app@bob:data/own/new.md')).toBe('of bob\n')
    device.user = 'alice'
    await device.sync()
    expect(await content(database, `app@alice:${DIARY}`)).toBe('of alice, and more\n')
    expect(heldAs(device, device.ownScope)).toEqual([['data/own/new.md', 'remote', 'private-elsewhere']])
  })

  test('approved, it is sent, and what alice had is hers again', async () => {
    const database = createMemoryDatabase()
    await using device = await ofAlice(database)
    device.user = 'bob'
    await device.sync()
    await decide(device, 'approve', device.ownScope)
    expect(await content(database, `app@bob:${DIARY}`)).toBe('of alice\n')
    device.write(DIARY, 'of bob by now\n')
    await device.sync()
    expect(await content(database, `app@bob:${DIARY}`)).toBe('of bob by now\n')
    device.user = 'alice'
    await device.sync()
    expect(device.read(DIARY)).toBe('of alice\n')
    expect(await content(database, `app@alice:${DIARY}`)).toBe('of alice\n')
    device.user = 'bob'
    await device.sync()
    expect(device.read(DIARY)).toBe('of bob by now\n')
    expect(device.state.loadHolds(device.ownScope)).toEqual([])
  })

  test('users who take turns find their own versions, and are asked nothing', async () => {
    const database = createMemoryDatabase()
    await using other = new MemoryDevice(database, { config: PRIVATE })
    other.user = 'bob'
    other.write(DIARY, 'of bob\n')
    await other.sync()
    await using device = await ofAlice(database)
    device.remove(DIARY)
    device.user = 'bob'
    await device.sync()
    for (const turn of [1, 2]) {
      expect(device.read(DIARY)).toBe(turn === 1 ? 'of bob\n' : 'of bob 1\n')
      device.write(DIARY, `of bob ${turn}\n`)
      await device.sync()
      expect(await content(database, `app@bob:${DIARY}`)).toBe(`of bob ${turn}\n`)
      device.user = 'alice'
      await device.sync()
      expect(device.read(DIARY)).toBe(turn === 1 ? 'of alice\n' : 'of alice 1\n')
      device.write(DIARY, `of alice ${turn}\n`)
      await device.sync()
      device.user = 'bob'
      await device.sync()
      expect(device.state.loadHolds(device.ownScope)).toEqual([])
    }
  })

  test('what both hold differently is held before any policy decides about it', async () => {
    const database = createMemoryDatabase()
    await using other = new MemoryDevice(database, { config: PRIVATE })
    other.user = 'bob'
    other.write(DIARY, 'of bob\n')
    await other.sync()
    const conflictPolicy = [{ pattern: '**', policy: 'local' }]
    await using device = await ofAlice(database, { ...PRIVATE, conflictPolicy })
    device.user = 'bob'
    await device.sync()
    expect(heldAs(device, device.ownScope)).toEqual([[DIARY, 'remote', 'private-elsewhere']])
    expect(await content(database, `app@bob:${DIARY}`)).toBe('of bob\n')
    expect(device.read(DIARY)).toBe('of alice\n')
  })
})

describe.concurrent('R15.4 private files that other patterns share', () => {
  test('are not sent, and are as they were with the former patterns', async () => {
    const database = createMemoryDatabase()
    await using device = await ofAlice(database)
    device.config = {}
    await device.sync()
    expect(heldAs(device, device.scope)).toEqual([[DIARY, 'remote', 'private-elsewhere']])
    device.write(DIARY, 'more\n')
    device.write('data/plain.md', 'shared\n')
    await device.sync()
    expect(await content(database, `app:${DIARY}`)).toBeNull()
    expect(await content(database, 'app:data/plain.md')).toBe('shared\n')
    device.config = PRIVATE
    await device.sync()
    expect(await content(database, `app@alice:${DIARY}`)).toBe('more\n')
    expect([device.scope, device.ownScope].flatMap(scope => device.state.loadHolds(scope))).toEqual([])
  })

  test('with the user away as well', async () => {
    const database = createMemoryDatabase()
    await using device = await ofAlice(database)
    device.config = {}
    device.user = null
    await device.sync()
    expect(await content(database, `app:${DIARY}`)).toBeNull()
    expect(heldAs(device, device.scope)).toEqual([[DIARY, 'remote', 'private-elsewhere']])
  })

  test.each([
    ['replaced', 'shared again\n'],
    ['deleted', null],
  ])('that were shared before are not %s by what others made of that', async (_, made) => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    await using other = new MemoryDevice(database)
    device.user = 'alice'
    device.write(DIARY, 'first\n')
    await device.sync()
    await other.sync()
    device.config = PRIVATE
    await device.sync()
    if (made === null) other.remove(DIARY)
    else other.write(DIARY, made)
    await other.sync()
    device.config = {}
    await device.sync()
    expect(device.read(DIARY)).toBe('first\n')
    expect(heldAs(device, device.scope)).toEqual([[DIARY, 'local', 'private-elsewhere']])
    device.config = PRIVATE
    await device.sync()
    expect(device.read(DIARY)).toBe('first\n')
    expect(await content(database, `app@alice:${DIARY}`)).toBe('first\n')
  })

  test('approved, they are shared from then on; a restore leaves them held', async () => {
    const database = createMemoryDatabase()
    await using device = await ofAlice(database)
    device.config = {}
    await device.sync()
    await decide(device, 'restore', device.scope)
    expect(heldAs(device, device.scope)).toHaveLength(1)
    expect(device.state.loadDecisions(device.scope)).toEqual([])
    await decide(device, 'approve', device.scope)
    expect(await content(database, `app:${DIARY}`)).toBe('of alice\n')
    device.write(DIARY, 'for all\n')
    await device.sync()
    expect(await content(database, `app:${DIARY}`)).toBe('for all\n')
    expect(device.state.loadHolds(device.scope)).toEqual([])
  })

  test('R15.2 what was shared and becomes private is sent to its own channel without a question', async () => {
    const database = createMemoryDatabase()
    await using device = new MemoryDevice(database)
    device.user = 'alice'
    device.write(DIARY, 'first\n')
    await device.sync()
    device.config = PRIVATE
    device.write(DIARY, 'private by now\n')
    await device.sync()
    expect(await content(database, `app@alice:${DIARY}`)).toBe('private by now\n')
    expect(await content(database, `app:${DIARY}`)).toBe('first\n')
    expect(device.state.loadHolds(device.ownScope)).toEqual([])
  })
})
