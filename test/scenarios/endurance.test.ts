/** One state file that a program on each of two devices reads, changes and writes as fast as agents do. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { noteProcess } from '../support/orphans.ts'
import type { Project } from '../support/project.ts'
import { seeded } from '../support/seed.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

const TIMES = 1_000
/** All come to rest this often, so that numbers are the last ones that were agreed on. */
const RESTS = 4
const PATH = 'data/state.json'
/** Keys that nobody changes lie between. */
const START = { a: 0, ...Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`other${n}`, n])), b: 0 }

type State = Readonly<Record<string, number>>

/** Runs the program to its end. */
async function play(project: Project, first: number, seed: number): Promise<{ reverted: number }> {
  const program = join(import.meta.dirname, 'state-program.ts')
  const args = [program, project.at(PATH), project.name, String(first), String(TIMES / RESTS), String(seed)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  noteProcess(child)
  const [said, [code]] = await Promise.all([
    json(child.stdout) as Promise<{ reverted: number }>,
    once(child, 'exit'),
  ])
  expect(code).toBe(0)
  return said
}

function conflictsIn(world: World): unknown[] {
  return world.projects.flatMap(({ engine }) => engine!.files().filter(({ action }) => action === 'conflict'))
}

const stateIn = (text: string): State => JSON.parse(text) as State

/** The numbers of both keys in all that is kept: files, database, history of both devices. */
async function keptNumbers(world: World): Promise<{ a: Set<number>; b: Set<number> }> {
  const histories = await Promise.all(world.projects.map(project => project.history()))
  const contents = histories.flat().map(({ content }) => content)
  for (const { content } of world.rows()) contents.push(content)
  for (const project of world.projects) contents.push(project.read(PATH)!)
  const numbers = { a: new Set<number>(), b: new Set<number>() }
  for (const content of contents) {
    if (content === undefined || content === '') continue
    const state = stateIn(content)
    for (const key of ['a', 'b'] as const) numbers[key].add(state[key]!)
  }
  return numbers
}

test('R1 R2 R5 two programs on two devices each set their own key 1,000 times: both last numbers are there, no conflict', async () => {
  const random = seeded('endurance')
  await using world = new World()
  const [a, b] = [world.a, world.b]
  a.write(PATH, `${JSON.stringify(START, null, 2)}\n`)
  await world.watchAll()
  await world.inStep()
  const rests: State[] = []
  let reverted = 0
  for (let rest = 1; rest <= RESTS; rest += 1) {
    const said = await Promise.all(
      [a, b].map(project => play(project, ((rest - 1) * TIMES) / RESTS + 1, random.below(2 ** 31))),
    )
    reverted += said.reduce((sum, each) => sum + each.reverted, 0)
    await until(
      () => world.projects.every(({ engine }) => engine!.isIdle),
      'both engines to be idle',
      () => world.projects.map(({ engine }) => engine!.describe()).join('\n'),
    )
    // One that there is will not go away, so nobody need wait for it.
    expect(conflictsIn(world)).toEqual([])
    const tree = await world.inStep()
    rests.push(stateIn(tree.get(PATH)!))
  }

  const kept = await keptNumbers(world)
  const merges = world.projects
    .flatMap(({ engine }) => engine!.files())
    .filter(({ action }) => action === 'merge')
  console.log(
    `endurance: rests ${JSON.stringify(rests.map(({ a, b }) => [a, b]))}, ${merges.length} merges, own numbers reverted ${reverted} times`,
  )
  expect(rests.at(-1)).toEqual({ ...START, a: TIMES, b: TIMES })
  for (const [at, state] of rests.entries()) {
    const written = ((at + 1) * TIMES) / RESTS
    expect(state, `at rest ${at + 1}`).toEqual({ ...START, a: written, b: written })
    for (const key of ['a', 'b'] as const)
      expect([...kept[key]], `${key} of rest ${at + 1}`).toContain(written)
  }
  expect(merges.length).toBeGreaterThan(0)
  for (const { engine } of world.projects) {
    expect(engine!.files().filter(({ action }) => action === 'skip')).toEqual([])
    expect(engine!.status?.conflicts).toBe(0)
    expect(engine!.problems()).toEqual([])
  }
})
