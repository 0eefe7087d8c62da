/** Finding records and heads, within what one function may read. */
import { headRowOf, inOrder, measure, type HeadRow } from './record'
import type { Channel, ChannelDocument, FileDocument, HeadDocument, Reads, Stored } from './tables'

/** Contents that one call reads, in bytes; one document more may come on top, and replacing them reads them again. */
const READ_BYTES = 3 * 1024 * 1024
/** Documents compared with their heads in one call. */
const REPAIR_PAGE = 400
/** Documents without a fitting head that are told at once, and their contents in bytes; the last may come on top. */
const STRAYS_PAGE = 100
const STRAYS_BYTES = 1024 * 1024
/** A channel is compared as a whole after this time, and after a stray was met not more often than this, in milliseconds. */
const AUDIT_MS = 7 * 24 * 60 * 60_000
const STRAY_AUDIT_MS = 60 * 60_000

export function filesOfChannel(ctx: Reads, { app, ownerId }: Channel, after: string | null) {
  return ctx.db.query('files').withIndex('by_channel', q => {
    const channel = q.eq('app', app).eq('ownerId', ownerId)
    return after === null ? channel : channel.gt('syncId', after)
  })
}

export function headsOfChannel(ctx: Reads, { app, ownerId }: Channel, after: string | null) {
  return ctx.db.query('lockstepHeads').withIndex('by_channel', q => {
    const channel = q.eq('app', app).eq('ownerId', ownerId)
    return after === null ? channel : channel.gt('syncId', after)
  })
}

export function findChannel(ctx: Reads, { app, ownerId }: Channel): Promise<ChannelDocument | null> {
  return ctx.db
    .query('lockstepChannels')
    .withIndex('by_channel', q => q.eq('app', app).eq('ownerId', ownerId))
    .first()
}

export function findOperation(ctx: Reads, operation: string) {
  return ctx.db
    .query('lockstepOperations')
    .withIndex('by_operation', q => q.eq('operation', operation))
    .first()
}

export async function findFile(
  ctx: Reads,
  id: string,
  head: HeadDocument | undefined,
): Promise<FileDocument | null> {
  const known = head === undefined ? null : await ctx.db.get(head.file)
  if (known !== null && known.syncId === id) return known
  return ctx.db
    .query('files')
    .withIndex('by_sync_id', q => q.eq('syncId', id))
    .first()
}

async function findHead(ctx: Reads, id: string): Promise<HeadDocument | undefined> {
  const found = await ctx.db
    .query('lockstepHeads')
    .withIndex('by_sync_id', q => q.eq('syncId', id))
    .first()
  return found ?? undefined
}

export async function findStored(ctx: Reads, id: string): Promise<Stored> {
  const head = await findHead(ctx, id)
  return { head, file: await findFile(ctx, id, head) }
}

/** In the order of `ids`, as far as READ_BYTES reach and at least one. */
export async function findManyStored(ctx: Reads, ids: readonly string[]): Promise<Stored[]> {
  const range = await readRange(ctx, ids)
  const stored: Stored[] = []
  let bytes = 0
  for (const id of ids) {
    const head = range === null ? await findHead(ctx, id) : range.heads.get(id)
    if (stored.length > 0 && bytes + (head?.bytes ?? 0) > READ_BYTES) break
    const file = range?.files === undefined ? await findFile(ctx, id, head) : (range.files.get(id) ?? null)
    if (range?.files === undefined && file !== null) bytes += measure(file).bytes
    stored.push({ head, file })
  }
  return stored
}

interface Range {
  readonly heads: ReadonlyMap<string, HeadDocument>
  /** Absent where there is too much between the first id and the last to read it all. */
  readonly files?: ReadonlyMap<string, FileDocument>
}

/**
 * Many ids are often neighbours (a folder that is new, a whole channel): then one range of an index tells as
 * much as a look-up for each. Null where they are not.
 */
async function readRange(ctx: Reads, ids: readonly string[]): Promise<Range | null> {
  if (ids.length < 8) return null
  const sorted = [...ids].sort(inOrder)
  const first = sorted[0]!
  const last = sorted[sorted.length - 1]!
  const most = 2 * ids.length
  const found = await ctx.db
    .query('lockstepHeads')
    .withIndex('by_sync_id', q => q.gte('syncId', first).lte('syncId', last))
    .take(most + 1)
  if (found.length > most) return null
  const heads = new Map(found.map(head => [head.syncId, head]))
  let bytes = 0
  for (const head of found) bytes += head.bytes
  if (bytes > READ_BYTES / 2) return { heads }
  const files = new Map<string, FileDocument>()
  let read = 0
  for await (const file of ctx.db
    .query('files')
    .withIndex('by_sync_id', q => q.gte('syncId', first).lte('syncId', last))) {
    files.set(file.syncId, file)
    read += measure(file).bytes
    // More than the heads say: some program writes the table in another way.
    if (files.size > found.length || read > READ_BYTES) return { heads }
  }
  return { heads, files }
}

/** Documents that are newer than any head of their channel: every write of ours leaves a head as new as its document. */
export async function findStrays(ctx: Reads, { app, ownerId }: Channel): Promise<HeadRow[]> {
  const newest = await ctx.db
    .query('lockstepHeads')
    .withIndex('by_change', q => q.eq('app', app).eq('ownerId', ownerId))
    .order('desc')
    .first()
  const newer = ctx.db.query('files').withIndex('by_change', q => {
    const channel = q.eq('app', app).eq('ownerId', ownerId)
    return newest === null ? channel : channel.gt('lastUpdated', newest.lastUpdated)
  })
  const strays: HeadRow[] = []
  let bytes = 0
  for await (const file of newer) {
    strays.push(headRowOf(file, undefined))
    bytes += measure(file).bytes
    if (strays.length === STRAYS_PAGE || bytes > STRAYS_BYTES) break
  }
  return strays
}

/** The next documents of a channel in the order of their ids, and all heads as far as those reach. */
export async function pageToCompare(
  ctx: Reads,
  channel: Channel,
  after: string | null,
): Promise<{ files: FileDocument[]; heads: Map<string, HeadDocument>; next: string | null }> {
  let files: FileDocument[] = []
  let next: string | null = null
  let bytes = 0
  for await (const file of filesOfChannel(ctx, channel, after)) {
    files.push(file)
    bytes += measure(file).bytes
    if (files.length < REPAIR_PAGE && bytes < READ_BYTES) continue
    next = file.syncId
    break
  }
  const heads = new Map<string, HeadDocument>()
  for await (const head of headsOfChannel(ctx, channel, after)) {
    if (next !== null && inOrder(head.syncId, next) > 0) break
    heads.set(head.syncId, head)
    if (heads.size < 2 * REPAIR_PAGE) continue
    // Many documents were deleted by another program: the rest is for the next page.
    next = head.syncId
    break
  }
  const end = next
  if (end !== null) files = files.filter(file => inOrder(file.syncId, end) <= 0)
  return { files, heads, next }
}

export function isAuditDue(channel: ChannelDocument | null): boolean {
  if (channel?.auditedAt === undefined) return true
  const age = Date.now() - channel.auditedAt
  const strayAt = channel.strayAt ?? 0
  return age > AUDIT_MS || (strayAt > channel.auditedAt && age > STRAY_AUDIT_MS)
}
