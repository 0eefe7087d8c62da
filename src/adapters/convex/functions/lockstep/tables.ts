/**
 * Lockstep's tables: `defineSchema({ ...lockstepTables })` in convex/schema.ts.
 *
 * Convex reads whole documents, so beside each document of `files` lies a small one in `lockstepHeads`, with a
 * number that rises with each write of its channel (one app's files of one owner).
 */
import { defineTable } from 'convex/server'
import type {
  DataModelFromSchemaDefinition,
  DocumentByName,
  GenericMutationCtx,
  GenericQueryCtx,
  SchemaDefinition,
} from 'convex/server'
import { v } from 'convex/values'

export const lockstepTables = {
  /** The records. `syncId` is the record's id; times are milliseconds. */
  files: defineTable({
    syncId: v.string(),
    path: v.string(),
    content: v.string(),
    app: v.string(),
    ownerId: v.string(),
    lastUpdated: v.number(),
    createdAt: v.optional(v.number()),
  })
    .index('by_sync_id', ['syncId'])
    .index('by_channel', ['app', 'ownerId', 'syncId'])
    .index('by_change', ['app', 'ownerId', 'lastUpdated']),
  /** A record without its content. `etag` is `<seq>.<digest of the record>`; seq 0: written by another program. */
  lockstepHeads: defineTable({
    syncId: v.string(),
    app: v.string(),
    ownerId: v.string(),
    file: v.id('files'),
    etag: v.string(),
    lastUpdated: v.number(),
    bytes: v.number(),
    seq: v.number(),
  })
    .index('by_sync_id', ['syncId'])
    .index('by_channel', ['app', 'ownerId', 'syncId'])
    .index('by_seq', ['app', 'ownerId', 'seq'])
    .index('by_change', ['app', 'ownerId', 'lastUpdated']),
  /** Records that were deleted, for subscribers. */
  lockstepGone: defineTable({
    syncId: v.string(),
    app: v.string(),
    ownerId: v.string(),
    seq: v.number(),
  }).index('by_seq', ['app', 'ownerId', 'seq']),
  /** `gap`: up to here, deletes are forgotten. */
  lockstepChannels: defineTable({
    app: v.string(),
    ownerId: v.string(),
    seq: v.number(),
    gap: v.number(),
    auditedAt: v.optional(v.number()),
    strayAt: v.optional(v.number()),
  }).index('by_channel', ['app', 'ownerId']),
  /** What `commit` has answered, so that a repeated call changes nothing; null: it must never be carried out. */
  lockstepOperations: defineTable({
    operation: v.string(),
    results: v.union(
      v.null(),
      v.array(
        v.union(
          v.object({ status: v.literal('done'), etag: v.union(v.string(), v.null()) }),
          v.object({ status: v.literal('lost') }),
          v.object({ status: v.literal('too-large') }),
        ),
      ),
    ),
  }).index('by_operation', ['operation']),
  /** One row: the name of this database. */
  lockstepMeta: defineTable({ name: v.string() }),
}

export type Model = DataModelFromSchemaDefinition<SchemaDefinition<typeof lockstepTables, true>>
export type Reads = GenericQueryCtx<Model>
export type Writes = GenericMutationCtx<Model>
export type FileDocument = DocumentByName<Model, 'files'>
export type HeadDocument = DocumentByName<Model, 'lockstepHeads'>
export type ChannelDocument = DocumentByName<Model, 'lockstepChannels'>

export interface Channel {
  readonly app: string
  readonly ownerId: string
}

/** A record's document and its head, as they are stored. */
export interface Stored {
  readonly file: FileDocument | null
  readonly head: HeadDocument | undefined
}
