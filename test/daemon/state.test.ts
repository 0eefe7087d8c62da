/** The state as a page hears it, over a real WebSocket, of real folders. */
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/serve.ts'
import type { Retention } from '../../src/engine/core/retention.ts'
import { folderHome } from '../../src/platform/home.ts'
import { openStateStore } from '../../src/platform/state/store.ts'
import { pace, until } from '../support/until.ts'
import { Browser, Ground } from './daemon.ts'

let ground: Ground
let daemon: Daemon
let browser: Browser

beforeEach(async () => {
  ground = new Ground()
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  await browser.follow()
})
afterEach(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
})

/** The feed joins what comes within this time, in milliseconds. */
const FEED_TURN_MS = 50

/** Counts from now on, until it is asked. */
function countTurns(ms: number): () => number {
  let turns = 0
  const ending = new AbortController()
  void (async () => {
    for (; !ending.signal.aborted; turns += 1) await pace(ms)
  })()
  return () => {
    ending.abort()
    return turns
  }
}

/** Two folders that share one database: what one of them writes, the other gets. */
async function twoFolders(): Promise<{ a: string; b: string; pathA: string; pathB: string }> {
  const env = `FILE_SYNC_SQLITE_PATH=${join(ground.folder, 'shared.db')}\nFILE_SYNC_APP_ID=app\n`
  const pathA = ground.project('a', { 'data/one.md': 'one\n' }, env)
  const pathB = ground.project('b', {}, env)
  const { id: a } = await browser.client.folders.add({ path: pathA })
  const { id: b } = await browser.client.folders.add({ path: pathB })
  await browser.inStep(a)
  await browser.inStep(b)
  return { a, b, pathA, pathB }
}

test('the first event is a snapshot, and revisions only rise', async () => {
  const path = ground.project('notes', { 'data/a.md': 'a\n' })
  const { id, isNew } = await browser.client.folders.add({ path })
  expect(isNew).toBe(true)
  await browser.inStep(id)
  const [first, ...rest] = browser.events
  expect(first?.type).toBe('snapshot')
  expect(rest.length).toBeGreaterThan(0)
  expect(rest.every(event => event.type === 'changes' && event.run === first?.run)).toBe(true)
  const revisions = browser.events.map(({ revision }) => revision)
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
  expect(browser.folder(id)).toMatchObject({ name: 'notes', path, files: 1, conflicts: 0, fault: null })
  expect(await browser.client.folders.add({ path })).toEqual({ id, isNew: false })
})

test('two folders are live at once, and say whose change it was', async () => {
  const { a, b, pathA, pathB } = await twoFolders()
  writeFileSync(join(pathA, 'data/two.md'), 'two\n')
  await until(() => existsWith(join(pathB, 'data/two.md'), 'two\n'), 'the file in the other folder')
  await until(
    () =>
      browser.folder(a).lastChange?.path === 'data/two.md' &&
      browser.folder(b).lastChange?.path === 'data/two.md',
    'both last changes',
  )
  expect(browser.folder(a).lastChange).toMatchObject({ action: 'push', author: 'this-device' })
  expect(browser.folder(b).lastChange).toMatchObject({ action: 'pull', author: 'another' })
  expect(browser.folder(a).curve).toHaveLength(24)
  expect(browser.folder(a).curve.at(-1)).toBeGreaterThanOrEqual(2)

  const { rows } = await browser.client.activity.list({ folderId: b, kinds: ['pull'], search: 'TWO' })
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    folderId: b,
    folderName: 'b',
    path: 'data/two.md',
    author: 'another',
    reason: 'The file is new in the database.',
  })
})

test('activity comes in pages, newest first, and outlives the daemon', async () => {
  const { a } = await twoFolders()
  const all = await browser.client.activity.list({ folderId: null, limit: 500 })
  const paged: number[] = []
  for (let before: number | null = null; ;) {
    const page: typeof all = await browser.client.activity.list({ folderId: null, before, limit: 2 })
    paged.push(...page.rows.map(({ id }) => id))
    before = page.next
    if (before === null) break
  }
  expect(paged).toEqual(all.rows.map(({ id }) => id))
  expect(paged.length).toBeGreaterThan(3)
  expect(paged).toEqual(paged.toSorted((x, y) => y - x))

  await browser.close()
  await daemon.close()
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  await browser.follow()
  const after = await browser.client.activity.list({ folderId: a, kinds: ['push'], limit: 500 })
  expect(after.rows.some(({ path }) => path === 'data/one.md')).toBe(true)
  expect(browser.folder(a).lastChange?.path).toBe('data/one.md')
})

test('thousands of changes are joined into few events', async () => {
  const path = ground.project('many')
  for (let n = 0; n < 3_000; n++) ground.write(`many/data/${n % 30}/f${n}.json`, `{"n":${n}}\n`)
  const feedTurns = countTurns(FEED_TURN_MS)
  const { id } = await browser.client.folders.add({ path })
  await browser.inStep(id)
  const turns = feedTurns()
  const events = browser.events.length
  expect(browser.folder(id).files).toBe(3_000)
  // At most one for each turn of a timer of this very process, however slow it is; and some that lie between two.
  expect(events).toBeLessThan(1.2 * turns + 5)
  const page = await browser.client.files.list({ folderId: id, search: 'f29', offset: 5, limit: 10 })
  expect(page.total).toBe(111)
  expect(page.rows).toHaveLength(10)
  const everything = await browser.client.files.list({ folderId: id, offset: 2_990, limit: 500 })
  expect(everything.total).toBe(3_000)
  expect(everything.counts).toMatchObject({ 'in-step': 3_000 })
  expect(everything.rows).toHaveLength(10)
})

describe('a folder', () => {
  test('is paused and resumed, alone and with all others, also across a restart', async () => {
    const { a, b, pathA, pathB } = await twoFolders()
    await browser.client.folders.pause({ id: b })
    await until(
      () => browser.folder(b).paused === 'folder' && browser.folder(b).state === 'paused',
      'the pause',
    )
    writeFileSync(join(pathA, 'data/later.md'), 'later\n')
    await until(() => browser.folder(a).lastChange?.path === 'data/later.md', 'the push')
    await browser.inStep(a)
    expect((await browser.client.files.list({ folderId: b })).rows.map(({ path }) => path)).toEqual([
      'data/one.md',
    ])

    await browser.close()
    await daemon.close()
    daemon = await ground.start()
    browser = await Browser.enter(daemon)
    await browser.follow()
    expect(browser.folder(b)).toMatchObject({ paused: 'folder', state: 'paused' })
    // Nothing runs, so the list comes from what is stored.
    expect((await browser.client.files.list({ folderId: b })).rows.map(({ path }) => path)).toEqual([
      'data/one.md',
    ])
    await browser.client.folders.resume({ id: b })
    await until(() => existsWith(join(pathB, 'data/later.md'), 'later\n'), 'the file after the pause')

    const hour = Date.now() + 3_600_000
    await browser.client.folders.pauseAll({ until: hour })
    await until(() => browser.state.folders.every(({ paused }) => paused === 'all'), 'all to be paused')
    expect(browser.state.pausedAll?.until).toBe(hour)
    await browser.client.folders.pauseAll({ until: Date.now() + 100 })
    await until(() => browser.state.pausedAll === null, 'the pause to end by itself')
    await browser.inStep(a)
    await browser.inStep(b)
  })

  test('is moved and removed; its files and settings stay', async () => {
    const { a, b, pathA } = await twoFolders()
    await browser.client.folders.reorder({ ids: [b, a] })
    await until(() => browser.state.folders[0]?.id === b, 'the new order')
    await browser.client.folders.remove({ id: a })
    await until(() => browser.state.folders.length === 1, 'the folder to be gone')
    expect(readFileSync(join(pathA, 'data/one.md'), 'utf8')).toBe('one\n')
    await expect(browser.client.files.list({ folderId: a })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('that lies in another one is refused', async () => {
    const path = ground.project('outer')
    await browser.client.folders.add({ path })
    ground.project('outer/data/inner')
    await expect(browser.client.folders.add({ path: join(path, 'data/inner') })).rejects.toMatchObject({
      code: 'REFUSED',
      data: { code: 'nested' },
    })
  })

  test('with a broken sync-config.json shows file, line and reason, and goes on once it is mended', async () => {
    const path = ground.project('broken', { 'data/a.md': 'a\n' })
    const { id } = await browser.client.folders.add({ path })
    await browser.inStep(id)
    writeFileSync(join(path, 'data/sync-config.json'), '{\n  "syncFilePatterns": [1]\n}\n')
    await until(() => browser.folder(id).fault !== null, 'the fault')
    expect(browser.folder(id).fault).toMatchObject({
      code: 'config-invalid',
      file: 'data/sync-config.json',
      line: 2,
    })
    const view = await browser.client.rules.get({ folderId: id })
    expect(view.fault).toMatchObject({ line: 2 })
    const edit = { edit: 'text', text: '{ "syncFilePatterns": ["data/**/*.md"] }\n' } as const
    expect(
      (await browser.client.rules.previewChange({ folderId: id, edit, token: view.token })).fault,
    ).toBeNull()
    await browser.client.rules.save({ folderId: id, edit, token: view.token })
    await until(() => browser.folder(id).fault === null, 'the mended configuration')
    await browser.inStep(id)
    expect(readFileSync(join(path, 'data/a.md'), 'utf8')).toBe('a\n')
  })

  test('that is not there, or is not configured, is a typed error', async () => {
    await expect(browser.client.folders.add({ path: join(ground.folder, 'nowhere') })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      data: { code: 'folder-missing' },
    })
    ground.write('plain/package.json', '{}')
    await expect(browser.client.folders.add({ path: join(ground.folder, 'plain') })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      data: { code: 'config-missing' },
    })
  })

  test('that has gone says so, and comes back when it does', async () => {
    const path = ground.project('gone', { 'data/a.md': 'a\n' })
    const { id } = await browser.client.folders.add({ path })
    await browser.inStep(id)
    await browser.client.folders.pause({ id })
    rmSync(path, { recursive: true })
    await browser.client.folders.resume({ id })
    await until(() => browser.folder(id).state === 'error', 'the error')
    expect(browser.folder(id).problemList[0]?.code).toBe('folder-missing')
    ground.project('gone')
    await until(
      () => browser.folder(id).problemList[0]?.code !== 'folder-missing',
      'the folder to be seen again',
    )
  })
})

test('settings are kept, and heard by every page', async () => {
  const other = await Browser.enter(daemon)
  await other.follow()
  await browser.client.settings.set({ theme: 'dark', history: { days: 7, megabytes: 100 } })
  await until(() => other.state.settings.theme === 'dark', 'the theme')
  await other.close()
  await expect(browser.client.settings.set({ history: { days: 0, megabytes: 100 } })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  })
  await browser.close()
  await daemon.close()
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  expect(await browser.client.settings.get()).toMatchObject({ theme: 'dark', history: { days: 7 } })
})

test('R16.7 how long history is kept reaches each folder, also one that is paused', async () => {
  const { b, pathA, pathB } = await twoFolders()
  await browser.client.folders.pause({ id: b })
  await until(() => browser.folder(b).paused === 'folder', 'the folder to be paused')
  await browser.client.settings.set({ history: { days: 365, megabytes: 100 } })
  for (const path of [pathA, pathB]) {
    expect(retentionOf(path)).toEqual({ maxAgeMs: 365 * 24 * 60 * 60_000, maxBytes: 100 * 1024 * 1024 })
  }
})

/** What any engine on the folder finds, that of the command line too. */
function retentionOf(path: string): Retention {
  const state = openStateStore(join(folderHome(ground.env['LOCKSTEP_HOME']!, realpathSync(path)), 'state.db'))
  try {
    return state.loadRetention()
  } finally {
    state.close()
  }
}

function existsWith(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content
  } catch {
    return false
  }
}
