/**
 * What any database must offer (design, section 3), and what it may offer beyond that.
 *
 * The five methods of `FileSyncAdapter` are those of agent-native apps: an adapter written for these works
 * here as it is. The abilities are optional; `remote-store` turns whatever is there into the engine's port.
 */

/** One row or document. Times are milliseconds since the epoch; `content` is the text column, encoded. */
export interface FileRecord {
  path: string
  content: string
  app: string
  ownerId: string
  lastUpdated: number
  createdAt?: number
}

export interface FileChange {
  type: 'added' | 'modified' | 'removed'
  id: string
  data: FileRecord
}

export type Unsubscribe = () => void

export interface FileSyncAdapter {
  query(appId: string, ownerId: string): Promise<{ id: string; data: FileRecord }[]>
  get(id: string): Promise<{ id: string; data: FileRecord } | null>
  set(id: string, record: Partial<FileRecord>): Promise<void>
  delete(id: string): Promise<void>
  subscribe(
    appId: string,
    ownerId: string,
    onChange: (changes: FileChange[]) => void,
    onError: (error: unknown) => void,
  ): Unsubscribe
  dispose?(): Promise<void>
}

/**
 * A record without its content. `etag` changes with every write of the record, also where two writes carry
 * one `lastUpdated`; where a backend has nothing finer, it is that number as a string.
 */
export interface RecordHead {
  readonly id: string
  readonly etag: string
  readonly lastUpdated: number
}

export interface HeadsPage {
  readonly heads: readonly RecordHead[]
  /** Pass it on as `after` for the next page; null after the last. */
  readonly next: string | null
}

export interface StoredRecord {
  readonly id: string
  readonly etag: string
  readonly data: FileRecord
}

/** Set or delete, on condition that the record is still the one with `expected`; null: that there is none. */
export type ConditionalWrite =
  | {
      readonly type: 'set'
      readonly id: string
      readonly expected: ExpectedRecord | null
      readonly data: FileRecord
      /** Kept with the record where the adapter has `deletes`. */
      readonly word?: EditWord
    }
  | {
      readonly type: 'delete'
      readonly id: string
      readonly expected: ExpectedRecord
      /** Kept with the delete where the adapter has `deletes`. */
      readonly word?: DeleteWord
    }

/**
 * What a device says of a delete: its engine has seen the file go, or it is meant: a person has approved it, the file
 * was moved, or is one of those that come and go.
 */
export type DeleteWord = 'seen' | 'meant'

/** What a device says of an edit: its guard has let it go, or a person there (R8.12). */
export type EditWord = 'weighed'

/** The last delete or edit of a record that a device has said something of. */
export interface SaidRecord {
  /** Of the record that was deleted, or that the edit has made. */
  readonly etag: string
  readonly lastUpdated: number
  readonly word: DeleteWord | EditWord
}

export interface ExpectedRecord {
  readonly etag: string
  readonly lastUpdated: number
}

/** 'lost': the record was not the expected one, and nothing was written. */
export type WriteResult =
  | { readonly status: 'done'; readonly etag: string | null }
  | { readonly status: 'lost' }
  | { readonly status: 'failed'; readonly error: AdapterError }

export interface AdapterLimits {
  /** Largest `content` in UTF-8 bytes. */
  readonly contentBytes: number
  /** Largest number of writes in one `commit`, and of ids in one `getMany`. */
  readonly batchItems: number
  /** Largest sum of contents in one `commit`, in UTF-8 bytes. */
  readonly batchBytes: number
}

/** A hint: `heads` may have changed, null where the record is gone; 'everything' after a gap. */
export type HeadsHint = 'everything' | readonly { readonly id: string; readonly head: RecordHead | null }[]

/** A write that was seen in the database at some time. */
export interface SeenWrite {
  readonly id: string
  readonly etag: string
}

export interface AdapterAbilities {
  /** Every record of one owner, in pages of a stable order. */
  heads(appId: string, ownerId: string, after: string | null): Promise<HeadsPage>
  /** In the order of `ids`; null where there is no such record. */
  getMany(ids: readonly string[]): Promise<(StoredRecord | null)[]>
  /** Each write on its own condition, a result for each, in order. */
  commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]>
  /** A feed that costs what changed, not what is there. Own writes may come back. */
  watchHeads(
    appId: string,
    ownerId: string,
    onHint: (hint: HeadsHint) => void,
    onError: (error: unknown) => void,
  ): Unsubscribe
  /** A name of this very database that a copy made elsewhere, or a new one at its place, does not share. */
  identity(): Promise<string>
  /**
   * What was said last of the deletes and edits of these records, in the order of `ids`; null where nothing was. It is
   * kept for weeks, in the same transaction. Without it other devices ask their own people about a mass of them (R8.9).
   */
  deletes?(ids: readonly string[]): Promise<(SaidRecord | null)[]>
  /**
   * Where in the database's log the write with this etag stands; null where that is unknown. The numbers only rise, so
   * a record that stands lower than it did is an older one, put back from a copy. Costs nothing.
   */
  orderOf?(etag: string): number | null
  /**
   * Of writes that were seen here, and whose records are others by now or gone: whether the log still knows of them.
   * False where it knows of no delete that it would know of, or has given the write's number to another one, be it of the
   * same record: then the database is an older copy.
   */
  remembers?(writes: readonly SeenWrite[]): Promise<boolean[]>
  readonly limits: AdapterLimits
  /** What this very database lacks or allows, as sentences for a person; may be known only once it was asked. */
  readonly caveats?: readonly string[]
  /** The user who signs in to the database, and whose the private channel then is; null where nobody does. */
  signedInUser?(): Promise<string | null>
}

export type EngineAdapter = FileSyncAdapter & Partial<AdapterAbilities>

export type AdapterErrorCode =
  | 'offline'
  | 'busy'
  | 'denied'
  | 'not-found'
  | 'schema'
  | 'too-large'
  | 'quota'
  | 'conflict'
  | 'invalid'
  | 'unknown'

/** A failure of the connection or of one write. `message` says what to do and holds no secret. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'
  readonly code: AdapterErrorCode
  readonly retryable: boolean

  constructor(code: AdapterErrorCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryable = options.retryable
  }
}
