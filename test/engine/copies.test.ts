/** What sync makes is no more open to others than what it is made of. */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { FileClocks } from '../../src/engine/file-clocks.ts'
import { Replacer } from '../../src/engine/replace.ts'
import { restore } from '../../src/engine/restore.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { openFileSystem } from '../../src/platform/node-file-system.ts'
import { nobodyWrites } from '../fakes/open-files.ts'
import { MemoryDevice } from '../support/memory-devices.ts'
import { OPEN_FILE, OPEN_FOLDER } from '../support/usual-modes.ts'

const PATH = 'data/secret.md'

function modeOf({ folder }: MemoryDevice, path: string): string {
  return (statSync(join(folder, path)).mode & 0o777).toString(8)
}

test('R6.1 the copies of a conflict and of "both" have the mode of their file', async context => {
  if (process.platform === 'win32') context.skip('Windows has no such modes')
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  a.write(PATH, 'first\n')
  chmodSync(join(a.folder, PATH), 0o600)
  await a.sync()
  await b.sync()
  b.write(PATH, 'of b\n')
  await b.sync()
  a.write(PATH, 'of a\n')
  await a.sync()
  expect(modeOf(a, `${PATH}.conflict`)).toBe('600')
  const [conflict] = a.state.loadConflicts(a.scope)
  const copyPath = 'data/secret (here).md'
  const { local, remote } = conflict!
  const resolution = {
    path: PATH,
    take: 'both',
    localDigest: local!.digest,
    remoteEtag: remote!.etag,
    content: null,
    copyPath,
  } as const
  await a.state.commit([{ kind: 'resolution-set', scope: a.scope, resolution }])
  await a.sync()
  expect([a.read(PATH), a.read(copyPath)]).toEqual(['of b\n', 'of a\n'])
  expect([modeOf(a, PATH), modeOf(a, copyPath)]).toEqual(['600', '600'])
})

test('R15.10 what arrives in the private channel is for its owner alone, with the folders that are made for it', async context => {
  if (process.platform === 'win32') context.skip('Windows has no such modes')
  const database = createMemoryDatabase()
  const config = { privateSyncFilePatterns: ['data/mine/**'], syncFilePatterns: ['data/all/**'] }
  await using a = new MemoryDevice(database, { config })
  await using b = new MemoryDevice(database, { config })
  for (const device of [a, b]) device.user = 'ann'
  for (const path of ['data/mine/deep/note.md', 'data/all/deep/note.md']) a.write(path, 'text\n')
  await a.sync()
  await b.sync()
  const modes = ['data/mine', 'data/mine/deep', 'data/mine/deep/note.md'].map(path => modeOf(b, path))
  expect(modes).toEqual(['700', '700', '600'])
  expect(modeOf(b, 'data/all/deep/note.md')).toBe(OPEN_FILE)
  expect(modeOf(b, 'data/all/deep')).toBe(OPEN_FOLDER)

  chmodSync(join(b.folder, 'data/mine/deep/note.md'), 0o640)
  a.write('data/mine/deep/note.md', 'other text\n')
  await a.sync()
  await b.sync()
  expect(b.read('data/mine/deep/note.md')).toBe('other text\n')
  expect(modeOf(b, 'data/mine/deep/note.md')).toBe('640')
})

test.each([
  ['private', [0o644, 0o644], '600'],
  ['shared', [0o640, 0o664], '640'],
  ['shared', [0o644, 0o600], '600'],
  ['shared', [0o755], '644'],
  ['shared', [], OPEN_FILE],
] as const)(
  'R16.5 what is restored to the %s channel beside files of %j has %s',
  async (channel, beside, mode) => {
    await using device = new MemoryDevice(createMemoryDatabase())
    for (const [n, other] of beside.entries()) {
      device.write(`data/d/${n}.md`, '')
      chmodSync(join(device.folder, `data/d/${n}.md`), other)
    }
    const fs = openFileSystem(device.folder)
    const ports = { fs, openFiles: nobodyWrites, codec: nodeCodec, state: device.state, clock: nodeClock }
    const replacer = new Replacer({ ...ports, clocks: new FileClocks() }, new Set())
    const request = {
      path: 'data/d/back.md',
      bytes: Buffer.from('back\n'),
      scope: device.scope,
      device: 'here',
    }
    expect(await restore(ports, replacer, { ...request, channel })).toBe(false)
    expect(device.read('data/d/back.md')).toBe('back\n')
    if (process.platform !== 'win32') expect(modeOf(device, 'data/d/back.md')).toBe(mode)
  },
)
