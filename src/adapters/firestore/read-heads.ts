/** One owner's heads, a page at a time, without their contents. Each is billed as one read. */
import type { RecordHead } from '../../engine/ports/adapter.ts'
import type { FirestoreClient } from './client.ts'
import { HEAD_FIELDS, headOf } from './documents.ts'
import type { WireTimestamp } from './wire.ts'

/** Heads in one page: some 200 KB, read in well under a second. */
const HEADS_PAGE = 1_000

export interface ReadHeads {
  readonly heads: RecordHead[]
  /** The name of the last document; null after the last page. */
  readonly next: string | null
  readonly readTime: WireTimestamp
}

export async function readHeads(
  client: FirestoreClient,
  appId: string,
  ownerId: string,
  after: string | null,
): Promise<ReadHeads> {
  const { documents, readTime } = await client.query({
    appId,
    ownerId,
    fields: HEAD_FIELDS,
    after,
    limit: HEADS_PAGE,
  })
  const next = documents.length < HEADS_PAGE ? null : (documents.at(-1)?.name ?? null)
  return { heads: documents.map(headOf), next, readTime }
}
