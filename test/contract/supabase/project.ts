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
import { nodeClock } from '../../../src/platform/node-clock.ts'
import type { SupabaseStandIn } from '../../stand-ins/supabase/stand-in.ts'

export const ANN = { email: 'ann@example.com', password: 'the password of ann' }
export const BOB = { email: 'bob@example.com', password: 'the password of bob' }

/** One server for all tests, and the ids of its two users. */
export interface Served {
  readonly project: SupabaseStandIn
  readonly annId: string
  readonly bobId: string
}

export const SHARED = { appId: 'app', ownerId: 'shared' }

/** Its time passes so many times as fast, for waits of many seconds. */
export function hastened(factor: number): Clock {
  return {
    ...nodeClock,
    monotonic: () => nodeClock.monotonic() * factor,
    sleep: (ms, signal) => nodeClock.sleep(ms / factor, signal),
  }
}

export const hastyClock = hastened(50)

interface OpenOptions {
  readonly url?: string
  readonly key?: string
  readonly account?: { readonly email: string; readonly password: string }
  readonly clock?: Clock
}

/** Disposed when the test ends. */
export function openAdapter(project: SupabaseStandIn, options: OpenOptions = {}): SupabaseAdapter {
  const { url = project.url, key = project.key, account = null, clock = nodeClock } = options
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
  return {
    hints,
    errors,
    end,
    gaps: () => hints.filter(hint => hint === 'everything').length,
    ids: () => hints.flatMap(hint => (hint === 'everything' ? [] : hint.map(({ id }) => id))),
  }
}

/** Waits for a condition, for as long as a loaded machine may need. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${condition.toString()}`)
    await nodeClock.sleep(10)
  }
}

/** The channel stands, and what was unknown before has been told. */
export async function live(project: SupabaseStandIn, told: Told, channels = 1): Promise<void> {
  await until(async () => told.gaps() > 0 && (await project.status()).listeners === channels)
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
