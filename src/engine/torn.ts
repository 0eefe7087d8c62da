/**
 * A file that a power cut has torn (R1, R9): the file system has kept that it was written, and not, or not
 * all of, what was written. It is shorter than what sync put there, and yet nobody has touched it: inode and
 * modification time are those of the base. A program that shortens a file gives it a new time.
 */
import type { BaseEntry, LocalEntry } from './core/entry.ts'

export function isTorn(base: BaseEntry, local: LocalEntry): boolean {
  const { fingerprint } = base
  return (
    fingerprint !== null &&
    local.digest !== base.digest &&
    local.fingerprint.size < base.size &&
    local.fingerprint.ino === fingerprint.ino &&
    local.fingerprint.mtimeMs === fingerprint.mtimeMs
  )
}

/**
 * The base to decide by: as if the torn content were what both sides had agreed on, and the database had
 * changed since. So it is pulled anew, and nothing is pushed. In memory only: after a crash it is torn again.
 */
export function tornBase(base: BaseEntry, local: LocalEntry): BaseEntry {
  return { ...base, digest: local.digest, size: local.fingerprint.size, etag: 'torn' }
}
