/**
 * Who has been let in. Each run has a random token, which the person's browser brings along in the fragment of
 * the address (so it is in no log and no Referer) and exchanges once for a cookie of this run.
 *
 * A page that was let in also gets a key, for its memory alone, with which it may ask a later run of the same
 * LOCKSTEP_HOME for a new cookie: so it comes back by itself when the daemon was restarted, while tokens and
 * cookies of an earlier run stay worthless.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { privateKey } from '../host/app/private-key.ts'

const SECRET_BYTES = 32
/** A page that has not spoken for so long asks its person again, in milliseconds. */
const RENEWABLE_MS = 24 * 60 * 60_000
/** More browsers than anybody has; the oldest is let go. */
const MOST_SESSIONS = 64

export class Access {
  readonly token = secret()
  readonly #sessions = new Set<string>()
  readonly #key: Buffer
  readonly #cookie: string

  /** Cookies know no ports, so the name does. */
  constructor(home: string, port: number) {
    this.#key = privateKey(home, 'daemon.key')
    this.#cookie = `lockstep-${port}`
  }

  /** The Set-Cookie header for whoever has the token of this run, or a good key; null for anybody else. */
  enter(offer: { readonly token?: unknown; readonly renew?: unknown }): string | null {
    const isToken = typeof offer.token === 'string' && isSame(offer.token, this.token)
    const isKey = typeof offer.renew === 'string' && this.#isGoodKey(offer.renew)
    return isToken || isKey ? this.#newSession() : null
  }

  isInside(cookieHeader: string | undefined): boolean {
    const values = (cookieHeader ?? '').split(';').map(part => part.trim().split('='))
    return values.some(
      ([name, value]) => name === this.#cookie && value !== undefined && this.#sessions.has(value),
    )
  }

  /** For a page that is inside. */
  renewalKey(): string {
    const until = String(Date.now() + RENEWABLE_MS)
    return `${until}.${this.#sign(until)}`
  }

  #newSession(): string {
    const session = secret()
    this.#sessions.add(session)
    if (this.#sessions.size > MOST_SESSIONS) {
      const [oldest] = this.#sessions
      this.#sessions.delete(oldest!)
    }
    return `${this.#cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`
  }

  #isGoodKey(key: string): boolean {
    const [until = '', signature = ''] = key.split('.')
    return /^\d{1,16}$/.test(until) && Number(until) > Date.now() && isSame(signature, this.#sign(until))
  }

  #sign(until: string): string {
    return createHmac('sha256', this.#key).update(`renew ${until}`).digest('base64url')
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** In a time that tells nothing of where they differ. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
