/** Other versions of a file, which sync puts beside it, are no more open to others than the file itself (R6.1). */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

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
