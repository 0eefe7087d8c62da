/** Each write of ours is on condition of the version it replaces (design, section 2). */
import assert from 'node:assert/strict'
import { recordId } from '../engine/core/record-id.ts'
import type { CaseGroup, Sides } from './harness.ts'
import {
  contentOf,
  contentsOf,
  create,
  etagIn,
  findHead,
  headOf,
  remove,
  SHARED,
  statuses,
  update,
} from './store-calls.ts'

async function createTwice({ harness, here, there }: Sides): Promise<void> {
  const results = await Promise.all([
    here.commit([create('data/a.md', 'mine', 1_000)]),
    there.commit([create('data/a.md', 'theirs', 1_001)]),
  ])
  const told = statuses(results.flat())
  const stored = await contentOf(here, 'data/a.md')
  // Without conditions both may think that they were alone; what they wrote is a file on each device still.
  if (harness.isComplete) assert.deepEqual(told.toSorted(), ['done', 'lost'])
  const done = ['mine', 'theirs'].filter((_, index) => told[index] === 'done')
  assert.ok(stored !== null && done.includes(stored), `stored is ${stored}, but told ${told.join(', ')}`)
}

export const CONDITIONAL_WRITES: CaseGroup = {
  name: 'conditional writes',
  cases: [
    {
      name: 'R4 a new record is stored with its version, and its result names the head',
      async run({ here, there }) {
        const [result] = await here.commit([create('data/a.md', 'one', 1_000)])
        const head = await headOf(there, 'data/a.md')
        assert.deepEqual(result, { status: 'done', etag: head.etag })
        assert.equal(head.version, 1_000)
        assert.equal(await contentOf(there, 'data/a.md'), 'one')
      },
    },
    {
      name: 'F3 of two edits of one version the second is lost, and nothing of it is written',
      async run({ here, there }) {
        await here.commit([create('data/a.md', 'base', 1_000)])
        const seen = await headOf(here, 'data/a.md')
        const first = await here.commit([update(seen, 'mine', 2_000)])
        const second = await there.commit([update(seen, 'theirs', 2_001)])
        assert.deepEqual(statuses([...first, ...second]), ['done', 'lost'])
        assert.equal(await contentOf(there, 'data/a.md'), 'mine')
      },
    },
    { name: 'F3 of two creations of one path one is lost', run: createTwice },
    {
      name: 'R7 a delete of a version that was edited meanwhile is lost',
      async run({ here, there }) {
        await here.commit([create('data/a.md', 'base', 1_000)])
        const seen = await headOf(here, 'data/a.md')
        await there.commit([update(seen, 'edited', 2_000)])
        assert.deepEqual(await here.commit([remove(seen)]), [{ status: 'lost' }])
        assert.equal(await contentOf(here, 'data/a.md'), 'edited')
      },
    },
    {
      name: 'R7 an edit of a record that was deleted meanwhile is lost, and does not bring it back',
      async run({ here, there }) {
        await here.commit([create('data/a.md', 'base', 1_000)])
        const seen = await headOf(here, 'data/a.md')
        assert.deepEqual(await there.commit([remove(seen)]), [{ status: 'done', etag: null }])
        assert.deepEqual(await here.commit([update(seen, 'edited', 2_000)]), [{ status: 'lost' }])
        assert.deepEqual(await here.read(['data/a.md']), [{ status: 'absent' }])
      },
    },
    {
      name: 'F17 a delete of a record that is gone is lost, and fails nothing',
      async run({ here, there }) {
        await here.commit([create('data/a.md', 'base', 1_000)])
        const seen = await headOf(here, 'data/a.md')
        await here.commit([remove(seen)])
        assert.deepEqual(await there.commit([remove(seen)]), [{ status: 'lost' }])
      },
    },
    {
      name: 'F16 in one batch each write has its own result, in order',
      async run({ here, there }) {
        await here.commit([create('data/a.md', 'a', 1_000), create('data/b.md', 'b', 1_000)])
        const stale = await headOf(here, 'data/a.md')
        const fresh = await headOf(here, 'data/b.md')
        await there.commit([update(stale, 'a2', 2_000)])
        const results = await here.commit([
          update(stale, 'a3', 3_000),
          update(fresh, 'b2', 3_000),
          create('data/b.md', 'again', 3_000),
          create('data/c.md', 'c', 3_000),
        ])
        assert.deepEqual(statuses(results), ['lost', 'done', 'lost', 'done'])
        const contents = await contentsOf(here, ['data/a.md', 'data/b.md', 'data/c.md'])
        assert.deepEqual(contents, ['a2', 'b2', 'c'])
      },
    },
    {
      name: 'R4 a result’s etag is the condition of the next write',
      async run({ here }) {
        const [created] = await here.commit([create('data/a.md', '1', 1_000)])
        const first = { path: 'data/a.md', version: 1_000, etag: etagIn(created) }
        const [updated] = await here.commit([update(first, '2', 1_001)])
        const second = { ...first, version: 1_001, etag: etagIn(updated) }
        assert.deepEqual(statuses(await here.commit([update(second, '3', 1_002)])), ['done'])
        assert.equal(await contentOf(here, 'data/a.md'), '3')
      },
    },
    {
      name: 'R4 a path that was deleted can be created again, with another etag',
      async run({ here }) {
        const [created] = await here.commit([create('data/a.md', 'same', 1_000)])
        await here.commit([remove(await headOf(here, 'data/a.md'))])
        const [again] = await here.commit([create('data/a.md', 'same', 1_001)])
        assert.notEqual(etagIn(again), etagIn(created))
      },
    },
    {
      name: 'a creation sets createdAt, and an update keeps it',
      async run({ harness, here, there }) {
        await here.commit([create('data/a.md', '1', 1_000)])
        await there.commit([update(await headOf(there, 'data/a.md'), '2', 2_000)])
        const stored = await harness.adapter.get(recordId(SHARED, 'data/a.md'))
        assert.partialDeepStrictEqual(stored?.data, { createdAt: 1_000, lastUpdated: 2_000, content: '2' })
      },
    },
    {
      name: 'F16 a content above the limit is refused by itself, and not to be tried again',
      skip: ({ adapter }) => (adapter.limits === undefined ? 'the adapter names no limits' : null),
      async run({ here, there }) {
        const tooLarge = 'x'.repeat(here.limits.contentBytes + 1)
        const results = await here.commit([
          create('data/small.md', 'small', 1_000),
          create('data/large.md', tooLarge, 1_000),
          create('data/also-small.md', 'small', 1_000),
        ])
        const [, large] = results
        assert.deepEqual(statuses(results), ['done', 'failed', 'done'])
        assert.ok(large?.status === 'failed')
        assert.equal(large.error.code, 'too-large')
        assert.equal(large.error.retryable, false)
        assert.equal(await findHead(there, 'data/large.md'), undefined)
      },
    },
  ],
}
