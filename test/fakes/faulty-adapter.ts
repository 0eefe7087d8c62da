/**
 * An adapter of which every call may be slow, fail, or fail after it was carried out, and whose feed may be
 * late, out of order, doubled or silent. It passes everything else on.
 */
import {
  type AdapterAbilities,
  AdapterError,
  type AdapterErrorCode,
  type ConditionalWrite,
  type EngineAdapter,
  type FileSyncAdapter,
  type Unsubscribe,
  type WriteResult,
} from '../../src/engine/ports/adapter.ts'
import type { FakeClock } from './fake-clock.ts'
import type { Random } from './random.ts'

export interface RemoteFaults {
  /** Longest time of a call before and after it takes effect, in milliseconds. */
  slowMs: number
  /** Share of calls that fail before they take effect. */
  failing: number
  /** Share of calls whose answer is lost: they took effect, and fail. */
  lostAnswers: number
  /** Share of single writes in a commit that fail. */
  failingWrites: number
  /** No connection at all. */
  isOffline: boolean
  hints: { lost: number; doubled: number; delayMs: number }
}

export function noRemoteFaults(): RemoteFaults {
  return {
    slowMs: 0,
    failing: 0,
    lostAnswers: 0,
    failingWrites: 0,
    isOffline: false,
    hints: { lost: 0, doubled: 0, delayMs: 0 },
  }
}

export interface CallWatch {
  /** Before a call takes effect; what it throws, the call throws. */
  before(call: string): void
  /** After it took effect. */
  after(call: string): void
  onCommit?(
    writes: readonly ConditionalWrite[],
    carryOut: () => Promise<WriteResult[]>,
  ): Promise<WriteResult[]>
}

type Log = Required<Pick<AdapterAbilities, 'orderOf' | 'remembers'>>

export type FullAdapter = FileSyncAdapter & AdapterAbilities

export function createFaultyAdapter(
  inner: FullAdapter,
  clock: FakeClock,
  random: Random,
  faults: RemoteFaults,
  watch: CallWatch,
): FullAdapter {
  async function call<Result>(name: string, carryOut: () => Promise<Result>): Promise<Result> {
    await pause()
    if (faults.isOffline || random.chance(faults.failing)) throw failure(random)
    watch.before(name)
    const result = await carryOut()
    watch.after(name)
    await pause()
    if (faults.isOffline || random.chance(faults.lostAnswers)) throw failure(random)
    return result
  }

  async function pause(): Promise<void> {
    if (faults.slowMs > 0) await clock.sleep(random.next() * faults.slowMs)
  }

  /** Single writes that fail are left out of what is carried out. */
  async function commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    const fails = writes.map(() => random.chance(faults.failingWrites))
    const tried = writes.filter((_, index) => !fails[index])
    const carryOut = (): Promise<WriteResult[]> => inner.commit(tried)
    const results = await (watch.onCommit === undefined ? carryOut() : watch.onCommit(tried, carryOut))
    return fails.map(isFailing =>
      isFailing ? { status: 'failed', error: failure(random) } : results.shift()!,
    )
  }

  function deliver<Told>(told: Told, to: (told: Told) => void, isOpen: () => boolean): void {
    const { hints } = faults
    if (faults.isOffline || random.chance(hints.lost)) return
    const times = random.chance(hints.doubled) ? 2 : 1
    for (let time = 0; time < times; time += 1) {
      clock.time.after(random.next() * hints.delayMs, () => isOpen() && to(told), clock)
    }
  }

  function listening<Told>(
    listen: (onTold: (told: Told) => void) => Unsubscribe,
    to: (told: Told) => void,
  ): Unsubscribe {
    let isOpen = true
    const end = listen(told => deliver(told, to, () => isOpen))
    return () => {
      isOpen = false
      end()
    }
  }

  function logOf(orderOf: Log['orderOf'], remembers: Log['remembers']): Log {
    return { orderOf, remembers: writes => call('remembers', () => remembers(writes)) }
  }

  return {
    limits: inner.limits,
    query: (appId, ownerId) => call('query', () => inner.query(appId, ownerId)),
    get: id => call('get', () => inner.get(id)),
    set: (id, record) => call('set', () => inner.set(id, record)),
    delete: id => call('delete', () => inner.delete(id)),
    subscribe: (appId, ownerId, onChange, onError) =>
      listening(onTold => inner.subscribe(appId, ownerId, onTold, onError), onChange),
    heads: (appId, ownerId, after) => call('heads', () => inner.heads(appId, ownerId, after)),
    getMany: ids => call('getMany', () => inner.getMany(ids)),
    deletes: ids => call('deletes', async () => (await inner.deletes?.(ids)) ?? ids.map(() => null)),
    commit: writes => call('commit', () => commit(writes)),
    watchHeads: (appId, ownerId, onHint, onError) =>
      listening(onTold => inner.watchHeads(appId, ownerId, onTold, onError), onHint),
    identity: () => call('identity', () => inner.identity()),
    ...(inner.orderOf && inner.remembers && logOf(inner.orderOf, inner.remembers)),
  }
}

/** What an adapter is that was written for agent-native: without abilities. */
export function onlyFiveMethods(adapter: FullAdapter): EngineAdapter {
  const { query, get, set, delete: remove, subscribe } = adapter
  return { query, get, set, delete: remove, subscribe }
}

const CODES: readonly AdapterErrorCode[] = ['offline', 'busy', 'unknown']

function failure(random: Random): AdapterError {
  const code = random.pick(CODES)
  return new AdapterError(code, `The database is ${code}.`, { retryable: true })
}
