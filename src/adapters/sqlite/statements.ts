/** Every statement that runs more than once, prepared at connect. SQLite prepares them anew by itself when the schema changes. */
import { and, asc, eq, gt, lt, sql } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { changes, deletes, files, meta } from './schema.ts'

export type Orm = BetterSQLite3Database
export type Statements = ReturnType<typeof prepareStatements>

// Written with the table's name by hand: Drizzle leaves it out in a query of one table, and `id` alone
// would mean the inner query's own.
const seqOfFile = sql<number>`ifnull((SELECT max(c.seq) FROM lockstep_changes c WHERE c.id = "files"."id"), 0)`
// Other programs may leave NULL there; a version is always a number.
const version = sql<number>`ifnull("files"."last_updated", 0)`

const record = {
  id: files.id,
  path: files.path,
  content: files.content,
  app: files.app,
  ownerId: files.ownerId,
  lastUpdated: version,
  createdAt: files.createdAt,
  seq: seqOfFile,
}

export type RecordRow = {
  readonly id: string
  readonly path: string | null
  readonly content: string | null
  readonly app: string | null
  readonly ownerId: string | null
  readonly lastUpdated: number
  readonly createdAt: number | null
  readonly seq: number
}

export function prepareStatements(orm: Orm) {
  const ofOwner = and(eq(files.app, sql.placeholder('app')), eq(files.ownerId, sql.placeholder('ownerId')))
  const page = and(ofOwner, gt(files.id, sql.placeholder('after')))
  const isExpected = and(eq(files.id, sql.placeholder('id')), eq(version, sql.placeholder('expected')))

  return {
    /** Answered by the index `lockstep_heads` alone. */
    headsPage: orm
      .select({ id: files.id, lastUpdated: version, seq: seqOfFile })
      .from(files)
      .where(page)
      .orderBy(asc(files.id))
      .limit(sql.placeholder('limit'))
      .prepare(),

    recordsPage: orm
      .select(record)
      .from(files)
      .where(page)
      .orderBy(asc(files.id))
      .limit(sql.placeholder('limit'))
      .prepare(),

    record: orm
      .select(record)
      .from(files)
      .where(eq(files.id, sql.placeholder('id')))
      .prepare(),

    /** Some records by a JSON list of ids, in any order: twice as fast as one by one. */
    records: orm
      .select(record)
      .from(files)
      .where(sql`${files.id} IN (SELECT value FROM json_each(${sql.placeholder('ids')}))`)
      .prepare(),

    head: orm
      .select({ lastUpdated: version, seq: seqOfFile })
      .from(files)
      .where(eq(files.id, sql.placeholder('id')))
      .prepare(),

    /**
     * What changed since a number, in order. Joined through the owner's index, so that no content is
     * walked through; `live` is null for a record that is gone, or is not this owner's.
     */
    changesPage: orm
      .select({ seq: changes.seq, id: changes.id, live: files.id, lastUpdated: version })
      .from(changes)
      .leftJoin(files, and(ofOwner, eq(files.id, changes.id)))
      .where(gt(changes.seq, sql.placeholder('after')))
      .orderBy(asc(changes.seq))
      .limit(sql.placeholder('limit'))
      .prepare(),

    changedSince: orm
      .select({ id: changes.id, seq: changes.seq })
      .from(changes)
      .where(gt(changes.seq, sql.placeholder('after')))
      .prepare(),

    /** The last number that the log has for each of a JSON list of ids. */
    lastChanges: orm
      .select({ id: changes.id, seq: sql<number>`max(${changes.seq})` })
      .from(changes)
      .where(sql`${changes.id} IN (SELECT value FROM json_each(${sql.placeholder('ids')}))`)
      .groupBy(changes.id)
      .prepare(),

    /** Which records have these numbers, by a JSON list of numbers. */
    changesAt: orm
      .select({ id: changes.id, seq: changes.seq })
      .from(changes)
      .where(sql`${changes.seq} IN (SELECT value FROM json_each(${sql.placeholder('numbers')}))`)
      .prepare(),

    insertIfAbsent: orm
      .insert(files)
      .values({
        id: sql.placeholder('id'),
        path: sql.placeholder('path'),
        content: sql.placeholder('content'),
        app: sql.placeholder('app'),
        ownerId: sql.placeholder('ownerId'),
        lastUpdated: sql.placeholder('lastUpdated'),
        createdAt: sql.placeholder('createdAt'),
      })
      .onConflictDoNothing({ target: files.id })
      .prepare(),

    /** Leaves `created_at` as it is. */
    updateIfExpected: orm
      .update(files)
      .set({
        path: sql`${sql.placeholder('path')}`,
        content: sql`${sql.placeholder('content')}`,
        app: sql`${sql.placeholder('app')}`,
        ownerId: sql`${sql.placeholder('ownerId')}`,
        lastUpdated: sql`${sql.placeholder('lastUpdated')}`,
      })
      .where(isExpected)
      .prepare(),

    deleteIfExpected: orm.delete(files).where(isExpected).prepare(),

    deleteBlindly: orm
      .delete(files)
      .where(eq(files.id, sql.placeholder('id')))
      .prepare(),

    noteWord: orm
      .insert(deletes)
      .values({
        id: sql.placeholder('id'),
        etag: sql.placeholder('etag'),
        lastUpdated: sql.placeholder('lastUpdated'),
        word: sql.placeholder('word'),
        at: sql.placeholder('at'),
      })
      .onConflictDoUpdate({
        target: deletes.id,
        set: {
          etag: sql`excluded.etag`,
          lastUpdated: sql`excluded.last_updated`,
          word: sql`excluded.word`,
          at: sql`excluded.at`,
        },
      })
      .prepare(),

    forgetWords: orm
      .delete(deletes)
      .where(lt(deletes.at, sql.placeholder('before')))
      .prepare(),

    /** Of some records by a JSON list of ids, in any order. */
    said: orm
      .select({ id: deletes.id, etag: deletes.etag, lastUpdated: deletes.lastUpdated, word: deletes.word })
      .from(deletes)
      .where(sql`${deletes.id} IN (SELECT value FROM json_each(${sql.placeholder('ids')}))`)
      .prepare(),

    meta: orm
      .select({ value: meta.value })
      .from(meta)
      .where(eq(meta.key, sql.placeholder('key')))
      .prepare(),
  }
}
