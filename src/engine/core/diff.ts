/**
 * Whether a path's sides differ from what both last agreed on: then a cycle must look at it.
 *
 * All paths are asked only where everything may have changed (start, rescan, reconnect); in between, hints name
 * the paths.
 */
import type { BaseEntry, LocalEntry, RemoteEntry } from './entry.ts'
import type { ReadonlyTree } from './tree.ts'

export interface Trees {
  readonly base: ReadonlyTree<BaseEntry>
  readonly local: ReadonlyTree<LocalEntry>
  readonly remote: ReadonlyTree<RemoteEntry>
}

export function isChanged({ base, local, remote }: Trees, path: string): boolean {
  const agreed = base.get(path)
  // A doubt ends once both sides were looked at (R4).
  if (agreed?.doubt !== undefined) return true
  return local.get(path)?.digest !== agreed?.digest || remote.get(path)?.etag !== agreed?.etag
}

/** Each path once. */
export function* allPaths({ base, local, remote }: Trees): Generator<string> {
  yield* local.keys()
  for (const path of remote.keys()) if (!local.has(path)) yield path
  for (const path of base.keys()) if (!local.has(path) && !remote.has(path)) yield path
}
