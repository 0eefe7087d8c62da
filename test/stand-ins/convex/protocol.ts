/**
 * The messages of Convex's sync protocol, as its client sends and expects them
 * (convex/src/browser/sync/protocol.ts; the server's side of it is convex-backend's crates/sync).
 */
import type { JSONValue } from 'convex/values'

export type ClientMessage =
  | { readonly type: 'Connect'; readonly sessionId: string; readonly connectionCount: number }
  | { readonly type: 'Authenticate'; readonly baseVersion: number }
  | {
      readonly type: 'ModifyQuerySet'
      readonly baseVersion: number
      readonly newVersion: number
      readonly modifications: readonly QueryModification[]
    }
  | {
      readonly type: 'Mutation'
      readonly requestId: number
      readonly udfPath: string
      readonly args: readonly JSONValue[]
    }
  | { readonly type: 'Action'; readonly requestId: number }
  | { readonly type: 'Event' }

export type QueryModification =
  | {
      readonly type: 'Add'
      readonly queryId: number
      readonly udfPath: string
      readonly args: readonly JSONValue[]
    }
  | { readonly type: 'Remove'; readonly queryId: number }

export interface StateVersion {
  readonly querySet: number
  readonly identity: number
  readonly ts: bigint
}

/** What one function answered. */
export type Outcome =
  | { readonly success: true; readonly value: JSONValue }
  | { readonly success: false; readonly errorMessage: string; readonly errorData?: JSONValue }

export function transition(
  start: StateVersion,
  end: StateVersion,
  changed: ReadonlyMap<number, Outcome | 'removed'>,
): object {
  const modifications = [...changed].map(([queryId, outcome]) => {
    if (outcome === 'removed') return { type: 'QueryRemoved', queryId }
    if (outcome.success)
      return { type: 'QueryUpdated', queryId, value: outcome.value, logLines: [], journal: null }
    const { errorMessage, errorData } = outcome
    return {
      type: 'QueryFailed',
      queryId,
      errorMessage,
      logLines: [],
      journal: null,
      ...(errorData === undefined ? {} : { errorData }),
    }
  })
  return {
    type: 'Transition',
    startVersion: encodeVersion(start),
    endVersion: encodeVersion(end),
    modifications,
  }
}

export function mutationResponse(requestId: number, outcome: Outcome, ts: bigint): object {
  const common = { type: 'MutationResponse', requestId, logLines: [] }
  if (outcome.success) return { ...common, success: true, result: outcome.value, ts: encodeTs(ts) }
  const { errorMessage, errorData } = outcome
  return {
    ...common,
    success: false,
    result: errorMessage,
    ...(errorData === undefined ? {} : { errorData }),
  }
}

function encodeVersion({ querySet, identity, ts }: StateVersion): object {
  return { querySet, identity, ts: encodeTs(ts) }
}

/** 64 bits, the lowest first, in base64. */
function encodeTs(ts: bigint): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(ts)
  return bytes.toString('base64')
}
