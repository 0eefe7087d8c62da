/**
 * Which deletes are the half of a move (R8.3): the content that goes from one path has come to another one on the same
 * side. The very file, known by its number, proves that, wherever it has been in between. Of others each that has come
 * accounts for one that goes, and only if it came later: of two equal files that have lain side by side, the one that is
 * deleted has not moved.
 */
import type { Digest } from './entry.ts'

/** A file on the side where others are missing, or one that is missing there. */
export interface Placed {
  readonly path: string
  readonly digest: Digest
  /** When this content came to this path, in milliseconds since the epoch. */
  readonly since: number
  /** The file system's number of the file (inode); null where none is known, or it is no file of this device. */
  readonly file: number | null
}

/**
 * Where many files have one content, order alone tells little: they may all have been made within one second. What has
 * come after a rest has come in their place. Milliseconds.
 */
const REST_MS = 1_000

/** By the path that goes, the one that the content has come to. */
export function moves(missing: readonly Placed[], present: Iterable<Placed>): Map<string, string> {
  const gone = Map.groupBy(missing, ({ digest }) => digest)
  const here = new Map<Digest, Placed[]>()
  for (const placed of present) {
    if (!gone.has(placed.digest)) continue
    const equal = here.get(placed.digest)
    if (equal === undefined) here.set(placed.digest, [placed])
    else equal.push(placed)
  }
  const found = new Map<string, string>()
  for (const [digest, equal] of here) pair(gone.get(digest)!, equal, found)
  return found
}

function pair(gone: readonly Placed[], here: readonly Placed[], found: Map<string, string>): void {
  const byFile = new Map(
    here.flatMap(placed => (placed.file === null ? [] : [[placed.file, placed] as const])),
  )
  const proven = new Set<Placed>()
  const others = gone.filter(({ path, file }) => {
    const to = file === null ? undefined : byFile.get(file)
    if (to === undefined) return true
    proven.add(to)
    found.set(path, to.path)
    return false
  })
  pairByTime(
    others,
    here.filter(placed => !proven.has(placed)),
    found,
  )
}

function pairByTime(gone: readonly Placed[], here: readonly Placed[], found: Map<string, string>): void {
  const rest = gone.length === 1 && here.length === 1 ? 0 : REST_MS
  const last = gone.reduce((latest, { since }) => Math.max(latest, since), -Infinity)
  const come = here.filter(({ since }) => since > last + rest)
  for (const [index, { path }] of gone.entries()) {
    const to = come[index]
    if (to !== undefined) found.set(path, to.path)
  }
}
