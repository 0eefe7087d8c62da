/** Programs that hold files open while sync replaces, removes or appends to them (R1.2, R9.3). */
import { closeSync, lstatSync, openSync, readdirSync, utimesSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { TEMPORARY_PREFIX } from '../../src/engine/core/denylist.ts'
import { putAsideName } from '../../src/engine/core/temporary-name.ts'
import { type FileSystem, FileSystemError } from '../../src/engine/ports/file-system.ts'
import type { OpenFiles, Writers } from '../../src/engine/ports/open-files.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { VirtualTime } from '../fakes/fake-clock.ts'
import { basesOf, killedAt } from '../support/commits.ts'
import { FakeDevice, recordOf, writeRecord } from '../support/fake-device.ts'
import { type DeviceOptions, MemoryDevice } from '../support/memory-devices.ts'

const LOG = 'data/log.jsonl'
const NOTES = 'data/notes.md'

/** A program's open file, and what the system tells of it: a fake one, so that the test runs on each system. */
class Program implements OpenFiles {
  writers: Writers = 'none'
  asked = 0
  #file: number | null = null

  open(device: MemoryDevice, path: string, flags: 'a' | 'r+'): void {
    this.#file = openSync(join(device.folder, path), flags)
    this.writers = flags === 'a' ? 'appending' : 'writing'
    onTestFinished(() => this.close())
  }

  write(text: string): void {
    writeSync(this.#file!, text)
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
    this.writers = 'none'
  }

  async writersOf(paths: readonly string[]): Promise<Writers[]> {
    this.asked += 1
    return paths.map(() => this.writers)
  }
}

async function pair(path: string, content: string, options: Pick<DeviceOptions, 'around'> = {}) {
  const database = createMemoryDatabase()
  const program = new Program()
  const a = new MemoryDevice(database)
  const b = new MemoryDevice(database, { ...options, openFiles: program })
  onTestFinished(async () => {
    await a[Symbol.asyncDispose]()
    await b[Symbol.asyncDispose]()
  })
  a.write(path, content)
  await a.sync()
  await b.sync()
  return { a, b, program }
}

const inodeOf = (device: MemoryDevice, path: string): number => lstatSync(join(device.folder, path)).ino

const temporaries = ({ folder }: MemoryDevice): string[] =>
  readdirSync(join(folder, 'data')).filter(name => name.startsWith(TEMPORARY_PREFIX))

const conflicts = (device: MemoryDevice): string[] =>
  device.state.loadConflicts(device.scope).map(({ path }) => path)

describe('R9.3 a content that goes on where the file ends', () => {
  test('is appended to the file that a program appends to, and what it appends later lands there', async () => {
    const { a, b, program } = await pair(LOG, 'first\n')
    program.open(b, LOG, 'a')
    const inode = inodeOf(b, LOG)
    a.write(LOG, 'first\nfrom A\n')
    await a.sync()
    await b.sync()
    expect(b.read(LOG)).toBe('first\nfrom A\n')
    program.write('from B\n')
    expect(b.read(LOG)).toBe('first\nfrom A\nfrom B\n')
    await b.sync()
    await a.sync()
    expect(a.read(LOG)).toBe('first\nfrom A\nfrom B\n')
    expect([inodeOf(b, LOG), temporaries(b), conflicts(b)]).toEqual([inode, [], []])
  })

  test.each<[string, (program: Program, b: MemoryDevice) => void, string, string]>([
    ['nobody has it open', () => {}, 'first\n', 'first\nmore\n'],
    ['somebody may write anywhere', (program, b) => program.open(b, LOG, 'r+'), 'first\n', 'first\nmore\n'],
    ['its last line has no end', (program, b) => program.open(b, LOG, 'a'), 'first', 'first\nmore\n'],
    ['what is to come has no end', (program, b) => program.open(b, LOG, 'a'), 'first\n', 'first\nmore'],
    [
      'it goes on from another content',
      (program, b) => program.open(b, LOG, 'a'),
      'first\n',
      'FIRST\nmore\n',
    ],
  ])('takes its place where %s', async (_, open, before, after) => {
    const { a, b, program } = await pair(LOG, before)
    open(program, b)
    const inode = inodeOf(b, LOG)
    a.write(LOG, after)
    await a.sync()
    await b.sync()
    expect(b.read(LOG)).toBe(after)
    expect(inodeOf(b, LOG)).not.toBe(inode)
  })

  test('what a program appends at that very moment is an edit', async () => {
    let isMoment = false
    const around = (fs: FileSystem): FileSystem =>
      withAppend(fs, (path, bytes, expected) =>
        fs.append(path, isMoment ? Buffer.concat([Buffer.from('from B\n'), bytes]) : bytes, expected),
      )
    const { a, b, program } = await pair(LOG, 'first\n', { around })
    program.open(b, LOG, 'a')
    a.write(LOG, 'first\nfrom A\n')
    await a.sync()
    isMoment = true
    await b.sync()
    expect(b.read(LOG).split('\n').sort()).toEqual(['', 'first', 'from A', 'from B'])
    await a.sync()
    expect(a.read(LOG)).toBe(b.read(LOG))
    expect(conflicts(b)).toEqual([])
  })

  test('is completed where a crash has cut it off', async () => {
    class Killed extends Error {}
    let isFatal = true
    const around = (fs: FileSystem): FileSystem =>
      withAppend(fs, (path, bytes, expected) => {
        if (!isFatal) return fs.append(path, bytes, expected)
        fs.append(path, bytes.subarray(0, 7), expected)
        throw new Killed()
      })
    const { a, b, program } = await pair(LOG, 'first\n', { around })
    program.open(b, LOG, 'a')
    a.write(LOG, 'first\nfrom A\nand more\n')
    await a.sync()
    await expect(b.sync()).rejects.toThrow(Killed)
    expect(b.read(LOG)).toBe('first\nfrom A\n')
    isFatal = false
    // Meanwhile the record has gone on.
    a.write(LOG, 'first\nfrom A\nand more\nand still more\n')
    await a.sync()
    await b.sync()
    expect(b.read(LOG)).toBe('first\nfrom A\nand more\nand still more\n')
    expect([conflicts(b), b.state.loadStaged(b.scope)]).toEqual([[], []])
  })

  test('is completed where the disk was full for a moment', async () => {
    let isFull = true
    const around = (fs: FileSystem): FileSystem =>
      withAppend(fs, (path, bytes, expected) => {
        if (!isFull) return fs.append(path, bytes, expected)
        isFull = false
        fs.append(path, bytes.subarray(0, 4), expected)
        throw new FileSystemError('ENOSPC', path, 'no space')
      })
    const { a, b, program } = await pair(LOG, 'first\n', { around })
    program.open(b, LOG, 'a')
    a.write(LOG, 'first\nfrom A\n')
    await a.sync()
    await b.sync()
    await a.sync()
    expect([a.read(LOG), b.read(LOG)]).toEqual(['first\nfrom A\n', 'first\nfrom A\n'])
    expect([conflicts(b), b.state.loadStaged(b.scope)]).toEqual([[], []])
  })

  test('is known for what it is where a kill came before the record', async () => {
    const { a, b, program } = await pair(LOG, 'first\n')
    program.open(b, LOG, 'a')
    a.write(LOG, 'first\nfrom A\n')
    await a.sync()
    await killedAt(b, basesOf(LOG))
    expect(b.read(LOG)).toBe('first\nfrom A\n')
    a.write(LOG, 'rotated\n')
    await a.sync()
    await b.sync()
    expect([b.read(LOG), conflicts(b)]).toEqual(['rotated\n', []])
  })
})

const LINES = ['1', '2', '3', '4', '5']
const lines = (changed: Readonly<Record<number, string>> = {}, more = ''): string =>
  LINES.map((line, index) => `${changed[index] ?? line}\n`).join('') + more

test('R1.2 R9.3 while several devices append and insert, no line of a log that is held open is lost', async () => {
  const time = new VirtualTime()
  const memory = createMemoryDatabase()
  const device = new FakeDevice({ time, database: memory })
  device.disk.writeByRename(LOG, 'first\n')
  device.watch()
  await time.advance(5_000)
  const file = device.disk.open(LOG, 'appending')
  const told = ['first']
  for (const n of [1, 2, 3]) {
    const inserted = recordOf(memory, LOG)!.replace('first\n', `first\nx${n}\n`)
    await writeRecord(memory, LOG, `${inserted}a${n}\n`, time.now)
    await time.advance(5_000)
    file.append(`{"b`)
    await time.advance(5_000)
    file.append(`${n}"}\n`)
    await time.advance(15_000)
    told.push(`x${n}`, `a${n}`, `{"b${n}"}`)
  }
  const linesOf = (text: string | null | undefined): string[] =>
    (text ?? '').split('\n').filter(Boolean).sort()
  expect(linesOf(device.disk.text(LOG))).toEqual(told.sort())
  expect(recordOf(memory, LOG)).toBe(device.disk.text(LOG))
  file.close()
  await time.advance(120_000)
  expect(device.disk.paths()).toEqual([LOG])
  await device.stop()
})

test('R1.2 while an engine runs: one write after the other, on top of what both sides agree on by then', async () => {
  const time = new VirtualTime()
  const memory = createMemoryDatabase()
  const device = new FakeDevice({ time, database: memory })
  device.disk.writeByRename('data/other.md', 'other\n')
  device.disk.writeByRename(NOTES, lines())
  device.watch()
  await time.advance(2_000)
  const file = device.disk.open(NOTES, 'appending')
  await writeRecord(memory, NOTES, lines({ 0: 'one' }), time.now)
  await time.advance(30_000)
  expect(device.disk.text(NOTES)).toBe(lines({ 0: 'one' }))
  for (const more of ['mine\n', 'again\n', 'and again\n']) {
    file.append(more)
    await time.advance(10_000)
  }
  const end = lines({ 0: 'one' }, 'mine\nagain\nand again\n')
  expect([recordOf(memory, NOTES), device.disk.text(NOTES)]).toEqual([end, end])
  file.close()
  await time.advance(120_000)
  expect(device.disk.paths()).toEqual([NOTES, 'data/other.md'])
  await device.stop()
})

describe('R1.2 what a program writes into a file that sync has replaced', () => {
  test('is an edit, also when it was written while no engine ran, and the next write too', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    program.open(b, NOTES, 'a')
    a.write(NOTES, lines({ 0: 'one' }))
    await a.sync()
    await b.sync()
    expect(b.read(NOTES)).toBe(lines({ 0: 'one' }))
    expect(temporaries(b)).toHaveLength(1)
    program.write('mine\n')
    await b.sync()
    expect(b.read(NOTES)).toBe(lines({ 0: 'one' }, 'mine\n'))
    program.write('and again\n')
    await b.sync()
    program.close()
    await b.sync()
    await a.sync()
    expect([a, b].map(device => device.read(NOTES))).toEqual(
      Array.from({ length: 2 }, () => lines({ 0: 'one' }, 'mine\nand again\n')),
    )
    expect([temporaries(b), conflicts(b)]).toEqual([[], []])
  })

  test('is an edit where it is written in place, size kept, and a conflict where both changed the same', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    program.open(b, NOTES, 'r+')
    a.write(NOTES, lines({ 0: 'A' }))
    await a.sync()
    await b.sync()
    program.write('B')
    await b.sync()
    expect(conflicts(b)).toEqual([NOTES])
    expect(b.read(NOTES)).toBe(lines({ 0: 'B' }))
    expect(b.read(`${NOTES}.conflict`)).toBe(lines({ 0: 'A' }))
  })

  test('is an edit of it where it was removed, and beats the delete (R7)', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    a.write('data/other.md', 'other\n')
    await a.sync()
    await b.sync()
    program.open(b, NOTES, 'a')
    a.remove(NOTES)
    await a.sync()
    await b.sync()
    expect(() => b.read(NOTES)).toThrow('ENOENT')
    program.write('mine\n')
    await b.sync()
    await a.sync()
    expect([a, b].map(device => device.read(NOTES))).toEqual([lines({}, 'mine\n'), lines({}, 'mine\n')])
  })

  test('nothing is left behind once it is closed', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    program.open(b, NOTES, 'a')
    a.write(NOTES, lines({ 0: 'one' }))
    await a.sync()
    await b.sync()
    await b.sync()
    expect(temporaries(b)).toHaveLength(1)
    program.close()
    await b.sync()
    expect(temporaries(b)).toEqual([])
  })

  test('does not come back where nothing was written, and its path has been deleted since', async () => {
    const { a, b } = await pair(NOTES, 'first\n')
    const first = nodeCodec.digest(b.bytes(NOTES))
    a.write(NOTES, 'second\n')
    await a.sync()
    await b.sync()
    // The file system did not let it go.
    b.write(putAsideName('run-1', NOTES, first), 'first\n')
    b.remove(NOTES)
    await b.sync()
    expect([b.paths(), temporaries(b)]).toEqual([[], []])
    await a.sync()
    expect(a.paths()).toEqual([])
  })

  /** Nothing comes to the disk by itself. */
  const withoutFlush = (fs: FileSystem): FileSystem =>
    withCalls(fs, { flush: () => Promise.reject(new FileSystemError('EIO', 'data', 'not flushed')) })

  describe('R4.6 that a power cut has brought back', () => {
    /** A program's edit was merged with another device's, and its file is back under its temporary name. */
    async function broughtBack(content: string, writtenMsLater: number) {
      const { a, b } = await pair(NOTES, lines(), { around: withoutFlush })
      b.write(NOTES, lines({ 4: 'of b' }))
      const { mtimeMs } = lstatSync(join(b.folder, NOTES))
      const edited = nodeCodec.digest(b.bytes(NOTES))
      await b.sync()
      a.write(NOTES, lines({ 0: 'of a' }))
      await a.sync()
      await b.sync()
      const temporary = putAsideName('run-1', NOTES, edited)
      b.write(temporary, content)
      const time = new Date(mtimeMs + writtenMsLater)
      utimesSync(join(b.folder, temporary), time, time)
      b.state.reboot()
      await b.sync()
      await b.sync()
      expect(temporaries(b)).toEqual([])
      await a.sync()
      expect(a.read(NOTES)).toBe(b.read(NOTES))
      return b
    }

    test('as it was before the program wrote is no edit of what it wrote', async () => {
      const b = await broughtBack(lines(), -1_000)
      expect(b.read(NOTES)).toBe(lines({ 0: 'of a', 4: 'of b' }))
    })

    test('with nothing in it neither, and what was written into it later is one', async () => {
      const empty = await broughtBack('', 0)
      expect(empty.read(NOTES)).toBe(lines({ 0: 'of a', 4: 'of b' }))
      const b = await broughtBack(lines({ 4: 'of b' }, 'late\n'), 1_000)
      expect(b.read(NOTES)).toBe(lines({ 0: 'of a', 4: 'of b' }, 'late\n'))
    })
  })

  test('R1.3 where nobody tells who has it open it is kept for a while, and looked at by the next start', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    program.open(b, NOTES, 'a')
    program.writers = 'unknown'
    a.write(NOTES, lines({ 0: 'one' }))
    await a.sync()
    await b.sync()
    expect(temporaries(b)).toHaveLength(1)
    program.write('mine\n')
    await b.sync()
    expect(b.read(NOTES)).toBe(lines({ 0: 'one' }, 'mine\n'))
  })

  test('R3 who has files open is asked once for all that are due, and not where nothing was replaced', async () => {
    const { a, b, program } = await pair(NOTES, lines())
    for (let n = 0; n < 10; n += 1) a.write(`data/${n}.md`, 'x')
    await a.sync()
    await b.sync()
    expect(program.asked).toBe(0)
    for (let n = 0; n < 10; n += 1) a.write(`data/${n}.md`, 'y')
    await a.sync()
    await b.sync()
    expect(program.asked).toBeGreaterThan(0)
    expect(program.asked).toBeLessThan(10)
  })
})

function withAppend(fs: FileSystem, append: FileSystem['append']): FileSystem {
  return withCalls(fs, { append })
}

function withCalls(fs: FileSystem, calls: Partial<FileSystem>): FileSystem {
  return new Proxy(fs, {
    get(target, name) {
      if (name in calls) return Reflect.get(calls, name)
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
