/** The machine's time and chance (port: engine/ports/clock). */
import type { Clock } from '../engine/ports/clock.ts'

/** Node fires a longer timer at once. About 24.8 days, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  yield: () => new Promise(resolve => setImmediate(resolve)),
  random: () => Math.random(),
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const timer = setTimeout(finish, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
    signal?.addEventListener('abort', finish, { once: true })

    function finish(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
  })
}
