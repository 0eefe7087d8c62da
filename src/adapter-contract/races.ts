/** Two and more devices at the same time: whatever they were told must be what is stored. */
import assert from 'node:assert/strict'
import type { RemoteStore } from '../engine/ports/remote-store.ts'
import type { AdapterHarness, CaseGroup } from './harness.ts'
import { contentOf, create, fill, headOf, headsOf, remove, statuses, update } from './store-calls.ts'

/** Of the devices that create one path at once. */
const CREATORS = 10
/** Paths of which one device deletes and the other edits each. */
const CONTESTED = 20
/** Of each of the three that count in one record. */
const COUNTS = 30

const needsConditions = ({ isComplete }: AdapterHarness): string | null =>
  isComplete ? null : 'only an adapter with heads, getMany and commit writes on a condition'

export const RACES: CaseGroup = {
  name: 'races',
  cases: [
    {
      name: 'F3 of many creations of one path at once exactly one is done, and it is the one stored',
      skip: needsConditions,
      async run({ here, there }) {
        const results = await Promise.all(
          Array.from({ length: CREATORS }, (_, n) =>
            (n % 2 === 0 ? here : there).commit([create('data/a.md', `by ${n}`, 1_000 + n)]),
          ),
        )
        const told = statuses(results.flat())
        assert.deepEqual(
          told.filter(status => status === 'done'),
          ['done'],
        )
        assert.equal(told.filter(status => status === 'lost').length, CREATORS - 1)
        assert.equal(await contentOf(there, 'data/a.md'), `by ${told.indexOf('done')}`)
      },
    },
    {
      name: 'R7 of a delete and an edit at once exactly one is done, and the record is as that one left it',
      skip: needsConditions,
      async run({ here, there }) {
        await fill(here, CONTESTED)
        const heads = await headsOf(there)
        const races = await Promise.all(
          heads.map(async (head, n) => {
            const [first, second] = n % 2 === 0 ? [here, there] : [there, here]
            const [deletes, edits] = await Promise.all([
              first.commit([remove(head)]),
              second.commit([update(head, 'edited', 2_000)]),
            ])
            return { path: head.path, told: statuses([...deletes, ...edits]) }
          }),
        )
        for (const { path, told } of races) {
          assert.deepEqual(told.toSorted(), ['done', 'lost'], path)
          assert.equal(await contentOf(here, path), told[0] === 'done' ? null : 'edited', path)
        }
      },
    },
    {
      name: 'F3 R2 of many edits at the same time by two devices none is lost',
      skip: needsConditions,
      async run({ here, there }) {
        await here.commit([create('data/count.txt', '0', 1)])
        let losses = 0
        const count = async (store: RemoteStore): Promise<void> => {
          for (let done = 0; done < COUNTS;) {
            const [read] = await store.read(['data/count.txt'])
            assert.ok(read?.status === 'found', 'the record is gone')
            const { file } = read
            const next = update(file, String(Number(file.content) + 1), file.version + 1)
            const [result] = await store.commit([next])
            if (result?.status === 'done') done++
            else if (result?.status === 'lost') losses++
            else assert.fail(`a write failed: ${result?.error.message}`)
          }
        }
        await Promise.all([count(here), count(there), count(here)])
        assert.equal(await contentOf(here, 'data/count.txt'), String(3 * COUNTS))
        assert.ok(losses > 0, 'no write ever lost its race: nothing was exercised')
      },
    },
    {
      name: 'F3 whoever was told "done" by an adapter without conditions finds it stored',
      skip: ({ isComplete }) => (isComplete ? 'for adapters of five methods' : null),
      async run({ here, there }) {
        assert.notDeepEqual(here.caveats, [], 'what is weaker must be said')
        await here.commit([create('data/a.md', 'base', 1_000)])
        const head = await headOf(here, 'data/a.md')
        const [mine] = await here.commit([update(head, 'mine', 2_000)])
        assert.equal(mine?.status, 'done')
        assert.deepEqual(statuses(await there.commit([update(head, 'theirs', 2_001)])), ['lost'])
        assert.equal(await contentOf(there, 'data/a.md'), 'mine')
      },
    },
  ],
}
