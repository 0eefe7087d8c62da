/**
 * The tables of the state store. After a change here: `npx drizzle-kit generate`.
 *
 * Times are milliseconds since the epoch. Numbers that Node gives as doubles (times with fractions, inodes
 * beyond 2^53) are kept as doubles, so that they compare equal when they come back.
 */
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, real, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import type { FilesBreak } from '../../engine/core/breaks.ts'
import type { Channel, Side } from '../../engine/core/entry.ts'
import type { ContentReason, HoldReason } from '../../engine/core/guard.ts'
import type { ProblemCode } from '../../engine/core/problem.ts'
import type {
  Decision,
  HistoryCause,
  HoldRecord,
  Resolution,
  SentWrite,
  StagedWrite,
} from '../../engine/ports/state-store.ts'

/** How a content is kept: `raw` where compressing gains nothing. */
export type ContentCodec = 'raw' | 'zstd'

export const scopes = sqliteTable(
  'scopes',
  {
    id: integer('id').primaryKey(),
    database: text('database').notNull(),
    appId: text('app_id').notNull(),
    ownerId: text('owner_id').notNull(),
    channel: text('channel').$type<Channel>().notNull(),
    rootIdentity: text('root_identity'),
    databaseIdentity: text('database_identity'),
    /** Rises each time that other scopes than before are watched: a lower one was not watched since. */
    watchedRound: integer('watched_round').notNull().default(0),
  },
  table => [unique().on(table.database, table.appId, table.ownerId, table.channel)],
)

const baseColumns = {
  scopeId: integer('scope_id').notNull(),
  path: text('path').notNull(),
  digest: text('digest').notNull(),
  size: integer('size').notNull(),
  etag: text('etag').notNull(),
  version: real('version').notNull(),
  // The fingerprint: all null where it could not be trusted.
  fileSize: integer('file_size'),
  mtimeMs: real('mtime_ms'),
  ctimeMs: real('ctime_ms'),
  ino: real('ino'),
  doubt: text('doubt').$type<FilesBreak>(),
  /** See `durability`: when the row was written. */
  epoch: integer('epoch').notNull().default(0),
}

export const baseEntries = sqliteTable('base_entries', baseColumns, table => [
  primaryKey({ columns: [table.scopeId, table.path] }),
  // Answers whether any base names a content.
  index('base_entries_by_digest').on(table.digest),
])

/** The last bases of files that are gone on both sides, until that is on the disk: a power cut may bring them back. */
export const goneEntries = sqliteTable('gone_entries', baseColumns, table => [
  primaryKey({ columns: [table.scopeId, table.path] }),
])

/**
 * One row: which bases speak of files that are on the disk for certain. Rows carry the epoch they were written in; a
 * flush ends an epoch, and once it is done all rows up to that one are safe. The others are in doubt after another boot.
 */
export const durability = sqliteTable('durability', {
  id: integer('id').primaryKey(),
  /** The newest that any row carries. */
  newestEpoch: integer('newest_epoch').notNull(),
  flushedEpoch: integer('flushed_epoch').notNull(),
  bootId: text('boot_id'),
  uptimeMs: real('uptime_ms').notNull(),
})

/** What the history, conflicts and holds name. */
export const contents = sqliteTable(
  'contents',
  {
    digest: text('digest').primaryKey(),
    codec: text('codec').$type<ContentCodec>().notNull(),
    storedSize: integer('stored_size').notNull(),
    bytes: blob('bytes', { mode: 'buffer' }).notNull(),
  },
  // Sums the sizes without reading the contents.
  table => [index('contents_sizes').on(table.digest, table.storedSize)],
)

/** Contents of bases, many in one frame. The large column is last: SQLite reads a row up to what is asked for. */
export const packs = sqliteTable('packs', {
  // AUTOINCREMENT: a pack that is kept in memory is never taken for another.
  id: integer('id').primaryKey({ autoIncrement: true }),
  codec: text('codec').$type<ContentCodec>().notNull(),
  rawSize: integer('raw_size').notNull(),
  bytes: blob('bytes', { mode: 'buffer' }).notNull(),
})

/** Where a base's content lies in its pack, in bytes before compression. */
export const packedContents = sqliteTable(
  'packed_contents',
  {
    digest: text('digest').primaryKey(),
    packId: integer('pack_id').notNull(),
    offset: integer('offset').notNull(),
    length: integer('length').notNull(),
  },
  table => [index('packed_contents_by_pack').on(table.packId, table.length)],
)

export const history = sqliteTable(
  'history',
  {
    // AUTOINCREMENT: an id that a person has noted never comes to name another version.
    id: integer('id').primaryKey({ autoIncrement: true }),
    scopeId: integer('scope_id').notNull(),
    path: text('path').notNull(),
    channel: text('channel').$type<Channel>().notNull(),
    digest: text('digest').notNull(),
    size: integer('size').notNull(),
    time: real('time').notNull(),
    version: real('version'),
    cause: text('cause').$type<HistoryCause>().notNull(),
    device: text('device').notNull(),
    // The file's modification time while it held the content; null where that is not known.
    mtimeMs: real('mtime_ms'),
    // When it was put aside, by the life clock. What is older than that clock begins its life with it.
    life: real('life').notNull().default(0),
    // 1 where the cause is a program here: these have a budget of their own.
    own: integer('own').notNull().default(0),
  },
  table => [
    index('history_by_path').on(table.scopeId, table.path),
    // Without the budget SQLite would look through all of one budget for each content.
    index('history_by_digest').on(table.digest, table.own),
    // With the id, which SQLite adds to each index: the oldest of either budget.
    index('history_by_budget').on(table.own),
    index('history_own_by_path')
      .on(table.scopeId, table.path)
      .where(sql`own = 1`),
  ],
)

/**
 * Times of change that files had with contents of which the history has no entry, or another time: files that were
 * saved as they were, and copies of conflicts. What has come back with such a time is an older copy (R8.16).
 */
export const fileTimes = sqliteTable(
  'file_times',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    scopeId: integer('scope_id').notNull(),
    path: text('path').notNull(),
    digest: text('digest').notNull(),
    mtimeMs: real('mtime_ms').notNull(),
    // When it was noted, by the life clock.
    life: real('life').notNull(),
  },
  table => [index('file_times_by_path').on(table.scopeId, table.path)],
)

/** One row: the clock that the history ages by (engine/core/life-clock). */
export const lifeClock = sqliteTable('life_clock', {
  id: integer('id').primaryKey(),
  life: real('life').notNull(),
  wall: real('wall').notNull(),
  peak: real('peak').notNull(),
})

/** One row, or none where nobody has set how long the history is kept. */
export const retention = sqliteTable('retention', {
  id: integer('id').primaryKey(),
  maxAgeMs: real('max_age_ms').notNull(),
  maxBytes: real('max_bytes').notNull(),
})

export const conflicts = sqliteTable(
  'conflicts',
  {
    scopeId: integer('scope_id').notNull(),
    path: text('path').notNull(),
    baseDigest: text('base_digest'),
    baseLastUpdated: real('base_last_updated'),
    localDigest: text('local_digest'),
    localLastUpdated: real('local_last_updated'),
    remoteDigest: text('remote_digest'),
    remoteLastUpdated: real('remote_last_updated'),
    remoteEtag: text('remote_etag'),
    since: real('since').notNull(),
  },
  table => [primaryKey({ columns: [table.scopeId, table.path] })],
)

export const holds = sqliteTable(
  'holds',
  {
    scopeId: integer('scope_id').notNull(),
    side: text('side').$type<Side>().notNull(),
    path: text('path').notNull(),
    channel: text('channel').$type<Channel>().notNull(),
    digest: text('digest').notNull(),
    kind: text('kind').$type<HoldRecord['kind']>().notNull().default('delete'),
    incoming: text('incoming'),
    reason: text('reason').$type<HoldReason>().notNull(),
    since: real('since').notNull(),
  },
  table => [primaryKey({ columns: [table.scopeId, table.side, table.path] })],
)

export const decisions = sqliteTable(
  'decisions',
  {
    scopeId: integer('scope_id').notNull(),
    side: text('side').$type<Side>().notNull(),
    path: text('path').notNull(),
    channel: text('channel').$type<Channel>().notNull(),
    digest: text('digest').notNull(),
    decision: text('decision').$type<Decision['decision']>().notNull(),
  },
  table => [primaryKey({ columns: [table.scopeId, table.side, table.path] })],
)

/** What a person has said yes to on this device, whatever database it comes from. */
export const trusted = sqliteTable(
  'trusted',
  {
    reason: text('reason').$type<ContentReason>().notNull(),
    /** '' for all paths. */
    path: text('path').notNull(),
    what: text('what').notNull(),
  },
  table => [primaryKey({ columns: [table.reason, table.path, table.what] })],
)

export const resolutions = sqliteTable(
  'resolutions',
  {
    scopeId: integer('scope_id').notNull(),
    path: text('path').notNull(),
    take: text('take').$type<Resolution['take']>().notNull(),
    localDigest: text('local_digest').notNull(),
    remoteEtag: text('remote_etag').notNull(),
    content: text('content'),
    copyPath: text('copy_path'),
  },
  table => [primaryKey({ columns: [table.scopeId, table.path] })],
)

/** What is being written now: one row for each scope, since it is set and emptied as one. */
export const stagedWrites = sqliteTable('staged_writes', {
  scopeId: integer('scope_id').primaryKey(),
  writes: text('writes', { mode: 'json' }).$type<readonly StagedWrite[]>().notNull(),
})

/** What is on its way to the database: one row for each scope, as above. */
export const sentWrites = sqliteTable('sent_writes', {
  scopeId: integer('scope_id').primaryKey(),
  writes: text('writes', { mode: 'json' }).$type<readonly SentWrite[]>().notNull(),
})

/** What sync has deleted of late. */
export const deletedFiles = sqliteTable(
  'deleted_files',
  {
    scopeId: integer('scope_id').notNull(),
    side: text('side').$type<Side>().notNull(),
    path: text('path').notNull(),
    digest: text('digest').notNull(),
    version: real('version').notNull(),
    at: real('at').notNull(),
  },
  table => [primaryKey({ columns: [table.scopeId, table.side, table.path] })],
)

export const retries = sqliteTable(
  'retries',
  {
    scopeId: integer('scope_id').notNull(),
    path: text('path').notNull(),
    attempts: integer('attempts').notNull(),
    nextAt: real('next_at').notNull(),
    code: text('code').$type<ProblemCode>().notNull(),
    message: text('message').notNull(),
  },
  table => [primaryKey({ columns: [table.scopeId, table.path] })],
)

/** Folders below the content root that were mount points when they were last seen to hold what they should. */
export const mounts = sqliteTable('mounts', {
  path: text('path').primaryKey(),
  /** Tells the drive from another one in its place. */
  drive: text('drive'),
})

/** One row: the folder's. */
export const status = sqliteTable('status', {
  id: integer('id').primaryKey(),
  state: text('state').notNull(),
  pending: integer('pending').notNull(),
  conflicts: integer('conflicts').notNull(),
  problems: integer('problems').notNull(),
  lastSyncedAt: real('last_synced_at'),
  at: real('at').notNull(),
})
