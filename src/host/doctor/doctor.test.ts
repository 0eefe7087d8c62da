import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../adapters/memory/memory-database.ts'
import { AdapterError } from '../../engine/ports/adapter.ts'
import type { EngineAdapter } from '../../engine/ports/adapter.ts'
import { nodeClock } from '../../platform/node-clock.ts'
import { loadProject } from '../project.ts'
import type { Project } from '../project.ts'
import { checkDatabase, judgeClock } from './database.ts'
import { checkContentRoot, checkHardLinks, checkStateFolder } from './disk.ts'
import { isNetworkFileSystem, mountOf, parseMountInfo } from '../../platform/mount-info.ts'
import { checkSqlitePlace } from './sqlite-place.ts'
import { findSyncedFolder } from './synced-folder.ts'
import { checkWatchLimits, countFolders, judgeLimits } from './watch-limits.ts'

let top: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-doctor-')))
})

afterEach(() => {
  rmSync(top, { recursive: true, force: true })
})

function put(path: string, text: string): string {
  const full = join(top, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}

function project(patterns: readonly string[] = ['data/**/*.md']): Project {
  put('bot/data/sync-config.json', JSON.stringify({ syncFilePatterns: patterns }))
  return loadProject(join(top, 'bot'), {})
}

describe('mounts', () => {
  const mounts = parseMountInfo(
    [
      '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
      '30 22 0:40 / /home/ann/Team\\040Share rw,nosuid shared:9 master:3 - nfs4 server:/x rw,vers=4.2',
      '31 22 0:41 / /mnt rw - cifs //server/x rw',
      '32 31 0:42 / /mnt/fast rw - xfs /dev/sdb1 rw',
      '33 22 0:43 / /over rw - ext4 /dev/sdc1 rw',
      '34 33 0:44 / /over rw - fuse.sshfs ann@host: rw',
      '',
    ].join('\n'),
  )

  test.each([
    ['/home/ann/x.db', 'ext4', false],
    ['/home/ann/Team Share/x.db', 'nfs4', true],
    ['/home/ann/Team Shared/x.db', 'ext4', false],
    ['/mnt/x.db', 'cifs', true],
    ['/mnt/fast/x.db', 'xfs', false],
    ['/over/x.db', 'fuse.sshfs', true],
  ])('%s lies on %s', (path, type, isNetwork) => {
    const mount = mountOf(path, mounts)
    expect(mount?.type).toBe(type)
    expect(mount !== null && isNetworkFileSystem(mount)).toBe(isNetwork)
  })
})

describe('folders that other programs sync', () => {
  test.each([
    ['/home/ann/Dropbox/bot', 'Dropbox', null],
    ['/Users/ann/Library/CloudStorage/GoogleDrive-ann@x.org/My Drive', 'Google Drive', null],
    ['/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/a', 'iCloud Drive', null],
    ['C:/Users/ann/OneDrive - Acme/bot', 'OneDrive', null],
    ['/srv/shared/bot', 'Syncthing', '/srv/shared/.stfolder'],
    ['/home/ann/files', 'Nextcloud', '/home/ann/.nextcloudsync.log'],
  ])('%s belongs to %s', (folder, service, marker) => {
    expect(findSyncedFolder(folder, path => path === marker)?.service).toBe(service)
  })

  test.each(['/home/ann/dropbox-export', '/home/ann/projects/OneDriver', '/srv/bot'])(
    '%s is nobody’s',
    folder => {
      expect(findSyncedFolder(folder, () => false)).toBeNull()
    },
  )
})

describe('the place of the SQLite file', () => {
  const idsOf = (checks: readonly { id: string; status: string }[]): string[] =>
    checks.map(({ id, status }) => `${status} ${id}`)

  test('the default is a good one', () => {
    const bot = project()
    expect(idsOf(checkSqlitePlace(bot, bot.sqlitePath!, []))).toEqual(['ok sqlite-place'])
  })

  test('a network disk', () => {
    const mounts = [{ point: top, type: 'nfs4' }]
    expect(idsOf(checkSqlitePlace(project(), join(top, 'x.db'), mounts))).toEqual([
      'warning sqlite-place-network',
    ])
  })

  test('a folder that another program syncs', () => {
    put('Dropbox/.dropbox', '')
    expect(idsOf(checkSqlitePlace(project(), join(top, 'Dropbox/x.db'), []))).toEqual([
      'warning sqlite-place-synced',
    ])
  })

  test('R10 a name that the denylist does not know and a pattern matches', () => {
    const bot = project(['data/**'])
    expect(idsOf(checkSqlitePlace(bot, join(bot.folder, 'data/store.bin'), []))).toEqual([
      'failed sqlite-place-pattern',
    ])
    expect(idsOf(checkSqlitePlace(bot, join(bot.folder, 'data/store.db'), []))).toEqual(['ok sqlite-place'])
  })

  test('F23 the content folder of another project', () => {
    put('other/data/sync-config.json', '{}')
    expect(idsOf(checkSqlitePlace(project(), join(top, 'other/data/sync.db'), []))).toEqual([
      'warning sqlite-place-other-content',
    ])
  })
})

describe('watch limits', () => {
  test.each([
    [100, 8192, 'ok'],
    [5000, 8192, 'warning'],
    [9000, 8192, 'failed'],
  ])('%i folders of %i watches: %s', (needed, watches, status) => {
    const check = judgeLimits(needed, { watches, instances: 128 })
    expect(check.status).toBe(status)
    if (status !== 'ok') expect(check.advice).toContain('sysctl fs.inotify.max_user_watches=')
  })

  test('F26 counts folders, only those in which something may sync', () => {
    const bot = project(['data/**/*.md', '!data/big/**'])
    for (const path of ['data/a/b/x.md', 'data/big/deep/y.md', 'data/node_modules/p/z.md', 'src/w.md']) {
      put(`bot/${path}`, '')
    }
    expect(countFolders(bot.folder, bot.rules)).toBe(3)
    expect(checkWatchLimits(bot.folder, bot.rules).message).toMatch(/Folders to watch: 3;|folders in it: 3/)
  })
})

describe('the clock', () => {
  test.each([
    [null, 'ok'],
    [1_000_000 - 86_400_000, 'ok'],
    [1_002_000, 'ok'],
    [1_005_000, 'warning'],
  ])('F15 newest version %s at 1000000: %s', (newest, status) => {
    expect(judgeClock(newest, 1_000_000).status).toBe(status)
  })
})

describe('the database', () => {
  test('that answers and can be written passes, and the probe is gone', async () => {
    const memory = createMemoryDatabase()
    const other = memory.adapter()
    for (const path of ['data/a.md', 'data/b.md']) {
      const record = { path, content: 'x', app: 'bot', ownerId: 'shared', lastUpdated: Date.now() }
      await other.set(`bot:${path}`, record)
    }
    const before = await other.query('bot', 'shared')
    const checks = await checkDatabase(project(), memory.adapter(), memory.adapter(), nodeClock)
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(checks.map(({ id }) => id)).toEqual([
      'database-reachable',
      'database-credentials',
      'database-schema',
      'database-read',
      'database-writable',
      'database-feed',
      'database-latency',
      'clock',
    ])
    expect(await other.query('bot', 'shared')).toEqual(before)
    expect(memory.records().size).toBe(before.length)
  })

  test('that refuses writes says so', async () => {
    const adapter: EngineAdapter = {
      ...createMemoryDatabase().adapter(),
      commit: writes =>
        Promise.resolve(
          writes.map(() => ({
            status: 'failed',
            error: new AdapterError('denied', 'No right.', { retryable: false }),
          })),
        ),
    }
    const checks = await checkDatabase(project(), adapter, adapter, nodeClock)
    expect(checks.find(({ id }) => id === 'database-writable')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('No right.'),
    })
  })

  test('that cannot be reached says where it is looked for', async () => {
    const adapter: EngineAdapter = {
      ...createMemoryDatabase().adapter(),
      heads: () => Promise.reject(new AdapterError('offline', 'No answer.', { retryable: true })),
    }
    const [check, ...others] = await checkDatabase(project(), adapter, adapter, nodeClock)
    expect(check).toMatchObject({ id: 'database-reachable', status: 'failed' })
    expect(check?.message).toContain('sync.db')
    expect(others).toEqual([])
  })
})

describe('the disk', () => {
  test('a good folder passes, and nothing is left in it', () => {
    expect(checkContentRoot(top).status).toBe('ok')
    expect(checkHardLinks(top)?.status).toBe('ok')
    expect(checkStateFolder(top).status).toBe('ok')
    expect(readdirSync(top)).toEqual([])
  })

  test('R8 a content folder that is missing says that nothing is deleted', () => {
    const check = checkContentRoot(join(top, 'gone'))
    expect(check.status).toBe('failed')
    expect(check.advice).toContain('nothing is deleted')
    expect(checkHardLinks(join(top, 'gone'))).toBeNull()
  })

  test.skipIf(process.platform === 'win32')('a state folder that everybody may write in', () => {
    chmodSync(top, 0o1777)
    const check = checkStateFolder(top)
    expect(check.status).toBe('warning')
    expect(check.advice).toContain('LOCKSTEP_HOME')
  })

  test('a state folder that cannot be one', () => {
    const check = checkStateFolder(join(put('file', ''), 'home'))
    expect(check.status).toBe('failed')
    expect(check.advice).toContain('LOCKSTEP_HOME')
  })
})
