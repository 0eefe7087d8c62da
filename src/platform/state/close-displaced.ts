/**
 * Closes a database whose file was removed or exchanged while it was open.
 *
 * SQLite removes the log (`-wal`) and its index (`-shm`) by name when the last connection closes. By then these names
 * may belong to another file, whose programs would lose what they have committed.
 */
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'

export const LOG_SUFFIXES = ['-wal', '-shm'] as const

export function closeDisplaced(sqlite: Database.Database): void {
  const logs = LOG_SUFFIXES.map(suffix => sqlite.name + suffix).filter(log => existsSync(log))
  for (const log of logs) keep(log)
  sqlite.close()
  for (const log of logs) {
    if (existsSync(log)) rmSync(`${log}-kept`)
    else renameSync(`${log}-kept`, log)
  }
}

function keep(log: string): void {
  try {
    linkSync(log, `${log}-kept`)
  } catch {
    // No hard links here: for a moment it is there under the other name alone.
    renameSync(log, `${log}-kept`)
  }
}
