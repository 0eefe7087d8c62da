/**
 * The names of files that sync makes for a moment. What was put aside may outlive its engine (R1.2): its name says
 * which file it was, and what that held then.
 */
import type { Digest } from './entry.ts'
import { TEMPORARY_PREFIX } from './denylist.ts'
import { join, nameOf, parentOf } from './tree.ts'

/** Room for the prefix, a number, a digest and the ending within the 255 bytes of a name. */
const LONGEST_KEPT_NAME = 160
/** Of a digest: as many tell the versions of one path apart. */
const DIGITS = 16
const PUT_ASIDE = /^[a-z0-9]+-\d+-old(?:\.([0-9a-f]+))?(?:-(.+))?$/

export interface PutAside {
  /** Null where it was too long to be part of a name. */
  readonly path: string | null
  /** How the digest of what it held begins; null where an older version has named it. */
  readonly former: string | null
}

/** For a content that is about to be put in place. `id` is made of lower-case letters, digits and one hyphen. */
export function newName(id: string, path: string): string {
  return join(parentOf(path), `${TEMPORARY_PREFIX}${id}-new`)
}

/** For a file that is about to be replaced or removed. */
export function putAsideName(id: string, path: string, former: Digest): string {
  const original = nameOf(path)
  const name = `${TEMPORARY_PREFIX}${id}-old.${former.slice(0, DIGITS)}`
  const isShort = original.length * 3 <= LONGEST_KEPT_NAME
  return join(parentOf(path), isShort ? `${name}-${original}` : name)
}

/** Null where it is no file that was put aside. */
export function readPutAside(temporary: string): PutAside | null {
  const match = PUT_ASIDE.exec(nameOf(temporary).slice(TEMPORARY_PREFIX.length))
  if (match === null) return null
  const [, former, original] = match
  return {
    path: original === undefined ? null : join(parentOf(temporary), original),
    former: former ?? null,
  }
}
