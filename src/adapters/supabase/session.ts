/**
 * The sign-in by e-mail address and password, kept fresh on demand: there is no timer, and what is stored lies in
 * memory alone.
 *
 * A call that could not sign in fails. It must never go on with the key alone: as nobody, the user's private
 * records would look deleted (R8).
 */
import type { AuthError, Session as AuthSession, SupabaseClient } from '@supabase/supabase-js'
import type { Clock } from '../../engine/ports/clock.ts'
import { signInError } from './errors.ts'

/** A token is not used for its last so many milliseconds: a call and Realtime's next heartbeat must fit in. */
const MARGIN_MS = 60_000

export interface Account {
  readonly email: string
  readonly password: string
}

interface Current {
  readonly token: string
  readonly userId: string
  /** On the monotonic clock, in milliseconds: the server's clock may be another one. */
  readonly freshUntil: number
}

export class Session {
  readonly #auth: SupabaseClient['auth']
  readonly #account: Account
  readonly #clock: Clock
  readonly #url: string
  #current: Current | null = null
  #underWay: Promise<Current> | null = null

  constructor(auth: SupabaseClient['auth'], account: Account, clock: Clock, url: string) {
    this.#auth = auth
    this.#account = account
    this.#clock = clock
    this.#url = url
  }

  /** Signs in, or refreshes, where need be. Rejects with AdapterError. */
  async current(): Promise<Current> {
    const current = this.#current
    if (current !== null && this.#clock.monotonic() < current.freshUntil) return current
    return (this.#underWay ??= this.#renew().finally(() => (this.#underWay = null)))
  }

  /** The server has refused the token: a machine that slept knows no better. */
  expire(token: string): void {
    if (this.#current?.token === token) this.#current = { ...this.#current, freshUntil: -Infinity }
  }

  async #renew(): Promise<Current> {
    const refreshed = this.#current === null ? null : await this.#auth.refreshSession()
    if (refreshed !== null && refreshed.error !== null && isUnanswered(refreshed.error))
      throw signInError(refreshed.error, this.#url)
    // A refresh token may be used up or withdrawn; the password still counts.
    const session = refreshed?.data.session ?? (await this.#signIn())
    this.#current = {
      token: session.access_token,
      userId: session.user.id,
      freshUntil: this.#clock.monotonic() + session.expires_in * 1_000 - MARGIN_MS,
    }
    return this.#current
  }

  async #signIn(): Promise<AuthSession> {
    const { data, error } = await this.#auth.signInWithPassword(this.#account)
    if (error !== null) throw signInError(error, this.#url)
    return data.session
  }
}

function isUnanswered({ status = 0 }: AuthError): boolean {
  return status === 0 || status === 429 || status >= 500
}
