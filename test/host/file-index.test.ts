/** The list of 100,000 files: any window of it, any search, in slices that leave the event loop alone. */
import { describe, expect, test } from 'vitest'
import { type ChannelFiles, FileIndex, type FilesQuery } from '../../src/host/app/file-index.ts'
import { sortInSlices } from '../../src/host/app/slices.ts'
import { countWork } from '../support/work.ts'

const COUNT = 100_000
/** Between two turns of the event loop, some two thirds above what it is. Blocks. */
const MOST_WORK = 150_000

type Changeable = { -readonly [Key in keyof ChannelFiles]: ChannelFiles[Key] }

function channel(
  count: number,
): Changeable & { local: Map<string, { fingerprint: { size: number; mtimeMs: number } }> } {
  const local = new Map<string, { fingerprint: { size: number; mtimeMs: number } }>()
  // In an order that is not theirs.
  for (let n = 0; n < count; n++) {
    const id = (n * 7_919) % count
    local.set(`data/${id % 100}/file-${id}.json`, { fingerprint: { size: id, mtimeMs: id } })
  }
  return {
    channel: 'shared',
    local,
    base: new Map(),
    remote: new Map(),
    pending: new Set(),
    blocked: new Set(),
    conflicts: new Map(),
    holds: new Map(),
    retries: new Map(),
    refused: new Map(),
    unmatched: new Set(),
  }
}

const ALL: FilesQuery = { search: '', states: [], offset: 0, limit: 100 }

test('a window of 100,000 files is sorted, searched and filtered', async () => {
  const files = channel(COUNT)
  files.conflicts = new Map([['data/7/file-7.json', {}]])
  files.holds = new Map([['data/8/gone.json', {}]])
  files.retries = new Map([['data/9/file-9.json', { message: 'The disk is full.' }]])
  files.pending = new Set(['data/10/file-10.json'])
  const index = new FileIndex(
    () => Promise.resolve([files]),
    () => 1,
  )
  const first = await index.list(ALL)
  const last = await index.list({ ...ALL, offset: COUNT - 50 })
  const found = await index.list({ ...ALL, search: 'FILE-99 json' })
  const special = await index.list({ ...ALL, states: ['conflict', 'held', 'problem', 'pending'] })

  expect(first.total).toBe(COUNT + 1)
  expect(first.rows).toHaveLength(100)
  const paths = [...files.local.keys(), 'data/8/gone.json'].sort()
  expect(first.rows.map(({ path }) => path)).toEqual(paths.slice(0, 100))
  expect(last.rows.map(({ path }) => path)).toEqual(paths.slice(COUNT - 50))
  expect(found.total).toBe(paths.filter(path => path.includes('file-99')).length)
  expect(special.rows.map(({ path, state }) => `${state} ${path}`)).toEqual([
    'pending data/10/file-10.json',
    'conflict data/7/file-7.json',
    'held data/8/gone.json',
    'problem data/9/file-9.json',
  ])
  expect(special.rows[3]?.note).toBe('The disk is full.')
  expect(first.counts).toEqual({ 'in-step': COUNT - 3, pending: 1, conflict: 1, held: 1, problem: 1 })
})

test('a list of 100,000 files is made in short slices between turns of the event loop', async () => {
  const [, ...slices] = await countWork(`
    // A look at the clock is due after so many items: time goes on by them.
    let now = 0
    performance.now = () => (now += 0.25)
    const { FileIndex } = await load('host/app/file-index.ts')
    const local = new Map()
    for (let n = 0; n < ${COUNT}; n++) {
      const id = (n * 7_919) % ${COUNT}
      local.set('data/' + (id % 100) + '/file-' + id + '.json', { fingerprint: { size: id, mtimeMs: id } })
    }
    const [map, set] = [new Map(), new Set()]
    const files = { channel: 'shared', local, base: map, remote: map, pending: set, blocked: set, conflicts: map,
      holds: map, retries: map, refused: map, unmatched: set }
    const index = new FileIndex(() => Promise.resolve([files]), () => 1)
    let isDone = false
    const turn = () => {
      count()
      if (!isDone) setImmediate(turn)
    }
    turn()
    const all = { search: '', states: [], offset: 0, limit: 100 }
    await index.list(all)
    const { total } = await index.list({ ...all, search: 'FILE-99 json', states: ['in-step'] })
    isDone = true
    count()
    if (total !== 1_111) throw new Error('found ' + total)`)
  expect(slices.length).toBeGreaterThan(100)
  expect(Math.max(...slices)).toBeLessThan(MOST_WORK)
})

describe('while a folder changes', () => {
  test('rows are as they are now, and the list is made anew once its revision has risen', async () => {
    let revision = 1
    const files = channel(3)
    const pending = new Set<string>()
    files.pending = pending
    const index = new FileIndex(
      () => Promise.resolve([files]),
      () => revision,
    )
    expect((await index.list(ALL)).counts.pending).toBe(0)
    pending.add('data/1/file-1.json')
    expect((await index.list(ALL)).rows.find(({ path }) => path === 'data/1/file-1.json')?.state).toBe(
      'pending',
    )
    files.local.set('data/new.json', { fingerprint: { size: 1, mtimeMs: 1 } })
    revision = 2
    index.forget()
    expect(await index.list(ALL)).toMatchObject({ revision: 2, total: 4 })
  })

  test('a failure to read them is told, and tried again', async () => {
    let fails = true
    const index = new FileIndex(
      () => (fails ? Promise.reject(new Error('no store')) : Promise.resolve([channel(1)])),
      () => 1,
    )
    await expect(index.list(ALL)).rejects.toThrow('no store')
    fails = false
    expect((await index.list(ALL)).total).toBe(1)
  })
})

test('a sort in slices is the sort, and stable', async () => {
  const items = Array.from({ length: 20_000 }, (_, at) => ({ key: (at * 31) % 97, at }))
  const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key
  expect(await sortInSlices(items, compare)).toEqual(items.toSorted(compare))
  expect(await sortInSlices([], compare)).toEqual([])
})

test('R12 a file that is in no tree because something is wrong with it is listed, with the reason', async () => {
  const files = channel(10)
  const message = 'The file is too large.'
  const problems = new Map([
    ['data/3/big.json', { channel: 'shared', message } as const],
    ['data/4/file-4.json', { channel: 'shared', message } as const],
    ['data/5/private.json', { channel: 'private', message } as const],
  ])
  const index = new FileIndex(
    () => Promise.resolve([files]),
    () => 1,
    () => problems,
  )
  const { total, rows } = await index.list({ ...ALL, states: ['problem'] })
  expect(total).toBe(2)
  expect(rows).toMatchObject([
    { path: 'data/3/big.json', state: 'problem', note: message, size: null },
    { path: 'data/4/file-4.json', state: 'problem', note: message, size: 4 },
  ])
})
