import { describe, expect, test, vi } from 'vitest'
import {
  AdapterError,
  type EngineAdapter,
  type FileRecord,
  type FileSyncAdapter,
} from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { RemoteHint } from '../engine/ports/remote-store.ts'
import { VERSION_LIMIT } from '../engine/core/version.ts'
import { createMemoryDatabase } from './memory/memory-database.ts'
import { createRemoteStore } from './remote-store.ts'

const SCOPE = { appId: 'app', ownerId: 'shared' }

/** Sleepers wake when the test says so. */
function manualClock(): Clock & { wake(): Promise<void>; readonly pauses: number[] } {
  const sleepers = new Set<() => void>()
  const pauses: number[] = []
  return {
    now: () => 0,
    monotonic: () => 0,
    random: () => 0.5,
    yield: async () => {},
    pauses,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        pauses.push(ms)
        sleepers.add(resolve)
        signal?.addEventListener('abort', () => resolve())
      }),
    async wake() {
      for (const resolve of sleepers) resolve()
      sleepers.clear()
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

/** The five methods of a memory adapter alone, so that what they lack must be made up for. */
function plain(adapter: EngineAdapter, overrides: Partial<FileSyncAdapter> = {}): FileSyncAdapter {
  const { query, get, set, delete: remove, subscribe } = adapter
  return { query, get, set, delete: remove, subscribe, ...overrides }
}

function row(path: string, content = 'x'): FileRecord {
  return { path, content, app: 'app', ownerId: 'shared', lastUpdated: 1_000 }
}

async function headsOf(adapter: EngineAdapter, os: 'posix' | 'windows' = 'posix') {
  const store = createRemoteStore(adapter, SCOPE, { clock: manualClock(), os })
  for await (const page of store.heads(new AbortController().signal)) return page
  throw new Error('no page')
}

describe('what is refused', () => {
  test('R11 a name that Windows cannot hold is refused there, and nowhere else', async () => {
    const adapter = createMemoryDatabase().adapter()
    await adapter.set('app:data/a:b.md', row('data/a:b.md'))
    expect((await headsOf(adapter)).refused).toEqual([])
    expect((await headsOf(adapter, 'windows')).refused).toMatchObject([
      { code: 'unsupported-name', path: 'data/a:b.md' },
    ])
  })

  test('R8.18 a private record as an agent-native server names it is told as that, in its user’s channel alone', async () => {
    const adapter = createMemoryDatabase().adapter()
    const ofUser = { ...row('data/a.md'), ownerId: 'ann' }
    await adapter.set('app:data/a.md', ofUser)
    await adapter.set('other:data/a.md', ofUser)
    const store = createRemoteStore(adapter, { appId: 'app', ownerId: 'ann' }, { clock: manualClock() })
    for await (const { heads, refused } of store.heads(new AbortController().signal)) {
      expect(heads).toEqual([])
      expect(refused).toMatchObject([
        { code: 'server-record', path: 'app:data/a.md', message: expect.stringContaining('lockstep adopt') },
        { code: 'foreign-id', path: 'other:data/a.md' },
      ])
    }
  })

  test('R4.12 a version that is too high is refused in whatever way the record is read', async () => {
    const adapter = createMemoryDatabase().adapter()
    await adapter.set('app:data/a.md', { ...row('data/a.md'), lastUpdated: VERSION_LIMIT })
    for (const each of [adapter, plain(adapter)]) {
      expect(await headsOf(each)).toMatchObject({ heads: [], refused: [{ code: 'undecodable' }] })
      const store = createRemoteStore(each, SCOPE, { clock: manualClock() })
      expect(await store.read(['data/a.md'])).toMatchObject([
        { status: 'refused', problem: { code: 'undecodable', message: expect.stringContaining('too high') } },
      ])
    }
  })

  test.each([Number.NaN, 1.5, 2 ** 60, 2 ** 53 - 1])(
    'R12 the version %d is refused, for none could follow it',
    async lastUpdated => {
      const adapter = createMemoryDatabase().adapter()
      await adapter.set('app:data/a.md', { ...row('data/a.md'), lastUpdated })
      expect(await headsOf(adapter)).toMatchObject({
        heads: [],
        refused: [{ code: 'undecodable', path: 'data/a.md' }],
      })
    },
  )

  test.each([{ app: 'other' }, { ownerId: 'ann' }, { path: 'data/b.md' }])(
    'F12 R15 a record with %o is refused',
    async wrong => {
      const adapter = createMemoryDatabase().adapter()
      await adapter.set('app:data/a.md', { ...row('data/a.md'), ...wrong })
      const store = createRemoteStore(adapter, SCOPE, { clock: manualClock() })
      expect(await store.read(['data/a.md'])).toMatchObject([
        { status: 'refused', problem: { code: 'foreign-id', path: 'data/a.md' } },
      ])
    },
  )

  test('F10 a record without a text is refused', async () => {
    const broken = plain(createMemoryDatabase().adapter(), {
      get: async id => ({
        id,
        data: JSON.parse(
          '{"path":"data/a.md","content":null,"app":"app","ownerId":"shared","lastUpdated":1}',
        ) as FileRecord,
      }),
    })
    const store = createRemoteStore(broken, SCOPE, { clock: manualClock() })
    expect(await store.read(['data/a.md'])).toMatchObject([
      { status: 'refused', problem: { code: 'undecodable' } },
    ])
  })
})

test('R12 a record in which an adapter finds no text is told as that, not as one of another path', async () => {
  const adapter = createMemoryDatabase().adapter()
  await adapter.set('app:data/a.md', { ...row('data/a.md'), path: '', content: '' })
  const store = createRemoteStore(adapter, SCOPE, { clock: manualClock() })
  expect(await store.read(['data/a.md'])).toMatchObject([
    {
      status: 'refused',
      problem: { code: 'undecodable', message: expect.stringContaining('holds no text') },
    },
  ])
})

describe('what five methods lack', () => {
  test('says which promises are weaker, and none for a complete adapter', () => {
    const adapter = createMemoryDatabase().adapter()
    expect(createRemoteStore(adapter, SCOPE, { clock: manualClock() }).caveats).toEqual([])
    expect(createRemoteStore(plain(adapter), SCOPE, { clock: manualClock() }).caveats).toHaveLength(4)
  })

  test('F3 a write that another overwrites at once is lost, not done', async () => {
    const adapter = createMemoryDatabase().adapter()
    const racing = plain(adapter, {
      async set(id, record) {
        await adapter.set(id, record)
        await adapter.set(id, { content: 'theirs' })
      },
    })
    const store = createRemoteStore(racing, SCOPE, { clock: manualClock() })
    const results = await store.commit([
      { kind: 'set', path: 'data/a.md', expected: null, content: 'mine', version: 2_000 },
    ])
    expect(results).toEqual([{ status: 'lost' }])
  })

  test('F16 a write that fails does not fail the others, and names its cause', async () => {
    const adapter = createMemoryDatabase().adapter()
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const failing = plain(adapter, {
      async set(id, record) {
        if (id === 'app:data/b.md') throw new TypeError('fetch failed', { cause })
        await adapter.set(id, record)
      },
    })
    const store = createRemoteStore(failing, SCOPE, { clock: manualClock() })
    const paths = ['data/a.md', 'data/b.md', 'data/c.md']
    const results = await store.commit(
      paths.map(path => ({ kind: 'set', path, expected: null, content: 'x', version: 1 })),
    )
    expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'done'])
    expect(results[1]).toMatchObject({ error: { code: 'offline', retryable: true } })
  })

  test('F3 writes of one path follow each other', async () => {
    const database = createMemoryDatabase()
    const store = createRemoteStore(plain(database.adapter()), SCOPE, { clock: manualClock() })
    const create = (content: string) =>
      store.commit([{ kind: 'set', path: 'data/a.md', expected: null, content, version: 1 }])
    const results = await Promise.all([create('1'), create('2'), create('3')])
    expect(results.flat().map(({ status }) => status)).toEqual(['done', 'lost', 'lost'])
    expect(database.records().get('app:data/a.md')?.content).toBe('1')
  })

  test('F14 a delete that the feed does not tell is found by comparing, every 30 s', async () => {
    const adapter = createMemoryDatabase().adapter()
    const clock = manualClock()
    const store = createRemoteStore(plain(adapter, { subscribe: () => () => {} }), SCOPE, { clock })
    await adapter.set('app:data/a.md', row('data/a.md'))
    await adapter.set('app:data/b.md', row('data/b.md'))
    const hints: RemoteHint[] = []
    const end = store.subscribe(
      hint => hints.push(hint),
      () => expect.unreachable(),
    )
    await clock.wake()
    expect(hints).toEqual(['everything'])
    await clock.wake()
    expect(hints).toHaveLength(1)
    await adapter.delete('app:data/a.md')
    await adapter.set('app:data/b.md', { content: 'same version, other text' })
    await clock.wake()
    expect(hints[1]).toMatchObject([
      { path: 'data/b.md', head: { version: 1_000 } },
      { path: 'data/a.md', head: null },
    ])
    expect(clock.pauses.every(pause => pause >= 30_000)).toBe(true)
    end()
    await clock.wake()
    expect(hints).toHaveLength(2)
  })

  test('F21 a notice of a delete that has nothing but the id is enough', async () => {
    const told: RemoteHint[] = []
    const adapter = plain(createMemoryDatabase().adapter(), {
      subscribe(_app, _owner, onChange) {
        onChange([{ type: 'removed', id: 'app:data/a.md', data: JSON.parse('{}') as FileRecord }])
        return () => {}
      },
    })
    createRemoteStore(adapter, SCOPE, { clock: manualClock() }).subscribe(
      hint => told.push(hint),
      () => expect.unreachable(),
    )()
    expect(told).toEqual([[{ path: 'data/a.md' }]])
  })

  test.each(['throws', 'reports'] as const)('F29 a feed that %s an error at once ends with it, once', how => {
    const unsubscribe = vi.fn()
    const adapter = plain(createMemoryDatabase().adapter(), {
      subscribe(_app, _owner, _onChange, onError) {
        if (how === 'throws') throw new Error('no feed')
        onError(new Error('no feed'))
        onError(new Error('again'))
        return unsubscribe
      },
    })
    const errors: unknown[] = []
    createRemoteStore(adapter, SCOPE, { clock: manualClock() }).subscribe(
      () => expect.unreachable(),
      error => errors.push(error),
    )
    expect(errors).toHaveLength(1)
    expect(unsubscribe).toHaveBeenCalledTimes(how === 'throws' ? 0 : 1)
  })
})

test.each([
  [new Error('odd'), 'unknown'],
  ['a string', 'unknown'],
  [Object.assign(new Error('dns'), { code: 'ENOTFOUND' }), 'offline'],
] as const)('R13 whatever an adapter throws (%s) is an AdapterError with its cause', async (thrown, code) => {
  const adapter = plain(createMemoryDatabase().adapter(), {
    query: vi.fn().mockRejectedValue(thrown),
  })
  const error = await headsOf(adapter).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AdapterError)
  expect(error).toMatchObject({ code, retryable: true, cause: thrown })
})

test('R8 an exchanged memory database has another identity and tells everything', async () => {
  const database = createMemoryDatabase({ name: 'first' })
  const store = createRemoteStore(database.adapter(), SCOPE, { clock: manualClock() })
  await store.commit([{ kind: 'set', path: 'data/a.md', expected: null, content: 'x', version: 1 }])
  const hints: RemoteHint[] = []
  store.subscribe(
    hint => hints.push(hint),
    () => expect.unreachable(),
  )
  expect(await store.identity()).toBe('first')
  database.exchange('second')
  expect(await store.identity()).toBe('second')
  expect(hints).toEqual(['everything'])
})
