/**
 * The forerunner's faults that need real files, real processes and a real SQLite file to be shown, each by
 * its number. Those that are told elsewhere: F4 F10 F13 F14 F17 F18 F19 F22 in the stories, F5 in the conflicts,
 * F6 F13 where engines are killed, F11 F23 in the configuration, F12 F16 F24 F25 in the foreign rows.
 */
import { openSync, closeSync, readdirSync, statSync, utimesSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { Project } from '../support/project.ts'
import { seeded } from '../support/seed.ts'
import { pace, until } from '../support/until.ts'
import { APP, World } from '../support/world.ts'
import { countedEnvironment, type Work, WorkCounter } from './counted-work.ts'

// Most of the time is spent waiting for files to settle, and for locks.
vi.setConfig({ maxConcurrency: 6 })

/** That nobody edits: nearly all files changed at once, as a slow start may see them, would be held (R8). */
function writePadding(world: World): void {
  for (let n = 0; n < 10; n += 1) world.a.write(`data/padding/${n}.md`, `padding ${n}\n`)
}

async function running(files = 0): Promise<World> {
  const world = new World()
  if (files >= 20) writePadding(world)
  for (let n = 0; n < files; n += 1) world.a.write(`data/${n % 50}/${n}.md`, `content ${n}\n`)
  await world.watchAll()
  await world.inStep()
  return world
}

/** What has been empty for as long as that, in milliseconds, was perhaps meant to be: it has 2 s to become whole (R9). */
const LONG_EMPTY_MS = 1_500

/** As many programs save: the file is empty for a while. Whether that while was a short one, on this machine. */
async function truncateThenWrite(path: string, content: string, gapMs: number): Promise<boolean> {
  const start = Date.now()
  const file = openSync(path, 'w')
  await pace(gapMs)
  writeSync(file, content)
  closeSync(file)
  return Date.now() - start < LONG_EMPTY_MS
}

describe.concurrent('writing', () => {
  test('F1 R9 of 300 plain writes that truncate first, each arrives and no emptied file ever does', async () => {
    const random = seeded('F1')
    await using world = await running(30)
    const { a, b } = world
    const emptied = world.noteWrites("new.content = ''")
    const last = new Map<string, string>()
    const meant = new Set<string>()
    const writer = async (own: number): Promise<void> => {
      for (let n = own; n < 300; n += 6) {
        const path = `data/${n % 30}/${n % 30}.md`
        const content = `write ${n}\n`
        if (!(await truncateThenWrite(a.at(path), content, random.below(40)))) meant.add(`${APP}:${path}`)
        last.set(path, content)
        await pace(random.below(30))
      }
    }
    await Promise.all([0, 1, 2, 3, 4, 5].map(own => writer(own)))
    const tree = await world.inStep()
    for (const [path, content] of last) expect(tree.get(path)).toBe(content)
    expect(last.size).toBe(30)
    expect(emptied().filter(id => !meant.has(id))).toEqual([])
    expect(b.engine!.status?.conflicts).toBe(0)
  })

  test('F2 a second write 5 to 45 ms after the first always arrives', async () => {
    await using world = await running(1)
    const { a, b } = world
    const gaps = [5, 10, 15, 20, 25, 30, 35, 40, 45]
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        gaps.map(async gap => {
          a.write(`data/${gap}.md`, `first ${round}\n`)
          await pace(gap)
          a.write(`data/${gap}.md`, `second ${round}\n`)
        }),
      )
      await until(
        () => gaps.every(gap => b.read(`data/${gap}.md`) === `second ${round}\n`),
        `round ${round}`,
        () => a.engine!.describe(),
      )
    }
    await world.inStep()
  })

  test('F3 R1 of two edits at the same time none vanishes: both are there, or one is kept as a conflict', async () => {
    await using world = await running(20)
    const { a, b } = world
    const paths = [...world.a.tree().keys()].filter(path => !path.startsWith('data/padding/'))
    for (const path of paths) {
      a.write(path, `${path} by a\n`)
      b.write(path, `${path} by b\n`)
      await pace(10)
    }
    await until(
      () => world.projects.every(({ engine }) => engine?.isIdle === true) && areAllSettled(world, paths),
      'rest',
      () => [a.engine?.describe(), b.engine?.describe()].join('\n'),
    )
    const kept = [...(await a.history()), ...(await b.history())].map(({ content }) => content)
    for (const path of paths) {
      const places = world.projects.flatMap(side => [side.read(path), side.read(`${path}.conflict`)])
      for (const edit of [`${path} by a\n`, `${path} by b\n`]) {
        expect([...places, ...kept]).toContain(edit)
      }
    }
    expect(a.engine!.status!.conflicts + b.engine!.status!.conflicts).toBeGreaterThan(0)
  })

  test('F7 the first edit of each file after a start arrives, made right after its first pull', async () => {
    await using world = new World()
    const { a, b } = world
    writePadding(world)
    for (let n = 0; n < 50; n += 1) a.write(`data/${n}.md`, `content ${n}\n`)
    await a.watch()
    await b.watch()
    for (let n = 0; n < 50; n += 1) b.write(`data/${n}.md`, `first edit ${n}\n`)
    await until(
      () =>
        Array.from({ length: 50 }, (_, n) => a.read(`data/${n}.md`) === `first edit ${n}\n`).every(Boolean),
      'each',
      () => b.engine!.describe(),
    )
    await world.inStep()
    expect(b.engine!.status?.conflicts).toBe(0)
  })

  test('F19 edits made while engines start are not lost', async () => {
    const random = seeded('F19')
    await using world = new World()
    const { a, b } = world
    for (let n = 0; n < 1_500; n += 1) a.write(`data/${n % 40}/${n}.md`, `content ${n}\n`)
    await a.sync()
    await b.sync()
    const engines = [a.startEngine(), b.startEngine()]
    const last = new Map<string, string>()
    let edits = 0
    const areReady = (): boolean => engines.every(({ events }) => events.some(({ type }) => type === 'ready'))
    // Not more than that, however long the start takes: nearly all files changed unseen would be held (R8).
    while (edits <= 10 || (edits < 400 && !areReady())) {
      const n = random.below(1_500)
      const path = edits % 3 === 0 ? `data/new/${edits}/x.md` : `data/${n % 40}/${n}.md`
      const content = `edit ${(edits += 1)}\n`
      // One writer for each file.
      const side = n % 2 === 0 ? a : b
      if (last.has(path)) continue
      side.write(path, content)
      last.set(path, content)
      await pace(5 + edits / 8)
    }
    await Promise.all(engines.map(engine => engine.ready()))
    const tree = await world.inStep()
    for (const [path, content] of last) expect(tree.get(path)).toBe(content)
  })
})

describe.concurrent('the database', () => {
  test('F9 F17 F20 F29 R13 while another program locks it, edits go on; then all is in step without a bogus conflict', async () => {
    await using world = await running(40)
    const { a, b } = world
    const locker = world.database()
    locker.exec('BEGIN EXCLUSIVE')
    const engine = a.engine!
    const from = engine.events.length
    for (let n = 0; n < 10; n += 1) {
      a.write(`data/${n}/${n}.md`, `early ${n}\n`)
      b.write(`data/${20 + n}/${20 + n}.md`, `early ${n}\n`)
    }
    a.remove('data/15/15.md')
    await engine.waitFor(event => event.type === 'status' && event.pending > 0, 'work that waits', from)
    for (let n = 0; n < 10; n += 1) {
      a.write(`data/${n}/${n}.md`, `later ${n}\n`)
      a.write(`data/new-${n}.md`, `new ${n}\n`)
    }
    await engine.waitFor(event => event.type === 'status' && event.state === 'offline', 'offline', from)
    const [problem] = engine.problems(from)
    expect(problem).toMatchObject({ code: 'busy', retryAt: expect.any(Number) })
    expect(new Set(engine.problems(from).map(({ code }) => code))).toEqual(new Set(['busy']))
    locker.exec('COMMIT')

    const tree = await world.inStep()
    for (let n = 0; n < 10; n += 1) {
      expect(tree.get(`data/${n}/${n}.md`)).toBe(`later ${n}\n`)
      expect(tree.get(`data/${20 + n}/${20 + n}.md`)).toBe(`early ${n}\n`)
    }
    expect(tree.has('data/15/15.md')).toBe(false)
    await until(
      () => world.projects.every(({ engine }) => engine?.status?.problems === 0),
      'no problem to be left',
    )
    for (const side of world.projects) {
      expect(side.engine!.status).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, problems: 0 })
      expect(side.engine!.files().filter(({ action }) => action === 'conflict')).toEqual([])
    }
  })

  test('F27 an engine that waits for a locked database ends as soon as it is asked to, and nothing is lost', async () => {
    await using world = await running(3)
    const { a, b } = world
    const locker = world.database()
    locker.exec('BEGIN EXCLUSIVE')
    const engine = a.engine!
    const from = engine.events.length
    a.write('data/0/0.md', 'edited\n')
    await until(
      () => isSending(world, a),
      'the edit to be on its way to the database',
      () => engine.describe(),
    )
    // The lock is held until the engine has ended, and is not waited for until that is told.
    expect(await a.stop()).toBe(0)
    expect(engine.problems(from).filter(({ code }) => code === 'busy')).toEqual([])
    locker.exec('COMMIT')
    await a.watch()
    await until(() => b.read('data/0/0.md') === 'edited\n', 'the edit')
    await world.inStep()
  })

  test('F15 F14 a change of an equal millisecond, of a clock ahead and of one behind is followed, and so is a delete', async () => {
    await using world = await running(3)
    const { a, b } = world
    const row = world.rows()[0]!
    const { path } = row
    const arrive = (content: string): Promise<void> =>
      until(
        () => a.read(path) === content && b.read(path) === content,
        content,
        () => a.engine!.describe(),
      )
    world.put({ ...row, content: 'of the same millisecond\n' })
    await arrive('of the same millisecond\n')
    const ahead = Date.now() + 3_600_000
    world.put({ ...row, content: 'an hour ahead\n', last_updated: ahead })
    await arrive('an hour ahead\n')
    a.write(path, 'after it\n')
    await arrive('after it\n')
    expect(world.rows().find(({ id }) => id === row.id)!.last_updated).toBeGreaterThan(ahead)
    b.write('data/other.md', 'of now\n')
    await until(() => a.has('data/other.md'), 'a change of a clock behind')
    world.put({ ...row, content: 'of long ago\n', last_updated: 1_000 })
    await arrive('of long ago\n')
    world.execute(`DELETE FROM files WHERE id = '${row.id}'`)
    await until(() => !a.has(path) && !b.has(path), 'the delete')
    world.put({ app: APP, path, content: 'again\n' })
    await arrive('again\n')
    await world.inStep()
  })

  test('F4 R3 a touch, an unchanged save and an unchanged blind write write nothing', async () => {
    await using world = await running(3)
    const { a, b } = world
    const path = 'data/0/0.md'
    const before = world.rows()
    const time = new Date(Date.now() + 60_000)
    utimesSync(b.at(path), time, time)
    a.save(path, 'content 0\n')
    world.put({ ...before[0]!, last_updated: before[0]!.last_updated + 5 })
    a.write('data/marker.md', 'marker\n')
    await until(() => b.has('data/marker.md'), 'the marker')
    await world.inStep()
    const after = world.rows().filter(({ path }) => path !== 'data/marker.md')
    expect(after).toEqual([{ ...before[0]!, last_updated: before[0]!.last_updated + 5 }, ...before.slice(1)])
    const about = world.projects
      .flatMap(({ engine }) => engine!.files().slice(3))
      .filter(({ path }) => path !== 'data/marker.md')
    expect(about).toEqual([])
  })

  test('F8 R5 edits of one file on both sides are merged or a conflict, and the same from either side', async () => {
    await using world = await running(1)
    const { a, b } = world
    const path = 'data/text.md'
    const text = (first: string, last: string): string => `${first}\n\n1\n2\n3\n4\n5\n\n${last}\n`
    a.write(path, text('first', 'last'))
    await world.inStep()
    await world.stopAll()
    a.write(path, text('first by a', 'last'))
    b.write(path, text('first', 'last by b'))
    await a.sync()
    const { code, json } = await b.run('sync')
    const merged = text('first by a', 'last by b')
    if (code === 3) {
      expect(json).toMatchObject({ conflicts: 1 })
      expect([b.read(path), b.read(`${path}.conflict`)]).toEqual([
        text('first', 'last by b'),
        text('first by a', 'last'),
      ])
    } else {
      expect(code).toBe(0)
      await a.sync()
      expect([a.read(path), b.read(path)]).toEqual([merged, merged])
    }
  })
})

const pathOf = (n: number): string => `data/${n % 50}/${n}.md`

/** What each of 10 edits costs the other side. */
async function costOfEdits(world: World, counter: WorkCounter): Promise<Work> {
  const { a, b } = world
  await counter.take()
  for (let n = 0; n < 10; n += 1) {
    const content = `edit ${n}, and there are ${b.tree().size} files\n`
    a.write(pathOf(n), content)
    await until(() => b.read(pathOf(n)) === content, `edit ${n}`)
  }
  const { blocks, turns, bytes } = await counter.take()
  return { blocks: blocks / 10, turns: turns / 10, bytes: bytes / 10 }
}

/** Looks for rest, of two turns of the engines' loops each. */
const MOST_LOOKS = 100

/** What the engines do while they write nothing at all, which comes once all is done that a start or an edit leaves. */
async function workAtRest(world: World, counters: readonly WorkCounter[]): Promise<Work[]> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const before = timesIn(world)
    const work = await Promise.all(counters.map(counter => counter.takeTurns(2)))
    if (isDeepStrictEqual(timesIn(world), before)) return work
  }
  return expect.unreachable(`the engines write in each of ${MOST_LOOKS} looks, though there is nothing to do`)
}

// The system counts what a process reads.
test.runIf(process.platform === 'linux')(
  'F28 an edit costs the other side what changed, not what is there; idle writes nothing, and looks at no file',
  { concurrent: true },
  async () => {
    await using world = new World()
    const { a, b } = world
    const counters = [a, b].map(side => {
      const file = join(world.folder, `work-of-${side.name}`)
      return new WorkCounter(side.startEngine(countedEnvironment(file)), file)
    }) as [WorkCounter, WorkCounter]
    const put = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 1) a.write(pathOf(n), `content ${n} ${'x'.repeat(500)}\n`)
      await until(() => a.engine!.isIdle && b.engine!.isIdle && b.tree().size === to, `${to} files`)
    }
    await put(0, 30)
    await workAtRest(world, counters)
    const few = await costOfEdits(world, counters[1])
    await put(30, 3_000)
    const [idle] = await workAtRest(world, counters)
    const many = await costOfEdits(world, counters[1])
    console.log(`F28: ${JSON.stringify({ few, many, idle })}`)
    // To look once at each file would run dozens of blocks for each of 3,000; to read them all is 1.5 MB. How often the
    // loop turns for an edit depends on how long that takes.
    expect(many.blocks / many.turns).toBeLessThan(1.5 * (few.blocks / few.turns))
    expect(many.bytes).toBeLessThan(500_000)
    expect(idle!.blocks / idle!.turns).toBeLessThan(300)
    // The list of mounts, some kB, is read again where another program has mounted something.
    expect(idle!.bytes / idle!.turns).toBeLessThan(20_000)
  },
)

/** When each file of the projects, the database and the state was last written or renamed. */
function timesIn(world: World): Record<string, number | undefined> {
  const files = readdirSync(world.folder, { recursive: true, encoding: 'utf8' })
  const own = files.filter(name => !name.startsWith('work-of-'))
  return Object.fromEntries(
    own.map(name => [name, statSync(join(world.folder, name), { throwIfNoEntry: false })?.ctimeMs]),
  )
}

/** Whether an engine has noted a write to the database that has no answer yet. */
function isSending(world: World, project: Project): boolean {
  return world.stateOf(project, client =>
    client
      .prepare<[], string>('SELECT writes FROM sent_writes')
      .pluck()
      .all()
      .some(writes => writes !== '[]'),
  )
}

function areAllSettled(world: World, paths: readonly string[]): boolean {
  const known = world.databaseTree()
  return world.projects.every(side =>
    paths.every(path => side.has(`${path}.conflict`) || side.read(path) === known.get(path)),
  )
}
