/** What an engine that was killed between a file and its record leaves behind is its own, not an edit (R1, R2). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { StateChange } from '../../src/engine/ports/state-store.ts'
import type { MemoryStateStore } from '../fakes/memory-state-store.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

class Killed extends Error {
  override readonly name = 'Killed'
}

/** Dies at the first commit that has such a change in it: nothing of that commit is kept. */
async function killedAt(device: MemoryDevice, isFatal: (change: StateChange) => boolean): Promise<void> {
  const { state } = device
  const commit = state.commit.bind(state)
  state.commit = async changes => {
    if (changes.some(isFatal)) throw new Killed()
    return commit(changes)
  }
  await expect(device.sync()).rejects.toThrow(Killed)
  delete (state as Partial<Pick<MemoryStateStore, 'commit'>>).commit
}

const basesOf =
  (path: string) =>
  (change: StateChange): boolean =>
    change.kind === 'base-set' && change.path === path

test.each([
  ['new', null],
  ['edited', 'old\n'],
])(
  'R2 a %s file that was pulled and not recorded is no edit when the record changes meanwhile',
  async (_, before) => {
    const database = createMemoryDatabase()
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database)
    if (before !== null) {
      a.write('data/n.md', before)
      await a.sync()
      await b.sync()
    }
    a.write('data/n.md', 'first\n')
    await a.sync()
    await killedAt(b, basesOf('data/n.md'))
    expect(b.read('data/n.md')).toBe('first\n')
    a.write('data/n.md', 'second\n')
    await a.sync()
    const events = await b.sync()
    expect(events.flatMap(event => (event.type === 'file' ? [event.action] : []))).toEqual(['pull'])
    expect(b.read('data/n.md')).toBe('second\n')
    expect(b.state.loadStaged(b.scope)).toEqual([])
  },
)

test('R1 an edit of a file that was pulled and not recorded is still an edit', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  a.write('data/n.md', 'first\n')
  await a.sync()
  await killedAt(b, basesOf('data/n.md'))
  b.write('data/n.md', 'mine\n')
  a.write('data/n.md', 'second\n')
  await a.sync()
  const events = await b.sync()
  expect(events.flatMap(event => (event.type === 'file' ? [event.action] : []))).toEqual(['conflict'])
  expect([b.read('data/n.md'), b.read('data/n.md.conflict')]).toEqual(['mine\n', 'second\n'])
})

test('R5 a merge that was written and not recorded goes on where it was, also after another edit', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  const lines = (first: string, last: string): string => `${first}\n2\n3\n4\n${last}\n`
  a.write('data/n.md', lines('1', '5'))
  await a.sync()
  await b.sync()
  a.write('data/n.md', lines('1', 'five'))
  b.write('data/n.md', lines('one', '5'))
  await a.sync()
  await killedAt(b, basesOf('data/n.md'))
  expect(b.read('data/n.md')).toBe(lines('one', 'five'))
  await b.sync()
  await a.sync()
  expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual([lines('one', 'five'), lines('one', 'five')])
  expect(b.state.loadConflicts(b.scope)).toEqual([])
})

test('R1 F14 a file that was removed and not recorded is not missing when the record comes back', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  for (const name of ['n', 'o', 'p']) a.write(`data/${name}.md`, 'text\n')
  await a.sync()
  await b.sync()
  a.remove('data/n.md')
  await a.sync()
  await killedAt(b, change => change.kind === 'base-delete')
  expect(() => b.read('data/n.md')).toThrow('ENOENT')
  a.write('data/n.md', 'text\n')
  await a.sync()
  await b.sync()
  await a.sync()
  expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual(['text\n', 'text\n'])
})
