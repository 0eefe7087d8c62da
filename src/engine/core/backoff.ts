/** When to try again (R13): exponential, with jitter so that many failures do not come back as one wave. */

const FIRST_MS = 1_000
const LONGEST_MS = 5 * 60_000

/**
 * Whether a time (milliseconds since the epoch) has come. One that is further ahead than `longest` was set
 * before the clock was put back, and has come as well.
 */
export function hasCome(at: number, now: number, longest: number = LONGEST_MS): boolean {
  return at <= now || at > now + longest
}

/** Milliseconds until the next try after `attempts` failures (from 1); `chance` is in [0, 1). */
export function backoffMs(attempts: number, chance: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 30))
  return Math.round(full / 2 + (full / 2) * chance)
}
