/** An approval is of the very contents that were shown (R8.8): what was edited after it is asked about anew. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { say } from '../support/decisions.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const PATH = 'data/a.md'

const heldAs = ({ state, scope }: MemoryDevice): unknown =>
  state.loadHolds(scope).map(({ path, side, kind }) => ({ path, side, kind }))

describe.concurrent('R8.8 an older record that is held', () => {
  async function held(): Promise<{ a: MemoryDevice; database: MemoryDatabase }> {
    const database = createMemoryDatabase({ hasLog: true })
    const a = new MemoryDevice(database)
    a.write(PATH, 'first\n')
    await a.sync()
    const copy = database.copy()
    a.write(PATH, 'second\n')
    await a.sync()
    database.putBack(copy)
    await a.sync()
    return { a, database }
  }
  const recordIn = (database: MemoryDatabase): unknown => database.records().get(`app:${PATH}`)?.content

  test('replaces no edit that was made after the yes, and is asked about anew', async () => {
    const { a, database } = await held()
    await using _ = a
    await say(a, 'approve')
    a.write(PATH, 'third\n')
    await a.sync()
    expect([a.read(PATH), recordIn(database)]).toEqual(['third\n', 'first\n'])
    expect(heldAs(a)).toEqual([{ path: PATH, side: 'local', kind: 'change' }])
    expect(a.state.loadDecisions(a.scope)).toEqual([])
    await say(a, 'approve')
    await a.sync()
    expect([a.read(PATH), heldAs(a)]).toEqual(['first\n', []])
  })

  test('is replaced by the edit that was made after the no', async () => {
    const { a, database } = await held()
    await using _ = a
    await say(a, 'restore')
    a.write(PATH, 'third\n')
    await a.sync()
    expect([a.read(PATH), recordIn(database), heldAs(a)]).toEqual(['third\n', 'third\n', []])
  })
})

test('R8.8 the yes to the delete of an older record deletes no edit of it that came after', async () => {
  const database = createMemoryDatabase({ hasLog: true })
  await using a = new MemoryDevice(database)
  a.write(PATH, 'first\n')
  await a.sync()
  const copy = database.copy()
  for (const content of ['second\n', 'third\n']) {
    a.write(PATH, content)
    await a.sync()
  }
  database.putBack(copy)
  a.remove(PATH)
  await a.sync()
  expect(heldAs(a)).toEqual([{ path: PATH, side: 'remote', kind: 'delete' }])
  await say(a, 'approve')
  const { id, data } = (await database.adapter().get(`app:${PATH}`))!
  await database.adapter().set(id, { ...data, content: 'edited\n', lastUpdated: data.lastUpdated + 1 })
  await a.sync()
  expect(database.records().get(id)?.content).toBe('edited\n')
  expect(heldAs(a)).toEqual([{ path: PATH, side: 'remote', kind: 'delete' }])
  await say(a, 'approve')
  await a.sync()
  expect([database.records().size, heldAs(a)]).toEqual([0, []])
})

describe.concurrent('R8.8 an older file that is held', () => {
  async function held(): Promise<{ a: MemoryDevice; edit(content: string): Promise<void> }> {
    const database = createMemoryDatabase()
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-copy-'))
    const a = new MemoryDevice(database)
    a.write(PATH, 'first\n')
    await a.sync()
    execFileSync('cp', ['-a', join(a.folder, PATH), folder])
    a.write(PATH, 'second\n')
    await a.sync()
    execFileSync('cp', ['-a', join(folder, 'a.md'), join(a.folder, PATH)])
    rmSync(folder, { recursive: true })
    await a.sync()
    const adapter = database.adapter()
    return {
      a,
      async edit(content) {
        const { id, data } = (await adapter.get(`app:${PATH}`))!
        await adapter.set(id, { ...data, content, lastUpdated: data.lastUpdated + 1 })
      },
    }
  }

  test('replaces no record that was edited after the yes, and is asked about anew', async () => {
    const { a, edit } = await held()
    await using _ = a
    await say(a, 'approve')
    await edit('third\n')
    await a.sync()
    expect(a.read(PATH)).toBe('first\n')
    expect(heldAs(a)).toEqual([{ path: PATH, side: 'remote', kind: 'change' }])
    await say(a, 'restore')
    await a.sync()
    expect([a.read(PATH), heldAs(a)]).toEqual(['third\n', []])
  })

  test('is an edit like any other once it was edited after the no', async () => {
    const { a } = await held()
    await using _ = a
    await say(a, 'restore')
    a.write(PATH, 'third\n')
    await a.sync()
    expect([a.read(PATH), heldAs(a)]).toEqual(['third\n', []])
  })
})
