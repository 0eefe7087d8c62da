import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import { masked } from './masked.ts'

const mask = (text: string): string => text.replaceAll('s3cret', '•••')
const failure = (): Error => new Error('refused s3cret', { cause: new Error('s3cret') })
const failed = async (): Promise<never> => {
  await Promise.resolve()
  throw Object.assign(failure(), { password: 's3cret', code: 'ECONNREFUSED' })
}

async function thrown(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

test('R17.8 what an adapter throws, rejects with, tells its feed or its results shows no secret', async () => {
  const own = Object.freeze({
    query: failed,
    get: () => {
      // oxlint-disable-next-line typescript/only-throw-error -- Adapters of other people's making may throw anything.
      throw 'plain s3cret'
    },
    set: () => Promise.reject(failure()),
    delete: failed,
    subscribe: (_app: string, _owner: string, _onChange: unknown, onError: (error: unknown) => void) => {
      onError(failure())
      return () => {}
    },
    commit: () =>
      Promise.resolve([
        { status: 'failed', error: failure() },
        { status: 'done', etag: '1' },
      ]),
  }) as unknown as EngineAdapter
  const adapter = masked(own, mask)
  const told: unknown[] = []
  adapter.subscribe(
    'app',
    'shared',
    () => {},
    error => told.push(error),
  )
  const [refused, done] = (await adapter.commit?.([])) ?? []
  const all = [
    ...told,
    refused,
    await thrown(() => adapter.query('app', 'shared')),
    await thrown(() => adapter.get('id')),
    await thrown(() => adapter.set('id', {})),
  ]
  expect(all).toHaveLength(5)
  expect(inspect(all, { depth: 20, showHidden: true })).not.toContain('s3cret')
  expect(all[2]).toMatchObject({ name: 'AdapterError', code: 'offline', retryable: true })
  expect(done).toEqual({ status: 'done', etag: '1' })
  expect(adapter.heads).toBeUndefined()
  expect('query' in adapter).toBe(true)
})
