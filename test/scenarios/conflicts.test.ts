/** A path that both sides changed differently (R6), with engines that come and go. */
import { describe, expect, test, vi } from 'vitest'
import type { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const PATH = 'data/state.json'
const COPY = `${PATH}.conflict`
const json = (value: unknown): string => `${JSON.stringify(value)}\n`

interface Sides extends AsyncDisposable {
  readonly world: World
  /** Its edit is in the database already. */
  readonly first: Project
  /** Its edit meets it there. */
  readonly second: Project
}

async function inStep(): Promise<Sides> {
  const world = new World()
  const { a: first, b: second } = world
  first.write(PATH, json('old'))
  first.write('data/other.md', 'other\n')
  await first.sync()
  await second.sync()
  await world.inStep()
  return { world, first, second, [Symbol.asyncDispose]: () => world.close() }
}

/** Both have edited the file; the first engine runs, and the second has found out. */
async function inConflict(): Promise<Sides> {
  const sides = await inStep()
  const { first, second } = sides
  first.write(PATH, json('first'))
  await first.sync()
  second.write(PATH, json('second'))
  await Promise.all([first.watch(), second.watch()])
  await second.engine!.waitFor(event => event.type === 'file' && event.action === 'conflict', 'a conflict')
  await settled(sides)
  return sides
}

function settled({ world }: Sides, conflicts = 1): Promise<void> {
  return until(
    () =>
      world.projects.every(({ engine }) => engine?.isIdle === true) &&
      world.projects.reduce((sum, { engine }) => sum + (engine?.status?.conflicts ?? 0), 0) === conflicts,
    `${conflicts} conflicts and rest`,
    () => world.projects.map(({ engine }) => engine?.describe()).join('\n'),
  )
}

describe.concurrent('after an edit that the other side did not know of', () => {
  test('R6 the local file stays, the other version lies beside it, everything else goes on', async () => {
    await using sides = await inConflict()
    const { world, first, second } = sides
    expect(second.read(PATH)).toBe(json('second'))
    expect(second.read(COPY)).toBe(json('first'))
    expect(first.read(PATH)).toBe(json('first'))
    expect(first.has(COPY)).toBe(false)
    expect(world.databaseTree().get(PATH)).toBe(json('first'))

    second.write('data/from-second.md', 'new\n')
    first.write('data/other.md', 'edited\n')
    await until(
      () => first.read('data/from-second.md') === 'new\n' && second.read('data/other.md') === 'edited\n',
      'other files to travel both ways',
    )
    expect(world.rows().some(({ path }) => path.endsWith('.conflict'))).toBe(false)

    const [report, ...more] = await second.conflicts()
    expect(more).toEqual([])
    expect(report).toMatchObject({
      path: PATH,
      channel: 'shared',
      local: { content: json('second') },
      remote: { content: json('first') },
    })
    expect(await first.conflicts(0)).toEqual([])
    expect((await second.status(3)).conflicts).toBe(1)
  })

  test('R6 F18 another edit on the other side is kept up to date beside it, and equal contents end it', async () => {
    await using sides = await inConflict()
    const { world, first, second } = sides
    first.write(PATH, json('first again'))
    await until(() => second.read(COPY) === json('first again'), 'the copy to follow')
    expect(second.read(PATH)).toBe(json('second'))
    expect((await second.conflicts())[0]?.remote?.content).toBe(json('first again'))

    second.write(PATH, json('first again'))
    await settled(sides, 0)
    await world.inStep()
    expect(second.has(COPY)).toBe(false)
    expect(await second.conflicts(0)).toEqual([])
    expect(second.engine!.files().filter(({ action }) => action === 'resolve')).toHaveLength(1)

    first.write(PATH, json('later'))
    await until(() => second.read(PATH) === json('later'), 'the path to be no longer paused')
    await world.inStep()
  })

  test('R6 the other side can end it by taking this side’s content', async () => {
    await using sides = await inConflict()
    const { world, first, second } = sides
    first.write(PATH, json('second'))
    await settled(sides, 0)
    await world.inStep()
    expect(second.has(COPY)).toBe(false)
  })

  test('R6 taking the copy by renaming it over the file ends it', async () => {
    await using sides = await inConflict()
    const { world, second } = sides
    second.rename(COPY, PATH)
    await settled(sides, 0)
    await world.inStep()
    expect(second.read(PATH)).toBe(json('first'))
  })

  test('R7 a delete on the other side ends it with this side’s edit, a delete here with the other’s', async () => {
    await using one = await inConflict()
    one.first.remove(PATH)
    await settled(one, 0)
    await one.world.inStep()
    expect(one.first.read(PATH)).toBe(json('second'))

    await using two = await inConflict()
    two.second.remove(PATH)
    await settled(two, 0)
    await two.world.inStep()
    expect(two.second.read(PATH)).toBe(json('first'))
    expect(two.second.has(COPY)).toBe(false)
  })

  test('R1 R6 it outlives a restart and a kill, and what is written into the copy is kept', async () => {
    await using sides = await inConflict()
    const { world, first, second } = sides
    await second.stop()
    await second.watch()
    await settled(sides)
    await second.kill()
    await second.watch()
    await settled(sides)
    expect(second.read(PATH)).toBe(json('second'))
    expect(second.read(COPY)).toBe(json('first'))

    second.write(COPY, json('notes of a person'))
    first.write(PATH, json('first again'))
    await until(() => second.read(COPY) === json('first again'), 'the copy to follow')
    expect((await second.history()).map(({ content }) => content)).toContain(json('notes of a person'))
    second.write(PATH, json('first again'))
    await settled(sides, 0)
    await world.inStep()
  })

  test('R6 one sync after the other: exit code 3, listed by plan and conflicts, ended by an edit', async () => {
    await using sides = await inStep()
    const { world, first, second } = sides
    first.write(PATH, json('first'))
    second.write(PATH, json('second'))
    second.write('data/from-second.md', 'new\n')
    expect(await first.sync()).toMatchObject({ pushed: 1, conflicts: 0 })
    expect(await second.plan(3)).toMatchObject({
      actions: expect.arrayContaining([expect.objectContaining({ path: PATH, action: 'conflict' })]),
    })
    expect(second.has(COPY)).toBe(false)
    expect(await second.sync(3)).toMatchObject({ pushed: 1, pulled: 0, conflicts: 1 })
    expect(await second.sync(3)).toMatchObject({ pushed: 0, pulled: 0, conflicts: 1 })
    expect(second.read(PATH)).toBe(json('second'))
    expect(second.read(COPY)).toBe(json('first'))
    expect((await second.conflicts())[0]?.path).toBe(PATH)

    second.write(PATH, json('first'))
    expect(await second.sync()).toMatchObject({ conflicts: 0 })
    expect(await first.sync()).toMatchObject({ pulled: 1, conflicts: 0 })
    expect(second.has(COPY)).toBe(false)
    await world.inStep()
  })
})

test('R4 R5 F5 files that both have before they meet: equal ones are adopted, others are a conflict', async () => {
  await using world = new World()
  for (const side of world.projects) side.write('data/equal.md', 'equal\n')
  world.a.write(PATH, json('a'))
  world.b.write(PATH, json('b'))
  expect(await world.a.sync()).toMatchObject({ pushed: 2 })
  const before = world.rows()
  expect(await world.b.sync(3)).toMatchObject({ pushed: 0, pulled: 0, conflicts: 1 })
  expect(world.rows()).toEqual(before)
  expect(world.b.read(PATH)).toBe(json('b'))
  expect(world.b.read(COPY)).toBe(json('a'))
  expect((await world.b.conflicts())[0]).toMatchObject({ path: PATH, base: null })
})
