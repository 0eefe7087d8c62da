/** A folder that becomes a link between any two calls of the system, and for as long as one likes (R11). */
import type * as NodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LocalEntry } from '../engine/core/entry.ts'
import { FileClocks } from '../engine/file-clocks.ts'
import { fingerprintOf } from '../engine/look.ts'
import { type FileSystem, FileSystemError } from '../engine/ports/file-system.ts'
import { Replacer } from '../engine/replace.ts'
import { IS_LONG } from '../../test/support/long.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { nodeClock } from './node-clock.ts'
import { nodeCodec } from './node-codec.ts'
import { openFileSystem } from './node-file-system.ts'

const calls = vi.hoisted(() => ({ before: null as (() => void) | null }))

vi.mock('node:fs', async importOriginal => {
  const original = await importOriginal<typeof NodeFs>()
  const watched = Object.entries(original).map(([name, member]) => {
    if (!name.endsWith('Sync') || typeof member !== 'function') return [name, member]
    const call = (...args: unknown[]): unknown => {
      calls.before?.()
      return Reflect.apply(member, original, args)
    }
    return [name, Object.assign(call, member)]
  })
  return { ...original, ...(Object.fromEntries(watched) as object) }
})

const disk = await vi.importActual<typeof NodeFs>('node:fs')
const isLinux = process.platform === 'linux'
const SECRET = 'secret of somebody else'
const bytes = (text: string): Buffer => Buffer.from(text)

let top: string
let project: string
let outside: string
beforeEach(() => {
  top = disk.realpathSync(disk.mkdtempSync(join(tmpdir(), 'lockstep-exchanged-')))
  project = join(top, 'project')
  outside = join(top, 'outside')
})
afterEach(() => {
  calls.before = null
  disk.rmSync(top, { recursive: true, force: true })
})

/** `data/d` with two files and an empty folder, and the same outside, with other contents. */
function fill(): void {
  for (const folder of [project, outside]) disk.rmSync(folder, { recursive: true, force: true })
  for (const folder of [join(project, 'data/d'), outside]) {
    const content = folder === outside ? SECRET : 'own'
    disk.mkdirSync(join(folder, 'empty'), { recursive: true })
    disk.writeFileSync(join(folder, 'a.md'), content)
    disk.writeFileSync(join(folder, 'b.md'), content)
  }
  disk.writeFileSync(join(outside, 'only-here.md'), SECRET)
  disk.symlinkSync(outside, join(project, 'link'))
}

/** What a program that may write here does with one call. */
function exchange(): void {
  const place = join(project, 'data/d')
  disk.renameSync(place, join(project, 'away'))
  disk.renameSync(join(project, 'link'), place)
  disk.renameSync(join(project, 'away'), join(project, 'link'))
}

function tree(folder: string): string[] {
  const entries = disk.readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path}: ${disk.readFileSync(path, 'utf8')}` : path
    })
    .toSorted()
}

interface World {
  readonly fs: FileSystem
  readonly replacer: Replacer
  entry(path: string): LocalEntry
}

function open(hasDescriptors: boolean): World {
  const fs = openFileSystem(project, { hasDescriptors })
  const ports = { fs, clock: nodeClock, codec: nodeCodec, clocks: new FileClocks() }
  const entry = (path: string): LocalEntry => ({
    digest: nodeCodec.digest(bytes('own')),
    fingerprint: fingerprintOf(fs.lstat(path)!),
    isUnproven: true,
  })
  return { fs, replacer: new Replacer(ports, new Set()), entry }
}

/** Prepared before anything is exchanged; what it gives back is looked through for what is outside. */
type Work = (world: World) => () => unknown

const CHANGES: Readonly<Record<string, Work>> = {
  read:
    ({ fs }) =>
    () =>
      Buffer.from(fs.read('data/d/a.md')).toString(),
  create:
    ({ fs }) =>
    () =>
      fs.create('data/d/new.md', bytes('new'), { mode: 0o600, mtimeMs: 1_000 }),
  append: ({ fs, entry }) => {
    const { fingerprint } = entry('data/d/a.md')
    return () => fs.append('data/d/a.md', bytes('more'), fingerprint)
  },
  link:
    ({ fs }) =>
    () =>
      fs.link('data/d/a.md', 'data/d/_tmp-lockstep-1-old'),
  rename:
    ({ fs }) =>
    () =>
      fs.rename('data/d/a.md', 'data/d/_tmp-lockstep-1-old'),
  makeDirectory:
    ({ fs }) =>
    () =>
      fs.makeDirectory('data/d/deep/deeper'),
  'replace, new':
    ({ replacer }) =>
    () =>
      replacer.replace('data/d/new.md', bytes('new'), null),
  'replace, in a new folder':
    ({ replacer }) =>
    () =>
      replacer.replace('data/d/deep/new.md', bytes('new'), null),
  replace: ({ replacer, entry }) => {
    const expected = entry('data/d/a.md')
    return () => replacer.replace('data/d/a.md', bytes('pulled'), expected)
  },
}
/** Where folders are known by name, what was looked at or removed through a link cannot be undone. */
const BY_DESCRIPTOR: Readonly<Record<string, Work>> = {
  ...CHANGES,
  lstat:
    ({ fs }) =>
    () =>
      fs.lstat('data/d/a.md')?.size === SECRET.length && SECRET,
  list:
    ({ fs }) =>
    () =>
      fs.list('data/d')?.some(({ name }) => name === 'only-here.md') && SECRET,
  unlink:
    ({ fs }) =>
    () =>
      fs.unlink('data/d/a.md'),
  removeEmptyDirectory:
    ({ fs }) =>
    () =>
      fs.removeEmptyDirectory('data/d/empty'),
  remove: ({ replacer, entry }) => {
    const expected = entry('data/d/a.md')
    return () => replacer.remove('data/d/a.md', expected)
  },
  'look at, put back and drop': ({ fs, replacer, entry }) => {
    const former = entry('data/d/a.md')
    const removed = replacer.remove('data/d/a.md', former)
    const kept = removed.kind === 'done' ? removed.kept! : expect.fail('nothing was kept')
    return () => {
      const late = replacer.lookAtKept(kept)
      replacer.putBack(kept)
      fs.link('data/d/a.md', kept.temporary)
      replacer.drop(kept)
      return typeof late === 'object' && Buffer.from(late.bytes).toString()
    }
  },
}

/** In the short form it is back after one or two calls, or stays. */
function returns(from: number, all: number): number[] {
  const later = Array.from({ length: all - from }, (_, index) => from + 1 + index)
  return IS_LONG ? later : later.filter(to => to <= from + 2 || to === all)
}

let exchanges = 0

/** Exchanges before call `from` and back before call `to`, both from 0 on; how many calls there were. */
function attack(work: Work, hasDescriptors: boolean, from: number, to: number): number {
  fill()
  const before = tree(outside)
  const ready = work(open(hasDescriptors))
  // What was seen while it was prepared counts no longer.
  const world = openFileSystem(project, { hasDescriptors })
  world.lstat('data/d/a.md')
  let count = 0
  let isLink = false
  calls.before = () => {
    if (count === from || (count === to && isLink)) {
      exchange()
      isLink = !isLink
      exchanges += 1
    }
    count += 1
  }
  let result: unknown = null
  try {
    result = ready()
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error
  }
  calls.before = null
  expect(JSON.stringify(result) ?? '').not.toContain(SECRET)
  expect(tree(outside)).toEqual(before)
  return count
}

function leftovers(): string[] {
  return tree(project).filter(path => /_tmp-lockstep-.*-new/.test(path))
}

describe.skipIf(!isLinux)('R11 by descriptor, whenever a folder is exchanged for a link and back', () => {
  test.each(Object.keys(BY_DESCRIPTOR))('%s reaches nothing outside, and leaves nothing', name => {
    const work = BY_DESCRIPTOR[name]!
    const all = attack(work, true, -1, -1)
    expect(all).toBeGreaterThan(0)
    for (let from = 0; from < all; from++) {
      // One past the end: it stays a link.
      for (const to of returns(from, all)) {
        attack(work, true, from, to)
        expect(leftovers()).toEqual([])
      }
    }
  })
})

test.skipIf(!isLinux)('R11 a settings file is written into the folder that its name led to', () => {
  for (let from = 1; from < 40; from++) {
    fill()
    const before = tree(outside)
    let count = 0
    calls.before = () => {
      if (count++ === from) exchange()
    }
    try {
      writeFileAtomically(join(project, 'data/d/sync-config.json'), '{}')
    } catch (error) {
      expect(error).toBeInstanceOf(FileSystemError)
    }
    calls.before = null
    expect(tree(outside)).toEqual(before)
  }
})

describe('R11 by name, where a folder is exchanged for a link', () => {
  test.each(Object.keys(CHANGES))('%s is undone outside', name => {
    const work = CHANGES[name]!
    const all = attack(work, false, -1, -1)
    for (let from = 0; from < all; from++) attack(work, false, from, Infinity)
  })
})

afterAll(() => {
  expect(exchanges).toBeGreaterThan(100)
})
