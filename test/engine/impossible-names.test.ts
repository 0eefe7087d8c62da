/** Names that a file system cannot hold: one refusal, whichever error it has for them (R12.6). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { type FileSystem, FileSystemError } from '../../src/engine/ports/file-system.ts'
import { foldingFileSystem } from '../fakes/folding-file-system.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

/** Where a file system finds out: some when a file is put in place, some at each look. */
type Call = 'link' | 'lstat'

function refusing(call: Call, code: string, tries: { count: number }): (fs: FileSystem) => FileSystem {
  const refuse = (path: string): void => {
    if (!path.endsWith('impossible.md')) return
    tries.count += 1
    throw new FileSystemError(code, path, `${code}: impossible.md`)
  }
  return fs => {
    const own: Partial<FileSystem> = {
      link: (path, to) => (refuse(to), fs.link(path, to)),
      rename: (path, to) => (refuse(to), fs.rename(path, to)),
      ...(call === 'lstat' ? { lstat: (path: string) => (refuse(path), fs.lstat(path)) } : {}),
    }
    return new Proxy(fs, {
      get(target, name) {
        const member: unknown = Reflect.get(own, name) ?? Reflect.get(target, name)
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
  }
}

test.concurrent.each(
  (['link', 'lstat'] as const).flatMap(call =>
    ['ENAMETOOLONG', 'EILSEQ', 'EINVAL'].map(code => [call, code] as const),
  ),
)('R12.6 %s says %s: it is told once, sync ends, and all else goes on', async (call, code) => {
  const database = createMemoryDatabase()
  const tries = { count: 0 }
  await using able = new MemoryDevice(database)
  await using unable = new MemoryDevice(database, { around: refusing(call, code, tries) })
  able.write('data/impossible.md', 'text')
  able.write('data/fine.md', 'text')
  await able.sync()
  const events = await unable.sync()
  const told = events.filter(event => event.type === 'problem')
  expect(told).toEqual([
    {
      type: 'problem',
      code: 'unsupported-name',
      path: 'data/impossible.md',
      message: expect.stringContaining(`(${code})`) as string,
    },
  ])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'file', path: 'data/impossible.md', action: 'skip' }),
  )
  expect(unable.paths()).toEqual(['data/fine.md'])
  expect(unable.summary).toMatchObject({ pulled: 1, skipped: 1, problems: 1 })
  expect(events.findLast(event => event.type === 'status')).toMatchObject({ state: 'idle', pending: 0 })
  // Looks at one path, not tries that follow each other.
  expect(tries.count).toBeLessThan(5)
})

test.concurrent('R12.6 a twin by capitals keeps no sync waiting, and comes when its place is free', async () => {
  const database = createMemoryDatabase()
  await using strict = new MemoryDevice(database)
  await using folding = new MemoryDevice(database, { around: foldingFileSystem })
  strict.write('data/a.md', 'small')
  await strict.sync()
  await folding.sync()
  strict.write('data/A.md', 'capital')
  await strict.sync()
  const events = await folding.sync()
  expect(events.filter(event => event.type === 'problem')).toMatchObject([
    { code: 'name-collision', path: 'data/A.md' },
  ])
  expect(folding.summary).toMatchObject({ skipped: 1, problems: 1 })
  expect(events.findLast(event => event.type === 'status')).toMatchObject({ state: 'idle', pending: 0 })
  // The same sync that sees the one go brings the other.
  folding.remove('data/a.md')
  await folding.sync()
  expect(folding.read('data/A.md')).toBe('capital')
  expect(folding.summary).toMatchObject({ skipped: 0, problems: 0 })
})
