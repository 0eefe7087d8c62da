import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteAdapter } from '../../src/adapters/sqlite/adapter.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { adapterContract } from './adapter-contract.ts'

adapterContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-sqlite-'))
  const path = join(folder, 'sync.db')
  return {
    adapter: createSqliteAdapter({ path, clock: nodeClock }),
    other: createSqliteAdapter({ path, clock: nodeClock }),
    isComplete: true,
    cleanUp: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
