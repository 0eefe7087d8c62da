/** Engines that end by SIGKILL at any moment of their work, and two engines on one folder (R1, R9, R14). */
import { describe, expect, test, vi } from 'vitest'
import type { SessionEvent } from '../../src/engine/status.ts'
import type { Random } from '../fakes/random.ts'
import { exitOf, start } from '../support/lockstep.ts'
import { times } from '../support/long.ts'
import type { Project } from '../support/project.ts'
import { seeded } from '../support/seed.ts'
import { differences, isEqual, temporaryFiles, type Tree } from '../support/tree.ts'
import { pace, until } from '../support/until.ts'
import { World } from '../support/world.ts'

const FILES = 3_000
/** Each at other moments than the last time. */
const RUNS = Array.from({ length: times({ short: 1, long: 30 }) }, (_, n) => n + 1)

// The large ones keep two processors busy; the others wait for processes.
vi.setConfig({ maxConcurrency: 4 })

function bigWorld(): World {
  const world = new World()
  for (let n = 0; n < FILES; n += 1) {
    world.a.write(`data/${n % 30}/${n}.json`, `${JSON.stringify({ n, text: 'x'.repeat(n % 900) })}\n`)
  }
  return world
}

/** Kills a running engine once it has moved some of the files; how many it had told of. */
async function killWatch(project: Project, random: Random, action: 'push' | 'pull'): Promise<number> {
  const engine = project.startEngine()
  const count = 1 + random.below(FILES - 2)
  let seen = 0
  await engine.waitFor(event => {
    if (event.type === 'file' && event.action === action) seen += 1
    return seen >= count || event.type === 'ready'
  }, `file ${count}`)
  await project.kill()
  return seen
}

/** Runs in an engine's process before the engine does: kills it in place of one of its calls to the file system. */
const KILLER = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  let left = Number(process.env.KILLED_AT_CALL)
  for (const name of ['openSync', 'readSync', 'writeSync', 'closeSync', 'fstatSync', 'lstatSync', 'futimesSync', 'linkSync', 'renameSync', 'unlinkSync']) {
    const call = fs[name]
    fs[name] = (...args) => {
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
      return call(...args)
    }
  }
  syncBuiltinESMExports()
`

/** A first sync of that many files makes more calls than this, and has some hundred files left to move by then. */
const CALLS_OF_FIRST_SYNC = 20_000
/** Any sync of that many files makes more calls than this: it looks at each. */
const CALLS_OF_ANY_SYNC = FILES

/** Kills a `sync` at one of its calls to the file system. */
async function killSync(project: Project, call: number): Promise<void> {
  const killer = `--import=data:text/javascript,${encodeURIComponent(KILLER)}`
  const env = { ...project.env, NODE_OPTIONS: killer, KILLED_AT_CALL: String(call) }
  const child = start(['sync', project.folder, '--json'], env)
  child.stdout?.resume()
  child.stderr?.resume()
  expect(await exitOf(child, `the sync that is killed at call ${call}`)).toBe('SIGKILL')
}

/** Three engines one after the other: a first sync, one that goes on in the background, and one that has just begun. */
async function killThrice(project: Project, random: Random, action: 'push' | 'pull'): Promise<void> {
  await killSync(project, 1 + random.below(CALLS_OF_FIRST_SYNC))
  expect(await killWatch(project, random, action)).toBeGreaterThan(0)
  await killSync(project, 1 + random.below(CALLS_OF_ANY_SYNC))
}

/** What there is of files is whole, and of the other side (R9). */
function expectWhole(tree: Tree, whole: Tree): void {
  for (const [path, content] of tree)
    if (content !== whole.get(path)) expect.unreachable(`${path} is not whole`)
}

describe.concurrent('R1 R9 R14 F6 F13 a first sync that is killed again and again', () => {
  test.each(RUNS)('ends in equal trees, without a conflict or a leftover (%i)', async run => {
    const random = seeded(`killed first sync ${run}`, run)
    await using world = bigWorld()
    const { a, b } = world
    const whole = a.tree()

    await killThrice(a, random, 'push')
    expectWhole(world.databaseTree(), whole)
    expect(await a.sync()).toMatchObject({ conflicts: 0, deletedLocal: 0, deletedRemote: 0, problems: 0 })
    expect(isEqual(a.tree(), whole)).toBe(true)
    expect(isEqual(world.databaseTree(), whole)).toBe(true)

    await killThrice(b, random, 'pull')
    expectWhole(b.tree(), whole)
    expect(await b.sync()).toMatchObject({
      conflicts: 0,
      deletedLocal: 0,
      deletedRemote: 0,
      pushed: 0,
      problems: 0,
    })
    expect(differences(b.tree(), whole)).toEqual([])
    expect(isEqual(world.databaseTree(), whole)).toBe(true)
    expect(temporaryFiles(a.folder)).toEqual([])
    expect(temporaryFiles(b.folder)).toEqual([])
  })
})

describe.concurrent('R1 R2 kills during work', () => {
  test('live edits on both sides with both engines killed in between: all arrive, no conflict', async () => {
    const random = seeded('killed live edits')
    await using world = new World()
    const [a, b] = [world.a, world.b]
    const last = new Map<string, string>()
    for (let n = 0; n < 40; n += 1) a.write(`data/${n}.md`, `first ${n}\n`)
    await world.watchAll()
    await world.inStep()
    let edits = 0
    for (let kill = 0; kill < 6; kill += 1) {
      const burst = 4 + random.below(12)
      for (let n = 0; n < burst; n += 1) {
        const file = random.below(40)
        const path = `data/${file}.md`
        // Each file has one writer, so that there is nothing to be in conflict about.
        const side = file % 2 === 0 ? a : b
        const content = `edit ${(edits += 1)} ${'y'.repeat(random.below(2_000))}\n`
        if (random.chance(0.5)) side.write(path, content)
        else side.save(path, content)
        last.set(path, content)
        await pace(random.below(30))
      }
      const victim = random.chance(0.5) ? a : b
      await victim.kill()
      // The other side may go on meanwhile.
      await pace(random.below(150))
      victim.startEngine()
    }
    await until(
      () => world.projects.every(({ engine }) => engine?.isIdle === true),
      'rest',
      () => a.engine!.describe(),
    )
    const tree = await world.inStep()
    for (const [path, content] of last) expect(tree.get(path)).toBe(content)
    expect(world.projects.map(({ engine }) => engine?.status?.conflicts)).toEqual([0, 0])
    expect(edits).toBeGreaterThan(20)
  })

  test('F14 deletes that were being carried out when the engine was killed stay deleted', async () => {
    await using world = new World()
    const { a, b } = world
    for (let n = 0; n < 200; n += 1) a.write(`data/${n % 4}/${n}.md`, `content ${n}\n`)
    await a.sync()
    await b.sync()
    for (let n = 0; n < 50; n += 1) a.remove(`data/${n % 4}/${n}.md`)
    const { deletedRemote } = await a.sync()
    expect(deletedRemote).toBe(50)
    const engine = b.startEngine()
    await engine.waitFor(event => event.type === 'file' && event.action === 'delete-local', 'a delete')
    await b.kill()
    expect(await b.sync()).toMatchObject({ pushed: 0, conflicts: 0 })
    expect(await a.sync()).toMatchObject({ pulled: 0, conflicts: 0 })
    expect((await world.inStep()).size).toBe(150)
    expect((await b.history()).filter(({ reason }) => reason === 'deleted').length).toBeGreaterThanOrEqual(50)
  })

  test('R1 R7 an edit made while the engine was dead beats the delete that came meanwhile', async () => {
    await using world = new World()
    const { a, b } = world
    for (const name of ['x', 'y', 'z']) a.write(`data/${name}.md`, 'old\n')
    await world.watchAll()
    await world.inStep()
    await b.kill()
    a.remove('data/x.md')
    await until(() => world.rows().length === 2, 'the delete')
    b.write('data/x.md', 'edited while dead\n')
    await b.watch()
    const tree = await world.inStep()
    expect(tree.get('data/x.md')).toBe('edited while dead\n')
  })
})

describe.concurrent('R14 one engine for each folder', () => {
  test('a second one ends with 4 and names the first one’s process; looking on is allowed', async () => {
    await using world = new World()
    const { a } = world
    const engine = await a.watch()
    for (const command of ['watch', 'sync']) {
      const { code, json, stderr } = await a.run(command)
      expect([command, code]).toEqual([command, 4])
      expect(JSON.stringify(json) + stderr).toContain(String(engine.pid))
    }
    expect((await a.status()).engine).toMatchObject({ pid: engine.pid })
    expect((await a.plan()).actions).toEqual([])
    expect(engine.hasEnded).toBe(false)
    expect(await a.stop()).toBe(0)
    expect((await a.status()).engine).toBeNull()
    expect(await a.sync()).toMatchObject({ problems: 0 })
  })

  test('what a killed one leaves of a lock is taken over at once', async () => {
    await using world = new World()
    const { a } = world
    await a.watch()
    await a.kill()
    expect((await a.status()).engine).toBeNull()
    const engine = await a.watch()
    expect((await a.status()).engine).toMatchObject({ pid: engine.pid })
  })

  test('of two that start at once, exactly one runs', async () => {
    await using world = new World()
    const { a } = world
    a.write('data/x.md', 'x\n')
    const outcomes = await Promise.all([a.run('sync'), a.run('sync'), a.run('sync')])
    const codes = outcomes.map(({ code }) => code)
    expect(codes.every(code => code === 0 || code === 4)).toBe(true)
    expect(codes).toContain(0)
    expect(world.rows()).toHaveLength(1)
  })
})

// What is told of only after it: test/simulation/regressions.test.ts, where the machine's speed has no say.
test('R1 what has been seen when SIGTERM comes is synced before the engine ends', async () => {
  await using world = new World({ names: ['a'] })
  const { a } = world
  for (let round = 0; round < 5; round += 1) {
    const engine = await a.watch()
    const from = engine.events.length
    const path = `data/${round}.md`
    a.write(path, `round ${round}\n`)
    // An engine that still looks around tells of one file more only once it has pushed it.
    const isSeen = (event: SessionEvent): boolean =>
      (event.type === 'status' && event.pending > 0) || (event.type === 'file' && event.path === path)
    await engine.waitFor(isSeen, 'the file to be seen', from)
    expect(await a.stop()).toBe(0)
    expect(world.rows().map(({ path }) => path)).toContain(path)
  }
})
