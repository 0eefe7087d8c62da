/** `lockstep resolve`, `plan --config` and private files, by the commands that a person gives (R6, R15). */
import { describe, expect, test, vi } from 'vitest'
import { copyPath } from '../../src/engine/core/copy-name.ts'
import type { ConflictReport, RulesPlanReport } from '../../src/engine/report.ts'
import { deviceName } from '../../src/host/open-session.ts'
import type { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const PATH = 'data/state.json'
const COPY = `${PATH}.conflict`
const text = (a: number, b: number): string => `{\n  "a": ${a},\n  "b": ${b}\n}\n`

/** Both have changed `a`, and each something else of its own; b has found out. */
async function inConflict(world: World): Promise<void> {
  const { a, b } = world
  a.write(PATH, text(1, 1))
  await a.sync()
  await b.sync()
  a.write(PATH, text(2, 1))
  b.write(PATH, text(3, 4))
  await a.sync()
  await b.sync(3)
}

async function resolve(project: Project, ...take: string[]): Promise<unknown> {
  const outcome = await project.run('resolve', PATH, '--take', ...take)
  return { code: outcome.code, ...(outcome.json as object) }
}

describe.concurrent('R6.2 several conflicts in one go', () => {
  const NAMES = ['one', 'two', 'three', 'four']

  async function withFour(world: World): Promise<void> {
    const { a, b } = world
    const put = (project: Project, text: string): void => {
      for (const name of NAMES) project.write(`data/${name === 'four' ? 'deep/four' : name}.json`, text)
    }
    put(a, '"base"')
    await a.sync()
    await b.sync()
    put(a, '"of a"')
    put(b, '"of b"')
    await a.sync()
    await b.sync(3)
  }

  const isOfA = ({ b }: World): string[] =>
    NAMES.filter(name => b.read(`data/${name === 'four' ? 'deep/four' : name}.json`) === '"of a"')

  test('by paths, a folder, a glob, and all of them', async () => {
    await using world = new World()
    await withFour(world)
    const { b } = world
    const some = await b.run('resolve', 'data/t*.json', 'data/deep', '--take', 'remote')
    expect(some).toMatchObject({
      code: 0,
      json: {
        resolved: ['data/deep/four.json', 'data/three.json', 'data/two.json'],
        changed: [],
        failed: [],
      },
    })
    expect(isOfA(world)).toEqual(['two', 'three', 'four'])
    expect(await b.run('resolve', '--all', '--take', 'local')).toMatchObject({
      code: 0,
      json: { resolved: ['data/one.json'] },
    })
    await world.a.sync()
    expect(world.a.read('data/one.json')).toBe('"of b"')
    expect((await b.run('resolve', '--all', '--take', 'local')).json).toMatchObject({ resolved: [] })
  })

  test('through an engine that runs', async () => {
    await using world = new World()
    await withFour(world)
    const { b } = world
    await b.watch()
    const { json } = await b.run('resolve', 'data', '--take', 'remote')
    expect((json as { resolved: string[] }).resolved).toHaveLength(4)
    expect(isOfA(world)).toEqual(NAMES)
  })

  test('a name of no conflict resolves nothing, and neither does no name', async () => {
    await using world = new World()
    await withFour(world)
    const { b } = world
    const outcome = await b.run('resolve', 'data/two.json', 'data/other.json', '--take', 'remote')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('"data/other.json": it is not in conflict')
    expect((await b.run('resolve', '--take', 'remote')).code).toBe(2)
    expect((await b.run('resolve', 'data/one.json', '--all', '--take', 'remote')).code).toBe(2)
    expect(isOfA(world)).toEqual([])
  })
})

describe.concurrent('R6 lockstep resolve', () => {
  test('the conflict says which value is in doubt, and holds what merges', async () => {
    await using world = new World()
    await inConflict(world)
    const [report] = (await world.b.conflicts()) as [ConflictReport]
    expect(report).toMatchObject({
      path: PATH,
      channel: 'shared',
      base: { content: text(1, 1) },
      local: { content: text(3, 4) },
      remote: { content: text(2, 1) },
      merged: text(3, 4),
    })
    expect(report.doubts).toEqual([{ id: 'a', kind: 'json', base: '1', local: '3', remote: '2' }])
  })

  test.each([
    ['local', text(3, 4), text(2, 1)],
    ['remote', text(2, 1), text(3, 4)],
    ['merged', text(3, 4), text(2, 1)],
  ])('--take %s without an engine', async (take, taken, lost) => {
    await using world = new World()
    await inConflict(world)
    const { a, b } = world
    expect(await resolve(b, take)).toEqual({ code: 0, status: 'resolved' })
    await a.sync()
    expect([a.read(PATH), b.read(PATH), b.has(COPY)]).toEqual([taken, taken, false])
    expect((await b.history()).map(({ content }) => content)).toContain(lost)
    expect(await b.conflicts(0)).toEqual([])
  })

  test('--take both and file=F through the engine that runs, which is told at once', async () => {
    await using world = new World()
    await inConflict(world)
    const { a, b } = world
    await world.watchAll()
    b.write('mine.txt', text(7, 7))
    expect(await resolve(b, `file=${b.at('mine.txt')}`)).toEqual({ code: 0, status: 'resolved' })
    await until(() => a.read(PATH) === text(7, 7), 'what was put together')
    await world.inStep()
    await b.stop()
    a.write(PATH, text(8, 7))
    await until(() => world.rows().some(row => row.content === text(8, 7)), 'the edit')
    b.write(PATH, text(9, 7))
    await b.watch()
    await until(() => b.has(COPY), 'the conflict')
    expect(await resolve(b, 'both')).toEqual({ code: 0, status: 'resolved' })
    const tree = await world.inStep()
    expect([...tree.values()].sort()).toEqual([text(8, 7), text(9, 7)])
    expect([...tree.keys()].some(path => /^data\/state \(.+, \d{4}-\d\d-\d\d\)\.json$/.test(path))).toBe(true)
  })

  test('--take both takes the second version that a former try has put there for its own', async () => {
    await using world = new World()
    await inConflict(world)
    const { a, b } = world
    const now = new Date()
    const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(number =>
      String(number).padStart(2, '0'),
    )
    const second = copyPath(PATH, deviceName(), day.join('-'))
    b.write(second, text(3, 4))
    expect(await resolve(b, 'both')).toEqual({ code: 0, status: 'resolved' })
    await a.sync()
    for (const side of [a, b])
      expect(Object.fromEntries(side.tree())).toEqual({ [second]: text(3, 4), [PATH]: text(2, 1) })
  })

  test('a version that changed meanwhile is not overwritten', async () => {
    await using world = new World()
    await inConflict(world)
    const { a, b } = world
    a.write(PATH, text(5, 1))
    await a.sync()
    expect(await resolve(b, 'local')).toMatchObject({ code: 3, status: 'changed', detail: { path: PATH } })
    expect(world.rows().map(row => row.content)).toEqual([text(5, 1)])
    expect(b.read(COPY)).toBe(text(5, 1))
    expect(await resolve(b, 'remote')).toEqual({ code: 0, status: 'resolved' })
  })

  test('what cannot be done says why and what can', async () => {
    await using world = new World({ patterns: ['data/state.json', 'data/*.md'] })
    await inConflict(world)
    const { b } = world
    const both = await b.run('resolve', PATH, '--take', 'both')
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('pattern')])
    const other = await b.run('resolve', 'data/other.md', '--take', 'local')
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('not in conflict')])
    expect((await b.run('resolve', PATH, '--take', 'mine')).code).toBe(2)
    expect((await b.run('resolve', PATH, '--take', 'file=/no/such/file')).code).toBe(2)
    expect(await b.conflicts()).toHaveLength(1)
  })
})

describe.concurrent('R15 private files', () => {
  const shared = ['data/**/*.md']
  const rules = (mine: readonly string[]) => ({
    syncFilePatterns: [...shared, ...mine.map(pattern => `!${pattern}`)],
    privateSyncFilePatterns: mine,
  })
  const env = { a: ['FILE_SYNC_USER_ID=ann'], b: ['FILE_SYNC_USER_ID=bob'] }

  test('reach the devices of one user, never another’s and never the shared channel', async () => {
    await using world = new World({
      patterns: shared,
      privatePatterns: ['data/own/**'],
      names: ['a', 'b', 'c'],
      env: { ...env, c: ['FILE_SYNC_USER_ID=ann'] },
    })
    const [a, b, c] = world.projects as [Project, Project, Project]
    a.write('data/own/diary.md', 'dear diary\n')
    b.write('data/own/diary.md', 'something else\n')
    for (const project of [a, b, c]) await project.sync()
    expect([a, b, c].map(project => project.read('data/own/diary.md'))).toEqual([
      'dear diary\n',
      'something else\n',
      'dear diary\n',
    ])
    expect(world.rows().map(row => [row.id, row.owner_id])).toEqual([
      ['story@ann:data/own/diary.md', 'ann'],
      ['story@bob:data/own/diary.md', 'bob'],
    ])
  })

  test('plan --config shows what would change, and does none of it', async () => {
    await using world = new World({ patterns: shared, env })
    const { a } = world
    for (const name of ['notes/a', 'own/b', 'old/c']) a.write(`data/${name}.md`, `${name}\n`)
    a.write('data/new.txt', 'text\n')
    await a.sync()
    const before = world.rows()
    const next = {
      syncFilePatterns: ['data/notes/**', 'data/*.txt'],
      privateSyncFilePatterns: ['data/own/**'],
    }
    a.write('next.json', JSON.stringify(next))
    const { code, json } = await a.run('plan', '--config', a.at('next.json'))
    const report = json as RulesPlanReport
    expect(code).toBe(0)
    expect(report.changes).toEqual([
      { path: 'data/new.txt', change: 'starts-syncing', inShared: false },
      { path: 'data/old/c.md', change: 'stops-syncing', inShared: true },
      { path: 'data/own/b.md', change: 'becomes-private', inShared: true },
    ])
    expect(report.actions.map(({ path, channel, action }) => [path, channel, action])).toEqual([
      ['data/new.txt', 'shared', 'push'],
      ['data/own/b.md', 'private', 'push'],
    ])
    expect(world.rows()).toEqual(before)
    a.write('broken.json', '{ "syncFilePatterns": [1] }')
    expect((await a.run('plan', '--config', a.at('broken.json'))).code).toBe(2)
  })

  test('R4.8 R15.4 a file that becomes private, and shared again, is deleted nowhere and edited in one channel at a time', async () => {
    await using world = new World({ patterns: shared, env })
    const { a } = world
    a.write('data/own/b.md', 'shared\n')
    await a.sync()
    a.configure(rules(['data/own/**']))
    a.write('data/own/b.md', 'private\n')
    await a.sync()
    const contents = (): unknown => world.rows().map(row => [row.owner_id, row.content])
    expect(contents()).toEqual(
      expect.arrayContaining([
        ['shared', 'shared\n'],
        ['ann', 'private\n'],
      ]),
    )
    const explained = await a.run('explain', 'data/own/b.md')
    expect(explained.json).toMatchObject({ state: 'in-step', channel: 'private' })
    expect(JSON.stringify(explained.json)).toContain(
      'The shared channel of the database still holds a version',
    )
    a.configure(rules([]))
    // R15.4: nobody reads it before a person has said so, and is asked once.
    await a.sync(3)
    await a.decide('approve')
    // R4.8: what was agreed on as private is no edit of what is shared.
    expect(contents()).toEqual(
      expect.arrayContaining([
        ['shared', 'shared\n'],
        ['ann', 'private\n'],
      ]),
    )
    expect(a.read('data/own/b.md')).toBe('shared\n')
    const kept = await a.run('history', '--contents')
    expect(JSON.stringify(kept.json)).toContain('"content":"private\\n"')
    a.write('data/own/b.md', 'shared again\n')
    expect(await a.sync()).toMatchObject({ pushed: 1 })
  })
})
