/** Time and chance, passed in so that tests own them. */

export interface Clock {
  /** Milliseconds since the epoch; may jump when the machine's clock is set. */
  now(): number
  /** Milliseconds on a clock that never jumps back; its zero means nothing. */
  monotonic(): number
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Gives the event loop a turn. */
  yield(): Promise<void>
  /** In [0, 1). */
  random(): number
}
