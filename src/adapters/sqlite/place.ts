/** Whether the file at a path is still the one that was opened: a database may be replaced while it is open. */
import { realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Names one file for as long as it lives; `born` tells it from a later one that got the same inode. */
export interface Place {
  readonly device: bigint
  readonly inode: bigint
  /** Nanoseconds since the epoch, 0 where the file system keeps no creation time. */
  readonly born: bigint
}

/** Whether two looks found the file as it was. */
export interface FileLook {
  readonly place: Place
  readonly size: bigint
  /** Nanoseconds since the epoch. */
  readonly modified: bigint
  readonly changed: bigint
}

/** Null where nothing is. */
export function lookAt(path: string): FileLook | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined) return null
  const place = { device: stat.dev, inode: stat.ino, born: stat.birthtimeNs }
  return { place, size: stat.size, modified: stat.mtimeNs, changed: stat.ctimeNs }
}

export function isSameLook(a: FileLook, b: FileLook): boolean {
  return a.size === b.size && a.modified === b.modified && a.changed === b.changed
}

/** Null where nothing is. */
export function placeOf(path: string): Place | null {
  return lookAt(path)?.place ?? null
}

export function samePlace(a: Place | null, b: Place | null): boolean {
  if (a === null || b === null) return a === b
  return a.inode === b.inode && a.born === b.born && a.device === b.device
}

/** The device's number is left out: it may differ after the next boot. */
export function placeName(place: Place): string {
  return `${place.inode.toString(36)}-${place.born.toString(36)}`
}

/**
 * Removes the log (`-wal`) of a database that was replaced, if it is still the one at that path: SQLite
 * would play its contents into the new database (https://sqlite.org/howtocorrupt.html, section 2.5). An
 * empty one does no harm, and may be in use already.
 */
export function removeStaleWal(walPath: string, ownWal: Place | null): void {
  if (ownWal === null || !samePlace(placeOf(walPath), ownWal) || statSync(walPath).size === 0) return
  for (const path of [walPath, walPath.replace(/-wal$/, '-shm')]) rmSync(path, { force: true })
}

/** SQLite keeps the log beside the file that a symbolic link leads to. */
export function walPathOf(path: string): string {
  const real = realpathSync(path)
  return join(dirname(real), `${basename(real)}-wal`)
}
