import { createMemoryStateStore, type MemoryStateStore } from '../fakes/memory-state-store.ts'
import { stateStoreContract } from './state-store-contract.ts'

const stores = new Map<unknown, MemoryStateStore>()

stateStoreContract('in memory', {
  open() {
    const store = createMemoryStateStore()
    stores.set(store, store)
    return store
  },
  openAgain(store) {
    return stores.get(store)!.peer()
  },
})
