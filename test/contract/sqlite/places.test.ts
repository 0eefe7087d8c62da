/** The database's file is missing, is something else, or is exchanged while it is open. */
import Sqlite from 'better-sqlite3'
import {
  cpSync,
  mkdirSync,
  readFileSync,
  chmodSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SteeredClock } from '../steered-clock.ts'
import {
  allHeads,
  foreignProgram,
  insertion,
  listenTo,
  openAdapter,
  temporaryFolder,
  untilTold,
} from './database.ts'

describe('opening', () => {
  test('R13 a folder that is missing is named, with what to do, and it works once it is there', async () => {
    const folder = join(temporaryFolder(), 'missing')
    const adapter = openAdapter(join(folder, 'sync.db'))
    const error = await adapter.identity().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'AdapterError', code: 'not-found', retryable: true })
    expect(String(error)).toContain(folder)
    mkdirSync(folder)
    expect(await adapter.commit([insertion('a')])).toMatchObject([{ status: 'done' }])
  })

  test.each([
    [
      'text',
      'This is not a database, but it is longer than a hundred bytes, as its header would be: '.repeat(4),
    ],
    ['noise', Buffer.alloc(8_192, 0xa5)],
  ])('R12 a file of %s is refused, and left as it is', async (_, bytes) => {
    const path = join(temporaryFolder(), 'sync.db')
    writeFileSync(path, bytes)
    await expect(openAdapter(path).identity()).rejects.toMatchObject({ code: 'invalid', retryable: false })
    expect(readFileSync(path)).toEqual(Buffer.from(bytes))
  })

  test('R12 a damaged database is an AdapterError that names the file', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const first = openAdapter(path)
    await first.commit(Array.from({ length: 200 }, (_, i) => insertion(`data/${i}.md`, 'x'.repeat(1_000))))
    await first.dispose()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4_096)
    writeFileSync(path, bytes)
    const adapter = openAdapter(path)
    const error = await allHeads(adapter).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'AdapterError', code: 'invalid' })
    expect(String(error)).toContain(path)
  })

  test('R12 a folder in the database’s place is refused', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    mkdirSync(path)
    await expect(openAdapter(path).identity()).rejects.toMatchObject({ code: 'invalid' })
  })

  test.skipIf(process.platform === 'win32').each([
    ['file', 0o444, 0o777],
    ['folder', 0o666, 0o555],
  ])(
    'R12 a %s without write permission is told as denied, with its path',
    async (_, fileMode, folderMode) => {
      const folder = temporaryFolder()
      const path = join(folder, 'sync.db')
      const maker = openAdapter(path)
      await maker.identity()
      await maker.dispose()
      chmodSync(path, fileMode)
      chmodSync(folder, folderMode)
      const error = await asOrdinaryUser(() =>
        openAdapter(path)
          .commit([insertion('a')])
          .catch((caught: unknown) => caught),
      )
      chmodSync(folder, 0o700)
      expect(error).toMatchObject({ name: 'AdapterError', code: 'denied', retryable: false })
      expect(String(error)).toContain(folder)
    },
  )

  test('a database behind a symbolic link has one feed with those who use its real name', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real', 'sync.db'), join(folder, 'link.db'))
    const real = openAdapter(join(folder, 'real', 'sync.db'))
    await real.identity()
    const linked = openAdapter(join(folder, 'link.db'))
    const feed = listenTo(linked)
    await linked.identity()
    await real.commit([insertion('a')])
    await untilTold(feed, 'app:a')
    expect(await linked.identity()).toBe(await real.identity())
  })

  test('R4 after a restart the database, its etags and the log are as they were', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const first = openAdapter(path)
    await first.commit([insertion('a'), insertion('b')])
    const [identity, heads] = [await first.identity(), await allHeads(first)]
    await first.dispose()
    const second = openAdapter(path)
    expect(await second.identity()).toBe(identity)
    expect(await allHeads(second)).toEqual(heads)
    const feed = listenTo(second)
    await second.commit([insertion('c')])
    await untilTold(feed, 'app:c')
    expect(feed.ids()).toEqual(['app:c'])
  })
})

describe('another database at the same path', () => {
  test('R8 a database that was moved in is compared, and has another identity', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    const identity = await adapter.identity()
    const feed = listenTo(adapter)
    const other = openAdapter(join(folder, 'other.db'))
    await other.commit([insertion('z')])
    await other.dispose()
    renameSync(join(folder, 'other.db'), path)

    await untilTold(feed, '*')
    expect(await adapter.identity()).not.toBe(identity)
    expect((await allHeads(adapter)).map(({ id }) => id)).toEqual(['app:z'])
    foreignProgram(path).exec(`DELETE FROM files`)
    await untilTold(feed, 'app:z')
    expect(feed.errors).toEqual([])
  })

  test('R8 a copy of a database is not the database', async () => {
    const folder = temporaryFolder()
    const [path, copy] = [join(folder, 'sync.db'), join(folder, 'copy.db')]
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    await adapter.dispose()
    cpSync(path, copy)
    expect(await openAdapter(copy).identity()).not.toBe(await openAdapter(path).identity())
  })

  test('R8 a backup that is put back under another program is a gap, and changes the identity once', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sync.db')
    const adapters = [openAdapter(path), openAdapter(path)] as const
    await adapters[0].commit([insertion('a')])
    const identity = await adapters[0].identity()
    const backup = new Sqlite(path)
    await backup.backup(join(folder, 'backup.db'))
    backup.close()
    await adapters[1].commit([insertion('b'), insertion('c')])
    const feeds = adapters.map(listenTo)

    // As `.restore` of the sqlite3 shell does: it writes page by page into the open database.
    const restore = foreignProgram(join(folder, 'backup.db'))
    restore.exec(`ATTACH '${path}' AS live`)
    restore.exec('DELETE FROM live.files; DELETE FROM live.lockstep_changes')
    restore.exec('INSERT INTO live.files SELECT * FROM main.files; DELETE FROM live.lockstep_changes')
    restore.exec('INSERT INTO live.lockstep_changes SELECT * FROM main.lockstep_changes')
    restore.exec(
      `UPDATE live.sqlite_sequence SET seq = (SELECT seq FROM main.sqlite_sequence WHERE name = 'lockstep_changes')`,
    )

    for (const feed of feeds) await untilTold(feed, '*')
    expect(feeds.flatMap(feed => feed.errors)).toEqual([])
    const identities = await Promise.all(adapters.map(adapter => adapter.identity()))
    expect(identities[0]).not.toBe(identity)
    expect(identities[1]).toBe(identities[0])
  })

  test.each([
    ['of the same size', ''],
    ['that is smaller', 'x'.repeat(100_000)],
  ])(
    'R4.10 R8.11 a copy %s that is written over the open file is read, and not mixed with it',
    async (_, text) => {
      const folder = temporaryFolder()
      const path = join(folder, 'sync.db')
      const clocks = [new SteeredClock(), new SteeredClock()] as const
      const adapters = clocks.map(clock => openAdapter(path, clock))
      const passEverywhere = async (ms: number) => {
        for (const clock of clocks) await clock.pass(ms)
      }
      await adapters[0]!.commit([insertion('a'), insertion('b')])
      await passEverywhere(1_000)
      cpSync(path, join(folder, 'backup.db'))
      await adapters[1]!.commit([insertion('c', text)])
      await passEverywhere(1_000)
      for (const adapter of adapters) expect(await allHeads(adapter)).toHaveLength(3)

      writeFileSync(path, readFileSync(join(folder, 'backup.db')))
      for (const adapter of adapters)
        await expect(adapter.commit([insertion('d')])).rejects.toMatchObject({ retryable: true })
      await passEverywhere(2_100)
      expect(await adapters[0]!.commit([insertion('d')])).toMatchObject([{ status: 'done' }])
      for (const adapter of adapters) {
        const ids = (await allHeads(adapter)).map(({ id }) => id)
        expect(ids).toEqual([insertion('a').id, insertion('b').id, insertion('d').id])
      }
      expect(foreignProgram(path).pragma('integrity_check', { simple: true })).toBe('ok')
    },
  )

  test('R8.11 a log that is taken from under the open database is no place to write to', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    await adapter.commit([insertion('a')])
    await clock.pass(1_000)
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix)
    await expect(adapter.commit([insertion('b')])).rejects.toMatchObject({ retryable: true })
    await clock.pass(2_100)
    await adapter.commit([insertion('b')])
    expect(foreignProgram(path).prepare('SELECT count(*) FROM files').pluck().get()).toBe(2)
  })

  test('R3 what moves the log into the file writes nothing over', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    const program = foreignProgram(path)
    for (let n = 0; n < 5; n += 1) {
      await adapter.commit([insertion(`ours ${n}`)])
      await clock.pass(1_000)
      program.exec(`INSERT INTO files (id, path, app, owner_id) VALUES ('app:${n}', '${n}', 'app', 'shared')`)
      program.pragma('wal_checkpoint(TRUNCATE)')
    }
    expect(await allHeads(adapter)).toHaveLength(10)
  })

  test('R8 a database that vanished is not made anew at once, and then has another identity', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    await adapter.commit([insertion('a')])
    const identity = await adapter.identity()
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    const gone = { code: 'not-found', retryable: true }
    await expect(adapter.commit([insertion('b')])).rejects.toMatchObject(gone)
    await clock.pass(2_900)
    await expect(adapter.commit([insertion('b')])).rejects.toMatchObject(gone)
    await clock.pass(200)
    expect(await allHeads(adapter)).toEqual([])
    expect(await adapter.identity()).not.toBe(identity)
  })

  test('R1 a database that is moved away without its log, and back, has lost nothing', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    renameSync(path, path + '.away')
    await expect(allHeads(adapter)).rejects.toMatchObject({ code: 'not-found' })
    renameSync(path + '.away', path)
    expect(await allHeads(adapter)).toHaveLength(1)
  })

  test('R1 a moment after a commit, the database’s file alone holds everything', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sync.db')
    const clock = new SteeredClock()
    const adapter = openAdapter(path, clock)
    await adapter.commit([insertion('a')])
    await clock.pass(1_000)
    expect(statSync(path + '-wal').size).toBe(0)
    cpSync(path, join(folder, 'copy.db'))
    expect(await allHeads(openAdapter(join(folder, 'copy.db')))).toHaveLength(1)
  })

  test('R1 once an adapter has ended, the file alone holds what it committed, though others have it open', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sync.db')
    const other = openAdapter(path, new SteeredClock())
    expect(await allHeads(other)).toEqual([])
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    await adapter.dispose()
    cpSync(path, join(folder, 'copy.db'))
    expect(await allHeads(openAdapter(join(folder, 'copy.db')))).toHaveLength(1)
  })

  test('R8 a database that is moved away and back is the same one', async () => {
    const path = join(temporaryFolder(), 'sync.db')
    const adapter = openAdapter(path)
    await adapter.commit([insertion('a')])
    const identity = await adapter.identity()
    for (const suffix of ['', '-wal', '-shm']) renameSync(path + suffix, path + '.away' + suffix)
    await expect(allHeads(adapter)).rejects.toMatchObject({ code: 'not-found' })
    for (const suffix of ['', '-wal', '-shm']) {
      try {
        renameSync(path + '.away' + suffix, path + suffix)
      } catch {
        // The last one who closes a database removes the two companions.
      }
    }
    expect(await adapter.identity()).toBe(identity)
    expect(await allHeads(adapter)).toHaveLength(1)
  })
})

/** Permissions do not bind the superuser, as whom tests may run. */
async function asOrdinaryUser<Result>(work: () => Promise<Result>): Promise<Result> {
  const isSuperuser = process.geteuid?.() === 0
  if (isSuperuser) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isSuperuser) process.seteuid?.(0)
  }
}
