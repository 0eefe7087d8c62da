/**
 * A machine that goes to sleep cuts its connections and stops its clocks: the engines end before, and after it
 * they begin anew, which looks at both sides as a whole.
 */
import type { Host } from '../host/app/host.ts'
import { errorStack } from '../host/error-stack.ts'

export class Rest {
  readonly #host: Host
  #falling: Promise<void> = Promise.resolve()

  constructor(host: Host) {
    this.#host = host
  }

  begin(): void {
    const { folders, log } = this.#host
    log.info('the machine goes to sleep; sync rests')
    this.#falling = this.#attempt(() => Promise.all(folders.list().map(({ engine }) => engine.stop())))
  }

  /** What the sleep has cut short ends first. A folder that a person paused stays paused. */
  end(): void {
    const { folders, log } = this.#host
    log.info('the machine is awake; sync looks at everything anew')
    this.#falling = this.#falling.then(() =>
      this.#attempt(() => Promise.all(folders.list().map(entry => entry.follow(entry.known)))),
    )
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#host.log.error('sync could not follow the machine’s sleep', { error: errorStack(error) })
    }
  }
}
