/** File systems whose times tick by the second or two (R1.1, R9.1): an edit that keeps the size within a tick is seen. */
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { VirtualTime } from '../fakes/fake-clock.ts'
import { FakeDevice, type FakeDeviceOptions, recordOf, writeRecord } from '../support/fake-device.ts'

const PATH = 'data/n.md'

type Case = Pick<FakeDeviceOptions, 'tickMs' | 'aheadMs' | 'hardLinks'>

/** A device, just after a tick. */
async function device(options: Case) {
  const time = new VirtualTime()
  const database = createMemoryDatabase()
  const it = new FakeDevice({ time, database, ...options })
  it.disk.writeByRename('data/other.md', 'other\n')
  const toTick = async (): Promise<void> => {
    const [tick, ahead] = [options.tickMs ?? 4, options.aheadMs ?? 0]
    await time.advance(tick - ((time.now + ahead) % tick) + 1)
  }
  await time.advance(60_000)
  await toTick()
  return { time, database, it, toTick }
}

const COARSE: readonly (readonly [string, Case])[] = [
  ['ext4 with small inodes', { tickMs: 1_000 }],
  ['FAT', { tickMs: 2_000, hardLinks: false }],
  ['a server that is behind', { tickMs: 1_000, aheadMs: -3 * 3_600_000 }],
  ['a server that is ahead', { tickMs: 2_000, aheadMs: 3 * 3_600_000 }],
]

describe.each(COARSE)('R9.1 on %s', (_, options) => {
  test('an edit within the tick of the read is pushed', async () => {
    const { time, database, it, toTick } = await device(options)
    it.watch()
    await time.advance(5_000)
    await toTick()
    it.disk.writeInPlace(PATH, 'n1\n')
    await time.advance(300)
    expect(recordOf(database, PATH)).toBe('n1\n')
    it.disk.writeInPlace(PATH, 'n2\n')
    await time.advance(5_000)
    expect(recordOf(database, PATH)).toBe('n2\n')
    await it.stop()
  })

  test('an edit within the tick of a pull is pushed', async () => {
    const { time, database, it, toTick } = await device(options)
    it.watch()
    await time.advance(5_000)
    await toTick()
    await writeRecord(database, PATH, 'n1\n', time.now)
    await time.advance(300)
    expect(it.disk.text(PATH)).toBe('n1\n')
    it.disk.writeInPlace(PATH, 'n2\n')
    await time.advance(5_000)
    expect(recordOf(database, PATH)).toBe('n2\n')
    await it.stop()
  })

  test('an edit within the tick of a one-shot command is found by the next, and none waits for a tick', async () => {
    const { time, database, it, toTick } = await device(options)
    await it.sync()
    await toTick()
    it.disk.writeInPlace(PATH, 'n1\n')
    await time.advance(30)
    expect(await it.sync()).toBeLessThan(500)
    expect(recordOf(database, PATH)).toBe('n1\n')
    it.disk.writeInPlace(PATH, 'n2\n')
    await time.advance(60_000)
    await it.sync()
    expect(recordOf(database, PATH)).toBe('n2\n')
  })

  test('R1.1 what comes between the look and a pull goes into the history, or is an edit', async () => {
    const { time, database, it, toTick } = await device(options)
    it.watch()
    await time.advance(5_000)
    await toTick()
    it.disk.writeInPlace(PATH, 'n1\n')
    await time.advance(200)
    it.disk.writeInPlace(PATH, 'n2\n')
    await writeRecord(database, PATH, 'theirs\n', time.now + 60_000)
    await time.advance(20_000)
    const texts = it.disk.paths().map(path => it.disk.text(path))
    expect([...it.history(PATH), ...texts]).toContain('n2\n')
    expect(it.history(PATH)).not.toContain('under a wrong digest')
    await it.stop()
  })

  test('R3 once the tick is over the file is read once more, and not again', async () => {
    const { time, it } = await device(options)
    it.watch()
    await time.advance(5_000)
    it.disk.writeInPlace(PATH, 'n1\n')
    await time.advance(10_000)
    expect(it.baseOf(PATH)?.fingerprint).not.toBeNull()
    const reads = it.reads.length
    await time.advance(11 * 60_000)
    await it.stop()
    it.watch()
    await time.advance(5_000)
    expect(it.reads.slice(reads)).toEqual([])
    await it.stop()
  })
})

test('R1.1 without hard links, an edit between what was put aside and the rename is left alone', async () => {
  const { time, database, it, toTick } = await device({ tickMs: 2_000, hardLinks: false })
  it.watch()
  await time.advance(5_000)
  await toTick()
  it.disk.writeInPlace(PATH, 'n1\n')
  await time.advance(200)
  const { before } = it.hooks
  let isEdited = false
  Object.assign(it.hooks, {
    before: (call: { readonly name: string }) => {
      if (call.name !== 'create' || isEdited) return
      isEdited = true
      it.disk.writeInPlace(PATH, 'n2\n')
    },
  })
  await writeRecord(database, PATH, 'theirs\n', time.now + 60_000)
  await time.advance(20_000)
  Object.assign(it.hooks, { before })
  const texts = it.disk.paths().map(path => it.disk.text(path))
  expect([...it.history(PATH), ...texts]).toContain('n2\n')
  await it.stop()
})

test('R9.1 where times have fractions, a file that has settled is read once', async () => {
  const { time, database, it } = await device({})
  it.watch()
  await time.advance(5_000)
  const reads = it.reads.length
  it.disk.writeInPlace(PATH, 'n1\n')
  await time.advance(5_000)
  expect(recordOf(database, PATH)).toBe('n1\n')
  expect(it.reads.slice(reads)).toEqual([PATH])
  expect(it.baseOf(PATH)?.fingerprint).not.toBeNull()
  await it.stop()
})
