/**
 * Whether the database can be used, as the connection test finds it, and agrees with this machine's clock.
 */
import { complete } from '../../adapters/complete.ts'
import { pathOfServerId, SHARED_OWNER } from '../../engine/core/record-id.ts'
import type { EngineAdapter } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type ConnectStep, type ConnectStepName, connectTest } from '../connect-test.ts'
import type { Project } from '../project.ts'
import { failed, ok, warning } from './check.ts'
import type { Check } from './check.ts'

/** Versions only ever rise, so a newest one this far ahead tells of a wrong clock somewhere, in milliseconds. */
const CLOCK_TOLERANCE_MS = 2_000

/** `other`: see `connectTest`. */
export async function checkDatabase(
  project: Project,
  adapter: EngineAdapter,
  other: EngineAdapter,
  clock: Clock,
): Promise<Check[]> {
  const { steps, caveats } = await connectTest(adapter, other, {
    backend: project.settings.backend,
    place: project.database.description,
    appId: project.appId,
    clock,
  })
  const checks = checksOf(steps)
  if (checks.some(({ status }) => status === 'failed')) return checks
  return [
    ...checks,
    ...(await checkServerRecords(project, adapter, clock)),
    judgeClock(await newestVersion(project, adapter, clock), clock.now()),
    ...caveats.map(caveat => warning('database-caveat', caveat, 'Nothing to do; it is good to know.')),
  ]
}

const IDS: Readonly<Record<ConnectStepName, string>> = {
  reachable: 'database-reachable',
  credentials: 'database-credentials',
  schema: 'database-schema',
  read: 'database-read',
  write: 'database-writable',
  feed: 'database-feed',
  latency: 'database-latency',
}

/** What was not tried because of a failure is left out: the failure says enough. */
function checksOf(steps: readonly ConnectStep[]): Check[] {
  return steps.flatMap(({ step, status, message, advice }) => {
    if (status === 'skipped') return []
    if (status === 'ok' || advice === null) return [ok(IDS[step], message)]
    // Without a feed, or over a slow line, sync is late but right.
    const judge = step === 'feed' || step === 'latency' ? warning : failed
    return [judge(IDS[step], message, advice)]
  })
}

/** Of the first page, as below. */
async function checkServerRecords(
  { appId, userId }: Project,
  adapter: EngineAdapter,
  clock: Clock,
): Promise<Check[]> {
  if (userId === null) return []
  const scope = { appId, ownerId: userId }
  const { heads } = await complete(adapter, clock).heads(appId, userId, null)
  const count = heads.filter(({ id }) => pathOfServerId(scope, id) !== null).length
  if (count === 0) return []
  const message = `An agent-native server keeps private files of ${userId} in this database, in a form of its own (${count} or more). Deletes by others in this channel are held.`
  const advice =
    'lockstep adopt takes them over; after that, do not start such a server for this user any more.'
  return [warning('server-records', message, advice)]
}

/** Of the first page of each channel: where records are paid for by the piece, all would be too many. */
async function newestVersion(
  { appId, userId }: Project,
  adapter: EngineAdapter,
  clock: Clock,
): Promise<number | null> {
  const database = complete(adapter, clock)
  let newest: number | null = null
  for (const owner of userId === null ? [SHARED_OWNER] : [SHARED_OWNER, userId]) {
    const { heads } = await database.heads(appId, owner, null)
    for (const { lastUpdated } of heads) newest = Math.max(newest ?? 0, lastUpdated)
  }
  return newest
}

export function judgeClock(newest: number | null, now: number): Check {
  const id = 'clock'
  if (newest === null)
    return ok(id, 'The database holds no files yet, so there is nothing to compare the clock with.')
  const ahead = newest - now
  if (ahead <= CLOCK_TOLERANCE_MS)
    return ok(id, 'This machine’s clock is not behind the newest file in the database.')
  const message = `The newest file in the database is ${(ahead / 1000).toFixed(1)} s in this machine's future.`
  return warning(
    id,
    message,
    'Set the clocks of the devices (NTP). Files stay right all the same; only times that are shown are off.',
  )
}
