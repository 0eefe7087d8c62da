/** For the tests of this folder: a stand-in deployment, and adapters that end with the test. */
import { onTestFinished } from 'vitest'
import { type ConvexAdapter, createConvexAdapter } from '../../../src/adapters/convex/adapter.ts'
import type {
  ConditionalWrite,
  HeadsHint,
  RecordHead,
  WriteResult,
} from '../../../src/engine/ports/adapter.ts'
import { PATIENCE } from '../../../src/adapters/convex/connection.ts'
import type { WriteContext } from '../../stand-ins/convex/deployment.ts'
import { ConvexStandIn, type StandInOptions } from '../../stand-ins/convex/server.ts'
import { until } from '../../support/until.ts'
import { SteeredClock } from '../steered-clock.ts'

/** A server that does not say goodbye is waited for this long, in milliseconds. */
export const GOODBYE_MS = 1_000

export async function startStandIn(options: StandInOptions = {}): Promise<ConvexStandIn> {
  const server = await ConvexStandIn.start(options)
  onTestFinished(() => server.close())
  return server
}

interface OpenOptions {
  readonly device?: string
  readonly syncKey?: string | null
  readonly isPreview?: boolean
  readonly clock?: SteeredClock
}

/** Its time stands still, so that no limit runs out, unless the test lets it pass. */
export function openAdapter(
  server: ConvexStandIn,
  { device = 'here', syncKey = null, isPreview = false, clock = new SteeredClock() }: OpenOptions = {},
): ConvexAdapter {
  const adapter = createConvexAdapter({ url: server.url(device), syncKey, isPreview, clock })
  onTestFinished(async () => {
    const end = adapter.dispose()
    await clock.pass(GOODBYE_MS)
    await end
  })
  return adapter
}

/** The error of a call that waits for as long as calls do; `atOnce` is called as soon as it has given up. */
export async function givenUp(
  clock: SteeredClock,
  call: Promise<unknown>,
  atOnce: () => void = () => {},
): Promise<unknown> {
  const failure = call.then(
    () => new Error('it has not failed'),
    (error: unknown) => {
      atOnce()
      return error
    },
  )
  await clock.pass(PATIENCE.callMs)
  return failure
}

export function insertion(path: string, content = 'content', version = 1_000): ConditionalWrite {
  const data = { path, content, app: 'app', ownerId: 'shared', lastUpdated: version, createdAt: version }
  return { type: 'set', id: `app:${path}`, expected: null, data }
}

export function replacement(head: RecordHead, content: string, version: number): ConditionalWrite {
  const data = {
    path: head.id.slice('app:'.length),
    content,
    app: 'app',
    ownerId: 'shared',
    lastUpdated: version,
  }
  return { type: 'set', id: head.id, expected: head, data }
}

export function deletion(head: RecordHead): ConditionalWrite {
  return { type: 'delete', id: head.id, expected: head }
}

export function statuses(results: readonly WriteResult[]): string[] {
  return results.map(({ status }) => status)
}

export async function allHeads(adapter: ConvexAdapter): Promise<RecordHead[]> {
  const heads: RecordHead[] = []
  for (let after: string | null = null; ;) {
    const page = await adapter.heads('app', 'shared', after)
    heads.push(...page.heads)
    if (page.next === null) return heads
    after = page.next
  }
}

export async function headOf(adapter: ConvexAdapter, path: string): Promise<RecordHead> {
  const found = (await allHeads(adapter)).find(({ id }) => id === `app:${path}`)
  if (found === undefined) throw new Error(`there is no head of ${path}`)
  return found
}

export interface Feed {
  readonly hints: HeadsHint[]
  readonly errors: unknown[]
  readonly ids: () => string[]
  readonly gaps: () => number
  readonly last: (path: string) => RecordHead | null | undefined
  readonly end: () => void
  readonly describe: () => string
}

export function listenTo(adapter: ConvexAdapter): Feed {
  const hints: HeadsHint[] = []
  const errors: unknown[] = []
  const end = adapter.watchHeads(
    'app',
    'shared',
    hint => hints.push(hint),
    error => errors.push(error),
  )
  const told = (): { readonly id: string; readonly head: RecordHead | null }[] =>
    hints.flatMap(hint => (hint === 'everything' ? [] : hint))
  const ids = (): string[] => told().map(({ id }) => id)
  const gaps = (): number => hints.filter(hint => hint === 'everything').length
  return {
    hints,
    errors,
    end,
    ids,
    gaps,
    last: path => told().findLast(({ id }) => id === `app:${path}`)?.head,
    describe: () =>
      `told: ${gaps()} gaps, ${ids().length} ids, the last ${ids().at(-1)}; errors: ${errors.map(String).join(', ') || 'none'}`,
  }
}

export function untilTold(feed: Feed, ...paths: readonly string[]): Promise<void> {
  return until(
    () => paths.every(path => feed.ids().includes(`app:${path}`)),
    `the feed to tell ${paths.join(', ')}`,
    feed.describe,
  )
}

/** Each record counts once. */
export function untilToldOf(feed: Feed, count: number): Promise<void> {
  return until(() => new Set(feed.ids()).size === count, `the feed to tell ${count} records`, feed.describe)
}

export function untilGone(feed: Feed, path: string): Promise<void> {
  return until(() => feed.last(path) === null, `the feed to tell that ${path} is gone`, feed.describe)
}

export function untilGaps(feed: Feed, count: number): Promise<void> {
  return until(() => feed.gaps() >= count, `the feed to tell ${count} gaps`, feed.describe)
}

export function untilFailed(feed: Feed): Promise<void> {
  return until(() => feed.errors.length > 0, 'an error of the feed', feed.describe)
}

/** Writes the table as a program does that has functions of its own. */
export function writeDirectly(
  server: ConvexStandIn,
  path: string,
  content: string | null,
  lastUpdated = Date.now(),
): Promise<void> {
  return server.deployment.write(async ctx => {
    const syncId = `app:${path}`
    const file = await ctx.db
      .query('files')
      .withIndex('by_sync_id', q => q.eq('syncId', syncId))
      .first()
    if (content === null) {
      if (file !== null) await ctx.db.delete(file._id)
      return
    }
    const fields = { syncId, path, content, app: 'app', ownerId: 'shared', lastUpdated }
    if (file === null) await ctx.db.insert('files', fields)
    else await ctx.db.replace(file._id, fields)
  })
}

/** As if the channel had been compared with its heads that long ago. */
export function ageAudit(server: ConvexStandIn, ageMs: number): Promise<void> {
  return server.deployment.write(async ctx => {
    for (const channel of await ctx.db.query('lockstepChannels').collect())
      await ctx.db.patch(channel._id, { auditedAt: Date.now() - ageMs })
  })
}

export type Tables =
  | 'files'
  | 'lockstepHeads'
  | 'lockstepGone'
  | 'lockstepChannels'
  | 'lockstepOperations'
  | 'lockstepMeta'

/** How many rows each table has. */
export function rowCounts(server: ConvexStandIn): Promise<Record<Tables, number>> {
  const count = async (ctx: WriteContext, table: Tables) => (await ctx.db.query(table).collect()).length
  return server.deployment.write(async ctx => ({
    files: await count(ctx, 'files'),
    lockstepHeads: await count(ctx, 'lockstepHeads'),
    lockstepGone: await count(ctx, 'lockstepGone'),
    lockstepChannels: await count(ctx, 'lockstepChannels'),
    lockstepOperations: await count(ctx, 'lockstepOperations'),
    lockstepMeta: await count(ctx, 'lockstepMeta'),
  }))
}
