/** A package.json that is renamed (R4.11): said and asked about, under a running engine and at the next start. */
import { expect, test, vi } from 'vitest'
import type { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const rename = (project: Project, name: string): void =>
  project.save('package.json', `${JSON.stringify({ name })}\n`)

const appsOf = (world: World): string[] => [...new Set(world.rows().map(({ app }) => app))]

test.concurrent('R4.11 under a running engine: held, and with the former name it goes on', async () => {
  await using world = new World()
  const { a, b } = world
  a.write('data/x.md', 'x\n')
  await world.watchAll()
  await world.inStep()
  rename(a, 'renamed')
  await a.engine!.waitFor(event => event.type === 'problem' && event.code === 'app-changed', 'the question')
  a.write('data/y.md', 'y\n')
  b.write('data/z.md', 'z\n')
  await until(() => world.rows().length === 2, 'what b has made')
  const status = await a.status(3)
  expect(status.problemList).toMatchObject([{ code: 'app-changed' }])
  expect(appsOf(world)).toEqual(['story'])
  rename(a, 'story')
  expect((await world.inStep()).size).toBe(3)
  expect(appsOf(world)).toEqual(['story'])
})

test.concurrent('R4.11 at the next start: asked the same, and approved it goes on as the new app', async () => {
  await using world = new World()
  const { a } = world
  a.write('data/x.md', 'x\n')
  await a.sync()
  rename(a, 'renamed')
  expect(await a.sync(3)).toMatchObject({ pushed: 0, problems: 1 })
  expect((await a.plan(3)).actions).toEqual([])
  const restored = await a.run('restore-held')
  expect([restored.code, restored.json]).toMatchObject([3, { problems: [{ code: 'app-changed' }] }])
  expect(appsOf(world)).toEqual(['story'])
  expect(await a.decide('approve')).toMatchObject({ app: 'renamed' })
  expect(appsOf(world)).toEqual(['renamed', 'story'])
  a.write('data/y.md', 'y\n')
  expect(await a.sync()).toMatchObject({ pushed: 1 })
})

test.concurrent('R4.11 approved while an engine runs, that one goes on', async () => {
  await using world = new World({ names: ['a'] })
  const { a } = world
  a.write('data/x.md', 'x\n')
  await a.watch()
  rename(a, 'renamed')
  await a.engine!.waitFor(event => event.type === 'problem' && event.code === 'app-changed', 'the question')
  expect(await a.decide('approve')).toMatchObject({ app: 'renamed' })
  await until(() => appsOf(world).includes('renamed'), 'the new app')
})

test('R4.14 init says what the database holds already under that name', async () => {
  await using world = new World()
  const { a } = world
  a.write('data/x.json', '{}')
  a.write('data/y.json', '{}')
  expect((await a.run('init')).json).toMatchObject({ records: 0 })
  await a.sync()
  expect((await a.run('init')).json).toMatchObject({ records: 2 })
})
