/**
 * The way to one Supabase project: loads the SDK at the first call, signs in where there is an account, and turns
 * refusals into `AdapterError`s. Nothing is retried here; the engine does that (R13).
 */
import type { RealtimeClient, SupabaseClient } from '@supabase/supabase-js'
import type { Clock } from '../../engine/ports/clock.ts'
import { closed, isSignedOut, type Refusal, toAdapterError } from './errors.ts'
import { CALL_TIMEOUT_MS } from './limits.ts'
import { type Account, Session } from './session.ts'

export interface ConnectionOptions {
  readonly url: string
  readonly key: string
  /** Null where nobody signs in. */
  readonly account: Account | null
  readonly clock: Clock
}

/** What PostgREST has answered; of the codes that the caller can make use of, the refusal. */
export interface Answer {
  readonly data: unknown
  readonly count: number | null
  readonly refusedWith: string | null
}

/** As the builders of supabase-js give it. */
interface RawAnswer {
  readonly data: unknown
  readonly error: { readonly code: string; readonly message: string; readonly details: string } | null
  readonly status: number
  readonly count: number | null
}

interface Opened {
  readonly client: SupabaseClient
  readonly session: Session | null
}

export class SupabaseConnection {
  readonly url: string
  readonly #options: ConnectionOptions
  readonly #closing = new AbortController()
  #opened: Promise<Opened> | null = null
  /** What the client sends: it never asks by itself, lest it go on without. */
  #token: string | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.url = shownUrl(options.url)
  }

  get signal(): AbortSignal {
    return this.#closing.signal
  }

  /** Null where nobody signs in. Rejects with AdapterError. */
  async userId(): Promise<string | null> {
    const { session } = await this.#open()
    return session === null ? null : (await session.current()).userId
  }

  /** `expected`: codes that come back as an answer; all others are thrown. */
  async call(
    build: (client: SupabaseClient) => PromiseLike<RawAnswer>,
    expected: readonly string[] = [],
  ): Promise<Answer> {
    const { client, session } = await this.#open()
    for (let isSecond = false; ; isSecond = true) {
      this.#token = session === null ? null : (await session.current()).token
      const token = this.#token
      const { data, error, status, count } = await build(client)
      if (this.signal.aborted) throw closed()
      if (error === null) return { data, count, refusedWith: null }
      const refusal = refusalOf(error, status)
      if (expected.includes(refusal.code)) return { data: null, count: null, refusedWith: refusal.code }
      if (isSecond || session === null || token === null || !isSignedOut(refusal))
        throw toAdapterError(refusal, this.url)
      session.expire(token)
    }
  }

  /** One of its own for each channel: a socket that is stuck goes with it. The caller disconnects it. */
  async realtime(): Promise<RealtimeClient> {
    const { session } = await this.#open()
    const { RealtimeClient } = await import('@supabase/supabase-js')
    const { url, key } = this.#options
    const endpoint = new URL('realtime/v1', url.endsWith('/') ? url : `${url}/`)
    endpoint.protocol = endpoint.protocol.replace('http', 'ws')
    const client = new RealtimeClient(endpoint.href, {
      params: { apikey: key },
      accessToken: async () => (session === null ? key : (await session.current()).token),
    })
    await client.setAuth()
    return client
  }

  /** Calls under way reject. */
  close(): void {
    this.#closing.abort()
  }

  async #open(): Promise<Opened> {
    if (this.signal.aborted) throw closed()
    return (this.#opened ??= this.#load())
  }

  async #load(): Promise<Opened> {
    const { createClient } = await import('@supabase/supabase-js')
    const { url, key, account, clock } = this.#options
    const options = {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      db: { retry: false },
      global: { fetch: this.#fetch },
    }
    const client = createClient(url, key, options)
    if (account === null) return { client, session: null }
    const session = new Session(client.auth, account, clock, this.url)
    const signedIn = createClient(url, key, { ...options, accessToken: async () => this.#token })
    return { client: signedIn, session }
  }

  readonly #fetch: typeof fetch = (input, init) => {
    const signals = [
      this.signal,
      AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(init?.signal ? [init.signal] : []),
    ]
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
}

function refusalOf(error: NonNullable<RawAnswer['error']>, status: number): Refusal {
  // What a proxy answers has no such fields, whatever the types say.
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    status,
    code: text(error.code),
    message: text(error.message).slice(0, 500),
    details: text(error.details),
  }
}

/** Without what may be a password in it. */
function shownUrl(url: string): string {
  return url
    .replace(/^(\w+:\/\/)[^/@]*@/, '$1')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
}
