/**
 * Which files sync has deleted on one side of late. Deletes in small groups are a mass delete all the same (R8), also
 * where the engine was started anew in between. Each path counts once, and not while its file is back.
 */
import { MASS_DELETE_WINDOW_MS } from './core/guard.ts'
import type { RecentDelete } from './ports/state-store.ts'

export class RecentDeletes {
  readonly #byPath: Map<string, RecentDelete>

  constructor(deletes: readonly RecentDelete[]) {
    this.#byPath = new Map(deletes.map(deleted => [deleted.path, deleted]))
  }

  note(deleted: RecentDelete): void {
    this.#byPath.set(deleted.path, deleted)
  }

  /** Those that still count at `now`, in milliseconds since the epoch. `isBack`: there is such a file again. */
  counted(now: number, isBack: (path: string) => boolean): RecentDelete[] {
    return [...this.#byPath.values()].filter(({ path, at }) => isRecent(at, now) && !isBack(path))
  }

  /** Forgets all that counts no longer, and gives the paths. */
  forget(now: number, isBack: (path: string) => boolean): string[] {
    const forgotten = [...this.#byPath.values()].filter(({ path, at }) => !isRecent(at, now) || isBack(path))
    for (const { path } of forgotten) this.#byPath.delete(path)
    return forgotten.map(({ path }) => path)
  }
}

/** A clock that was set back has no deletes in its future. */
export function isRecent(at: number, now: number): boolean {
  return at > now - MASS_DELETE_WINDOW_MS && at <= now
}
