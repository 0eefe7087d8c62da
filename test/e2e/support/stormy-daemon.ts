/**
 * The daemon in this process, so that a test can raise a storm in the feed of its states:
 * more changes than any real disk makes.
 */
import type { FolderState } from '../../../src/contract/state.ts'
import { type Daemon, startDaemon } from '../../../src/daemon/serve.ts'
import type { Host } from '../../../src/host/app/host.ts'

export class StormyDaemon {
  readonly host: Host
  /** How many changes there have been. */
  changes = 0
  readonly #daemon: Daemon

  private constructor(daemon: Daemon) {
    this.#daemon = daemon
    this.host = daemon.host
  }

  static async start(home: string, pages: string): Promise<StormyDaemon> {
    const env = {
      ...process.env,
      LOCKSTEP_HOME: home,
      LOCKSTEP_RENDERER: pages,
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
    }
    const daemon = await startDaemon({ env, port: 0, entry: 'lockstep', log: null })
    if ('heldBy' in daemon) throw new Error('another daemon runs on this home')
    return new StormyDaemon(daemon)
  }

  /** Good once, so it is another one each time. */
  get url(): string {
    return this.#daemon.url
  }

  /** So many changes of this state in one go, in turn as each of the folders. */
  storm(state: FolderState, ids: readonly string[], count: number): void {
    for (let n = 0; n < count; n++) {
      this.#change(state, ids[this.changes % ids.length] ?? state.id, this.changes)
      this.changes += 1
    }
  }

  #change(state: FolderState, id: string, number: number): void {
    const { revisions } = state
    const folder: FolderState = {
      ...state,
      id,
      name: id,
      state: 'syncing',
      files: number,
      pending: number % 1_000,
      progress: { step: 'apply', done: number % 1_000, total: 1_000 },
      revisions: { ...revisions, files: revisions.files + number, activity: revisions.activity + number },
    }
    this.host.feed.mark(`folder ${id}`, () => ({ type: 'folder', folder }))
  }

  close(): Promise<void> {
    return this.#daemon.close()
  }
}
