/**
 * Pages, batches, sizes and refusals, at the level of requests. What the hosted project answers when it is overrun
 * or out of quota is put into the server's mouth here, as its documentation has it; that it says so cannot be shown.
 */
import { inspect } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/adapters/supabase/limits.ts'
import { createRemoteStore } from '../../../src/adapters/remote-store.ts'
import { AdapterError } from '../../../src/engine/ports/adapter.ts'
import type { RemoteHeads } from '../../../src/engine/ports/remote-store.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import { until } from '../../support/until.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'
import {
  type Served,
  allHeads,
  creation,
  openAdapter,
  record,
  requestCounter,
  SHARED,
  update,
} from './project.ts'

let project: SupabaseStandIn

export function testRequests(served: () => Served): void {
  beforeEach(async () => {
    project = served().project
    await project.reset({ access: 'anyone' })
  })

  describe('pages', () => {
    test.each([1_000, 300, 7])('F28 R8 a server that cuts at %s rows hides no record', async rows => {
      const ids = await fill(rows === 7 ? 100 : 2_600)
      await project.do({ do: 'max-rows', rows })
      const adapter = openAdapter(project)
      expect((await allHeads(adapter)).map(({ id }) => id)).toEqual(ids)
      const some = ids.toReversed().slice(0, 200)
      expect((await adapter.getMany(some)).map(found => found?.id)).toEqual(some)
      expect((await adapter.query('app', 'shared')).length).toBe(ids.length)
    })

    test('R3 what fits into one page takes one call', async () => {
      await fill(900)
      const adapter = openAdapter(project)
      const requests = await requestCounter(project)
      expect(await allHeads(adapter)).toHaveLength(900)
      expect(await requests()).toHaveLength(1)
      expect(await adapter.heads('app', 'nobody', null)).toEqual({ heads: [], next: null })
      expect(await requests()).toHaveLength(1)
    })

    test('F16 ids of any length and with any character are found by name, in URLs that pass', async () => {
      const odd = [
        'a"b',
        'a\\',
        '\\"',
        'a,b',
        'a)',
        '(a',
        "a'b",
        'ends in space ',
        '%2F',
        '+',
        '&id=eq.x',
        'ä😀',
      ]
      const long = Array.from({ length: 300 }, (_, n) => `${n}-${'é'.repeat(100)}`)
      const paths = [...odd, ...long]
      const adapter = openAdapter(project)
      const written = await adapter.commit(paths.map(path => creation(path, `of ${path}`)))
      expect(written.filter(({ status }) => status !== 'done')).toEqual([])
      const found = await adapter.getMany(['app:none', ...paths.map(path => `app:${path}`)])
      expect(found.map(one => one?.data.content ?? null)).toEqual([null, ...paths.map(path => `of ${path}`)])
      for (const path of odd) {
        const head = (await allHeads(adapter)).find(({ id }) => id === `app:${path}`)!
        expect(await adapter.commit([update(head, path, 'again')]), path).toMatchObject([{ status: 'done' }])
        await adapter.delete(head.id)
        expect(await adapter.get(head.id), path).toBeNull()
      }
      expect((await project.status()).longestUrl).toBeLessThan(8_000)
    })

    test('R8 a listing whose page fails does not end as if it were complete', async () => {
      await fill(2_600)
      const adapter = openAdapter(project)
      const first = await adapter.heads('app', 'shared', null)
      await project.do({ do: 'rest', fault: { kind: 'cut' }, count: 1 })
      await expect(adapter.heads('app', 'shared', first.next)).rejects.toMatchObject({ code: 'offline' })
    })
  })

  describe('contents', () => {
    test('R1 with NUL are stored as bytes, which a text column can hold, and come back as text', async () => {
      const adapter = openAdapter(project)
      const prefix = 'data:application/octet-stream;base64,'
      const contents = {
        nul: 'a\0b',
        bytes: `${prefix}/wD+`,
        text: `${prefix}${Buffer.from('no NUL in it').toString('base64')}`,
        broken: `${prefix}AGE=\n`,
      }
      await adapter.commit(Object.entries(contents).map(([path, content]) => creation(path, content)))
      const stored = await project.sql('select path, content from public.files')
      const inDatabase = Object.fromEntries(stored.map(({ path, content }) => [path, content]))
      expect(inDatabase).toEqual({ ...contents, nul: `${prefix}${Buffer.from('a\0b').toString('base64')}` })
      for (const [path, content] of Object.entries(contents))
        expect(await adapter.get(`app:${path}`), path).toMatchObject({ data: { content } })
    })

    test('R1 with a byte order mark are stored with it', async () => {
      await openAdapter(project).commit([creation('a', '\uFEFFtext')])
      const [row] = await project.sql(
        `select encode(convert_to(content, 'UTF8'), 'hex') as hex from public.files`,
      )
      expect(row).toEqual({ hex: Buffer.from('\uFEFFtext').toString('hex') })
    })

    test('F16 too large ones are refused by themselves, by us or by the server, and the others written', async () => {
      const adapter = openAdapter(project)
      const large = 'x'.repeat(LIMITS.contentBytes + 1)
      expect(await adapter.commit([creation('a'), creation('large', large), creation('b')])).toMatchObject([
        { status: 'done' },
        { status: 'failed', error: { code: 'too-large', retryable: false } },
        { status: 'done' },
      ])
      await project.do({ do: 'rest', fault: { kind: 'answer', status: 413 }, count: 1 })
      expect(await adapter.commit([creation('c')])).toMatchObject([
        { status: 'failed', error: { code: 'too-large', retryable: false } },
      ])
      expect(await allHeads(adapter)).toHaveLength(2)
    })

    test('F12 rows that a person left half empty hide no other', async () => {
      await project.sql(
        `insert into public.files (id, app, owner_id) values ('app:data/empty.md', 'app', 'shared')`,
      )
      const store = createRemoteStore(openAdapter(project), SHARED, { clock: nodeClock })
      await store.commit([{ kind: 'set', path: 'data/good.md', expected: null, content: 'x', version: 5 }])
      const pages: RemoteHeads[] = []
      for await (const page of store.heads(new AbortController().signal)) pages.push(page)
      expect(pages.flatMap(({ heads }) => heads)).toMatchObject([{ path: 'data/good.md' }])
      expect(pages.flatMap(({ refused }) => refused)).toMatchObject([{ path: 'data/empty.md' }])
    })
  })

  describe('refusals', () => {
    const postgres = (code: string): string =>
      JSON.stringify({ code, message: 'as Postgres says', details: null, hint: null })

    test.each([
      [429, '', 'quota', true],
      [402, '{"message":"exceed_egress_quota"}', 'quota', true],
      [500, '<html><body>a whole page</body></html>', 'offline', true],
      [503, postgres('PGRST002'), 'offline', true],
      [504, postgres('PGRST003'), 'busy', true],
      [521, 'Web server is down', 'offline', true],
      [540, 'Project paused', 'offline', true],
      [500, postgres('57014'), 'busy', true],
      [500, postgres('25006'), 'quota', true],
      [400, postgres('40P01'), 'busy', true],
      [401, '{"message":"Invalid API key"}', 'denied', false],
      [403, postgres('42501'), 'denied', true],
      [404, postgres('42P01'), 'schema', true],
      [400, postgres('22P05'), 'invalid', false],
      [418, 'I am a teapot', 'unknown', true],
    ] as const)('R12 R13 HTTP %s %s is "%s"', async (status, body, code, retryable) => {
      const adapter = openAdapter(project)
      await project.do({ do: 'rest', fault: { kind: 'answer', status, body }, count: 1 })
      const error: unknown = await adapter.heads('app', 'shared', null).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(AdapterError)
      expect(error).toMatchObject({ code, retryable })
      const shown = inspect(error, { depth: 10, showHidden: true })
      expect(shown).not.toContain(project.key)
      expect(shown).not.toContain('whole page')
      expect(await adapter.heads('app', 'shared', null)).toMatchObject({ heads: [] })
    })

    test('R13 nobody there is "offline"', async () => {
      // No program listens there.
      const adapter = openAdapter(project, { url: 'http://127.0.0.1:2' })
      await expect(adapter.heads('app', 'shared', null)).rejects.toMatchObject({
        code: 'offline',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
      })
    })

    test('F16 of a batch with one record that cannot be stored, the others are', async () => {
      const adapter = openAdapter(project)
      const endless = 'a'.repeat(4_000_000)
      const writes = [creation('a'), creation(randomPath(20_000)), creation('b', endless), creation('c')]
      expect(await adapter.commit(writes)).toMatchObject([
        { status: 'done' },
        { status: 'failed', error: { code: 'invalid' } },
        { status: 'done' },
        { status: 'done' },
      ])
      expect(await allHeads(adapter)).toHaveLength(3)
    })

    test('F26 calls that are never answered end when the adapter is disposed', async () => {
      const adapter = openAdapter(project)
      await project.do({ do: 'rest', fault: { kind: 'hang' }, count: 3 })
      const before = (await project.status()).requests.length
      const calls = [
        adapter.heads('app', 'shared', null),
        adapter.commit([creation('a')]),
        adapter.set('app:b', record('b')),
      ]
      const ends = Promise.allSettled(calls)
      await until(
        async () => (await project.status()).requests.length === before + calls.length,
        'all calls to have come to the server',
      )
      await adapter.dispose()
      for (const end of await ends)
        expect(end).toMatchObject({ status: 'rejected', reason: { name: 'AdapterError' } })
    })
  })
}

async function fill(count: number): Promise<string[]> {
  await project.sql(
    `insert into public.files select 'app:data/' || lpad(n::text, 5, '0'), 'data/' || lpad(n::text, 5, '0'), 'content ' || n,
      'app', 'shared', 1000 + n, 1 from generate_series(1, ${count}) n`,
  )
  return Array.from({ length: count }, (_, n) => `app:data/${String(n + 1).padStart(5, '0')}`)
}

/** What compresses badly: an id that is too long for an index even so. */
function randomPath(length: number): string {
  let seed = 1
  const digits = Array.from({ length }, () => {
    seed = (seed * 48_271) % 0x7fffffff
    return (seed % 36).toString(36)
  })
  return digits.join('')
}
