/**
 * What the clocks of file systems show, against ours: a file server has its own. Known by what sync itself has just
 * changed there (R9.1).
 */
import { isCoarse, type Moment } from './core/racy.ts'
import type { FileStat } from './ports/file-system.ts'

/** Where times have fractions, less than this is the time that it took us to look, in milliseconds. */
const SAME_CLOCK_MS = 1_000

export class FileClocks {
  /** By file system, in milliseconds. */
  readonly #ahead = new Map<number, number>()

  /** Of a file that was changed a moment before `now`, in milliseconds since the epoch. */
  note(stat: FileStat, now: number): void {
    if (!isOwnClock(stat)) return
    const ahead = stat.ctimeMs - now
    const isOurs = !isCoarse(stat) && Math.abs(ahead) < SAME_CLOCK_MS
    this.#ahead.set(stat.dev, isOurs ? 0 : ahead)
  }

  at(dev: number, now: number): Pick<Moment, 'clockMs' | 'isSeen'> {
    const ahead = this.#ahead.get(dev)
    return { clockMs: now + (ahead ?? 0), isSeen: ahead !== undefined }
  }
}

/** Some file systems know no time of change, and give the time of modification for it: the one that we have set. */
function isOwnClock({ ctimeMs, mtimeMs }: FileStat): boolean {
  return ctimeMs > 0 && ctimeMs !== mtimeMs
}
