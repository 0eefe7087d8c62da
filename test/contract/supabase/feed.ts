/**
 * The feed, through the client's own Realtime and a stand-in that behaves as the real server does where that hurts
 * (test/stand-ins/supabase/realtime.ts). It proves that whatever becomes of a channel, changes are found or the gap
 * is told. It cannot prove how long the real one takes, nor that a channel gets stuck in these ways and no others.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { setupSql } from '../../../src/adapters/supabase/setup-sql.ts'
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'
import {
  ANN,
  BOB,
  allHeads,
  creation,
  hastened,
  hastyClock,
  listen,
  live,
  openAdapter,
  record,
  requestCounter,
  type Served,
  until,
  update,
} from './project.ts'

let project: SupabaseStandIn
let annId: string
let bobId: string

export function testFeed(served: () => Served): void {
  beforeAll(() => {
    ;({ project, annId, bobId } = served())
  })
  beforeEach(async () => {
    await until(async () => (await project.status()).connections === 0)
    await project.reset({ access: 'anyone' })
  })

  describe('a live channel', () => {
    test('F14 tells the name of a record whose change is too large to be carried whole', async () => {
      const told = listen(openAdapter(project))
      await live(project, told)
      const path = `data/${'long-'.repeat(20)}.md`
      const gaps = told.gaps()
      await openAdapter(project).commit([creation('data/short.md', 'x'.repeat(2 ** 20 + 10))])
      await until(() => told.ids().includes('app:data/short.md'))
      // Of this one even the id is too long: all that can be said is that something has changed.
      await openAdapter(project).commit([creation(path, 'x'.repeat(2 ** 20 + 10))])
      await until(() => told.gaps() > gaps)
    })

    test('F14 tells deletes by the id that is left of them, to those whom they concern', async () => {
      const adapter = openAdapter(project)
      const other = openAdapter(project)
      await project.sql(`insert into public.files (id, path, app, owner_id, last_updated) values
        ('app:data/a.md', 'data/a.md', 'app', 'shared', 1), ('app@ann:data/p.md', 'data/p.md', 'app', 'ann', 1),
        ('else:data/e.md', 'data/e.md', 'else', 'shared', 1), ('old form', 'old form', 'app', 'shared', 1)`)
      const shared = listen(adapter)
      const mine = listen(adapter, 'ann')
      await live(project, shared)
      await project.sql('delete from public.files')
      await other.commit([creation('data/last.md')])
      await until(() => shared.ids().includes('app:data/last.md'))
      expect(shared.ids().toSorted()).toEqual(['app:data/a.md', 'app:data/last.md', 'old form'])
      expect(mine.ids().toSorted()).toEqual(['app@ann:data/p.md', 'old form'])
      const gone = shared.hints.flat().find(hint => typeof hint === 'object' && hint.id === 'app:data/a.md')
      expect(gone).toEqual({ id: 'app:data/a.md', head: null })
    })

    test('R15 tells no user of another one’s private records', async () => {
      await project.sql(setupSql({ access: 'signed-in' }))
      const [ann, bob] = [ANN, BOB].map(account => openAdapter(project, { account }))
      const annsOther = openAdapter(project, { account: ANN })
      const [toldAnn, toldBob] = [listen(ann!, annId), listen(bob!, bobId)]
      const shared = listen(ann!)
      await live(project, toldAnn, 2)
      await live(project, toldBob, 2)
      await bob!.commit([creation('data/of-bob.md', 'x', bobId)])
      await annsOther.commit([creation('data/of-ann.md', 'x', annId)])
      await annsOther.commit([creation('data/shared.md')])
      await until(() => toldAnn.ids().length > 0 && shared.ids().length > 0)
      expect(toldAnn.ids()).toEqual([`app@${annId}:data/of-ann.md`])
      expect(shared.ids()).toEqual(['app:data/shared.md'])
      expect(toldBob.ids().filter(id => id.includes('of-ann'))).toEqual([])
    })

    test('R3 own writes cost the calls that write them, and no more; a quiet folder costs none', async () => {
      const adapter = openAdapter(project)
      const told = listen(adapter)
      await live(project, told)
      const requests = await requestCounter(project)
      await adapter.commit([creation('data/a.md')])
      const [head] = await allHeads(adapter)
      await adapter.commit([update(head!, 'data/a.md', 'again')])
      expect(await requests()).toEqual(['POST /rest/v1/files', 'GET /rest/v1/files', 'PATCH /rest/v1/files'])
      await adapter.commit(Array.from({ length: 500 }, (_, n) => creation(`data/many/${n}.md`)))
      expect(await requests()).toEqual([
        'POST /rest/v1/rpc/lockstep_about',
        'POST /rest/v1/rpc/lockstep_commit',
      ])
      // Another's write is told after all of these: their echoes have come.
      await openAdapter(project).set('app:data/z.md', record('data/z.md'))
      await until(() => told.ids().includes('app:data/z.md'))
      expect(await requests()).toEqual(['POST /rest/v1/files', 'GET /rest/v1/files'])
      await nodeClock.sleep(1_000)
      expect(await requests()).toEqual([])
      expect(told.ids()).toEqual(['app:data/z.md'])
    })

    test('many changes at once are told in few calls', async () => {
      const told = listen(openAdapter(project))
      await live(project, told)
      const requests = await requestCounter(project)
      const writes = Array.from({ length: 2_000 }, (_, n) => creation(`data/${n}.md`))
      await openAdapter(project).commit(writes)
      const isTold = (): boolean => told.gaps() > 1 || told.ids().length === writes.length
      await until(isTold)
      const looks = (await requests()).filter(request => request.startsWith('GET'))
      expect(looks.length).toBeLessThan(60)
      expect(told.errors).toEqual([])
    })

    test('F26 ends with its last listener, and with the adapter', async () => {
      const adapter = openAdapter(project)
      const [first, second] = [listen(adapter), listen(adapter, 'ann')]
      await live(project, first)
      first.end()
      await nodeClock.sleep(50)
      expect((await project.status()).connections).toBe(1)
      second.end()
      await until(async () => (await project.status()).connections === 0)
      const again = listen(adapter)
      await live(project, again)
      await adapter.dispose()
      await until(async () => (await project.status()).connections === 0)
      expect(again.errors).toEqual([])
    })
  })

  describe('a channel that fails', () => {
    test('R13 cut off, it is opened anew, and each end of the gap is told', async () => {
      const told = listen(openAdapter(project, { clock: hastyClock }))
      await live(project, told)
      for (let cuts = 1; cuts <= 3; cuts++) {
        const gaps = told.gaps()
        await project.do({ do: 'cut-realtime' })
        await until(() => told.gaps() >= gaps + 2)
        await until(async () => (await project.status()).listeners === 1)
      }
      await openAdapter(project).commit([creation('data/a.md')])
      await until(() => told.ids().includes('app:data/a.md'))
      expect(told.errors).toEqual([])
    })

    test.each(['stuck', 'silent'] as const)(
      'R13 %s before it was ever live, it is given up and opened anew, and the database is asked meanwhile',
      async mode => {
        await project.do({ do: 'realtime', faults: { mode } })
        const adapter = openAdapter(project, { clock: hastyClock })
        const told = listen(adapter)
        await until(() => adapter.caveats.join(' ').includes('does not answer now'))
        const gaps = told.gaps()
        await openAdapter(project).commit([creation('data/meanwhile.md')])
        await until(() => told.gaps() > gaps)
        await project.do({ do: 'realtime', faults: { mode: 'fine' } })
        await until(async () => (await project.status()).listeners === 1)
        await until(() => !adapter.caveats.join(' ').includes('does not answer now'))
        await openAdapter(project).commit([creation('data/after.md')])
        await until(() => told.ids().includes('app:data/after.md'))
        expect(told.errors).toEqual([])
      },
    )

    test('R13 deaf, though it looks alive, it is found out by a write of ours that never comes back', async () => {
      const adapter = openAdapter(project, { clock: hastyClock })
      const told = listen(adapter)
      await live(project, told)
      await project.do({ do: 'realtime', faults: { mode: 'deaf' } })
      await openAdapter(project).commit([creation('data/unheard.md')])
      await adapter.commit([creation('data/mine.md')])
      const gaps = told.gaps()
      await until(() => told.gaps() > gaps)
      await project.do({ do: 'realtime', faults: { mode: 'fine' } })
      await until(() => told.gaps() > gaps + 1)
    })

    test('R13 with a table that is not published it says why, and the SQL mends it', async () => {
      await project.sql('alter publication supabase_realtime drop table public.files')
      const adapter = openAdapter(project, { clock: hastyClock })
      const told = listen(adapter)
      await until(() => adapter.caveats.join(' ').includes('Please check Realtime is enabled'))
      await project.sql(setupSql({ access: 'anyone' }))
      await live(project, told)
      expect(told.errors).toEqual([])
    })

    test('late messages are hints all the same: what they lead to is what is stored', async () => {
      const adapter = openAdapter(project)
      const other = openAdapter(project)
      const told = listen(adapter)
      await live(project, told)
      await project.do({ do: 'realtime', faults: { delayMs: 200 } })
      await other.commit([creation('data/a.md', 'first')])
      const [head] = await allHeads(other)
      await other.commit([update(head!, 'data/a.md', 'second')])
      await until(() => told.ids().includes('app:data/a.md'))
      const [now] = await allHeads(adapter)
      expect(told.hints.flat().find(hint => typeof hint === 'object')).toEqual({
        id: 'app:data/a.md',
        head: now,
      })
    })
  })

  describe('without Realtime', () => {
    beforeEach(() => project.do({ do: 'realtime', faults: { mode: 'absent' } }))

    test.each(['with our functions', 'without our functions'])(
      'R13 F28 changes, blind ones and deletes are found by asking, %s',
      async kind => {
        if (kind === 'without our functions')
          await project.sql('drop function public.lockstep_about(); notify pgrst')
        const other = openAdapter(project)
        await other.commit([creation('data/a.md'), creation('data/b.md')])
        const adapter = openAdapter(project, { clock: hastyClock })
        const told = listen(adapter)
        await until(() => told.gaps() === 1)
        const changes = [
          () => other.set('app:data/a.md', record('data/a.md', 'blind', 'shared', 9_000)),
          () => other.delete('app:data/b.md'),
          () => other.commit([creation('data/c.md', 'x', 'shared', 10_000)]),
        ]
        for (const [index, change] of changes.entries()) {
          await change()
          await until(() => told.gaps() === index + 2)
        }
        await nodeClock.sleep(500)
        expect(told.gaps()).toBe(changes.length + 1)
        expect(told.errors).toEqual([])
      },
    )

    test('R3 an idle folder costs at most one small call in 30 seconds for each channel', async () => {
      const factor = 250
      const adapter = openAdapter(project, { clock: hastened(factor) })
      const told = listen(adapter)
      await until(() => told.gaps() === 1)
      // It calms down: four minutes of its own time, then five in which is counted.
      await nodeClock.sleep((4 * 60_000) / factor)
      const requests = await requestCounter(project)
      const from = performance.now()
      await nodeClock.sleep((5 * 60_000) / factor)
      const made = await requests()
      const minutes = ((performance.now() - from) * factor) / 60_000
      expect(new Set(made)).toEqual(new Set(['POST /rest/v1/rpc/lockstep_digest']))
      expect(made.length).toBeLessThanOrEqual(2 * minutes)
    })

    test('R13 an outage ends nothing: it goes on asking, and the end of it is a gap', async () => {
      const adapter = openAdapter(project, { clock: hastyClock })
      const told = listen(adapter)
      await until(() => told.gaps() === 1)
      const requests = await requestCounter(project)
      await project.do({ do: 'rest', fault: { kind: 'answer', status: 503 }, count: 3, matching: '/rest/' })
      await until(async () => (await requests()).length > 0)
      await until(() => told.gaps() === 2)
      expect(told.errors).toEqual([])
    })

    test('R12 an end that no waiting can help is told', async () => {
      const adapter = openAdapter(project, { clock: hastyClock })
      const told = listen(adapter)
      const fault = { kind: 'answer', status: 401, body: '{"message":"Invalid API key"}' } as const
      await project.do({ do: 'rest', fault, count: 1, matching: '/rest/' })
      await until(() => told.errors.length > 0)
      expect(told.errors).toMatchObject([{ name: 'AdapterError', code: 'denied' }])
    })
  })
}
