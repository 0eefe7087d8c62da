/**
 * Asks now and then whether anything is different, in one small call, while Realtime tells nothing. Soon again
 * after a change, then ever more slowly: an idle folder costs one call a minute.
 */
import { AdapterError } from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'

const SHORTEST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 60_000
const SLOWER = 1.5

export interface DigestPoll {
  readonly clock: Clock
  /** Another one once anything was written; null where it can be told for no money. */
  readonly digest: () => Promise<string>
  readonly onChange: () => void
  /** It has ended: trying again will not help. */
  readonly onError: (error: unknown) => void
}

/** Until the signal aborts. Whatever was before the first answer is unknown, so that one counts as a change. */
export async function pollDigest(
  { clock, digest, onChange, onError }: DigestPoll,
  signal: AbortSignal,
): Promise<void> {
  let known: string | null = null
  for (let pause = SHORTEST_PAUSE_MS; ;) {
    await clock.sleep(pause, signal)
    if (signal.aborted) return
    try {
      const now = await digest()
      if (signal.aborted) return
      const isSame = now === known
      pause = isSame ? Math.min(pause * SLOWER, LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS
      known = now
      if (!isSame) onChange()
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof AdapterError) || !error.retryable) {
        onError(error)
        return
      }
      pause = Math.min(pause * SLOWER, LONGEST_PAUSE_MS)
      known = null
    }
  }
}
