/** For the tests of this folder: adapters of one project that is served by the stand-in, and listeners to them. */
import { onTestFinished } from 'vitest'
import { createSupabaseAdapter, type SupabaseAdapter } from '../../../src/adapters/supabase/adapter.ts'
import type {
  ConditionalWrite,
  FileRecord,
  HeadsHint,
  RecordHead,
} from '../../../src/engine/ports/adapter.ts'
import { recordId } from '../../../src/engine/core/record-id.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'

export const ANN = { email: 'ann@example.com', password: 'the password of ann' }
export const BOB = { email: 'bob@example.com', password: 'the password of bob' }

/** One server for all tests, and the ids of its two users. */
export interface Served {
  readonly project: SupabaseStandIn
  readonly annId: string
  readonly bobId: string
}

export const SHARED = { appId: 'app', ownerId: 'shared' }

/** Changes are gathered for less than so long; all that an adapter waits for is longer. Milliseconds. */
const NAP_MS = 100

/** Only what the test lets pass of it passes, but for the gathering of changes. */
export function steeredClock(): SteeredClock {
  return new SteeredClock({ napMs: NAP_MS })
}

interface OpenOptions {
  readonly url?: string
  readonly key?: string
  readonly account?: { readonly email: string; readonly password: string }
  readonly clock?: Clock
}

/** Disposed when the test ends. */
export function openAdapter(project: SupabaseStandIn, options: OpenOptions = {}): SupabaseAdapter {
  const { url = project.url, key = project.key, account = null, clock = steeredClock() } = options
  const adapter = createSupabaseAdapter({ url, key, account, clock })
  onTestFinished(() => adapter.dispose())
  return adapter
}

export function record(
  path: string,
  content = 'content',
  ownerId = 'shared',
  lastUpdated = 1_000,
): FileRecord {
  return { path, content, app: 'app', ownerId, lastUpdated }
}

type SetWrite = Extract<ConditionalWrite, { type: 'set' }>

export function creation(path: string, content = 'content', ownerId = 'shared', version = 1_000): SetWrite {
  const id = recordId({ appId: 'app', ownerId }, path)
  return { type: 'set', id, expected: null, data: record(path, content, ownerId, version) }
}

export function update(head: RecordHead, path: string, content: string, ownerId = 'shared'): SetWrite {
  const { id, etag, lastUpdated } = head
  const data = record(path, content, ownerId, lastUpdated + 1)
  return { type: 'set', id, expected: { etag, lastUpdated }, data }
}

export async function allHeads(adapter: SupabaseAdapter, ownerId = 'shared'): Promise<RecordHead[]> {
  const heads: RecordHead[] = []
  for (let after: string | null = null; ;) {
    const page = await adapter.heads('app', ownerId, after)
    heads.push(...page.heads)
    if (page.next === null) return heads
    after = page.next
  }
}

export interface Told {
  readonly hints: HeadsHint[]
  readonly errors: unknown[]
  /** How often anything may have changed. */
  gaps(): number
  ids(): string[]
  end(): void
  describe(): string
}

export function listen(adapter: SupabaseAdapter, ownerId = 'shared'): Told {
  const hints: HeadsHint[] = []
  const errors: unknown[] = []
  const end = adapter.watchHeads(
    'app',
    ownerId,
    hint => hints.push(hint),
    error => errors.push(error),
  )
  onTestFinished(end)
  const gaps = (): number => hints.filter(hint => hint === 'everything').length
  const ids = (): string[] => hints.flatMap(hint => (hint === 'everything' ? [] : hint.map(({ id }) => id)))
  return {
    hints,
    errors,
    end,
    gaps,
    ids,
    describe: () =>
      `told: ${gaps()} gaps, ${ids().length} ids, the last ${ids().at(-1)}; errors: ${errors.map(String).join(', ') || 'none'}`,
  }
}

export function untilTold(told: Told, id: string): Promise<void> {
  return until(() => told.ids().includes(id), `the feed to tell ${id}`, told.describe)
}

/** At least so many. */
export function untilGaps(told: Told, count: number): Promise<void> {
  return until(() => told.gaps() >= count, `the feed to tell ${count} gaps`, told.describe)
}

/** Until the server has exactly so many Realtime channels that are told changes. */
export function untilListening(project: SupabaseStandIn, channels: number): Promise<void> {
  return until(
    async () => (await project.status()).listeners === channels,
    `${channels} channels that listen`,
    () => describe(project),
  )
}

export function untilNobodyIsConnected(project: SupabaseStandIn): Promise<void> {
  return until(
    async () => (await project.status()).connections === 0,
    'all sockets to be closed',
    () => describe(project),
  )
}

async function describe(project: SupabaseStandIn): Promise<string> {
  const { listeners, connections, requests } = await project.status()
  return `${connections} sockets, ${listeners} channels that listen; the last requests: ${requests.slice(-5).join(', ')}`
}

/** The channel stands, and what was unknown before has been told. */
export async function live(project: SupabaseStandIn, told: Told, channels = 1): Promise<void> {
  await untilGaps(told, 1)
  await untilListening(project, channels)
}

/** Requests to the table and its functions since the last look. */
export async function requestCounter(project: SupabaseStandIn): Promise<() => Promise<string[]>> {
  let seen = (await project.status()).requests.length
  return async () => {
    const { requests } = await project.status()
    const since = requests.slice(seen)
    seen = requests.length
    return since
  }
}
