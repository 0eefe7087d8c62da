/**
 * A stand-in for Supabase Realtime: the Phoenix protocol (version 2) over WebSocket, as far as postgres_changes go,
 * fed by the database itself: triggers log each row change, NOTIFY announces it.
 *
 * It behaves as the real one does where that hurts: nothing is repeated after a gap; joining is answered before
 * changes flow, which the `system` message tells; a delete carries the primary key alone and heeds neither filter
 * nor row level security; a change of more than a megabyte keeps its short columns only; whether a row may be seen
 * is asked of the database, as the subscriber, when the change is passed on.
 *
 * It cannot show: replication from the write-ahead log, quotas, and how long the real one takes.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** https://supabase.com/docs/guides/realtime/limits: above this only fields of at most 64 bytes are left. */
const LARGE_BYTES = 1_024 * 1_024
const SHORT_BYTES = 64

/** What goes wrong, until it is set otherwise. */
export interface RealtimeFaults {
  /** 'absent': no WebSocket at all. 'stuck': joins are never answered. 'silent': joined, but never live.
   *  'unpublished': the server says that it cannot follow the table. 'deaf': live, and tells nothing. */
  readonly mode: 'fine' | 'absent' | 'stuck' | 'silent' | 'unpublished' | 'deaf'
  /** Changes are told only when this has ended. */
  readonly isHeldUp: boolean
  /** Changes to be lost from now on. */
  readonly drop: number
  /** From the answer to a join until changes flow, in milliseconds. */
  readonly liveAfterMs: number
}

export const NO_FAULTS: RealtimeFaults = { mode: 'fine', isHeldUp: false, drop: 0, liveAfterMs: 5 }

export interface Change {
  readonly type: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly row: Readonly<Record<string, unknown>>
  readonly time: string
}

export interface Claims {
  readonly role: 'anon' | 'authenticated'
  readonly sub?: string
}

export interface RealtimeDatabase {
  /** Of these ids, those of the rows that the subscriber's policies let it see. */
  visible(claims: Claims, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Null where the token is none of this project's. */
  claimsOf(token: string): Promise<Claims | null>
  isPublished(): Promise<boolean>
}

interface Binding {
  readonly id: number
  readonly event: string
  readonly filter: string | null
}

interface Joined {
  readonly socket: WebSocket
  readonly joinRef: string | null
  readonly topic: string
  readonly bindings: readonly Binding[]
  claims: Claims
  isLive: boolean
}

type Message = readonly [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: unknown,
]

export class RealtimeServer {
  readonly #database: RealtimeDatabase
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #joined = new Set<Joined>()
  readonly #key: string
  readonly #report: (error: unknown) => void
  #faults = NO_FAULTS
  #bindings = 0
  #told = 0
  #unanswered = 0
  /** Resolves when changes are held up no longer. */
  #flow = Promise.withResolvers<void>()
  /** Changes go out one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(database: RealtimeDatabase, key: string, report: (error: unknown) => void) {
    this.#database = database
    this.#key = key
    this.#report = report
    this.#flow.resolve()
  }

  get listeners(): number {
    return [...this.#joined].filter(({ isLive }) => isLive).length
  }

  /** Sockets, whether they have joined anything or not. */
  get connections(): number {
    return this.#sockets.clients.size
  }

  /** Messages of changes that were sent so far. */
  get told(): number {
    return this.#told
  }

  /** Joins so far that will never be live. */
  get unanswered(): number {
    return this.#unanswered
  }

  setFaults(faults: Partial<RealtimeFaults>): void {
    const wasHeldUp = this.#faults.isHeldUp
    this.#faults = { ...this.#faults, ...faults }
    if (!wasHeldUp && this.#faults.isHeldUp) this.#flow = Promise.withResolvers()
    if (!this.#faults.isHeldUp) this.#flow.resolve()
  }

  /** Cuts all sockets, without a word. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const key = new URL(request.url ?? '', 'http://localhost').searchParams.get('apikey')
    if (this.#faults.mode === 'absent' || key !== this.#key) {
      socket.end(`HTTP/1.1 ${key === this.#key ? '503 Service Unavailable' : '401 Unauthorized'}\r\n\r\n`)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, opened => this.#welcome(opened))
  }

  /** In the order in which they were made. */
  publish(changes: readonly Change[]): void {
    const { drop, mode } = this.#faults
    const told = changes.slice(drop)
    this.setFaults({ drop: Math.max(0, drop - changes.length) })
    // Who listens now, not then: a subscriber of tomorrow hears nothing of today.
    const listeners = [...this.#joined].filter(({ isLive }) => isLive)
    if (mode === 'deaf' || told.length === 0 || listeners.length === 0) return
    this.#last = this.#last
      .then(() => this.#flow.promise)
      .then(() => Promise.all(listeners.map(joined => this.#pass(told, joined))))
      .catch(this.#report)
  }

  close(): void {
    this.cut()
    this.#sockets.close()
  }

  #welcome(socket: WebSocket): void {
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const joined of this.#joined) if (joined.socket === socket) this.#joined.delete(joined)
    })
    socket.on('message', (frame: Buffer) => {
      const message = JSON.parse(frame.toString()) as Message
      this.#answer(socket, message).catch(this.#report)
    })
  }

  async #answer(socket: WebSocket, message: Message): Promise<void> {
    const [joinRef, ref, topic, event, payload] = message
    const reply = (status: string, response: unknown): void =>
      send(socket, [joinRef, ref, topic, 'phx_reply', { status, response }])
    switch (event) {
      case 'heartbeat':
        return reply('ok', {})
      case 'phx_join':
        if (this.#faults.mode === 'stuck') this.#unanswered += 1
        else await this.#join(socket, message, reply)
        return
      case 'access_token':
        return this.#renew(socket, topic, payload)
      case 'phx_leave':
        for (const joined of this.#joined)
          if (joined.socket === socket && joined.topic === topic) this.#joined.delete(joined)
        reply('ok', {})
        return send(socket, [joinRef, null, topic, 'phx_close', {}])
      default:
        return
    }
  }

  async #join(
    socket: WebSocket,
    [joinRef, , topic, , payload]: Message,
    reply: (status: string, response: unknown) => void,
  ): Promise<void> {
    const { config, access_token: token } = payload as {
      config: { postgres_changes: { event: string; schema: string; table: string; filter?: string }[] }
      access_token?: string
    }
    const claims = await this.#claims(token)
    if (claims === null) return reply('error', { reason: 'InvalidJWTToken: signature is invalid' })
    const told = config.postgres_changes.map(change => ({ id: ++this.#bindings, ...change }))
    const bindings = told.map(({ id, event, filter }) => ({ id, event, filter: filter ?? null }))
    const joined: Joined = { socket, joinRef, topic, bindings, claims, isLive: false }
    this.#joined.add(joined)
    reply('ok', { postgres_changes: told })
    setTimeout(() => void this.#begin(joined), this.#faults.liveAfterMs)
  }

  async #begin(joined: Joined): Promise<void> {
    if (this.#faults.mode === 'silent') this.#unanswered += 1
    if (!this.#joined.has(joined) || this.#faults.mode === 'silent') return
    const isPublished = this.#faults.mode !== 'unpublished' && (await this.#database.isPublished())
    const message = isPublished
      ? 'Subscribed to PostgreSQL'
      : 'Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [schema: public, table: files]'
    joined.isLive = isPublished
    const { socket, joinRef, topic } = joined
    const status = isPublished ? 'ok' : 'error'
    const payload = {
      channel: topic.replace(/^realtime:/, ''),
      extension: 'postgres_changes',
      message,
      status,
    }
    send(socket, [joinRef, null, topic, 'system', payload])
  }

  async #renew(socket: WebSocket, topic: string, payload: unknown): Promise<void> {
    const claims = await this.#claims((payload as { access_token?: string }).access_token)
    for (const joined of this.#joined) {
      if (joined.socket !== socket || joined.topic !== topic) continue
      if (claims !== null) joined.claims = claims
      else send(socket, [joined.joinRef, null, topic, 'phx_close', {}])
    }
  }

  async #claims(token: string | undefined): Promise<Claims | null> {
    if (token === undefined || token === this.#key) return { role: 'anon' }
    return this.#database.claimsOf(token)
  }

  async #pass(changes: readonly Change[], joined: Joined): Promise<void> {
    const wanted = changes
      .map(change => ({
        change,
        ids: joined.bindings.filter(binding => matches(binding, change)).map(({ id }) => id),
      }))
      .filter(({ ids }) => ids.length > 0)
    if (wanted.length === 0 || !this.#joined.has(joined)) return
    const written = wanted.filter(({ change }) => change.type !== 'DELETE').map(({ change }) => idOf(change))
    const visible = await this.#database.visible(joined.claims, written)
    const { socket, joinRef, topic } = joined
    for (const { change, ids } of wanted) {
      if (change.type !== 'DELETE' && !visible.has(idOf(change))) continue
      send(socket, [joinRef, null, topic, 'postgres_changes', { ids, data: dataOf(change) }])
      this.#told += 1
    }
  }
}

function idOf({ row }: Change): string {
  return typeof row['id'] === 'string' ? row['id'] : ''
}

function matches({ event, filter }: Binding, { type, row }: Change): boolean {
  if (event !== '*' && event !== type) return false
  if (filter === null || type === 'DELETE') return true
  const [, column = '', value] = /^(\w+)=eq\.(.*)$/.exec(filter) ?? []
  return row[column] === value
}

const COLUMNS = ['id', 'path', 'content', 'app', 'owner_id', 'last_updated', 'created_at'].map(name => ({
  name,
  type: name.endsWith('_at') || name === 'last_updated' ? 'int8' : 'text',
}))

function dataOf({ type, row, time }: Change): unknown {
  const common = { schema: 'public', table: 'files', commit_timestamp: time, type, columns: COLUMNS }
  if (type === 'DELETE') return { ...common, old_record: { id: row['id'] }, errors: null }
  const old = type === 'UPDATE' ? { old_record: { id: row['id'] } } : {}
  if (JSON.stringify(row).length <= LARGE_BYTES) return { ...common, ...old, record: row, errors: null }
  const short = Object.fromEntries(
    Object.entries(row).filter(([, value]) => Buffer.byteLength(String(value)) <= SHORT_BYTES),
  )
  return { ...common, ...old, record: short, errors: ['Error 413: Payload Too Large'] }
}

function send(socket: WebSocket, message: Message): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
}
