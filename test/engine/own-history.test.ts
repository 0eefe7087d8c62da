/** What programs on this device replace or delete is in its history as well (R16). */
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { decidedDigest } from '../../src/engine/hold-back.ts'
import { basesOf, killedAt, syncedWithoutContents } from '../support/commits.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const PATH = 'data/n.md'
/** In seconds since the epoch. */
const WRITTEN_AT = 1_700_000_000

interface Version {
  readonly cause: string
  readonly content: string
  readonly mtimeMs: number | null
}

/** Newest first. */
function versions({ state, scope }: MemoryDevice): Version[] {
  return state.loadHistory(scope).map(({ cause, digest, mtimeMs }) => {
    return { cause, content: Buffer.from(state.readContent(digest)!).toString(), mtimeMs }
  })
}

async function pair() {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database), new MemoryDevice(database)]
  return {
    a,
    b,
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

function writeAt(device: MemoryDevice, content: string, seconds: number): void {
  device.write(PATH, content)
  utimesSync(join(device.folder, PATH), seconds, seconds)
}

async function seeded(devices: { a: MemoryDevice; b: MemoryDevice }): Promise<void> {
  writeAt(devices.a, 'first\n', WRITTEN_AT)
  await devices.a.sync()
  await devices.b.sync()
}

describe.concurrent('R16.1 the history has what a program here', () => {
  test('has edited, with the time that the file had, and nothing of a new file', async () => {
    await using devices = await pair()
    const { a, b } = devices
    await seeded(devices)
    expect([versions(a), versions(b)]).toEqual([[], []])
    writeAt(a, 'second\n', WRITTEN_AT + 10)
    await a.sync()
    await b.sync()
    expect(versions(a)).toEqual([{ cause: 'edited-here', content: 'first\n', mtimeMs: WRITTEN_AT * 1_000 }])
    expect(versions(b)).toMatchObject([{ cause: 'overwritten', content: 'first\n' }])
    a.write(PATH, 'third\n')
    await a.sync()
    expect(versions(a).map(({ content }) => content)).toEqual(['second\n', 'first\n'])
  })

  test('has deleted', async () => {
    await using devices = await pair()
    const { a, b } = devices
    await seeded(devices)
    a.remove(PATH)
    await a.sync()
    await b.sync()
    expect(versions(a)).toEqual([{ cause: 'deleted-here', content: 'first\n', mtimeMs: WRITTEN_AT * 1_000 }])
    expect(versions(b)).toMatchObject([{ cause: 'deleted', content: 'first\n' }])
  })

  test('has toggled to and fro, each time', async () => {
    await using devices = await pair()
    const { a } = devices
    for (const [index, value] of ['on', 'off', 'on', 'off'].entries()) {
      writeAt(a, value, WRITTEN_AT + index)
      await a.sync()
    }
    expect(versions(a).map(({ content }) => content)).toEqual(['on', 'off', 'on'])
  })

  test('has deleted on both devices', async () => {
    await using devices = await pair()
    const { a, b } = devices
    await seeded(devices)
    b.remove(PATH)
    a.remove(PATH)
    await a.sync()
    await b.sync()
    expect(versions(b)).toMatchObject([{ cause: 'deleted-here', content: 'first\n' }])
  })

  test('has deleted while another device edited it', async () => {
    await using devices = await pair()
    const { a, b } = devices
    await seeded(devices)
    b.write(PATH, 'edited\n')
    await b.sync()
    a.remove(PATH)
    await a.sync()
    expect(a.read(PATH)).toBe('edited\n')
    expect(versions(a)).toMatchObject([{ cause: 'deleted-here', content: 'first\n' }])
  })

  test('has edited before a merge: all three versions', async () => {
    await using devices = await pair()
    const { a, b } = devices
    a.write(PATH, '1\n2\n3\n4\n5\n')
    await a.sync()
    await b.sync()
    a.write(PATH, '1\n2\n3\n4\nfive\n')
    await a.sync()
    b.write(PATH, 'one\n2\n3\n4\n5\n')
    await b.sync()
    expect(b.read(PATH)).toBe('one\n2\n3\n4\nfive\n')
    expect(new Set(versions(b).map(({ content }) => content))).toEqual(
      new Set(['one\n2\n3\n4\n5\n', '1\n2\n3\n4\n5\n', '1\n2\n3\n4\nfive\n']),
    )
  })

  test.each([
    ['as it was sent', null],
    ['edited again meanwhile', 'third\n'],
  ])('has edited, after a kill between database and base: %s', async (_name, later) => {
    await using devices = await pair()
    const { a } = devices
    await seeded(devices)
    a.write(PATH, 'second\n')
    await killedAt(a, basesOf(PATH))
    if (later !== null) a.write(PATH, later)
    await a.sync()
    expect(versions(a).map(({ content }) => content)).toEqual(
      later === null ? ['first\n'] : ['second\n', 'first\n'],
    )
  })

  test('has edited before a change was held that a person takes back', async () => {
    const database = createMemoryDatabase({ hasLog: true })
    await using a = new MemoryDevice(database)
    a.write(PATH, 'first\n')
    await a.sync()
    const copy = database.copy()
    a.write(PATH, 'second\n')
    await a.sync()
    database.putBack(copy)
    a.write(PATH, 'third\n')
    await a.sync()
    const [held] = a.state.loadHolds(a.scope)
    const { channel, side, path } = held!
    const decision = { channel, side, path, digest: decidedDigest(held!), decision: 'restore' } as const
    await a.state.commit([{ kind: 'decision-add', scope: a.scope, decision }])
    await a.sync()
    expect(database.records().get(`app:${PATH}`)?.content).toBe('third\n')
    expect(versions(a).map(({ content }) => content)).toContain('second\n')
  })

  test('has deleted, after a kill between database and base', async () => {
    await using devices = await pair()
    const { a } = devices
    await seeded(devices)
    a.remove(PATH)
    await killedAt(a, ({ kind }) => kind === 'base-gone')
    await a.sync()
    expect(versions(a)).toMatchObject([{ cause: 'deleted-here', content: 'first\n' }])
  })

  test('has not: what sync replaces is there once, also after a kill', async () => {
    await using devices = await pair()
    const { a, b } = devices
    await seeded(devices)
    a.write(PATH, 'second\n')
    await a.sync()
    await killedAt(b, basesOf(PATH))
    await b.sync()
    expect(versions(b)).toMatchObject([{ cause: 'overwritten', content: 'first\n' }])
    a.remove(PATH)
    await a.sync()
    await killedAt(b, ({ kind }) => kind === 'base-gone')
    await b.sync()
    expect(versions(b)).toMatchObject([{ cause: 'deleted' }, { cause: 'overwritten' }])
  })
})

describe.concurrent('a content that is not kept here', () => {
  test('R16.2 is read from the database before it is deleted there', async () => {
    await using devices = await pair()
    const { a, b } = devices
    writeAt(a, 'first\n', WRITTEN_AT)
    await syncedWithoutContents(a)
    await b.sync()
    a.remove(PATH)
    await a.sync()
    await b.sync()
    expect(versions(a)).toMatchObject([{ cause: 'deleted-here', content: 'first\n' }])
    expect(versions(b)).toMatchObject([{ cause: 'deleted', content: 'first\n' }])
  })

  test('R16.3 is none where it is larger than 1 MiB', async () => {
    await using devices = await pair()
    const { a } = devices
    for (const length of [1024 * 1024, 1024 * 1024 + 1]) {
      a.write(PATH, 'x'.repeat(length))
      await a.sync()
      a.remove(PATH)
      await a.sync()
    }
    expect(versions(a).map(({ content }) => content.length)).toEqual([1024 * 1024])
  })
})
