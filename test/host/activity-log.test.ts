import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ActivityEntry, ActivityLog, type ActivityQuery } from '../../src/platform/state/activity-log.ts'

let folder: string
let log: ActivityLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-activity-'))
  log = new ActivityLog(join(folder, 'activity.db'))
})
afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true, force: true })
})

function entry(at: number, rest: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    at,
    folderId: 'a',
    folderName: 'A',
    kind: 'push',
    path: `data/${at}.md`,
    channel: 'shared',
    author: 'this-device',
    reason: 'why',
    ...rest,
  }
}

const ALL: ActivityQuery = { folderId: null, kinds: [], authors: [], search: '', before: null, limit: 10 }

test('is filtered by all that one can ask for, newest first', async () => {
  log.append([
    entry(1),
    entry(2, { folderId: 'b' }),
    entry(3, { kind: 'pull', author: 'another' }),
    entry(4, { kind: 'problem', path: null, channel: null, author: null }),
    entry(5, { path: 'data/100%_done.md' }),
  ])
  const times = async (query: Partial<ActivityQuery>) =>
    (await log.list({ ...ALL, ...query })).map(({ at }) => at)
  expect(await times({})).toEqual([5, 4, 3, 2, 1])
  expect(await times({ folderId: 'a' })).toEqual([5, 4, 3, 1])
  expect(await times({ kinds: ['pull', 'problem'] })).toEqual([4, 3])
  expect(await times({ authors: ['another'] })).toEqual([3])
  expect(await times({ search: 'DONE' })).toEqual([5])
  expect(await times({ search: '100%_' })).toEqual([5])
  expect(await times({ search: '%' })).toEqual([5])
  expect(await times({ before: 3, limit: 1 })).toEqual([2])
})

test('goes through many rows for one that lies far back', async () => {
  log.append([entry(1, { path: 'data/needle.md' })])
  for (let batch = 0; batch < 50; batch++) {
    log.append(Array.from({ length: 1_000 }, (_, n) => entry(batch * 1_000 + n + 2)))
  }
  const [found] = await log.list({ ...ALL, search: 'needle' })
  expect(found?.id).toBe(1)
  expect(log.histogram('a', ['push'], 50_001, 10_000, 6).reduce((sum, n) => sum + n, 0)).toBe(50_001)
  expect(log.latest('a', ['push'])?.at).toBe(50_001)
})

const DAY = 24 * 60 * 60_000
const NOW = 1_800_000_000_000

test('R16.6 forgets what is too old, by days that have gone by and not by one reading of the clock', async () => {
  const times = async () => (await log.list(ALL)).map(({ at }) => at)
  log.append([entry(1), entry(2)])
  await log.prune(30 * DAY, NOW)
  log.append([entry(3)])
  await log.prune(30 * DAY, NOW + 60 * DAY)
  await log.prune(30 * DAY, 978_300_000_000)
  log.append([entry(4)])
  expect(await times()).toEqual([4, 3, 2, 1])
  for (let day = 1; day <= 30; day++) await log.prune(30 * DAY, NOW + (60 + day) * DAY)
  expect(await times()).toEqual([4])
  await log.prune(30 * DAY, NOW + 91 * DAY)
  expect(await times()).toEqual([])
})

test('an older log goes on as it is', () => {
  log.append([entry(1)])
  log.close()
  const before = new Database(join(folder, 'activity.db'))
  before.exec('DROP TABLE life_clock; DROP TABLE marks')
  before.close()
  log = new ActivityLog(join(folder, 'activity.db'))
  expect(log.latest('a', ['push'])?.at).toBe(1)
  expect(readdirSync(folder)).not.toContain('activity.db.damaged')
})

test('begins anew over a damaged file, which it keeps', () => {
  log.close()
  writeFileSync(
    join(folder, 'activity.db'),
    'no database at all, but long enough to be taken for one'.repeat(100),
  )
  log = new ActivityLog(join(folder, 'activity.db'))
  log.append([entry(1)])
  expect(readdirSync(folder)).toContain('activity.db.damaged')
})
