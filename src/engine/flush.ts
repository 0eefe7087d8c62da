/**
 * Brings the files that the base speaks of onto the disk (R1, R4).
 *
 * A base is durable as soon as it is committed, the file it was made from is not: after a power cut it may be old, or
 * gone, and would look like somebody's edit or delete. So files are flushed behind the work, many at a time, and the
 * state is told; what was not flushed when the machine went down is in doubt afterwards.
 */
import type { Clock } from './ports/clock.ts'
import { type FileSystem, FileSystemError } from './ports/file-system.ts'
import type { Log } from './ports/log.ts'
import type { StateChange, StateStore } from './ports/state-store.ts'

/** Work within this time is flushed together, in milliseconds. */
const GATHER_MS = 500
/** After a flush that failed. Milliseconds. */
const TRY_AGAIN_MS = 30_000

interface Ports {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly state: StateStore
  readonly log: Log
}

export class Flusher {
  /** The state store for all who commit to it: what its bases speak of is noted. */
  readonly state: StateStore
  readonly #ports: Ports
  readonly #ending = new AbortController()
  #paths = new Set<string>()
  #running: Promise<void> | null = null

  constructor(ports: Ports) {
    this.#ports = ports
    this.state = withCommit(ports.state, changes => this.#commit(changes))
  }

  /** Files that may not be on the disk since an earlier session. */
  add(paths: Iterable<string>): void {
    for (const path of paths) this.#paths.add(path)
  }

  /** Flushes behind the work what there is by now, unless that is being done already. */
  start(): void {
    if (this.#paths.size > 0) this.#running ??= this.#run()
  }

  /** Once nothing is committed any more; resolves when all of it is on the disk, or cannot be brought there. */
  async finish(): Promise<void> {
    this.#ending.abort()
    await this.#running
    if (this.#paths.size > 0) await this.#flush()
  }

  /**
   * A base without a fingerprint belongs to a file that differs from it: a merge, say. No time tells such an edit from
   * what a power cut would leave in its place, so it is on the disk before that base is.
   */
  async #commit(changes: readonly StateChange[]): Promise<void> {
    const edited = changes.flatMap(change =>
      change.kind === 'base-set' && change.entry.fingerprint === null ? [change.path] : [],
    )
    if (edited.length > 0) await this.#tryToFlush(edited)
    for (const change of changes)
      if (change.kind === 'base-set' || change.kind === 'base-gone') this.#paths.add(change.path)
    await this.#ports.state.commit(changes)
  }

  async #run(): Promise<void> {
    const { clock } = this.#ports
    const { signal } = this.#ending
    await clock.sleep(GATHER_MS, signal)
    while (this.#paths.size > 0 && !signal.aborted) {
      const isDone = await this.#flush()
      await clock.sleep(isDone ? GATHER_MS : TRY_AGAIN_MS, signal)
    }
    this.#running = null
  }

  async #flush(): Promise<boolean> {
    const { state, log } = this.#ports
    const paths = this.#paths
    this.#paths = new Set()
    try {
      // All commits that have named these paths were asked for before.
      const epoch = await state.startFlush()
      if (await this.#tryToFlush([...paths])) {
        await state.commit([{ kind: 'flushed', epoch }])
        return true
      }
    } catch (error) {
      // Whoever commits next hears of it as well.
      log.info('a flush could not be recorded', { error: String(error) })
    }
    // What is not flushed stays in doubt, and is tried again.
    this.add(paths)
    return false
  }

  async #tryToFlush(paths: readonly string[]): Promise<boolean> {
    const { fs, log } = this.#ports
    try {
      await fs.flush(paths)
      return true
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      log.info('files could not be flushed', { files: paths.length, code: error.code })
      return false
    }
  }
}

/** The store with another way to commit. */
function withCommit(state: StateStore, commit: StateStore['commit']): StateStore {
  return new Proxy(state, {
    get(target, name) {
      if (name === 'commit') return commit
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
