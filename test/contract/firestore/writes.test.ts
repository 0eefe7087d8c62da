/**
 * Writing to Firestore: results, batches, limits and ids. Conditions, sizes, names and the results of
 * `BatchWrite` prove our proxy; that contents come back as they were proves the emulator behind it.
 */
import { status } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/adapters/firestore/limits.ts'
import { recordId } from '../../../src/engine/core/record-id.ts'
import type { ConditionalWrite } from '../../../src/engine/ports/adapter.ts'
import { isGooglesEmulator } from '../../support/firestore/harness.ts'
import { creation, creations, deletion, etagOf, firestoreSides, idsOf, SCOPE } from './sides.ts'

describe.skipIf(isGooglesEmulator)('writing to Firestore', () => {
  const sides = firestoreSides()

  function update(path: string, content: string, etag: string): ConditionalWrite {
    const data = { path, content, app: SCOPE.appId, ownerId: SCOPE.ownerId, lastUpdated: 2_000 }
    return { type: 'set', id: recordId(SCOPE, path), expected: { etag, lastUpdated: 1_000 }, data }
  }

  describe('results', () => {
    test('F3 F16 losers of every kind lose alone, whatever else is in their request', async () => {
      const [edited, deleted, kept] = await sides.here.commit(creations(3))
      await sides.there.commit([
        update('data/00000.md', 'theirs', etagOf(edited)),
        deletion('data/00001.md', etagOf(deleted)),
      ])
      sides.standIn.takeMeter()
      const results = await sides.here.commit([
        update('data/00000.md', 'mine', etagOf(edited)),
        update('data/00001.md', 'mine', etagOf(deleted)),
        creation('data/00002.md'),
        deletion('data/nowhere.md', etagOf(edited)),
        creation('data/new.md'),
        deletion('data/00002.md', etagOf(kept)),
      ])
      expect(results.map(result => result.status)).toEqual(['lost', 'lost', 'lost', 'lost', 'done', 'done'])
      // The last names a document of the third again, which one request may not.
      expect(sides.standIn.takeMeter().calls).toEqual({ BatchWrite: 2 })
      expect(await idsOf(sides.there)).toEqual(['app:data/00000.md', 'app:data/new.md'])
    })

    test('F15 two writes of one millisecond have two etags', async () => {
      const writes = creations(100)
      const results = await sides.here.commit(writes)
      const [first] = await sides.here.commit([update('data/00000.md', 'a', etagOf(results[0]))])
      const [second] = await sides.here.commit([update('data/00000.md', 'b', etagOf(first))])
      expect(new Set([results[0], first, second].map(etagOf))).toHaveLength(3)
    })

    test('an etag that no Firestore made has lost', async () => {
      await sides.here.commit(creations(1))
      expect(await sides.here.commit([update('data/00000.md', 'mine', 'c0ffee')])).toEqual([
        { status: 'lost' },
      ])
    })

    test('fields of other programs stay as they are', async () => {
      const [created] = await sides.here.commit(creations(1))
      await sides.here.commit([update('data/00000.md', 'new', etagOf(created))])
      expect(await sides.there.get('app:data/00000.md')).toMatchObject({
        data: { createdAt: 1_000, content: 'new', lastUpdated: 2_000 },
      })
    })
  })

  describe('batches', () => {
    test('F16 more than a request takes is sent in several, each within 500 writes and 10 MiB', async () => {
      const large = Array.from({ length: 12 }, (_, index) =>
        creation(`data/large-${index}.md`, 'x'.repeat(LIMITS.contentBytes)),
      )
      sides.standIn.takeMeter()
      const results = await sides.here.commit([...creations(600), ...large])
      expect(results.every(result => result.status === 'done')).toBe(true)
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { BatchWrite: 4 }, writes: 612 })
      const [first] = await sides.there.getMany(['app:data/large-11.md'])
      expect(first?.data.content.length).toBe(LIMITS.contentBytes)
    })

    test('two writes of one record follow each other', async () => {
      const results = await sides.here.commit([creation('data/a.md', 'one'), creation('data/a.md', 'two')])
      expect(results.map(result => result.status)).toEqual(['done', 'lost'])
      expect(await sides.here.get('app:data/a.md')).toMatchObject({ data: { content: 'one' } })
    })

    test('R1 what was written before the line broke is told; the rest is tried again', async () => {
      sides.standIn.faults.failFrom('BatchWrite', 2, { code: status.UNAVAILABLE, message: 'no network' })
      const results = await sides.here.commit(creations(600))
      expect(results.map(result => result.status)).toEqual([
        ...Array<string>(500).fill('done'),
        ...Array<string>(100).fill('failed'),
      ])
      expect(results[599]).toMatchObject({ error: { code: 'offline', retryable: true } })
    })

    test('R13 where nothing was written, it is the connection that failed', async () => {
      sides.standIn.faults.fail('BatchWrite', { code: status.UNAVAILABLE, message: 'no network' })
      await expect(sides.here.commit(creations(2))).rejects.toMatchObject({
        code: 'offline',
        retryable: true,
      })
    })

    test('no writes are no call', async () => {
      sides.standIn.takeMeter()
      expect(await sides.here.commit([])).toEqual([])
      expect(await sides.here.getMany([])).toEqual([])
      expect(sides.standIn.takeMeter().calls).toEqual({})
    })
  })

  describe('limits', () => {
    test('R13 the quota is an error to be tried again, and says what raises it', async () => {
      sides.standIn.faults.fail('BatchWrite', { code: status.RESOURCE_EXHAUSTED, message: 'Quota exceeded.' })
      const writing = sides.here.commit(creations(1))
      await expect(writing).rejects.toMatchObject({ code: 'quota', retryable: true })
      await expect(writing).rejects.toThrow(/billing/)
      expect(await sides.here.commit(creations(1))).toMatchObject([{ status: 'done' }])
    })

    test('R13 single writes that collide with those of others are repeated for a moment, the others are not', async () => {
      sides.standIn.faults.failWrites({ code: status.ABORTED, message: 'Too much contention.' }, 3)
      sides.standIn.takeMeter()
      const results = await sides.here.commit(creations(5))
      expect(results.every(result => result.status === 'done')).toBe(true)
      expect(sides.standIn.takeMeter()).toMatchObject({ calls: { BatchWrite: 2 }, writes: 5 })
    })

    test('R13 where that does not end, they have failed, and are tried again later', async () => {
      sides.standIn.faults.failWrites({ code: status.ABORTED, message: 'Too much contention.' }, 100)
      expect(await sides.here.commit(creations(1))).toMatchObject([
        { status: 'failed', error: { code: 'conflict', retryable: true } },
      ])
    })

    test('a content of just the limit fits, also under the longest path', async () => {
      const path = `data/${'n'.repeat(1_400)}.md`
      const content = 'x'.repeat(LIMITS.contentBytes)
      expect(await sides.here.commit([creation(path, content)])).toMatchObject([{ status: 'done' }])
    })

    test('R12 what is too large is refused before it is sent, with what to do, and not tried again', async () => {
      sides.standIn.takeMeter()
      const [result] = await sides.here.commit([
        creation('data/a.md', 'ä'.repeat(LIMITS.contentBytes / 2 + 1)),
      ])
      expect(result).toMatchObject({ status: 'failed', error: { code: 'too-large', retryable: false } })
      expect(JSON.stringify(result)).not.toContain('ää')
      if (result?.status !== 'failed') throw new Error('it was written')
      expect(result.error.message).toMatch(/too large for Firestore .*1 MiB.*pattern/)
      expect(sides.standIn.takeMeter().calls).toEqual({})
      const setting = sides.here.set('app:data/a.md', { content: 'x'.repeat(2 ** 20) })
      await expect(setting).rejects.toMatchObject({ code: 'too-large' })
    })

    test('R12 so is what the service finds too large by itself', async () => {
      const message =
        'Document "x" cannot be written because its size (1 bytes) exceeds the maximum allowed size.'
      sides.standIn.faults.failWrites({ code: status.INVALID_ARGUMENT, message })
      expect(await sides.here.commit(creations(1))).toMatchObject([
        { status: 'failed', error: { code: 'too-large', retryable: false } },
      ])
    })
  })

  describe('ids', () => {
    test.each(['data/100%2F.md', 'data/100/.md', 'data/100%252F.md', 'data/%/%25/%2f.md', 'data/a\nb\0c.md'])(
      'F16 %j is a document of its own, and gives its id back',
      async path => {
        const paths = [
          'data/100%2F.md',
          'data/100/.md',
          'data/100%252F.md',
          'data/%/%25/%2f.md',
          'data/a\nb\0c.md',
        ]
        const results = await sides.here.commit(paths.map(one => creation(one, one)))
        expect(results.every(result => result.status === 'done')).toBe(true)
        expect(await sides.there.get(`app:${path}`)).toMatchObject({
          id: `app:${path}`,
          data: { content: path },
        })
        expect(await idsOf(sides.there)).toEqual(paths.map(one => `app:${one}`).toSorted())
      },
    )

    test.each([
      ['a path of too many bytes', `data/${'ä'.repeat(800)}.md`, /too long for Firestore.*1,500/],
      ['a path that is no Unicode text', 'data/\uD800.md', /no valid Unicode/],
    ])('R12 %s is refused with what to do, hides no other, and is no record', async (_, path, said) => {
      const [odd, good] = await sides.here.commit([creation(path), creation('data/good.md')])
      expect(odd).toMatchObject({ status: 'failed', error: { code: 'invalid', retryable: false } })
      if (odd?.status === 'failed') expect(odd.error.message).toMatch(said)
      expect(good).toMatchObject({ status: 'done' })
      expect(await sides.here.get(`app:${path}`)).toBeNull()
      expect(await sides.here.getMany([`app:${path}`, 'app:data/good.md'])).toMatchObject([null, {}])
      await sides.here.delete(`app:${path}`)
      await expect(sides.here.set(`app:${path}`, { content: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    })

    test('R12 an id that Firestore keeps for itself is refused', async () => {
      const write = { ...creation('data/a__'), id: '__app:data/a__' }
      expect(await sides.here.commit([write])).toMatchObject([
        { status: 'failed', error: { code: 'invalid' } },
      ])
    })
  })
})
