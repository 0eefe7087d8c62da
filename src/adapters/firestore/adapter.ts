/**
 * A Firestore database as an adapter, with all abilities.
 *
 * One adapter has one connection, for any number of apps and owners. Nothing is opened before the first call.
 * What it costs: a read for each record at the start, one for each change, a write for each file; while
 * nothing changes, nothing.
 */
import { pathOfId, type RecordScope } from '../../engine/core/record-id.ts'
import type {
  AdapterAbilities,
  FileChange,
  FileRecord,
  FileSyncAdapter,
  StoredRecord,
} from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { FirestoreClient } from './client.ts'
import { Committer } from './commit.ts'
import type { FirestoreOptions } from './connect.ts'
import { idFault } from './document-id.ts'
import { fieldsOf, storedRecord } from './documents.ts'
import { GRPC, statusError } from './errors.ts'
import { type FeedSubscriber, HeadsFeed } from './heads-feed.ts'
import { Identity } from './identity.ts'
import { LIMITS, tooLarge } from './limits.ts'
import { readHeads } from './read-heads.ts'
import type { WireWrite } from './wire.ts'

/** Records in one page of `query`; their contents may be 1 MiB each. */
const RECORDS_PAGE = 100

export interface FirestoreAdapterOptions extends FirestoreOptions {
  readonly clock: Clock
  /** Only to look: makes nothing in the database. */
  readonly isPreview?: boolean
}

export type FirestoreAdapter = FileSyncAdapter &
  AdapterAbilities & { readonly caveats: readonly string[]; dispose(): Promise<void> }

/** What a person should know before choosing it. */
const CAVEATS = [
  'A service account is an administrator: it reads and writes everything in the Firebase project, and security rules do not apply to it. Give its key file only to machines and people that may do so, and use the browser SDKs with rules for everybody else.',
]

export function createFirestoreAdapter({
  clock,
  isPreview = false,
  ...options
}: FirestoreAdapterOptions): FirestoreAdapter {
  const client = new FirestoreClient(options)
  const identity = new Identity(client, isPreview)
  const feeds = new Map<string, HeadsFeed>()
  const committer = new Committer(client, clock, {
    begin: ids => {
      for (const feed of feeds.values()) feed.beginWrites(ids)
    },
    end: ids => {
      for (const feed of feeds.values()) feed.endWrites(ids)
    },
    noteSet: (head, { data }) => feeds.get(keyOf(data.app, data.ownerId))?.noteSet(head),
    noteDelete: (id, etag) => {
      for (const feed of feeds.values()) feed.noteDelete(id, etag)
    },
  })

  function feedOf(appId: string, ownerId: string): HeadsFeed {
    const key = keyOf(appId, ownerId)
    const feed = feeds.get(key) ?? new HeadsFeed(client, clock, { appId, ownerId })
    feeds.set(key, feed)
    return feed
  }

  function follow(appId: string, ownerId: string, subscriber: FeedSubscriber): () => void {
    if (!client.isClosed) return feedOf(appId, ownerId).subscribe(subscriber)
    queueMicrotask(() => {
      void client.asAdapterError(null).then(subscriber.onError)
    })
    return () => {}
  }

  async function query(appId: string, ownerId: string): Promise<StoredRecord[]> {
    const records: StoredRecord[] = []
    for (let after: string | null = null; ;) {
      const { documents } = await client.query({ appId, ownerId, fields: null, after, limit: RECORDS_PAGE })
      records.push(...documents.map(storedRecord))
      if (documents.length < RECORDS_PAGE) return records
      after = documents.at(-1)!.name
    }
  }

  async function getMany(ids: readonly string[]): Promise<(StoredRecord | null)[]> {
    // What cannot be an id here names no record.
    const known = ids.filter(id => idFault(id) === null)
    const documents = await client.get(await Promise.all(known.map(id => client.nameOf(id))))
    const records = new Map(known.map((id, index) => [id, documents[index] ?? null]))
    return ids.map(id => {
      const document = records.get(id) ?? null
      return document === null ? null : storedRecord(document)
    })
  }

  async function changesOf(scope: RecordScope, ids: readonly string[]): Promise<FileChange[]> {
    const records = await getMany(ids)
    return records.map((record, index) => (record === null ? removed(scope, ids[index]!) : present(record)))
  }

  /** As other programs write: whatever is there. */
  async function writeBlindly(write: WireWrite): Promise<void> {
    await committer.pace(1)
    const [outcome] = await client.write([write])
    const code = outcome?.status.code ?? GRPC.ok
    if (code !== GRPC.ok) throw statusError(code, outcome?.status.message ?? '', await client.place())
  }

  return {
    limits: LIMITS,
    caveats: CAVEATS,

    async query(appId, ownerId) {
      return (await query(appId, ownerId)).map(({ id, data }) => ({ id, data }))
    },

    async get(id) {
      const [record = null] = await getMany([id])
      return record === null ? null : { id, data: record.data }
    },

    async set(id, record) {
      checkRecord(id, record)
      const fields = fieldsOf(record)
      const update = { name: await client.nameOf(id), fields }
      await writeBlindly({ update, updateMask: { fieldPaths: Object.keys(fields) } })
    },

    async delete(id) {
      if (idFault(id) === null) await writeBlindly({ delete: await client.nameOf(id) })
    },

    subscribe(appId, ownerId, onChange, onError) {
      const scope = { appId, ownerId }
      // In order, though each must be fetched first; and nothing after the end.
      let last = Promise.resolve()
      let isActive = true
      const tell = async (ids: readonly string[]): Promise<void> => {
        for (let at = 0; at < ids.length; at += RECORDS_PAGE) {
          if (!isActive) return
          const changes = await changesOf(scope, ids.slice(at, at + RECORDS_PAGE))
          if (isActive) onChange(changes)
        }
      }
      const fail = (error: unknown): void => {
        if (isActive) onError(error)
      }
      const end = follow(appId, ownerId, {
        onHint: hint => {
          // Whenever all may have changed, all that there is follows by name.
          if (hint === 'everything') return
          last = last.then(() => tell(hint.map(({ id }) => id))).catch(fail)
        },
        onError: fail,
        readsHeads: false,
      })
      return () => {
        isActive = false
        end()
      }
    },

    async heads(appId, ownerId, after) {
      const followed = after === null ? await feeds.get(keyOf(appId, ownerId))?.heads() : null
      if (followed !== null && followed !== undefined) return { heads: followed, next: null }
      const { heads, next } = await readHeads(client, appId, ownerId, after)
      return { heads, next }
    },

    getMany,

    async commit(writes) {
      if (writes.length === 0) return []
      return committer.commit(writes)
    },

    watchHeads(appId, ownerId, onHint, onError) {
      let isActive = true
      const end = follow(appId, ownerId, {
        onHint,
        onError: error => {
          if (isActive) onError(error)
        },
        readsHeads: true,
      })
      return () => {
        isActive = false
        end()
      }
    },

    /** Etags are the times of the writes, in nanoseconds by the service's clock. */
    orderOf: etag => Number(etag) || null,

    identity: () => identity.read(),

    async dispose() {
      for (const feed of feeds.values()) feed.close()
      await client.close()
    },
  }
}

function keyOf(appId: string, ownerId: string): string {
  return `${appId}/${ownerId}`
}

function checkRecord(id: string, { content }: Partial<FileRecord>): void {
  const fault = idFault(id)
  if (fault !== null) throw fault
  const bytes = Buffer.byteLength(content ?? '')
  if (bytes > LIMITS.contentBytes) throw tooLarge(bytes)
}

function present({ id, data }: StoredRecord): FileChange {
  return { type: data.createdAt === data.lastUpdated ? 'added' : 'modified', id, data }
}

/** Of a record that is gone only the id is left. */
function removed({ appId, ownerId }: RecordScope, id: string): FileChange {
  const path = pathOfId({ appId, ownerId }, id) ?? ''
  return { type: 'removed', id, data: { path, content: '', app: appId, ownerId, lastUpdated: 0 } }
}
