/**
 * A Supabase project in a process of its own: REST and sign-in by @supabase/lite on PGlite, which is Postgres, so
 * grants, row level security and functions are the real thing; Realtime by the stand-in beside this file.
 *
 * It does what a new project has done already: the roles, the schema `auth`, the publication. The table and all
 * else come from the SQL that is under test.
 */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { App } from '@supabase/lite'
import { openNewDatabase } from './new-database.ts'
import {
  type Command,
  JWT_SECRET,
  PUBLISHABLE_KEY,
  type Ready,
  type Reply,
  type RestFault,
  SECRET_KEY,
  type Status,
} from './protocol.ts'
import { type Change, type Claims, NO_FAULTS, RealtimeServer } from './realtime.ts'

/** lite prints each statement that the database refuses, which is what many tests are about. */
console.error = () => {}
const report = (error: unknown): void => void process.stderr.write(`Supabase stand-in: ${String(error)}\n`)

const PROJECT_SQL = `
  create role anon nologin;
  create role authenticated nologin;
  create role service_role nologin bypassrls;
  create publication supabase_realtime;
`

/** Row changes, as the write-ahead log would tell them. */
const LOG_SQL = `
  create schema stand_in;
  create table stand_in.log (seq bigint generated always as identity, type text, row jsonb, at timestamptz default now());
  create function stand_in.note() returns trigger language plpgsql security definer as $$
  begin
    insert into stand_in.log (type, row) values (tg_op, case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end);
    notify stand_in;
    return null;
  end $$;
`

const connection = await openNewDatabase()
const database = connection.driver
await database.exec(PROJECT_SQL)
const app = new App({
  connection,
  auth: {
    enabled: true,
    jwt_secret: JWT_SECRET,
    publishable_key: PUBLISHABLE_KEY,
    secret_key: SECRET_KEY,
    email: { enable_confirmations: false },
  },
})
await app.init()
await app.ensureSystemSchema()
await database.exec(`grant usage on schema auth to anon, authenticated; ${LOG_SQL}`)

// At its first request to a database with row level security, lite grants everything to everybody, as new projects do.
await database.exec(
  'create table public.warm (id int primary key); alter table public.warm enable row level security',
)
await app.fetch(new Request('http://127.0.0.1/rest/v1/warm', { headers: { apikey: PUBLISHABLE_KEY } }), {
  peerAddress: null,
})
await database.exec('drop table public.warm')

const realtime = new RealtimeServer({ visible, claimsOf, isPublished }, PUBLISHABLE_KEY, report)
await database.listen('stand_in', () => void publishLogged().catch(report))
// PostgREST reads the schema anew when it is told to; lite would not notice.
await database.listen('pgrst', () => void connection.introspect().catch(report))

let fault: { readonly fault: RestFault; readonly matching: string; count: number } | null = null
let maxRows = 1_000
const requests: string[] = []
let longestUrl = 0

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    report(error)
    response.destroy()
  })
})
// On a loaded machine the end of an idle connection races with the next request on it.
server.keepAliveTimeout = 0
server.requestTimeout = 0
server.headersTimeout = 0
server.on('upgrade', (request, socket, head) => realtime.upgrade(request, socket, head))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') say({ port: address.port })
})

process.on('message', message => {
  const { id, command } = message as { id: number; command: Command }
  carryOut(command).then(
    value => say({ id, ok: true, value }),
    (error: unknown) => say({ id, ok: false, message: String(error) }),
  )
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit())

/** Nobody may be listening any more. */
function say(message: Ready | Reply): void {
  if (process.connected) process.send?.(message)
}

async function carryOut(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'sql': {
      if (command.parameters !== undefined)
        return (await database.query(command.sql, [...command.parameters])).rows
      const results = await database.exec(command.sql)
      await followFiles()
      return results.at(-1)?.rows ?? []
    }
    case 'realtime':
      return realtime.setFaults(command.faults)
    case 'cut-realtime':
      return realtime.cut()
    case 'rest':
      fault = { fault: command.fault, count: command.count, matching: command.matching ?? '' }
      return undefined
    case 'max-rows':
      maxRows = command.rows
      return undefined
    case 'status':
      return {
        requests: [...requests],
        longestUrl,
        listeners: realtime.listeners,
        told: realtime.told,
        unanswered: realtime.unanswered,
        connections: realtime.connections,
      } satisfies Status
  }
}

/** The table may have been made anew, without the trigger. */
async function followFiles(): Promise<void> {
  await database.exec(`
    do $$ begin
      if to_regclass('public.files') is not null then
        create or replace trigger stand_in after insert or update or delete on public.files
          for each row execute function stand_in.note();
      end if;
    end $$`)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request
  const path = url.replace(/\?.*$/s, '')
  requests.push(`${method} ${path}`)
  longestUrl = Math.max(longestUrl, url.length)
  const failing = faultFor(path)
  if (failing !== null) return fail(failing, response)
  const body = ['GET', 'HEAD'].includes(method) ? null : await buffer(request)
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value))
  const capped = new URL(url, 'http://127.0.0.1')
  if (method === 'GET' && path.startsWith('/rest/')) cap(capped)
  const init = { method, headers, body: body === null ? null : new Uint8Array(body) }
  const told = await app.fetch(new Request(capped, init), { peerAddress: '127.0.0.1' })
  response.writeHead(told.status, Object.fromEntries(told.headers))
  response.end(Buffer.from(await told.arrayBuffer()))
}

/** As the setting "Max rows" does: fewer than asked for, without a word. */
function cap({ searchParams }: URL): void {
  const asked = Number(searchParams.get('limit') ?? Infinity)
  if (asked > maxRows) searchParams.set('limit', String(maxRows))
}

function faultFor(path: string): RestFault | null {
  if (fault === null || fault.count === 0 || !path.includes(fault.matching)) return null
  fault.count -= 1
  return fault.fault
}

function fail(fault: RestFault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'hang':
      return
    case 'cut':
      response.destroy()
      return
    case 'answer':
      response.writeHead(fault.status, { 'content-type': 'application/json' })
      response.end(fault.body ?? '')
  }
}

async function publishLogged(): Promise<void> {
  const { rows } = await database.query<{
    seq: number
    type: Change['type']
    row: Change['row']
    at: string
  }>('delete from stand_in.log returning seq, type, row, at::text')
  const inOrder = rows.toSorted((a, b) => a.seq - b.seq)
  realtime.publish(inOrder.map(({ type, row, at }) => ({ type, row, time: at })))
}

async function visible({ role, sub }: Claims, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  return database.transaction(async transaction => {
    // `auth.uid()` of lite reads the older of the two settings.
    await transaction.query(
      `select set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true)`,
      [JSON.stringify({ role, sub }), sub ?? ''],
    )
    await transaction.exec(`set local role ${role === 'anon' ? 'anon' : 'authenticated'}`)
    try {
      const { rows } = await transaction.query<{ id: string }>(
        'select id from public.files where id = any($1)',
        [ids],
      )
      return new Set(rows.map(({ id }) => id))
    } catch {
      // No grant at all.
      await transaction.rollback()
      return new Set()
    }
  })
}

async function claimsOf(token: string): Promise<Claims | null> {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const expected = createHmac('sha256', JWT_SECRET).update(`${head}.${claims}`).digest('base64url')
  if (signature !== expected) return null
  const { role, sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    role: string
    sub: string
    exp: number
  }
  if (exp * 1_000 < Date.now()) return null
  return { role: role === 'authenticated' ? 'authenticated' : 'anon', sub }
}

async function isPublished(): Promise<boolean> {
  const { rows } = await database.query(
    `select 1 from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'files'`,
  )
  return rows.length > 0
}

realtime.setFaults(NO_FAULTS)
