import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
  existsSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { secretSample } from '../../test/support/secret-samples.ts'
import { until } from '../../test/support/until.ts'
import { createMemoryDatabase, type MemoryDatabase } from '../adapters/memory/memory-database.ts'
import { createFileSync } from './create-file-sync.ts'
import { FileSync } from './file-sync.ts'
import type { FileSyncEvent } from './sync-events.ts'

const silent = { debug: () => {}, info: () => {}, error: () => {} }

let top: string
let database: MemoryDatabase
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-library-')))
  vi.stubEnv('LOCKSTEP_HOME', join(top, 'home'))
  database = createMemoryDatabase()
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(top, { recursive: true, force: true })
  })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true })
  writeFileSync(join(top, path), text)
}

const read = (path: string): string | null =>
  existsSync(join(top, path)) ? readFileSync(join(top, path), 'utf8') : null

const arrived = (path: string, text: string | null): Promise<void> =>
  until(
    () => read(path) === text,
    `${path} to be ${text}`,
    () => `it is ${read(path)}`,
  )

const recorded = (id: string): Promise<void> =>
  until(
    () => database.records().has(id),
    `the record ${id}`,
    () => [...database.records().keys()].join(', '),
  )

function makeProject(name: string, config: object = { syncFilePatterns: ['data/**'] }): string {
  write(`${name}/data/sync-config.json`, JSON.stringify(config))
  return join(top, name, 'data')
}

function fileSyncOf(
  name: string,
  options: Partial<ConstructorParameters<typeof FileSync>[0]> = {},
): FileSync {
  const fileSync = new FileSync({
    appId: 'app',
    ownerId: 'shared',
    contentRoot: join(top, name, 'data'),
    adapter: database.adapter(),
    log: silent,
    ...options,
  })
  onTestFinished(() => fileSync.stop())
  return fileSync
}

test('R2 two servers that construct FileSync keep their folders in step', async () => {
  makeProject('a')
  makeProject('b')
  write('a/data/notes/before.md', 'before the start')
  const [a, b] = [fileSyncOf('a'), fileSyncOf('b')]
  await a.initFileSync()
  await b.initFileSync()
  expect(read('b/data/notes/before.md')).toBe('before the start')
  expect(database.records().get('app:data/notes/before.md')).toMatchObject({ ownerId: 'shared', app: 'app' })

  write('b/data/live.md', 'live')
  await arrived('a/data/live.md', 'live')
  rmSync(join(top, 'a/data/notes/before.md'))
  await arrived('b/data/notes/before.md', null)
})

test('R6 a conflict is counted, named and told as agent-native servers expect it, until it ends', async () => {
  makeProject('a')
  makeProject('b')
  write('a/data/x.md', 'from a')
  write('b/data/x.md', 'from b')
  await fileSyncOf('a').initFileSync()
  const b = fileSyncOf('b')
  const events: FileSyncEvent[] = []
  const bursts: string[] = []
  b.syncEvents.on('sync', event => void events.push(event))
  b.syncEvents.on('sync-burst-start', () => void bursts.push('start'))
  b.syncEvents.on('sync-burst-end', () => void bursts.push('end'))
  await b.initFileSync()

  expect(bursts).toEqual(['start', 'end'])
  expect(b.conflictCount).toBe(1)
  expect(b.getConflictPaths()).toEqual(['data/x.md'])
  expect(events).toEqual([
    { source: 'sync', type: 'conflict-saved', path: 'data/x.md', conflictFile: 'data/x.md.conflict' },
    {
      source: 'sync',
      type: 'conflict-needs-llm',
      path: 'data/x.md',
      localSnippet: 'from b',
      remoteSnippet: 'from a',
    },
  ])
  expect(read('b/data/x.md.conflict')).toBe('from a')

  write('b/data/x.md', 'from a')
  await eventually(() => b.conflictCount).toBe(0)
  expect(events.at(-1)).toMatchObject({ type: 'conflict-resolved', path: 'data/x.md' })
  expect(b.getConflictPaths()).toEqual([])
})

test('a file that arrives is told as updated', async () => {
  makeProject('a')
  const a = fileSyncOf('a')
  const events: FileSyncEvent[] = []
  await a.initFileSync()
  a.syncEvents.on('sync', event => void events.push(event))
  const now = Date.now()
  const data = { path: 'data/n.md', content: 'n', app: 'app', ownerId: 'shared', lastUpdated: now }
  await database.adapter().set('app:data/n.md', data)
  await arrived('a/data/n.md', 'n')
  await eventually(() => events).toEqual([{ source: 'sync', type: 'updated', path: 'data/n.md' }])
})

test('R15 the private channel starts beside the shared one, and its files are the user’s alone', async () => {
  makeProject('a', { syncFilePatterns: ['data/**'], privateSyncFilePatterns: ['data/mine/**'] })
  write('a/data/all.md', 'all')
  write('a/data/mine/own.md', 'own')
  const a = fileSyncOf('a')
  await a.initFileSync()
  expect([...database.records().keys()]).toEqual(['app:data/all.md'])
  await a.initPrivateSync('ann')
  expect([...database.records().keys()].toSorted()).toEqual(['app:data/all.md', 'app@ann:data/mine/own.md'])
  expect(database.records().get('app@ann:data/mine/own.md')?.ownerId).toBe('ann')

  await a.initPrivateSync('bob')
  write('a/data/mine/second.md', 'second')
  await recorded('app@ann:data/mine/second.md')
})

test('R15 the private channel alone leaves shared files where they are', async () => {
  makeProject('a', { syncFilePatterns: ['data/*.md'], privateSyncFilePatterns: ['data/mine/**'] })
  write('a/data/all.md', 'all')
  write('a/data/mine/own.md', 'own')
  await fileSyncOf('a').initPrivateSync('ann')
  expect([...database.records().keys()]).toEqual(['app@ann:data/mine/own.md'])
})

test('another owner is a shared channel of its own', async () => {
  makeProject('a')
  write('a/data/x.md', 'x')
  await fileSyncOf('a', { ownerId: 'team-1' }).initFileSync()
  expect([...database.records()]).toMatchObject([['app@team-1:data/x.md', { ownerId: 'team-1' }]])
})

test('sync-config.json may lie elsewhere', async () => {
  write('a/config/patterns.json', '{ "syncFilePatterns": ["data/*.md"] }')
  write('a/data/x.md', 'x')
  write('a/data/x.txt', 'x')
  await fileSyncOf('a', { syncConfigPath: join(top, 'a/config/patterns.json') }).initFileSync()
  expect([...database.records().keys()]).toEqual(['app:data/x.md'])
})

test('R14 a second engine on the folder is refused, and stop lets go of it', async () => {
  makeProject('a')
  const first = fileSyncOf('a')
  await first.initFileSync()
  await expect(fileSyncOf('a').initFileSync()).rejects.toMatchObject({ name: 'FolderHeldError' })
  await first.stop()
  await expect(first.initFileSync()).rejects.toThrow(/stopped/)
  await fileSyncOf('a').initFileSync()
})

test('stop disposes the adapter and carries out what was seen', async () => {
  makeProject('a')
  const adapter = database.adapter()
  const a = fileSyncOf('a', { adapter })
  await a.initFileSync()
  write('a/data/last.md', 'last words')
  await recorded('app:data/last.md')
  await a.stop()
  await expect(adapter.query('app', 'shared')).rejects.toMatchObject({ name: 'AdapterError' })
})

test('stop called again disposes the adapter no second time, and waits as the first does', async () => {
  makeProject('a')
  let disposed = 0
  const adapter = { ...database.adapter(), dispose: async () => void (disposed += 1) }
  const a = fileSyncOf('a', { adapter })
  await a.initFileSync()
  await Promise.all([a.stop(), a.stop()])
  await a.stop()
  expect(disposed).toBe(1)
})

test.each([undefined, null, 'data', {}, { contentRoot: 'data' }])(
  'R12 new FileSync(%j) says what it needs',
  options => {
    expect(() => new FileSync(options as never)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: expect.stringMatching(/^new FileSync needs /) as string,
      }) as Error,
    )
  },
)

test('R12 initPrivateSync without a user says so', async () => {
  makeProject('a')
  await expect(fileSyncOf('a').initPrivateSync(undefined as never)).rejects.toThrow(
    /needs the user's id, a text; it is undefined/,
  )
})

test.each([
  [{ appId: undefined }, /option appId: .* It is undefined/],
  [{ ownerId: 7 }, /option ownerId: .* It is of the type number/],
  [{ contentRoot: '' }, /option contentRoot: .* It is empty/],
  [{ syncConfigPath: 7 }, /option syncConfigPath/],
  [{ adapter: undefined }, /option adapter: .* It is undefined/],
  [{ appId: 'my app' }, /FILE_SYNC_APP_ID/],
  [{ ownerId: 'a/b' }, /user id/],
  [{ adapter: {} }, /no query\(\)/],
])('R12 %j is refused at once', (options, reason) => {
  makeProject('a')
  expect(() => fileSyncOf('a', options as never)).toThrow(reason)
})

test('initFileSync says what is wrong, and works once it is mended', async () => {
  write('a/data/sync-config.json', '{ "syncFilePatterns": ')
  const a = fileSyncOf('a')
  await expect(a.initFileSync()).rejects.toThrow(/data\/sync-config\.json, line 1/)
  makeProject('a')
  write('a/data/x.md', 'x')
  await a.initFileSync()
  expect([...database.records().keys()]).toEqual(['app:data/x.md'])
})

test('createFileSync by the settings: ready, with what servers use of it', async () => {
  const contentRoot = makeProject('a')
  write('a/package.json', '{ "name": "@team/mail" }')
  write('a/.env', 'FILE_SYNC_SQLITE_PATH=../shared.db\n')
  write('a/data/x.md', 'x')
  const result = await createFileSync({ contentRoot, log: silent })
  expect(result.status).toBe('ready')
  if (result.status !== 'ready') return
  expect(result.fileSync.conflictCount).toBe(0)
  expect(result.sseEmitter).toEqual({ emitter: result.fileSync.syncEvents, event: 'sync' })
  await result.shutdown()

  vi.stubEnv('FILE_SYNC_SQLITE_PATH', join(top, 'shared.db'))
  makeProject('b')
  write('b/package.json', '{ "name": "mail" }')
  const other = await createFileSync({ contentRoot: join(top, 'b/data'), log: silent })
  expect(read('b/data/x.md')).toBe('x')
  if (other.status === 'ready') await other.shutdown()
})

test('createFileSync is disabled where the setting says so, wherever it says it', async () => {
  vi.stubEnv('FILE_SYNC_ENABLED', 'false')
  expect(await createFileSync({ contentRoot: join(top, 'nowhere') })).toEqual({ status: 'disabled' })
  vi.stubEnv('FILE_SYNC_ENABLED', '')
  const contentRoot = makeProject('a')
  write('a/.env', 'FILE_SYNC_ENABLED=false\n')
  expect(await createFileSync({ contentRoot })).toEqual({ status: 'disabled' })
  write('a/data/sync-config.json', '{ broken')
  write('a/package.json', '{ broken')
  expect(await createFileSync({ contentRoot })).toEqual({ status: 'disabled' })
})

test.each([
  [undefined, /object with its options; it is undefined/],
  [{}, /option contentRoot: .* It is undefined/],
  [{ contentRoot: 1 }, /option contentRoot: .* It is of the type number/],
])('R12 createFileSync(%j) is an error that names the option', async (options, reason) => {
  expect(await createFileSync(options as never)).toEqual({
    status: 'error',
    reason: expect.stringMatching(reason) as string,
  })
})

test.each([
  ['no sync-config.json', {}, /sync-config\.json/],
  ['an unknown backend', { FILE_SYNC_BACKEND: 'mongodb' }, /There is no backend "mongodb"/],
  ['Supabase without its URL', { FILE_SYNC_BACKEND: 'supabase' }, /SUPABASE_URL/],
  ['a file that is no database', { FILE_SYNC_SQLITE_PATH: 'package.json' }, /no SQLite database/],
  [
    'a custom adapter that nobody agreed to run',
    { FILE_SYNC_BACKEND: 'custom', FILE_SYNC_ADAPTER: './data/adapter.mjs' },
    /--trust-adapter/,
  ],
])('createFileSync with %s is an error with its reason', async (what, env, reason) => {
  const contentRoot = join(top, 'app', 'data')
  if (what !== 'no sync-config.json') makeProject('app')
  write('app/package.json', `{ "name": "app", "filler": "${'x'.repeat(5_000)}" }`)
  write('app/data/adapter.mjs', 'export default () => ({})')
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const result = await createFileSync({ contentRoot, log: silent })
  expect(result).toMatchObject({ status: 'error', reason: expect.stringMatching(reason) as string })
})

test('R10.12 a file with a token in it is told of, in an event and in the log, and goes once the program allows it', async () => {
  const contentRoot = makeProject('a')
  const token = secretSample()
  write('a/data/keys.md', `${token}\n`)
  const [events, logged]: [FileSyncEvent[], string[]] = [[], []]
  const log = { ...silent, error: (message: string) => void logged.push(message) }
  const options = { appId: 'app', ownerId: 'shared', contentRoot, adapter: database.adapter(), log }
  const fileSync = new FileSync(options)
  fileSync.syncEvents.on('sync', event => events.push(event))
  onTestFinished(() => fileSync.stop())
  await fileSync.initFileSync()
  const message = expect.stringContaining(
    `GitHub token in line 1: ${token.slice(0, 4)}… (40 characters)`,
  ) as string
  expect(events).toContainEqual({
    source: 'sync',
    type: 'error',
    path: 'data/keys.md',
    code: 'secret',
    message,
  })
  expect(logged).toContainEqual(message)
  expect(database.records().has('app:data/keys.md')).toBe(false)
  expect(await fileSync.allowSecrets('data/other.md')).toBe(false)
  expect(await fileSync.allowSecrets('data/keys.md')).toBe(true)
  await recorded('app:data/keys.md')
  expect(JSON.stringify([events, logged])).not.toContain(token.slice(0, 8))
})
