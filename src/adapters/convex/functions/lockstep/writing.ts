/** Writing documents together with their heads, each with the next number of its channel. */
import { findChannel } from './reading'
import { bytesOf, isFitting, measure, type Fields } from './record'
import type { Channel, ChannelDocument, FileDocument, HeadDocument, Stored, Writes } from './tables'

/** What one document may hold, in bytes, and what of it is left for system fields and the names of ours. */
const DOCUMENT_BYTES = 1024 * 1024
const DOCUMENT_OVERHEAD_BYTES = 1024
/** Rows removed together. */
const PRUNE_PAGE = 64
/** How long a deleted record and a carried out operation are remembered, in milliseconds. */
const GONE_MS = 30 * 24 * 60 * 60_000
const OPERATION_MS = 24 * 60 * 60_000

interface ChannelChange {
  readonly document: ChannelDocument | null
  seq: number
  gap: number
  auditedAt: number | undefined
  strayAt: number | undefined
  hasGone: boolean
}

/** Writes documents together with their heads, and numbers them. `finish` stores the channels' numbers. */
export class Writer {
  readonly #ctx: Writes
  readonly #channels = new Map<string, ChannelChange>()
  readonly #strays = new Map<string, Channel>()
  #numbered = 0

  constructor(ctx: Writes) {
    this.#ctx = ctx
  }

  /** Null: it is too large for a document. */
  async put({ file, head }: Stored, id: string, fields: Fields): Promise<Stored | null> {
    const { digest, bytes } = measure(fields)
    if (bytes + 2 * bytesOf(id) > DOCUMENT_BYTES - DOCUMENT_OVERHEAD_BYTES) return null
    const document = { syncId: id, ...fields }
    const { db } = this.#ctx
    const _id = file === null ? await db.insert('files', document) : file._id
    if (file !== null) await db.replace(_id, document)
    const written = { ...document, _id, _creationTime: file?._creationTime ?? 0 }
    return { file: written, head: await this.#putHead(head, id, fields, _id, digest, bytes, false) }
  }

  async remove({ file, head }: Stored, id: string): Promise<Stored> {
    const { db } = this.#ctx
    if (file !== null) await db.delete(file._id)
    if (head !== undefined) await db.delete(head._id)
    if (head !== undefined) await this.#tellGone(head, id)
    else if (file !== null) await this.#tellGone(file, id)
    return { file: null, head: undefined }
  }

  /** Makes the head fit the document, and takes note that some other program writes this channel. */
  async adopt(stored: Stored, id: string): Promise<Stored> {
    const { file, head } = stored
    if (isFitting(stored)) return stored
    const { app, ownerId } = file ?? head!
    this.#strays.set(channelKey({ app, ownerId }), { app, ownerId })
    if (file === null) return this.remove(stored, id)
    const { digest, bytes } = measure(file)
    return { file, head: await this.#putHead(head, id, file, file._id, digest, bytes, true) }
  }

  async noteAudit(channel: Channel): Promise<void> {
    const change = await this.#channel(channel)
    change.auditedAt = Date.now()
  }

  isTimeToPrune(): boolean {
    return (
      this.#numbered > 0 && [...this.#channels.values()].some(({ seq }) => seq % PRUNE_PAGE < this.#numbered)
    )
  }

  async finish(): Promise<void> {
    const isPruning = this.isTimeToPrune()
    for (const stray of this.#strays.values()) (await this.#channel(stray)).strayAt = Date.now()
    for (const [place, change] of this.#channels) {
      const [app, ownerId] = JSON.parse(place) as [string, string]
      if (isPruning && change.hasGone) await this.#pruneGone({ app, ownerId }, change)
      const { seq, gap, auditedAt, strayAt } = change
      const fields = {
        app,
        ownerId,
        seq,
        gap,
        ...(auditedAt === undefined ? {} : { auditedAt }),
        ...(strayAt === undefined ? {} : { strayAt }),
      }
      if (change.document === null) await this.#ctx.db.insert('lockstepChannels', fields)
      else await this.#ctx.db.replace(change.document._id, fields)
    }
  }

  async #putHead(
    head: HeadDocument | undefined,
    id: string,
    { app, ownerId, lastUpdated }: Channel & { readonly lastUpdated: number },
    file: FileDocument['_id'],
    digest: string,
    bytes: number,
    isForeign: boolean,
  ): Promise<HeadDocument> {
    const { db } = this.#ctx
    const hasMoved = head !== undefined && (head.app !== app || head.ownerId !== ownerId)
    if (hasMoved) await this.#tellGone(head, id)
    const seq = await this.#next({ app, ownerId })
    const etag = `${isForeign ? 0 : seq}.${digest}`
    const fields = { syncId: id, app, ownerId, file, etag, lastUpdated, bytes, seq }
    if (head !== undefined) await db.replace(head._id, fields)
    const headId = head?._id ?? (await db.insert('lockstepHeads', fields))
    return { ...fields, _id: headId, _creationTime: head?._creationTime ?? 0 }
  }

  async #tellGone({ app, ownerId }: Channel, id: string): Promise<void> {
    const seq = await this.#next({ app, ownerId })
    await this.#ctx.db.insert('lockstepGone', { syncId: id, app, ownerId, seq })
    const change = await this.#channel({ app, ownerId })
    change.hasGone = true
  }

  async #next(channel: Channel): Promise<number> {
    const change = await this.#channel(channel)
    change.seq += 1
    this.#numbered += 1
    return change.seq
  }

  async #channel({ app, ownerId }: Channel): Promise<ChannelChange> {
    const place = channelKey({ app, ownerId })
    const known = this.#channels.get(place)
    if (known !== undefined) return known
    const document = await findChannel(this.#ctx, { app, ownerId })
    const change: ChannelChange = {
      document,
      seq: document?.seq ?? 0,
      gap: document?.gap ?? 0,
      auditedAt: document?.auditedAt,
      strayAt: document?.strayAt,
      hasGone: false,
    }
    this.#channels.set(place, change)
    return change
  }

  async #pruneGone({ app, ownerId }: Channel, change: ChannelChange): Promise<void> {
    const { db } = this.#ctx
    const oldest = await db
      .query('lockstepGone')
      .withIndex('by_seq', q => q.eq('app', app).eq('ownerId', ownerId))
      .take(PRUNE_PAGE)
    for (const row of oldest) {
      if (row._creationTime > Date.now() - GONE_MS) return
      change.gap = row.seq
      await db.delete(row._id)
    }
  }
}

export async function pruneOperations({ db }: Writes): Promise<void> {
  const oldest = await db.query('lockstepOperations').take(PRUNE_PAGE)
  for (const row of oldest) {
    if (row._creationTime > Date.now() - OPERATION_MS) return
    await db.delete(row._id)
  }
}

function channelKey({ app, ownerId }: Channel): string {
  return JSON.stringify([app, ownerId])
}
