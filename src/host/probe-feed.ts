/** Whether the feed tells of a probe record. Some feeds deliver only some time after they stand. */
import { asAdapterError } from '../adapters/adapter-error.ts'
import type { CompleteAdapter } from '../adapters/complete.ts'
import type { RecordScope } from '../engine/core/record-id.ts'
import type { AdapterError } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import { attempt } from './connect-attempt.ts'

/** How often the probe is written anew while the feed is listened to, in milliseconds. */
const FEED_WRITE_MS = 2_000

export type Heard =
  | { readonly kind: 'told'; readonly ms: number }
  | { readonly kind: 'silent'; readonly ms: number }
  | { readonly kind: 'ended'; readonly ms: number; readonly error: AdapterError }

export function listenForProbe(
  database: CompleteAdapter,
  { appId, ownerId }: RecordScope,
  id: string,
  clock: Clock,
) {
  const heard = new AbortController()
  let standing = new AbortController()
  let failure: AdapterError | null = null
  const end = database.watchHeads(
    appId,
    ownerId,
    hint => {
      // From now on it stands; what was written before, it may have missed.
      if (hint === 'everything') standing.abort()
      else if (hint.some(one => one.id === id)) heard.abort()
    },
    error => {
      failure = asAdapterError(error)
      heard.abort()
    },
  )
  return {
    end,
    async until(limitMs: number, write: () => Promise<void>): Promise<Heard> {
      const began = clock.monotonic()
      const elapsed = (): number => clock.monotonic() - began
      while (!heard.signal.aborted && elapsed() < limitMs) {
        await clock.sleep(FEED_WRITE_MS, AbortSignal.any([heard.signal, standing.signal]))
        standing = new AbortController()
        if (!heard.signal.aborted) await attempt(clock, write)
      }
      if (failure !== null) return { kind: 'ended', ms: elapsed(), error: failure }
      return { kind: heard.signal.aborted ? 'told' : 'silent', ms: elapsed() }
    },
  }
}
