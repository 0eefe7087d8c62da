/**
 * The words that every other module uses: what is known of one file, on each of the three sides.
 *
 * base: what both sides last agreed on. local: the file on this machine. remote: the record in the database.
 * A path is relative to the project, with `/`, on every OS (`data/notes/a.md`).
 */

import type { FilesBreak } from './breaks.ts'

/** SHA-256 of a file's bytes, lower-case hex. Two contents are equal exactly if their digests are. */
export type Digest = string

/** Which of the two lists in sync-config.json a file belongs to, and so which owner its record has. */
export type Channel = 'shared' | 'private'

export type Side = 'local' | 'remote'

/**
 * What a stat call tells without reading the file. While it stays the same, so does the content.
 * Times are milliseconds since the epoch, with fractions where the file system has them.
 */
export interface Fingerprint {
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
}

export interface LocalEntry {
  readonly digest: Digest
  readonly fingerprint: Fingerprint
  /** A later content may have the same fingerprint (R9.1): as long as that is so, it does not save a read. */
  readonly isUnproven?: true
}

/**
 * A record as its head tells of it. `etag` changes whenever the record does, also where two writes
 * carry one version; it is compared for equality and means nothing else. `version` is `last_updated`.
 * `digest` is null until the content has been fetched.
 */
export interface RemoteEntry {
  readonly etag: string
  readonly version: number
  readonly digest: Digest | null
}

/** `fingerprint` is the local file's when it last held this digest; null where it could not be trusted. */
export interface BaseEntry {
  readonly digest: Digest
  readonly size: number
  readonly etag: string
  readonly version: number
  readonly fingerprint: Fingerprint | null
  /** What broke the watch over the file since then; absent where nothing did. */
  readonly doubt?: FilesBreak
}

export function isSameBase(a: BaseEntry, b: BaseEntry): boolean {
  const isSameFile =
    a.fingerprint === null || b.fingerprint === null
      ? a.fingerprint === b.fingerprint
      : sameFingerprint(a.fingerprint, b.fingerprint)
  return (
    isSameFile && a.digest === b.digest && a.etag === b.etag && a.version === b.version && a.doubt === b.doubt
  )
}

/** What a base may say of the file; null where it proves nothing. */
export function provenFingerprint({ fingerprint, isUnproven }: LocalEntry): Fingerprint | null {
  return isUnproven === true ? null : fingerprint
}

export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
}
