/** What an engine that was killed between a file and its record leaves behind is its own, not an edit (R1, R2). */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { basesOf, killedAt } from '../support/commits.ts'
import { withUnreadableFolders } from '../fakes/unreadable-folder.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

test.concurrent.each([
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

test.concurrent('R1 an edit of a file that was pulled and not recorded is still an edit', async () => {
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

test.concurrent('R5 a merge that was written and not recorded goes on where it was, also after another edit', async () => {
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

test.concurrent('R1 F14 a file that was removed and not recorded is not missing when the record comes back', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  for (const name of ['n', 'o', 'p']) a.write(`data/${name}.md`, 'text\n')
  await a.sync()
  await b.sync()
  a.remove('data/n.md')
  await a.sync()
  await killedAt(b, change => change.kind === 'base-gone')
  expect(() => b.read('data/n.md')).toThrow('ENOENT')
  a.write('data/n.md', 'text\n')
  await a.sync()
  await b.sync()
  await a.sync()
  expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual(['text\n', 'text\n'])
})

test.concurrent.each([
  ['pulled', 'second\n'],
  ['removed', null],
])(
  'R2 R8.15 what was %s and not recorded is still known for it after a folder could not be read',
  async (_, next) => {
    const database = createMemoryDatabase()
    let isUnreadable = false
    await using a = new MemoryDevice(database)
    await using b = new MemoryDevice(database, { around: withUnreadableFolders(() => isUnreadable) })
    for (const name of ['n', 'o', 'p']) a.write(`data/${name}.md`, 'text\n')
    await a.sync()
    await b.sync()
    if (next === null) a.remove('data/n.md')
    else a.write('data/n.md', next)
    await a.sync()
    await killedAt(b, ({ kind }) => kind === 'base-set' || kind === 'base-gone')
    isUnreadable = true
    await b.sync()
    expect(b.state.loadStaged(b.scope)).toHaveLength(1)
    isUnreadable = false
    a.write('data/n.md', 'third\n')
    await a.sync()
    await b.sync()
    expect(b.read('data/n.md')).toBe('third\n')
    expect([b.state.loadConflicts(b.scope), b.state.loadStaged(b.scope)]).toEqual([[], []])
  },
)

const actionsOf = (events: Awaited<ReturnType<MemoryDevice['sync']>>): string[] =>
  events.flatMap(event => (event.type === 'file' ? [event.action] : []))

/** Two devices in step; then the first one's write of 'one' reaches the database, and its engine dies before it notes that. */
async function killedAfterWriting(a: MemoryDevice, b: MemoryDevice, before: string | null): Promise<void> {
  for (const name of ['o', 'p', 'q']) a.write(`data/${name}.md`, 'text\n')
  if (before !== null) a.write('data/n.md', before)
  await a.sync()
  await b.sync()
  a.write('data/n.md', 'one\n')
  await killedAt(a, basesOf('data/n.md'))
}

test.concurrent.each([
  ['new', null],
  ['edited', 'old\n'],
])('R2 an edit on top of a push that was not recorded is no conflict: %s', async (_, before) => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  await killedAfterWriting(a, b, before)
  a.write('data/n.md', 'two\n')
  expect(actionsOf(await a.sync())).toEqual(['push'])
  expect(actionsOf(await b.sync())).toEqual(['pull'])
  expect(b.read('data/n.md')).toBe('two\n')
  expect(a.state.loadSent(a.scope)).toEqual([])
})

test.concurrent('R7 the delete of a file that was pushed and not recorded is a delete', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  await killedAfterWriting(a, b, 'old\n')
  a.remove('data/n.md')
  expect(actionsOf(await a.sync())).toEqual(['delete-remote'])
  expect(actionsOf(await b.sync())).toEqual(['delete-local'])
})

test.concurrent("R1 R6 an edit of what another device has written over one's own push is still in conflict", async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  await killedAfterWriting(a, b, 'old\n')
  await b.sync()
  b.write('data/n.md', 'theirs\n')
  await b.sync()
  a.write('data/n.md', 'two\n')
  expect(actionsOf(await a.sync())).toEqual(['conflict'])
  expect([a.read('data/n.md'), a.read('data/n.md.conflict')]).toEqual(['two\n', 'theirs\n'])
  expect(a.state.loadSent(a.scope)).toEqual([])
})

test.concurrent('R1 a file that was made anew, as it was, after its delete was sent and not recorded, is new', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  for (const name of ['n', 'o', 'p', 'q']) a.write(`data/${name}.md`, 'text\n')
  await a.sync()
  await b.sync()
  a.remove('data/n.md')
  await killedAt(a, change => change.kind === 'base-gone')
  a.write('data/n.md', 'text\n')
  expect(actionsOf(await a.sync())).toEqual(['push'])
  await b.sync()
  expect([a.read('data/n.md'), b.read('data/n.md')]).toEqual(['text\n', 'text\n'])
})
