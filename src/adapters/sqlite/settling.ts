/** Has the database's file brought up to date a moment after the last own commit. */
import type { Clock } from '../../engine/ports/clock.ts'
import type { SqliteConnection } from './connection.ts'

/** Without an own commit for this long, in milliseconds. */
const QUIET_MS = 1_000

export class Settling {
  readonly #connection: SqliteConnection
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #lastCommit = 0
  #waiting = false

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  committed(): void {
    this.#lastCommit = this.#clock.monotonic()
    if (!this.#waiting) void this.#settleOnceQuiet()
  }

  /** Whoever has the database open besides brings only its own commits into the file. */
  async finish(): Promise<void> {
    this.#closing.abort()
    if (this.#waiting) await this.#settle()
  }

  async #settleOnceQuiet(): Promise<void> {
    this.#waiting = true
    for (let rest = QUIET_MS; rest > 0; rest = this.#lastCommit + QUIET_MS - this.#clock.monotonic()) {
      await this.#clock.sleep(rest, this.#closing.signal)
      if (this.#closing.signal.aborted) return
    }
    await this.#settle()
  }

  async #settle(): Promise<void> {
    this.#waiting = false
    // Nothing depends on it, and what is wrong with the database shows in the next real call.
    await this.#connection.settle().catch(() => {})
  }
}
