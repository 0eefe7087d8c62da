import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StateChange } from '../../engine/ports/state-store.ts'
import { nodeCodec } from '../node-codec.ts'
import { type OpenedStateStore, openStateStore } from './store.ts'
import { startWorkClock } from '../../../test/fakes/work-clock.ts'
import { KEEP_NONE, prune } from '../../../test/support/prune.ts'
import { until } from '../../../test/support/until.ts'
import { wholeBase } from '../../../test/support/whole-base.ts'

const KEY = { database: '/tmp/sync.db', appId: 'app', ownerId: 'shared', channel: 'shared' } as const
const NOW = Date.UTC(2030, 0, 2, 3, 4, 5, 678)
const now = (): number => NOW

let folder: string
let path: string
let stores: OpenedStateStore[]
let children: ChildProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'))
  path = join(folder, 'state.db')
  stores = []
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const store of stores) store.close()
  rmSync(folder, { recursive: true })
})

function open(options: Parameters<typeof openStateStore>[1] = {}): OpenedStateStore {
  const store = openStateStore(path, { now, ...options })
  stores.push(store)
  return store
}

function close(store: OpenedStateStore): void {
  store.close()
  stores = stores.filter(other => other !== store)
}

function baseSet(scope: number, file: string, version = 1): StateChange {
  const entry = {
    digest: nodeCodec.digest(Buffer.from(file)),
    size: 1,
    etag: 'e',
    version,
    fingerprint: null,
  }
  return { kind: 'base-set', scope, path: file, entry }
}

async function withOneEntry(): Promise<void> {
  const store = open()
  await store.commit([baseSet(store.openScope(KEY), 'kept.md')])
  close(store)
}

test('one in memory works as any other, and leaves no file', async () => {
  const before = readdirSync('.')
  const store = openStateStore(null)
  stores.push(store)
  await store.commit([baseSet(store.openScope(KEY), 'kept.md')])
  expect([...wholeBase(store, store.openScope(KEY)).keys()]).toEqual(['kept.md'])
  expect(readdirSync('.')).toEqual(before)
})

describe('opening', () => {
  test('R1 a state survives closing and opening, without a notice', async () => {
    await withOneEntry()
    const store = open()
    expect(store.notice).toBeNull()
    expect([...wholeBase(store, store.openScope(KEY)).keys()]).toEqual(['kept.md'])
  })

  test('makes its folder, for the owner alone', () => {
    path = join(folder, 'new', 'deep', 'state.db')
    open()
    expect(existsSync(path)).toBe(true)
    if (process.platform !== 'win32') expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
  })

  test.each([
    ['garbage', (file: string) => writeFileSync(file, 'this is no database '.repeat(1_000))],
    ['a page overwritten', (file: string) => overwrite(file, 2 * 4_096, 10 * 4_096)],
    ['the second half lost', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['everything lost', emptied],
  ])('R1 R8 a damaged state is set aside and said, never begun anew silently: %s', async (_name, damage) => {
    const first = open()
    const scope = first.openScope(KEY)
    await first.commit(Array.from({ length: 500 }, (_, index) => baseSet(scope, `file-${index}.md`)))
    close(first)
    damage(path)
    const damaged = readFileSync(path)

    const store = open()
    expect(store.notice).toMatchObject({ code: 'damaged' })
    expect(store.notice?.message).toContain('state-damaged-2030-01-02T03-04-05-678Z.db')
    expect(store.notice?.message).toContain('nothing is deleted')
    expect(Buffer.compare(readFileSync(store.notice!.movedTo), damaged)).toBe(0)
    expect(wholeBase(store, store.openScope(KEY)).size).toBe(0)
    await store.commit([baseSet(store.openScope(KEY), 'new.md')])
    close(store)
    expect(open().notice).toBeNull()
  })

  test('R1 the log of a state that was emptied goes aside with it', () => {
    writeFileSync(path, '')
    emptied(path)
    writeFileSync(`${path}-wal`, 'log')
    const { notice } = open()
    expect(readFileSync(`${notice!.movedTo}-wal`, 'utf8')).toBe('log')
  })

  test('an empty file that is just being made is no damage', () => {
    writeFileSync(path, '')
    expect(open().notice).toBeNull()
  })

  test('a state of a newer version is refused and left as it is', async () => {
    await withOneEntry()
    const sqlite = new Database(path)
    sqlite.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)').run('later', 9e12)
    sqlite.close()
    expect(() => open()).toThrow(expect.objectContaining({ name: 'StateStoreError', code: 'newer' }))
    expect(() => open()).toThrow(/newer version of Lockstep/)
    expect(readdirSync(folder).filter(name => name.startsWith('state-'))).toEqual([])
  })

  test('before a migration a copy is kept, of the last two', async () => {
    await withOneEntry()
    for (let step = 1; step <= 4; step++) {
      const migrationsFolder = extendedMigrations(step)
      const store = openStateStore(path, { migrationsFolder, now: () => NOW + step * 1_000 })
      expect(store.notice).toBeNull()
      expect([...wholeBase(store, store.openScope(KEY)).keys()]).toEqual(['kept.md'])
      store.close()
    }
    const backups = readdirSync(folder).filter(name => name.startsWith('state-backup-'))
    expect(backups.map(name => name.replace(/-\d+\.db$/, '')).sort()).toEqual([
      'state-backup-2030-01-02T03-04-08-678Z',
      'state-backup-2030-01-02T03-04-09-678Z',
    ])
    const backup = new Database(join(folder, backups.sort()[0]!), { readonly: true })
    expect(backup.prepare('SELECT path FROM base_entries').pluck().all()).toEqual(['kept.md'])
    expect(columnsOf(backup)).toContain('extra_2')
    expect(columnsOf(backup)).not.toContain('extra_3')
    backup.close()
  })

  test('R4.9 one that was put back from a copy is doubted, one that was killed or moved is not', async () => {
    await withOneEntry()
    const flush = async (): Promise<void> => {
      const store = open()
      await store.commit([
        baseSet(store.openScope(KEY), 'later.md'),
        { kind: 'flushed', epoch: await store.startFlush() },
      ])
      close(store)
    }
    const doubts = (): (string | undefined)[] => {
      const store = open()
      const found = [...wholeBase(store, store.openScope(KEY)).values()].map(({ doubt }) => doubt)
      close(store)
      return found
    }
    await flush()
    expect(doubts()).toEqual([undefined, undefined])
    const copies = join(folder, 'copies')
    cpSync(path, join(copies, 'state.db'))
    cpSync(join(folder, 'state.mark'), join(copies, 'state.mark'))
    await flush()
    expect(doubts()).toEqual([undefined, undefined])

    cpSync(join(copies, 'state.db'), path)
    expect(doubts()).toEqual(['state-older', 'state-older'])
    // It is known again from now on, whatever is put back next.
    await flush()
    expect(doubts()).toEqual(['state-older', undefined])
    path = join(copies, 'state.db')
    expect(doubts()).toEqual([undefined, undefined])
  })

  test('R4.9 one that was flushed without anything in it is no older copy', async () => {
    await withOneEntry()
    const store = open()
    await store.commit([{ kind: 'flushed', epoch: await store.startFlush() }])
    close(store)
    const again = open()
    expect([...wholeBase(again, again.openScope(KEY)).values()].map(({ doubt }) => doubt)).toEqual([
      undefined,
    ])
  })

  test('a new state, and one without pending migrations, needs no copy', async () => {
    await withOneEntry()
    open()
    expect(readdirSync(folder).filter(name => name.startsWith('state-'))).toEqual([])
  })

  test('a migration that fails changes nothing', async () => {
    await withOneEntry()
    const migrationsFolder = extendedMigrations(1, 'ALTER TABLE `nowhere` ADD `x` integer;')
    expect(() => openStateStore(path, { migrationsFolder, now })).toThrow(/nowhere/)
    const store = open()
    expect([...wholeBase(store, store.openScope(KEY)).keys()]).toEqual(['kept.md'])
  })

  /** The migrations there are, and `count` later ones. */
  function extendedMigrations(count: number, sql?: string): string {
    const migrations = join(folder, `migrations-${count}`)
    cpSync(join(import.meta.dirname, 'migrations'), migrations, { recursive: true })
    const journalPath = join(migrations, 'meta', '_journal.json')
    const journal = JSON.parse(readFileSync(journalPath, 'utf8'))
    const last = journal.entries.at(-1)
    for (let step = 1; step <= count; step++) {
      journal.entries.push({ ...last, idx: last.idx + step, when: last.when + step, tag: `later_${step}` })
      const statement = sql ?? `ALTER TABLE \`base_entries\` ADD \`extra_${step}\` integer;`
      writeFileSync(join(migrations, `later_${step}.sql`), statement)
    }
    writeFileSync(journalPath, JSON.stringify(journal))
    return migrations
  }
})

describe('several processes', () => {
  test('a new state that several open at once is made once', async () => {
    const openers = await Promise.all(Array.from({ length: 4 }, () => start('console.log("opened")')))
    expect(await Promise.all(openers.map(opener => opener.next()))).toEqual(Array(4).fill('opened'))
    expect(open().notice).toBeNull()
    expect(readdirSync(folder).filter(name => name.startsWith('state-'))).toEqual([])
  })

  test('R1 what has been committed survives SIGKILL, and no commit is seen in part', async () => {
    const writer = await start(`
      for (let round = 1; ; round++) {
        const entry = { digest: 'd', size: 1, etag: 'e', version: round, fingerprint: null }
        await store.commit(['a', 'b', 'c'].map(path => ({ kind: 'base-set', scope, path, entry })))
        console.log(round)
      }`)
    let acknowledged = 0
    while (acknowledged < 50) acknowledged = Number(await writer.next())
    writer.process.kill('SIGKILL')
    await once(writer.process, 'exit')
    const store = open()
    expect(store.notice).toBeNull()
    const versions = [...wholeBase(store, store.openScope(KEY)).values()].map(entry => entry.version)
    expect(versions).toHaveLength(3)
    expect(new Set(versions).size).toBe(1)
    expect(versions[0]).toBeGreaterThanOrEqual(acknowledged)
  })

  test('F27 while another process writes, a commit waits and the event loop does not', async () => {
    const store = open()
    const scope = store.openScope(KEY)
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    const turns = countTurns()
    const tries: { turn: number; connection: Database.Database; busyTimeout: number }[] = []
    const { exec } = Database.prototype
    vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql) {
      if (sql === 'BEGIN IMMEDIATE')
        tries.push({ turn: turns.now(), connection: this, busyTimeout: busyTimeoutOf(this) })
      return exec.call(this, sql)
    })
    let hasEnded = false
    const committing = store.commit([baseSet(scope, 'a')]).then(() => (hasEnded = true))
    await until(() => tries.length > 10, 'the commit to try again and again')
    expect(hasEnded).toBe(false)
    expect(wholeBase(store, scope).size).toBe(0)
    other.exec('ROLLBACK')
    other.close()
    await committing
    turns.stop()
    // SQLite itself waits without giving the event loop its turns.
    expect(new Set(tries.map(({ busyTimeout }) => busyTimeout))).toEqual(new Set([0]))
    expect(busyTimeoutOf(tries[0]!.connection)).toBeLessThanOrEqual(50)
    expect(new Set(tries.map(({ turn }) => turn)).size).toBe(tries.length)
    expect(wholeBase(store, scope).size).toBe(1)
  })

  test('R13 two processes that write as fast as they can lose nothing', async () => {
    // Each has its scope before the other writes: making one does not wait for long.
    const body = (name: string): string => `
      console.log('ready')
      await new Promise(resolve => process.stdin.once('data', resolve))
      for (let index = 0; index < 100; index++) {
        const entry = { digest: 'd', size: 1, etag: 'e', version: 1, fingerprint: null }
        await store.commit([{ kind: 'base-set', scope, path: ${JSON.stringify(name)} + index, entry }])
      }
      console.log('done')
      process.stdin.unref()`
    const writers = await Promise.all([start(body('x')), start(body('y'))])
    for (const writer of writers) expect(await writer.next()).toBe('ready')
    for (const writer of writers) writer.process.stdin!.write('go')
    expect(await Promise.all(writers.map(writer => writer.next()))).toEqual(['done', 'done'])
    const store = open()
    expect(wholeBase(store, store.openScope(KEY)).size).toBe(200)
  })
})

describe('commits', () => {
  test('R1 a commit that fails in the middle leaves nothing of itself, and the next one works', async () => {
    const store = open()
    const scope = store.openScope(KEY)
    const broken: StateChange = JSON.parse(JSON.stringify({ ...baseSet(scope, 'b'), path: null }))
    await expect(store.commit([baseSet(scope, 'a'), broken])).rejects.toThrow(/NOT NULL/)
    expect(wholeBase(store, scope).size).toBe(0)
    await store.commit([baseSet(scope, 'c')])
    expect([...wholeBase(store, scope).keys()]).toEqual(['c'])
  })

  test('contents are kept small', async () => {
    const store = open()
    const bytes = Buffer.from('{"name":"value","list":[1,2,3]}'.repeat(10_000))
    await store.commit([{ kind: 'content-put', digest: nodeCodec.digest(bytes), bytes }])
    expect(Buffer.compare(store.readContent(nodeCodec.digest(bytes))!, bytes)).toBe(0)
    const sqlite = new Database(path, { readonly: true })
    const stored = sqlite
      .prepare('SELECT codec, length(bytes) AS length, stored_size AS size FROM contents')
      .get()
    sqlite.close()
    expect(stored).toMatchObject({ codec: 'zstd' })
    expect(stored).toEqual(expect.objectContaining({ size: (stored as { length: number }).length }))
    expect((stored as { length: number }).length).toBeLessThan(bytes.length / 100)
  })

  test('R1 a damaged content is an error, not another content', async () => {
    const store = open()
    const bytes = Buffer.from('some text '.repeat(100))
    const digest = nodeCodec.digest(bytes)
    await store.commit([{ kind: 'content-put', digest, bytes }])
    const sqlite = new Database(path)
    sqlite.prepare('UPDATE contents SET bytes = substr(bytes, 1, 10)').run()
    sqlite.close()
    expect(() => store.readContent(digest)).toThrow()
  })

  test('packing many contents gives the event loop its turns', async () => {
    const store = open()
    const changes = Array.from({ length: 1_000 }, (_, index): StateChange => {
      const bytes = incompressible(4_096, index)
      return { kind: 'content-put', digest: nodeCodec.digest(bytes), bytes }
    })
    const clock = startWorkClock()
    await store.commit(changes)
    // What is written at the end, a third above what it is.
    expect(clock.longestMs()).toBeLessThan(40)
  })

  test('pruning gives space back to the file system', async () => {
    const store = open()
    const scope = store.openScope(KEY)
    const changes = Array.from({ length: 64 }, (_, index): StateChange[] => {
      const bytes = incompressible(64 * 1024, index)
      const digest = nodeCodec.digest(bytes)
      const entry = {
        path: 'p',
        channel: 'shared',
        digest,
        size: bytes.length,
        time: NOW,
        version: null,
        mtimeMs: null,
      } as const
      return [
        { kind: 'content-put', digest, bytes },
        { kind: 'history-add', scope, entry: { ...entry, cause: 'overwritten', device: 'laptop' } },
      ]
    })
    await store.commit(changes.flat())
    checkpoint()
    const before = statSync(path).size
    expect(before).toBeGreaterThan(4_000_000)
    expect(await prune(store, KEEP_NONE, NOW)).toBe(64)
    checkpoint()
    expect(statSync(path).size).toBeLessThan(before / 10)
  })

  function checkpoint(): void {
    const sqlite = new Database(path)
    sqlite.pragma('wal_checkpoint(TRUNCATE)')
    sqlite.close()
  }
})

test('migrations are in step with the schema', () => {
  const snapshot = JSON.parse(
    readFileSync(join(import.meta.dirname, 'migrations/meta/0000_snapshot.json'), 'utf8'),
  )
  const store = open()
  close(store)
  const sqlite = new Database(path, { readonly: true })
  for (const table of Object.keys(snapshot.tables)) {
    expect(sqlite.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(table)).toBeDefined()
  }
  sqlite.close()
})

function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file)
  bytes.fill(0x5a, from, to)
  writeFileSync(file, bytes)
}

function emptied(file: string): void {
  truncateSync(file, 0)
  utimesSync(file, 1, 1)
}

function columnsOf(sqlite: Database.Database): string[] {
  return sqlite
    .prepare<[], { name: string }>("SELECT name FROM pragma_table_info('base_entries')")
    .all()
    .map(column => column.name)
}

function incompressible(size: number, seed: number): Buffer {
  const parts = Array.from({ length: size / 32 }, (_, index) =>
    Buffer.from(nodeCodec.digest(Buffer.from(`${seed}:${index}`)), 'hex'),
  )
  return Buffer.concat(parts)
}

function busyTimeoutOf(sqlite: Database.Database): number {
  return Number(sqlite.pragma('busy_timeout', { simple: true }))
}

function countTurns(): { now(): number; stop(): void } {
  let turns = 0
  let isCounting = true
  const count = (): void => {
    turns++
    if (isCounting) setImmediate(count)
  }
  setImmediate(count)
  return { now: () => turns, stop: () => void (isCounting = false) }
}

interface Child {
  readonly process: ChildProcess
  next(): Promise<string>
}

async function start(body: string): Promise<Child> {
  const script = join(folder, `child-${children.length}.mts`)
  const module = JSON.stringify(join(import.meta.dirname, 'store.ts'))
  writeFileSync(
    script,
    `import { openStateStore } from ${module}
     const store = openStateStore(${JSON.stringify(path)})
     const scope = store.openScope(${JSON.stringify(KEY)})
     ${body}`,
  )
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the child has ended')
    return line.value
  }
  return { process: child, next }
}
