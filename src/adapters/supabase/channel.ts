/**
 * One life of a Realtime channel that follows the rows of one app: from joining it until anything at all goes
 * wrong. It is never mended, but left, with its socket: a channel can stay stuck in ways that only a new one ends.
 *
 * Joined is not yet live: changes come only after the server's `system` message
 * (https://github.com/supabase/supabase-js/issues/1599). Deletes carry the primary key alone and heed no filter;
 * changes of more than a megabyte lose their longer columns; nothing is ever repeated
 * (https://supabase.com/docs/guides/realtime/postgres-changes).
 */
import type { RealtimeChannel, RealtimeClient } from '@supabase/supabase-js'
import type { Clock } from '../../engine/ports/clock.ts'
import type { SupabaseConnection } from './connection.ts'
import { isRow } from './records.ts'

/** From joining to being live. A project that has slept needs some seconds. Milliseconds. */
const LIVE_MS = 30_000

/** What a message says of a row; absent where it does not say it. */
export interface RowChange {
  readonly isDelete: boolean
  readonly id?: string
  readonly ownerId?: string
  /** Null of a row that is gone. */
  readonly version?: number | null
}

export interface ChannelListener {
  readonly onLive: () => void
  readonly onChange: (change: RowChange) => void
  /** Once; nothing is told after it. */
  readonly onEnd: (reason: string) => void
}

/** Returns what leaves the channel, without `onEnd`. */
export function openChannel(
  connection: SupabaseConnection,
  clock: Clock,
  appId: string,
  listener: ChannelListener,
): () => void {
  const closing = new AbortController()
  let client: RealtimeClient | null = null
  const leave = (): void => {
    if (closing.signal.aborted) return
    closing.abort()
    if (client !== null) void hangUp(client)
  }
  const end = (reason: string): void => {
    if (closing.signal.aborted) return
    leave()
    listener.onEnd(reason)
  }
  const start = async (): Promise<void> => {
    const opened = await connection.realtime()
    if (closing.signal.aborted) return
    client = opened
    const live = new AbortController()
    join(opened.channel(`lockstep:${appId}`), appId, {
      ...listener,
      onLive: () => {
        if (closing.signal.aborted) return
        live.abort()
        listener.onLive()
      },
      onChange: change => {
        if (!closing.signal.aborted) listener.onChange(change)
      },
      onEnd: end,
    })
    await clock.sleep(LIVE_MS, AbortSignal.any([closing.signal, live.signal]))
    if (!live.signal.aborted) end('the server has not begun to tell changes')
  }
  start().catch((error: unknown) => end(error instanceof Error ? error.message : String(error)))
  return leave
}

function join(channel: RealtimeChannel, appId: string, { onLive, onChange, onEnd }: ChannelListener): void {
  const rows = { schema: 'public', table: 'files' }
  const ofApp = { ...rows, filter: `app=eq.${appId}` }
  channel
    .on('postgres_changes', { ...ofApp, event: 'INSERT' }, ({ new: row }) => onChange(writeIn(row)))
    .on('postgres_changes', { ...ofApp, event: 'UPDATE' }, ({ new: row }) => onChange(writeIn(row)))
    .on('postgres_changes', { ...rows, event: 'DELETE' }, ({ old: row }) => onChange(deleteIn(row)))
    .on('system', {}, (payload: unknown) => {
      if (!isRow(payload) || payload['extension'] !== 'postgres_changes') return
      if (payload['status'] === 'ok') onLive()
      else onEnd(`the server does not tell changes: ${String(payload['message'])}`)
    })
    .subscribe((status: string, error) => {
      if (status !== 'SUBSCRIBED') onEnd(error === undefined ? status : error.message)
    })
}

function writeIn(row: unknown): RowChange {
  if (!isRow(row)) return { isDelete: false }
  const { id, owner_id: ownerId, last_updated: version } = row
  return {
    isDelete: false,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof ownerId === 'string' ? { ownerId } : {}),
    ...(typeof version === 'number' ? { version } : {}),
  }
}

function deleteIn(row: unknown): RowChange {
  const id = isRow(row) ? row['id'] : undefined
  return typeof id === 'string' ? { isDelete: true, id, version: null } : { isDelete: true }
}

/** It has said what it had to say; whether the server answers does not matter any more. */
async function hangUp(client: RealtimeClient): Promise<void> {
  for (const channel of client.getChannels()) channel.teardown()
  await client.disconnect()
}
