/** Absence is not deletion (R8): what looks like a loss deletes nothing until a person has seen it. */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Project } from '../support/project.ts'
import { isEqual, type Tree } from '../support/tree.ts'
import { pace, until } from '../support/until.ts'
import { type Row, World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

/** In step on both sides, with so many files, and both engines running where that is asked for. */
async function inStep(files: number, mode: Mode): Promise<World> {
  const world = new World()
  for (let n = 0; n < files; n += 1) world.a.write(`data/${n % 5}/${n}.md`, `content ${n}\n`)
  if (mode === 'engines run') await world.watchAll()
  else for (const side of world.projects) await side.sync()
  await world.inStep()
  return world
}

type Mode = 'engines run' | 'no engine runs'

/** Both sides have looked, by their engines or by a sync. */
async function bothHold(world: World, mode: Mode, sides: readonly Project[] = world.projects): Promise<void> {
  for (const side of sides) {
    if (mode === 'no engine runs') await side.run('sync')
    else
      await until(
        () => side.engine?.status?.state === 'held',
        `${side.name} to hold`,
        () => side.engine!.describe(),
      )
  }
}

function forgetDatabase(world: World): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(world.databasePath + suffix, { force: true })
}

const LOSSES: readonly (readonly [what: string, lose: (world: World) => void])[] = [
  ['its table is dropped', world => world.execute('DROP TABLE files')],
  ['the file is removed', forgetDatabase],
  [
    'a fresh one stands in its place',
    world => {
      world.atOnce(() => {
        forgetDatabase(world)
        world.createTable()
      })
    },
  ],
]

test.concurrent('R8.8 R12.3 an approval that cannot be carried out ends with 1, and with the next sync', async () => {
  await using world = await inStep(3, 'no engine runs')
  const { a } = world
  for (const path of a.tree().keys()) a.remove(path)
  rmSync(a.at('data/0'), { recursive: true })
  rmSync(a.at('data/1'), { recursive: true })
  rmSync(a.at('data/2'), { recursive: true })
  await a.sync(3)
  const away = `${world.databasePath}.away`
  renameSync(world.databasePath, away)
  writeFileSync(world.databasePath, 'no database\n'.repeat(100))
  const { code, json, stderr } = await a.run('approve')
  expect([code, json]).toEqual([1, expect.objectContaining({ done: [], waiting: 3 })])
  expect(stderr).toContain('sync.db')
  renameSync(away, world.databasePath)
  await a.sync()
  expect(world.rows()).toEqual([])
})

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])(
  'R8 the database is lost while %s',
  mode => {
    test.each(LOSSES)('%s: none is deleted', async (_what, lose) => {
      await using world = await inStep(3, mode)
      const tree = world.a.tree()
      const { a, b } = world
      lose(world)
      if (mode === 'no engine runs') {
        const { code } = await a.run('sync')
        expect([0, 3]).toContain(code)
        await b.run('sync')
      } else {
        await bothHold(world, mode)
        a.write('data/marker-a.md', 'a\n')
        b.write('data/marker-b.md', 'b\n')
        await until(
          () => a.has('data/marker-b.md') && b.has('data/marker-a.md'),
          'new files to go on',
          () => [a.engine?.describe(), b.engine?.describe()].join('\n'),
        )
      }
      for (const side of world.projects) {
        for (const [path, content] of tree) expect([path, side.tree().get(path)]).toEqual([path, content])
      }
    })
  },
)

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])('R8 an emptied database while %s', mode => {
  test.each(mode === 'engines run' ? [3] : [3, 50])(
    '%i files: held and said, edits go on, restore-held puts all back',
    async files => {
      await using world = await inStep(files, mode)
      const tree = world.a.tree()
      const { a, b } = world
      world.execute('DELETE FROM files')
      await bothHold(world, mode)
      const status = await a.status(3)
      expect(status).toMatchObject({ state: 'held' })
      expect(status.holds).toHaveLength(files)
      expect(status.holds[0]).toMatchObject({ side: 'local', channel: 'shared' })
      if (mode === 'no engine runs') await a.sync(3)

      a.write('data/0/0.md', 'edited\n')
      a.write('data/new.md', 'new\n')
      if (mode === 'no engine runs') {
        expect(await a.sync(3)).toMatchObject({ pushed: 2, deletedLocal: 0 })
      } else
        await until(
          () => world.rows().length === 2,
          'the edit and the new file',
          () => a.engine!.describe(),
        )
      expect(isEqual(b.tree('data/1'), only(tree, 'data/1'))).toBe(true)

      await a.decide('restore-held')
      if (mode === 'no engine runs') await b.run('sync')
      await until(() => world.rows().length === files + 1, 'all records to be back')
      await until(
        () => b.read('data/0/0.md') === 'edited\n' && b.has('data/new.md'),
        'the other side to follow',
        () => b.engine?.describe() ?? '',
      )
      const after = await world.inStep()
      expect(after.size).toBe(files + 1)
      for (const side of world.projects) expect((await side.status()).holds).toEqual([])
    },
  )

  test('50 files: approve deletes exactly those that were held, once, and the history keeps them', async () => {
    await using world = await inStep(50, mode)
    const { a, b } = world
    world.execute('DELETE FROM files')
    await bothHold(world, mode)
    a.write('data/0/0.md', 'edited\n')
    a.write('data/new.md', 'new\n')
    if (mode === 'no engine runs') await a.sync(3)
    else await until(() => world.rows().length === 2, 'the edit and the new file')
    const { done } = await a.decide('approve')
    expect(done).toHaveLength(49)
    await until(
      () => a.tree().size === 2,
      'the approved deletes',
      () => a.engine?.describe() ?? '',
    )
    expect([...a.tree().keys()]).toEqual(['data/0/0.md', 'data/new.md'])
    expect(await a.history()).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'data/1/1.md', content: 'content 1\n' })]),
    )
    expect((await a.status()).holds).toEqual([])
    // The other side has given no word.
    if (mode === 'no engine runs') await b.run('sync')
    expect(b.read('data/1/1.md')).toBe('content 1\n')
    await b.decide('restore-held')
    if (mode === 'no engine runs') await a.run('sync')
    const after = await world.inStep()
    expect(after.size).toBe(51)
  })
})

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])(
  'R8 an older copy of the database while %s',
  mode => {
    test('deletes nothing, and overwrites no newer work unseen', async () => {
      await using world = await inStep(30, mode)
      const { a, b } = world
      const copy = join(world.folder, 'shared', 'copy.db')
      world.execute('PRAGMA wal_checkpoint(TRUNCATE)')
      copyFileSync(world.databasePath, copy)
      a.write('data/0/0.md', 'newer work\n')
      for (let n = 0; n < 25; n += 1) a.write(`data/later/${n}.md`, `later ${n}\n`)
      if (mode === 'no engine runs') {
        await a.sync()
        await b.sync()
      }
      await world.inStep()
      await world.stopAll()
      forgetDatabase(world)
      copyFileSync(copy, world.databasePath)
      if (mode === 'engines run') await world.watchAll()
      else for (const side of [a, b]) await side.run('sync')
      for (const side of world.projects) {
        expect(side.tree('data/later').size).toBe(25)
        expect(side.read('data/0/0.md')).toBe('newer work\n')
      }
      for (const side of world.projects) expect((await side.run('status')).code).toBe(3)
    })
  },
)

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])(
  'R8 an older state of the database while %s',
  mode => {
    /** In step with 30 files, of which 25 were edited and 8 came after the state that is put back. */
    async function withFormerState(): Promise<{ world: World; copy: string; rows: Row[] }> {
      const world = await inStep(30, 'no engine runs')
      const copy = join(world.folder, 'shared', 'copy.db')
      world.execute('PRAGMA wal_checkpoint(TRUNCATE)')
      copyFileSync(world.databasePath, copy)
      const rows = world.rows()
      for (let n = 0; n < 25; n += 1) world.a.write(`data/${n % 5}/${n}.md`, `edited ${n}\n`)
      for (let n = 0; n < 8; n += 1) world.a.write(`data/later/${n}.md`, `later ${n}\n`)
      await world.a.sync()
      if (mode === 'engines run') await world.a.startEngine().ready()
      return { world, copy, rows }
    }

    async function expectHeld(world: World): Promise<void> {
      const { a } = world
      if (mode === 'no engine runs') await a.sync(3)
      else
        await until(
          () => a.engine?.status?.state === 'held',
          'held',
          () => a.engine!.describe(),
        )
      const { holds } = await a.status(3)
      expect(holds.filter(({ reason }) => reason === 'database-restored')).toHaveLength(33)
      expect(a.tree('data/later').size).toBe(8)
      expect([...a.tree().values()].filter(text => text.startsWith('edited'))).toHaveLength(25)
      expect([...a.tree().keys()].filter(path => path.endsWith('.conflict'))).toEqual([])
      await a.decide('restore-held')
      await until(() => world.rows().length === 38, 'all records to be back')
      await until(() => isEqual(world.databaseTree(), a.tree()), 'the database to have the newer work')
    }

    test('as a copy in another file: what went back is held, without a conflict', async () => {
      const { world, copy } = await withFormerState()
      await using _ = world
      world.atOnce(() => {
        forgetDatabase(world)
        copyFileSync(copy, world.databasePath)
      })
      await expectHeld(world)
    })

    test('written row by row: what went back and what is gone are held together', async () => {
      const { world, rows } = await withFormerState()
      await using _ = world
      const database = world.database()
      database.transaction(() => {
        database.exec('DELETE FROM files')
        const insert = database.prepare(
          'INSERT INTO files VALUES (@id, @path, @content, @app, @owner_id, @last_updated, @created_at)',
        )
        for (const row of rows) insert.run(row)
      })()
      await expectHeld(world)
    })
  },
)

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])(
  'R8 another folder in the place of the content folder while %s',
  mode => {
    test.each(mode === 'engines run' ? [30] : [6])(
      '%i files, one of which it has: the others are held',
      async files => {
        await using world = await inStep(files, mode)
        const { a, b } = world
        const rows = world.rows()
        mkdirSync(a.at('other/0'), { recursive: true })
        for (const path of ['sync-config.json', '0/0.md'])
          copyFileSync(a.at(`data/${path}`), a.at(`other/${path}`))
        renameSync(a.at('data'), join(world.folder, 'former'))
        renameSync(a.at('other'), a.at('data'))
        await bothHold(world, mode, [a])
        const { holds } = await a.status(3)
        expect(holds).toHaveLength(files - 1)
        expect(holds[0]).toMatchObject({ side: 'remote', reason: 'root-exchanged' })
        expect(world.rows()).toEqual(rows)
        await a.decide('restore-held')
        await until(() => a.tree().size === files, 'the files to be back')
        // From now on it is the folder, and a delete in it is one.
        if (mode === 'no engine runs') await a.sync()
        a.remove('data/0/0.md')
        if (mode === 'no engine runs') await a.sync()
        await until(() => world.rows().length === files - 1, 'the delete to travel')
        if (mode === 'no engine runs') await b.sync()
        await until(() => !b.has('data/0/0.md'), 'the other side to follow')
      },
    )
  },
)

describe.concurrent('R8 the content folder is lost', () => {
  test.each([3, 50])(
    'moved away with its configuration while an engine runs, %i files: held, and in step when it is back',
    async files => {
      await using world = await inStep(files, 'engines run')
      const tree = world.a.tree()
      const { a, b } = world
      const rows = world.rows()
      renameSync(a.at('data'), join(world.folder, 'moved'))
      await until(
        () => a.engine?.status?.state === 'held',
        'held',
        () => a.engine!.describe(),
      )
      b.write('data/meanwhile.md', 'meanwhile\n')
      await until(() => world.rows().length === rows.length + 1, 'the other side to go on')
      expect(isEqual(b.tree(), new Map([...tree, ['data/meanwhile.md', 'meanwhile\n']]))).toBe(true)
      expect(a.has('data')).toBe(false)
      const status = await a.run('status')
      expect(status.code).toBe(3)
      expect(status.json).toMatchObject({ state: 'held' })

      renameSync(join(world.folder, 'moved'), a.at('data'))
      await until(
        () => a.has('data/meanwhile.md'),
        'sync to go on',
        () => a.engine!.describe(),
      )
      expect((await world.inStep()).size).toBe(files + 1)
    },
  )

  test.each([3, 50])(
    'moved away while no engine runs, %i files: sync says held with 3, and nothing is deleted',
    async files => {
      await using world = await inStep(files, 'no engine runs')
      const tree = world.a.tree()
      const { a } = world
      const rows = world.rows()
      renameSync(a.at('data'), join(world.folder, 'moved'))
      expect((await a.run('sync')).code).toBe(3)
      expect((await a.run('status')).json).toMatchObject({ state: 'held' })
      expect(world.rows()).toEqual(rows)
      renameSync(join(world.folder, 'moved'), a.at('data'))
      expect(await a.sync()).toMatchObject({ pushed: 0, pulled: 0, deletedRemote: 0 })
      expect(isEqual(await world.inStep(), tree)).toBe(true)
    },
  )

  test.each<[Mode, number]>([
    ['engines run', 3],
    ['no engine runs', 50],
  ])('all its files removed while %s, %i files: held; restore-held brings them back', async (mode, files) => {
    await using world = await inStep(files, mode)
    const tree = world.a.tree()
    const { a, b } = world
    // A delete that is seen long before the others is an ordinary one.
    world.atOnce(() => {
      for (const folder of [0, 1, 2, 3, 4]) if (a.has(`data/${folder}`)) a.remove(`data/${folder}`)
    })
    await bothHold(world, mode, [a])
    const status = await a.status(3)
    expect(status.holds).toHaveLength(files)
    expect(status.holds[0]?.side).toBe('remote')
    expect(world.rows()).toHaveLength(files)
    expect(isEqual(b.tree(), tree)).toBe(true)
    await a.decide('restore-held')
    await until(
      () => isEqual(a.tree(), tree),
      'the files to be back',
      () => a.engine?.describe() ?? '',
    )
    expect(isEqual(await world.inStep(), tree)).toBe(true)
  })

  test('an empty folder stands in its place: the files come back or are held, and are deleted nowhere', async () => {
    await using world = await inStep(10, 'no engine runs')
    const tree = world.a.tree()
    const { a, b } = world
    const config = a.read('data/sync-config.json')!
    renameSync(a.at('data'), join(world.folder, 'moved'))
    mkdirSync(a.at('data'))
    a.write('data/sync-config.json', config)
    await a.run('sync')
    await b.sync()
    expect(world.rows()).toHaveLength(10)
    expect(isEqual(b.tree(), tree)).toBe(true)
  })
})

describe.concurrent.each<Mode>(['no engine runs', 'engines run'])(
  'R8 30 of 60 files are deleted at once while %s',
  mode => {
    test('held until approved; then exactly those go, on both sides', async () => {
      await using world = await inStep(60, mode)
      const tree = world.a.tree()
      const { a, b } = world
      world.atOnce(() => {
        for (let n = 0; n < 30; n += 1) a.remove(`data/${n % 5}/${n}.md`)
      })
      await bothHold(world, mode, [a])
      // A batch may have been seen in parts; what was held is what nobody has deleted.
      const { holds } = await a.status(3)
      expect(holds.length).toBeGreaterThan(10)
      expect(holds.every(({ reason }) => reason === 'mass-delete')).toBe(true)
      expect(world.rows().length).toBeGreaterThanOrEqual(60 - 19)
      a.write('data/4/59.md', 'edited\n')
      a.write('data/new.md', 'new\n')
      if (mode === 'no engine runs') {
        await a.sync(3)
        await b.sync()
      }
      await until(() => b.read('data/4/59.md') === 'edited\n' && b.has('data/new.md'), 'edits to go on')

      const { done } = await a.decide('approve')
      expect(done).toHaveLength(holds.length)
      await until(() => world.rows().length === 31, 'the records to go')
      // The approval goes along: the other side follows without asking.
      if (mode === 'no engine runs') await b.sync()
      const after = await world.inStep()
      const expected = new Map([...tree].filter(([path]) => Number(/(\d+)\.md$/.exec(path)![1]) >= 30))
      expected.set('data/4/59.md', 'edited\n')
      expected.set('data/new.md', 'new\n')
      expect(isEqual(after, expected)).toBe(true)
    })
  },
)

describe.concurrent('R8.8 a person decides about some of what is held', () => {
  test('by folder, by glob and by path; the rest stays held', async () => {
    await using world = await inStep(60, 'no engine runs')
    const { a } = world
    for (let n = 0; n < 40; n += 1) a.remove(`data/${n % 5}/${n}.md`)
    await a.sync(3)
    const none = await a.run('approve', 'data/none.md')
    expect([none.code, world.rows().length]).toEqual([2, 60])
    expect((await a.run('approve', 'data/0')).code).toBe(0)
    expect(world.rows()).toHaveLength(52)
    expect((await a.run('restore-held', 'data/1/*.md', 'data/2/2.md')).code).toBe(0)
    expect([a.tree('data/1').size, a.has('data/2/2.md'), a.has('data/2/7.md')]).toEqual([12, true, false])
    expect((await a.status(3)).holds).toHaveLength(40 - 8 - 8 - 1)
  })
})

describe.concurrent('R8 the ordinary work of a day is not held', () => {
  test('R8.3 R8.4 a folder of 60 files that is renamed while engines run', async () => {
    await using world = await inStep(60, 'engines run')
    for (let n = 0; n < 60; n += 1) world.a.write(`data/box/${n}.md`, `box ${n}\n`)
    await world.inStep()
    world.a.rename('data/box', 'data/moved')
    await until(() => world.b.tree('data/moved').size === 60, 'the new names to travel')
    await until(() => !world.b.has('data/box'), 'the old names to go')
    for (const side of world.projects) expect((await side.status()).holds).toEqual([])
  })

  test('R8.5 R8.9 a queue of three files that is drained, on both devices', async () => {
    const world = new World()
    await using _ = world
    const { a, b } = world
    for (const n of [1, 2, 3]) a.write(`data/queue/${n}.json`, `{"n":${n}}\n`)
    await a.sync()
    await b.sync()
    for (const n of [1, 2, 3]) a.remove(`data/queue/${n}.json`)
    await a.sync()
    await b.sync()
    expect([world.rows().length, b.tree().size]).toEqual([0, 0])
  })

  test('R8.6 explain tells of files whose deletes are expected', async () => {
    const world = new World()
    await using _ = world
    const { a } = world
    a.configure({ syncFilePatterns: ['data/**'], expectDeletes: ['data/queue/**'] })
    a.write('data/queue/1.json', '{}\n')
    await a.sync()
    const { json } = await a.run('explain', 'data/queue/1.json')
    expect((json as { reason: string }).reason).toContain(
      'the pattern data/queue/** of expectDeletes, line 6',
    )
  })
})

describe.concurrent('R8.4 R8.7 a folder that is removed file by file', () => {
  test('is held, and restored with what had gone before', async () => {
    await using world = await inStep(60, 'engines run')
    const { a, b } = world
    const tree = a.tree()
    const paths = [...tree.keys()].slice(0, 40)
    for (const path of paths) {
      a.remove(path)
      await pace(150)
    }
    await bothHold(world, 'engines run', [a])
    await until(async () => (await a.status(3)).holds.length === 40, 'all 40 to be named')
    await a.decide('restore-held')
    await until(() => isEqual(a.tree(), tree) && isEqual(b.tree(), tree), 'all of it to be back')
  })
})

function only(tree: Tree, folder: string): Tree {
  return new Map([...tree].filter(([path]) => path.startsWith(`${folder}/`)))
}
