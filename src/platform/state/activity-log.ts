/**
 * What happened in all folders, on the disk: appended in batches, read backwards in pages, kept for a time.
 *
 * A log for people, not a state that anything relies on: a damaged file is set aside and begun anew, and a
 * power cut may take the last moments (synchronous NORMAL). Belongs to one host at a time.
 */
import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { makeFolder } from '../make-folder.ts'
import { makePrivateFile } from '../private-file.ts'
import { errorCode } from '../os-error.ts'
import { prepareLife, type ReadLife } from './life.ts'

export interface ActivityEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly folderId: string
  readonly folderName: string
  readonly kind: string
  readonly path: string | null
  readonly channel: string | null
  readonly author: string | null
  readonly reason: string
}

export interface StoredActivity extends ActivityEntry {
  readonly id: number
}

/** Empty lists stand for all. */
export interface ActivityQuery {
  readonly folderId: string | null
  readonly kinds: readonly string[]
  readonly authors: readonly string[]
  /** Part of the path, in any case. */
  readonly search: string
  /** Only entries before this id; null for the newest. */
  readonly before: number | null
  readonly limit: number
}

const VERSION = 1
/** A read looks at this many ids before it gives the event loop a turn. */
const IDS_A_TURN = 10_000
/** A delete takes this many rows before it gives the event loop a turn. */
const ROWS_A_TURN = 5_000
/** Beyond this many the oldest go, whatever their age: some 100 MB. */
const MOST_ROWS = 500_000

const TABLES = `
  CREATE TABLE activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, folder_id TEXT NOT NULL, folder_name TEXT NOT NULL,
    kind TEXT NOT NULL, path TEXT, channel TEXT, author TEXT, reason TEXT NOT NULL);
  CREATE INDEX activity_by_folder ON activity(folder_id, at, kind);
  CREATE INDEX activity_by_time ON activity(at);
  PRAGMA user_version = ${VERSION};`

/** How far the log had come at which time of the life clock: an entry is as old as the first mark after it. */
const MARKS = `
  CREATE TABLE IF NOT EXISTS life_clock (
    id INTEGER PRIMARY KEY, life REAL NOT NULL, wall REAL NOT NULL, peak REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS marks (life REAL PRIMARY KEY, newest INTEGER NOT NULL);`

type Row = StoredActivity

const IN_MEMORY = ':memory:'

const DAMAGE_CODES = /^SQLITE_(CORRUPT|NOTADB)/

class AnotherVersionError extends Error {
  override readonly name = 'AnotherVersionError'
}

export class ActivityLog {
  readonly #sqlite: Database.Database
  readonly #insert: Database.Statement<[ActivityEntry]>
  readonly #newest: Database.Statement<[], number | null>
  readonly #oldest: Database.Statement<[], number | null>
  readonly #readLife: ReadLife

  /** `path` is null for a log that ends with the process. */
  constructor(path: string | null) {
    this.#sqlite = openSound(path)
    this.#insert = this.#sqlite.prepare(`INSERT INTO activity
      (at, folder_id, folder_name, kind, path, channel, author, reason)
      VALUES (@at, @folderId, @folderName, @kind, @path, @channel, @author, @reason)`)
    this.#readLife = prepareLife(this.#sqlite)
    this.#newest = this.#sqlite.prepare<[], number | null>('SELECT MAX(id) FROM activity').pluck()
    this.#oldest = this.#sqlite.prepare<[], number | null>('SELECT MIN(id) FROM activity').pluck()
  }

  /** All or none. About 5 µs an entry. */
  append(entries: readonly ActivityEntry[]): void {
    this.#sqlite.transaction(() => {
      for (const entry of entries) this.#insert.run(entry)
    })()
  }

  /** Newest first. Goes through the log in slices, so that a search that finds nothing holds nobody up. */
  async list(query: ActivityQuery): Promise<StoredActivity[]> {
    const newest = this.#newest.get() ?? 0
    const oldest = this.#oldest.get() ?? 0
    const found: StoredActivity[] = []
    let below = Math.min(query.before ?? newest + 1, newest + 1)
    while (below > oldest && found.length < query.limit) {
      const from = below - IDS_A_TURN
      found.push(...this.#slice(query, from, below, query.limit - found.length))
      below = from
      await nextTurn()
    }
    return found
  }

  #slice(query: ActivityQuery, from: number, below: number, limit: number): StoredActivity[] {
    const conditions = ['id >= ?', 'id < ?']
    const values: (string | number)[] = [from, below]
    if (query.folderId !== null) {
      conditions.push('folder_id = ?')
      values.push(query.folderId)
    }
    for (const [column, wanted] of [
      ['kind', query.kinds],
      ['author', query.authors],
    ] as const) {
      if (wanted.length === 0) continue
      conditions.push(`${column} IN (${wanted.map(() => '?').join(', ')})`)
      values.push(...wanted)
    }
    if (query.search !== '') {
      conditions.push(`path LIKE ? ESCAPE '\\'`)
      values.push(`%${query.search.replaceAll(/[\\%_]/g, '\\$&')}%`)
    }
    // The `+` keeps SQLite on the primary key: the slice is what bounds the work.
    const where = conditions.map(condition => condition.replace(/^folder_id/, '+folder_id')).join(' AND ')
    return this.#sqlite
      .prepare<(string | number)[], Row>(
        `SELECT id, at, folder_id AS folderId, folder_name AS folderName, kind, path, channel, author, reason
         FROM activity WHERE ${where} ORDER BY id DESC LIMIT ?`,
      )
      .all(...values, limit)
  }

  /** How many of `kinds` fall into each of `count` stretches of `length` milliseconds that end at `end`, oldest first. */
  histogram(
    folderId: string,
    kinds: readonly string[],
    end: number,
    length: number,
    count: number,
  ): number[] {
    const counts = this.#sqlite
      .prepare<(string | number)[], { bucket: number; n: number }>(
        `SELECT CAST((? - at) / ? AS INTEGER) AS bucket, COUNT(*) AS n FROM activity
         WHERE folder_id = ? AND at > ? AND at <= ? AND kind IN (${kinds.map(() => '?').join(', ')}) GROUP BY bucket`,
      )
      .all(end, length, folderId, end - count * length, end, ...kinds)
    const histogram = Array.from({ length: count }, () => 0)
    for (const { bucket, n } of counts) {
      const index = count - 1 - bucket
      if (index >= 0 && index < count) histogram[index] = n
    }
    return histogram
  }

  /** The last one with a path, of these kinds; null where there is none. */
  latest(folderId: string, kinds: readonly string[]): StoredActivity | null {
    return (
      this.#sqlite
        .prepare<string[], Row>(
          `SELECT id, at, folder_id AS folderId, folder_name AS folderName, kind, path, channel, author, reason
           FROM activity WHERE folder_id = ? AND path IS NOT NULL
             AND kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY at DESC LIMIT 1`,
        )
        .get(folderId, ...kinds) ?? null
    )
  }

  /**
   * Forgets what is older than `keptMs` by the life clock (R16), and the oldest beyond the greatest number. `now` in
   * milliseconds since the epoch: a reading of the machine's clock.
   */
  async prune(keptMs: number, now: number): Promise<void> {
    const floor = Math.max(this.#newestOlderThan(keptMs, now), (this.#newest.get() ?? 0) - MOST_ROWS)
    const step = this.#sqlite.prepare(
      `DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE id <= ? ORDER BY id LIMIT ${ROWS_A_TURN})`,
    )
    while (this.#sqlite.open && step.run(floor).changes > 0) await nextTurn()
  }

  #newestOlderThan(keptMs: number, now: number): number {
    return this.#sqlite.transaction(() => {
      const life = this.#readLife(now)
      this.#sqlite.prepare('INSERT OR IGNORE INTO marks VALUES (?, ?)').run(life, this.#newest.get() ?? 0)
      const old = this.#sqlite
        .prepare<[number], number | null>('SELECT max(newest) FROM marks WHERE life <= ?')
        .pluck()
        .get(life - keptMs)
      this.#sqlite.prepare('DELETE FROM marks WHERE newest < ?').run(old ?? 0)
      return old ?? 0
    })()
  }

  close(): void {
    this.#sqlite.close()
  }
}

function openSound(path: string | null): Database.Database {
  if (path === null) return open(IN_MEMORY)
  makeFolder(dirname(path))
  makePrivateFile(path)
  try {
    return open(path)
  } catch (error) {
    // A disk that is full has nothing wrong with it.
    if (!(error instanceof AnotherVersionError) && !DAMAGE_CODES.test(errorCode(error))) throw error
    // Set aside for whoever wants to look.
    rmSync(`${path}-wal`, { force: true })
    rmSync(`${path}-shm`, { force: true })
    renameSync(path, `${path}.damaged`)
    return open(path)
  }
}

function open(path: string): Database.Database {
  const sqlite = new Database(path)
  try {
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    const version = sqlite.pragma('user_version', { simple: true })
    if (version === 0) sqlite.transaction(() => sqlite.exec(TABLES))()
    else if (version !== VERSION)
      throw new AnotherVersionError(`an activity log of version ${String(version)}`)
    sqlite.exec(MARKS)
    sqlite.prepare('SELECT id FROM activity ORDER BY id DESC LIMIT 1').get()
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}
