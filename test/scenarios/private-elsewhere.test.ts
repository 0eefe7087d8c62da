/** Private files under a changed configuration (R15), as a person meets them: commands, files and records. */
import { describe, expect, test, vi } from 'vitest'
import type { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const DIARY = 'data/private/diary.md'
const PRIVATE = { syncFilePatterns: ['data/**'], privateSyncFilePatterns: ['data/private/**'] }

/** `a` belongs to alice, and her diary is in step. */
async function ofAlice(): Promise<World> {
  const world = new World({
    privatePatterns: PRIVATE.privateSyncFilePatterns,
    env: { a: ['FILE_SYNC_USER_ID=alice'] },
  })
  world.a.write(DIARY, 'of alice\n')
  await world.a.sync()
  return world
}

function become(project: Project, user: string): void {
  project.save('.env', project.read('.env')!.replace(/FILE_SYNC_USER_ID=\w+/, `FILE_SYNC_USER_ID=${user}`))
}

const ownersOf = (world: World): string[] => world.rows(`path = '${DIARY}'`).map(({ owner_id }) => owner_id)

describe.concurrent('R15.3 alice, then bob, then alice again', () => {
  test('at the next start', async () => {
    await using world = await ofAlice()
    const { a } = world
    become(a, 'bob')
    expect(await a.sync(3)).toMatchObject({ pushed: 0, deletedLocal: 0 })
    expect(ownersOf(world)).toEqual(['alice'])
    expect((await a.status(3)).holds).toMatchObject([{ path: DIARY, reason: 'private-elsewhere' }])
    expect((await a.plan(3)).actions).toMatchObject([
      { path: DIARY, action: 'hold', reason: 'private-elsewhere' },
    ])
    expect((await a.run('status')).code).toBe(3)
    become(a, 'alice')
    expect((await a.status()).holds).toEqual([])
    expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0, deletedRemote: 0 })
    expect(a.read(DIARY)).toBe('of alice\n')
    expect(ownersOf(world)).toEqual(['alice'])
  })

  test('under a running engine; approved, it is bob’s as well', async () => {
    await using world = await ofAlice()
    const { a } = world
    const engine = await a.watch()
    become(a, 'bob')
    await engine.waitFor(event => event.type === 'status' && event.state === 'held', 'the hold')
    a.write('data/private/new.md', 'of bob\n')
    await until(() => world.rows(`path = 'data/private/new.md'`).length === 1, 'a file of bob’s own')
    expect(ownersOf(world)).toEqual(['alice'])
    expect(await a.decide('approve')).toMatchObject({ done: [{ path: DIARY }] })
    await until(() => ownersOf(world).length === 2, 'the approved file')
    expect(ownersOf(world)).toEqual(['alice', 'bob'])
  })
})

describe.concurrent('R15.4 R15.6 private files that become shared', () => {
  test('by other patterns they wait, and restore-held says that there is nothing to put back', async () => {
    await using world = await ofAlice()
    const { a } = world
    a.configure({ syncFilePatterns: ['data/**'] })
    expect(await a.sync(3)).toMatchObject({ pushed: 0 })
    const restored = await a.run('restore-held')
    expect(restored.code).toBe(3)
    expect(restored.json).toMatchObject({ done: [], problems: [{ code: 'private-elsewhere' }] })
    expect(ownersOf(world)).toEqual(['alice'])
    a.configure(PRIVATE)
    expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0, deletedLocal: 0, deletedRemote: 0 })
    expect((await a.status()).holds).toEqual([])
    a.configure({ syncFilePatterns: ['data/**'] })
    await a.sync(3)
    await a.decide('approve')
    expect(ownersOf(world)).toEqual(['shared', 'alice'])
  })

  test('by a slip of the pen nothing syncs at all, and the right name is told', async () => {
    await using world = await ofAlice()
    const { a } = world
    a.write('data/private/new.md', 'not yet known to anybody\n')
    a.configure({ syncFilePatterns: ['data/**'], privateSyncFilePattern: ['data/private/**'] })
    const outcome = await a.run('sync')
    expect(outcome.code).toBe(2)
    expect(outcome.stdout + outcome.stderr).toContain('privateSyncFilePatterns')
    expect(world.rows().map(({ owner_id }) => owner_id)).toEqual(['alice'])
  })
})
