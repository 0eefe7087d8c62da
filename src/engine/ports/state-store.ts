/**
 * What this device remembers of one folder between runs: what both sides last agreed on, the history of
 * what sync replaced, conflicts, holds, retries.
 *
 * One store per project folder, written by its engine alone but for approvals and history entries, which
 * the command line may add while an engine runs. `commit` is atomic: all changes or none, and durable when
 * it resolves. Loads are synchronous and cost what they return.
 */
import type { FilesBreak } from '../core/breaks.ts'
import type { BaseEntry, Channel, Digest, Side } from '../core/entry.ts'
import type { ContentReason, Deletion, HoldReason } from '../core/guard.ts'
import type { ProblemCode } from '../core/problem.ts'
import type { Retention } from '../core/retention.ts'

/**
 * A base belongs to one database, one app and one owner (R4); the folder is the store itself.
 * `database` names the place (a file's path, a URL), without secrets.
 */
export interface ScopeKey {
  readonly database: string
  readonly appId: string
  readonly ownerId: string
  readonly channel: Channel
}

export type ScopeId = number

/** Which root and which database the base was agreed with (R8); null until a first agreement. */
export interface ScopeIdentity {
  readonly root: string | null
  readonly database: string | null
}

/**
 * `overwritten`, `deleted`: by the other side's version. `merged`: the local version before a merge.
 * `lost-conflict`: the side that a person or a policy decided against. `recovered`: written while sync replaced
 * the file. `conflict-copy`: what somebody wrote into a NAME.conflict. `edited-here`, `deleted-here`: replaced or
 * deleted by a program or a person on this device, not by sync.
 */
export type HistoryCause =
  | 'overwritten'
  | 'deleted'
  | 'merged'
  | 'lost-conflict'
  | 'replaced-by-restore'
  | 'conflict-copy'
  | 'recovered'
  | OwnCause

export type OwnCause = 'edited-here' | 'deleted-here'

export interface FileTime {
  readonly path: string
  readonly digest: Digest
  /** Of its last change, in milliseconds since the epoch. */
  readonly mtimeMs: number
  /** When that was noted, in milliseconds since the epoch. */
  readonly time: number
}

export interface HistoryEntry {
  readonly path: string
  readonly channel: Channel
  readonly digest: Digest
  readonly size: number
  /** When it was put aside, in milliseconds since the epoch. */
  readonly time: number
  /** The content's version when sync replaced it: the base's, or null for a content never synced. */
  readonly version: number | null
  readonly cause: HistoryCause
  readonly device: string
  /**
   * The file's modification time while it held the content, in milliseconds since the epoch; null where it is not known,
   * and for as long as the file may be there still.
   */
  readonly mtimeMs: number | null
}

/** What a path held before sync replaced or removed it, and when that was modified, in milliseconds since the epoch. */
export interface FormerFile {
  readonly digest: Digest
  readonly mtimeMs: number
}

export interface OwnHistoryEntry extends HistoryEntry {
  readonly cause: OwnCause
}

/** `id` names one entry for `restore --version`. */
export interface StoredHistoryEntry extends HistoryEntry {
  readonly id: number
}

export interface ConflictSide {
  readonly digest: Digest
  /** Milliseconds since the epoch: the record's version, or the file's modification time. */
  readonly lastUpdated: number
}

export interface ConflictRecord {
  readonly path: string
  readonly base: ConflictSide | null
  readonly local: ConflictSide | null
  readonly remote: (ConflictSide & { readonly etag: string }) | null
  readonly since: number
}

export interface HoldRecord extends Deletion {
  /**
   * 'change': not a delete but another content would come over the one that `digest` names. 'gone': a delete that was
   * carried out just before others like it were held; it is named with them, and can be taken back with them. 'content':
   * what `digest` names would come to that side, and waits for its own sake.
   */
  readonly kind: 'delete' | 'change' | 'gone' | 'content'
  /** What would come: the record's etag on the local side, the file's digest on the remote side; otherwise null. */
  readonly incoming: string | null
  readonly reason: HoldReason
  readonly since: number
}

/** A person's yes to one delete, for one content, once. 'restore' puts the file back where it is missing. */
export interface Decision {
  readonly channel: Channel
  readonly side: Side
  readonly path: string
  readonly digest: Digest
  readonly decision: 'approve' | 'restore'
}

/** What a person has said yes to on this device, once for all. */
export interface Trust {
  readonly reason: ContentReason
  /** Null: for all paths. */
  readonly path: string | null
  /** With a path, the digest of a content. Without, what the reason has its yes for: of `may-run-code` a pattern of paths. */
  readonly what: string
}

/** How a person has resolved a conflict, for these two versions and no others. */
export interface Resolution {
  readonly path: string
  readonly take: 'local' | 'remote' | 'both' | 'content'
  readonly localDigest: Digest
  readonly remoteEtag: string
  /** With 'content': what was put together instead of the two. */
  readonly content: Digest | null
  /** With 'both': where the local version goes. */
  readonly copyPath: string | null
}

/**
 * A file that sync is about to write or remove, and the base that stands once that is done. If the engine is
 * killed in between, what it left is known for sync's own and not for an edit or a delete by somebody, even
 * when the record has changed again meanwhile.
 */
export interface StagedWrite {
  readonly path: string
  /** Of what is being written; null: the file is being removed. */
  readonly digest: Digest | null
  /** The record's content as it was fetched; another one than the file's after a merge. Null where the record is gone. */
  readonly base: BaseEntry | null
  /**
   * It is appended to a file of so many bytes, which may be found with a part of it; the whole content is kept. Absent:
   * it takes the file's place.
   */
  readonly appendedTo?: number
  /** What it takes the place of; absent where nothing was there. */
  readonly former?: FormerFile
}

/**
 * A record that sync is about to write or delete. Where the answer never comes, because the engine is killed or the
 * line is cut, a record that holds what was sent is known for this device's own version.
 */
export interface SentWrite {
  readonly path: string
  /** Of what is being sent; null: the record is being deleted. */
  readonly digest: Digest | null
  /** That the record gets with it; null where it is being deleted. */
  readonly version: number | null
  /** The base's etag at that time, null where there was none: with another base it counts no longer. */
  readonly over: string | null
}

/** A delete that sync has carried out on one side of late, and that the guard goes on counting for a while (R8). */
export interface RecentDelete {
  readonly path: string
  /** Of the content that went; it is kept for as long as this names it. */
  readonly digest: Digest
  /** The base's. */
  readonly version: number
  /** When it was deleted, in milliseconds since the epoch. */
  readonly at: number
}

/** A folder below the content root that a drive is mounted on. */
export interface Mount {
  readonly path: string
  /** Tells the drive from another one in its place; null where that is not known. */
  readonly drive: string | null
}

export interface RetryRecord {
  readonly path: string
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
  readonly code: ProblemCode
  readonly message: string
}

/** What `status` shows when no engine runs, and what a running one last said. */
export interface StatusRecord {
  readonly state: string
  readonly pending: number
  readonly conflicts: number
  readonly problems: number
  readonly lastSyncedAt: number | null
  readonly at: number
}

export type StateChange =
  | { readonly kind: 'base-set'; readonly scope: ScopeId; readonly path: string; readonly entry: BaseEntry }
  | { readonly kind: 'base-delete'; readonly scope: ScopeId; readonly path: string }
  /** The watch over the file was broken, over all files where no path is given. The graver doubt stays (core/continuity). */
  | {
      readonly kind: 'base-doubt'
      readonly scope: ScopeId
      readonly path?: string
      readonly doubt: FilesBreak
    }
  /**
   * A person has given the path to this scope: no other private channel of the folder claims it, until both sides agree
   * on it there again.
   */
  | { readonly kind: 'base-handed-over'; readonly scope: ScopeId; readonly path: string }
  /** These scopes, and no others of the folder, are watched from now on. */
  | { readonly kind: 'scopes-watched'; readonly scopes: readonly ScopeId[] }
  /** Both sides agree that the file is gone. Until that was flushed, a power cut may bring it back (R4). */
  | { readonly kind: 'base-gone'; readonly scope: ScopeId; readonly path: string }
  /** All that was committed up to the end of this epoch (`startFlush`) is on the disk. */
  | { readonly kind: 'flushed'; readonly epoch: number }
  | { readonly kind: 'identity-set'; readonly scope: ScopeId; readonly identity: ScopeIdentity }
  /** Contents are kept once for each digest, compressed. */
  | { readonly kind: 'content-put'; readonly digest: Digest; readonly bytes: Uint8Array }
  /**
   * Keeps the content of a base for as long as the base of any path, in any scope, that of a staged write, or an own edit
   * in the history names its digest; it is put in the same commit as these. Cheap in bulk: contents of one commit are compressed together.
   */
  | { readonly kind: 'base-content-put'; readonly digest: Digest; readonly bytes: Uint8Array }
  /** In place of what was staged before; committed before the files are written. Emptied with their bases. */
  | { readonly kind: 'staged-set'; readonly scope: ScopeId; readonly writes: readonly StagedWrite[] }
  /** In place of what was sent before; committed before the records are written. Emptied with their bases. */
  | { readonly kind: 'sent-set'; readonly scope: ScopeId; readonly writes: readonly SentWrite[] }
  | {
      readonly kind: 'recent-delete-set'
      readonly scope: ScopeId
      readonly side: Side
      readonly deleted: RecentDelete
    }
  | {
      readonly kind: 'recent-delete-forget'
      readonly scope: ScopeId
      readonly side: Side
      readonly path: string
    }
  | { readonly kind: 'history-add'; readonly scope: ScopeId; readonly entry: HistoryEntry }
  /**
   * Notes what a base held that is one no longer: nothing where its content is not kept, and where an entry of the path
   * has the same content with the same time already, or with any where none is known.
   */
  | { readonly kind: 'own-history-add'; readonly scope: ScopeId; readonly entry: OwnHistoryEntry }
  /** The file that the newest entry of such a content was made for, still without a time, is there no longer (R8.16). */
  | {
      readonly kind: 'history-replaced'
      readonly scope: ScopeId
      readonly path: string
      readonly former: FormerFile
    }
  /** Notes when a file was changed that holds this: `hadFile` knows it again. Of each path the last few are kept. */
  | { readonly kind: 'file-time-add'; readonly scope: ScopeId; readonly entry: FileTime }
  /** For every engine that works on this folder from now on. */
  | { readonly kind: 'retention-set'; readonly retention: Retention }
  | { readonly kind: 'conflict-set'; readonly scope: ScopeId; readonly conflict: ConflictRecord }
  | { readonly kind: 'conflict-delete'; readonly scope: ScopeId; readonly path: string }
  | { readonly kind: 'hold-set'; readonly scope: ScopeId; readonly hold: HoldRecord }
  | { readonly kind: 'hold-delete'; readonly scope: ScopeId; readonly side: Side; readonly path: string }
  | { readonly kind: 'decision-add'; readonly scope: ScopeId; readonly decision: Decision }
  | { readonly kind: 'decision-delete'; readonly scope: ScopeId; readonly side: Side; readonly path: string }
  | { readonly kind: 'trust-add'; readonly trust: Trust }
  | { readonly kind: 'trust-delete'; readonly trust: Trust }
  | { readonly kind: 'resolution-set'; readonly scope: ScopeId; readonly resolution: Resolution }
  | { readonly kind: 'resolution-delete'; readonly scope: ScopeId; readonly path: string }
  | { readonly kind: 'retry-set'; readonly scope: ScopeId; readonly retry: RetryRecord }
  | { readonly kind: 'retry-delete'; readonly scope: ScopeId; readonly path: string }
  /** In place of those that were known before. */
  | { readonly kind: 'mounts-set'; readonly mounts: readonly Mount[] }
  | { readonly kind: 'status-set'; readonly status: StatusRecord }

export interface StateStore {
  /** The scope's id, made on first use. */
  openScope(key: ScopeKey): ScopeId
  /**
   * Gives the key the scope of the same app, owner and channel that was agreed with this very database under another
   * address, unless the key has a scope in which something was agreed.
   */
  adoptScope(key: ScopeKey, database: string): void
  loadIdentity(scope: ScopeId): ScopeIdentity
  /**
   * The base by path, in pages of a few milliseconds, for the event loop to have its turns in between. What is
   * committed meanwhile may be missing.
   */
  basePages(scope: ScopeId): Iterable<readonly (readonly [path: string, entry: BaseEntry])[]>
  /** As it was opened. */
  scopeKey(scope: ScopeId): ScopeKey
  /** Those that were watched last. */
  watchedScopes(): ScopeId[]
  /** Whether the history knows this content of the path. */
  hadContent(scope: ScopeId, path: string, digest: Digest): boolean
  /** Whether the path is known with this content and this time of change, in milliseconds since the epoch. */
  hadFile(scope: ScopeId, path: string, digest: Digest, mtimeMs: number): boolean
  /**
   * Whether a file of this path has held the content on this device, as far as bases and history tell, in whatever scope.
   * What only the database has held, and lost a conflict, has not been in the file.
   */
  wasHere(path: string, digest: Digest): boolean
  isTrusted(trust: Trust): boolean
  /** For all paths. */
  loadTrust(reason: ContentReason): string[]
  /** What the path held when it was last agreed on in other scopes of the folder. */
  foreignBases(scope: ScopeId, path: string): Digest[]
  /**
   * Those of the paths that are files of a private channel of the folder, of another user than this scope's: there is a
   * base of it or a conflict, and nobody has handed it over.
   */
  privateElsewhere(scope: ScopeId, paths: readonly string[]): string[]
  /** Paths whose files may not be on the disk yet, though the base says what they hold, or that they are gone. */
  unflushed(scope: ScopeId): string[]
  loadConflicts(scope: ScopeId): ConflictRecord[]
  loadHolds(scope: ScopeId): HoldRecord[]
  loadDecisions(scope: ScopeId): Decision[]
  loadResolutions(scope: ScopeId): Resolution[]
  loadStaged(scope: ScopeId): readonly StagedWrite[]
  loadSent(scope: ScopeId): readonly SentWrite[]
  loadDeletes(scope: ScopeId, side: Side): RecentDelete[]
  loadRetries(scope: ScopeId): RetryRecord[]
  /** Folders below the content root that are known to be mount points. */
  loadMounts(): Mount[]
  loadStatus(): StatusRecord | null
  /** Newest first; all paths where none is given. */
  loadHistory(scope: ScopeId, path?: string): StoredHistoryEntry[]
  /** DEFAULT_RETENTION where none has been set. */
  loadRetention(): Retention
  /** The history's, a conflict's or a base's. */
  readContent(digest: Digest): Uint8Array | null
  /** Whether there is one to be read. */
  hasContent(digest: Digest): boolean
  /** Waits, without blocking, while another process writes. */
  commit(changes: readonly StateChange[]): Promise<void>
  /**
   * Ends an epoch of the base, after all commits that were asked for before. Once the files they speak of were
   * flushed, `flushed` with the number says so; in another boot what was not is in doubt (`BaseEntry.doubt`).
   */
  startFlush(): Promise<number>
  /**
   * Forgets what the retention does not keep (core/retention): own edits that are too many of one path, all history
   * that is too old by the life clock, then the oldest of each budget until it fits; contents that a base, a conflict,
   * a resolution, a hold or a recent delete still names are kept, and those of bases alone count towards neither. Then
   * forgets the contents that nothing names any longer. `now` in milliseconds since the epoch: one reading of the
   * machine's clock. Returns how many entries went.
   */
  pruneHistory(now: number): Promise<number>
  /** Rises when another process has committed, and with decisions and resolutions also of this one. Cheap enough to poll. */
  foreignCommits(): number
  close(): void
}
