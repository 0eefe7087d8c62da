/**
 * Tells every story with two engines that run, and again with one `sync` after the other; each from both
 * sides. The stories lie side by side in folders of their own, so that two engines serve for all of them.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { differences, foldersOf, latin1, type Tree } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'
import { STORIES } from './stories.ts'
import { type Files, play, type Sides, type Story } from './story.ts'

// Most of the time is spent waiting for files to settle.
vi.setConfig({ maxConcurrency: 24 })

/** So many files lie beside the stories that none of their deletes is a mass delete (R8). */
const PADDING = 300

interface Telling {
  readonly title: string
  readonly story: Story
  readonly from: 'a' | 'b'
  readonly folder: string
}

const TELLINGS: readonly Telling[] = STORIES.flatMap((story, index) =>
  (['a', 'b'] as const).map(from => ({
    title: `${story.rule} ${story.name}, on ${from}`,
    story,
    from,
    folder: `data/${index}-${from}`,
  })),
)

function sidesOf(world: World, from: 'a' | 'b'): Sides {
  return from === 'a' ? { here: world.a, there: world.b } : { here: world.b, there: world.a }
}

function preparedWorld(): World {
  const world = new World()
  for (let n = 0; n < PADDING; n += 1) world.a.write(`data/padding/${n % 10}/${n}.md`, `padding ${n}\n`)
  for (const { story, from, folder } of TELLINGS) {
    for (const [path, content] of Object.entries(story.init))
      sidesOf(world, from).here.write(`${folder}/${path}`, content)
  }
  return world
}

function treeWith(folder: string, files: Files): Tree {
  return new Map(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, latin1(content)]))
}

/** How far the world is from what the story promises; empty where it is kept. */
function faults(world: World, { story, from, folder }: Telling): string[] {
  const { here, there } = sidesOf(world, from)
  const expected = treeWith(folder, story.expected)
  const own = treeWith(folder, story.onlyHere ?? {})
  const hereTree =
    story.onlyHere === undefined
      ? here.tree(folder)
      : only(here.tree(folder), [...expected.keys(), ...own.keys()])
  const gone = new Set(story.foldersGone?.map(path => `${folder}/${path}`))
  return [
    ...differences(hereTree, new Map([...expected, ...own])).map(line => `here, ${line}`),
    ...differences(there.tree(folder), expected).map(line => `there, ${line}`),
    ...differences(world.databaseTree(folder), expected).map(line => `database, ${line}`),
    ...[here, there].flatMap(side =>
      foldersOf(side.folder, folder)
        .filter(path => gone.has(path))
        .map(path => `${side.name} still has the folder ${path}`),
    ),
  ]
}

function only(tree: Tree, paths: readonly string[]): Tree {
  return new Map(paths.flatMap(path => (tree.has(path) ? [[path, tree.get(path)!] as const] : [])))
}

describe('with engines that run', () => {
  let world: World
  beforeAll(async () => {
    world = preparedWorld()
    await world.watchAll()
    await world.inStep()
  })
  afterAll(() => world.close())

  const told = TELLINGS.filter(({ story }) => story.isOffline !== true)
  test.concurrent.each(told)('$title', async telling => {
    const { here, there } = sidesOf(world, telling.from)
    const marker = telling.folder.replace('data/', 'data/markers/')
    await play(telling.story.actions, telling.folder, { here, there })
    // Once what came later has arrived, what must not travel has had its chance.
    here.write(`${marker}-here.md`, 'later\n')
    there.write(`${marker}-there.md`, 'later\n')
    await until(
      () =>
        world.projects.every(side => side.has(`${marker}-here.md`) && side.has(`${marker}-there.md`)) &&
        faults(world, telling).length === 0,
      'the story to come true',
      () => [...faults(world, telling), here.engine?.describe(), there.engine?.describe()].join('\n'),
    )
    expect(faults(world, telling)).toEqual([])
    expect(world.a.engine?.status?.conflicts).toBe(0)
  })

  test('R1 R2 at the end both are in step, without a conflict, and end with 0', async () => {
    await until(() => world.projects.every(({ engine }) => engine?.isIdle === true), 'both to be idle')
    // Nothing that came later has undone a story.
    expect(told.flatMap(telling => faults(world, telling))).toEqual([])
    expect(
      world.projects.flatMap(({ engine }) => engine!.files().filter(({ action }) => action === 'conflict')),
    ).toEqual([])
    expect(await Promise.all(world.projects.map(project => project.stop()))).toEqual([0, 0])
  })
})

describe('one sync after the other', () => {
  let world: World
  const ends: number[] = []
  beforeAll(async () => {
    world = preparedWorld()
    for (const side of [world.a, world.b, world.a]) ends.push((await side.sync()).conflicts)
    await world.inStep()
    await Promise.all(
      TELLINGS.map(({ story, folder, from }) => play(story.actions, folder, sidesOf(world, from))),
    )
    for (const side of [world.a, world.b, world.a]) ends.push((await side.sync()).conflicts)
  })
  afterAll(() => world.close())

  test.each(TELLINGS)('$title', telling => {
    expect(faults(world, telling)).toEqual([])
  })

  test('R1 R3 nothing was a conflict, and another sync does nothing', async () => {
    expect(ends).toEqual([0, 0, 0, 0, 0, 0])
    const nothing = { pushed: 0, pulled: 0, merged: 0, deletedLocal: 0, deletedRemote: 0, conflicts: 0 }
    const before = world.rows()
    expect(await world.b.sync()).toMatchObject(nothing)
    expect(await world.a.sync()).toMatchObject(nothing)
    expect(world.rows()).toEqual(before)
  })
})
