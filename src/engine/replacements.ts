/** What sync has put in the place of files of late, and what they held before. In memory only. */
import type { Digest } from './core/entry.ts'
import { LARGEST_MERGED_BYTES } from './base-content.ts'

/** A write is looked at once it has settled; what was replaced is remembered so long, in milliseconds. */
const REMEMBERED_MS = 5_000
const REMEMBERED_FILES = 64

/** Written by a program into a file that sync had replaced: an edit of what the file held before. */
export interface LateWrite {
  readonly path: string
  /** What the file held before; it is in the history. */
  readonly former: Digest
  readonly bytes: Uint8Array
}

export interface Replacement {
  /** What sync has replaced; it is in the history. */
  readonly former: Digest
  readonly digest: Digest
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly at: number
  /** When another content was first seen there, in milliseconds since the epoch. */
  readonly changedAt?: number
}

export class Replacements {
  readonly #byPath = new Map<string, Replacement>()

  note(path: string, replacement: Replacement): void {
    this.#byPath.delete(path)
    if (replacement.bytes.length > LARGEST_MERGED_BYTES) return
    this.#byPath.set(path, replacement)
    for (const [oldest, { at }] of this.#byPath) {
      const isOld = Math.abs(replacement.at - at) > REMEMBERED_MS
      if (this.#byPath.size <= REMEMBERED_FILES && !isOld) break
      this.#byPath.delete(oldest)
    }
  }

  /** For another try: a program was writing again. What sync has replaced since counts instead. */
  putBack(path: string, replacement: Replacement): void {
    if (!this.#byPath.has(path)) this.#byPath.set(path, replacement)
  }

  seenChanged(path: string, digest: Digest, at: number): void {
    const known = this.#byPath.get(path)
    if (known === undefined || known.digest === digest || known.changedAt !== undefined) return
    this.#byPath.set(path, { ...known, changedAt: at })
  }

  /** Those that something may have been written over; they are not given again. */
  takeChanged(isChanged: (path: string, digest: Digest) => boolean): [string, Replacement][] {
    const changed = [...this.#byPath].filter(([path, { digest }]) => isChanged(path, digest))
    for (const [path] of changed) this.#byPath.delete(path)
    return changed
  }
}
