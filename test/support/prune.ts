/** Forgets what is beyond these limits, as if a person had just set them. How many entries went. */
import type { Retention } from '../../src/engine/core/retention.ts'
import type { StateStore } from '../../src/engine/ports/state-store.ts'

export const KEEP_ALL: Retention = { maxAgeMs: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER }
export const KEEP_NONE: Retention = { maxAgeMs: 0, maxBytes: 0 }

/** `now` in milliseconds since the epoch. */
export async function prune(store: StateStore, retention: Retention, now: number): Promise<number> {
  await store.commit([{ kind: 'retention-set', retention }])
  return store.pruneHistory(now)
}

/** Lets so many days go by, as a store that is used sees them. */
export async function passDays(store: StateStore, days: number, from: number): Promise<void> {
  for (let day = 1; day <= days; day++) await prune(store, KEEP_ALL, from + day * 24 * 60 * 60_000)
}
