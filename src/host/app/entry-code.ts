/**
 * A code that lets a browser in instead of the token, for one that can read no file of ours: it stands in the
 * address that the browser is started with, where every user of this machine may read it. So it is good for
 * seconds, once (to use it ends the token that it is made of), and the daemon takes it of its own user alone.
 */
import { createHmac } from 'node:crypto'
import type { Pass } from '../../contract/handshake.ts'

/** A browser that is started for it needs a while. */
const GOOD_MS = 30_000

export function entryCode(token: string, now: number): Pass {
  return { id: `code.${now}`, key: createHmac('sha256', token).update(`code ${now}`).digest('base64url') }
}

/** The key of a code that is good now; null for any other id. */
export function keyOfCode(id: string, token: string, now: number): string | null {
  const made = Number(/^code\.(\d{1,15})$/.exec(id)?.[1] ?? Number.NaN)
  return made <= now && now < made + GOOD_MS ? entryCode(token, made).key : null
}
