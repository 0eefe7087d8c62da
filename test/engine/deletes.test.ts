/** Which deletes count, and which are held (R8): whole syncs of real files, one story each. */
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { decidedDigest } from '../../src/engine/hold-back.ts'
import type { HoldRecord } from '../../src/engine/ports/state-store.ts'
import { type DeviceOptions, MemoryDevice } from '../support/memory-devices.ts'

interface Devices extends AsyncDisposable {
  readonly a: MemoryDevice
  readonly b: MemoryDevice
  records(): number
  deleteRecord(path: string): Promise<void>
}

async function inStep(paths: readonly string[], options: DeviceOptions = {}): Promise<Devices> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database, options), new MemoryDevice(database, options)]
  for (const path of paths) a.write(path, contentOf(path))
  await a.sync()
  await b.sync()
  return {
    a,
    b,
    records: () => database.records().size,
    deleteRecord: path => database.adapter().delete(`app:${path}`),
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

const numbered = (count: number, folder = 'data/notes'): string[] =>
  Array.from({ length: count }, (_, n) => `${folder}/${n}.md`)
const contentOf = (path: string): string => `content of ${path}\n`
const holdsOf = ({ state, scope }: MemoryDevice): HoldRecord[] => state.loadHolds(scope)
const removeAll = (device: MemoryDevice, paths: readonly string[]): void =>
  paths.forEach(path => device.remove(path))

async function decide(device: MemoryDevice, decision: 'approve' | 'restore'): Promise<void> {
  const { state, scope } = device
  for (const hold of holdsOf(device)) {
    const { channel, side, path } = hold
    const decided = { channel, side, path, digest: decidedDigest(hold), decision }
    await state.commit([{ kind: 'decision-add', scope, decision: decided }])
  }
  await device.sync()
}

describe.concurrent('R8.2 each path is counted once', () => {
  const paths = numbered(40)

  test('files that go, come back and go again within the minute are no mass', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    for (let round = 0; round < 3; round += 1) {
      removeAll(a, paths.slice(0, 11))
      await a.sync()
      for (const path of paths.slice(0, 11)) a.write(path, contentOf(path))
      await a.sync()
    }
    removeAll(a, paths.slice(0, 11))
    await a.sync()
    expect(holdsOf(a)).toEqual([])
    expect(devices.records()).toBe(29)
  })

  test('other files that follow them are, also after a new start', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    removeAll(a, paths.slice(0, 11))
    await a.sync()
    removeAll(a, paths.slice(11, 20))
    await a.sync()
    expect(holdsOf(a).filter(({ kind }) => kind === 'delete')).toHaveLength(9)
    expect(devices.records()).toBe(29)
  })

  test('what a person has approved counts no longer', async () => {
    await using devices = await inStep(paths)
    const { a } = devices
    removeAll(a, paths.slice(0, 25))
    await a.sync()
    await decide(a, 'approve')
    expect(devices.records()).toBe(15)
    a.remove(paths[25]!)
    await a.sync()
    expect([holdsOf(a), devices.records()]).toEqual([[], 14])
  })
})
