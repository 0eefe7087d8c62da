/**
 * Whom the daemon lets in: whoever proves to know the key of a pass (contract/handshake.ts).
 *
 *   token          random, and good once: then there is another one. It lies in files of mode 0600 alone
 *   code.TIME      made of the token (entry-code.ts)
 *   run.RANDOM     a page's until this run ends, so that it may be reloaded
 *   later.UNTIL.R  a page's for its memory, so that it comes back by itself when the daemon was started again
 *
 * There are two of a page's because what it stores can be read by whoever serves its port: so that must be worth
 * nothing once the daemon has ended.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Pass } from '../contract/handshake.ts'
import type { Welcome } from '../contract/sealed-socket.ts'
import { keyOfCode } from '../host/app/entry-code.ts'
import { entryKey } from '../host/app/private-key.ts'

const SECRET_BYTES = 32
/** A page that is open for longer than this when the daemon is started again asks its person, in milliseconds. */
const LATER_MS = 7 * 24 * 60 * 60_000

export interface AccessOptions {
  /** LOCKSTEP_HOME. */
  readonly home: string
  /** The last token was used. */
  readonly onNewToken: (token: string) => void
}

export class Access {
  #token = secret()
  readonly #run = randomBytes(SECRET_BYTES)
  readonly #later: Buffer
  readonly #onNewToken: AccessOptions['onNewToken']

  constructor({ home, onNewToken }: AccessOptions) {
    this.#later = entryKey(home, 'daemon.key')
    this.#onNewToken = onNewToken
  }

  get token(): string {
    return this.#token
  }

  /** Null for a pass that is none, or is good no longer. */
  keyOf(id: string): string | null {
    const [kind, until] = id.split('.')
    switch (kind) {
      case 'token':
        return id === 'token' ? this.#token : null
      case 'code':
        return keyOfCode(id, this.#token, Date.now())
      case 'run':
        return keyed(this.#run, id)
      case 'later':
        return /^\d{1,16}$/.test(until ?? '') && Number(until) > Date.now() ? keyed(this.#later, id) : null
      default:
        return null
    }
  }

  /**
   * Its key was proven. False where it was used meanwhile by somebody else. `isOwnUser` is asked where that was the key
   * of a code: to find it out takes a while, and anybody may offer one.
   */
  use({ id, key }: Pass, isOwnUser: () => boolean): boolean {
    const isCode = id.startsWith('code.')
    if (id !== 'token' && !isCode) return true
    const isGood = isCode
      ? key === keyOfCode(id, this.#token, Date.now()) && isOwnUser()
      : key === this.#token
    if (!isGood) return false
    this.#token = secret()
    this.#onNewToken(this.#token)
    return true
  }

  welcome(): Welcome {
    return {
      run: pass(this.#run, `run.${secret()}`),
      later: pass(this.#later, `later.${Date.now() + LATER_MS}.${secret()}`),
    }
  }
}

function pass(by: Buffer, id: string): Pass {
  return { id, key: keyed(by, id) }
}

function keyed(by: Buffer, id: string): string {
  return createHmac('sha256', by).update(`pass ${id}`).digest('base64url')
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}
