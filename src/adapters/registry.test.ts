import { expect, test } from 'vitest'
import { nodeClock } from '../platform/node-clock.ts'
import { openAdapter } from './registry.ts'

const CONTEXT = {
  clock: nodeClock,
  readKeyFile: () => null,
  mask: (text: string) => text,
  sqlitePath: '/nonexistent/folder/sync.db',
}

test('opens SQLite without touching the disk before the first call', async () => {
  const adapter = await openAdapter({ backend: 'drizzle', sqlitePath: null }, CONTEXT)
  await expect(adapter.query('app', 'shared')).rejects.toMatchObject({
    name: 'AdapterError',
    code: 'not-found',
  })
  await adapter.dispose?.()
})

test('R12 a custom backend without its module is refused with what to set', async () => {
  const opening = openAdapter({ backend: 'custom', adapterPath: './mine.js' }, CONTEXT)
  await expect(opening).rejects.toMatchObject({ name: 'AdapterError', code: 'invalid', retryable: false })
  await expect(opening).rejects.toThrow(/FILE_SYNC_ADAPTER/)
})
