/** Forgets history beyond its limits. What keeps it from that is no reason to end whatever else goes on: it is done at the next time. */
import type { Log } from '../engine/ports/log.ts'
import type { StateStore } from '../engine/ports/state-store.ts'
import { errorMessage } from '../platform/os-error.ts'

export async function pruneHistory(state: StateStore, log: Log): Promise<void> {
  try {
    await state.pruneHistory(Date.now())
  } catch (error) {
    log.error('history beyond its limits could not be forgotten', { error: errorMessage(error) })
  }
}
