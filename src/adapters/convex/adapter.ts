/**
 * A Convex deployment as an adapter, with all abilities, by the functions that `lockstep setup convex` ships
 * (functions/files.ts) and Convex's own client.
 *
 * One adapter has one connection for any number of apps and owners. Nothing is opened before the first call.
 * Whether CONVEX_URL may be used at all (https, or http to this machine) has been looked at by the settings.
 */
import { randomUUID } from 'node:crypto'
import type {
  AdapterAbilities,
  FileChange,
  FileRecord,
  FileSyncAdapter,
  HeadsPage,
  StoredRecord,
  Unsubscribe,
} from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type RecordScope, pathOfId } from '../../engine/core/record-id.ts'
import { calls } from './calls.ts'
import { Commits } from './commit.ts'
import { ConvexConnection, PATIENCE, type Patience } from './connection.ts'
import { toAdapterError } from './errors.ts'
import { ChannelFeed, type FeedListener } from './feed.ts'
import type { FileRow, RecordRow } from './functions/lockstep/record.ts'
import { LIMITS } from './limits.ts'

/** A feed that hears nothing for so long says so, in milliseconds; the client tries to reconnect all the time. */
const OUTAGE_MS = 20_000

export interface ConvexAdapterOptions {
  readonly url: string
  readonly syncKey: string | null
  readonly clock: Clock
  /** Nothing is written but by `set`, `delete` and `commit`: heads are compared without being mended, and a database without a name stays so. */
  readonly isPreview?: boolean
  /** How long calls wait. */
  readonly patience?: Patience
  readonly outageMs?: number
}

export type ConvexAdapter = FileSyncAdapter & AdapterAbilities & { dispose(): Promise<void> }

const OPEN_TO_ALL =
  'The Convex deployment has no CONVEX_SYNC_KEY: whoever knows its URL can read, change and delete these files. Set one there (npx convex env set CONVEX_SYNC_KEY …) and in .env.'

export function createConvexAdapter(options: ConvexAdapterOptions): ConvexAdapter {
  const { syncKey, clock, isPreview = false, patience = PATIENCE, outageMs = OUTAGE_MS } = options
  const url = options.url.replace(/\/+$/, '')
  const connection = new ConvexConnection({ url, syncKey, clock, patience })
  const commits = new Commits(connection)
  const feeds = new Set<ChannelFeed>()

  function follow(scope: RecordScope, { onHint, onError }: FeedListener): Unsubscribe {
    const fail = (error: unknown): void => {
      end()
      onError(error)
    }
    let feed: ChannelFeed | null = null
    const end = (): void => {
      feed?.end()
      if (feed !== null) feeds.delete(feed)
    }
    feed = new ChannelFeed(connection, scope, { onHint, onError: fail }, { clock, outageMs })
    feeds.add(feed)
    return end
  }

  async function heads(appId: string, ownerId: string, after: string | null): Promise<HeadsPage> {
    await commits.settle()
    const channel = { app: appId, ownerId }
    const cursor = cursorOf(after)
    if (!cursor.isAudit) {
      const page = await connection.query(calls.heads, { ...channel, after: cursor.id })
      // Once it has begun, a listing goes on as it is.
      if (cursor.id !== null || !page.isAuditDue)
        return { heads: page.heads, next: nextOf('heads', page.next) }
    }
    const args = { ...channel, after: cursor.id }
    const page = isPreview
      ? await connection.query(calls.scan, args)
      : await connection.mutation(calls.repair, args)
    return { heads: page.heads, next: nextOf('audit', page.next) }
  }

  async function getMany(ids: readonly string[]): Promise<(StoredRecord | null)[]> {
    await commits.settle()
    const found: (StoredRecord | null)[] = []
    while (found.length < ids.length) {
      const some = ids.slice(found.length, found.length + LIMITS.batchItems)
      const { records, strays } = await connection.query(calls.records, { ids: some })
      // Or else the next list of heads would not have what was seen here, and it would look deleted.
      if (strays.length > 0 && !isPreview) await connection.mutation(calls.adopt, { ids: strays })
      found.push(...records.map(row => (row === null ? null : storedRecord(row))))
    }
    return found
  }

  async function query(appId: string, ownerId: string): Promise<StoredRecord[]> {
    const records: (StoredRecord | null)[] = []
    for (let after: string | null = null; ;) {
      const page = await heads(appId, ownerId, after)
      records.push(...(await getMany(page.heads.map(({ id }) => id))))
      if (page.next === null) break
      after = page.next
    }
    return records.filter(record => record !== null)
  }

  return {
    limits: LIMITS,
    heads,
    getMany,

    get caveats() {
      return connection.access === 'none' ? [OPEN_TO_ALL] : []
    },

    async query(appId, ownerId) {
      return (await query(appId, ownerId)).map(({ id, data }) => ({ id, data }))
    },

    async get(id) {
      await commits.settle()
      const row = await connection.query(calls.get, { id })
      return row === null ? null : { id, data: recordOf(row) }
    },

    async set(id, record) {
      await commits.settle()
      await connection.mutation(calls.upsert, { id, ...fieldsOf(record) })
    },

    async delete(id) {
      await commits.settle()
      await connection.mutation(calls.remove, { id })
    },

    subscribe(appId, ownerId, onChange, onError) {
      const scope = { appId, ownerId }
      // In order, though each must be fetched first; and nothing after the end.
      let last = Promise.resolve()
      let isActive = true
      const fetch = async (ids: readonly string[] | null): Promise<void> => {
        if (!isActive) return
        const changes =
          ids === null ? (await query(appId, ownerId)).map(present) : await changesOf(scope, ids)
        if (isActive && changes.length > 0) onChange(changes)
      }
      const changesOf = async (scope: RecordScope, ids: readonly string[]): Promise<FileChange[]> => {
        const records = await getMany(ids)
        return records.map((record, index) =>
          record === null ? removed(scope, ids[index]!) : present(record),
        )
      }
      const stop = follow(scope, {
        onHint: hint => {
          const ids = hint === 'everything' ? null : hint.map(({ id }) => id)
          last = last
            .then(() => fetch(ids))
            .catch((error: unknown) => {
              if (isActive) onError(toAdapterError(error, connection.place))
            })
        },
        onError,
      })
      return () => {
        isActive = false
        stop()
      }
    },

    async commit(writes) {
      return commits.commit(writes)
    },

    watchHeads(appId, ownerId, onHint, onError) {
      return follow({ appId, ownerId }, { onHint, onError })
    },

    /** Etags begin with the number of the write in its channel; 0 where another program has written. */
    orderOf: etag => Number(etag.slice(0, etag.indexOf('.'))) || null,

    async identity() {
      const known = await connection.query(calls.identity, {})
      if (known !== null) return known
      if (isPreview) return NO_NAME
      return connection.mutation(calls.name, { name: randomUUID(), insteadOf: null })
    },

    async dispose() {
      for (const feed of feeds) feed.end()
      feeds.clear()
      await connection.close()
    },
  }
}

/** Whatever has been agreed with a database, it was not this one. */
const NO_NAME = 'convex-without-a-name'

interface Cursor {
  readonly isAudit: boolean
  readonly id: string | null
}

function cursorOf(after: string | null): Cursor {
  if (after === null) return { isAudit: false, id: null }
  const [kind, id] = JSON.parse(after) as ['heads' | 'audit', string]
  return { isAudit: kind === 'audit', id }
}

function nextOf(kind: 'heads' | 'audit', next: string | null): string | null {
  return next === null ? null : JSON.stringify([kind, next])
}

/** The fields that are given; the others stay as they are. */
function fieldsOf({
  path,
  content,
  app,
  ownerId,
  lastUpdated,
  createdAt,
}: Partial<FileRecord>): Partial<FileRecord> {
  return Object.fromEntries(
    Object.entries({ path, content, app, ownerId, lastUpdated, createdAt }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

function recordOf({ path, content, app, ownerId, lastUpdated, createdAt }: FileRow): FileRecord {
  return { path, content, app, ownerId, lastUpdated, ...(createdAt === undefined ? {} : { createdAt }) }
}

function storedRecord(row: RecordRow): StoredRecord {
  return { id: row.id, etag: row.etag, data: recordOf(row) }
}

function present({ id, data }: StoredRecord): FileChange {
  return { type: data.createdAt === data.lastUpdated ? 'added' : 'modified', id, data }
}

/** Of a record that is gone only the id is left. */
function removed({ appId, ownerId }: RecordScope, id: string): FileChange {
  const path = pathOfId({ appId, ownerId }, id) ?? ''
  return { type: 'removed', id, data: { path, content: '', app: appId, ownerId, lastUpdated: 0 } }
}
