import { describe, expect, test } from 'vitest'
import type { FilesBreak } from '../../src/engine/core/breaks.ts'
import { createMemoryStateStore, type MemoryStateStore } from '../fakes/memory-state-store.ts'
import { wholeBase } from '../support/whole-base.ts'
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

describe('what the machine and its owner may do to a store', () => {
  const KEY = { database: 'one', appId: 'app', ownerId: 'shared', channel: 'shared' } as const
  const ENTRY = { digest: 'a'.repeat(64), size: 1, etag: '1', version: 1, fingerprint: null }

  async function agree(store: MemoryStateStore, path: string, isFlushed: boolean): Promise<void> {
    const scope = store.openScope(KEY)
    await store.commit([{ kind: 'base-set', scope, path, entry: ENTRY }])
    if (isFlushed) await store.commit([{ kind: 'flushed', epoch: await store.startFlush() }])
  }

  function doubts(store: MemoryStateStore): (FilesBreak | undefined)[] {
    return [...wholeBase(store, store.openScope(KEY)).values()].map(({ doubt }) => doubt)
  }

  test('R4.6 after another boot what was not flushed is in doubt', async () => {
    const store = createMemoryStateStore()
    await agree(store, 'data/a.md', true)
    await agree(store, 'data/b.md', false)
    store.reboot()
    expect(doubts(store)).toEqual([undefined, 'not-flushed'])
  })

  test('R4.9 a copy that is put back is in doubt, unless nothing came after it', async () => {
    const store = createMemoryStateStore()
    await agree(store, 'data/a.md', true)
    const copy = store.snapshot()
    store.restore(copy)
    expect(doubts(store)).toEqual([undefined])
    await agree(store, 'data/b.md', true)
    store.restore(copy)
    expect(doubts(store)).toEqual(['state-older'])
  })

  test('R4.9 a flush of what nothing was written in makes the state no older one', async () => {
    const store = createMemoryStateStore()
    await agree(store, 'data/a.md', true)
    await store.commit([{ kind: 'flushed', epoch: await store.startFlush() }])
    store.restore(store.snapshot())
    expect(doubts(store)).toEqual([undefined])
  })

  test('R4.9 one that is lost leaves nothing', async () => {
    const store = createMemoryStateStore()
    await agree(store, 'data/a.md', true)
    store.lose()
    expect(doubts(store)).toEqual([])
  })
})
