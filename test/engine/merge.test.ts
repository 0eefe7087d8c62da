/** What happens to files that both sides have changed (R5): merges, and the policies that decide without one. */
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { MemoryDevice } from '../support/memory-devices.ts'
import { KEEP_NONE, prune } from '../support/prune.ts'
import { pace } from '../support/until.ts'

const JSON_BASE = '{\n  "a": 1,\n  "b": 2\n}\n'

async function pair(policy?: string): Promise<{ a: MemoryDevice; b: MemoryDevice } & AsyncDisposable> {
  const database = createMemoryDatabase()
  const config = policy === undefined ? {} : { conflictPolicy: [{ pattern: 'data/**', policy }] }
  const [a, b] = [new MemoryDevice(database, { config }), new MemoryDevice(database, { config })]
  return {
    a,
    b,
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

/** Both start with `base`, are changed while offline, and sync: a, b, and a again. */
async function changeBoth(
  { a, b }: { a: MemoryDevice; b: MemoryDevice },
  path: string,
  base: string | null,
  local: string,
  remote: string,
): Promise<Awaited<ReturnType<MemoryDevice['sync']>>> {
  if (base !== null) {
    a.write(path, base)
    await a.sync()
    await b.sync()
  }
  a.write(path, remote)
  b.write(path, local)
  await a.sync()
  const events = await b.sync()
  await a.sync()
  return events
}

const actions = (events: Awaited<ReturnType<MemoryDevice['sync']>>): string[] =>
  events.flatMap(event => (event.type === 'file' ? [event.action] : []))

describe.concurrent('R5 a clean merge', () => {
  test.each([
    [
      'data/s.json',
      JSON_BASE,
      JSON_BASE.replace('1', '11'),
      JSON_BASE.replace('2', '22'),
      '{\n  "a": 11,\n  "b": 22\n}\n',
    ],
    [
      'data/log.jsonl',
      '{"n":1}\n',
      '{"n":1}\n{"n":3}\n',
      '{"n":1}\n{"n":2}\n',
      '{"n":1}\n{"n":2}\n{"n":3}\n',
    ],
    ['data/n.md', '1\n2\n3\n4\n5\n', 'one\n2\n3\n4\n5\n', '1\n2\n3\n4\nfive\n', 'one\n2\n3\n4\nfive\n'],
  ])(
    'of %s reaches both sides, and the version before it is in the history',
    async (path, base, local, remote, merged) => {
      await using devices = await pair()
      const events = await changeBoth(devices, path, base, local, remote)
      expect(actions(events)).toEqual(['merge', 'push'])
      expect([devices.a.read(path), devices.b.read(path)]).toEqual([merged, merged])
      const { state, scope } = devices.b
      const entry = state.loadHistory(scope, path).find(({ cause }) => cause === 'merged')
      expect(entry).toMatchObject({ device: 'here' })
      expect(Buffer.from(state.readContent(entry!.digest)!).toString()).toBe(local)
      expect(state.loadConflicts(scope)).toEqual([])
    },
  )

  test('R3 of what the other side has in it already is a mere push', async () => {
    await using devices = await pair()
    const both = '{\n  "a": 11,\n  "b": 22\n}\n'
    const events = await changeBoth(devices, 'data/s.json', JSON_BASE, both, JSON_BASE.replace('2', '22'))
    expect(actions(events)).toEqual(['merge', 'push'])
    expect(devices.a.read('data/s.json')).toBe(both)
  })

  test('after weeks and many syncs still has its base', async () => {
    await using devices = await pair()
    const { a, b } = devices
    const lines = (first: string, last: string): string => [first, 'b', 'c', 'd', 'e', last, ''].join('\n')
    a.write('data/n.md', lines('a', 'i'))
    await a.sync()
    await b.sync()
    for (let week = 0; week < 5; week += 1) {
      a.write('data/n.md', lines('a', `i${week}`))
      await a.sync()
      await prune(a.state, KEEP_NONE, Date.now())
    }
    b.write('data/n.md', lines('offline', 'i'))
    await prune(b.state, KEEP_NONE, Date.now())
    await b.sync()
    await a.sync()
    expect(a.read('data/n.md')).toBe(lines('offline', 'i4'))
  })
})

describe.concurrent('R6 what does not merge', () => {
  test.each([
    ['the same value', 'data/s.json', JSON_BASE, JSON_BASE.replace('1', '11'), JSON_BASE.replace('1', '12')],
    ['the same line', 'data/n.md', '1\n2\n', 'one\n2\n', 'uno\n2\n'],
    ['two new files', 'data/n.md', null, 'mine\n', 'theirs\n'],
    ['JSON that does not parse', 'data/s.json', JSON_BASE, '{"a": 1,,}', JSON_BASE.replace('1', '12')],
    [
      'TOML that no program would read',
      'data/s.toml',
      'a = 1\nb = 2\n',
      'z = 9\na = 1\nb = 2\n',
      'a = 1\nb = 2\nz = 7\n',
    ],
  ])('%s: the file stays, the other version lies beside it', async (_, path, base, local, remote) => {
    await using devices = await pair()
    const events = await changeBoth(devices, path, base, local, remote)
    expect(actions(events)).toEqual(['conflict'])
    expect([devices.a.read(path), devices.b.read(path)]).toEqual([remote, local])
    expect(devices.b.read(`${path}.conflict`)).toBe(remote)
  })

  test('bytes that are no text are never merged, and kept byte for byte', async () => {
    await using devices = await pair()
    const { a, b } = devices
    const bytes = (last: number): Buffer => Buffer.from([0xff, 0, 0x0a, last])
    a.write('data/x.bin', bytes(0))
    await a.sync()
    await b.sync()
    a.write('data/x.bin', bytes(1))
    b.write('data/x.bin', bytes(2))
    await a.sync()
    expect(actions(await b.sync())).toEqual(['conflict'])
    expect([b.bytes('data/x.bin'), b.bytes('data/x.bin.conflict')]).toEqual([bytes(2), bytes(1)])
  })

  test('an edit that makes the sides merge ends the conflict', async () => {
    await using devices = await pair()
    await changeBoth(
      devices,
      'data/s.json',
      JSON_BASE,
      JSON_BASE.replace('1', '11'),
      JSON_BASE.replace('1', '12'),
    )
    const { a, b } = devices
    b.write('data/s.json', '{\n  "a": 1,\n  "b": 2,\n  "mine": true\n}\n')
    expect(actions(await b.sync())).toEqual(['merge', 'push', 'resolve'])
    await a.sync()
    const merged = '{\n  "a": 12,\n  "b": 2,\n  "mine": true\n}\n'
    expect([a.read('data/s.json'), b.read('data/s.json')]).toEqual([merged, merged])
    expect(() => b.read('data/s.json.conflict')).toThrow('ENOENT')
  })
})

describe.concurrent('R5 a policy', () => {
  test('ask never merges', async () => {
    await using devices = await pair('ask')
    const [local, remote] = [JSON_BASE.replace('1', '11'), JSON_BASE.replace('2', '22')]
    expect(actions(await changeBoth(devices, 'data/s.json', JSON_BASE, local, remote))).toEqual(['conflict'])
  })

  test.each(['local', 'remote'] as const)(
    '%s takes that side, and the other is in the history',
    async policy => {
      await using devices = await pair(policy)
      const { a, b } = devices
      const events = await changeBoth(devices, 'data/n.md', 'old\n', 'local\n', 'remote\n')
      expect(actions(events)).toEqual(policy === 'local' ? ['resolve', 'push'] : ['resolve'])
      expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual([`${policy}\n`, `${policy}\n`])
      const entry = b.state.loadHistory(b.scope, 'data/n.md').find(({ cause }) => cause === 'lost-conflict')
      const lost = policy === 'local' ? 'remote\n' : 'local\n'
      expect(Buffer.from(b.state.readContent(entry!.digest)!).toString()).toBe(lost)
    },
  )

  test('union takes what both sides added in one place', async () => {
    await using devices = await pair('union')
    const { a, b } = devices
    expect(actions(await changeBoth(devices, 'data/n.md', 'old\n', 'old\ny\n', 'old\nx\n'))).toEqual([
      'merge',
      'push',
    ])
    expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual(['old\nx\ny\n', 'old\nx\ny\n'])
    expect(b.state.loadConflicts(b.scope)).toEqual([])
  })

  test('newest takes what was written last, also of two new files', async () => {
    await using devices = await pair('newest')
    const { a, b } = devices
    b.write('data/early.md', 'local\n')
    a.write('data/late.md', 'remote\n')
    a.write('data/early.md', 'remote\n')
    await a.sync()
    // Later than the records, by more than a tick of the kernel's file clock.
    await pace(30)
    b.write('data/late.md', 'local\n')
    await b.sync()
    await a.sync()
    expect([a, b].map(device => device.read('data/early.md'))).toEqual(['remote\n', 'remote\n'])
    expect([a, b].map(device => device.read('data/late.md'))).toEqual(['local\n', 'local\n'])
  })
})

test.concurrent('R7 an edit beats a delete, from either side', async () => {
  await using devices = await pair()
  const { a, b } = devices
  for (const name of ['x', 'y', 'z']) a.write(`data/${name}.md`, 'old\n')
  await a.sync()
  await b.sync()
  a.remove('data/x.md')
  b.write('data/x.md', 'edited on b\n')
  a.write('data/y.md', 'edited on a\n')
  b.remove('data/y.md')
  await a.sync()
  await b.sync()
  await a.sync()
  for (const device of [a, b]) {
    expect([device.read('data/x.md'), device.read('data/y.md')]).toEqual(['edited on b\n', 'edited on a\n'])
  }
})
