/**
 * The watcher on chokidar (port: engine/ports/watcher).
 *
 * Only hints: what a file holds, and whether a write has settled, is the engine's to find out, so chokidar's
 * own guesses about both are off, and what the system tells counts beside what chokidar makes of it: chokidar
 * holds the change of a file that became empty back for 10 ms, and forgets it where the event loop stands still
 * until its 50 ms for the next change are over too (chokidar 6.0.0, policy.js). Where the system can watch no more, the engine is asked to look by itself
 * every few seconds, and watching is tried again every few minutes. Nothing here ends the process (F26).
 */
import { realpathSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { type ChokidarOptions, type FSWatcher, watch as chokidarWatch } from 'chokidar'
import { deniedBy } from '../engine/core/denylist.ts'
import { isWithin } from '../engine/core/tree.ts'
import type { WatchListener, WatchTargets, Watcher } from '../engine/ports/watcher.ts'
import { DirtyBatch } from './dirty-batch.ts'
import { type Roots, findRoots } from './watch-roots.ts'
import { watchProblem } from './watch-trouble.ts'

export interface WatcherOptions {
  /** How often the engine is asked to look while nothing can be watched. Milliseconds. */
  readonly pollMs?: number
  /** How often the watched folders are checked for being the same ones still. Milliseconds. */
  readonly checkMs?: number
  /** How often watching is tried again then. Milliseconds. */
  readonly retryMs?: number
  /** For tests. */
  readonly watch?: (paths: string[], options: ChokidarOptions) => FSWatcher
}

// A look at 10,000 files takes some 50 ms, so this costs about one per cent of a processor.
const DEFAULT_POLL_MS = 5_000
const DEFAULT_RETRY_MS = 3 * 60_000
const DEFAULT_CHECK_MS = 5_000

/** Everything that lives as long as one `start`. */
interface Run {
  readonly folders: readonly string[]
  readonly targets: WatchTargets
  readonly listener: WatchListener
  readonly batch: DirtyBatch
  readonly checkTimer: NodeJS.Timeout
  watcher: FSWatcher | null
  /** Which folders on the disk the watcher was opened on. */
  roots: Roots
  pollTimer: NodeJS.Timeout | null
  retryTimer: NodeJS.Timeout | null
}

export class ChokidarWatcher implements Watcher {
  readonly #project: string
  readonly #pollMs: number
  readonly #retryMs: number
  readonly #checkMs: number
  readonly #watch: NonNullable<WatcherOptions['watch']>
  #run: Run | null = null

  constructor(projectFolder: string, options: WatcherOptions = {}) {
    this.#project = realpathSync.native(projectFolder)
    this.#pollMs = options.pollMs ?? DEFAULT_POLL_MS
    this.#retryMs = options.retryMs ?? DEFAULT_RETRY_MS
    this.#checkMs = options.checkMs ?? DEFAULT_CHECK_MS
    this.#watch = options.watch ?? chokidarWatch
  }

  async start(targets: WatchTargets, listener: WatchListener): Promise<void> {
    await this.close()
    const folders = outermost(targets.folders)
    const run: Run = {
      folders,
      targets,
      listener,
      batch: new DirtyBatch(paths => listener.onDirty(paths)),
      checkTimer: setInterval(() => void this.#check(run), this.#checkMs),
      watcher: null,
      roots: findRoots(this.#project, folders),
      pollTimer: null,
      retryTimer: null,
    }
    this.#run = run
    await this.#tryToWatch(run)
  }

  async close(): Promise<void> {
    const run = this.#run
    this.#run = null
    if (run === null) return
    run.batch.clear()
    clearInterval(run.checkTimer)
    stopPolling(run)
    await closeQuietly(run.watcher)
  }

  /** Resolves once everything is watched, or once that has failed and polling has begun. */
  #tryToWatch(run: Run): Promise<void> {
    return new Promise(resolve => {
      const watcher = this.#open(run)
      if (watcher === null) {
        resolve()
        return
      }
      run.watcher = watcher
      watcher.on('all', (_event, path) => this.#noteEvent(run, watcher, path))
      watcher.on('raw', (_event, name, details: unknown) => this.#noteRaw(run, watcher, name, details))
      watcher.on('error', error => {
        // Each folder that cannot be watched is an error; the first is enough.
        if (run.watcher === watcher) this.#degrade(run, error)
        resolve()
      })
      watcher.on('ready', () => {
        if (run.watcher === watcher) recover(run)
        resolve()
      })
    })
  }

  #open(run: Run): FSWatcher | null {
    try {
      run.roots = findRoots(this.#project, run.folders)
      return this.#watch(run.roots.paths, this.#options(run.targets))
    } catch (error) {
      this.#degrade(run, error)
      return null
    }
  }

  #options(targets: WatchTargets): ChokidarOptions {
    return {
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      awaitWriteFinish: false,
      // What may not be read cannot be synced either; a scan reports it, with its path.
      ignorePermissionErrors: true,
      ignored: (path, stats) => {
        const inside = this.#relative(path)
        if (inside === null || inside === '') return false
        // Whether it is a folder is known only with its stats, and a file's own path matches no folder rule.
        return deniedBy(inside) !== null || (stats?.isDirectory() === true && targets.prunes(inside))
      },
    }
  }

  #noteEvent(run: Run, watcher: FSWatcher, absolute: string): void {
    if (run.watcher !== watcher || this.#run !== run) return
    const path = this.#relative(absolute)
    if (path !== null && concerns(run.folders, path)) run.batch.add(path)
  }

  /** `name` is that of an entry of the watched folder. */
  #noteRaw(run: Run, watcher: FSWatcher, name: unknown, details: unknown): void {
    const watched = watchedPathOf(details)
    if (typeof name !== 'string' || watched === null) return
    const absolute = resolve(watched, name)
    const path = this.#relative(absolute)
    if (path !== null && deniedBy(path) === null) this.#noteEvent(run, watcher, absolute)
  }

  #degrade(run: Run, error: unknown): void {
    if (this.#run !== run) return
    // Some folders may be watched all the same; but what is used up is shared with every other program.
    void closeQuietly(run.watcher)
    run.watcher = null
    if (run.pollTimer !== null) return
    run.listener.onTrouble(watchProblem(error, this.#pollMs))
    run.pollTimer = setInterval(() => run.listener.onOverflow(), this.#pollMs)
    run.retryTimer = setInterval(() => void this.#retry(run), this.#retryMs)
    run.listener.onOverflow()
  }

  async #retry(run: Run): Promise<void> {
    if (this.#run === run && run.watcher === null) await this.#tryToWatch(run)
  }

  /**
   * A watched folder that was exchanged, for a link say and back, can leave the watcher deaf. So it is
   * opened anew when its folders are no longer the same ones.
   */
  async #check(run: Run): Promise<void> {
    const watcher = run.watcher
    if (this.#run !== run || watcher === null) return
    if (findRoots(this.#project, run.folders).identity === run.roots.identity) return
    run.watcher = null
    await closeQuietly(watcher)
    if (this.#run !== run) return
    await this.#tryToWatch(run)
    if (this.#run === run) run.listener.onOverflow()
  }

  /** Project-relative with `/`; null for what lies outside. */
  #relative(absolute: string): string | null {
    const inside = relative(this.#project, absolute)
    if (inside === '..' || inside.startsWith(`..${sep}`)) return null
    return sep === '/' ? inside : inside.replaceAll(sep, '/')
  }
}

/** What still fails in a watcher that nobody listens to must neither be thrown nor rejected (F26). */
async function closeQuietly(watcher: FSWatcher | null): Promise<void> {
  const closing = watcher?.close()
  watcher?.on('error', () => {})
  try {
    await closing
  } catch {
    // A handle that cannot be closed is gone already.
  }
}

function recover(run: Run): void {
  if (run.pollTimer === null) return
  stopPolling(run)
  run.listener.onTrouble(null)
  // What changed between the last look and now.
  run.listener.onOverflow()
}

function stopPolling(run: Run): void {
  if (run.pollTimer !== null) clearInterval(run.pollTimer)
  if (run.retryTimer !== null) clearInterval(run.retryTimer)
  run.pollTimer = null
  run.retryTimer = null
}

function outermost(folders: readonly string[]): string[] {
  return [...new Set(folders)].filter(
    folder => !folders.some(other => other !== folder && isWithin(other, folder)),
  )
}

function watchedPathOf(details: unknown): string | null {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return null
  return typeof details.watchedPath === 'string' ? details.watchedPath : null
}

/** A folder above a target matters too: while the target is missing, its coming is seen from there. */
function concerns(folders: readonly string[], path: string): boolean {
  return folders.some(folder => isWithin(folder, path) || isWithin(path, folder))
}
