/**
 * The state store on SQLite (port: engine/ports/state-store).
 *
 * Durable: WAL with synchronous FULL, so a commit that has resolved survives a power loss. Several processes
 * may have it open; writers take turns, and one that has to wait does so without blocking its event loop.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { and, desc, eq } from 'drizzle-orm'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import type { FilesBreak } from '../../engine/core/breaks.ts'
import { isSameFileTime } from '../../engine/core/continuity.ts'
import type { BaseEntry, Digest, Side } from '../../engine/core/entry.ts'
import { type ContentReason, MASS_DELETE_WINDOW_MS } from '../../engine/core/guard.ts'
import {
  DEFAULT_RETENTION,
  NEVER_IN_THE_FILE,
  ownBytes,
  type Retention,
} from '../../engine/core/retention.ts'
import type {
  ConflictRecord,
  ConflictSide,
  Decision,
  HoldRecord,
  Mount,
  RecentDelete,
  Resolution,
  RetryRecord,
  ScopeId,
  ScopeIdentity,
  ScopeKey,
  StateChange,
  SentWrite,
  StagedWrite,
  StateStore,
  StatusRecord,
  StoredHistoryEntry,
  Trust,
} from '../../engine/ports/state-store.ts'
import { errorCode } from '../os-error.ts'
import { type ApplyChanges, prepareChanges, trustRow } from './changes.ts'
import { closeDisplaced } from './close-displaced.ts'
import { decompress } from './contents.ts'
import {
  copiesBeside,
  countEntries,
  type Erased,
  eraseEntries,
  type Erasure,
  type Use,
  usesOf,
} from './erase.ts'
import { Durability } from './durability.ts'
import { raiseHighWater } from './high-water.ts'
import { fileIdentity } from './file-identity.ts'
import { prepareLife, type ReadLife } from './life.ts'
import {
  BUSY_TIMEOUT_MS,
  copyInto,
  dropBackups,
  type OpenOptions,
  type StateNotice,
  openDatabase,
} from './open-database.ts'
import { type Packs, preparePacks } from './packs.ts'
import { type KnownContents, prepareContents, prepareKnown } from './prepared-contents.ts'
import {
  type PruneStep,
  pruneContents,
  pruneFileTimes,
  pruneOwn,
  prunePackedContents,
  pruneReplaced,
  shrinkFile,
  thinOwn,
} from './prune.ts'
import { repack, repackWithoutRemains } from './repack.ts'
import {
  conflicts,
  contents,
  decisions,
  deletedFiles,
  history,
  holds,
  mounts,
  resolutions,
  retention,
  retries,
  scopes,
  sentWrites,
  stagedWrites,
  status,
  trusted,
} from './schema.ts'
import { StateStoreError } from './state-store-error.ts'

export interface OpenedStateStore extends StateStore {
  /** What happened on opening that a person should know. */
  readonly notice: StateNotice | null
  /** False where the file was removed or exchanged: what is committed then ends with the process. */
  isInPlace(): boolean
  /** Writes all that the store holds into a file that is not there yet; also where its own file is gone. */
  copyTo(path: string): void
  /** What `erase` would take out of the history, and what keeps it from doing so. */
  lookErasure(
    erasure: Erasure,
    scopes: readonly ScopeId[],
  ): { readonly entries: number; readonly uses: Use[] }
  /**
   * Takes a path or a content out of the history for good: once it resolves, its bytes are in no part of the state's
   * file, nor in copies of it that were made before a migration. Nothing goes where something keeps it from going.
   */
  erase(erasure: Erasure, scopes: readonly ScopeId[]): Promise<Erased | { readonly uses: Use[] }>
  /** Databases whose place is named with `from` are named with `to` in its stead from now on. */
  renameDatabases(from: string, to: string): void
}

/** Between tries to begin a transaction while another process writes. Milliseconds. */
const FIRST_WAIT_MS = 1
const LONGEST_WAIT_MS = 25
/** No transaction of ours takes nearly that long: whoever holds the lock then is stuck. Milliseconds. */
const GIVE_UP_MS = 60_000
/** A scope is made once in a folder's life, at start, and no write of ours takes as long. Milliseconds. */
const SCOPE_TIMEOUT_MS = 1_000

/** Throws `StateStoreError` where the state is a newer version's; SQLite's and the system's own errors pass through. */
export function openStateStore(path: string | null, options: OpenOptions = {}): OpenedStateStore {
  const { sqlite, notice } = openDatabase(path, options)
  return new SqliteStateStore(sqlite, notice)
}

class SqliteStateStore implements OpenedStateStore {
  readonly notice: StateNotice | null
  readonly #sqlite: Database.Database
  readonly #identity: string | null
  readonly #db: BetterSQLite3Database
  readonly #apply: ApplyChanges
  readonly #packs: Packs
  readonly #durability: Durability
  readonly #base: Database.Statement<[ScopeId, string], BaseRow>
  readonly #watched: Database.Statement<[], ScopeId>
  readonly #had: Database.Statement<[ScopeId, string, Digest]>
  readonly #fileTimes: Database.Statement<[FileKey], number>
  readonly #forgetDeletes: Database.Statement<[number, number]>
  readonly #foreign: Database.Statement<[ScopeId, string], Digest>
  readonly #wasHere: Database.Statement<[{ path: string; digest: Digest }]>
  readonly #trusted: Database.Statement<[ReturnType<typeof trustRow>]>
  readonly #private: Database.Statement<[{ scope: ScopeId; paths: string }], string>
  readonly #version: Database.Statement<[], number>
  readonly #known: KnownContents
  readonly #readLife: ReadLife
  #lastVersion: number
  #foreignCommits = 0
  /** Ends when every write asked for so far has ended: writes keep their order. */
  #writes: Promise<unknown> = Promise.resolve()

  constructor(sqlite: Database.Database, notice: StateNotice | null) {
    this.notice = notice
    this.#sqlite = sqlite
    this.#identity = sqlite.memory ? null : fileIdentity(sqlite.name)
    this.#db = drizzle(sqlite)
    this.#packs = preparePacks(sqlite)
    this.#durability = new Durability(sqlite)
    this.#apply = prepareChanges(sqlite, this.#packs, this.#durability)
    this.#base = sqlite.prepare<[ScopeId, string], BaseRow>(BASE_PAGE).raw()
    this.#watched = sqlite.prepare<[], ScopeId>(WATCHED_SCOPES).pluck()
    this.#had = sqlite.prepare(HAD_CONTENT)
    this.#fileTimes = sqlite.prepare<[FileKey], number>(FILE_TIMES).pluck()
    this.#forgetDeletes = sqlite.prepare(FORGET_DELETES)
    this.#foreign = sqlite.prepare<[ScopeId, string], Digest>(FOREIGN_BASES).pluck()
    this.#wasHere = sqlite.prepare(WAS_HERE)
    this.#trusted = sqlite.prepare(TRUSTED)
    this.#private = sqlite.prepare<[{ scope: ScopeId; paths: string }], string>(PRIVATE_ELSEWHERE).pluck()
    this.#version = sqlite.prepare<[], number>('PRAGMA data_version').pluck()
    this.#known = prepareKnown(sqlite)
    this.#readLife = prepareLife(sqlite)
    this.#lastVersion = this.#dataVersion()
  }

  openScope(key: ScopeKey): ScopeId {
    const { database, appId, ownerId, channel } = key
    const find = this.#db
      .select({ id: scopes.id })
      .from(scopes)
      .where(
        and(
          eq(scopes.database, database),
          eq(scopes.appId, appId),
          eq(scopes.ownerId, ownerId),
          eq(scopes.channel, channel),
        ),
      )
    const known = find.get()
    if (known !== undefined) return known.id
    this.#waitingLonger(() => {
      this.#db.insert(scopes).values({ database, appId, ownerId, channel }).onConflictDoNothing().run()
    })
    return find.get()!.id
  }

  adoptScope(key: ScopeKey, database: string): void {
    const { appId, ownerId, channel } = key
    const alike = and(eq(scopes.appId, appId), eq(scopes.ownerId, ownerId), eq(scopes.channel, channel))
    const own = this.#db
      .select()
      .from(scopes)
      .where(and(alike, eq(scopes.database, key.database)))
      .get()
    if (own !== undefined && own.databaseIdentity !== null) return
    const moved = this.#db
      .select()
      .from(scopes)
      .where(and(alike, eq(scopes.databaseIdentity, database)))
      .orderBy(desc(scopes.watchedRound))
      .limit(1)
      .get()
    if (moved === undefined) return
    this.#waitingLonger(() => {
      this.#db.transaction(
        within => {
          if (own !== undefined) within.delete(scopes).where(eq(scopes.id, own.id)).run()
          within.update(scopes).set({ database: key.database }).where(eq(scopes.id, moved.id)).run()
        },
        { behavior: 'immediate' },
      )
    })
  }

  scopeKey(scope: ScopeId): ScopeKey {
    const { database, appId, ownerId, channel } = scopes
    const key = { database, appId, ownerId, channel }
    return this.#db.select(key).from(scopes).where(eq(scopes.id, scope)).get()!
  }

  loadIdentity(scope: ScopeId): ScopeIdentity {
    const row = this.#db.select().from(scopes).where(eq(scopes.id, scope)).get()
    return { root: row?.rootIdentity ?? null, database: row?.databaseIdentity ?? null }
  }

  *basePages(scope: ScopeId): Generator<[string, BaseEntry][]> {
    for (let after = ''; ;) {
      const rows = this.#base.all(scope, after)
      if (rows.length > 0) yield rows.map(row => [row[0], toBaseEntry(row)])
      const last = rows.at(-1)
      if (last === undefined || rows.length < BASE_PAGE_ROWS) return
      after = last[0]
    }
  }

  watchedScopes(): ScopeId[] {
    return this.#watched.all()
  }

  hadContent(scope: ScopeId, path: string, digest: Digest): boolean {
    return this.#had.get(scope, path, digest) !== undefined
  }

  hadFile(scope: ScopeId, path: string, digest: Digest, mtimeMs: number): boolean {
    return this.#fileTimes.all({ scope, path, digest }).some(kept => isSameFileTime(kept, mtimeMs))
  }

  wasHere(path: string, digest: Digest): boolean {
    return this.#wasHere.get({ path, digest }) !== undefined
  }

  isTrusted(trust: Trust): boolean {
    return this.#trusted.get(trustRow(trust)) !== undefined
  }

  loadTrust(reason: ContentReason): string[] {
    const { path, what } = trusted
    const ofAll = and(eq(trusted.reason, reason), eq(path, ''))
    const rows = this.#db.select({ what }).from(trusted).where(ofAll).orderBy(what).all()
    return rows.map(row => row.what)
  }

  foreignBases(scope: ScopeId, path: string): Digest[] {
    return this.#foreign.all(scope, path)
  }

  privateElsewhere(scope: ScopeId, paths: readonly string[]): string[] {
    return this.#private.all({ scope, paths: JSON.stringify(paths) })
  }

  unflushed(scope: ScopeId): string[] {
    return this.#durability.unflushed(scope)
  }

  loadConflicts(scope: ScopeId): ConflictRecord[] {
    const rows = this.#db
      .select()
      .from(conflicts)
      .where(eq(conflicts.scopeId, scope))
      .orderBy(conflicts.path)
      .all()
    return rows.map(toConflictRecord)
  }

  loadHolds(scope: ScopeId): HoldRecord[] {
    const { channel, side, path, digest, kind, incoming, reason, since } = holds
    const columns = { channel, side, path, digest, kind, incoming, reason, since }
    return this.#db.select(columns).from(holds).where(eq(holds.scopeId, scope)).orderBy(path, side).all()
  }

  loadDecisions(scope: ScopeId): Decision[] {
    const { channel, side, path, digest, decision } = decisions
    const columns = { channel, side, path, digest, decision }
    return this.#db
      .select(columns)
      .from(decisions)
      .where(eq(decisions.scopeId, scope))
      .orderBy(path, side)
      .all()
  }

  loadResolutions(scope: ScopeId): Resolution[] {
    const { path, take, localDigest, remoteEtag, content, copyPath } = resolutions
    const columns = { path, take, localDigest, remoteEtag, content, copyPath }
    return this.#db
      .select(columns)
      .from(resolutions)
      .where(eq(resolutions.scopeId, scope))
      .orderBy(path)
      .all()
  }

  loadStaged(scope: ScopeId): readonly StagedWrite[] {
    const ofScope = eq(stagedWrites.scopeId, scope)
    return this.#db.select().from(stagedWrites).where(ofScope).get()?.writes ?? []
  }

  loadSent(scope: ScopeId): readonly SentWrite[] {
    const ofScope = eq(sentWrites.scopeId, scope)
    return this.#db.select().from(sentWrites).where(ofScope).get()?.writes ?? []
  }

  loadDeletes(scope: ScopeId, side: Side): RecentDelete[] {
    const { path, digest, version, at } = deletedFiles
    const ofSide = and(eq(deletedFiles.scopeId, scope), eq(deletedFiles.side, side))
    return this.#db.select({ path, digest, version, at }).from(deletedFiles).where(ofSide).orderBy(path).all()
  }

  loadRetries(scope: ScopeId): RetryRecord[] {
    const { path, attempts, nextAt, code, message } = retries
    const columns = { path, attempts, nextAt, code, message }
    return this.#db.select(columns).from(retries).where(eq(retries.scopeId, scope)).orderBy(path).all()
  }

  loadMounts(): Mount[] {
    return this.#db.select().from(mounts).orderBy(mounts.path).all()
  }

  loadStatus(): StatusRecord | null {
    const { state, pending, problems, lastSyncedAt, at } = status
    const columns = { state, pending, conflicts: status.conflicts, problems, lastSyncedAt, at }
    return this.#db.select(columns).from(status).get() ?? null
  }

  loadHistory(scope: ScopeId, path?: string): StoredHistoryEntry[] {
    const { id, channel, digest, size, time, version, cause, device, mtimeMs } = history
    const columns = { id, path: history.path, channel, digest, size, time, version, cause, device, mtimeMs }
    const ofScope = eq(history.scopeId, scope)
    return (
      this.#db
        .select(columns)
        .from(history)
        .where(path === undefined ? ofScope : and(ofScope, eq(history.path, path)))
        // Ids rise with time, whatever the machine's clock has shown.
        .orderBy(desc(id))
        .all()
    )
  }

  loadRetention(): Retention {
    const { maxAgeMs, maxBytes } = retention
    return this.#db.select({ maxAgeMs, maxBytes }).from(retention).get() ?? DEFAULT_RETENTION
  }

  readContent(digest: Digest): Uint8Array | null {
    const row = this.#db.select().from(contents).where(eq(contents.digest, digest)).get()
    return row === undefined ? this.#packs.read(digest) : decompress(row)
  }

  hasContent(digest: Digest): boolean {
    return this.#known.anywhere(digest)
  }

  commit(changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve()
    return this.#inTurn(async () => {
      this.#open()
      const prepared = await prepareContents(changes, this.#known)
      await this.#transaction(() => this.#apply(changes, prepared))
      for (const change of changes)
        if (change.kind === 'flushed') raiseHighWater(this.#sqlite.name, change.epoch)
      // A person's word, which an engine on the same store has to hear as well.
      if (changes.some(isDecision)) this.#foreignCommits++
    })
  }

  startFlush(): Promise<number> {
    return this.#inTurn(async () => this.#durability.endEpoch())
  }

  async pruneHistory(now: number): Promise<number> {
    const kept = this.loadRetention()
    const life = await this.#inTurn(() =>
      this.#transaction(() => {
        this.#forgetDeletes.run(now - MASS_DELETE_WINDOW_MS, now)
        return this.#readLife(now)
      }),
    )
    const cutoff = life - kept.maxAgeMs
    let forgotten = await this.#repeat(thinOwn(this.#open(), life))
    await this.#repeat(pruneFileTimes(this.#open(), cutoff))
    forgotten += await this.#repeat(pruneOwn(this.#open(), { cutoff, maxBytes: ownBytes(kept) }))
    forgotten += await this.#repeat(pruneReplaced(this.#open(), { cutoff, maxBytes: kept.maxBytes }))
    await this.#repeat(pruneContents(this.#open()))
    await this.#repeat(prunePackedContents(this.#open()))
    await this.#repeat(repack(this.#open()))
    await this.#repeat(shrinkFile(this.#open()))
    return forgotten
  }

  lookErasure(erasure: Erasure, scopes: readonly ScopeId[]): { entries: number; uses: Use[] } {
    const sqlite = this.#open()
    return { entries: countEntries(sqlite, erasure), uses: usesOf(sqlite, erasure, scopes) }
  }

  async erase(erasure: Erasure, scopes: readonly ScopeId[]): Promise<Erased | { readonly uses: Use[] }> {
    const sqlite = this.#open()
    const erased = await this.#inTurn(() =>
      this.#transaction(() => {
        const uses = usesOf(sqlite, erasure, scopes)
        return uses.length > 0 ? { uses } : eraseEntries(sqlite, erasure)
      }),
    )
    if ('uses' in erased) return erased
    await this.#repeat(repackWithoutRemains(sqlite))
    await this.#inTurn(() => this.#rewriteFile())
    dropBackups(sqlite.name)
    return { ...erased, copies: copiesBeside(sqlite.name) }
  }

  renameDatabases(from: string, to: string): void {
    const rename = this.#open().prepare<[string, string, string]>(RENAME_DATABASES)
    this.#waitingLonger(() => rename.run(from, to, from))
  }

  /** What was moved or deleted leaves its bytes on free pages, and in the log, until they are written anew. */
  async #rewriteFile(): Promise<void> {
    const sqlite = this.#open()
    sqlite.pragma('secure_delete = ON')
    await untilFree(() => {
      sqlite.exec('VACUUM')
      return true
    })
    await untilFree(() => {
      const [result] = sqlite.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      return result?.busy !== 1
    })
  }

  foreignCommits(): number {
    const version = this.#dataVersion()
    if (version !== this.#lastVersion) this.#foreignCommits++
    this.#lastVersion = version
    return this.#foreignCommits
  }

  isInPlace(): boolean {
    return this.#sqlite.memory || fileIdentity(this.#sqlite.name) === this.#identity
  }

  copyTo(path: string): void {
    copyInto(this.#open(), path)
  }

  close(): void {
    if (!this.#sqlite.open) return
    if (this.isInPlace()) this.#sqlite.close()
    else closeDisplaced(this.#sqlite)
  }

  #inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
    const turn = this.#writes.then(write)
    this.#writes = turn.catch(() => undefined)
    return turn
  }

  /** Each step takes its turn among the commits: pruning may take seconds where very much has to go. */
  async #repeat(step: PruneStep): Promise<number> {
    let total = 0
    for (;;) {
      const count = await this.#inTurn(() => this.#transaction(step))
      if (count === null) return total
      total += count
      await nextTurn()
    }
  }

  async #transaction<Result>(work: () => Result): Promise<Result> {
    await this.#begin()
    try {
      const result = work()
      this.#sqlite.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite itself rolls back on some errors, a full disk for one.
      if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK')
      this.#durability.forgetStamp()
      throw error
    }
  }

  async #begin(): Promise<void> {
    await untilFree(() => {
      const sqlite = this.#open()
      sqlite.pragma('busy_timeout = 0')
      try {
        sqlite.exec('BEGIN IMMEDIATE')
        return true
      } finally {
        sqlite.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
      }
    })
  }

  /** For the rare synchronous write. */
  #waitingLonger(write: () => void): void {
    this.#sqlite.pragma(`busy_timeout = ${SCOPE_TIMEOUT_MS}`)
    try {
      write()
    } finally {
      this.#sqlite.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }

  #open(): Database.Database {
    if (!this.#sqlite.open) throw new StateStoreError('closed', 'The state of this folder has been closed.')
    return this.#sqlite
  }

  #dataVersion(): number {
    return this.#version.get() ?? 0
  }
}

/** Tries again while another process writes, without holding up the event loop. */
async function untilFree(attempt: () => boolean): Promise<void> {
  const start = performance.now()
  for (let wait = FIRST_WAIT_MS; !isDone(attempt); wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    if (performance.now() - start > GIVE_UP_MS) {
      throw new StateStoreError(
        'busy',
        'Another process has kept the state of this folder locked for a minute.',
      )
    }
    await sleep(wait)
  }
}

function isDone(attempt: () => boolean): boolean {
  try {
    return attempt()
  } catch (error) {
    if (errorCode(error).startsWith('SQLITE_BUSY')) return false
    throw error
  }
}

function isDecision({ kind }: StateChange): boolean {
  return (
    kind === 'decision-add' || kind === 'resolution-set' || kind === 'trust-add' || kind === 'trust-delete'
  )
}

interface FileKey {
  readonly scope: ScopeId
  readonly path: string
  readonly digest: Digest
}

/** Rows of one read: a few milliseconds. */
const BASE_PAGE_ROWS = 2_000
// Read at every start, with a row for each file: twice as fast without the query builder and without names.
const BASE_PAGE = `SELECT path, digest, size, etag, version, file_size, mtime_ms, ctime_ms, ino, doubt
  FROM base_entries WHERE scope_id = ? AND path > ? ORDER BY path LIMIT ${BASE_PAGE_ROWS}`

const WATCHED_SCOPES =
  'SELECT id FROM scopes WHERE watched_round > 0 AND watched_round = (SELECT MAX(watched_round) FROM scopes)'
// A lookup by the primary key for each of the few scopes.
const FOREIGN_BASES = `SELECT digest FROM scopes CROSS JOIN base_entries ON scope_id = scopes.id
  WHERE scopes.id <> ? AND path = ?`

// By the content, of which there are few entries: a path may have very many.
const WAS_HERE = `SELECT 1 FROM base_entries WHERE digest = @digest AND path = @path
  UNION ALL SELECT 1 FROM history WHERE digest = @digest AND path = @path AND cause NOT IN (${NEVER_IN_THE_FILE.map(cause => `'${cause}'`).join()})
  LIMIT 1`
const TRUSTED = 'SELECT 1 FROM trusted WHERE reason = @reason AND path = @path AND what = @what'

const FILE_TIMES = `SELECT mtime_ms FROM history
    WHERE scope_id = @scope AND path = @path AND digest = @digest AND mtime_ms IS NOT NULL
  UNION SELECT mtime_ms FROM file_times WHERE scope_id = @scope AND path = @path AND digest = @digest`
/** Those that count no longer. */
const FORGET_DELETES = 'DELETE FROM deleted_files WHERE at <= ? OR at > ?'
// One that is known by its new name already stays.
const RENAME_DATABASES =
  'UPDATE OR IGNORE scopes SET database = replace(database, ?, ?) WHERE instr(database, ?) > 0'

const PRIVATE_ELSEWHERE = `SELECT DISTINCT paths.value FROM scopes AS own
  CROSS JOIN scopes AS other ON other.channel = 'private'
    AND (own.channel = 'shared' OR own.owner_id <> other.owner_id)
  CROSS JOIN json_each(@paths) AS paths
  WHERE own.id = @scope AND (
    EXISTS (SELECT 1 FROM base_entries
      WHERE scope_id = other.id AND path = paths.value AND doubt IS NOT '${'handed-over' satisfies FilesBreak}')
    OR EXISTS (SELECT 1 FROM conflicts WHERE scope_id = other.id AND path = paths.value)
  )`

const HAD_CONTENT = 'SELECT 1 FROM history WHERE scope_id = ? AND path = ? AND digest = ? LIMIT 1'

type BaseRow = readonly [
  path: string,
  digest: Digest,
  size: number,
  etag: string,
  version: number,
  fileSize: number | null,
  mtimeMs: number | null,
  ctimeMs: number | null,
  ino: number | null,
  doubt: FilesBreak | null,
]

function toBaseEntry(row: BaseRow): BaseEntry {
  const [, digest, size, etag, version, fileSize, mtimeMs, ctimeMs, ino, doubt] = row
  const isTrusted = fileSize !== null && mtimeMs !== null && ctimeMs !== null && ino !== null
  const fingerprint = isTrusted ? { size: fileSize, mtimeMs, ctimeMs, ino } : null
  const entry = { digest, size, etag, version, fingerprint }
  return doubt === null ? entry : { ...entry, doubt }
}

function toConflictRecord(row: typeof conflicts.$inferSelect): ConflictRecord {
  const remote = toSide(row.remoteDigest, row.remoteLastUpdated)
  return {
    path: row.path,
    base: toSide(row.baseDigest, row.baseLastUpdated),
    local: toSide(row.localDigest, row.localLastUpdated),
    remote: remote === null ? null : { ...remote, etag: row.remoteEtag ?? '' },
    since: row.since,
  }
}

function toSide(digest: Digest | null, lastUpdated: number | null): ConflictSide | null {
  return digest === null || lastUpdated === null ? null : { digest, lastUpdated }
}
