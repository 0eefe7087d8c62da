/**
 * The contract suite on supabase-js, against Postgres behind REST with our own SQL, and the Realtime stand-in.
 *
 * It proves our SQL, our requests and our use of the client's Realtime. It cannot prove what hosted PostgREST and
 * Realtime do otherwise than their stand-ins: limits of time and rate, and the schema cache.
 */
import { afterAll, beforeAll } from 'vitest'
import { createSupabaseAdapter, type SupabaseAdapter } from '../../src/adapters/supabase/adapter.ts'
import { nodeClock } from '../../src/platform/node-clock.ts'
import { openLine } from '../stand-ins/supabase/line.ts'
import { startSupabase, type SupabaseStandIn } from '../stand-ins/supabase/stand-in.ts'
import { adapterContract } from './adapter-contract.ts'
import { untilListening, untilNobodyIsConnected } from './supabase/project.ts'

const WRONG_KEY = 'sb_publishable_of_another_project'

/** The suite plays several users at once without signing in; which rows whom are open to is tested elsewhere. */
const EVERYONE_IS_EVERYBODY = `create policy "contract suite" on public.files for all to anon using (true) with check (true)`

const LIMITATIONS = {
  'R1 a content with a byte order mark comes back as it was':
    'PGlite takes the mark off each text that it gives out; what is stored is looked at in supabase/requests.ts',
}

let project: SupabaseStandIn

beforeAll(async () => {
  project = await startSupabase()
})

afterAll(() => project.stop())

adapterContract('Supabase', async () => {
  // The channel of the case before may take a moment to end.
  await untilNobodyIsConnected(project)
  await project.reset({ access: 'anyone' }, EVERYONE_IS_EVERYBODY)
  const line = await openLine(project.port)
  const adapter = open(`http://127.0.0.1:${line.port}`)
  const other = open(project.url)
  // Opening a channel takes its time, in which changes are told as a gap only; the suite waits for their names.
  adapter.watchHeads(
    'app',
    'shared',
    () => {},
    () => {},
  )
  await untilListening(project, 1)
  return {
    adapter,
    other,
    isComplete: true,
    limitations: LIMITATIONS,
    cut: async () => line.cut(),
    reconnect: async () => line.restore(),
    openDenied: async () => ({ adapter: open(project.url, WRONG_KEY), secret: WRONG_KEY }),
    openWithoutTable: async () => {
      await project.sql('drop table public.files cascade')
      return open(project.url)
    },
    cleanUp: () => line.close(),
  }
})

function open(url: string, key = project.key): SupabaseAdapter {
  return createSupabaseAdapter({ url, key, account: null, clock: nodeClock })
}
