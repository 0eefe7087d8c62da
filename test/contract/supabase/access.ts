/**
 * Who may do what, in a real Postgres with our own SQL: row level security, grants and functions are the real thing,
 * and so are the requests of supabase-js. The sign-in is that of @supabase/lite: it cannot show the rate limits,
 * captchas and confirmations of the hosted one.
 */
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSupabaseAdapter, type SupabaseAdapter } from '../../../src/adapters/supabase/adapter.ts'
import { setupSql } from '../../../src/adapters/supabase/setup-sql.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'
import {
  ANN,
  BOB,
  allHeads,
  creation,
  openAdapter,
  record,
  requestCounter,
  type Served,
  update,
} from './project.ts'

let project: SupabaseStandIn
let annId: string
let bobId: string
/** Signing in takes its time, so that most tests use the same sessions. */
let annsAdapter: SupabaseAdapter
let bobsAdapter: SupabaseAdapter

export function testAccess(served: () => Served): void {
  beforeAll(() => {
    ;({ project, annId, bobId } = served())
    const { url, key } = project
    annsAdapter = createSupabaseAdapter({ url, key, account: ANN, clock: nodeClock })
    bobsAdapter = createSupabaseAdapter({ url, key, account: BOB, clock: nodeClock })
  })
  afterAll(async () => {
    await annsAdapter.dispose()
    await bobsAdapter.dispose()
  })
  beforeEach(() => project.reset({ access: 'signed-in' }))

  describe('users who sign in', () => {
    test('R15 the user’s id is the private channel’s', async () => {
      expect(await ann().signedInUser()).toBe(annId)
      expect(await nobody().signedInUser()).toBeNull()
    })

    test('share the shared channel', async () => {
      expect(await ann().commit([creation('data/a.md')])).toMatchObject([{ status: 'done' }])
      const [head] = await allHeads(bob())
      expect(head).toMatchObject({ id: 'app:data/a.md' })
      expect(await bob().commit([update(head!, 'data/a.md', 'of bob')])).toMatchObject([{ status: 'done' }])
      expect(await ann().get('app:data/a.md')).toMatchObject({ data: { content: 'of bob' } })
    })

    test('R15 never see, change or delete each other’s private records', async () => {
      const [a, b] = [ann(), bob()]
      const mine = creation('data/private.md', 'secret', annId)
      const [written] = await a.commit([mine])
      expect(written).toMatchObject({ status: 'done' })
      const [head] = await allHeads(a, annId)

      expect(await allHeads(b, annId)).toEqual([])
      expect(await b.query('app', annId)).toEqual([])
      expect(await b.get(mine.id)).toBeNull()
      expect(await b.getMany([mine.id])).toEqual([null])
      expect(await b.commit([update(head!, 'data/private.md', 'stolen', annId)])).toEqual([
        { status: 'lost' },
      ])
      expect(await b.commit([{ type: 'delete', id: mine.id, expected: head! }])).toEqual([{ status: 'lost' }])
      await b.delete(mine.id)
      expect((await failureOf(b.set(mine.id, record('data/private.md', 'x', annId)))).message).toContain(
        'does not allow',
      )
      expect(await a.get(mine.id)).toMatchObject({ data: { content: 'secret', ownerId: annId } })
    })

    test.each(['one', 'two'])('R15 cannot write in another user’s name (%s at a time)', async count => {
      const theirs = creation('data/b.md', 'x', bobId)
      const shared = { ...creation('data/b.md'), id: theirs.id }
      const writes = [theirs, shared, creation('data/good.md')]
      const results =
        count === 'two'
          ? await ann().commit(writes)
          : [await ann().commit([theirs]), await ann().commit([shared])].flat()
      expect(results.slice(0, 2)).toMatchObject([
        { status: 'failed', error: { code: 'denied' } },
        { status: 'failed', error: { code: 'denied' } },
      ])
      if (count === 'two') expect(results[2]).toMatchObject({ status: 'done' })
      expect(await allHeads(bob(), bobId)).toEqual([])
    })

    test('R13 an id that a hidden record holds is refused, not tried for ever as lost', async () => {
      await project.sql(
        `insert into public.files (id, path, app, owner_id) values ('app:data/a.md', 'x', 'app', 'else')`,
      )
      expect(await ann().commit([creation('data/a.md')])).toMatchObject([
        { status: 'failed', error: { code: 'denied' } },
      ])
      expect(await ann().commit([creation('data/a.md'), creation('data/b.md')])).toMatchObject([
        { status: 'failed', error: { code: 'denied' } },
        { status: 'done' },
      ])
    })

    test('R12 wrong passwords are denied, and appear in no error', async () => {
      const account = { email: ANN.email, password: 'not the password' }
      const error = await failureOf(openAdapter(project, { account }).heads('app', 'shared', null))
      expect(error).toMatchObject({ name: 'AdapterError', code: 'denied', retryable: false })
      expect(error.message).toContain('SUPABASE_PASSWORD')
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('not the password')
    })

    test('R13 a token that the server refuses is renewed, and the call repeated', async () => {
      const adapter = newcomer()
      await adapter.commit([creation('data/private.md', 'x', annId)])
      const expired = JSON.stringify({ code: 'PGRST303', message: 'JWT expired', details: null, hint: null })
      const fault = { kind: 'answer', status: 401, body: expired } as const
      const requests = await requestCounter(project)
      await project.do({ do: 'rest', fault, count: 1, matching: '/rest/' })
      expect(await allHeads(adapter, annId)).toHaveLength(1)
      expect(await requests()).toEqual(['GET /rest/v1/files', 'POST /auth/v1/token', 'GET /rest/v1/files'])
    })

    test('R13 a refresh that is no longer accepted is replaced by the password', async () => {
      const adapter = newcomer()
      await adapter.heads('app', annId, null)
      await project.sql('delete from auth.refresh_tokens; delete from auth.sessions')
      const expired = JSON.stringify({ code: 'PGRST303', message: 'JWT expired', details: null, hint: null })
      await project.do({
        do: 'rest',
        fault: { kind: 'answer', status: 401, body: expired },
        count: 1,
        matching: '/rest/',
      })
      expect(await adapter.heads('app', annId, null)).toMatchObject({ heads: [] })
    })

    test('R8 who cannot sign in does not look at the database as nobody, where all would be gone', async () => {
      await ann().commit([creation('data/private.md', 'x', annId)])
      const adapter = newcomer()
      const requests = await requestCounter(project)
      await project.do({ do: 'rest', fault: { kind: 'answer', status: 503 }, count: 1, matching: '/auth/' })
      const error = await failureOf(adapter.heads('app', annId, null))
      expect(error).toMatchObject({ code: 'offline', retryable: true })
      expect((await requests()).filter(request => request.includes('/rest/'))).toEqual([])
      expect(await allHeads(adapter, annId)).toHaveLength(1)
    })
  })

  describe('the key alone', () => {
    test('R15 opens nothing where the SQL wants a sign-in, and the error says how to sign in', async () => {
      await ann().commit([creation('data/a.md'), creation('data/private.md', 'x', annId)])
      const error = await failureOf(allHeads(nobody()))
      expect(error).toMatchObject({ name: 'AdapterError', code: 'denied' })
      expect(error.message).toContain('SUPABASE_EMAIL')
      expect(error.message).toContain('lockstep setup supabase')
      for (const work of [nobody().get('app:data/a.md'), nobody().delete('app:data/a.md')])
        expect(await failureOf(work)).toMatchObject({ code: 'denied' })
      expect(await ann().get('app:data/a.md')).not.toBeNull()
    })

    test('R15 opens the shared channel, and no private one, where the SQL lets anyone in', async () => {
      await project.reset({ access: 'anyone' })
      await ann().commit([creation('data/private.md', 'x', annId)])
      const anyone = nobody()
      expect(await anyone.commit([creation('data/a.md'), creation('data/b.md')])).toMatchObject([
        { status: 'done' },
        { status: 'done' },
      ])
      expect(await allHeads(anyone)).toHaveLength(2)
      expect(await allHeads(anyone, annId)).toEqual([])
      expect(await anyone.commit([creation('data/c.md', 'x', annId)])).toMatchObject([
        { status: 'failed', error: { code: 'denied' } },
      ])
      expect(anyone.caveats.join(' ')).toContain('everybody who has that key')
      expect(ann().caveats.join(' ')).not.toContain('everybody who has that key')
    })

    test('R15 closes again when the SQL with sign-in is run after the other', async () => {
      await project.reset({ access: 'anyone' })
      await nobody().commit([creation('data/a.md')])
      await project.sql(setupSql({ access: 'signed-in' }))
      expect(await failureOf(allHeads(nobody()))).toMatchObject({ code: 'denied' })
      expect(await allHeads(ann())).toHaveLength(1)
    })
  })

  describe('the SQL', () => {
    test('may be run again and again, and keeps the rows of a table that another program made', async () => {
      await project.sql(`
        drop table public.files;
        create table public.files (id text primary key, path text, content text, app text, owner_id text, last_updated bigint);
        insert into public.files values ('app:data/old.md', 'data/old.md', 'old', 'app', 'shared', 5);
      `)
      await project.sql(setupSql({ access: 'signed-in' }))
      await project.sql(setupSql({ access: 'signed-in' }))
      expect(await ann().get('app:data/old.md')).toMatchObject({ data: { content: 'old', lastUpdated: 5 } })
      expect(await ann().commit([creation('data/new.md'), creation('data/old.md')])).toMatchObject([
        { status: 'done' },
        { status: 'lost' },
      ])
    })

    test('R12 a table that lacks a column is told, with what adds it', async () => {
      await project.sql('alter table public.files drop column created_at; notify pgrst')
      const error = await failureOf(ann().query('app', 'shared'))
      expect(error).toMatchObject({ code: 'schema' })
      expect(error.message).toContain('created_at')
      await project.sql(setupSql({ access: 'signed-in' }))
      expect(await ann().query('app', 'shared')).toEqual([])
    })

    test('R12 a missing table is told, with what makes it and where', async () => {
      await project.sql('drop table public.files; notify pgrst')
      const error = await failureOf(ann().commit([creation('data/a.md')]))
      expect(error).toMatchObject({ code: 'schema', retryable: true })
      expect(error.message).toMatch(/lockstep setup supabase .* SQL editor/)
    })

    test('R4 the database has a name of its own, which a table made anew does not share', async () => {
      const first = await ann().identity()
      expect(await bob().identity()).toBe(first)
      await project.sql(setupSql({ access: 'anyone' }))
      expect(await ann().identity()).toBe(first)
      await project.reset({ access: 'signed-in' })
      expect(await ann().identity()).not.toBe(first)
      expect(first).not.toContain(project.key)
    })

    test('R12 what may be read but not written is refused, not tried for ever as lost', async () => {
      await ann().commit([creation('data/a.md'), creation('data/b.md')])
      await project.sql(`
        drop policy "lockstep shared" on public.files;
        create policy "only reading" on public.files for select to authenticated using (true);
      `)
      const adapter = ann()
      const [a, b] = await allHeads(adapter)
      const refused = { status: 'failed', error: { code: 'denied' } }
      const edit = update(a!, 'data/a.md', 'edited')
      const removal = { type: 'delete', id: b!.id, expected: b! } as const
      expect(await adapter.commit([edit])).toMatchObject([refused])
      expect(await adapter.commit([removal])).toMatchObject([refused])
      expect(await adapter.commit([edit, removal])).toMatchObject([refused, refused])
    })

    test('what lockstep doctor writes as a probe is allowed, to each user', async () => {
      const probe = creation('probe-1', '', 'lockstep-doctor')
      const [written] = await ann().commit([probe])
      expect(written).toMatchObject({ status: 'done' })
      const [stored] = await ann().getMany([probe.id])
      const expected = { etag: stored!.etag, lastUpdated: stored!.data.lastUpdated }
      expect(await ann().commit([{ type: 'delete', id: probe.id, expected }])).toMatchObject([
        { status: 'done' },
      ])
    })
  })

  describe('a project without our functions', () => {
    beforeEach(() =>
      project.sql(`
        drop function public.lockstep_about(); drop function public.lockstep_digest(text, text);
        drop function public.lockstep_commit(jsonb); notify pgrst`),
    )

    test('F3 writes on conditions all the same, one request each', async () => {
      const adapter = newcomer()
      const many = Array.from({ length: 20 }, (_, n) => creation(`data/${n}.md`))
      const results = await adapter.commit([...many, creation('data/0.md', 'again')])
      expect(results.map(({ status }) => status)).toEqual([...many.map(() => 'done'), 'lost'])
      const heads = await allHeads(bob())
      const told = results.flatMap(result => (result.status === 'done' ? [result.etag] : []))
      expect(new Set(heads.map(({ etag }) => etag))).toEqual(new Set(told))
      const [first, second] = heads
      const path = first!.id.slice('app:'.length)
      expect(await bob().commit([update(first!, path, 'of bob')])).toMatchObject([{ status: 'done' }])
      expect(
        await adapter.commit([
          update(first!, path, 'of ann'),
          { type: 'delete', id: second!.id, expected: second! },
          { type: 'delete', id: first!.id, expected: first! },
        ]),
      ).toEqual([{ status: 'lost' }, { status: 'done', etag: null }, { status: 'lost' }])
      expect(await adapter.get(first!.id)).toMatchObject({ data: { content: 'of bob' } })
    })

    test('R12 says that it has none, and is known by its address', async () => {
      const adapter = newcomer()
      expect(await adapter.identity()).toBe(new URL(project.url).host)
      expect(adapter.caveats.join(' ')).toContain('has not been run here')
    })
  })
}

function ann(): SupabaseAdapter {
  return annsAdapter
}

function bob(): SupabaseAdapter {
  return bobsAdapter
}

function newcomer(): SupabaseAdapter {
  return openAdapter(project, { account: ANN })
}

function nobody(): SupabaseAdapter {
  return openAdapter(project)
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not fail')
}
