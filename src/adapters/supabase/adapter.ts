/**
 * The table `files` of a Supabase project as an adapter, with all abilities.
 *
 * One adapter has one sign-in, and one Realtime channel for each app that is listened to. Nothing is loaded and
 * nobody connects before the first call.
 */
import { pathOfId } from '../../engine/core/record-id.ts'
import type {
  AdapterAbilities,
  ConditionalWrite,
  FileChange,
  FileSyncAdapter,
  StoredRecord,
  WriteResult,
} from '../../engine/ports/adapter.ts'
import { caveatsOf } from './caveats.ts'
import { commitWrites } from './commit.ts'
import { type ConnectionOptions, SupabaseConnection } from './connection.ts'
import { AppFeed } from './feed.ts'
import { ServerFunctions } from './functions.ts'
import { LIMITS } from './limits.ts'
import { isOneOf, readAllRecords, readHeads, readRecords, readSummary, type Scope } from './read.ts'
import { columnsOf } from './records.ts'

export type SupabaseAdapter = FileSyncAdapter &
  AdapterAbilities & {
    readonly caveats: readonly string[]
    /** The id of the user who signs in, which is the private channel's; null where nobody does. */
    signedInUser(): Promise<string | null>
    dispose(): Promise<void>
  }

export function createSupabaseAdapter(options: ConnectionOptions): SupabaseAdapter {
  const { clock, account } = options
  const connection = new SupabaseConnection(options)
  const functions = new ServerFunctions(connection, clock)
  const feeds = new Map<string, AppFeed>()

  async function digest(scope: Scope): Promise<string> {
    const told = await functions.call('lockstep_digest', { app_id: scope.appId, owner: scope.ownerId })
    return typeof told === 'string' ? told : readSummary(connection, scope)
  }

  function feedOf(appId: string): AppFeed {
    const known = feeds.get(appId)
    if (known !== undefined) return known
    const feed: AppFeed = new AppFeed({ connection, clock, digest }, appId, () => {
      if (feeds.get(appId) === feed) feeds.delete(appId)
    })
    feeds.set(appId, feed)
    return feed
  }

  async function commit(writes: readonly ConditionalWrite[]): Promise<WriteResult[]> {
    for (const feed of feeds.values()) feed.willWrite(writes)
    let results: readonly WriteResult[] = []
    try {
      return (results = await commitWrites(connection, functions, writes))
    } finally {
      for (const feed of feeds.values()) feed.hasWritten(writes, results)
    }
  }

  async function changesOf(scope: Scope, ids: readonly string[] | null): Promise<FileChange[]> {
    if (ids === null) return (await readAllRecords(connection, scope)).map(present)
    const records = await readRecords(connection, ids)
    return records.map((record, index) => (record === null ? removed(scope, ids[index]!) : present(record)))
  }

  const watchHeads: AdapterAbilities['watchHeads'] = (appId, ownerId, onHint, onError) =>
    feedOf(appId).add({ ownerId, onHint, onError })

  return {
    limits: LIMITS,
    get caveats() {
      const silence = [...feeds.values()].find(feed => feed.silence !== null)?.silence ?? null
      return caveatsOf({ isSignedIn: account !== null, lacksFunctions: functions.areMissing, silence })
    },
    signedInUser: () => connection.userId(),
    commit,
    watchHeads,

    async query(appId, ownerId) {
      const records = await readAllRecords(connection, { appId, ownerId })
      return records.map(({ id, data }) => ({ id, data }))
    },

    async get(id) {
      const [record] = await readRecords(connection, [id])
      return record === null || record === undefined ? null : { id, data: record.data }
    },

    async set(id, record) {
      const row = { ...columnsOf(record), id }
      await connection.call(client => client.from('files').upsert(row, { onConflict: 'id' }))
    },

    async delete(id) {
      await connection.call(client => isOneOf(client.from('files').delete(), [id]))
    },

    subscribe(appId, ownerId, onChange, onError) {
      // In order, though each must be fetched first; and nothing after the end.
      let last = Promise.resolve()
      let isActive = true
      const tell = async (ids: readonly string[] | null): Promise<void> => {
        if (!isActive) return
        const changes = await changesOf({ appId, ownerId }, ids)
        if (isActive && changes.length > 0) onChange(changes)
      }
      const end = watchHeads(
        appId,
        ownerId,
        hint => {
          const ids = hint === 'everything' ? null : hint.map(({ id }) => id)
          last = last
            .then(() => tell(ids))
            .catch((error: unknown) => {
              if (isActive) onError(error)
            })
        },
        onError,
      )
      return () => {
        isActive = false
        end()
      }
    },

    heads(appId, ownerId, after) {
      return readHeads(connection, { appId, ownerId }, after)
    },

    getMany(ids) {
      return readRecords(connection, ids)
    },

    async identity() {
      const database = await functions.database()
      const { host } = new URL(options.url)
      return database === null ? host : `${host} ${database}`
    },

    async dispose() {
      for (const feed of feeds.values()) feed.close()
      connection.close()
    },
  }
}

function present({ id, data }: StoredRecord): FileChange {
  return { type: data.createdAt === data.lastUpdated ? 'added' : 'modified', id, data }
}

/** Of a record that is gone only the id is left. */
function removed(scope: Scope, id: string): FileChange {
  const { appId: app, ownerId } = scope
  return {
    type: 'removed',
    id,
    data: { path: pathOfId(scope, id) ?? '', content: '', app, ownerId, lastUpdated: 0 },
  }
}
