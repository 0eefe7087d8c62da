/**
 * Hints that something may have changed in the project. A hint may come late, twice or for nothing, and
 * some never come: truth is what a scan finds.
 */
import type { Problem } from '../core/problem.ts'

export interface WatchTargets {
  /** Folders to watch with everything below them, project-relative; they need not exist yet. */
  readonly folders: readonly string[]
  /** Whether a folder below them can be left out altogether. */
  prunes(folder: string): boolean
}

export interface WatchListener {
  /** Files or folders that may have changed. */
  onDirty(paths: readonly string[]): void
  /** Events may have been missed: everything may have changed. */
  onOverflow(): void
  /** The watcher has degraded (now polling, say) or, with null, is well again. */
  onTrouble(problem: Problem | null): void
}

export interface Watcher {
  /** Resolves once changes from here on are reported. */
  start(targets: WatchTargets, listener: WatchListener): Promise<void>
  close(): Promise<void>
}
