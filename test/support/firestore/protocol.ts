/**
 * As much of Firestore's gRPC protocol as the stand-in speaks: its messages as plain objects, and the codecs
 * for them, made of the definitions that the vendor's client brings along.
 *
 * Longs are strings, enums are names, bytes are buffers; fields that were not sent are absent.
 * Source: https://github.com/googleapis/googleapis/tree/master/google/firestore/v1
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { MethodDefinition } from '@grpc/grpc-js'

export interface Timestamp {
  readonly seconds?: string
  readonly nanos?: number
}

/** One of its fields is set; only those that file records have are named. */
export interface Value {
  readonly stringValue?: string
  readonly integerValue?: string
  readonly timestampValue?: Timestamp
}

export type Fields = Readonly<Record<string, Value>>

export interface Document {
  readonly name: string
  readonly fields?: Fields
  readonly createTime?: Timestamp
  readonly updateTime?: Timestamp
}

export interface Write {
  readonly update?: Document
  readonly delete?: string
  readonly updateMask?: { readonly fieldPaths?: readonly string[] }
  readonly updateTransforms?: readonly { readonly fieldPath: string; readonly setToServerValue?: string }[]
  readonly currentDocument?: { readonly exists?: boolean; readonly updateTime?: Timestamp }
}

export interface Status {
  readonly code?: number
  readonly message?: string
}

export interface WriteResult {
  readonly updateTime?: Timestamp
}

export interface StructuredQuery {
  readonly select?: { readonly fields?: readonly { readonly fieldPath: string }[] }
  readonly from?: readonly { readonly collectionId: string }[]
  readonly where?: unknown
  readonly orderBy?: readonly { readonly field: { readonly fieldPath: string } }[]
  readonly startAt?: {
    readonly values?: readonly { readonly referenceValue?: string }[]
    readonly before?: boolean
  }
  readonly limit?: { readonly value?: number }
}

export interface Query {
  readonly parent: string
  readonly structuredQuery: StructuredQuery
}

export interface Aggregation {
  readonly parent: string
  readonly structuredAggregationQuery: { readonly structuredQuery: StructuredQuery }
}

export interface Writes {
  readonly database: string
  readonly writes?: readonly Write[]
}

export interface BatchGet {
  readonly database: string
  readonly documents?: readonly string[]
  readonly mask?: { readonly fieldPaths?: readonly string[] }
}

export interface ListenRequest {
  readonly database: string
  readonly addTarget?: {
    readonly targetId?: number
    readonly query?: Query
    readonly resumeToken?: Buffer
    readonly readTime?: Timestamp
  }
  readonly removeTarget?: number
}

export interface TargetChange {
  readonly targetChangeType: 'NO_CHANGE' | 'ADD' | 'REMOVE' | 'CURRENT' | 'RESET'
  readonly targetIds?: readonly number[]
  readonly cause?: Status
  readonly resumeToken?: Buffer
  readonly readTime?: Timestamp
}

export interface ListenResponse {
  readonly targetChange?: TargetChange
  readonly documentChange?: {
    readonly document: Document
    readonly targetIds?: readonly number[]
    readonly removedTargetIds?: readonly number[]
  }
  readonly documentDelete?: {
    readonly document: string
    readonly removedTargetIds?: readonly number[]
    readonly readTime?: Timestamp
  }
  readonly filter?: { readonly targetId: number; readonly count: number }
}

export interface QueryResponse {
  readonly document?: Document
  readonly readTime?: Timestamp
}

export interface BatchGetResponse {
  readonly found?: Document
  readonly missing?: string
  readonly readTime?: Timestamp
}

export interface AggregationResponse {
  readonly result?: { readonly aggregateFields?: Fields }
  readonly readTime?: Timestamp
}

/** What protobufjs offers of a message; the package comes with the vendor's client. */
interface MessageType {
  encode(message: unknown): { finish(): Uint8Array }
  decode(bytes: Uint8Array): unknown
  fromObject(object: unknown): unknown
  toObject(message: unknown, options: object): unknown
}

interface Protobuf {
  readonly Root: { fromJSON(json: unknown): { lookupType(name: string): MessageType } }
}

const PLAIN = { longs: String, enums: String, bytes: Buffer }
const clientFile = createRequire(import.meta.url).resolve('@google-cloud/firestore/package.json')
const requireOfClient = createRequire(clientFile)
const protobuf = requireOfClient('protobufjs') as Protobuf
const definitions: unknown = JSON.parse(
  readFileSync(join(dirname(clientFile), 'build/protos/v1.json'), 'utf8'),
)
const root = protobuf.Root.fromJSON(definitions)

function codec<Message>(name: string): {
  serialize: (message: Message) => Buffer
  deserialize: (bytes: Buffer) => Message
} {
  const type = root.lookupType(`google.firestore.v1.${name}`)
  return {
    serialize: message => Buffer.from(type.encode(type.fromObject(message)).finish()),
    deserialize: bytes => type.toObject(type.decode(bytes), PLAIN) as Message,
  }
}

function method<Request, Response>(
  name: string,
  response: string,
  streams: { readonly request?: boolean; readonly response?: boolean } = {},
): MethodDefinition<Request, Response> {
  const { serialize: requestSerialize, deserialize: requestDeserialize } = codec<Request>(`${name}Request`)
  const { serialize: responseSerialize, deserialize: responseDeserialize } = codec<Response>(response)
  return {
    path: `/google.firestore.v1.Firestore/${name}`,
    requestStream: streams.request ?? false,
    responseStream: streams.response ?? false,
    requestSerialize,
    requestDeserialize,
    responseSerialize,
    responseDeserialize,
  }
}

/** The methods that the stand-in has; what else is called is answered with UNIMPLEMENTED. */
export const METHODS = {
  BatchGetDocuments: method<BatchGet, BatchGetResponse>('BatchGetDocuments', 'BatchGetDocumentsResponse', {
    response: true,
  }),
  RunQuery: method<Query, QueryResponse>('RunQuery', 'RunQueryResponse', { response: true }),
  RunAggregationQuery: method<Aggregation, AggregationResponse>(
    'RunAggregationQuery',
    'RunAggregationQueryResponse',
    { response: true },
  ),
  Commit: method<Writes, { writeResults: readonly WriteResult[]; commitTime: Timestamp }>(
    'Commit',
    'CommitResponse',
  ),
  BatchWrite: method<Writes, { writeResults: readonly WriteResult[]; status: readonly Status[] }>(
    'BatchWrite',
    'BatchWriteResponse',
  ),
  Listen: method<ListenRequest, ListenResponse>('Listen', 'ListenResponse', {
    request: true,
    response: true,
  }),
} as const

export type MethodName = keyof typeof METHODS

/** Nanoseconds since the epoch. */
export function nanosOf({ seconds = '0', nanos = 0 }: Timestamp): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
}

export function timestampOf(nanos: bigint): Timestamp {
  return { seconds: String(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) }
}
