/** When an engine that has just been started is on its way, or cannot be, told from what it says. */
import type { SessionEvent, SessionState } from '../engine/status.ts'

/** It goes on by itself, or with a person's help (R8, R13). */
const UNDER_WAY: ReadonlySet<SessionState> = new Set(['offline', 'held', 'paused', 'idle'])

/** Sync is not running, and trying again changes nothing: `message` says what is wrong and what to do. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  /** A problem's code: `schema`, `database-denied`, `settings-invalid`, … */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** After the first cycle only files that have not come to rest are left; some never do. Milliseconds. */
const SETTLING_MS = 5_000

export class FirstContact {
  /** Null once the engine is on its way, else why it cannot be. */
  readonly made: Promise<Error | null>
  #settle!: (failure: Error | null) => void
  #isMade = false
  #timer: NodeJS.Timeout | undefined
  #lastProblem = new SyncError('database-error', 'The database failed.')
  #isTriedAgain = false

  constructor() {
    this.made = new Promise(resolve => {
      this.#settle = resolve
    })
  }

  get isMade(): boolean {
    return this.#isMade
  }

  note(event: SessionEvent): void {
    if (event.type === 'problem' && event.path === undefined) {
      this.#lastProblem = new SyncError(event.code, event.message)
      // A disk that is full, say: the engine starts anew by itself (R13.2).
      this.#isTriedAgain = event.code === 'state-failed'
    }
    if (event.type === 'ready') this.#timer ??= setTimeout(() => this.end(null), SETTLING_MS)
    if (event.type !== 'status') return
    if (UNDER_WAY.has(event.state)) this.end(null)
    if (event.state === 'error') this.end(this.#isTriedAgain ? null : this.#lastProblem)
  }

  end(failure: Error | null): void {
    clearTimeout(this.#timer)
    this.#isMade = true
    this.#settle(failure)
  }
}
