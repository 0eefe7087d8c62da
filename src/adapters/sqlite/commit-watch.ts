/**
 * Calls when another process may have committed.
 *
 * Each commit writes to the `-wal` file, so a watch on it hints within a millisecond, at no cost while
 * nothing happens. It only hints: the last write is seen before the commit is (SQLite then waits for the
 * disk and publishes its index), so after an event the database is looked at a few times. And a watch may be
 * deaf (network file systems, containers), so there is a slow look in any case; one that finds a commit of
 * which the watch said nothing ends the trust in it, and looks become frequent.
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import type { Clock } from '../../engine/ports/clock.ts'

/** After an event: when to look, in milliseconds after the look before. A look costs about 10 µs. */
const LOOKS_AFTER_EVENT_MS = [1, 2, 4, 8, 12, 20, 40, 80, 80] as const
/** The step that is repeated while events keep coming. */
const STEP_IN_STREAM = 4
/** An event may still wait in the loop's queue when a look has found its commit already. */
const EVENT_DELAY_MS = 50
/** And it may have come this long before the look: the looks that follow an event take as long. */
const EVENT_LEAD_MS = 500
/** So many commits in a row of which the watch did tell bring back the trust in it. */
const COMMITS_TO_TRUST = 3
const SLOW_LOOK_MS = 1_000
const FREQUENT_LOOK_MS = 80

export interface CommitWatchTargets {
  /** The file to watch, asked again when it was replaced; null while there is no database. */
  path(): string | null
  /** Looks at the database; whether there was a commit. Must not reject. */
  look(): Promise<boolean>
}

export class CommitWatch {
  readonly #targets: CommitWatchTargets
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #watcher: FSWatcher | null = null
  #watched: string | null = null
  #trusted = false
  #lastEventAt = -Infinity
  #events = 0
  #toldCommits = 0
  #following = false

  constructor(targets: CommitWatchTargets, clock: Clock) {
    this.#targets = targets
    this.#clock = clock
    void this.#run()
  }

  close(): void {
    this.#closing.abort()
    this.#unwatch()
  }

  async #run(): Promise<void> {
    for (let isNew = true; !this.#isClosed();) {
      const since = this.#clock.monotonic() - EVENT_LEAD_MS
      // The first look opens the database, if nobody has yet.
      const found = await this.#targets.look()
      if (found && !isNew) this.#judge(await this.#wasSilent(since))
      if (this.#isClosed()) return
      isNew = this.#keepWatching()
      // What was committed before a watch began is found by looking once more.
      if (!isNew) await this.#sleep(this.#trusted ? SLOW_LOOK_MS : FREQUENT_LOOK_MS)
    }
  }

  /** Whether the watch said nothing of a commit, neither before nor a moment later. */
  async #wasSilent(since: number): Promise<boolean> {
    await this.#sleep(EVENT_DELAY_MS)
    return this.#lastEventAt < since
  }

  #judge(wasSilent: boolean): void {
    this.#toldCommits = wasSilent ? 0 : this.#toldCommits + 1
    if (wasSilent) this.#trusted = false
    else if (this.#watcher !== null && this.#toldCommits >= COMMITS_TO_TRUST) this.#trusted = true
  }

  /**
   * A watch follows the inode: when the file was replaced, it hears nothing any more. Returns whether
   * there is a new one.
   */
  #keepWatching(): boolean {
    const path = this.#targets.path()
    const inode = path === null ? undefined : statSync(path, { throwIfNoEntry: false })?.ino
    const watched = inode === undefined ? null : `${path}:${inode}`
    if (watched === this.#watched) return false
    this.#unwatch()
    if (path === null || watched === null) return false
    this.#watched = watched
    try {
      this.#watcher = watch(path, { persistent: false }, () => this.#onEvent())
      this.#watcher.on('error', () => (this.#trusted = false))
      this.#trusted = true
    } catch {
      // No watch to be had, for want of inotify instances, say: frequent looks take its place.
      this.#trusted = false
    }
    return true
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = null
    this.#watched = null
    this.#trusted = false
  }

  #onEvent(): void {
    this.#events++
    this.#lastEventAt = this.#clock.monotonic()
    if (!this.#following) void this.#follow()
  }

  /** Looks at growing distances until nothing has happened for the whole row of them. */
  async #follow(): Promise<void> {
    this.#following = true
    for (let step = 0; step < LOOKS_AFTER_EVENT_MS.length && !this.#isClosed();) {
      const seen = this.#events
      await this.#sleep(LOOKS_AFTER_EVENT_MS[step]!)
      if (this.#isClosed()) break
      await this.#targets.look()
      // Not from the first step: in a stream of events there is time to do something else.
      step = seen === this.#events ? step + 1 : Math.min(step + 1, STEP_IN_STREAM)
    }
    this.#following = false
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  #sleep(ms: number): Promise<void> {
    return this.#clock.sleep(ms, this.#closing.signal)
  }
}
