import { expect, test } from 'vitest'
import { createFakeFileSystem } from '../../test/fakes/fake-file-system.ts'
import { FakeDisk } from '../../test/fakes/fake-disk.ts'
import { FakeClock, VirtualTime } from '../../test/fakes/fake-clock.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { FileClocks } from './file-clocks.ts'
import { fingerprintOf, type Known, look, type Look, Waits } from './look.ts'
import { RecentContents } from './recent-contents.ts'

const PATH = 'data/a.md'
const BEFORE = Buffer.from('before\n')
const AFTER = Buffer.from('after\n')

/** A file that was looked at before. */
function lookedAt() {
  const time = new VirtualTime()
  const disk = new FakeDisk({ now: () => time.now })
  disk.putFolder('data', 'program')
  const inode = disk.putFile(PATH, BEFORE, 'program')
  const known: Known[] = [{ digest: nodeCodec.digest(BEFORE), fingerprint: fingerprintOf(disk.stat(PATH)!) }]
  const out = {
    fs: createFakeFileSystem(disk),
    codec: nodeCodec,
    clock: new FakeClock(time),
    clocks: new FileClocks(),
    maxFileBytes: 1_000,
    recent: new RecentContents(),
  }
  const waits = new Waits()
  return { time, disk, inode, look: (): Look => look(out, waits, PATH, known) }
}

test('R9 a file that is being truncated, and has its former times still, is given time to become whole', async () => {
  const { time, disk, inode, look } = lookedAt()
  await time.advance(60_000)
  inode.bytes = new Uint8Array()
  for (const ms of [0, 500, 1_400]) {
    await time.advance(ms)
    expect(look().kind).toBe('waiting')
  }
  disk.writeInPlace(PATH, AFTER)
  await time.advance(100)
  expect(look()).toMatchObject({ kind: 'file', entry: { digest: nodeCodec.digest(AFTER) } })
})

test('R9 one that stays so is taken as it is', async () => {
  const { time, inode, look } = lookedAt()
  await time.advance(60_000)
  inode.bytes = new Uint8Array()
  expect(look().kind).toBe('waiting')
  await time.advance(2_100)
  expect(look()).toMatchObject({ kind: 'file', entry: { digest: nodeCodec.digest(new Uint8Array()) } })
})
