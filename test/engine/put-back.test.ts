/** An older copy of the folder that is put back while no engine runs is nobody's edit (R8.16): it waits for a person. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { decidedDigest } from '../../src/engine/hold-back.ts'
import type { HoldRecord } from '../../src/engine/ports/state-store.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const PATHS = Array.from({ length: 10 }, (_, n) => `data/${n}.md`)
const EDITED = PATHS.slice(0, 4)

interface Devices extends AsyncDisposable {
  readonly a: MemoryDevice
  readonly b: MemoryDevice
  /** A copy of B's folder, from when all held the first version. */
  readonly copy: string
}

/** A edits some files, and B has followed. */
async function inStep(): Promise<Devices> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database), new MemoryDevice(database)]
  for (const device of [a, b]) {
    if (device === a) a.write('data/oldest.md', 'oldest\n')
    await device.sync()
  }
  for (const path of PATHS) a.write(path, 'first\n')
  await a.sync()
  await b.sync()
  const copy = mkdtempSync(join(tmpdir(), 'lockstep-copy-'))
  copyAll(join(b.folder, 'data'), copy)
  for (const path of EDITED) a.write(path, 'second\n')
  await a.sync()
  await b.sync()
  return {
    a,
    b,
    copy,
    async [Symbol.asyncDispose]() {
      await a[Symbol.asyncDispose]()
      await b[Symbol.asyncDispose]()
      rmSync(copy, { recursive: true })
    },
  }
}

/** With their times, to the nanosecond. */
function copyAll(from: string, to: string): void {
  execFileSync('cp', ['-a', `${from}/.`, to])
}

const holdsOf = ({ state, scope }: MemoryDevice): HoldRecord[] => state.loadHolds(scope)
const asked = (device: MemoryDevice) =>
  holdsOf(device).map(({ path, kind, side, reason }) => ({ path, kind, side, reason }))
const held = (paths: readonly string[], kind: 'change' | 'delete') =>
  paths.map(path => ({ path, kind, side: 'remote', reason: 'folder-restored' }))
const read = (device: MemoryDevice): string[] => EDITED.map(path => device.read(path))

async function decide(device: MemoryDevice, decision: 'approve' | 'restore'): Promise<void> {
  const { state, scope } = device
  for (const hold of holdsOf(device)) {
    const { channel, side, path } = hold
    const decided = { channel, side, path, digest: decidedDigest(hold), decision }
    await state.commit([{ kind: 'decision-add', scope, decision: decided }])
  }
  await device.sync()
}

describe.concurrent('R8.16 an older copy of the folder', () => {
  test('is held, and overwrites nothing anywhere', async () => {
    await using devices = await inStep()
    const { a, b, copy } = devices
    copyAll(copy, join(b.folder, 'data'))
    b.write('data/new.md', 'new\n')
    await b.sync()
    await a.sync()
    expect(asked(b)).toEqual(held(EDITED, 'change'))
    expect(read(a)).toEqual(EDITED.map(() => 'second\n'))
    expect(a.read('data/new.md')).toBe('new\n')
  })

  test('is brought up to date by a person who wants that', async () => {
    await using devices = await inStep()
    const { a, b, copy } = devices
    copyAll(copy, join(b.folder, 'data'))
    await b.sync()
    await decide(b, 'restore')
    await a.sync()
    for (const device of [a, b]) expect(read(device)).toEqual(EDITED.map(() => 'second\n'))
    expect(asked(b)).toEqual([])
  })

  test('becomes the current one for a person who wants that', async () => {
    await using devices = await inStep()
    const { a, b, copy } = devices
    copyAll(copy, join(b.folder, 'data'))
    await b.sync()
    await decide(b, 'approve')
    await a.sync()
    for (const device of [a, b]) expect(read(device)).toEqual(EDITED.map(() => 'first\n'))
    expect(asked(b)).toEqual([])
  })

  test('what it never had is not deleted with it, and what was deleted before is', async () => {
    await using devices = await inStep()
    const { a, b, copy } = devices
    b.write('data/younger.md', 'younger\n')
    await b.sync()
    await a.sync()
    copyAll(copy, join(b.folder, 'data'))
    b.remove('data/younger.md')
    b.remove(PATHS[0]!)
    b.remove('data/oldest.md')
    await b.sync()
    await a.sync()
    expect(asked(b)).toEqual(
      [...held(EDITED.slice(1), 'change'), ...held([PATHS[0]!, 'data/younger.md'], 'delete')].sort(
        (one, other) => (one.path < other.path ? -1 : 1),
      ),
    )
    expect(a.read('data/younger.md')).toBe('younger\n')
    expect(a.paths()).not.toContain('data/oldest.md')
  })

  test.each([
    { name: 'that was saved as it was in between', size: 10, isTouched: true },
    { name: 'that is too large to be kept', size: 1_200_000, isTouched: false },
  ])('is known as one also of a file $name', async ({ size, isTouched }) => {
    const database = createMemoryDatabase()
    await using a = new MemoryDevice(database)
    const [path, copy] = ['data/a.md', mkdtempSync(join(tmpdir(), 'lockstep-copy-'))]
    const [first, second] = ['first\n'.padEnd(size, '.'), 'second\n'.padEnd(size, '.')]
    a.write(path, first)
    await a.sync()
    copyAll(join(a.folder, 'data'), copy)
    if (isTouched) {
      a.write(path, first)
      await a.sync()
    }
    a.write(path, second)
    await a.sync()
    copyAll(copy, join(a.folder, 'data'))
    await a.sync()
    expect(asked(a)).toEqual(held([path], 'change'))
    expect(database.records().get(`app:${path}`)?.content).toBe(second)
    rmSync(copy, { recursive: true })
  })

  test('brings no copy of a conflict back that is over', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    const [path, conflict] = [PATHS[9]!, `${PATHS[9]!}.conflict`]
    a.write(path, 'of a\n')
    b.write(path, 'of b\n')
    await a.sync()
    await b.sync()
    expect(b.read(conflict)).toBe('of a\n')
    const copy = mkdtempSync(join(tmpdir(), 'lockstep-copy-'))
    copyAll(join(b.folder, 'data'), copy)
    a.write(path, 'of a, later\n')
    await a.sync()
    await b.sync()
    copyAll(copy, join(b.folder, 'data'))
    await b.sync()
    expect(b.read(conflict)).toBe('of a, later\n')
    b.write(path, 'of a, later\n')
    await b.sync()
    expect(b.paths()).not.toContain(conflict)
    copyAll(copy, join(b.folder, 'data'))
    b.write(`${PATHS[8]!}.conflict`, 'of a person\n')
    await b.sync()
    expect(b.paths()).not.toContain(conflict)
    expect(b.read(`${PATHS[8]!}.conflict`)).toBe('of a person\n')
    rmSync(copy, { recursive: true })
  })

  test('is known as one also of what programs here have written', async () => {
    await using devices = await inStep()
    const { a, b } = devices
    for (const path of EDITED) b.write(path, 'third\n')
    const copy = mkdtempSync(join(tmpdir(), 'lockstep-copy-'))
    copyAll(join(b.folder, 'data'), copy)
    await b.sync()
    for (const path of EDITED) b.write(path, 'fourth\n')
    await b.sync()
    copyAll(copy, join(b.folder, 'data'))
    await b.sync()
    await a.sync()
    rmSync(copy, { recursive: true })
    expect(asked(b)).toEqual(held(EDITED, 'change'))
    expect(read(a)).toEqual(EDITED.map(() => 'fourth\n'))
  })

  test('with times of its own is an edit: undo, a checkout, a value that is toggled', async () => {
    await using devices = await inStep()
    const { a, b, copy } = devices
    for (const path of EDITED) cpSync(join(copy, path.slice('data/'.length)), join(b.folder, path))
    await b.sync()
    await a.sync()
    expect(asked(b)).toEqual([])
    expect(read(a)).toEqual(EDITED.map(() => 'first\n'))
  })
})
