/**
 * Versions of records (R4.12): whole milliseconds, each greater than the one it replaces. After each that is accepted
 * there is a next one that every reader accepts, for 2^32 writes of whoever: beyond that, numbers end to be exact.
 */

/** No version of ours reaches it, and none from there on is accepted. */
export const VERSION_LIMIT = 2 ** 53 - 2 ** 32

export function isVersion(version: number): boolean {
  return Number.isSafeInteger(version) && version < VERSION_LIMIT
}

/** Null where there is none: the former one is as high as they go. */
export function versionAfter(previous: number, now: number): number | null {
  const next = Math.max(now, previous + 1)
  return isVersion(next) ? next : null
}
