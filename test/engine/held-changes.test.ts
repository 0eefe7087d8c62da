/** Changes of nearly everything at once wait for a person (R8); everything else goes on. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { decide, holdsOf } from '../support/decisions.ts'
import { MemoryDevice } from '../support/memory-devices.ts'
import { until } from '../support/until.ts'

const FILES = 25
/** Files of this age have settled, and one look sees them all, in milliseconds. */
const SETTLED_MS = 60
const PATHS = Array.from({ length: FILES }, (_, n) => `data/${n}.md`)

interface Devices extends AsyncDisposable {
  readonly a: MemoryDevice
  readonly b: MemoryDevice
  /** Puts versions back to what they once were, by a program that writes rows as it likes. */
  goBack(content: string, paths: readonly string[]): Promise<void>
  /** As a program does that writes rows as it likes. */
  write(path: string, content: string): Promise<void>
  deleteRecord(path: string): Promise<void>
}

async function inStep(): Promise<Devices> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database), new MemoryDevice(database)]
  for (const path of PATHS) a.write(path, 'first\n')
  await a.sync()
  await b.sync()
  return {
    a,
    b,
    async goBack(content, paths) {
      const adapter = database.adapter()
      for (const path of paths) {
        const found = (await adapter.get(`app:${path}`))!
        await adapter.set(found.id, { ...found.data, content, lastUpdated: found.data.lastUpdated - 60_000 })
      }
    },
    async write(path, content) {
      const adapter = database.adapter()
      const found = (await adapter.get(`app:${path}`))!
      await adapter.set(found.id, { ...found.data, content, lastUpdated: Date.now() })
    },
    deleteRecord: path => database.adapter().delete(`app:${path}`),
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

const contents = (device: MemoryDevice): Set<string> => new Set(PATHS.map(path => device.read(path)))

function settled({ folder }: MemoryDevice): Promise<void> {
  const isOld = (path: string): boolean => Date.now() - statSync(join(folder, path)).ctimeMs > SETTLED_MS
  return until(() => PATHS.every(isOld), 'the files to settle')
}

describe.concurrent('R8 a database that went back to an older state', () => {
  test('is held, overwrites nothing and deletes nothing, and edits and new files go on', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    b.write('data/new-here.md', 'new\n')
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await a.sync()
    a.write('data/elsewhere.md', 'elsewhere\n')
    b.write(PATHS[20]!, 'edited\n')
    await a.sync()
    await b.sync()
    expect(holdsOf(b).map(({ path, kind, side, reason }) => ({ path, kind, side, reason }))).toEqual(
      PATHS.slice(0, 10)
        .sort()
        .map(path => ({ path, kind: 'change', side: 'local', reason: 'database-restored' })),
    )
    expect(contents(b)).toEqual(new Set(['first\n', 'edited\n']))
    expect(b.read('data/elsewhere.md')).toBe('elsewhere\n')
    await a.sync()
    expect([a.read('data/new-here.md'), a.read(PATHS[20]!)]).toEqual(['new\n', 'edited\n'])
  })

  test('files it does not know yet are held with the others, though they are few', async () => {
    await using devices = await inStep()
    const { b } = devices
    await devices.deleteRecord(PATHS[24]!)
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await b.sync()
    expect(
      holdsOf(b)
        .filter(({ kind }) => kind === 'delete')
        .map(({ path }) => path),
    ).toEqual([PATHS[24]])
    expect(b.read(PATHS[24]!)).toBe('first\n')
  })

  test('edited since on another device, a file is held no longer', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await b.sync()
    await a.sync()
    await decide(a, 'restore')
    a.write(PATHS[0]!, 'edited since\n')
    await a.sync()
    await b.sync()
    expect(b.read(PATHS[0]!)).toBe('edited since\n')
    expect(holdsOf(b)).toEqual([])
  })

  test('restored, every file is as it was before, on both sides', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await b.sync()
    await decide(b, 'restore')
    expect(holdsOf(b)).toEqual([])
    await a.sync()
    expect([contents(a), contents(b)]).toEqual([new Set(['first\n']), new Set(['first\n'])])
  })

  test('approved, exactly those versions are taken, once, and the history has what they replace', async () => {
    await using devices = await inStep()
    const { b } = devices
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await b.sync()
    await decide(b, 'approve')
    expect(PATHS.map(path => b.read(path)).filter(text => text === 'older\n')).toHaveLength(10)
    expect(b.state.loadHistory(b.scope)).toHaveLength(10)
    expect([holdsOf(b), b.state.loadDecisions(b.scope)]).toEqual([[], []])
    await devices.goBack('still older\n', PATHS.slice(0, 10))
    await b.sync()
    expect(holdsOf(b)).toHaveLength(10)
  })

  test('an approval that meets a newer version is used up by nothing but that version', async () => {
    await using devices = await inStep()
    const { b } = devices
    await devices.goBack('older\n', PATHS.slice(0, 10))
    await b.sync()
    await devices.goBack('still older\n', PATHS.slice(0, 10))
    await decide(b, 'approve')
    expect(contents(b)).toEqual(new Set(['first\n']))
    expect(holdsOf(b)).toHaveLength(10)
  })
})

describe.concurrent('R8 all files changed at once while no engine ran', () => {
  test('here are held before they reach the database, and restored from it', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    for (const path of PATHS) b.write(path, 'encrypted\n')
    await settled(b)
    await b.sync()
    expect(holdsOf(b)).toHaveLength(FILES)
    expect(holdsOf(b)[0]).toMatchObject({ kind: 'change', side: 'remote', reason: 'mass-change' })
    await a.sync()
    expect(contents(a)).toEqual(new Set(['first\n']))
    await decide(b, 'restore')
    expect(contents(b)).toEqual(new Set(['first\n']))
    expect(b.state.loadHistory(b.scope)).toHaveLength(FILES)
  })

  test('R8.9 approved, they travel, and are not held again where they arrive at once', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    for (const path of PATHS) b.write(path, 'formatted\n')
    await settled(b)
    await b.sync()
    await decide(b, 'approve')
    expect(holdsOf(b)).toEqual([])
    await a.sync()
    expect([holdsOf(a), contents(a)]).toEqual([[], new Set(['formatted\n'])])
  })

  test('R8.12 in the database are held where no device has weighed them', async () => {
    await using devices = await inStep()
    const { b } = devices
    for (const path of PATHS) await devices.write(path, 'by whoever\n')
    await b.sync()
    expect(holdsOf(b)).toHaveLength(FILES)
    expect(holdsOf(b)[0]).toMatchObject({ kind: 'change', side: 'local', reason: 'mass-change' })
    expect(contents(b)).toEqual(new Set(['first\n']))
  })

  test('in version only are no change', async () => {
    await using devices = await inStep()
    await devices.goBack('first\n', PATHS)
    await devices.b.sync()
    expect(holdsOf(devices.b)).toEqual([])
  })

  test('but for a few are the work of a day', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    for (const path of PATHS.slice(0, 20)) b.write(path, 'edited\n')
    await b.sync()
    await a.sync()
    expect([holdsOf(a), holdsOf(b)]).toEqual([[], []])
    expect(PATHS.map(path => a.read(path)).filter(text => text === 'edited\n')).toHaveLength(20)
  })
})
