/** Each kind of change as the statement that carries it out. Runs inside the caller's transaction. */
import type Database from 'better-sqlite3'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { type FilesBreak, UNSEEN_BREAKS } from '../../engine/core/breaks.ts'
import type { BaseEntry, Digest } from '../../engine/core/entry.ts'
import { FILE_TIMES, isRepetition } from '../../engine/core/retention.ts'
import type {
  ConflictRecord,
  FileTime,
  FormerFile,
  HistoryEntry,
  Mount,
  ScopeId,
  StateChange,
  Trust,
} from '../../engine/ports/state-store.ts'
import { asBuffer, compress } from './contents.ts'
import type { Durability } from './durability.ts'
import { prepareLife } from './life.ts'
import { pack } from './pack.ts'
import type { Packs } from './packs.ts'
import type { PreparedContents } from './prepared-contents.ts'
import {
  baseEntries,
  conflicts,
  contents,
  decisions,
  deletedFiles,
  goneEntries,
  history,
  holds,
  resolutions,
  fileTimes,
  retention,
  retries,
  type scopes,
  sentWrites,
  stagedWrites,
  status,
  trusted,
} from './schema.ts'
import { deleteFrom, insertInto, upsertInto } from './statements.ts'

export type ApplyChanges = (changes: readonly StateChange[], prepared: PreparedContents) => void
type ApplyChange = (change: StateChange, batch: Batch) => void

interface Batch {
  readonly prepared: PreparedContents
  /** The life clock's time; 0 where nothing goes into the history. */
  readonly life: number
}

type ScopeRow = typeof scopes.$inferSelect

/** All of a base's row but the epoch. */
const ENTRY_COLUMNS = Object.entries(getTableColumns(baseEntries))
  .filter(([key]) => key !== 'epoch')
  .map(([, { name }]) => name)
  .join(', ')
/** The status has one row, and so has the retention. */
const STATUS_ID = 1
const RETENTION_ID = 1

export function prepareChanges(
  sqlite: Database.Database,
  packs: Packs,
  durability: Durability,
): ApplyChanges {
  const apply = prepareChange(sqlite, packs, durability)
  const readLife = prepareLife(sqlite)
  return (changes, prepared) => {
    const time = changes.find(isAged)?.entry.time
    const batch = { prepared, life: time === undefined ? 0 : readLife(time) }
    for (const ready of prepared.packs) packs.put(ready)
    for (const change of changes) apply(change, batch)
  }
}

type Aged = Extract<StateChange, { kind: 'history-add' | 'own-history-add' | 'file-time-add' }>

function isAged(change: StateChange): change is Aged {
  return change.kind === 'history-add' || change.kind === 'own-history-add' || change.kind === 'file-time-add'
}

type FileTimeOf = Pick<FileTime, 'path' | 'digest' | 'mtimeMs'> & { readonly scope: ScopeId }

interface Doubted {
  readonly doubt: FilesBreak
  readonly scope: ScopeId
}

function prepareChange(sqlite: Database.Database, packs: Packs, durability: Durability): ApplyChange {
  const setBase = upsertInto(sqlite, baseEntries, ['scopeId', 'path'])
  const deleteBase = deleteFrom(sqlite, baseEntries, ['scopeId', 'path'])
  const unseen = UNSEEN_BREAKS.map(each => `'${each}'`).join()
  const isGraver = `(doubt IS NULL OR (@doubt = 'elsewhere' AND doubt IN (${unseen})))`
  const setDoubt = sqlite.prepare<[Doubted & { path: string }]>(
    `UPDATE ${getTableName(baseEntries)} SET doubt = @doubt WHERE scope_id = @scope AND path = @path AND ${isGraver}`,
  )
  const setDoubts = sqlite.prepare<[Doubted]>(
    `UPDATE ${getTableName(baseEntries)} SET doubt = @doubt WHERE scope_id = @scope AND ${isGraver}`,
  )
  const handOver = sqlite.prepare<[FilesBreak, string, ScopeId]>(
    `UPDATE ${getTableName(baseEntries)} SET doubt = ?
     WHERE path = ? AND scope_id <> ? AND scope_id IN (SELECT id FROM scopes WHERE channel = 'private')`,
  )
  const endConflicts = sqlite.prepare<[string, ScopeId]>(
    `DELETE FROM conflicts
     WHERE path = ? AND scope_id <> ? AND scope_id IN (SELECT id FROM scopes WHERE channel = 'private')`,
  )
  const newestRound = sqlite.prepare<[], number>('SELECT MAX(watched_round) FROM scopes').pluck()
  const setRound = sqlite.prepare<[number, ScopeId]>('UPDATE scopes SET watched_round = ? WHERE id = ?')
  const setGone = sqlite.prepare<[number, ScopeId, string]>(
    `INSERT OR REPLACE INTO ${getTableName(goneEntries)} (${ENTRY_COLUMNS}, epoch)
     SELECT ${ENTRY_COLUMNS}, ? FROM ${getTableName(baseEntries)} WHERE scope_id = ? AND path = ?`,
  )
  const setIdentity = sqlite.prepare<[Pick<ScopeRow, 'id' | 'rootIdentity' | 'databaseIdentity'>]>(
    'UPDATE scopes SET root_identity = @rootIdentity, database_identity = @databaseIdentity WHERE id = @id',
  )
  const hasContent = sqlite.prepare<[Digest]>('SELECT 1 FROM contents WHERE digest = ?')
  const putContent = upsertInto(sqlite, contents, ['digest'])
  const addHistory = insertInto(sqlite, history, 'id')
  // The `+` keeps SQLite on the index of digests: a path may have very many entries.
  const isInHistory = sqlite.prepare<[Digest, ScopeId, string, number | null]>(
    `SELECT 1 FROM history
     WHERE digest = ? AND +scope_id = ? AND +path = ? AND mtime_ms IS ifnull(?, mtime_ms)`,
  )
  // The `+` keeps SQLite on the index of paths, newest first: very many may have the content, and it is mostly the newest.
  const setTime = sqlite.prepare<[FormerFile & { scope: ScopeId; path: string }]>(
    `UPDATE history SET mtime_ms = @mtimeMs WHERE id = (
       SELECT id FROM history
       WHERE scope_id = @scope AND path = @path AND +digest = @digest AND mtime_ms IS NULL
       ORDER BY id DESC LIMIT 1)`,
  )
  const lastAside = sqlite.prepare<[ScopeId, string], Parameters<typeof isRepetition>[0]>(
    `SELECT digest, cause, version, mtime_ms AS mtimeMs, life FROM history
     WHERE scope_id = ? AND path = ? AND own = 0 ORDER BY id DESC LIMIT 1`,
  )
  const isKnownTime = sqlite.prepare<[FileTimeOf]>(
    'SELECT 1 FROM file_times WHERE scope_id = @scope AND path = @path AND digest = @digest AND mtime_ms = @mtimeMs',
  )
  const addFileTime = insertInto(sqlite, fileTimes, 'id')
  const forgetFileTimes = sqlite.prepare<[{ scope: ScopeId; path: string }]>(
    `DELETE FROM file_times WHERE scope_id = @scope AND path = @path AND id NOT IN (
       SELECT id FROM file_times WHERE scope_id = @scope AND path = @path ORDER BY id DESC LIMIT ${FILE_TIMES})`,
  )
  const setRetention = upsertInto(sqlite, retention, ['id'])
  const setConflict = upsertInto(sqlite, conflicts, ['scopeId', 'path'])
  const deleteConflict = deleteFrom(sqlite, conflicts, ['scopeId', 'path'])
  const setHold = upsertInto(sqlite, holds, ['scopeId', 'side', 'path'])
  const deleteHold = deleteFrom(sqlite, holds, ['scopeId', 'side', 'path'])
  const addDecision = upsertInto(sqlite, decisions, ['scopeId', 'side', 'path'])
  const deleteDecision = deleteFrom(sqlite, decisions, ['scopeId', 'side', 'path'])
  const addTrust = sqlite.prepare<[TrustRow]>(
    'INSERT OR IGNORE INTO trusted (reason, path, what) VALUES (@reason, @path, @what)',
  )
  const deleteTrust = deleteFrom(sqlite, trusted, ['reason', 'path', 'what'])
  const setResolution = upsertInto(sqlite, resolutions, ['scopeId', 'path'])
  const deleteResolution = deleteFrom(sqlite, resolutions, ['scopeId', 'path'])
  const setStaged = setWrites(sqlite, stagedWrites)
  const setSent = setWrites(sqlite, sentWrites)
  const setRecentDelete = upsertInto(sqlite, deletedFiles, ['scopeId', 'side', 'path'])
  const forgetRecentDelete = deleteFrom(sqlite, deletedFiles, ['scopeId', 'side', 'path'])
  const setRetry = upsertInto(sqlite, retries, ['scopeId', 'path'])
  const deleteRetry = deleteFrom(sqlite, retries, ['scopeId', 'path'])
  const clearMounts = sqlite.prepare('DELETE FROM mounts')
  const addMount = sqlite.prepare<[Mount]>('INSERT INTO mounts (path, drive) VALUES (@path, @drive)')
  const setStatus = upsertInto(sqlite, status, ['id'])
  const isKept = (digest: Digest): boolean => packs.has(digest) || hasContent.get(digest) !== undefined

  return (change, { prepared, life }) => {
    switch (change.kind) {
      case 'base-set':
        return setBase(baseRow(change.scope, change.path, change.entry, durability.stamp()))
      case 'base-delete':
        return deleteBase({ scopeId: change.scope, path: change.path })
      case 'base-doubt':
        if (change.path === undefined) setDoubts.run({ doubt: change.doubt, scope: change.scope })
        else setDoubt.run({ doubt: change.doubt, scope: change.scope, path: change.path })
        return
      case 'base-handed-over':
        handOver.run('handed-over', change.path, change.scope)
        endConflicts.run(change.path, change.scope)
        return
      case 'scopes-watched': {
        const round = newestRound.get()! + 1
        for (const scope of change.scopes) setRound.run(round, scope)
        return
      }
      case 'base-gone':
        setGone.run(durability.stamp(), change.scope, change.path)
        return deleteBase({ scopeId: change.scope, path: change.path })
      case 'flushed':
        return durability.flushed(change.epoch)
      case 'identity-set': {
        const { root, database } = change.identity
        return void setIdentity.run({ id: change.scope, rootIdentity: root, databaseIdentity: database })
      }
      case 'content-put': {
        const { digest } = change
        if (hasContent.get(digest) !== undefined) return
        // It was there when the others were compressed, and has been pruned since.
        const { codec, bytes } = prepared.contents.get(digest) ?? compress(change.bytes)
        return putContent({ digest, codec, storedSize: bytes.length, bytes: asBuffer(bytes) })
      }
      case 'base-content-put':
        if (prepared.packed.has(change.digest)) return
        if (isKept(change.digest)) return
        // As above.
        return packs.put(pack([change]))
      case 'history-add': {
        const last = lastAside.get(change.scope, change.entry.path)
        if (last !== undefined && isRepetition(last, { ...change.entry, life })) return
        return void addHistory(historyRow(change.scope, change.entry, { life, own: 0 }))
      }
      case 'own-history-add': {
        const { digest, mtimeMs, path } = change.entry
        if (!isKept(digest) || isInHistory.get(digest, change.scope, path, mtimeMs) !== undefined) return
        return void addHistory(historyRow(change.scope, change.entry, { life, own: 1 }))
      }
      case 'history-replaced':
        return void setTime.run({ ...change.former, scope: change.scope, path: change.path })
      case 'file-time-add': {
        const { scope } = change
        const { path, digest, mtimeMs } = change.entry
        if (isKnownTime.get({ scope, path, digest, mtimeMs }) !== undefined) return
        addFileTime({ scopeId: scope, path, digest, mtimeMs, life })
        return void forgetFileTimes.run({ scope, path })
      }
      case 'retention-set':
        return setRetention({ id: RETENTION_ID, ...change.retention })
      case 'conflict-set':
        return setConflict(conflictRow(change.scope, change.conflict))
      case 'conflict-delete':
        return deleteConflict({ scopeId: change.scope, path: change.path })
      case 'hold-set':
        return setHold({ scopeId: change.scope, ...change.hold })
      case 'hold-delete':
        return deleteHold({ scopeId: change.scope, side: change.side, path: change.path })
      case 'decision-add':
        return addDecision({ scopeId: change.scope, ...change.decision })
      case 'decision-delete':
        return deleteDecision({ scopeId: change.scope, side: change.side, path: change.path })
      case 'trust-add':
        return void addTrust.run(trustRow(change.trust))
      case 'trust-delete':
        return deleteTrust(trustRow(change.trust))
      case 'resolution-set':
        return setResolution({ scopeId: change.scope, ...change.resolution })
      case 'resolution-delete':
        return deleteResolution({ scopeId: change.scope, path: change.path })
      case 'staged-set':
        return setStaged(change.scope, change.writes)
      case 'sent-set':
        return setSent(change.scope, change.writes)
      case 'recent-delete-set':
        return setRecentDelete({ scopeId: change.scope, side: change.side, ...change.deleted })
      case 'recent-delete-forget':
        return forgetRecentDelete({ scopeId: change.scope, side: change.side, path: change.path })
      case 'retry-set':
        return setRetry({ scopeId: change.scope, ...change.retry })
      case 'retry-delete':
        return deleteRetry({ scopeId: change.scope, path: change.path })
      case 'mounts-set':
        clearMounts.run()
        for (const mount of change.mounts) addMount.run(mount)
        return
      case 'status-set':
        return setStatus({ id: STATUS_ID, ...change.status })
    }
  }
}

type TrustRow = typeof trusted.$inferSelect

export function trustRow({ reason, path, what }: Trust): TrustRow {
  return { reason, path: path ?? '', what }
}

/** The one row of a scope, which is taken away where there are none. */
function setWrites(
  sqlite: Database.Database,
  table: typeof stagedWrites | typeof sentWrites,
): (scope: ScopeId, writes: readonly unknown[]) => void {
  const set = sqlite.prepare<[ScopeId, string]>(
    `INSERT INTO ${getTableName(table)} (scope_id, writes) VALUES (?, ?)
     ON CONFLICT (scope_id) DO UPDATE SET writes = excluded.writes`,
  )
  const clear = deleteFrom(sqlite, table, ['scopeId'])
  return (scope, writes) =>
    writes.length === 0 ? clear({ scopeId: scope }) : void set.run(scope, JSON.stringify(writes))
}

function historyRow(
  scopeId: ScopeId,
  entry: HistoryEntry,
  kept: { readonly life: number; readonly own: 0 | 1 },
): Omit<typeof history.$inferSelect, 'id'> {
  return { scopeId, ...entry, ...kept }
}

function baseRow(
  scopeId: ScopeId,
  path: string,
  entry: BaseEntry,
  epoch: number,
): typeof baseEntries.$inferSelect {
  const { digest, size, etag, version, fingerprint, doubt } = entry
  return {
    scopeId,
    path,
    digest,
    size,
    etag,
    version,
    fileSize: fingerprint?.size ?? null,
    mtimeMs: fingerprint?.mtimeMs ?? null,
    ctimeMs: fingerprint?.ctimeMs ?? null,
    ino: fingerprint?.ino ?? null,
    doubt: doubt ?? null,
    epoch,
  }
}

function conflictRow(scopeId: ScopeId, conflict: ConflictRecord): typeof conflicts.$inferSelect {
  return {
    scopeId,
    path: conflict.path,
    baseDigest: conflict.base?.digest ?? null,
    baseLastUpdated: conflict.base?.lastUpdated ?? null,
    localDigest: conflict.local?.digest ?? null,
    localLastUpdated: conflict.local?.lastUpdated ?? null,
    remoteDigest: conflict.remote?.digest ?? null,
    remoteLastUpdated: conflict.remote?.lastUpdated ?? null,
    remoteEtag: conflict.remote?.etag ?? null,
    since: conflict.since,
  }
}
