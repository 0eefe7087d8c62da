/**
 * The right to speak with the daemon: a cookie that no script can read, got for the token in the address.
 *
 * The token is good for one run of the daemon. A daemon that was started again takes the renewal key instead,
 * which lives in this page's memory alone, so an open page comes back by itself.
 */
import { SessionRefused } from './connection.ts'

let token = takeToken()
let renewal: string | null = null

/** Rejects with SessionRefused where this page has no right to speak, with a TypeError where nobody answers. */
export async function ensureSession(signal: AbortSignal): Promise<void> {
  if (token !== null) {
    const given = token
    // A good one is exchanged once; a wrong one will not become right.
    if (await exchange({ token: given }, signal)) {
      token = null
      return
    }
    token = null
  }
  if (await read(await fetch('/session', { signal }))) return
  if (renewal !== null && (await exchange({ renew: renewal }, signal))) return
  throw new SessionRefused()
}

async function exchange(body: { token: string } | { renew: string }, signal: AbortSignal): Promise<boolean> {
  const headers = { 'content-type': 'application/json' }
  return read(await fetch('/session', { method: 'POST', headers, body: JSON.stringify(body), signal }))
}

async function read(response: Response): Promise<boolean> {
  if (response.status === 401) return false
  if (!response.ok) throw new Error(`the daemon answers ${response.status}`)
  const answer: unknown = await response.json()
  const isKey = typeof answer === 'object' && answer !== null && 'renew' in answer
  if (isKey && typeof answer.renew === 'string') renewal = answer.renew
  return true
}

/** Out of the address at once, so that it stays neither in the history nor on a shared screen. */
function takeToken(): string | null {
  const found = /^#token=([^&]+)$/.exec(location.hash)?.[1]
  if (found === undefined) return null
  history.replaceState(null, '', location.pathname)
  return found
}
