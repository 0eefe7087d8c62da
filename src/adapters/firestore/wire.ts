/**
 * What is sent to Firestore and comes back, as far as it is used here: the messages of its gRPC protocol.
 * Longs are strings, bytes are buffers; what was not sent is null or absent.
 *
 * Source: https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1
 */

export interface WireTimestamp {
  readonly seconds?: string | number | null
  readonly nanos?: number | null
}

/** Only one of its fields is set. */
export interface WireValue {
  readonly stringValue?: string | null
  readonly integerValue?: string | number | null
  readonly doubleValue?: number | null
  readonly timestampValue?: WireTimestamp | null
}

export type WireFields = Readonly<Record<string, WireValue>>

export interface WireDocument {
  readonly name: string
  readonly fields?: WireFields | null
  readonly createTime?: WireTimestamp | null
  readonly updateTime?: WireTimestamp | null
}

export interface WireWrite {
  readonly update?: { readonly name: string; readonly fields: WireFields }
  readonly delete?: string
  readonly updateMask?: { readonly fieldPaths: string[] }
  readonly updateTransforms?: { readonly fieldPath: string; readonly setToServerValue: 'REQUEST_TIME' }[]
  readonly currentDocument?: { readonly exists: boolean } | { readonly updateTime: WireTimestamp }
}

/** `code` is that of gRPC; 0 for success. */
export interface WireStatus {
  readonly code?: number | null
  readonly message?: string | null
}

export interface BatchGetResponse {
  readonly found?: WireDocument | null
  readonly missing?: string | null
}

export interface RunQueryResponse {
  readonly document?: WireDocument | null
  readonly readTime?: WireTimestamp | null
}

export interface AggregationResponse {
  readonly result?: { readonly aggregateFields?: WireFields | null } | null
}

export interface ListenResponse {
  readonly targetChange?: {
    readonly targetChangeType?: string | number | null
    readonly targetIds?: readonly number[] | null
    readonly cause?: WireStatus | null
    readonly resumeToken?: Uint8Array | string | null
    readonly readTime?: WireTimestamp | null
  } | null
  readonly documentChange?: {
    readonly document?: WireDocument | null
    readonly targetIds?: readonly number[] | null
    readonly removedTargetIds?: readonly number[] | null
  } | null
  readonly documentDelete?: DocumentGone | null
  readonly documentRemove?: DocumentGone | null
  readonly filter?: { readonly count?: number | null } | null
}

export interface DocumentGone {
  readonly document?: string | null
  readonly readTime?: WireTimestamp | null
}

/** Nanoseconds since the epoch, as text: exact, and what etags are made of. */
export function nanosText(time: WireTimestamp | null | undefined): string {
  return nanosOf(time).toString()
}

export function nanosOf(time: WireTimestamp | null | undefined): bigint {
  return BigInt(time?.seconds ?? 0) * 1_000_000_000n + BigInt(time?.nanos ?? 0)
}

/** Null for a text that is no time. */
export function timestampOf(nanos: string): WireTimestamp | null {
  if (!/^\d{1,30}$/.test(nanos)) return null
  const value = BigInt(nanos)
  return { seconds: (value / 1_000_000_000n).toString(), nanos: Number(value % 1_000_000_000n) }
}
