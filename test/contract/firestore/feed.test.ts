/**
 * The feed of Firestore: what it tells, what it costs, and how it goes on after an end. All of it proves our
 * proxy, which speaks `Listen` itself; the emulator behind it only counts and answers queries.
 */
import { status } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { AdapterError } from '../../../src/engine/ports/adapter.ts'
import { isGooglesEmulator } from '../../support/firestore/harness.ts'
import { until } from '../../support/until.ts'
import {
  creation,
  creations,
  deletion,
  etagOf,
  firestoreSides,
  idsOf,
  SCOPE,
  untilFailed,
  untilTold,
  watch,
} from './sides.ts'

/** Longer than a listener must have lived to be taken up again at once. Milliseconds. */
const LONG_LIFE_MS = 11_000
/** After it the count of the service is asked for again. Milliseconds. */
const LONG_AGO_MS = 61_000
/** Where the service counts otherwise, it is asked once more after so long. Milliseconds. */
const RECOUNT_MS = 1_000
/** So long a service may say nothing. Milliseconds. */
const QUIET_MS = 100_000

describe.skipIf(isGooglesEmulator)('the Firestore feed', () => {
  const sides = firestoreSides()

  describe('costs', () => {
    test('a start reads each record once, without its content, and the heads come from the same read', async () => {
      await sides.there.commit(creations(50))
      sides.standIn.takeMeter()
      await watch(sides.here)
      expect(await idsOf(sides.here)).toHaveLength(50)
      expect(sides.standIn.takeMeter()).toEqual({
        calls: { RunQuery: 1, Listen: 1 },
        reads: 50,
        writes: 0,
        deletes: 0,
      })
    })

    test('nothing changes: nothing is asked', async () => {
      await sides.there.commit(creations(5))
      const watched = await watch(sides.here)
      sides.standIn.takeMeter()
      await sides.clock.pass(QUIET_MS)
      expect(sides.standIn.takeMeter()).toEqual({ calls: {}, reads: 0, writes: 0, deletes: 0 })
      // Nor was anything on its way.
      await sides.there.commit([creation('data/last.md')])
      await untilTold(watched, 'data/last.md', 'there')
      expect(sides.standIn.takeMeter()).toEqual({ calls: { BatchWrite: 1 }, reads: 1, writes: 1, deletes: 0 })
    })

    test('a change of another device is one read, and a comparison of all heads is one more', async () => {
      await sides.there.commit(creations(50))
      const watched = await watch(sides.here)
      sides.standIn.takeMeter()
      await sides.there.commit([creation('data/new.md')])
      await untilTold(watched, 'data/new.md', 'there')
      expect(sides.standIn.takeMeter().reads).toBe(1)
      await sides.clock.pass(LONG_AGO_MS)
      expect(await idsOf(sides.here)).toHaveLength(51)
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { RunAggregationQuery: 1 }, reads: 1 })
    })

    test('a file written is one call and one write, and its echo is not told (R3)', async () => {
      const watched = await watch(sides.here)
      sides.standIn.takeMeter()
      await sides.here.commit([creation('data/mine.md')])
      await sides.there.commit([creation('data/theirs.md')])
      await untilTold(watched, 'data/theirs.md', 'there')
      expect(watched.last('data/mine.md')).toBeUndefined()
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { BatchWrite: 2 }, writes: 2 })
    })
  })

  describe('heads while it runs', () => {
    test('R8 what was just written is in them at once, and what was deleted is not', async () => {
      await watch(sides.here)
      const paths = Array.from({ length: 20 }, (_, index) => `data/${index}.md`)
      for (const path of paths) {
        const [created] = await sides.here.commit([creation(path)])
        expect(await idsOf(sides.here)).toContain(`app:${path}`)
        if (path.endsWith('0.md')) continue
        await sides.here.commit([deletion(path, etagOf(created))])
        expect(await idsOf(sides.here)).not.toContain(`app:${path}`)
      }
      expect(await idsOf(sides.here)).toEqual(['app:data/0.md', 'app:data/10.md'])
    })

    test('R13 offline they fail instead of repeating what was known', async () => {
      await sides.there.commit(creations(3))
      await watch(sides.here)
      sides.standIn.faults.fail('RunAggregationQuery', { code: status.UNAVAILABLE, message: 'no network' })
      await sides.clock.pass(LONG_AGO_MS)
      await expect(idsOf(sides.here)).rejects.toMatchObject({ code: 'offline', retryable: true })
    })

    test('R8 where the service counts otherwise, everything is read anew', async () => {
      await sides.there.commit(creations(3))
      const watched = await watch(sides.here)
      sides.standIn.loseNextChange()
      await sides.there.commit([creation('data/unheard.md')])
      await sides.clock.pass(LONG_AGO_MS)
      const ids = idsOf(sides.here)
      await until(
        () => sides.clock.nextWakeMs <= RECOUNT_MS,
        'the first count',
        () => sides.clock.describe(),
      )
      await sides.clock.pass(RECOUNT_MS)
      expect(await ids).toContain('app:data/unheard.md')
      expect(watched.errors).toEqual([])
    })
  })

  describe('after an end', () => {
    test('R13 a listener that the service ends is taken up again: only what has changed is read', async () => {
      await sides.there.commit(creations(50))
      const watched = await watch(sides.here)
      sides.standIn.takeMeter()
      await sides.clock.pass(LONG_LIFE_MS)
      sides.standIn.endListeners({ code: status.UNAVAILABLE, message: 'moving to another server' })
      await sides.there.commit([creation('data/meanwhile.md')])
      await untilTold(watched, 'data/meanwhile.md', 'there')
      expect(watched.errors).toEqual([])
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { Listen: 1 }, reads: 1 })
    })

    test('R13 one that ends again and again is an error, and no quick repetition', async () => {
      const watched = await watch(sides.here)
      sides.standIn.faults.fail('Listen', { code: status.UNAVAILABLE, message: 'overloaded' }, 100)
      await sides.clock.pass(LONG_LIFE_MS)
      sides.standIn.takeMeter()
      sides.standIn.endListeners({ code: status.UNAVAILABLE, message: 'overloaded' })
      await untilFailed(watched)
      expect(watched.errors).toEqual([expect.objectContaining({ code: 'offline', retryable: true })])
      expect(sides.standIn.takeMeter().calls.Listen).toBe(1)
    })

    test('R13 after a cut line, a new subscription tells creations, edits and deletes, and reads no more', async () => {
      const [first] = await sides.there.commit([creation('data/goes.md'), ...creations(50)])
      const watched = await watch(sides.here)
      await sides.gate.cut()
      await untilFailed(watched)
      expect(watched.errors[0]).toBeInstanceOf(AdapterError)
      expect(watched.errors[0]).toMatchObject({ code: 'offline', retryable: true })
      await sides.there.commit([deletion('data/goes.md', etagOf(first)), creation('data/comes.md')])
      await sides.gate.reopen()
      sides.standIn.takeMeter()
      const again = await liveAgain()
      expect(await idsOf(sides.here)).toHaveLength(51)
      expect(sides.standIn.takeMeter().reads).toBeLessThan(10)
      expect(again.last('data/goes.md')).toBe('gone')
      expect(again.last('data/comes.md')).toBe('there')

      /** gRPC waits a second before it tries a broken line again. */
      async function liveAgain(): ReturnType<typeof watch> {
        let last = watched
        await until(
          async () => {
            last.end()
            last = (await watch(sides.here).catch(() => null)) ?? last
            return last !== watched && last.errors.length === 0
          },
          'the line to be open again',
          () => last.errors.map(String).join(', '),
        )
        return last
      }
    })

    test('R13 what can no longer be resumed is sent whole, and deletes are found in it', async () => {
      const [first] = await sides.there.commit([creation('data/goes.md'), ...creations(5)])
      const watched = await watch(sides.here)
      watched.end()
      await sides.there.commit([deletion('data/goes.md', etagOf(first))])
      sides.standIn.forgetPast()
      const again = await watch(sides.here)
      expect(again.last('data/goes.md')).toBe('gone')
      expect(await idsOf(sides.here)).toHaveLength(5)
    })

    test('R8 where the service counts more than it has told, everything is read anew', async () => {
      const [first] = await sides.there.commit([creation('data/goes.md'), ...creations(5)])
      const watched = await watch(sides.here)
      watched.end()
      sides.standIn.miscount(1)
      sides.standIn.takeMeter()
      const again = await watch(sides.here)
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { RunQuery: 1, Listen: 2 } })
      await sides.there.commit([deletion('data/goes.md', etagOf(first))])
      await untilTold(again, 'data/goes.md', 'gone')
      expect(again.errors).toEqual([])
    })

    test('R13 where it does so again, that is an error, and no quick repetition', async () => {
      await sides.there.commit(creations(5))
      sides.standIn.miscount(1)
      sides.standIn.takeMeter()
      const watched = await watch(sides.here)
      await untilFailed(watched)
      expect(watched.errors).toEqual([expect.objectContaining({ code: 'offline', retryable: true })])
      expect(sides.standIn.takeMeter().calls.Listen).toBe(1)
    })

    test('a token that is not accepted is given up, and everything read anew', async () => {
      await sides.there.commit(creations(5))
      const watched = await watch(sides.here)
      watched.end()
      sides.standIn.faults.fail('Listen', { code: status.INVALID_ARGUMENT, message: 'invalid resume token' })
      const refused = await watch(sides.here)
      await untilFailed(refused)
      sides.standIn.takeMeter()
      const again = await watch(sides.here)
      expect(again.errors).toEqual([])
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { RunQuery: 1, Listen: 1 } })
    })

    test('R12 one that is not allowed is told with what to do, also where the database is looked for first', async () => {
      await sides.there.commit(creations(2))
      sides.standIn.faults.fail('Listen', { code: status.PERMISSION_DENIED, message: 'Missing permissions.' })
      const watched = await watch(sides.here)
      await untilFailed(watched)
      expect(watched.errors).toEqual([expect.objectContaining({ code: 'denied', retryable: false })])
      expect(String(watched.errors[0])).toMatch(/role/)
    })

    test('a subscription that was ended is told nothing more, not even an error', async () => {
      const watched = await watch(sides.here)
      watched.end()
      const { length } = watched.hints
      sides.standIn.endListeners({ code: status.PERMISSION_DENIED, message: 'Missing permissions.' })
      await sides.there.commit([creation('data/later.md')])
      const other = await watch(sides.here)
      await sides.there.commit([creation('data/last.md')])
      await untilTold(other, 'data/last.md', 'there')
      expect(watched.errors).toEqual([])
      expect(watched.hints).toHaveLength(length)
    })
  })

  test('R15 two owners have two feeds on one connection', async () => {
    const told: string[] = []
    const end = sides.here.watchHeads(
      SCOPE.appId,
      'ann',
      hint => void (hint !== 'everything' && told.push(...hint.map(({ id }) => id))),
      () => {},
    )
    const watched = await watch(sides.here)
    const data = { path: 'data/a.md', content: 'x', app: 'app', ownerId: 'ann', lastUpdated: 1 }
    await sides.there.commit([{ type: 'set', id: 'app@ann:data/a.md', expected: null, data }])
    await until(() => told.includes('app@ann:data/a.md'), `ann's file`)
    expect(watched.last('data/a.md')).toBeUndefined()
    end()
  })
})
