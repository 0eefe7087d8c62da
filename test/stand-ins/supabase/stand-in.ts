/** Starts the server process of `server.ts`, and gives tests what they need of it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setupSql, type SetupOptions } from '../../../src/adapters/supabase/setup-sql.ts'
import { type Command, PUBLISHABLE_KEY, type Ready, type Reply, type Status } from './protocol.ts'
import { NO_FAULTS } from './realtime.ts'

/** The database is made at the start, in some seconds of an idle machine's time; a hang takes longer. Milliseconds. */
const START_MS = 300_000

export interface SupabaseStandIn {
  readonly url: string
  readonly key: string
  readonly port: number
  do(command: Command): Promise<unknown>
  sql(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
  status(): Promise<Status>
  /** An empty project on which our SQL has been run, and then `also`; nothing goes wrong there. */
  reset(options: SetupOptions, also?: string): Promise<void>
  /** The id of a user who can sign in. */
  signUp(email: string, password: string): Promise<string>
  stop(): Promise<void>
}

export async function startSupabase(): Promise<SupabaseStandIn> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--no-warnings'],
    env: { ...process.env, DO_NOT_TRACK: '1' },
  })
  const exit = once(child, 'exit')
  const ready = once(child, 'message', { signal: AbortSignal.timeout(START_MS) })
  const [first] = (await Promise.race([ready, exit])) as [Ready | number]
  if (typeof first !== 'object') throw new Error(`the Supabase stand-in ended with ${first}`)
  const { port } = first

  const waiting = new Map<number, (reply: Reply) => void>()
  let last = 0
  child.on('message', message => {
    const reply = message as Reply
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })

  async function carryOut(command: Command): Promise<unknown> {
    const id = ++last
    const reply = await new Promise<Reply>(resolve => {
      waiting.set(id, resolve)
      child.send({ id, command })
    })
    if (!reply.ok) throw new Error(`${reply.message}\n${JSON.stringify(command).slice(0, 500)}`)
    return reply.value
  }

  /** The SQL that made the project what it is; null once somebody has run some other. */
  let madeBy: string | null = null

  async function sql(text: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]> {
    madeBy = null
    const rows = await carryOut(
      parameters === undefined ? { do: 'sql', sql: text } : { do: 'sql', sql: text, parameters },
    )
    return rows as Record<string, unknown>[]
  }

  const url = `http://127.0.0.1:${port}`
  return {
    url,
    key: PUBLISHABLE_KEY,
    port,
    do: carryOut,
    sql,
    status: async () => (await carryOut({ do: 'status' })) as Status,

    async reset(options, also = '') {
      await carryOut({ do: 'realtime', faults: NO_FAULTS })
      await carryOut({ do: 'rest', fault: { kind: 'hang' }, count: 0 })
      await carryOut({ do: 'max-rows', rows: 1_000 })
      const making = setupSql(options) + also
      // Making it anew takes a tenth of a second, since lite reads the whole schema again.
      if (madeBy === making) await carryOut({ do: 'sql', sql: 'truncate public.files' })
      else await sql(`drop table if exists public.files cascade; ${making}`)
      madeBy = making
    },

    async signUp(email, password) {
      const headers = { apikey: PUBLISHABLE_KEY, 'content-type': 'application/json' }
      const body = JSON.stringify({ email, password })
      const response = await fetch(`${url}/auth/v1/signup`, { method: 'POST', headers, body })
      const { user } = (await response.json()) as { user?: { id: string } }
      if (user === undefined) throw new Error(`no user was made: HTTP ${response.status}`)
      return user.id
    },

    async stop() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
