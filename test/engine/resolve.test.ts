/** A person's answer to a conflict, carried out by the engine (R6), and what a crash leaves of it (R1). */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { Resolution } from '../../src/engine/ports/state-store.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { withUnreadableFolders } from '../fakes/unreadable-folder.ts'
import { type DeviceOptions, MemoryDevice } from '../support/memory-devices.ts'

const PATH = 'data/note.md'
const COPY = 'data/note (here, 2026-01-31).md'
const digest = (text: string): string => nodeCodec.digest(nodeCodec.encodeUtf8(text))

async function inConflict(
  options?: DeviceOptions,
): Promise<{ a: MemoryDevice; b: MemoryDevice } & AsyncDisposable> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database), new MemoryDevice(database, options)]
  a.write(PATH, 'old\n')
  await a.sync()
  await b.sync()
  a.write(PATH, 'theirs\n')
  b.write(PATH, 'mine\n')
  await a.sync()
  await b.sync()
  return {
    a,
    b,
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
    },
  }
}

async function answer(
  device: MemoryDevice,
  take: Resolution['take'],
  more: Partial<Resolution> = {},
): Promise<void> {
  const { state, scope } = device
  const { remote } = state.loadConflicts(scope)[0]!
  const about = { path: PATH, localDigest: digest('mine\n'), remoteEtag: remote!.etag }
  const resolution = { ...about, take, content: null, copyPath: null, ...more }
  await state.commit([{ kind: 'resolution-set', scope, resolution }])
}

const kept = ({ state, scope }: MemoryDevice): string[] =>
  state.loadHistory(scope).map(entry => Buffer.from(state.readContent(entry.digest)!).toString())

describe.concurrent('R6 a conflict ends by taking', () => {
  test.each([
    ['local', 'mine\n', 'theirs\n'],
    ['remote', 'theirs\n', 'mine\n'],
  ] as const)('%s, and what was not taken is in the history', async (take, taken, lost) => {
    await using devices = await inConflict()
    const { a, b } = devices
    await answer(b, take)
    await b.sync()
    await a.sync()
    expect([a.read(PATH), b.read(PATH)]).toEqual([taken, taken])
    expect(kept(b)).toContain(lost)
    expect(b.state.loadConflicts(b.scope)).toEqual([])
    expect(b.state.loadResolutions(b.scope)).toEqual([])
    expect(readdirSync(join(b.folder, 'data'))).toEqual(['note.md'])
  })

  test('local, and whoever sees that the decision is used up sees no conflict', async () => {
    await using devices = await inConflict()
    const { state, scope } = devices.b
    await answer(devices.b, 'local')
    const commit = state.commit.bind(state)
    let seen = 0
    state.commit = async changes => {
      await commit(changes)
      if (!changes.some(({ kind }) => kind === 'resolution-delete')) return
      seen += 1
      expect(state.loadConflicts(scope)).toEqual([])
    }
    await devices.b.sync()
    expect(seen).toBe(1)
  })

  test('both: the second has a name that syncs', async () => {
    await using devices = await inConflict()
    const { a, b } = devices
    await answer(b, 'both', { copyPath: COPY })
    await b.sync()
    await a.sync()
    for (const device of [a, b])
      expect([device.read(PATH), device.read(COPY)]).toEqual(['theirs\n', 'mine\n'])
  })

  test('a content put together by hand, and both sides are in the history', async () => {
    await using devices = await inConflict()
    const { a, b } = devices
    const bytes = nodeCodec.encodeUtf8('by hand\n')
    await b.state.commit([{ kind: 'content-put', digest: digest('by hand\n'), bytes }])
    await answer(b, 'content', { content: digest('by hand\n') })
    await b.sync()
    await a.sync()
    expect([a.read(PATH), b.read(PATH)]).toEqual(['by hand\n', 'by hand\n'])
    expect(kept(b)).toEqual(expect.arrayContaining(['mine\n', 'theirs\n']))
  })
})

test.concurrent('R6 R8.15 a folder that cannot be read ends no conflict, and uses up no answer', async () => {
  let isUnreadable = false
  await using devices = await inConflict({ around: withUnreadableFolders(() => isUnreadable) })
  const { a, b } = devices
  await answer(b, 'local')
  isUnreadable = true
  await b.sync()
  expect(b.state.loadConflicts(b.scope)).toHaveLength(1)
  expect(b.state.loadResolutions(b.scope)).toHaveLength(1)
  expect(b.read(`${PATH}.conflict`)).toBe('theirs\n')
  isUnreadable = false
  await b.sync()
  await a.sync()
  expect([a.read(PATH), b.read(PATH)]).toEqual(['mine\n', 'mine\n'])
  expect(b.state.loadConflicts(b.scope)).toEqual([])
})

describe.concurrent('R6 an answer means nothing any more once', () => {
  test('the file has been edited', async () => {
    await using devices = await inConflict()
    const { b } = devices
    await answer(b, 'remote')
    b.write(PATH, 'mine, and more\n')
    await b.sync()
    expect(b.read(PATH)).toBe('mine, and more\n')
    expect(b.state.loadConflicts(b.scope)).toHaveLength(1)
    expect(b.state.loadResolutions(b.scope)).toEqual([])
  })

  test('the record has been edited, and its newer version is the one in conflict', async () => {
    await using devices = await inConflict()
    const { a, b } = devices
    await answer(b, 'local')
    a.write(PATH, 'theirs, and more\n')
    await a.sync()
    await b.sync()
    await a.sync()
    expect([a.read(PATH), b.read(PATH)]).toEqual(['theirs, and more\n', 'mine\n'])
    expect(b.read(`${PATH}.conflict`)).toBe('theirs, and more\n')
  })

  test('the sides have become equal', async () => {
    await using devices = await inConflict()
    const { b } = devices
    await answer(b, 'both', { copyPath: COPY })
    b.write(PATH, 'theirs\n')
    await b.sync()
    expect(readdirSync(join(b.folder, 'data'))).toEqual(['note.md'])
    expect(b.state.loadResolutions(b.scope)).toEqual([])
  })
})

test.concurrent('R1 the name for the second version is taken: nothing is overwritten, the conflict stays', async () => {
  await using devices = await inConflict()
  const { b } = devices
  await answer(b, 'both', { copyPath: COPY })
  b.write(COPY, 'somebody else\n')
  await b.sync()
  expect([b.read(PATH), b.read(COPY)]).toEqual(['mine\n', 'somebody else\n'])
  expect(b.state.loadConflicts(b.scope)).toHaveLength(1)
})
