/**
 * The feed, through the client's own Realtime and a stand-in that behaves as the real server does where that hurts
 * (test/stand-ins/supabase/realtime.ts). It proves that whatever becomes of a channel, changes are found or the gap
 * is told. It cannot prove how long the real one takes, nor that a channel gets stuck in these ways and no others.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { setupSql } from '../../../src/adapters/supabase/setup-sql.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'
import {
  ANN,
  BOB,
  allHeads,
  creation,
  listen,
  live,
  openAdapter,
  record,
  requestCounter,
  type Served,
  steeredClock,
  untilGaps,
  untilListening,
  untilNobodyIsConnected,
  untilTold,
  update,
} from './project.ts'

/** A new channel is given so long to become live. Milliseconds. */
const LIVE_MS = 30_000
/** A channel that was live for so long has worked, and a write of ours that has not come back by then never will. Milliseconds. */
const MINUTE_MS = 60_000
/** After a first failure a channel is opened anew by then, before the database is asked. Milliseconds. */
const REOPENED_MS = 1_000
/** The database is asked for the first time after it, and again after each change. Milliseconds. */
const ASKED_MS = 5_000

let project: SupabaseStandIn
let annId: string
let bobId: string

export function testFeed(served: () => Served): void {
  beforeAll(() => {
    ;({ project, annId, bobId } = served())
  })
  beforeEach(async () => {
    await untilNobodyIsConnected(project)
    await project.reset({ access: 'anyone' })
  })

  describe('a live channel', () => {
    test('F14 tells the name of a record whose change is too large to be carried whole', async () => {
      const told = listen(openAdapter(project))
      await live(project, told)
      const path = `data/${'long-'.repeat(20)}.md`
      const gaps = told.gaps()
      await openAdapter(project).commit([creation('data/short.md', 'x'.repeat(2 ** 20 + 10))])
      await untilTold(told, 'app:data/short.md')
      // Of this one even the id is too long: all that can be said is that something has changed.
      await openAdapter(project).commit([creation(path, 'x'.repeat(2 ** 20 + 10))])
      await untilGaps(told, gaps + 1)
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
      await untilTold(shared, 'app:data/last.md')
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
      await untilTold(toldAnn, `app@${annId}:data/of-ann.md`)
      await untilTold(shared, 'app:data/shared.md')
      expect(toldAnn.ids()).toEqual([`app@${annId}:data/of-ann.md`])
      expect(shared.ids()).toEqual(['app:data/shared.md'])
      expect(toldBob.ids().filter(id => id.includes('of-ann'))).toEqual([])
    })

    test('R3 own writes cost the calls that write them, and no more; a quiet folder costs none', async () => {
      const clock = steeredClock()
      const adapter = openAdapter(project, { clock })
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
      await untilTold(told, 'app:data/z.md')
      expect(await requests()).toEqual(['POST /rest/v1/files', 'GET /rest/v1/files'])
      await clock.pass(10 * MINUTE_MS)
      await openAdapter(project).set('app:data/last.md', record('data/last.md'))
      await untilTold(told, 'app:data/last.md')
      expect(await requests()).toEqual(['POST /rest/v1/files', 'GET /rest/v1/files'])
      expect(told.ids()).toEqual(['app:data/z.md', 'app:data/last.md'])
    })

    test('many changes at once are told in few calls', async () => {
      const clock = new SteeredClock()
      const told = listen(openAdapter(project, { clock }))
      await live(project, told)
      const before = (await project.status()).told
      const requests = await requestCounter(project)
      const writes = Array.from({ length: 2_000 }, (_, n) => creation(`data/${n}.md`))
      await openAdapter(project).commit(writes)
      await until(
        async () => (await project.status()).told === before + writes.length,
        'all changes to be sent',
      )
      const passAndLook = async (): Promise<boolean> => {
        // Changes are gathered until then.
        if (clock.sleepers > 0) await clock.pass(clock.nextWakeMs)
        return told.gaps() > 1 || told.ids().length === writes.length
      }
      await until(passAndLook, 'all changes, or a gap, to be told', told.describe)
      const looks = (await requests()).filter(request => request.startsWith('GET'))
      expect(looks.length).toBeLessThan(20)
      expect(told.errors).toEqual([])
    })

    test('F26 ends with its last listener, and with the adapter', async () => {
      await project.sql(`insert into public.files (id, path, app, owner_id, last_updated)
        values ('app@ann:data/p.md', 'data/p.md', 'app', 'ann', 1)`)
      const adapter = openAdapter(project)
      const [first, second] = [listen(adapter), listen(adapter, 'ann')]
      await live(project, first)
      first.end()
      await project.sql('delete from public.files')
      await untilTold(second, 'app@ann:data/p.md')
      expect((await project.status()).connections).toBe(1)
      second.end()
      await untilNobodyIsConnected(project)
      const again = listen(adapter)
      await live(project, again)
      await adapter.dispose()
      await untilNobodyIsConnected(project)
      expect(again.errors).toEqual([])
    })
  })

  describe('a channel that fails', () => {
    test('R13 cut off, it is opened anew, and each end of the gap is told', async () => {
      const clock = steeredClock()
      const told = listen(openAdapter(project, { clock }))
      await live(project, told)
      for (let cuts = 1; cuts <= 3; cuts++) {
        await clock.pass(MINUTE_MS + 1)
        const gaps = told.gaps()
        await project.do({ do: 'cut-realtime' })
        await untilGaps(told, gaps + 1)
        await clock.pass(REOPENED_MS)
        await untilGaps(told, gaps + 2)
        await untilListening(project, 1)
        expect(told.gaps()).toBe(gaps + 2)
      }
      await openAdapter(project).commit([creation('data/a.md')])
      await untilTold(told, 'app:data/a.md')
      expect(told.errors).toEqual([])
    })

    test.each(['stuck', 'silent'] as const)(
      'R13 %s before it was ever live, it is given up and opened anew, and the database is asked meanwhile',
      async mode => {
        await project.do({ do: 'realtime', faults: { mode } })
        const before = (await project.status()).unanswered
        const clock = steeredClock()
        // The client gives up a join by itself, in its own time, so there may be more.
        const untilTried = (times: number): Promise<void> =>
          until(
            async () => (await project.status()).unanswered >= before + times,
            `try ${times} to reach the server`,
            () => clock.describe(),
          )
        const adapter = openAdapter(project, { clock })
        const caveats = (): string => adapter.caveats.join(' ')
        const told = listen(adapter)
        await untilTried(1)
        await untilAsleep(clock)
        await clock.pass(LIVE_MS)
        expect(caveats()).toContain('does not answer now')
        // The first answer counts as a change.
        await untilGaps(told, 1)
        await untilAsleep(clock)
        await openAdapter(project).commit([creation('data/meanwhile.md')])
        await clock.pass(ASKED_MS)
        await untilGaps(told, 2)
        await untilTried(2)
        await project.do({ do: 'realtime', faults: { mode: 'fine' } })
        // It ends as the first did; the third is a good one, and may have begun within that time.
        await untilAsleep(clock)
        await clock.pass(LIVE_MS)
        await untilReopened(project, clock)
        await until(() => !caveats().includes('does not answer now'), 'the caveat to go', caveats)
        await openAdapter(project).commit([creation('data/after.md')])
        await untilTold(told, 'app:data/after.md')
        expect(told.errors).toEqual([])
      },
    )

    test('R13 deaf, though it looks alive, it is found out by a write of ours that never comes back', async () => {
      const clock = steeredClock()
      const adapter = openAdapter(project, { clock })
      const told = listen(adapter)
      await live(project, told)
      await project.do({ do: 'realtime', faults: { mode: 'deaf' } })
      await openAdapter(project).commit([creation('data/unheard.md')])
      await adapter.commit([creation('data/mine.md')])
      const gaps = told.gaps()
      await clock.pass(MINUTE_MS)
      await untilGaps(told, gaps + 1)
      await project.do({ do: 'realtime', faults: { mode: 'fine' } })
      await clock.pass(REOPENED_MS)
      await untilGaps(told, gaps + 2)
      await untilListening(project, 1)
    })

    test('R13 with a table that is not published it says why, and the SQL mends it', async () => {
      await project.sql('alter publication supabase_realtime drop table public.files')
      const clock = steeredClock()
      const adapter = openAdapter(project, { clock })
      const told = listen(adapter)
      const caveats = (): string => adapter.caveats.join(' ')
      const reason = 'Please check Realtime is enabled'
      await until(() => caveats().includes(reason), 'the reason among the caveats', caveats)
      await project.sql(setupSql({ access: 'anyone' }))
      await clock.pass(REOPENED_MS)
      await live(project, told)
      expect(told.errors).toEqual([])
    })

    test('late messages are hints all the same: what they lead to is what is stored', async () => {
      const adapter = openAdapter(project)
      const other = openAdapter(project)
      const told = listen(adapter)
      await live(project, told)
      await project.do({ do: 'realtime', faults: { isHeldUp: true } })
      await other.commit([creation('data/a.md', 'first')])
      const [head] = await allHeads(other)
      await other.commit([update(head!, 'data/a.md', 'second')])
      await project.do({ do: 'realtime', faults: { isHeldUp: false } })
      await untilTold(told, 'app:data/a.md')
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
        const clock = steeredClock()
        const told = listen(openAdapter(project, { clock }))
        await untilAsleep(clock)
        await clock.pass(ASKED_MS)
        await untilGaps(told, 1)
        const changes = [
          () => other.set('app:data/a.md', record('data/a.md', 'blind', 'shared', 9_000)),
          () => other.delete('app:data/b.md'),
          () => other.commit([creation('data/c.md', 'x', 'shared', 10_000)]),
        ]
        for (const [index, change] of changes.entries()) {
          await untilAsleep(clock)
          await change()
          await clock.pass(ASKED_MS)
          await untilGaps(told, index + 2)
        }
        await passAnswered(clock, 5 * MINUTE_MS)
        expect(told.gaps()).toBe(changes.length + 1)
        expect(told.errors).toEqual([])
      },
    )

    test('R3 an idle folder costs at most one small call in 30 seconds for each channel', async () => {
      const clock = steeredClock()
      const told = listen(openAdapter(project, { clock }))
      // It calms down: four minutes of its own time, then five in which is counted.
      await passAnswered(clock, 4 * MINUTE_MS)
      expect(told.gaps()).toBe(1)
      const requests = await requestCounter(project)
      await passAnswered(clock, 5 * MINUTE_MS)
      const made = await requests()
      expect(new Set(made)).toEqual(new Set(['POST /rest/v1/rpc/lockstep_digest']))
      expect(made.length).toBeLessThanOrEqual(2 * 5)
    })

    test('R13 an outage ends nothing: it goes on asking, and the end of it is a gap', async () => {
      const clock = steeredClock()
      const told = listen(openAdapter(project, { clock }))
      await passAnswered(clock, ASKED_MS)
      expect(told.gaps()).toBe(1)
      const requests = await requestCounter(project)
      await project.do({ do: 'rest', fault: { kind: 'answer', status: 503 }, count: 3, matching: '/rest/' })
      await passAnswered(clock, MINUTE_MS)
      expect((await requests()).length).toBeGreaterThan(3)
      expect(told.gaps()).toBe(2)
      expect(told.errors).toEqual([])
    })

    test('R12 an end that no waiting can help is told', async () => {
      const clock = steeredClock()
      const told = listen(openAdapter(project, { clock }))
      const fault = { kind: 'answer', status: 401, body: '{"message":"Invalid API key"}' } as const
      await project.do({ do: 'rest', fault, count: 1, matching: '/rest/' })
      await untilAsleep(clock)
      await clock.pass(ASKED_MS)
      await until(() => told.errors.length > 0, 'an error', told.describe)
      expect(told.errors).toMatchObject([{ name: 'AdapterError', code: 'denied' }])
    })
  })
}

/** Until the next question to the database is due at a certain time, and so is the channel's next try, or its end. */
function untilAsleep(clock: SteeredClock): Promise<void> {
  return until(
    () => clock.sleepers >= 2,
    'the last question to be answered',
    () => clock.describe(),
  )
}

/** Until a channel is live after two failures. Time passes until it is tried, and none while it is. */
async function untilReopened(project: SupabaseStandIn, clock: SteeredClock): Promise<void> {
  let rest = 2 * REOPENED_MS
  await until(
    async () => {
      if ((await project.status()).listeners === 1) return true
      const step = clock.nextWakeMs
      if (step > rest) return false
      rest -= step
      await clock.pass(step)
      return false
    },
    'a channel to be live',
    () => clock.describe(),
  )
}

/** Lets time pass, but none while a question is on its way. */
async function passAnswered(clock: SteeredClock, ms: number): Promise<void> {
  for (const end = clock.monotonic() + ms; ;) {
    await untilAsleep(clock)
    const rest = end - clock.monotonic()
    if (rest <= 0) return
    await clock.pass(Math.min(rest, clock.nextWakeMs))
  }
}
