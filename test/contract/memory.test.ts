import { describe, expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { adapterContract } from './adapter-contract.ts'

for (const delivery of ['immediate', 'microtask'] as const) {
  for (const hasLog of [false, true]) {
    adapterContract(`memory (${delivery} delivery, ${hasLog ? 'with' : 'without'} a log)`, async () => {
      const database = createMemoryDatabase({ delivery, hasLog })
      return {
        adapter: database.adapter(),
        other: database.adapter(),
        isComplete: true,
        cleanUp: async () => {},
      }
    })
  }
}

describe('R4.10 a copy of the database that is put back', () => {
  const record = (content: string, lastUpdated: number) => ({
    path: 'data/a.md',
    content,
    app: 'app',
    ownerId: 'shared',
    lastUpdated,
  })

  test('has an older log: it stands lower, and does not know of what came after it', async () => {
    const database = createMemoryDatabase({ hasLog: true })
    const adapter = database.adapter()
    await adapter.set('app:data/a.md', record('first', 1))
    const [first] = await adapter.getMany(['app:data/a.md'])
    const copy = database.copy()
    await adapter.set('app:data/a.md', record('second', 2))
    const [second] = await adapter.getMany(['app:data/a.md'])
    await adapter.delete('app:data/a.md')
    const seen = [first!, second!].map(({ id, etag }) => ({ id, etag }))
    expect(await adapter.remembers!(seen)).toEqual([true, true])
    database.putBack(copy)
    const [back] = await adapter.getMany(['app:data/a.md'])
    expect(back).toEqual(first)
    expect(adapter.orderOf!(back!.etag)).toBeLessThan(adapter.orderOf!(second!.etag)!)
    expect(await adapter.remembers!(seen)).toEqual([true, false])
  })

  test('that has given the number to another record knows of it no more', async () => {
    const database = createMemoryDatabase({ hasLog: true })
    const adapter = database.adapter()
    const copy = database.copy()
    await adapter.set('app:data/a.md', record('first', 1))
    const [first] = await adapter.getMany(['app:data/a.md'])
    database.putBack(copy)
    await adapter.set('app:data/b.md', { ...record('other', 3), path: 'data/b.md' })
    await adapter.set('app:data/a.md', record('anew', 4))
    expect(await adapter.remembers!([{ id: first!.id, etag: first!.etag }])).toEqual([false])
  })
})
