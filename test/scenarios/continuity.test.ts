/**
 * Histories in which nobody watched for a while (R4): a folder excluded and included again, another database for a day,
 * a power cut, a backup put back, a drive away. Each with its twin in which the watch was kept, and a delete is one.
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { folderHome } from '../../src/platform/home.ts'
import type { Project } from '../support/project.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const isRoot = process.getuid?.() === 0

async function inStep(files: number, folder = 'data'): Promise<World> {
  const world = new World()
  for (let n = 0; n < files; n += 1) world.a.write(`${folder}/${n}.md`, `content ${n}\n`)
  for (const side of world.projects) await side.sync()
  await world.inStep()
  return world
}

async function syncBoth(world: World): Promise<void> {
  for (const side of [world.a, world.b, world.a]) await side.run('sync')
}

function isHeld(event: SessionEvent): boolean {
  return event.type === 'status' && event.state === 'held'
}

function include(project: Project, ...patterns: readonly string[]): void {
  project.configure({ syncFilePatterns: patterns })
}

describe.concurrent('R4.7 outside of the rules', () => {
  test('excluded, removed here, and included again it comes back', async () => {
    await using world = await inStep(15, 'data/big')
    const { a, b } = world
    include(a, 'data/**', '!data/big/**')
    await a.sync()
    a.remove('data/big')
    await a.sync()
    include(a, 'data/**')
    expect(await a.sync()).toMatchObject({ pulled: 15, deletedRemote: 0 })
    await b.sync()
    expect((await world.inStep()).size).toBe(15)
    // From then on it is watched again.
    a.remove('data/big/3.md')
    expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
  })

  test('the same while an engine runs', async () => {
    await using world = await inStep(5, 'data/big')
    const { a, b } = world
    await world.watchAll()
    include(a, 'data/**', '!data/big/**')
    b.write('data/after.md', 'x')
    await world.inStep('data')
    a.remove('data/big')
    include(a, 'data/**')
    expect((await world.inStep()).size).toBe(5 + 1)
  })

  test('what was edited while it was excluded is an edit', async () => {
    await using world = await inStep(3)
    const { a } = world
    include(a, 'data/[12].md')
    await a.sync()
    a.write('data/0.md', 'edited\n')
    include(a, 'data/**')
    expect(await a.sync()).toMatchObject({ pushed: 1, pulled: 0 })
  })

  test('a configuration that cannot be read excludes nothing: a delete meanwhile is one', async () => {
    await using world = await inStep(5)
    const { a } = world
    const good = a.read('data/sync-config.json')!
    a.write('data/sync-config.json', '{ broken')
    expect((await a.run('sync')).code).toBe(2)
    a.remove('data/3.md')
    a.write('data/sync-config.json', good)
    expect(await a.sync()).toMatchObject({ deletedRemote: 1, pulled: 0 })
  })
})

describe.concurrent('R4.8 another database, and back', () => {
  /** Both projects in step in the database of the tests, then `a` with another one that `c` uses too. */
  async function elsewhere(world: World, work: (c: Project) => Promise<void>): Promise<void> {
    const { a, b } = world
    const env = a.read('.env')!
    a.write('.env', env.replace('sync.db', 'staging.db'))
    await a.sync()
    const former = b.read('.env')!
    const files = b.at('data')
    renameSync(files, `${files}-aside`)
    mkdirSync(files)
    copyFileSync(join(`${files}-aside`, 'sync-config.json'), join(files, 'sync-config.json'))
    b.write('.env', former.replace('sync.db', 'staging.db'))
    await b.sync()
    await work(b)
    await a.sync()
    a.write('.env', env)
    // What b did elsewhere it did as another device.
    rmSync(files, { recursive: true })
    renameSync(`${files}-aside`, files)
    b.write('.env', former)
  }

  test('what was deleted there comes back, and what was edited there goes from here', async () => {
    await using world = await inStep(10)
    const { a } = world
    await elsewhere(world, async c => {
      for (let n = 0; n < 8; n += 1) c.remove(`data/${n}.md`)
      c.write('data/8.md', 'of staging\n')
      await c.sync()
    })
    expect(a.read('data/8.md')).toBe('of staging\n')
    expect(await a.sync()).toMatchObject({ pulled: 9, deletedRemote: 0, pushed: 0, conflicts: 0 })
    expect(world.databaseTree().get('data/8.md')).toBe('content 8\n')
    expect((await a.history()).map(({ path }) => path)).toContain('data/8.md')
    // And in the production it is watched again.
    a.remove('data/1.md')
    expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
  })

  test('a file that was edited on top of what came from there is a conflict', async () => {
    await using world = await inStep(3)
    const { a } = world
    await elsewhere(world, async c => {
      c.write('data/1.md', 'of staging\n')
      await c.sync()
    })
    a.write('data/1.md', 'of staging\nand of here\n')
    expect(await a.sync(3)).toMatchObject({ conflicts: 1, pushed: 0 })
    expect(world.databaseTree().get('data/1.md')).toBe('content 1\n')
  })

  test('a database that was named and never reached breaks nothing', async () => {
    await using world = await inStep(5)
    const { a } = world
    const env = a.read('.env')!
    a.write('.env', env.replace('shared/sync.db', 'nowhere/at/all.db'))
    await a.run('sync')
    a.remove('data/3.md')
    a.write('.env', env)
    expect(await a.sync()).toMatchObject({ deletedRemote: 1, pulled: 0 })
  })
})

describe.concurrent('R4.8 from shared to private and back', () => {
  test('nothing is deleted for those who share it', async () => {
    await using world = new World({ env: { a: ['FILE_SYNC_USER_ID=ann'] } })
    const { a, b } = world
    for (let n = 0; n < 4; n += 1) a.write(`data/${n}.md`, `content ${n}\n`)
    await syncBoth(world)
    a.configure({ syncFilePatterns: ['data/**'], privateSyncFilePatterns: ['data/[12].md'] })
    await a.sync()
    a.remove('data/1.md')
    await a.sync()
    a.configure({ syncFilePatterns: ['data/**'] })
    expect(await a.sync()).toMatchObject({ deletedRemote: 0 })
    await b.sync()
    expect([a.read('data/1.md'), b.read('data/1.md')]).toEqual(['content 1\n', 'content 1\n'])
  })
})

describe.concurrent('R4.6 a power cut', () => {
  /** The state as if the machine had been started anew; `flushed`: whether all was on the disk by then. */
  function reboot(world: World, project: Project, flushed: boolean): void {
    const state = new Sqlite(join(folderHome(world.home, project.folder), 'state.db'))
    state.prepare(`UPDATE durability SET boot_id = 'the one before'`).run()
    if (!flushed) state.prepare('UPDATE durability SET flushed_epoch = 0').run()
    state.close()
  }

  test('what was not flushed and is gone is fetched again; what was flushed and is gone was deleted', async () => {
    for (const flushed of [false, true]) {
      await using world = await inStep(5)
      const { a } = world
      reboot(world, a, flushed)
      a.remove('data/3.md')
      const done = flushed ? { deletedRemote: 1, pulled: 0 } : { deletedRemote: 0, pulled: 1 }
      expect(await a.sync()).toMatchObject(done)
      a.remove('data/4.md')
      expect(await a.sync(), 'looked at since').toMatchObject({ deletedRemote: 1 })
    }
  })

  test('an old content is fetched again, an edit after it is one', async () => {
    await using world = await inStep(5)
    const { a, b } = world
    const former = join(world.folder, 'former.md')
    cpSync(a.at('data/1.md'), former, { preserveTimestamps: true })
    b.write('data/1.md', 'newer\n')
    await b.sync()
    await a.sync()
    reboot(world, a, false)
    cpSync(former, a.at('data/1.md'), { preserveTimestamps: true })
    a.write('data/2.md', 'edited after it\n')
    expect(await a.sync()).toMatchObject({ pulled: 1, pushed: 1, conflicts: 0 })
    expect(a.read('data/1.md')).toBe('newer\n')
  })

  test('a file whose delete was not flushed goes again', async () => {
    await using world = await inStep(5)
    const { a, b } = world
    const former = join(world.folder, 'former.md')
    cpSync(b.at('data/1.md'), former, { preserveTimestamps: true })
    a.remove('data/1.md')
    await a.sync()
    await b.sync()
    const state = new Sqlite(join(folderHome(world.home, b.folder), 'state.db'))
    expect(state.prepare('SELECT count(*) FROM gone_entries').pluck().get(), 'flushed at the end').toBe(0)
    state.close()
  })

  const canMount = isRoot && process.platform === 'linux'
  test
    .skipIf(!canMount)
    .for(['ext4', 'xfs', 'btrfs'].flatMap(kind => ['a few', 'many'].map(what => [kind, what] as const)))(
    '%s, %s: the disk as it is right after the command has ended holds all of it',
    async ([kind, what], { skip }) => {
      skip(!existsSync(`/usr/sbin/mkfs.${kind}`), `mkfs.${kind} is not installed`)
      await using world = new World()
      const { a, b } = world
      using disk = mountDisk(world.folder, kind, b.folder)
      for (let n = 0; n < 5; n += 1) a.write(`data/${n}.md`, `content ${n}\n`)
      for (const side of [a, b]) await side.sync()
      execFileSync('sync')
      a.write('data/new.md', 'new\n')
      a.write('data/1.md', 'edited\n')
      b.write('data/own.md', 'of a program here\n')
      // They are flushed as a whole, and not one by one.
      if (what === 'many') for (let n = 0; n < 80; n += 1) a.write(`data/many/${n}.md`, `${n}\n`)
      for (const side of [a, b]) await side.sync()
      const tree = b.tree()
      disk.cutPower()
      expect(b.tree()).toEqual(tree)
      expect(await b.sync()).toMatchObject({ pulled: 0, pushed: 0, deletedRemote: 0, deletedLocal: 0 })
    },
  )
})

/** A file system of its own below `folder`, with what lies there now. */
function mountDisk(scratch: string, kind: string, folder: string): Disposable & { cutPower(): void } {
  const image = join(scratch, `${kind}.img`)
  const aside = `${folder}-aside`
  const mount = (file: string): void => void execFileSync('mount', ['-o', 'loop', file, folder])
  writeFileSync(image, '')
  execFileSync('truncate', ['-s', '320M', image])
  execFileSync(`mkfs.${kind}`, ['-q', image])
  renameSync(folder, aside)
  mkdirSync(folder)
  mount(image)
  cpSync(aside, folder, { recursive: true })
  return {
    [Symbol.dispose]: () => void execFileSync('umount', ['-l', folder]),
    cutPower() {
      execFileSync('cp', ['--sparse=always', image, `${image}.cut`])
      execFileSync('umount', [folder])
      mount(`${image}.cut`)
    },
  }
}

describe.concurrent('R8 a database that was put back from a copy', () => {
  function backUp(world: World): string {
    const copy = join(world.folder, 'backup.db')
    const client = new Sqlite(world.databasePath)
    client.pragma('wal_checkpoint(TRUNCATE)')
    client.close()
    copyFileSync(world.databasePath, copy)
    return copy
  }

  function putBack(world: World, copy: string, how: 'in place' | 'moved'): void {
    for (const suffix of ['-wal', '-shm']) rmSync(world.databasePath + suffix, { force: true })
    if (how === 'in place') writeFileSync(world.databasePath, readFileSync(copy))
    else {
      copyFileSync(copy, `${world.databasePath}.new`)
      renameSync(`${world.databasePath}.new`, world.databasePath)
    }
  }

  test.each(['in place', 'moved'] as const)('%s: one changed and one new of few files', async how => {
    await using world = await inStep(3)
    const { a, b } = world
    const copy = backUp(world)
    b.write('data/1.md', 'newer\n')
    b.write('data/new.md', 'new\n')
    await b.sync()
    await a.sync()
    putBack(world, copy, how)
    for (const side of [a, b]) {
      const outcome = await side.run('sync')
      expect(outcome.code).toBe(3)
      expect([side.read('data/1.md'), side.read('data/new.md')]).toEqual(['newer\n', 'new\n'])
    }
    const { holds } = await a.status(3)
    expect(holds.map(({ path }) => path).toSorted()).toEqual(['data/1.md', 'data/new.md'])
    await a.decide('restore-held')
    await b.run('sync')
    expect((await world.inStep()).get('data/1.md')).toBe('newer\n')
  })

  test.each(['kept', 'removed'] as const)('over the open file while engines run, its log %s', async log => {
    await using world = await inStep(3)
    const { a, b } = world
    const copy = backUp(world)
    b.write('data/1.md', 'newer\n')
    await b.sync()
    await a.sync()
    await world.watchAll()
    if (log === 'removed') for (const suffix of ['-wal', '-shm']) rmSync(world.databasePath + suffix)
    writeFileSync(world.databasePath, readFileSync(copy))
    for (const { engine } of world.projects) await engine!.waitFor(isHeld, 'the older record to be held')
    b.write('data/2.md', 'goes on\n')
    await until(() => a.read('data/2.md') === 'goes on\n', 'edits to go on')
    expect([a.read('data/1.md'), b.read('data/1.md')]).toEqual(['newer\n', 'newer\n'])
    await a.decide('restore-held')
    expect((await world.inStep()).get('data/1.md')).toBe('newer\n')
    expect(world.database().pragma('integrity_check', { simple: true })).toBe('ok')
  })

  test('and written to, with the number that the newer write had', async () => {
    await using world = await inStep(3)
    const { a, b } = world
    const copy = backUp(world)
    a.write('data/1.md', 'newer\n')
    await a.sync()
    putBack(world, copy, 'in place')
    b.write('data/1.md', 'made from the older one\n')
    await b.sync()
    expect(await a.sync(3)).toMatchObject({ pulled: 0, skipped: 1 })
    expect(a.read('data/1.md')).toBe('newer\n')
    await a.decide('approve')
    expect((await world.inStep()).get('data/1.md')).toBe('made from the older one\n')
  })

  test('in place, 19 of 300, and other writes have overtaken it since; approved, the older ones stand', async () => {
    await using world = await inStep(300)
    const { a, b } = world
    const copy = backUp(world)
    for (let n = 0; n < 19; n += 1) b.write(`data/${n}.md`, `newer ${n}\n`)
    await b.sync()
    await a.sync()
    putBack(world, copy, 'in place')
    const other = world.database()
    for (let n = 100; n < 150; n += 1)
      other
        .prepare(`UPDATE files SET content = ?, last_updated = last_updated + 1 WHERE path = ?`)
        .run(`other ${n}\n`, `data/${n}.md`)
    expect(await a.sync(3)).toMatchObject({ pulled: 50 })
    const { holds } = await a.status(3)
    expect(holds).toHaveLength(19)
    expect(a.read('data/7.md')).toBe('newer 7\n')
    await a.decide('approve')
    expect(a.read('data/7.md')).toBe('content 7\n')
    expect((await a.history()).filter(({ path }) => path === 'data/7.md')).not.toEqual([])
  })

  test('a writer whose clock is behind makes edits all the same, and a delete is one', async () => {
    await using world = await inStep(5)
    const { a } = world
    world.put({ path: 'data/1.md', content: 'blind\n', last_updated: 5 })
    world.execute(`DELETE FROM files WHERE path = 'data/2.md'`)
    expect(await a.sync()).toMatchObject({ pulled: 1, deletedLocal: 1 })
  })
})

describe.concurrent('R4.1 a database at another address', () => {
  function moveTo(world: World, address: string, how: 'moved' | 'copied'): void {
    const client = new Sqlite(world.databasePath)
    client.pragma('wal_checkpoint(TRUNCATE)')
    client.close()
    const target = join(world.folder, 'shared', address)
    if (how === 'moved') renameSync(world.databasePath, target)
    else copyFileSync(world.databasePath, target)
    const env = world.a.read('.env')!
    world.a.write('.env', env.replace('sync.db', address))
  }

  test('moved, it is the same one: deletes and edits made meanwhile are', async () => {
    await using world = await inStep(5)
    const { a } = world
    moveTo(world, 'moved.db', 'moved')
    a.remove('data/1.md')
    a.write('data/2.md', 'edited\n')
    expect(await a.sync()).toMatchObject({ deletedRemote: 1, pushed: 1, pulled: 0, conflicts: 0 })
  })

  test('a copy of it is another one: nothing is deleted, and what differs is a conflict', async () => {
    await using world = await inStep(5)
    const { a } = world
    moveTo(world, 'copy.db', 'copied')
    a.remove('data/1.md')
    a.write('data/2.md', 'edited\n')
    expect(await a.sync(3)).toMatchObject({ deletedRemote: 0, pushed: 0, pulled: 1, conflicts: 1 })
  })
})

describe.concurrent('R4.9 a state that was put back from a copy', () => {
  test('says nothing of what is missing, and all of what it has seen since', async () => {
    await using world = await inStep(5)
    const { a } = world
    const state = join(folderHome(world.home, a.folder), 'state.db')
    const copy = join(world.folder, 'state-copy.db')
    const client = new Sqlite(state)
    client.pragma('wal_checkpoint(TRUNCATE)')
    client.close()
    copyFileSync(state, copy)
    a.write('data/1.md', 'later\n')
    await a.sync()
    for (const suffix of ['-wal', '-shm']) rmSync(state + suffix, { force: true })
    copyFileSync(copy, state)
    a.remove('data/2.md')
    a.write('data/3.md', 'edited\n')
    expect(await a.sync()).toMatchObject({ deletedRemote: 0, pulled: 1, pushed: 1, conflicts: 0 })
    a.remove('data/2.md')
    expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
  })
})

describe.concurrent('R8.16 an older copy of the folder', () => {
  test('that is put back over it in place is held, and restore-held brings it up to date', async () => {
    await using world = await inStep(40)
    const { a, b } = world
    const copy = join(world.folder, 'copy')
    execFileSync('cp', ['-a', a.at('data'), copy])
    for (let n = 0; n < 25; n += 1) b.write(`data/${n}.md`, `newer ${n}\n`)
    b.write('data/new.md', 'new\n')
    await b.sync()
    await a.sync()
    execFileSync('cp', ['-a', `${copy}/.`, a.at('data')])
    a.remove('data/new.md')
    expect(await a.sync(3)).toMatchObject({ pushed: 0, deletedRemote: 0, conflicts: 0 })
    const { holds } = await a.status(3)
    expect(holds).toHaveLength(26)
    expect(new Set(holds.map(({ reason }) => reason))).toEqual(new Set(['folder-restored']))
    await a.decide('restore-held')
    expect([a.read('data/7.md'), a.read('data/new.md')]).toEqual(['newer 7\n', 'new\n'])
    await b.sync()
    await world.inStep()
  })
})

describe.concurrent('R8 a content root that was exchanged while no engine ran', () => {
  test('an older copy: one hold, nothing is pushed or deleted, and restore-held brings it up to date', async () => {
    await using world = await inStep(40)
    const { a, b } = world
    const copy = join(world.folder, 'copy')
    cpSync(a.at('data'), copy, { recursive: true, preserveTimestamps: true })
    for (let n = 0; n < 25; n += 1) b.write(`data/${n}.md`, `newer ${n}\n`)
    b.write('data/new.md', 'new\n')
    await b.sync()
    await a.sync()
    a.remove('data')
    cpSync(copy, a.at('data'), { recursive: true, preserveTimestamps: true })
    expect(await a.sync(3)).toMatchObject({ pushed: 0, deletedRemote: 0 })
    const { holds } = await a.status(3)
    expect(holds).toHaveLength(26)
    expect(new Set(holds.map(({ reason }) => reason))).toEqual(new Set(['root-exchanged']))
    await a.decide('restore-held')
    expect(a.read('data/7.md')).toBe('newer 7\n')
    await b.sync()
    await world.inStep()
  })

  test('an equal copy is taken as it is, and a delete after it is one', async () => {
    await using world = await inStep(10)
    const { a } = world
    const copy = join(world.folder, 'copy')
    cpSync(a.at('data'), copy, { recursive: true })
    a.remove('data')
    cpSync(copy, a.at('data'), { recursive: true })
    expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0, conflicts: 0 })
    a.remove('data/3.md')
    expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
  })
})

describe.skipIf(!isRoot || process.platform !== 'linux')('R8 a drive below the content root', () => {
  type Drive = Disposable & { unmount(): Promise<void>; mountAgain(): void }

  /** A folder of the same disk can be mounted elsewhere as well: then no number of a file system tells. */
  function sourceOf(project: Project, kind: 'a disk' | 'a folder'): readonly string[] {
    if (kind === 'a folder') {
      const folder = `${project.folder}-photos`
      mkdirSync(folder)
      return ['--bind', folder]
    }
    const image = `${project.folder}.img`
    writeFileSync(image, '')
    execFileSync('truncate', ['-s', '20M', image])
    execFileSync('mkfs.ext4', ['-q', image])
    return ['-o', 'loop', image]
  }

  function isUnmounted(at: string): boolean {
    try {
      execFileSync('umount', [at], { stdio: 'pipe' })
      return true
    } catch (error) {
      if (String(error).includes('busy')) return false
      throw error
    }
  }

  function mountAt(project: Project, folder: string, kind: 'a disk' | 'a folder'): Drive {
    const at = project.at(folder)
    mkdirSync(at, { recursive: true })
    const source = sourceOf(project, kind)
    const mountAgain = (): void => void execFileSync('mount', [...source, at])
    mountAgain()
    return {
      // An engine that is looking at it lets go of it soon.
      unmount: () => until(() => isUnmounted(at), 'the drive to be let go of'),
      mountAgain,
      [Symbol.dispose]() {
        try {
          execFileSync('umount', ['-l', at], { stdio: 'ignore' })
        } catch {
          // It is away already.
        }
      },
    }
  }

  test.each(['no engine runs', 'engines run'] as const)(
    'R8.17 another disk in its place while %s: what it lacks is fetched again, and a delete on it is one',
    async mode => {
      await using world = new World()
      const { a } = world
      using former = mountAt(a, 'data/photos', 'a disk')
      for (let n = 0; n < 5; n += 1) a.write(`data/photos/${n}.md`, `photo ${n}\n`)
      for (let n = 0; n < 5; n += 1) a.write(`data/${n}.md`, `content ${n}\n`)
      await syncBoth(world)
      if (mode === 'engines run') await a.watch()
      await former.unmount()
      renameSync(`${a.folder}.img`, `${a.folder}-former.img`)
      using _ = mountAt(a, 'data/photos', 'a disk')
      if (mode === 'no engine runs') expect(await a.sync()).toMatchObject({ pulled: 5, deletedRemote: 0 })
      await until(
        () => a.tree('data/photos').size === 5,
        'its files',
        () => a.engine?.describe() ?? '',
      )
      expect((await world.inStep()).size).toBe(10)
      a.remove('data/photos/3.md')
      if (mode === 'no engine runs') expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
      await until(() => !world.databaseTree().has('data/photos/3.md'), 'the delete')
    },
  )

  test.each([
    ['a disk', 'no engine runs'],
    ['a disk', 'engines run'],
    ['a folder', 'no engine runs'],
    ['a folder', 'engines run'],
  ] as const)('%s is away while %s: held, and over once it is back', async (kind, mode) => {
    await using world = new World()
    const { a, b } = world
    using drive = mountAt(a, 'data/photos', kind)
    for (let n = 0; n < 15; n += 1) a.write(`data/photos/${n}.md`, `photo ${n}\n`)
    for (let n = 0; n < 10; n += 1) a.write(`data/${n}.md`, `content ${n}\n`)
    await syncBoth(world)
    if (mode === 'engines run') await a.watch()
    await drive.unmount()
    b.write('data/photos/3.md', 'edited elsewhere\n')
    b.write('data/photos/new.md', 'new elsewhere\n')
    await b.sync()
    if (mode === 'engines run')
      await until(
        () => a.engine?.status?.state === 'held',
        'the hold',
        () => a.engine!.describe(),
      )
    else expect(await a.sync(3)).toMatchObject({ deletedRemote: 0 })
    expect(existsSync(a.at('data/photos/new.md')), 'nothing is written in its place').toBe(false)
    expect(await b.sync()).toMatchObject({ deletedLocal: 0 })
    drive.mountAgain()
    if (mode === 'no engine runs') await a.sync()
    await world.inStep()
    expect((await a.status()).holds).toEqual([])
    a.remove('data/photos/7.md')
    if (mode === 'no engine runs') expect(await a.sync()).toMatchObject({ deletedRemote: 1 })
    await until(() => !world.databaseTree().has('data/photos/7.md'), 'the delete')
    await b.sync()
    expect(b.has('data/photos/7.md')).toBe(false)
  })
})

describe.concurrent('R4.13 a project folder that was moved', () => {
  test('keeps its base: what was deleted stays so, and one-sided edits go through', async context => {
    await using world = await inStep(5)
    const { a, b } = world
    const moved = a.reachedBy(join(world.folder, 'moved'))
    a.remove('data/0.md')
    renameSync(a.folder, moved.folder)
    if (statSync(moved.folder).birthtimeMs === 0) context.skip('this file system has no birth times')
    moved.write('data/1.md', 'edited here\n')
    b.write('data/2.md', 'edited there\n')
    await b.sync()
    expect(await moved.sync()).toMatchObject({ pushed: 1, pulled: 1, deletedRemote: 1, conflicts: 0 })
    expect((await moved.history()).map(({ path }) => path)).toContain('data/0.md')
  })

  test('a copy of it has none: what was deleted comes back, and nothing is deleted for it', async () => {
    await using world = await inStep(5)
    const { a } = world
    const copy = a.reachedBy(join(world.folder, 'copy'))
    cpSync(a.folder, copy.folder, { recursive: true, preserveTimestamps: true })
    copy.remove('data/0.md')
    expect(await copy.sync()).toMatchObject({ pulled: 1, deletedRemote: 0 })
  })
})
