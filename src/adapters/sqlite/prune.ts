/**
 * Forgets the oldest deletes in the log, now and then, so that a database with many short-lived files does
 * not grow for ever. A reader that has not read up to there is told so by `gap`, and compares everything.
 */
import type { Database } from 'better-sqlite3'

/** Fewer deletes than this are not worth the work; a row takes about 60 bytes. */
const WORTHWHILE = 10_000
/** Deletes among this many newest numbers stay: live readers are never further behind. */
const KEPT = 10_000
/** At most so many at once, to keep the write lock and the event loop for some milliseconds only. */
const AT_ONCE = 5_000

/** Returns how many went. */
export function pruneChanges(client: Database): number {
  if (deletesInLog(client) < WORTHWHILE) return 0
  const prune = client.transaction(() => {
    const pruned = client.prepare<[number, number], number>(PRUNE).pluck().all(KEPT, AT_ONCE)
    if (pruned.length > 0) client.prepare(RAISE_GAP).run(String(Math.max(...pruned)))
    return pruned.length
  })
  return prune.immediate()
}

function deletesInLog(client: Database): number {
  const sql = 'SELECT (SELECT count(*) FROM lockstep_changes) - (SELECT count(*) FROM files)'
  return client.prepare<[], number>(sql).pluck().get() ?? 0
}

const PRUNE = `
  DELETE FROM lockstep_changes WHERE seq IN (
    SELECT seq FROM lockstep_changes c
    WHERE seq <= (SELECT max(seq) FROM lockstep_changes) - ?
      AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = c.id)
    ORDER BY seq LIMIT ?
  ) RETURNING seq`

const RAISE_GAP = `
  INSERT INTO lockstep_meta (key, value) VALUES ('gap', ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)`
