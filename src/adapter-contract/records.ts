/** Heads list every record once; contents and paths come back as they were. */
import assert from 'node:assert/strict'
import { createRemoteStore } from '../adapters/remote-store.ts'
import { recordId } from '../engine/core/record-id.ts'
import { AdapterError } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import type { CaseGroup, ContractCase } from './harness.ts'
import {
  contentOf,
  contentsOf,
  create,
  fill,
  headOf,
  headsOf,
  list,
  pathsOf,
  PRIVATE,
  remove,
  row,
  SHARED,
  update,
} from './store-calls.ts'

/** More than any page that a database gives at once. */
const MANY = 2_600
/** More than one page: the listing goes on while others write. */
const PAGES = 1_300

const CONTENTS: readonly (readonly [name: string, content: string])[] = [
  ['empty', ''],
  ['900 KB', 'ä'.repeat(450_000)],
  ['with NUL', 'a\0b\0'],
  ['with a byte order mark', '\uFEFFtext'],
  ['with CRLF', 'a\r\nb\rc\n'],
  ['with characters outside the BMP', '😀 \u{1F468}\u200D\u{1F469} e\u0301 \u2028'],
  ['that looks like SQL', `'; DROP TABLE files; --`],
  ['that looks like JSON', '{"$date": 1, "a.b": [null], "__proto__": {}}'],
]

const contentCases = CONTENTS.map(([name, content]): ContractCase => ({
  name: `R1 a content ${name} comes back as it was`,
  async run({ here, there }) {
    await here.commit([create('data/a.md', content, 1_000)])
    const [read] = await there.read(['data/a.md'])
    assert.ok(read?.status === 'found')
    // The message of a failed comparison would print it all.
    assert.ok(read.file.content === content, 'the content has changed on its way')
    assert.equal(read.file.version, 1_000)
  },
}))

const PATHS = [
  'data/100%2F.md',
  'data/%252F/%.md',
  'data/#hash?.md',
  'data/?a=b&c.md',
  'data/a:b@c.md',
  'data/it\'s "quoted".md',
  'data/ä e\u0301 日本 😀.md',
  'data/ leading and trailing .md ',
  'data/dots/..hidden.../.md',
  `data/${'n'.repeat(200)}.md`,
  'data/%_like*[glob].md',
  'data/a,b(c).in.md',
  'data/__proto__',
]

const pathCases = PATHS.map((path): ContractCase => ({
  name: `F16 the path ${path} is one like any other`,
  async run({ here, there }) {
    await here.commit([create(path, 'x', 1_000), create('data/other.md', 'y', 1_000)])
    assert.deepEqual(await pathsOf(there), [path, 'data/other.md'].toSorted())
    await there.commit([update(await headOf(there, path), 'z', 2_000)])
    assert.deepEqual(await contentsOf(here, [path, 'data/other.md']), ['z', 'y'])
    await here.commit([remove(await headOf(here, path))])
    assert.deepEqual(await pathsOf(there), ['data/other.md'])
  },
}))

const unsafeCases = ['../x', '/etc/x', '..\\x', 'data/../../x', 'data/a\u0001.md'].map(
  (path): ContractCase => ({
    name: `F12 R11 the record ${JSON.stringify(path)} is refused, stays, and hides no other`,
    async run({ harness, here }) {
      await harness.other.set(recordId(SHARED, path), row(path, 'evil'))
      await here.commit([create('data/good.md', 'good', 1_000)])
      const { sound, refused } = await list(here)
      assert.deepEqual(
        sound.map(head => head.path),
        ['data/good.md'],
      )
      assert.partialDeepStrictEqual(refused, [{ code: 'unsafe-path', path }])
      assert.notEqual(await harness.adapter.get(recordId(SHARED, path)), null)
    },
  }),
)

export const RECORDS: CaseGroup = {
  name: 'heads and records',
  cases: [
    {
      name: 'F28 more records than a page holds are all listed, once each',
      async run({ here, there }) {
        const paths = await fill(here, MANY)
        assert.deepEqual(await pathsOf(there), paths.toSorted())
      },
    },
    {
      name: 'R8 records that stay are listed also while others come and go',
      async run({ here, there }) {
        const paths = await fill(here, PAGES)
        const listed = new Set<string>()
        let pages = 0
        for await (const page of here.heads(new AbortController().signal)) {
          for (const head of page.heads) listed.add(head.path)
          const [first] = await there.read([paths[0]!])
          if (pages++ === 0 && first?.status === 'found') await there.commit([remove(first.file)])
          await there.commit([
            create(`data/0-${pages}.md`, 'new', 5_000),
            create(`data/zz-${pages}.md`, 'new', 5_000),
          ])
        }
        assert.deepEqual(
          paths.slice(1).filter(path => !listed.has(path)),
          [],
        )
        assert.ok(pages > 0)
      },
    },
    {
      name: 'R8 a listing that is stopped does not end as if it were complete',
      async run({ here }) {
        await fill(here, 3)
        const listing = async (): Promise<void> => {
          for await (const _ of here.heads(AbortSignal.abort())) assert.fail('a page came')
        }
        await assert.rejects(listing, AdapterError)
      },
    },
    {
      name: 'R8 a listing that is stopped between two pages does not end as if it were complete',
      async run({ here }) {
        await fill(here, 3)
        const stop = new AbortController()
        let pages = 0
        const listing = async (): Promise<void> => {
          for await (const { heads } of here.heads(stop.signal)) {
            pages++
            stop.abort()
            // All in one page: the listing was over before it could be stopped.
            if (heads.length === 3) return
          }
          assert.fail('it ended as if it were complete')
        }
        await listing().catch((error: unknown) => assert.ok(error instanceof AdapterError, String(error)))
        assert.equal(pages, 1)
      },
    },
    {
      name: 'many records are read in the order that was asked for',
      async run({ here, there }) {
        const paths = (await fill(here, 1_200)).toReversed()
        const contents = await contentsOf(there, ['data/none.md', ...paths])
        assert.deepEqual(contents, [null, ...paths.map(path => `content of ${path}`)])
      },
    },
    ...contentCases,
    ...pathCases,
    {
      name: 'F11 R15 the same path of two users and of the shared channel are three records',
      async run({ harness, here }) {
        const ann = createRemoteStore(harness.adapter, PRIVATE, { clock: nodeClock })
        const bob = createRemoteStore(harness.adapter, { ...PRIVATE, ownerId: 'bob' }, { clock: nodeClock })
        await here.commit([create('data/a.md', 'shared', 1_000)])
        await ann.commit([create('data/a.md', 'ann', 1_000)])
        await bob.commit([create('data/a.md', 'bob', 1_000)])
        const contents = await Promise.all([here, ann, bob].map(store => contentOf(store, 'data/a.md')))
        assert.deepEqual(contents, ['shared', 'ann', 'bob'])
        assert.equal((await headsOf(ann)).length, 1)
      },
    },
    {
      name: 'records of another app are not listed',
      async run({ harness, here }) {
        const app2 = createRemoteStore(harness.other, { ...SHARED, appId: 'app2' }, { clock: nodeClock })
        await app2.commit([create('data/a.md', 'of app2', 1_000)])
        await here.commit([create('data/b.md', 'of app', 1_000)])
        assert.deepEqual(await pathsOf(here), ['data/b.md'])
        assert.deepEqual(await pathsOf(app2), ['data/a.md'])
      },
    },
    ...unsafeCases,
    {
      name: 'F12 a record whose id has another form is refused, and stays',
      async run({ harness, here }) {
        await harness.other.set('data/old-form.md', row('data/old-form.md', 'old'))
        const { sound, refused } = await list(here)
        assert.deepEqual(sound, [])
        assert.partialDeepStrictEqual(refused, [{ code: 'foreign-id', path: 'data/old-form.md' }])
        assert.notEqual(await harness.adapter.get('data/old-form.md'), null)
      },
    },
    {
      name: 'F12 a record whose path is not that of its id is refused when it is read',
      async run({ harness, here }) {
        await harness.other.set(recordId(SHARED, 'data/a.md'), row('data/b.md', 'mismatch'))
        const [read] = await here.read(['data/a.md'])
        assert.partialDeepStrictEqual(read, { status: 'refused', problem: { code: 'foreign-id' } })
      },
    },
  ],
}
