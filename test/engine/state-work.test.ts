/**
 * What a sync asks of its state (R3): a statement has a price of its own, so that files are asked about together. As many
 * questions for 1,500 files as for 150, but for what is read in pages.
 */
import { expect, test } from 'vitest'
import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import type { StateStore } from '../../src/engine/ports/state-store.ts'
import { MemoryDevice } from '../support/memory-devices.ts'

const MANY = 1_500
const FEW = 150
/** Pages, batches and transactions that the larger number fills. */
const MOST_MORE = 40

test('R3 the state is asked about many files together: at a first push, at a first pull, and where nothing changed', async () => {
  const [few, many] = [await questionsFor(FEW), await questionsFor(MANY)]
  for (const [step, count] of many.entries()) {
    expect(count, `step ${step}`).toBeGreaterThan(0)
    expect(count - few[step]!, `step ${step}`).toBeLessThan(MOST_MORE)
  }
})

/** Of a push, a pull, and a sync after each. */
async function questionsFor(files: number): Promise<number[]> {
  let asked = 0
  const aroundState = (state: StateStore): StateStore =>
    new Proxy(state, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]): unknown => {
          if (name !== 'commit') asked += 1
          return Reflect.apply(member, target, args)
        }
      },
    })
  const database = createMemoryDatabase()
  await using a = new MemoryDevice(database, { aroundState })
  await using b = new MemoryDevice(database, { aroundState })
  for (let n = 0; n < files; n += 1) a.write(`data/${n % 10}/${n}.md`, `content ${n}\n`)
  const counts: number[] = []
  for (const device of [a, b, a, b]) {
    asked = 0
    await device.sync()
    counts.push(asked)
  }
  expect(b.paths()).toHaveLength(files)
  return counts
}
