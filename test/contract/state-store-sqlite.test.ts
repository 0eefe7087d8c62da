import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { StateStore } from '../../src/engine/ports/state-store.ts'
import { openStateStore } from '../../src/platform/state/store.ts'
import { stateStoreContract } from './state-store-contract.ts'

const folders: string[] = []
const paths = new Map<StateStore, string>()

stateStoreContract('SQLite', {
  open() {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'))
    folders.push(folder)
    return opened(join(folder, 'state.db'))
  },
  openAgain(store) {
    return opened(paths.get(store)!)
  },
})

afterEach(() => {
  for (const store of paths.keys()) store.close()
  paths.clear()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function opened(path: string): StateStore {
  const store = openStateStore(path)
  paths.set(store, path)
  return store
}
