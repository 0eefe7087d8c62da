/**
 * Ordinary days (R4, R8): what people and programs do all the time asks nobody anything. Nothing is held and nothing in
 * conflict, at no moment; no delete is taken back, and no edit. Each day once under running engines, and once between
 * two commands.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { folderHome } from '../../src/platform/home.ts'
import type { Project } from '../support/project.ts'
import { pace } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

type Mode = 'engines run' | 'no engine runs'
const MODES = ['engines run', 'no engine runs'] as const

const FILES = 60

/** A and B in step, with files in three folders. */
async function morning(mode: Mode, config: object = {}): Promise<World> {
  const world = new World()
  for (const side of world.projects) side.configure({ syncFilePatterns: ['data/**'], ...config })
  for (let n = 0; n < FILES; n += 1) world.a.write(`data/${n % 3}/${n}.md`, textOf(n))
  for (const side of world.projects) await side.sync()
  await world.inStep()
  if (mode === 'engines run') await world.watchAll()
  return world
}

const textOf = (n: number): string => `# ${n}\n\n${'text '.repeat(n)}\n`

/** Both sides in step again, with nobody having been asked anything. */
async function evening(world: World): Promise<ReadonlyMap<string, string>> {
  const engines = world.projects.flatMap(({ engine }) => engine ?? [])
  if (engines.length === 0) await syncInTurn(world)
  const tree = await world.inStep()
  for (const engine of engines) {
    const told = engine.events.filter(
      event => event.type === 'status' && (event.state === 'held' || event.conflicts > 0),
    )
    expect(told, 'what was asked').toEqual([])
    expect(engine.status).toMatchObject({ state: 'idle', problems: 0 })
  }
  return tree
}

/** As often as it takes. A sync that asks anybody anything leaves with another code than 0. */
async function syncInTurn({ a, b }: World): Promise<void> {
  await a.sync()
  const { pushed, merged, deletedRemote } = await b.sync()
  if (pushed + merged + deletedRemote > 0) await a.sync()
}

/** The working tree of A, as git leaves it; what it keeps lies beside the content. */
function repository({ folder }: Project): (...args: readonly string[]) => void {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'core.autocrlf=false']
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'pipe' })
  git('init', '-q', '-b', 'main')
  git('add', 'data')
  git('commit', '-qm', 'first')
  return git
}

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The state as if the machine had been started anew. `isFlushed`: whether all was on the disk when it went down. */
function startMachineAnew(world: World, isFlushed: boolean): void {
  for (const { folder } of world.projects) {
    const state = new Sqlite(join(folderHome(world.home, folder), 'state.db'))
    state.prepare(`UPDATE durability SET boot_id = boot_id || '-before'`).run()
    if (!isFlushed) state.prepare('UPDATE durability SET flushed_epoch = 0').run()
    state.close()
  }
}

describe.concurrent.each(MODES)('R8 a repository while %s', { skip: !hasGit() }, mode => {
  test('branches with other contents, and files that only one of them has, to and fro', async () => {
    await using world = await morning(mode)
    const { a } = world
    const git = repository(a)
    git('checkout', '-qb', 'other')
    for (let n = 0; n < 40; n += 1) a.write(`data/${n % 3}/${n}.md`, `${textOf(n)}other\n`)
    for (let n = 50; n < FILES; n += 1) a.remove(`data/${n % 3}/${n}.md`)
    a.write('data/other.md', 'other\n')
    git('add', 'data')
    git('commit', '-qm', 'other')
    for (const branch of ['main', 'other', 'main', 'other']) {
      git('checkout', '-q', branch)
      await evening(world)
    }
    const tree = await evening(world)
    expect(tree.size).toBe(FILES - 10 + 1)
    expect(tree.get('data/1/1.md')).toBe(`${textOf(1)}other\n`)
  })

  test('a branch in which folders have other names', async () => {
    await using world = await morning(mode)
    const { a } = world
    const git = repository(a)
    git('checkout', '-qb', 'renamed')
    for (const folder of ['0', '1', '2']) git('mv', `data/${folder}`, `data/renamed-${folder}`)
    git('commit', '-qm', 'renamed')
    expect([...(await evening(world)).keys()].filter(path => !path.startsWith('data/renamed-'))).toEqual([])
    git('checkout', '-q', 'main')
    expect([...(await evening(world)).keys()].filter(path => path.startsWith('data/renamed-'))).toEqual([])
  })

  test('stash and pop, and a rebase', async () => {
    await using world = await morning(mode)
    const { a } = world
    const git = repository(a)
    for (let n = 0; n < 10; n += 1) a.write(`data/${n % 3}/${n}.md`, 'of the day\n')
    await evening(world)
    git('stash', '-q')
    expect((await evening(world)).get('data/0/3.md')).toBe(textOf(3))
    git('stash', 'pop', '-q')
    expect((await evening(world)).get('data/0/3.md')).toBe('of the day\n')
    git('checkout', '-qb', 'topic')
    git('commit', '-qam', 'topic')
    git('checkout', '-q', 'main')
    a.write('data/2/50.md', 'of main\n')
    git('commit', '-qam', 'main')
    git('checkout', '-q', 'topic')
    git('rebase', '-q', 'main')
    const tree = await evening(world)
    expect([tree.get('data/0/3.md'), tree.get('data/2/50.md')]).toEqual(['of the day\n', 'of main\n'])
  })
})

describe.concurrent.each(MODES)('R8 programs while %s', mode => {
  test('a generator that removes its folder and makes it anew', async () => {
    await using world = await morning(mode)
    const { a } = world
    for (let round = 0; round < 3; round += 1) {
      a.remove('data/1')
      for (let n = 1; n < FILES; n += 3)
        a.write(`data/1/${n}.md`, n % 2 === 0 ? textOf(n) : `built ${round}\n`)
      await evening(world)
    }
    expect((await evening(world)).get('data/1/1.md')).toBe('built 2\n')
  })

  test('editors that save by renaming, with backups and lock files', async () => {
    await using world = await morning(mode)
    const { a, b } = world
    for (let round = 0; round < 4; round += 1) {
      a.rename('data/0/0.md', 'data/0/0.md~')
      a.write('data/0/0.md', `saved ${round}\n`)
      a.remove('data/0/0.md~')
      b.save('data/1/1.md', `saved ${round}\n`)
      await pace(40)
    }
    const tree = await evening(world)
    expect([tree.get('data/0/0.md'), tree.get('data/1/1.md'), tree.size]).toEqual([
      'saved 3\n',
      'saved 3\n',
      FILES,
    ])
  })

  test('a queue that is filled here and drained there, to the last one', async () => {
    await using world = await morning(mode, { expectDeletes: ['data/queue/**'] })
    const { a, b } = world
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 25; n += 1) a.write(`data/queue/${round}-${n}.json`, `{"n":${n}}\n`)
      await evening(world)
      for (let n = 0; n < 25; n += 1) b.remove(`data/queue/${round}-${n}.json`)
      expect((await evening(world)).size).toBe(FILES)
    }
  })

  test('a small queue of which nobody has said so, in a folder of its own', async () => {
    await using world = await morning(mode)
    const { a, b } = world
    for (let n = 0; n < 3; n += 1) a.write(`data/inbox/${n}.json`, `{"n":${n}}\n`)
    await evening(world)
    for (let n = 0; n < 3; n += 1) b.remove(`data/inbox/${n}.json`)
    expect((await evening(world)).size).toBe(FILES)
  })

  test('a value that is toggled to and fro on both sides', async () => {
    await using world = await morning(mode)
    const { a, b } = world
    for (const [round, value] of ['on', 'off', 'on', 'off', 'on'].entries()) {
      const side = round % 2 === 0 ? a : b
      side.write('data/switch.txt', `${value}\n`)
      await evening(world)
    }
    expect((await evening(world)).get('data/switch.txt')).toBe('on\n')
  })
})

describe.concurrent('R4 R8 machines', () => {
  test('a container that is killed and started anew on its volume, with its configuration written anew', async () => {
    await using world = await morning('engines run')
    const { a, b } = world
    for (let round = 0; round < 3; round += 1) {
      await a.kill()
      b.write('data/meanwhile.md', `round ${round}\n`)
      a.remove(`data/0/${round * 3}.md`)
      a.configure({ syncFilePatterns: ['data/**'] })
      await a.watch()
      const tree = await evening(world)
      expect([tree.get('data/meanwhile.md'), tree.size]).toEqual([`round ${round}\n`, FILES - round])
    }
  })

  test('a reboot each evening: what was deleted or edited while the machine was off stays so', async () => {
    await using world = await morning('no engine runs')
    const { a, b } = world
    for (let day = 0; day < 3; day += 1) {
      startMachineAnew(world, true)
      a.remove(`data/0/${day * 3}.md`)
      a.write('data/1/1.md', `day ${day}\n`)
      b.remove(`data/2/${day * 3 + 2}.md`)
      const tree = await evening(world)
      expect([tree.get('data/1/1.md'), tree.size]).toEqual([`day ${day}\n`, FILES - 2 * (day + 1)])
    }
  })

  test('a laptop whose battery dies each day, in the midst of work', async () => {
    await using world = await morning('engines run')
    const { a, b } = world
    for (let day = 0; day < 3; day += 1) {
      a.write('data/1/1.md', `day ${day}\n`)
      b.write('data/2/2.md', `day ${day}\n`)
      await world.inStep()
      a.write('data/1/4.md', `late on day ${day}\n`)
      for (const side of world.projects) await side.kill()
      startMachineAnew(world, false)
      await world.watchAll()
      const tree = await evening(world)
      expect(['data/1/1.md', 'data/2/2.md', 'data/1/4.md'].map(path => tree.get(path))).toEqual([
        `day ${day}\n`,
        `day ${day}\n`,
        `late on day ${day}\n`,
      ])
    }
  })

  test('a new version that is deployed beside the old one, and put in its place', async () => {
    await using world = await morning('no engine runs')
    const { a } = world
    // The content lies in a folder that outlives the versions; all else is exchanged.
    const [current, next] = [a.folder, `${a.folder}-next`]
    for (let version = 0; version < 2; version += 1) {
      cpSync(current, next, { recursive: true, filter: from => !from.startsWith(join(current, 'data')) })
      renameSync(join(current, 'data'), join(next, 'data'))
      rmSync(current, { recursive: true })
      renameSync(next, current)
      a.write('data/version.txt', `${version}\n`)
      a.remove(`data/0/${version * 3}.md`)
      expect((await evening(world)).size).toBe(FILES - version)
    }
  })

  test('a fresh clone over an old folder is one hold, and equal files are none', async () => {
    await using world = await morning('no engine runs')
    const { a, b } = world
    const clone = join(world.folder, 'clone')
    cpSync(a.at('data'), clone, { recursive: true })
    for (let n = 0; n < 5; n += 1) b.write(`data/${n % 3}/${n}.md`, 'newer\n')
    for (const side of [b, a]) await side.sync()
    a.remove('data')
    cpSync(clone, a.at('data'), { recursive: true })
    expect(await a.sync(3)).toMatchObject({ pushed: 0, deletedRemote: 0, conflicts: 0 })
    const { holds } = await a.status(3)
    expect(new Set(holds.map(({ reason, kind, side }) => `${reason} ${kind} ${side}`)).size).toBe(1)
    expect(holds).toHaveLength(5)
    await a.decide('restore-held')
    expect((await evening(world)).get('data/0/0.md')).toBe('newer\n')
  })
})
