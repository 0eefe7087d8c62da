/** sync-config.json and .env: edited while engines run, broken and mended; private files (R15). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../support/lockstep.ts'
import type { Project } from '../support/project.ts'
import { pace, until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

function shared(...syncFilePatterns: readonly string[]): unknown {
  return { syncFilePatterns, privateSyncFilePatterns: [] }
}

/** Writes a file on one side and waits until it is on the other. */
async function travels(from: Project, to: Project, path: string, content = `${path}\n`): Promise<void> {
  from.write(path, content)
  await until(
    () => to.read(path) === content,
    `${path} to travel from ${from.name} to ${to.name}`,
    () => [from.engine?.describe(), to.engine?.describe()].join('\n'),
  )
}

/** Until an engine says so; how many events it had told of by then. */
async function stateOf(engine: Engine, state: string, from: number): Promise<number> {
  const event = await engine.waitFor(
    event => event.type === 'status' && event.state === state,
    `state ${state}`,
    from,
  )
  return engine.events.indexOf(event) + 1
}

/** That it has moved no file from then on until it has begun anew. */
async function expectNothingDone(engine: Engine, from: number): Promise<void> {
  const to = await stateOf(engine, 'starting', from)
  expect(engine.events.slice(from, to).filter(({ type }) => type === 'file')).toEqual([])
}

describe('patterns, while engines run', () => {
  let world: World
  beforeAll(async () => {
    world = new World({ patterns: ['data/notes/**/*.md'] })
    world.a.write('data/notes/a.md', 'a\n')
    world.a.write('data/state/s.json', '{"s":1}\n')
    world.a.write('data/state/t.json', '{"t":1}\n')
    await world.watchAll()
    await travels(world.a, world.b, 'data/notes/b.md')
  })
  afterAll(() => world.close())

  test('R2 what widened patterns match is synced at once, without a restart', async () => {
    expect(world.b.has('data/state/s.json')).toBe(false)
    for (const side of world.projects) side.configure(shared('data/notes/**/*.md', 'data/state/**'))
    await until(() => world.b.has('data/state/s.json') && world.b.has('data/state/t.json'), 'the new matches')
    await travels(world.b, world.a, 'data/state/new/u.json', '{"u":1}\n')
    await world.inStep()
  })

  test('R8 narrowed patterns delete nothing anywhere, and what they left alone goes on when widened again', async () => {
    const from = world.b.engine!.events.length
    world.b.configure(shared('data/notes/**/*.md'))
    await stateOf(world.b.engine!, 'starting', from)
    await travels(world.b, world.a, 'data/notes/after-narrowing.md')
    world.a.write('data/state/s.json', '{"s":2}\n')
    await travels(world.a, world.b, 'data/notes/later.md')
    await until(
      () => world.databaseTree().get('data/state/s.json') === '{"s":2}\n',
      'the edit of what b leaves alone',
    )
    await travels(world.a, world.b, 'data/notes/last.md')
    expect(world.b.read('data/state/s.json')).toBe('{"s":1}\n')
    expect(world.b.read('data/state/t.json')).toBe('{"t":1}\n')
    expect(world.a.read('data/state/t.json')).toBe('{"t":1}\n')
    expect(world.databaseTree().get('data/state/t.json')).toBe('{"t":1}\n')

    for (const side of world.projects) side.configure(shared('data/**', '!data/state/t.json'))
    await until(() => world.b.read('data/state/s.json') === '{"s":2}\n', 'the edit made meanwhile')
    await travels(world.b, world.a, 'data/elsewhere/new.txt')
    expect(world.a.read('data/state/t.json')).toBe('{"t":1}\n')
    expect(world.b.read('data/state/t.json')).toBe('{"t":1}\n')
    await world.inStep()
    expect(
      world.projects.flatMap(({ engine }) =>
        engine!.files().filter(({ action }) => action.startsWith('delete')),
      ),
    ).toEqual([])
  })

  test('R12 a broken sync-config.json stops sync, names file and line, deletes nothing, and goes on when mended', async () => {
    const { a, b } = world
    const engine = b.engine!
    const from = engine.events.length
    b.write(
      'data/sync-config.json',
      '{\n  "syncFilePatterns": ["data/**"],\n  "privateSyncFilePatterns": [,]\n}\n',
    )
    const problem = await engine.waitFor(
      event => event.type === 'problem' && event.code === 'config-invalid',
      'a problem',
      from,
    )
    expect(problem).toMatchObject({
      message: expect.stringMatching(/data\/sync-config\.json.*(?:line 3|:3)/s),
    })
    const stopped = await stateOf(engine, 'error', from)
    expect(engine.hasEnded).toBe(false)

    const before = world.databaseTree()
    a.write('data/notes/meanwhile-a.md', 'a\n')
    b.write('data/notes/meanwhile-b.md', 'b\n')
    await a.engine!.waitFor(
      event => event.type === 'file' && event.path === 'data/notes/meanwhile-a.md',
      'a push',
    )
    for (const [path, content] of before) expect(world.databaseTree().get(path)).toBe(content)
    expect(b.has('data/notes/meanwhile-a.md')).toBe(false)

    b.configure(shared('data/**', '!data/state/t.json'))
    await until(
      () => b.has('data/notes/meanwhile-a.md') && a.has('data/notes/meanwhile-b.md'),
      'both to go on',
    )
    await world.inStep()
    await expectNothingDone(engine, stopped)
    expect(engine.hasEnded).toBe(false)
  })
})

test.concurrent('R12 a configuration that is broken at the start ends with 2 and names file, line and reason', async () => {
  await using world = new World()
  const { a } = world
  a.write('data/sync-config.json', '{\n  "syncFilePatterns": ["data/**"\n}\n')
  for (const command of ['sync', 'watch', 'status', 'plan']) {
    const { code, json } = await a.run(command)
    const error = { code: 'config-invalid', line: expect.any(Number) }
    expect({ command, code, json }).toMatchObject({ command, code: 2, json: { error } })
    expect(JSON.stringify(json)).toMatch(/sync-config\.json/)
  }
  a.configure(shared(`data/${'x'.repeat(196)}`))
  const tooLong = await a.run('sync')
  expect(tooLong.code).toBe(2)
  expect(JSON.stringify(tooLong.json)).toMatch(/200/)
  a.configure(shared('data/**'))
  a.write('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n\nFILE_SYNC_APP_ID=not an id\n')
  const badApp = await a.run('sync')
  expect(badApp.code).toBe(2)
  expect(badApp.json).toMatchObject({ error: { line: 3 } })
})

test.concurrent('R4 R8 .env names another database while engines run: nothing is deleted, and the first one goes on when it is back', async () => {
  await using world = new World()
  const { a, b } = world
  for (let n = 0; n < 30; n += 1) a.write(`data/${n}.md`, `${n}\n`)
  await world.watchAll()
  await world.inStep()

  const from = b.engine!.events.length
  b.save('.env', '# another one\nFILE_SYNC_SQLITE_PATH=../shared/other.db\n')
  await stateOf(b.engine!, 'idle', await stateOf(b.engine!, 'starting', from))
  expect(existsSync(join(world.folder, 'shared', 'other.db'))).toBe(true)
  a.write('data/0.md', 'edited meanwhile\n')
  b.write('data/only-b.md', 'only b\n')
  await b.engine!.waitFor(event => event.type === 'file' && event.path === 'data/only-b.md', 'a push')
  expect(a.tree().size).toBe(30)
  expect(b.tree().size).toBe(31)
  expect(b.read('data/0.md')).toBe('0\n')

  b.save('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
  await until(
    () => a.has('data/only-b.md') && b.read('data/0.md') === 'edited meanwhile\n',
    'the first database again',
  )
  const tree = await world.inStep()
  expect(tree.size).toBe(31)
  expect(world.projects.map(({ engine }) => engine?.status?.conflicts)).toEqual([0, 0])
})

test.concurrent('R12 FILE_SYNC_ENABLED=false pauses a running engine, and taking it out goes on', async () => {
  await using world = new World()
  const { a, b } = world
  await world.watchAll()
  await travels(a, b, 'data/one.md')
  const from = b.engine!.events.length
  b.write('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\nFILE_SYNC_ENABLED=false\n')
  const paused = await stateOf(b.engine!, 'paused', from)
  a.write('data/two.md', 'two\n')
  await a.engine!.waitFor(event => event.type === 'file' && event.path === 'data/two.md', 'a push')
  expect(b.has('data/two.md')).toBe(false)
  b.write('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
  await until(() => b.has('data/two.md'), 'sync to go on')
  await world.inStep()
  await expectNothingDone(b.engine!, paused)
})

test.concurrent('R2 two apps in one database do not meet', async () => {
  await using world = new World({ env: { b: ['FILE_SYNC_APP_ID=another'] } })
  world.a.write('data/x.md', 'of a\n')
  world.b.write('data/x.md', 'of b\n')
  await world.a.sync()
  await world.b.sync()
  expect(world.rows().map(({ id, content }) => [id, content])).toEqual([
    ['another:data/x.md', 'of b\n'],
    ['story:data/x.md', 'of a\n'],
  ])
  expect([world.a.read('data/x.md'), world.b.read('data/x.md')]).toEqual(['of a\n', 'of b\n'])
})

describe.concurrent('private files', () => {
  const PRIVATE = { patterns: ['data/**', '!data/private/**'], privatePatterns: ['data/private/**'] }
  const users = { a: ['FILE_SYNC_USER_ID=ann'], b: ['FILE_SYNC_USER_ID=bob'], c: ['FILE_SYNC_USER_ID=ann'] }

  test('R15 F11 two users have one path each of their own; a user’s devices share it', async () => {
    await using world = new World({ ...PRIVATE, names: ['a', 'b', 'c'], env: users })
    const [a, b, c] = world.projects as [Project, Project, Project]
    await world.watchAll()
    a.write('data/private/diary.md', 'of ann\n')
    b.write('data/private/diary.md', 'of bob\n')
    a.write('data/for-all.md', 'for all\n')
    await until(() => c.read('data/private/diary.md') === 'of ann\n', 'the diary on the other device')
    await until(() => b.has('data/for-all.md') && c.has('data/for-all.md'), 'the shared file everywhere')
    await until(() => world.rows().length === 3, 'all three records')
    expect(b.read('data/private/diary.md')).toBe('of bob\n')
    expect(world.rows().map(({ id, owner_id, path, content }) => [id, owner_id, path, content])).toEqual([
      ['story:data/for-all.md', 'shared', 'data/for-all.md', 'for all\n'],
      ['story@ann:data/private/diary.md', 'ann', 'data/private/diary.md', 'of ann\n'],
      ['story@bob:data/private/diary.md', 'bob', 'data/private/diary.md', 'of bob\n'],
    ])
    c.remove('data/private/diary.md')
    await until(() => !a.has('data/private/diary.md'), 'the delete to travel')
    expect(b.read('data/private/diary.md')).toBe('of bob\n')
  })

  test('R15 R12 without a user they are reported and go nowhere, while others travel', async () => {
    await using world = new World(PRIVATE)
    world.a.write('data/private/diary.md', 'of nobody\n')
    world.a.write('data/shared.md', 'shared\n')
    const summary = await world.a.sync()
    expect(summary).toMatchObject({ pushed: 1, problems: 1 })
    expect((await world.a.status()).problemList).toMatchObject([{ code: 'private-without-user' }])
    await world.b.sync()
    expect([...world.b.tree().keys()]).toEqual(['data/shared.md'])
    expect(world.rows().map(({ path }) => path)).toEqual(['data/shared.md'])
  })

  test.each([0, 300, 700])(
    'R15 a file that was written %i ms after its folder had become private is never shared',
    async ms => {
      await using world = new World({ names: ['a'], env: { a: ['FILE_SYNC_USER_ID=ann'] } })
      const { a } = world
      a.write('data/before.md', 'before\n')
      const engine = await a.watch()
      await world.inStep()
      const shared = world.noteWrites("new.owner_id = 'shared'")
      a.configure({ syncFilePatterns: ['data/**'], privateSyncFilePatterns: ['data/private/**'] })
      await pace(ms)
      a.write('data/private/diary.md', 'of ann\n')
      await until(
        () => world.rows("owner_id = 'ann'").length === 1,
        'the private record',
        () => engine.describe(),
      )
      expect(shared()).toEqual([])
    },
  )

  test('R15 a file of both lists is private, never shared, and reported, whatever changes live', async () => {
    await using world = new World({
      patterns: ['data/**'],
      privatePatterns: ['data/private/**'],
      env: { a: users.a },
    })
    const { a } = world
    a.write('data/private/diary.md', 'of ann\n')
    const engine = await a.watch()
    await until(() => world.rows().length === 1, 'the record')
    expect(world.rows()[0]).toMatchObject({ id: 'story@ann:data/private/diary.md', owner_id: 'ann' })
    // Told again by a second look at everything, as a slow start may need.
    const told = engine.problems().map(({ code, path = '' }) => `${code} ${path}`)
    expect(new Set(told)).toEqual(new Set(['both-channels data/private/diary.md']))

    const from = engine.events.length
    a.write('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
    await engine.waitFor(
      event => event.type === 'problem' && event.code === 'private-without-user',
      'a problem',
      from,
    )
    a.write('data/private/diary.md', 'secret\n')
    a.write('data/marker.md', 'later\n')
    await until(() => world.rows("path = 'data/marker.md'").length === 1, 'the marker')
    expect(world.rows("owner_id = 'shared'").map(({ path }) => path)).toEqual(['data/marker.md'])
    expect(world.rows("owner_id = 'ann'").map(({ content }) => content)).toEqual(['of ann\n'])
  })
})

test.concurrent('F23 two projects with the default database do not meet; naming one file makes them', async () => {
  await using world = new World()
  for (const side of world.projects) {
    side.write('.env', '')
    side.write('data/x.md', `of ${side.name}\n`)
    await side.sync()
  }
  expect(world.projects.map(side => [side.has('data/sync.db'), side.read('data/x.md')])).toEqual([
    [true, 'of a\n'],
    [true, 'of b\n'],
  ])
  world.b.remove('data/x.md')
  for (const side of world.projects) side.write('.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
  await world.a.sync()
  await world.b.sync()
  expect(world.b.read('data/x.md')).toBe('of a\n')
})
