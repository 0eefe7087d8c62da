/** What must not end an engine, and what is told of it meanwhile (R12, R13): real processes, files and databases. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { folderHome } from '../../src/platform/home.ts'
import { noteProcess } from '../support/orphans.ts'
import { Project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 4 })

const isRoot = process.getuid?.() === 0
const isPosix = process.platform !== 'win32'
const NO_DISK = 'needs root on Linux, for a small disk of its own'
const KIB = 1_024
/** Fits into no space that is left in a full state. */
const LARGE = Array.from({ length: 30_000 }, () => Math.random().toString(36)).join('\n')

/** The same folder with a LOCKSTEP_HOME of its own; its engine ends with the test. */
function atHome(project: Project, home: string): Project & AsyncDisposable {
  const own = new Project(project.name, project.folder, { ...project.env, LOCKSTEP_HOME: home })
  return Object.assign(own, { [Symbol.asyncDispose]: () => own.kill() })
}

/** A LOCKSTEP_HOME on a disk of 6 MB. */
function smallDisk(world: World): Disposable & { readonly home: string; fill(): void; free(): void } {
  const home = join(world.folder, 'small')
  mkdirSync(home)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', home])
  const filling = join(home, 'filling')
  return {
    home,
    fill() {
      for (let size = 0; ; size += KIB) {
        try {
          writeFileSync(filling, Buffer.alloc(KIB), { flag: 'a' })
        } catch {
          return
        }
      }
    },
    free: () => rmSync(filling),
    [Symbol.dispose]: () => void execFileSync('umount', ['-l', home]),
  }
}

describe.concurrent('R13.1 a full disk under LOCKSTEP_HOME', () => {
  test('does not end `watch`: it is a problem with a next try, and all comes into step', async context => {
    if (!isRoot || process.platform !== 'linux') context.skip(NO_DISK)
    await using world = new World()
    using disk = smallDisk(world)
    await using b = atHome(world.b, disk.home)
    world.a.write('data/x.md', 'one\n')
    await world.a.sync()
    const engine = await b.watch()
    disk.fill()
    world.a.write('data/x.md', LARGE)
    await world.a.sync()
    const problem = await engine.waitFor(
      event => event.type === 'problem' && event.code === 'state-failed',
      'the problem',
    )
    expect(problem).toMatchObject({
      message: expect.stringContaining(disk.home) as string,
      retryAt: expect.any(Number) as number,
    })
    const { problemList, problems } = await b.status(1)
    expect(problemList.map(({ code }) => code)).toContain('state-failed')
    expect(problems).toBe(problemList.length)
    // A command that ends by itself says it, too.
    await b.kill()
    const sync = await b.run('sync')
    expect(sync).toMatchObject({ code: 1 })
    expect(sync.stderr).toMatch(/disk that holds Lockstep's own state .* is full/)
    // An engine can be started meanwhile, and waits.
    const again = b.startEngine()
    await again.waitFor(
      event => event.type === 'problem' && event.code === 'state-failed',
      'the problem again',
    )
    disk.free()
    await until(
      () => b.read('data/x.md') === LARGE && again.isIdle && again.status?.problems === 0,
      'all to be in step',
      () => again.describe(),
    )
    expect((await b.status()).problemList).toEqual([])
    expect(await b.stop()).toBe(0)
  })

  test('does not end `lockstep/sync` in a server, not even where it begins so', async context => {
    if (!isRoot || process.platform !== 'linux') context.skip(NO_DISK)
    await using world = new World()
    using disk = smallDisk(world)
    const server = join(world.folder, 'server.mjs')
    const library = join(import.meta.dirname, '../../out/main/sync.js')
    writeFileSync(
      server,
      `const { createFileSync } = await import(${JSON.stringify(library)})
       const result = await createFileSync({ contentRoot: ${JSON.stringify(join(world.b.folder, 'data'))} })
       console.log(result.status, result.reason ?? '')
       setInterval(() => {}, 1_000)`,
    )
    disk.fill()
    const child = spawn(process.execPath, [server], {
      env: { PATH: process.env['PATH'], LOCKSTEP_HOME: disk.home },
    })
    noteProcess(child)
    using _ = { [Symbol.dispose]: () => void child.kill('SIGKILL') }
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (some: Buffer) => (said += some.toString()))
    await until(
      () => said.includes('ready'),
      'the server to go on',
      () => said,
    )
    expect(said).toMatch(/is full/)
    world.a.write('data/later.md', 'later\n')
    world.b.write('data/own.md', 'own\n')
    await world.a.sync()
    disk.free()
    await until(
      () => world.b.read('data/later.md') === 'later\n' && world.databaseTree().has('data/own.md'),
      'both ways to be in step',
      () => said,
    )
    expect(child.exitCode).toBeNull()
  })
})

describe.concurrent('R13.2 a state that fails', () => {
  test.runIf(isPosix)('is opened again until it can be', async () => {
    await using world = new World()
    const { a } = world
    a.write('data/x.md', 'one\n')
    const state = join(folderHome(world.home, a.folder), 'state.db')
    mkdirSync(state, { recursive: true })
    const engine = a.startEngine()
    await engine.waitFor(event => event.type === 'problem' && event.code === 'state-failed', 'the problem')
    rmSync(state, { recursive: true })
    await until(
      () => engine.isIdle && engine.status?.problems === 0 && world.rows().length === 1,
      'the file to be sent',
      () => engine.describe(),
    )
    expect(await a.stop()).toBe(0)
  })

  test('that is damaged under an engine is set aside, and the engine goes on', async () => {
    await using world = new World()
    const { a, b } = world
    a.write('data/x.md', 'one\n')
    await a.sync()
    await b.sync()
    const engine = await b.watch()
    const home = folderHome(world.home, b.folder)
    for (const name of ['state.db', 'state.db-wal'])
      writeFileSync(join(home, name), Buffer.alloc(16 * KIB, 'Z'))
    a.write('data/x.md', 'two\n')
    a.write('data/y.md', 'new\n')
    await a.sync()
    await until(
      () => b.read('data/y.md') === 'new\n' && engine.isIdle,
      'the new file',
      () => engine.describe(),
    )
    expect(readdirSync(home).some(name => name.startsWith('state-damaged-'))).toBe(true)
    expect(await b.stop()).toBe(0)
  })
})

describe.concurrent('R13.3 LOCKSTEP_HOME', () => {
  test.runIf(isPosix)(
    'that is removed under an engine comes back with the history, and with a lock',
    async () => {
      await using world = new World()
      const { a, b } = world
      await using own = atHome(b, join(world.folder, 'own-home'))
      a.write('data/x.md', 'one\n')
      await a.sync()
      const engine = await own.watch()
      a.write('data/x.md', 'two\n')
      await a.sync()
      await until(
        () => own.read('data/x.md') === 'two\n' && engine.isIdle,
        'the edit',
        () => engine.describe(),
      )
      rmSync(join(world.folder, 'own-home'), { recursive: true })
      const told = await engine.waitFor(
        event => event.type === 'problem' && event.code === 'state-moved',
        'the removal to be told',
      )
      expect(told).toMatchObject({ message: expect.stringContaining('nothing is lost') as string })
      a.write('data/x.md', 'three\n')
      await a.sync()
      await until(
        () => own.read('data/x.md') === 'three\n' && engine.isIdle,
        'the next edit',
        () => engine.describe(),
      )
      const { problemList, engine: holder } = await own.status()
      expect(problemList.map(({ code }) => code)).toEqual(['state-moved'])
      expect(holder?.pid).toBe(engine.pid)
      expect((await own.run('sync')).code).toBe(4)
      expect(await own.stop()).toBe(0)
      expect(new Set((await own.history()).map(({ content }) => content))).toEqual(
        new Set(['one\n', 'two\n']),
      )
    },
  )

  test.runIf(process.platform === 'linux')('where nothing can be made is an error at once', async () => {
    await using world = new World()
    await using nowhere = atHome(world.a, '/proc/lockstep/home')
    const outcome = await nowhere.run('status')
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/LOCKSTEP_HOME: \/proc\/lockstep\/home cannot be made/)
  })
})

test.concurrent('R13.5 a damaged lock keeps nobody out', async () => {
  await using world = new World()
  const { a } = world
  a.write('data/x.md', 'one\n')
  await a.sync()
  const lock = join(folderHome(world.home, a.folder), 'engine.lock.db')
  for (const damage of ['Z'.repeat(8 * KIB), '\0'.repeat(8 * KIB)]) {
    for (const command of ['status', 'sync'] as const) {
      writeFileSync(lock, damage)
      truncateSync(lock, 5_000)
      expect((await a.run(command)).code, `${command} after ${damage[0]}`).toBe(0)
    }
  }
})

const COLUMNS = 'path TEXT, content TEXT, app TEXT, owner_id TEXT, last_updated BIGINT, created_at BIGINT'

describe.concurrent('R13.4 a table of another program', () => {
  test('whose key ignores capitals holds one of two such files; sync ends and says so', async () => {
    await using world = new World()
    const { a, b } = world
    world.execute(`CREATE TABLE files (id TEXT PRIMARY KEY COLLATE NOCASE, ${COLUMNS})`)
    for (const name of ['x', 'X', 'y']) a.write(`data/${name}.md`, `${name}\n`)
    expect(await a.sync(1)).toMatchObject({ pushed: 2, problems: 1 })
    const { problemList, problems } = await a.status(1)
    expect(problems).toBe(1)
    expect(problemList).toMatchObject([{ code: 'never-won', retryAt: expect.any(Number) as number }])
    await b.sync()
    expect(b.read('data/y.md')).toBe('y\n')
    const doctor = await a.run('doctor')
    expect(doctor.stdout).toContain('COLLATE NOCASE')
  })

  test.each([
    ['ignores edits', 'BEFORE UPDATE ON files BEGIN SELECT RAISE(IGNORE); END', 'never-won'],
    [
      'forbids edits',
      "BEFORE UPDATE ON files BEGIN SELECT RAISE(ABORT, 'no edits here'); END",
      'database-error',
    ],
  ])('that %s: sync ends, and other files go on', async (_, trigger, code) => {
    await using world = new World()
    const { a, b } = world
    a.write('data/x.md', 'one\n')
    await a.sync()
    await b.sync()
    world.execute(`CREATE TRIGGER theirs ${trigger}`)
    a.write('data/x.md', 'two\n')
    a.write('data/new.md', 'new\n')
    expect(await a.sync(1)).toMatchObject({ pushed: 1, problems: 1 })
    expect((await a.status(1)).problemList).toMatchObject([{ code, path: 'data/x.md' }])
    await b.sync()
    expect(b.read('data/new.md')).toBe('new\n')
    world.execute('DROP TRIGGER theirs')
    expect(await a.sync()).toMatchObject({ pushed: 1, problems: 0 })
    expect((await a.status()).problemList).toEqual([])
  })
})

describe.concurrent('R12.1 status', () => {
  test('lists what a running engine could not do, and the same once it has ended', async () => {
    await using world = new World({ patterns: ['data/**/*.md'] })
    const { a, b } = world
    a.write('data/f.md/x.bin', 'in the way\n')
    b.write('data/f.md', 'hello\n')
    await b.sync()
    const engine = await a.watch()
    await until(
      () => engine.status?.problems === 1,
      'the problem',
      () => engine.describe(),
    )
    const expected = {
      code: 'blocked-by-directory',
      path: 'data/f.md',
      retryAt: expect.any(Number) as number,
    }
    const running = await a.status(1)
    expect(running).toMatchObject({ problems: 1, pending: 1, problemList: [expected] })
    await a.stop()
    expect(await a.sync(1)).toMatchObject({ problems: 1 })
    expect(await a.status(1)).toMatchObject({ problems: 1, problemList: [expected] })
    a.remove('data/f.md')
    expect(await a.sync()).toMatchObject({ pulled: 1, problems: 0 })
    expect((await a.status()).problemList).toEqual([])
  })

  test('says why a database that is not there cannot be made', async () => {
    await using world = new World()
    const { a } = world
    a.write('.env', `FILE_SYNC_SQLITE_PATH=${join(world.folder, 'no/such/x.db')}\n`)
    a.write('data/x.md', 'one\n')
    await a.sync(1).catch(() => {})
    const { stdout } = await a.run('status')
    expect(stdout).toContain('no/such, where the database belongs, does not exist')
  })
})

test.concurrent('R12.4 a conflict that a policy ends is counted and told', async () => {
  await using world = new World()
  const { a, b } = world
  const edit = async (of: Project, text: string): Promise<void> => {
    of.write('data/f.md', text)
  }
  await edit(a, 'base\n')
  await a.sync()
  await b.sync()
  await edit(a, 'AAA\n')
  await edit(b, 'BBB\n')
  await a.sync()
  expect(await b.sync(3)).not.toHaveProperty('resolved')
  const policy = (name: string): void =>
    b.configure({ syncFilePatterns: ['data/**'], conflictPolicy: [{ pattern: 'data/**', policy: name }] })
  policy('remote')
  expect((await b.plan()).actions).toEqual([
    { path: 'data/f.md', channel: 'shared', action: 'pull', reason: 'policy remote' },
  ])
  expect(await b.sync()).toMatchObject({ pulled: 1, resolved: 1, conflicts: 0 })
  expect(b.read('data/f.md')).toBe('AAA\n')
  await edit(a, 'A2\n')
  await edit(b, 'B2\n')
  await a.sync()
  policy('local')
  expect(await b.sync()).toMatchObject({ pulled: 0, pushed: 1, resolved: 1 })
  expect(b.read('data/f.md')).toBe('B2\n')
})
