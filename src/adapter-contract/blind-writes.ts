/** An older writer sets and deletes records without asking, by a clock of its own; that is followed. */
import assert from 'node:assert/strict'
import { recordId } from '../engine/core/record-id.ts'
import type { CaseGroup } from './harness.ts'
import { contentOf, create, headOf, row, SHARED, update } from './store-calls.ts'

const ID = recordId(SHARED, 'data/a.md')

export const BLIND_WRITES: CaseGroup = {
  name: 'versions and blind writes of other programs',
  cases: [
    {
      name: 'F15 a blind write changes the head, also of a clock that is behind',
      async run({ harness, here }) {
        await here.commit([create('data/a.md', 'mine', 9_000)])
        const before = await headOf(here, 'data/a.md')
        await harness.other.set(ID, row('data/a.md', 'blind', 5))
        const after = await headOf(here, 'data/a.md')
        assert.notEqual(after.etag, before.etag)
        assert.equal(await contentOf(here, 'data/a.md'), 'blind')
      },
    },
    {
      name: 'F15 two contents of one millisecond have two etags',
      async run({ harness, here }) {
        await harness.other.set(ID, row('data/a.md', 'first', 7_000))
        const first = await headOf(here, 'data/a.md')
        await harness.other.set(ID, row('data/a.md', 'second', 7_000))
        const second = await headOf(here, 'data/a.md')
        assert.notEqual(second.etag, first.etag)
        assert.deepEqual(await here.commit([update(first, 'mine', 8_000)]), [{ status: 'lost' }])
        assert.equal(await contentOf(here, 'data/a.md'), 'second')
      },
    },
    {
      name: 'F3 a write of some fields leaves the others as they are',
      async run({ harness, here }) {
        await here.commit([create('data/a.md', 'mine', 1_000)])
        await harness.other.set(ID, { content: 'blind', lastUpdated: 2_000 })
        const stored = await harness.adapter.get(ID)
        assert.deepEqual(stored?.data, { ...row('data/a.md', 'blind', 2_000), createdAt: 1_000 })
      },
    },
    {
      name: 'the five methods: query, get, set, delete',
      async run({ harness: { adapter, other } }) {
        const full = { ...row('data/a.md', 'x', 1_000), createdAt: 1_000 }
        await adapter.set(ID, full)
        assert.deepEqual(await other.get(ID), { id: ID, data: full })
        assert.deepEqual(await other.query('app', 'shared'), [{ id: ID, data: full }])
        assert.deepEqual(await other.query('app', 'ann'), [])
        await other.delete(ID)
        await other.delete(ID)
        assert.equal(await adapter.get(ID), null)
      },
    },
  ],
}
