/** An older copy of the folder that is put back while no engine runs is nobody's edit (R8.16): it waits for a person. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { StateChange } from '../../src/engine/ports/state-store.ts'
import { basesOf, killedAfter, killedAt } from '../support/commits.ts'
import { decide, holdsOf } from '../support/decisions.ts'
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

const asked = (device: MemoryDevice) =>
  holdsOf(device).map(({ path, kind, side, reason }) => ({ path, kind, side, reason }))
const held = (paths: readonly string[], kind: 'change' | 'delete') =>
  paths.map(path => ({ path, kind, side: 'remote', reason: 'folder-restored' }))
const read = (device: MemoryDevice): string[] => EDITED.map(path => device.read(path))

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

const FILE = 'data/n.md'
const lines = (first: string, last: string): string => `${first}\nb\nc\nd\ne\n${last}\n`

interface Pair extends AsyncDisposable {
  readonly a: MemoryDevice
  readonly b: MemoryDevice
}

async function pairWith(content: string): Promise<Pair> {
  const database = createMemoryDatabase()
  const [a, b] = [new MemoryDevice(database), new MemoryDevice(database)]
  a.write(FILE, content)
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

/** As from an archive, or moved here from elsewhere: an edit, with a time from before. */
function writeWithOldTime(device: MemoryDevice, content: string): void {
  device.write(FILE, content)
  utimesSync(join(device.folder, FILE), 1_600_000_000, 1_600_000_000.5)
}

const putAside = (change: StateChange): boolean => change.kind === 'history-add'

describe.concurrent('R8.16 a file that was put aside to be replaced', () => {
  test('and was not, is an edit as before', async () => {
    await using pair = await pairWith(lines('a', 'f'))
    const { a, b } = pair
    a.write(FILE, lines('A', 'f'))
    await a.sync()
    writeWithOldTime(b, lines('a', 'F'))
    await killedAfter(b, putAside)
    expect(b.read(FILE)).toBe(lines('a', 'F'))
    await b.sync()
    await a.sync()
    expect(asked(b)).toEqual([])
    for (const device of [a, b]) expect(device.read(FILE)).toBe(lines('A', 'F'))
  })

  test('and was not, is an edit also where a policy had decided against it', async () => {
    await using pair = await pairWith('first\n')
    const { a, b } = pair
    b.config = { conflictPolicy: [{ pattern: '**', policy: 'remote' }] }
    a.write(FILE, 'theirs\n')
    await a.sync()
    writeWithOldTime(b, 'mine\n')
    await killedAfter(b, putAside)
    b.config = {}
    await b.sync()
    expect(asked(b)).toEqual([])
    expect(b.state.loadConflicts(b.scope)).toHaveLength(1)
  })

  test('and was, is an older copy when it comes back, also where a kill came before the record', async () => {
    await using pair = await pairWith('first\n')
    const { a, b } = pair
    const copy = mkdtempSync(join(tmpdir(), 'lockstep-copy-'))
    copyAll(join(b.folder, 'data'), copy)
    a.write(FILE, 'second\n')
    await a.sync()
    await killedAt(b, basesOf(FILE))
    expect(b.read(FILE)).toBe('second\n')
    await b.sync()
    copyAll(copy, join(b.folder, 'data'))
    await b.sync()
    await a.sync()
    rmSync(copy, { recursive: true })
    expect(asked(b)).toEqual(held([FILE], 'change'))
    expect(a.read(FILE)).toBe('second\n')
  })
})
