import { expect, test } from 'vitest'
import { createMemoryStateStore } from '../../test/fakes/memory-state-store.ts'
import { failingStateStore } from '../../test/fakes/failing-state-store.ts'
import { pruneHistory } from './prune-history.ts'

test('R13.1 history that cannot be pruned now ends nothing, and is told', async () => {
  const told: string[] = []
  const log = { debug() {}, info() {}, error: (message: string) => void told.push(message) }
  await pruneHistory(createMemoryStateStore(), log)
  expect(told).toEqual([])
  await pruneHistory(
    failingStateStore(createMemoryStateStore(), () => true),
    log,
  )
  expect(told).toEqual(['history beyond its limits could not be forgotten'])
})
