import { expect, test } from 'vitest'
import type { ConditionalWrite } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { Committer } from './commit.ts'

/** A clock on which only sleeping takes time. */
function sleepingClock(): Clock & { readonly slept: number[] } {
  let now = 1_000
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    monotonic: () => now,
    async sleep(ms) {
      slept.push(ms)
      now += ms
    },
    yield: async () => {},
    random: () => 0.5,
  }
}

function committer(
  clock: Clock,
  isEmulator: boolean,
): { readonly commit: Committer; readonly sent: number[] } {
  const sent: number[] = []
  const commit = new Committer(
    {
      isEmulator,
      nameOf: async id => id,
      place: async () => ({ projectId: 'p', databaseId: '(default)', emulatorHost: null }),
      async write(writes) {
        sent.push(writes.length)
        return writes.map(() => ({ status: { code: 0 }, updateTime: { seconds: 1, nanos: 5 } }))
      },
      asAdapterError: () => Promise.reject(new Error('nothing fails here')),
    },
    clock,
    { begin() {}, end() {}, noteSet() {}, noteDelete() {} },
  )
  return { commit, sent }
}

function writes(count: number): ConditionalWrite[] {
  return Array.from({ length: count }, (_, index) => {
    const path = `data/${index}.md`
    const data = { path, content: 'x', app: 'app', ownerId: 'shared', lastUpdated: 1 }
    return { type: 'set', id: `app:${path}`, expected: null, data }
  })
}

test('to Google go 500 writes a second, over several commits, and the first ones at once', async () => {
  const clock = sleepingClock()
  const { commit, sent } = committer(clock, false)
  await commit.commit(writes(1_200))
  await commit.commit(writes(100))
  await commit.commit(writes(1))
  expect(sent).toEqual([500, 500, 200, 100, 1])
  expect(clock.slept).toEqual([1_000, 1_000, 400, 200])
})

test('after a pause nothing is saved up, and nothing is waited for', async () => {
  const clock = sleepingClock()
  const { commit } = committer(clock, false)
  await commit.commit(writes(500))
  await clock.sleep(60_000)
  await commit.commit(writes(500))
  expect(clock.slept).toEqual([60_000])
})

test('an emulator is not spared', async () => {
  const clock = sleepingClock()
  const { commit, sent } = committer(clock, true)
  const results = await commit.commit(writes(1_200))
  expect(results.every(result => result.status === 'done' && result.etag === '1000000005')).toBe(true)
  expect(sent).toEqual([500, 500, 200])
  expect(clock.slept).toEqual([])
})
