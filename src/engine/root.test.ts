import { describe, expect, test } from 'vitest'
import { createFakeFileSystem } from '../../test/fakes/fake-file-system.ts'
import { FakeDisk } from '../../test/fakes/fake-disk.ts'
import { VirtualTime } from '../../test/fakes/fake-clock.ts'
import type { FileSystem } from './ports/file-system.ts'
import { isSameRoot, rootIdentity } from './root.ts'

const ROOT = 'data'
const HOUR = 3_600_000

/** A project of an hour ago, with a content root that was just made. */
async function project() {
  const time = new VirtualTime()
  const disk = new FakeDisk({ now: () => time.now })
  await time.advance(HOUR)
  disk.putFile('.env', new Uint8Array(), 'program')
  disk.putFolder(ROOT, 'program')
  const fs = createFakeFileSystem(disk)
  const exchange = (): void => {
    disk.delete(ROOT)
    disk.putFolder(ROOT, 'program')
  }
  return { time, disk, fs, exchange, identity: (): string | null => rootIdentity(fs, ROOT) }
}

/** A file system that gives the time of the last change for that of the birth. */
function withoutBirths(fs: FileSystem): FileSystem {
  return Object.assign(Object.create(fs) as FileSystem, {
    keepsBirths: false,
    lstat(path: string) {
      const stat = fs.lstat(path)
      return stat === null ? null : { ...stat, birthtimeMs: stat.ctimeMs }
    },
  })
}

describe('R8.10 the identity of the content root', () => {
  test('stays when something is put into it', async () => {
    const { time, disk, identity } = await project()
    const before = identity()
    await time.advance(HOUR)
    disk.putFile('data/a.md', Buffer.from('a\n'), 'program')
    expect(isSameRoot(before, identity())).toBe(true)
  })

  test('is another one where another folder has taken its place, however short ago', async () => {
    const { time, identity, exchange } = await project()
    const before = identity()
    await time.advance(HOUR)
    exchange()
    expect(isSameRoot(before, identity())).toBe(false)
  })

  test('proves nothing by the inode alone, where no times of birth are kept', async () => {
    const { time, fs, exchange } = await project()
    const poor = withoutBirths(fs)
    const before = rootIdentity(poor, ROOT)
    await time.advance(HOUR)
    exchange()
    expect(isSameRoot(before, rootIdentity(poor, ROOT))).toBe(true)
  })
})
