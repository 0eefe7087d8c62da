/**
 * The user's SQLite file as an adapter, with all abilities.
 *
 * One adapter has one connection and one change feed, for any number of apps and owners: the shared and the
 * private channel of a folder use the same one. Nothing is opened before the first call.
 */
import type {
  AdapterAbilities,
  FileChange,
  FileRecord,
  FileSyncAdapter,
  StoredRecord,
} from '../../engine/ports/adapter.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type RecordScope, pathOfId } from '../../engine/core/record-id.ts'
import { ChangeFeed } from './change-feed.ts'
import { commitWrites } from './commit.ts'
import { SqliteConnection } from './connection.ts'
import { LIMITS } from './limits.ts'
import { remembers } from './memory.ts'
import { readRecords } from './read-records.ts'
import { etagOf, orderOf, storedRecord } from './records.ts'
import { files } from './schema.ts'
import { Settling } from './settling.ts'

/** Heads in one page: read in about a millisecond. */
const HEADS_PAGE = 1_000
/** Records in one page of `query`. */
const RECORDS_PAGE = 200

export interface SqliteAdapterOptions {
  /** The database's file; made, in a folder that exists, if it is missing. */
  readonly path: string
  readonly clock: Clock
  /** Only looked at: the file stays as it is, byte for byte, and every write is refused. */
  readonly isPreview?: boolean
  /** A file that is made is for its owner alone; otherwise as the umask says, for several accounts may share it. */
  readonly isPrivate?: boolean
}

export type SqliteAdapter = FileSyncAdapter & AdapterAbilities & { dispose(): Promise<void> }

export function createSqliteAdapter({
  path,
  clock,
  isPreview = false,
  isPrivate = false,
}: SqliteAdapterOptions): SqliteAdapter {
  const connection = new SqliteConnection(path, clock, { isPreview, isPrivate })
  const feed = new ChangeFeed(connection, clock)
  const settling = new Settling(connection, clock)

  function committed(): void {
    feed.committed()
    settling.committed()
  }

  async function query(appId: string, ownerId: string): Promise<StoredRecord[]> {
    const records: StoredRecord[] = []
    for (;;) {
      const after = records.at(-1)?.id ?? ''
      const page = await connection.read(({ statements }) =>
        statements.recordsPage.all({ app: appId, ownerId, after, limit: RECORDS_PAGE }),
      )
      for (const row of page) records.push(storedRecord(row))
      if (page.length < RECORDS_PAGE) return records
      await clock.yield()
    }
  }

  async function changesOf(scope: RecordScope, ids: readonly string[]): Promise<FileChange[]> {
    const records = await readRecords(connection, clock, ids)
    return records.map((record, index) => (record === null ? removed(scope, ids[index]!) : present(record)))
  }

  return {
    limits: LIMITS,

    get caveats() {
      return connection.peek()?.caveats ?? []
    },

    async query(appId, ownerId) {
      return (await query(appId, ownerId)).map(({ id, data }) => ({ id, data }))
    },

    async get(id) {
      const row = await connection.read(({ statements }) => statements.record.get({ id }))
      return row === undefined ? null : { id, data: storedRecord(row).data }
    },

    async set(id, record) {
      const given = columnsOf(record)
      await connection.write(({ orm }) => {
        const insert = orm.insert(files).values({ id, ...given })
        if (Object.keys(given).length === 0) insert.onConflictDoNothing({ target: files.id }).run()
        else insert.onConflictDoUpdate({ target: files.id, set: given }).run()
      })
      committed()
    },

    async delete(id) {
      await connection.write(({ statements }) => statements.deleteBlindly.run({ id }))
      committed()
    },

    subscribe(appId, ownerId, onChange, onError) {
      const scope = { appId, ownerId }
      // In order, though each must be fetched first; and nothing after the end.
      let last = Promise.resolve()
      let active = true
      const fetch = async (ids: readonly string[] | null): Promise<void> => {
        if (!active) return
        const changes =
          ids === null ? (await query(appId, ownerId)).map(present) : await changesOf(scope, ids)
        if (active && changes.length > 0) onChange(changes)
      }
      const end = feed.subscribe(
        scope,
        hint => {
          const ids = hint === 'everything' ? null : hint.map(({ id }) => id)
          last = last
            .then(() => fetch(ids))
            .catch((error: unknown) => {
              if (active) onError(error)
            })
        },
        onError,
      )
      return () => {
        active = false
        end()
      }
    },

    async heads(appId, ownerId, after) {
      const rows = await connection.read(({ statements }) =>
        statements.headsPage.all({ app: appId, ownerId, after: after ?? '', limit: HEADS_PAGE }),
      )
      const heads = rows.map(({ id, lastUpdated, seq }) => ({
        id,
        etag: etagOf(lastUpdated, seq),
        lastUpdated,
      }))
      return { heads, next: rows.length < HEADS_PAGE ? null : rows.at(-1)!.id }
    },

    getMany(ids) {
      return readRecords(connection, clock, ids)
    },

    async deletes(ids) {
      const rows = await connection.read(({ statements }) =>
        statements.said.all({ ids: JSON.stringify(ids) }),
      )
      const byId = new Map(rows.map(({ id, ...said }) => [id, said]))
      return ids.map(id => byId.get(id) ?? null)
    },

    async commit(writes) {
      const results = await commitWrites(connection, clock, writes)
      committed()
      return results
    },

    watchHeads(appId, ownerId, onHint, onError) {
      return feed.subscribe({ appId, ownerId }, onHint, onError)
    },

    identity() {
      return connection.identity()
    },

    orderOf,

    remembers(writes) {
      return connection.read(database => remembers(database, writes))
    },

    async dispose() {
      feed.close()
      await settling.finish()
      connection.close()
    },
  }
}

/** The columns of the fields that are given; the others stay as they are. */
function columnsOf(record: Partial<FileRecord>): Partial<typeof files.$inferInsert> {
  const { path, content, app, ownerId, lastUpdated, createdAt } = record
  return Object.fromEntries(
    Object.entries({ path, content, app, ownerId, lastUpdated, createdAt }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

function present({ id, data }: StoredRecord): FileChange {
  return { type: data.createdAt === data.lastUpdated ? 'added' : 'modified', id, data }
}

/** Of a record that is gone only the id is left. */
function removed({ appId, ownerId }: RecordScope, id: string): FileChange {
  const path = pathOfId({ appId, ownerId }, id) ?? ''
  return { type: 'removed', id, data: { path, content: '', app: appId, ownerId, lastUpdated: 0 } }
}
