/** Versions at the end of what numbers hold exactly (R4.12): none leads to one that nobody takes. */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { VERSION_LIMIT } from '../../src/engine/core/version.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const ID = 'app:data/a.md'

test('R4.12 an edit is sent where a version is left for it, and told where none is', async () => {
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database)
  await using b = new MemoryDevice(database)
  a.write('data/a.md', 'first\n')
  await a.sync()
  const record = async () => (await database.adapter().get(ID))!.data
  for (const left of [1, 0]) {
    const lastUpdated = VERSION_LIMIT - 1 - left
    await database.adapter().set(ID, { ...(await record()), content: `theirs ${left}\n`, lastUpdated })
    await a.sync()
    expect(a.read('data/a.md')).toBe(`theirs ${left}\n`)
    a.write('data/a.md', `edited ${left}\n`)
    const events = await a.sync()
    const problems = events.flatMap(event => (event.type === 'problem' ? [event.code] : []))
    expect(problems).toEqual(left === 1 ? [] : ['undecodable'])
    expect(await record()).toMatchObject({
      content: left === 1 ? 'edited 1\n' : 'theirs 0\n',
      lastUpdated: VERSION_LIMIT - 1,
    })
    await b.sync()
    expect(b.read('data/a.md')).toBe((await record()).content)
  }
  expect(a.read('data/a.md')).toBe('edited 0\n')
})
