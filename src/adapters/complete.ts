/**
 * Every ability, for any adapter: its own where it has them, otherwise made of the five methods.
 *
 * `heads`, `getMany` and `commit` speak of the same etags, so they are taken together or not at all.
 */
import type {
  AdapterAbilities,
  AdapterLimits,
  EngineAdapter,
  FileChange,
  SaidRecord,
  SeenWrite,
  Unsubscribe,
} from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import { FiveMethods } from './five-methods.ts'
import { HeadsPoll, type LooseHint } from './heads-poll.ts'

export interface CompleteAdapter extends Pick<AdapterAbilities, 'heads' | 'getMany' | 'commit'> {
  readonly limits: AdapterLimits
  readonly caveats: readonly string[]
  identity(): Promise<string | null>
  said(ids: readonly string[]): Promise<(SaidRecord | null)[]>
  orderOf(etag: string): number | null
  remembers(writes: readonly SeenWrite[]): Promise<boolean[]>
  watchHeads(
    appId: string,
    ownerId: string,
    onHint: (hint: LooseHint) => void,
    onError: (error: unknown) => void,
  ): Unsubscribe
}

/** Nothing is known of the database: about what the strictest of the common ones take. */
const CAUTIOUS_LIMITS: AdapterLimits = { contentBytes: 900_000, batchItems: 100, batchBytes: 4 * 2 ** 20 }

const CAVEATS = {
  commit:
    'This adapter cannot write on a condition: a record is compared, written and read again. An edit made on another device in the milliseconds between may be overwritten in the database; it stays on that device and in its history.',
  etag: 'This adapter tells records apart by version and content only.',
  feed: 'This adapter may not report each change, deletes above all: they are found by comparing all records from time to time.',
  identity: 'This adapter cannot tell whether its database was exchanged for another one.',
} as const

export function complete(adapter: EngineAdapter, clock: Clock): CompleteAdapter {
  const own = ownRecords(adapter)
  const records = own ?? new FiveMethods(adapter)
  const { identity, watchHeads } = adapter
  const missing = [
    ...(own === null ? [CAVEATS.commit, CAVEATS.etag] : []),
    ...(watchHeads === undefined ? [CAVEATS.feed] : []),
    ...(identity === undefined ? [CAVEATS.identity] : []),
  ]
  return {
    limits: adapter.limits ?? CAUTIOUS_LIMITS,
    get caveats() {
      return [...missing, ...(adapter.caveats ?? [])]
    },
    heads: (appId, ownerId, after) => records.heads(appId, ownerId, after),
    getMany: ids => records.getMany(ids),
    commit: writes => records.commit(writes),
    said: async ids => adapter.deletes?.(ids) ?? ids.map(() => null),
    orderOf: etag => adapter.orderOf?.(etag) ?? null,
    remembers: async seen => adapter.remembers?.(seen) ?? seen.map(() => true),
    identity: async () => (identity === undefined ? null : identity.call(adapter)),
    watchHeads: (appId, ownerId, onHint, onError) =>
      watchHeads === undefined
        ? watchByMethods(adapter, records, clock, { appId, ownerId }, onHint, onError)
        : watchHeads.call(adapter, appId, ownerId, onHint, onError),
  }
}

type Records = Pick<AdapterAbilities, 'heads' | 'getMany' | 'commit'>

function ownRecords(adapter: EngineAdapter): Records | null {
  const { heads, getMany, commit } = adapter
  if (heads === undefined || getMany === undefined || commit === undefined) return null
  return { heads: heads.bind(adapter), getMany: getMany.bind(adapter), commit: commit.bind(adapter) }
}

/** The adapter's own notices as they come, as mere hints, and a comparison of all heads now and then. */
function watchByMethods(
  adapter: EngineAdapter,
  records: Records,
  clock: Clock,
  scope: { readonly appId: string; readonly ownerId: string },
  onHint: (hint: LooseHint) => void,
  onError: (error: unknown) => void,
): Unsubscribe {
  let active = true
  let unsubscribe: Unsubscribe | null = null
  const end = (): void => {
    active = false
    poll.close()
    unsubscribe?.()
  }
  const fail = (error: unknown): void => {
    if (!active) return
    end()
    onError(error)
  }
  const poll = new HeadsPoll(records, clock, scope, { onHint, onError: fail })
  // Of a notice only the id is used: a 'removed' may have no more than that.
  const onChange = (changes: readonly FileChange[]): void => {
    if (active && changes.length > 0) onHint(changes.map(({ id }) => ({ id })))
  }
  try {
    unsubscribe = adapter.subscribe(scope.appId, scope.ownerId, onChange, fail)
  } catch (error) {
    fail(error)
  }
  // It may have failed before it returned.
  if (!active) unsubscribe?.()
  return end
}
