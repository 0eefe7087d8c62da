/** One thing that `doctor` looked at, and what it found. */

export type CheckStatus = 'ok' | 'warning' | 'failed'

export interface Check {
  /** Stays the same from version to version, for programs. */
  readonly id: string
  readonly status: CheckStatus
  /** What was found, as one sentence. */
  readonly message: string
  /** What to do; null where nothing need be done. */
  readonly advice: string | null
}

export function ok(id: string, message: string): Check {
  return { id, status: 'ok', message, advice: null }
}

export function warning(id: string, message: string, advice: string): Check {
  return { id, status: 'warning', message, advice }
}

export function failed(id: string, message: string, advice: string): Check {
  return { id, status: 'failed', message, advice }
}
