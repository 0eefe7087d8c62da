import { createMemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { adapterContract } from './adapter-contract.ts'

for (const delivery of ['immediate', 'microtask'] as const) {
  adapterContract(`memory (${delivery} delivery)`, async () => {
    const database = createMemoryDatabase({ delivery })
    return {
      adapter: database.adapter(),
      other: database.adapter(),
      isComplete: true,
      cleanUp: async () => {},
    }
  })
}
