import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryDatabase } from '../adapters/memory/memory-database.ts'
import { AdapterError, type AdapterErrorCode, type EngineAdapter } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { FakeClock } from '../../test/fakes/fake-clock.ts'
import { STEP_LIMIT_MS } from './connect-attempt.ts'
import { type ConnectReport, connectTest, testConnection } from './connect-test.ts'
import { loadProject } from './project.ts'

// The limit of a call is never reached.
const OPTIONS = { backend: 'custom', place: 'a place', appId: 'app', clock: new FakeClock() } as const

/** Every look at it is a second later, and sleeps are over at once, but for the limit of a call. */
function hastyClock(): Clock {
  const clock = new FakeClock()
  let seconds = 0
  return Object.assign(clock, {
    monotonic: () => (seconds += 1) * 1_000,
    async sleep(ms: number, signal?: AbortSignal) {
      if (ms < STEP_LIMIT_MS) await nodeClock.yield()
      else await new Promise(resolve => signal?.addEventListener('abort', resolve))
    },
  })
}

const error = (code: AdapterErrorCode): AdapterError => new AdapterError(code, 'Why.', { retryable: false })

function brief({ steps }: ConnectReport): string[] {
  return steps.map(({ step, status }) => `${step} ${status}`)
}

test('a database that works passes every step, and keeps nothing', async () => {
  const memory = createMemoryDatabase()
  const report = await connectTest(memory.adapter(), memory.adapter(), OPTIONS)
  expect(brief(report)).toEqual(
    ['reachable', 'credentials', 'schema', 'read', 'write', 'feed', 'latency'].map(step => `${step} ok`),
  )
  expect(report.steps.every(({ advice }) => advice === null)).toBe(true)
  expect(memory.records().size).toBe(0)
})

test.each([
  ['offline', ['reachable failed', 'credentials skipped', 'schema skipped', 'read skipped']],
  ['busy', ['reachable failed', 'credentials skipped', 'schema skipped', 'read skipped']],
  ['invalid', ['reachable failed', 'credentials skipped', 'schema skipped', 'read skipped']],
  ['denied', ['reachable ok', 'credentials failed', 'schema skipped', 'read skipped']],
  ['schema', ['reachable ok', 'credentials ok', 'schema failed', 'read skipped']],
  ['not-found', ['reachable ok', 'credentials ok', 'schema failed', 'read skipped']],
  ['quota', ['reachable ok', 'credentials ok', 'schema ok', 'read failed']],
  ['unknown', ['reachable failed', 'credentials skipped', 'schema skipped', 'read skipped']],
] as const)(
  'R12 a first call that fails with "%s" says how far it came, and what to do',
  async (code, expected) => {
    const adapter: EngineAdapter = {
      ...createMemoryDatabase().adapter(),
      heads: () => Promise.reject(error(code)),
    }
    const report = await connectTest(adapter, adapter, OPTIONS)
    expect(brief(report)).toEqual([...expected, 'write skipped', 'feed skipped', 'latency skipped'])
    const failure = report.steps.find(({ status }) => status === 'failed')
    expect(failure?.message).toContain('Why.')
    expect(failure?.advice).toMatch(/\w+ \w+/)
  },
)

test('a database that may only be read fails the write, and the probe is not left', async () => {
  const memory = createMemoryDatabase()
  const adapter: EngineAdapter = {
    ...memory.adapter(),
    commit: async writes => writes.map(() => ({ status: 'failed', error: error('denied') })),
  }
  const report = await connectTest(adapter, adapter, OPTIONS)
  expect(brief(report).slice(3)).toEqual(['read ok', 'write failed', 'feed skipped', 'latency skipped'])
  expect(memory.records().size).toBe(0)
})

test('F3 a database that does not keep to conditions fails the write', async () => {
  const memory = createMemoryDatabase()
  const inner = memory.adapter()
  const adapter: EngineAdapter = {
    ...inner,
    commit: async writes => {
      for (const write of writes)
        await (write.type === 'set' ? inner.set(write.id, write.data) : inner.delete(write.id))
      return writes.map(() => ({ status: 'done', etag: null }))
    },
  }
  const report = await connectTest(adapter, adapter, OPTIONS)
  expect(report.steps[4]).toMatchObject({
    step: 'write',
    status: 'failed',
    message: expect.stringContaining('conditions are not kept') as string,
  })
  expect(memory.records().size).toBe(0)
})

test('a feed that stays silent, or ends, is a failed step after which the test goes on', async () => {
  const memory = createMemoryDatabase()
  const silent: EngineAdapter = { ...memory.adapter(), watchHeads: () => () => {} }
  const ended: EngineAdapter = {
    ...memory.adapter(),
    watchHeads: (_app, _owner, _onHint, onError) => {
      onError(error('denied'))
      return () => {}
    },
  }
  for (const adapter of [silent, ended]) {
    const report = await connectTest(adapter, adapter, { ...OPTIONS, clock: hastyClock() })
    expect(brief(report).slice(4)).toEqual(['write ok', 'feed failed', 'latency ok'])
  }
  expect(memory.records().size).toBe(0)
})

test('settings that cannot be used are a failed step too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-connect-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/sync-config.json'), '{}')
  writeFileSync(join(folder, '.env'), 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=none.mjs\n')
  const env = { LOCKSTEP_HOME: join(folder, 'home') }
  const report = await testConnection(loadProject(folder, env), env)
  expect(brief(report)[0]).toBe('reachable failed')
  expect(report.steps[0]?.message).toContain('none.mjs')
  expect(report.steps[0]?.advice).toContain('FILE_SYNC_ADAPTER')
})
