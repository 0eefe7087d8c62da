/**
 * Whether a database can be used as it is set up, step by step: for `lockstep doctor`, and for a person who is
 * filling in settings that are not saved yet.
 *
 * Works through the adapter's own methods and the codes of its errors, so it knows no database. What it writes
 * is one probe record of an app that no project can be called, and it removes that again.
 */
import { randomUUID } from 'node:crypto'
import { complete, type CompleteAdapter } from '../adapters/complete.ts'
import { recordId, SHARED_OWNER } from '../engine/core/record-id.ts'
import type { BackendSettings, Environment } from '../engine/core/settings.ts'
import type { AdapterError, EngineAdapter } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { errorMessage } from '../platform/os-error.ts'
import { adviceFor } from './connect-advice.ts'
import { attempt, faultOf, STEP_LIMIT_MS } from './connect-attempt.ts'
import { openProjectAdapter } from './open-adapter.ts'
import type { Project } from './project.ts'
import { type Heard, listenForProbe } from './probe-feed.ts'
import { ProbeRecord } from './probe-record.ts'

export type ConnectStepName =
  /** The address answers. */
  | 'reachable'
  /** It lets us in. */
  | 'credentials'
  /** The table, collection or functions are there, and as they should be. */
  | 'schema'
  | 'read'
  /** A conditional write, of a record that is removed again. */
  | 'write'
  /** A change comes back through the feed. */
  | 'feed'
  | 'latency'

export interface ConnectStep {
  readonly step: ConnectStepName
  readonly status: 'ok' | 'failed' | 'skipped'
  /** What was found, as one sentence. */
  readonly message: string
  /** How long it took; null where nothing was tried. */
  readonly ms: number | null
  /** What to do next; null where nothing need be done. */
  readonly advice: string | null
}

export interface ConnectReport {
  /** For a person; never a secret. */
  readonly place: string
  /** Always all seven, in order. */
  readonly steps: readonly ConnectStep[]
  /** Which promises are weaker with this adapter, as sentences. */
  readonly caveats: readonly string[]
}

const STEPS: readonly ConnectStepName[] = [
  'reachable',
  'credentials',
  'schema',
  'read',
  'write',
  'feed',
  'latency',
]

/** An app id may have no dot (design, section 1), so no channel of any project reads these records. */
const PROBE_SCOPE = { appId: 'lockstep.probe', ownerId: SHARED_OWNER }

/** Calls whose median is the latency. */
const LATENCY_CALLS = 5

/** `env` is the real environment. Never rejects: what cannot be opened is a failed step. */
export async function testConnection(
  project: Project,
  env: Environment,
  onSteps: (steps: readonly ConnectStep[]) => void = () => {},
): Promise<ConnectReport> {
  const { settings, database } = project
  try {
    const adapter = await openProjectAdapter(project, env)
    const other = await openProjectAdapter(project, env)
    try {
      return await connectTest(adapter, other, {
        backend: settings.backend,
        place: database.description,
        appId: project.appId,
        clock: nodeClock,
        onSteps,
      })
    } finally {
      await adapter.dispose?.()
      await other.dispose?.()
    }
  } catch (error) {
    const advice = adviceFor(settings.backend, 'settings')
    const step = failedStep('reachable', `The settings cannot be used: ${errorMessage(error)}`, null, advice)
    return { place: database.description, steps: withSkipped([step]), caveats: [] }
  }
}

export interface ConnectOptions {
  readonly backend: BackendSettings['backend']
  readonly place: string
  /** The app whose records are read. */
  readonly appId: string
  readonly clock: Clock
  /** Hears of steps as soon as they are done; those that are skipped are in the report alone. */
  readonly onSteps?: (steps: readonly ConnectStep[]) => void
}

/**
 * `other` is a second adapter of the same database, as another device has it: a feed need not tell of its own
 * adapter's writes. Both stay the caller's, who disposes them. Never rejects.
 */
export async function connectTest(
  adapter: EngineAdapter,
  other: EngineAdapter,
  options: ConnectOptions,
): Promise<ConnectReport> {
  const database = complete(adapter, options.clock)
  const elsewhere = complete(other, options.clock)
  const steps: ConnectStep[] = []
  for (const run of [contactSteps, writeSteps, latencyStep]) {
    const found = await run(database, options, elsewhere)
    steps.push(...found)
    options.onSteps?.(found)
    if (found.some(({ step, status }) => status === 'failed' && step !== 'feed')) break
  }
  return { place: options.place, steps: withSkipped(steps), caveats: database.caveats }
}

/** One call tells of four steps: what it fails with says how far it came. */
async function contactSteps(database: CompleteAdapter, options: ConnectOptions): Promise<ConnectStep[]> {
  const { backend, place, appId, clock } = options
  const call = await attempt(clock, async () => {
    const { heads, next } = await database.heads(appId, SHARED_OWNER, null)
    const [first] = heads
    if (first !== undefined) await database.getMany([first.id])
    return { count: heads.length, isAll: next === null }
  })
  const { ms } = call
  const reachable = okStep('reachable', `The database answers: ${place}.`, ms)
  const credentials = okStep('credentials', 'It accepts the credentials.', null)
  const schema = okStep('schema', 'What keeps the records is there.', null)
  if ('error' in call) {
    const fault = faultOf(call.error)
    const failure = (step: ConnectStepName, words: string): ConnectStep =>
      failedStep(step, `${words} ${call.error.message}`, ms, adviceFor(backend, fault))
    switch (fault) {
      case 'denied':
        return [reachable, failure('credentials', 'The database refuses:')]
      case 'schema':
        return [reachable, credentials, failure('schema', 'Something is missing in the database:')]
      case 'quota':
        return [reachable, credentials, schema, failure('read', 'The database takes no more calls now:')]
      case 'settings':
        return [failure('reachable', 'The settings cannot be used:')]
      case 'offline':
      case 'unknown':
        return [failure('reachable', `The database cannot be reached (${place}):`)]
    }
  }
  const { count, isAll } = call.value
  const records = count === 0 ? 'no records yet' : `${isAll ? '' : 'more than '}${count} records`
  return [reachable, credentials, schema, okStep('read', `The app ${appId} has ${records} there.`, ms)]
}

async function writeSteps(
  database: CompleteAdapter,
  { backend, clock }: ConnectOptions,
  elsewhere: CompleteAdapter,
): Promise<ConnectStep[]> {
  const probe = new ProbeRecord(elsewhere, PROBE_SCOPE, `probe-${randomUUID()}`, clock)
  const feed = listenForProbe(database, PROBE_SCOPE, probe.id, clock)
  try {
    const written = await attempt(clock, () => probe.write())
    if ('error' in written) return [writeFailure(written.error, written.ms, backend)]
    const heard = await feed.until(STEP_LIMIT_MS, () => probe.write())
    const removed = await attempt(clock, () => probe.remove())
    if ('error' in removed) {
      const message = `The database refuses deletes: ${removed.error.message} The record ${probe.id} is left in it.`
      return [failedStep('write', message, removed.ms, adviceFor(backend, 'denied'))]
    }
    const write = okStep(
      'write',
      'A record can be written on a condition, read again and deleted.',
      written.ms,
    )
    return [write, feedStep(heard, backend)]
  } finally {
    feed.end()
    await attempt(clock, () => probe.remove())
  }
}

function writeFailure(error: AdapterError, ms: number, backend: ConnectOptions['backend']): ConnectStep {
  const fault = error.code === 'conflict' ? 'schema' : faultOf(error)
  return failedStep(
    'write',
    `The database refuses to be written: ${error.message}`,
    ms,
    adviceFor(backend, fault),
  )
}

function feedStep(heard: Heard, backend: ConnectOptions['backend']): ConnectStep {
  if (heard.kind === 'told') return okStep('feed', 'A change comes back through the feed.', heard.ms)
  const seconds = `${STEP_LIMIT_MS / 1_000} s`
  const message =
    heard.kind === 'silent'
      ? `A change did not come back through the feed within ${seconds}; changes are found by comparing from time to time.`
      : `The feed has ended: ${heard.error.message}`
  return failedStep('feed', message, heard.ms, adviceFor(backend, 'feed'))
}

async function latencyStep(database: CompleteAdapter, { clock }: ConnectOptions): Promise<ConnectStep[]> {
  const times: number[] = []
  for (let call = 0; call < LATENCY_CALLS; call++) {
    const asked = await attempt(clock, () => database.getMany([recordId(PROBE_SCOPE, 'latency')]))
    if ('error' in asked) {
      const message = `One of ${LATENCY_CALLS} calls failed: ${asked.error.message}`
      const advice = 'Look at the network. Sync goes on over a bad line, only more slowly.'
      return [failedStep('latency', message, asked.ms, advice)]
    }
    times.push(asked.ms)
  }
  const median = times.sort((a, b) => a - b)[Math.floor(LATENCY_CALLS / 2)] ?? 0
  return [
    okStep(
      'latency',
      `A call takes ${median.toFixed(median < 10 ? 1 : 0)} ms (median of ${LATENCY_CALLS}).`,
      median,
    ),
  ]
}

function okStep(step: ConnectStepName, message: string, ms: number | null): ConnectStep {
  return { step, status: 'ok', message, ms, advice: null }
}

function failedStep(step: ConnectStepName, message: string, ms: number | null, advice: string): ConnectStep {
  return { step, status: 'failed', message, ms, advice }
}

/** What comes after a failure was not tried. */
function withSkipped(steps: readonly ConnectStep[]): ConnectStep[] {
  return STEPS.map(
    step =>
      steps.find(found => found.step === step) ?? {
        step,
        status: 'skipped',
        message: 'Not tried, because of the step that failed before it.',
        ms: null,
        advice: null,
      },
  )
}
