/**
 * The database as the engine sees it: one app's records of one owner, addressed by path.
 *
 * Made by `adapters/remote-store` from any `FileSyncAdapter`. Methods reject with `AdapterError` when the
 * connection fails, and with nothing else; what is wrong with a single record is in the results.
 */
import type { AdapterLimits, DeleteWord, SaidRecord, WriteResult } from './adapter.ts'
import type { Problem } from '../core/problem.ts'

/** Where one owner's records of one app lie. */
export interface RemoteScope {
  readonly appId: string
  readonly ownerId: string
}

export interface RemoteHead {
  readonly path: string
  readonly etag: string
  readonly version: number
}

export interface RemoteHeads {
  readonly heads: readonly RemoteHead[]
  /** Records whose id names no path of this scope, or whose path is not safe (R11). They are never touched. */
  readonly refused: readonly Problem[]
}

export interface RemoteFile extends RemoteHead {
  /** The text column, encoded (design, section 2). */
  readonly content: string
}

/** 'refused': the record's fields do not agree with its id, say. */
export type RemoteRead =
  | { readonly status: 'found'; readonly file: RemoteFile }
  | { readonly status: 'absent' }
  | { readonly status: 'refused'; readonly problem: Problem }

export interface ExpectedHead {
  readonly etag: string
  readonly version: number
}

export type RemoteWrite =
  | {
      readonly kind: 'set'
      readonly path: string
      readonly expected: ExpectedHead | null
      readonly content: string
      readonly version: number
    }
  | {
      readonly kind: 'delete'
      readonly path: string
      readonly expected: ExpectedHead
      readonly word?: DeleteWord
    }

export type RemoteHint =
  | 'everything'
  | readonly {
      readonly path: string
      /** Null: gone. Absent: unknown. */ readonly head?: RemoteHead | null
      /** The record that came is one of those that `heads` refuses; `path` is then what the problem names. */
      readonly refused?: Problem
    }[]

export interface RemoteStore {
  readonly limits: AdapterLimits
  /** Which weaker promises this backend gives, as sentences for a person; empty for most. */
  readonly caveats: readonly string[]
  /** See `AdapterAbilities.identity`; null where the backend has none. */
  identity(): Promise<string | null>
  /** See `AdapterAbilities.orderOf`. */
  orderOf(etag: string): number | null
  /** See `AdapterAbilities.remembers`; a verdict for each, in order. True where the backend cannot tell. */
  remembers(writes: readonly { readonly path: string; readonly etag: string }[]): Promise<boolean[]>
  /** Pages of every record's head. */
  heads(signal: AbortSignal): AsyncIterable<RemoteHeads>
  read(paths: readonly string[]): Promise<RemoteRead[]>
  /** See `AdapterAbilities.deletes`; null for each where the backend cannot tell. */
  said(paths: readonly string[]): Promise<(SaidRecord | null)[]>
  /** A result for each write, in order. Etags in results are the new records'. */
  commit(writes: readonly RemoteWrite[]): Promise<WriteResult[]>
  /** Until the returned function is called. After `onError` the feed has ended; subscribe again. */
  subscribe(onHint: (hint: RemoteHint) => void, onError: (error: unknown) => void): () => void
}
