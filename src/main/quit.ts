/**
 * Quitting: the engines flush what they have under way, then the process ends. One that hangs is cut off; what it
 * has not done is done after the next start (R1), so nothing is lost by it.
 *
 * A session that ends (log-out, shutdown) waits for nobody on macOS and Windows: the engines are asked to stop, and
 * finish as much as there is time for. On macOS an app that refuses to quit would cancel the person's log-out.
 */
import { app } from 'electron'
import type { Log } from '../engine/ports/log.ts'
import { errorStack } from '../host/error-stack.ts'

/** For the engines, in milliseconds. */
const LONGEST_MS = 5_000
/** For Electron to end by itself after that, in milliseconds. */
const LAST_MS = 1_000
/** A session that has not ended after this time goes on, since another program has refused; in milliseconds. */
const SESSION_MS = 60_000

export interface EndingOptions {
  readonly log: Log
  /** Takes the window and the tray away: the person need not wait. */
  readonly hide: () => void
  readonly close: () => Promise<void>
  /** What has not ended in time. */
  readonly cutOff: () => void
}

export class Ending {
  readonly #options: EndingOptions
  #ended: Promise<void> | null = null
  #isOver = false
  #sessionEnds = false

  constructor(options: EndingOptions) {
    this.#options = options
  }

  /** From now on `app.quit()`, signals included, ends the app this way. */
  follow(): void {
    app.on('before-quit', event => {
      if (this.#isOver) return
      const ended = this.end()
      if (this.#sessionEnds) return
      event.preventDefault()
      void ended.then(() => {
        setTimeout(() => app.exit(0), LAST_MS).unref()
        app.quit()
      })
    })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  }

  /** The session is about to end, unless another program refuses: a request to quit is not delayed by us. */
  expectSessionEnd(): void {
    this.#sessionEnds = true
    setTimeout(() => (this.#sessionEnds = false), SESSION_MS).unref()
  }

  /** The session has ended, and takes this process along when it likes. */
  endWithSession(): void {
    this.#sessionEnds = true
    void this.end()
  }

  /** Never rejects. Afterwards nothing of ours is in the way of quitting. */
  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    const { log, hide, close, cutOff } = this.#options
    hide()
    const late = new AbortController()
    await Promise.race([closed(log, close), tooLong(log, late.signal)])
    late.abort()
    cutOff()
    this.#isOver = true
  }
}

async function closed(log: Log, close: () => Promise<void>): Promise<void> {
  try {
    await close()
  } catch (error) {
    log.error('the engines did not end well', { error: errorStack(error) })
  }
}

function tooLong(log: Log, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      log.error('the engines did not end in time; they are cut off')
      resolve()
    }, LONGEST_MS)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
