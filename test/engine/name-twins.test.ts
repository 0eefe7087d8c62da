/** Names that one device takes for the same and another does not (R1, R2, R11). */
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { foldingFileSystem } from '../fakes/folding-file-system.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const collisions = (events: Awaited<ReturnType<MemoryDevice['sync']>>): (string | undefined)[] =>
  events.flatMap(event => (event.type === 'problem' && event.code === 'name-collision' ? [event.path] : []))

test.concurrent.each([
  ['capitals', 'data/A.md', 'data/a.md'],
  ['accents', 'data/caf\u00e9.md', 'data/cafe\u0301.md'],
  ['capitals of a folder', 'data/Notes/x.md', 'data/notes/y.md'],
])(
  'R1 of two files whose names differ in %s, a device that cannot hold both keeps one and shows the other',
  async (_, first, second) => {
    const database = createMemoryDatabase()
    await using strict = new MemoryDevice(database)
    await using folding = new MemoryDevice(database, { around: foldingFileSystem })
    strict.write(first, 'first')
    await strict.sync()
    await folding.sync()
    strict.write(second, 'second')
    strict.write('data/other.md', 'other')
    await strict.sync()

    expect(collisions(await folding.sync())).toContain(second)
    expect(folding.read(first)).toBe('first')
    expect(folding.read('data/other.md')).toBe('other')

    // Nothing of it comes back to the device that has both.
    folding.write(first, 'edited')
    expect(collisions(await folding.sync())).toContain(second)
    await strict.sync()
    expect([strict.read(first), strict.read(second)]).toEqual(['edited', 'second'])

    // Once the one is out of the way, the other arrives.
    strict.remove(first)
    await strict.sync()
    for (let tries = 0; tries < 3; tries += 1) await folding.sync()
    expect(folding.read(second)).toBe('second')
  },
)

test.concurrent('R2 a name whose capitals are changed on a device that takes both for one is renamed everywhere', async () => {
  const database = createMemoryDatabase()
  await using strict = new MemoryDevice(database)
  await using folding = new MemoryDevice(database, { around: foldingFileSystem })
  folding.write('data/Readme.md', 'text')
  folding.write('data/b.md', 'b')
  await folding.sync()
  await strict.sync()
  renameSync(join(folding.folder, 'data/Readme.md'), join(folding.folder, 'data/README.md'))
  await folding.sync()
  await strict.sync()
  expect(readdirSync(join(strict.folder, 'data')).sort()).toEqual(['README.md', 'b.md'])
  expect(strict.read('data/README.md')).toBe('text')
})
