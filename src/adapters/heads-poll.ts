/** Compares all heads now and then, for feeds that may miss a change. */
import type { AdapterAbilities, RecordHead } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'

const SHORTEST_PAUSE_MS = 30_000
/** A comparison may take one part in so many of the time. */
const PAUSE_FACTOR = 50

/** As `HeadsHint`, but a head that is absent is unknown. */
export type LooseHint = 'everything' | readonly { readonly id: string; readonly head?: RecordHead | null }[]

export interface HeadsPollListener {
  readonly onHint: (hint: LooseHint) => void
  readonly onError: (error: unknown) => void
}

export class HeadsPoll {
  readonly #records: Pick<AdapterAbilities, 'heads'>
  readonly #clock: Clock
  readonly #scope: { readonly appId: string; readonly ownerId: string }
  readonly #listener: HeadsPollListener
  readonly #closing = new AbortController()
  #known: ReadonlyMap<string, RecordHead> | null = null

  constructor(
    records: Pick<AdapterAbilities, 'heads'>,
    clock: Clock,
    scope: { readonly appId: string; readonly ownerId: string },
    listener: HeadsPollListener,
  ) {
    this.#records = records
    this.#clock = clock
    this.#scope = scope
    this.#listener = listener
    void this.#run()
  }

  close(): void {
    this.#closing.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let pause = SHORTEST_PAUSE_MS
    while (!signal.aborted) {
      await this.#clock.sleep(pause, signal)
      if (signal.aborted) return
      const began = this.#clock.monotonic()
      try {
        await this.#compare()
      } catch (error) {
        if (!signal.aborted) this.#listener.onError(error)
        return
      }
      pause = Math.max(SHORTEST_PAUSE_MS, (this.#clock.monotonic() - began) * PAUSE_FACTOR)
    }
  }

  /** The first time there is nothing to compare with, and whatever was missed before is unknown. */
  async #compare(): Promise<void> {
    const known = this.#known
    const heads = await this.#all()
    if (this.#closing.signal.aborted) return
    this.#known = heads
    const hint = known === null ? 'everything' : differences(known, heads)
    if (hint === 'everything' || hint.length > 0) this.#listener.onHint(hint)
  }

  async #all(): Promise<Map<string, RecordHead>> {
    const heads = new Map<string, RecordHead>()
    for (let after: string | null = null; ;) {
      const page = await this.#records.heads(this.#scope.appId, this.#scope.ownerId, after)
      for (const head of page.heads) heads.set(head.id, head)
      if (page.next === null) return heads
      after = page.next
    }
  }
}

function differences(
  known: ReadonlyMap<string, RecordHead>,
  heads: ReadonlyMap<string, RecordHead>,
): { readonly id: string; readonly head: RecordHead | null }[] {
  const changed = [...heads.values()].filter(head => known.get(head.id)?.etag !== head.etag)
  const gone = [...known.keys()].filter(id => !heads.has(id))
  return [...changed.map(head => ({ id: head.id, head })), ...gone.map(id => ({ id, head: null }))]
}
