/** After the end there is nothing left: no timer, no connection, no notice. */
import assert from 'node:assert/strict'
import { AdapterError } from '../engine/ports/adapter.ts'
import type { CaseGroup } from './harness.ts'
import { create, headsOf, listenTo, openResources, pathsOf, waitFor } from './store-calls.ts'

export const END: CaseGroup = {
  name: 'the end',
  cases: [
    {
      name: 'a disposed adapter tells so with an AdapterError, and may be disposed again',
      skip: ({ adapter }) => (adapter.dispose === undefined ? 'the adapter has no dispose' : null),
      async run({ harness, here }) {
        await headsOf(here)
        await harness.adapter.dispose!()
        await assert.rejects(() => headsOf(here), AdapterError)
        await harness.adapter.dispose!()
      },
    },
    {
      name: 'R13 calls that are under way when it is disposed come to an end',
      skip: ({ adapter }) => (adapter.dispose === undefined ? 'the adapter has no dispose' : null),
      async run({ harness, here }) {
        const calls = [
          headsOf(here),
          here.read(['data/a.md']),
          here.commit([create('data/a.md', '1', 1_000)]),
        ]
        const ends = Promise.allSettled(calls)
        await harness.adapter.dispose!()
        for (const end of await ends) {
          if (end.status === 'rejected') assert.ok(end.reason instanceof AdapterError, String(end.reason))
        }
      },
    },
    {
      name: 'F26 dispose leaves nothing open and tells nothing more',
      async run({ harness, here, there }) {
        const before = openResources()
        const feed = listenTo(here)
        await there.commit([create('data/a.md', '1', 1_000)])
        await feed.until('data/a.md')
        await harness.adapter.dispose?.()
        feed.end()
        const told = feed.paths().length
        await there.commit([create('data/b.md', '1', 1_000)])
        // The database has answered since: a late notice would have been sent before.
        assert.deepEqual(await pathsOf(there), ['data/a.md', 'data/b.md'])
        await harness.other.dispose?.()
        const open = (): string =>
          `${before} open resources, not ${openResources()}: ${process.getActiveResourcesInfo().join(', ')}`
        await waitFor(() => openResources() <= before, open)
        assert.equal(feed.paths().length, told)
      },
    },
  ],
}
