/** An adapter as an agent-native app may bring it: the five methods over a map, and nothing else. */
import {
  AdapterError,
  type FileChange,
  type FileRecord,
  type FileSyncAdapter,
} from '../../src/engine/ports/adapter.ts'
import { adapterContract } from './adapter-contract.ts'

interface Listener {
  readonly appId: string
  readonly ownerId: string
  readonly onChange: (changes: FileChange[]) => void
}

/** Adapters over one map are one database. Each call takes its turn on the event loop, as over a network. */
function fiveMethods(records: Map<string, FileRecord>, listeners: Set<Listener>): FileSyncAdapter {
  let disposed = false

  async function turn(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    if (disposed) throw new AdapterError('offline', 'closed', { retryable: false })
  }

  function tell(type: FileChange['type'], id: string, data: FileRecord): void {
    for (const { appId, ownerId, onChange } of listeners) {
      if (data.app === appId && data.ownerId === ownerId) onChange([{ type, id, data }])
    }
  }

  return {
    async query(appId, ownerId) {
      await turn()
      return [...records]
        .filter(([, data]) => data.app === appId && data.ownerId === ownerId)
        .map(([id, data]) => ({ id, data }))
    },
    async get(id) {
      await turn()
      const data = records.get(id)
      return data === undefined ? null : { id, data }
    },
    async set(id, record) {
      await turn()
      const before = records.get(id)
      const data = { path: '', content: '', app: '', ownerId: '', lastUpdated: 0, ...before, ...record }
      records.set(id, data)
      tell(before === undefined ? 'added' : 'modified', id, data)
    },
    async delete(id) {
      await turn()
      const before = records.get(id)
      records.delete(id)
      if (before !== undefined) tell('removed', id, before)
    },
    subscribe(appId, ownerId, onChange) {
      const listener = { appId, ownerId, onChange }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async dispose() {
      disposed = true
    },
  }
}

adapterContract('five-method', async () => {
  const records = new Map<string, FileRecord>()
  const listeners = new Set<Listener>()
  return {
    adapter: fiveMethods(records, listeners),
    other: fiveMethods(records, listeners),
    isComplete: false,
    cleanUp: async () => {},
  }
})
