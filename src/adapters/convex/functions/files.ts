/**
 * Lockstep's functions for Convex: the records of synced files, and what keeps reading them cheap.
 *
 * Written by `lockstep setup convex`; deploy it with `npx convex dev` or `npx convex deploy`. It needs no
 * generated code. `list`, `get`, `upsert` and `remove` are those of agent-native apps; the others are for
 * Lockstep alone.
 *
 * All functions here write a document of `files` and its head together (lockstep/tables). A program that writes
 * `files` in a way of its own leaves a head behind that does not fit: its `etag` holds a digest of the document
 * it was made for. `changes` notices what is newer than any head, `records` and `commit` compare what they
 * touch, and `repair` compares a whole channel.
 *
 * With CONVEX_SYNC_KEY set on the deployment (`npx convex env set`), each call must carry it as `key`.
 *
 * Limits of one function (https://docs.convex.dev/production/state/limits): 1 MiB a document, 16 MiB and
 * 32,000 documents read, 16 MiB and 16,000 written, 4,096 index ranges, 1 second. Older self-hosted backends
 * allow half of that; all budgets here stay within it.
 */
import { mutationGeneric, queryGeneric } from 'convex/server'
import type { GenericDataModel, MutationBuilder, QueryBuilder } from 'convex/server'
import { ConvexError, v } from 'convex/values'
import { accessOf, identityOf, key, missingIndexes, requireKey, type Access } from './lockstep/access'
import {
  filesOfChannel,
  findChannel,
  findFile,
  findManyStored,
  findOperation,
  findStored,
  findStrays,
  headsOfChannel,
  isAuditDue,
  pageToCompare,
} from './lockstep/reading'
import {
  EMPTY_FIELDS,
  etagOf,
  fieldsOf,
  headRow,
  headRowOf,
  isFitting,
  measure,
  rowOf,
  type FileRow,
  type HeadRow,
  type RecordRow,
} from './lockstep/record'
import type { Model, Stored } from './lockstep/tables'
import { pruneOperations, Writer } from './lockstep/writing'

/** Rises when the adapter needs something of these functions that they did not have before. */
const VERSION = 1
/** What `list` returns at most, in bytes. */
const LIST_BYTES = 7 * 1024 * 1024
/** Heads in one page. */
const HEADS_PAGE = 1_000
/** Changes told at once. */
const CHANGES_PAGE = 200
/** Of those that came before, told to a subscriber that has just begun. */
const RECENT_CHANGES = 20

const query: QueryBuilder<Model, 'public'> = queryGeneric
const mutation: MutationBuilder<Model, 'public'> = mutationGeneric
/** For a schema that may be another one. */
const anyQuery: QueryBuilder<GenericDataModel, 'public'> = queryGeneric

const channelArgs = { app: v.string(), ownerId: v.string(), key }

export type CommitResult =
  | { status: 'done'; etag: string | null }
  | { status: 'lost' }
  | { status: 'too-large' }

export interface HeadsResult {
  heads: HeadRow[]
  /** For the next page; null after the last. */
  next: string | null
  /** The whole channel should be compared with its heads again: by `repair`, or by `scan` where nothing may be written. */
  isAuditDue: boolean
}

export interface RecordsResult {
  /** In the order of the ids; null where there is none. */
  records: (RecordRow | null)[]
  /** Of these the heads do not fit: `adopt` them before relying on a list of heads. */
  strays: string[]
}

export interface ChangesResult {
  /** The channel's last number. */
  seq: number
  /** Deletes up to this number are forgotten: who has not seen it yet must read all heads. */
  gap: number
  /** In the order of their numbers. */
  changes: { id: string; seq: number; head: HeadRow | null }[]
  /** There are more than one call tells. */
  hasMore: boolean
  /** Documents that some other program wrote. They are in no list of heads until `adopt` has been called for them. */
  strays: HeadRow[]
}

export interface VersionResult {
  product: 'lockstep'
  version: number
  access: Access
  /** Indexes that the deployed schema lacks. */
  missing: string[]
}

// ---- agent-native's four ------------------------------------------------------------------------------------

export const list = query({
  args: channelArgs,
  handler: async (ctx, args): Promise<FileRow[]> => {
    requireKey(args.key)
    const rows: FileRow[] = []
    let bytes = 0
    for await (const file of filesOfChannel(ctx, args, null)) {
      bytes += measure(file).bytes
      // A part of it would look like deletes.
      if (bytes > LIST_BYTES) throw new ConvexError({ code: 'too-large', message: 'Too much for one list.' })
      rows.push(rowOf(file))
    }
    return rows
  },
})

export const get = query({
  args: { id: v.string(), key },
  handler: async (ctx, args): Promise<FileRow | null> => {
    requireKey(args.key)
    const file = await findFile(ctx, args.id, undefined)
    return file === null ? null : rowOf(file)
  },
})

/** Sets the given fields, whatever is stored; a new record has empty ones for those that are missing. */
export const upsert = mutation({
  args: {
    id: v.string(),
    path: v.optional(v.string()),
    content: v.optional(v.string()),
    app: v.optional(v.string()),
    ownerId: v.optional(v.string()),
    lastUpdated: v.optional(v.number()),
    createdAt: v.optional(v.number()),
    key,
  },
  handler: async (ctx, { id, key, ...fields }): Promise<null> => {
    requireKey(key)
    const stored = await findStored(ctx, id)
    const before = stored.file === null ? EMPTY_FIELDS : fieldsOf(stored.file)
    const writer = new Writer(ctx)
    const result = await writer.put(stored, id, { ...before, ...fields })
    if (result === null) throw new ConvexError({ code: 'too-large', message: 'The document is too large.' })
    await writer.finish()
    return null
  },
})

export const remove = mutation({
  args: { id: v.string(), key },
  handler: async (ctx, args): Promise<null> => {
    requireKey(args.key)
    const writer = new Writer(ctx)
    await writer.remove(await findStored(ctx, args.id), args.id)
    await writer.finish()
    return null
  },
})

// ---- Lockstep's own -----------------------------------------------------------------------------------------

/** Asked at each connect. Anyone may ask. */
export const version = anyQuery({
  args: { key },
  handler: async (ctx, args): Promise<VersionResult> => {
    const access = accessOf(args.key)
    const missing = access === 'denied' ? [] : await missingIndexes(ctx.db)
    return { product: 'lockstep', version: VERSION, access, missing }
  },
})

/** The name of this database at this deployment; null as long as it has none. */
export const identity = query({
  args: { key },
  handler: async (ctx, args): Promise<string | null> => {
    requireKey(args.key)
    const meta = await ctx.db.query('lockstepMeta').first()
    return meta === null ? null : identityOf(meta.name)
  },
})

/** Gives it a name if it has none, or if its identity still is `insteadOf`: it went back in time. */
export const name = mutation({
  args: { name: v.string(), insteadOf: v.union(v.string(), v.null()), key },
  handler: async (ctx, args): Promise<string> => {
    requireKey(args.key)
    const meta = await ctx.db.query('lockstepMeta').first()
    if (meta !== null && identityOf(meta.name) !== args.insteadOf) return identityOf(meta.name)
    if (meta === null) await ctx.db.insert('lockstepMeta', { name: args.name })
    else await ctx.db.patch(meta._id, { name: args.name })
    return identityOf(args.name)
  },
})

/** A channel's heads in the order of their ids. */
export const heads = query({
  args: { ...channelArgs, after: v.union(v.string(), v.null()) },
  handler: async (ctx, args): Promise<HeadsResult> => {
    requireKey(args.key)
    const found = await headsOfChannel(ctx, args, args.after).take(HEADS_PAGE + 1)
    const page = found.slice(0, HEADS_PAGE)
    const next = found.length > HEADS_PAGE ? page[HEADS_PAGE - 1]!.syncId : null
    return { heads: page.map(headRow), next, isAuditDue: isAuditDue(await findChannel(ctx, args)) }
  },
})

/** The first of these ids, as many as may be read at once and at least one. */
export const records = query({
  args: { ids: v.array(v.string()), key },
  handler: async (ctx, args): Promise<RecordsResult> => {
    requireKey(args.key)
    const stored = await findManyStored(ctx, args.ids)
    const found = stored.map(({ file, head }) =>
      file === null ? null : { ...rowOf(file), etag: etagOf(file, head) },
    )
    return {
      records: found,
      strays: args.ids.filter((_, at) => at < stored.length && !isFitting(stored[at]!)),
    }
  },
})

/**
 * Carries out the first of these writes, as many as fit into one call and at least one, each on its condition:
 * that the record's etag is still `expected`; null: that there is none. The same `operation` again changes
 * nothing and answers the same. Null: the operation was settled before it came.
 */
export const commit = mutation({
  args: {
    operation: v.string(),
    writes: v.array(
      v.object({
        id: v.string(),
        expected: v.union(v.string(), v.null()),
        /** Null: delete it. */
        record: v.union(
          v.null(),
          v.object({
            path: v.string(),
            content: v.string(),
            app: v.string(),
            ownerId: v.string(),
            lastUpdated: v.number(),
            createdAt: v.optional(v.number()),
          }),
        ),
      }),
    ),
    key,
  },
  handler: async (ctx, args): Promise<CommitResult[] | null> => {
    requireKey(args.key)
    const former = await findOperation(ctx, args.operation)
    if (former !== null) return former.results
    const writer = new Writer(ctx)
    const found = await findManyStored(
      ctx,
      args.writes.map(({ id }) => id),
    )
    // A later write of the same id meets what an earlier one has left.
    const current = new Map<string, Stored>()
    const results: CommitResult[] = []
    for (const [index, stored] of found.entries()) {
      const { id, expected, record } = args.writes[index]!
      // What is told of it here must be what the heads say from now on.
      const now = await writer.adopt(current.get(id) ?? stored, id)
      const etag = now.file === null ? null : etagOf(now.file, now.head)
      if (etag !== expected) {
        results.push({ status: 'lost' })
        continue
      }
      if (record === null) {
        current.set(id, await writer.remove(now, id))
        results.push({ status: 'done', etag: null })
        continue
      }
      const createdAt = now.file === null ? (record.createdAt ?? record.lastUpdated) : now.file.createdAt
      const { createdAt: _, ...fields } = record
      const written = await writer.put(now, id, {
        ...fields,
        ...(createdAt === undefined ? {} : { createdAt }),
      })
      if (written !== null) current.set(id, written)
      results.push(
        written === null ? { status: 'too-large' } : { status: 'done', etag: written.head?.etag ?? null },
      )
    }
    await writer.finish()
    await ctx.db.insert('lockstepOperations', { operation: args.operation, results })
    if (writer.isTimeToPrune()) await pruneOperations(ctx)
    return results
  },
})

/** For operations whose answer never came: what they answered; one that has not been carried out never will be. */
export const settle = mutation({
  args: { operations: v.array(v.string()), key },
  handler: async (ctx, args): Promise<(CommitResult[] | null)[]> => {
    requireKey(args.key)
    const answers: (CommitResult[] | null)[] = []
    for (const operation of args.operations) {
      const former = await findOperation(ctx, operation)
      if (former === null) await ctx.db.insert('lockstepOperations', { operation, results: null })
      answers.push(former === null ? null : former.results)
    }
    return answers
  },
})

/** What has changed after the number `after`; null: the last few, to begin with. */
export const changes = query({
  args: { ...channelArgs, after: v.union(v.number(), v.null()) },
  handler: async (ctx, args): Promise<ChangesResult> => {
    requireKey(args.key)
    const channel = await findChannel(ctx, args)
    const { seq, gap } = channel ?? { seq: 0, gap: 0 }
    const after = args.after ?? Math.max(0, seq - RECENT_CHANGES)
    const changed = await ctx.db
      .query('lockstepHeads')
      .withIndex('by_seq', q => q.eq('app', args.app).eq('ownerId', args.ownerId).gt('seq', after))
      .take(CHANGES_PAGE + 1)
    const gone = await ctx.db
      .query('lockstepGone')
      .withIndex('by_seq', q => q.eq('app', args.app).eq('ownerId', args.ownerId).gt('seq', after))
      .take(CHANGES_PAGE + 1)
    const all = [
      ...changed.map(head => ({ id: head.syncId, seq: head.seq, head: headRow(head) })),
      ...gone.map(row => ({ id: row.syncId, seq: row.seq, head: null })),
    ].sort((a, b) => a.seq - b.seq)
    const hasMore = all.length > CHANGES_PAGE
    // Where no comparison has been made yet, one is due, and would find each of them a stray.
    const isCompared = channel?.auditedAt !== undefined
    const strays = isCompared && !hasMore ? await findStrays(ctx, args) : []
    return { seq, gap, changes: all.slice(0, CHANGES_PAGE), hasMore, strays }
  },
})

/** Gives the documents of these ids the heads they should have, as far as one call reaches. */
export const adopt = mutation({
  args: { ids: v.array(v.string()), key },
  handler: async (ctx, args): Promise<null> => {
    requireKey(args.key)
    const writer = new Writer(ctx)
    const stored = await findManyStored(ctx, args.ids)
    for (const [index, one] of stored.entries()) await writer.adopt(one, args.ids[index]!)
    await writer.finish()
    return null
  },
})

/** A page of the heads that a channel's documents should have, without writing them. */
export const scan = query({
  args: { ...channelArgs, after: v.union(v.string(), v.null()) },
  handler: async (ctx, args): Promise<HeadsResult> => {
    requireKey(args.key)
    const { files, heads, next } = await pageToCompare(ctx, args, args.after)
    const rows = files.map(file => headRowOf(file, heads.get(file.syncId)))
    return { heads: rows, next, isAuditDue: true }
  },
})

/** The same, and each head that does not fit is written anew. */
export const repair = mutation({
  args: { ...channelArgs, after: v.union(v.string(), v.null()) },
  handler: async (ctx, args): Promise<HeadsResult> => {
    requireKey(args.key)
    const { files, heads, next } = await pageToCompare(ctx, args, args.after)
    const writer = new Writer(ctx)
    const rows: HeadRow[] = []
    for (const file of files) {
      rows.push(headRowOf(file, heads.get(file.syncId)))
      await writer.adopt({ file, head: heads.get(file.syncId) }, file.syncId)
      heads.delete(file.syncId)
    }
    for (const head of heads.values()) await writer.adopt({ file: null, head }, head.syncId)
    if (next === null) await writer.noteAudit(args)
    await writer.finish()
    return { heads: rows, next, isAuditDue: false }
  },
})
