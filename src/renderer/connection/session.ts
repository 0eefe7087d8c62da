/**
 * What this page may come in by (src/daemon/access.ts): the pass of the address that opened it, and those that the
 * daemon gave it since. The one that survives a reload is worth nothing once the daemon has ended, for whoever takes
 * its port then can read what is stored here; the one for a later run lies in this page's memory alone.
 */
import type { Pass } from '../../contract/handshake.ts'
import type { Welcome } from '../../contract/sealed-socket.ts'

const STORED = 'lockstep.pass'
const GIVEN = /^#(token|code)=(?:(\d+)\.)?([\w-]+)$/

// Another address that somebody enters in this tab changes the fragment alone, which loads nothing.
addEventListener('hashchange', () => {
  if (GIVEN.test(location.hash)) location.reload()
})

let given = takeGiven()
let later: Pass | null = null

export function passes(): Pass[] {
  return [given, stored(), later].filter(pass => pass !== null)
}

export function keep(welcome: Welcome): void {
  given = null
  later = welcome.later
  try {
    sessionStorage.setItem(STORED, JSON.stringify(welcome.run))
  } catch {
    // The browser stores nothing here; then a reload asks for a new address.
  }
}

/** Out of the address at once, so that it stays neither in the history nor on a shared screen. */
function takeGiven(): Pass | null {
  const [, kind, id, key] = GIVEN.exec(location.hash) ?? []
  if (kind === undefined || key === undefined) return null
  history.replaceState(null, '', location.pathname)
  return { id: id === undefined ? kind : `${kind}.${id}`, key }
}

function stored(): Pass | null {
  try {
    const pass: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? 'null')
    return isPass(pass) ? pass : null
  } catch {
    return null
  }
}

function isPass(value: unknown): value is Pass {
  if (typeof value !== 'object' || value === null || !('id' in value && 'key' in value)) return false
  return typeof value.id === 'string' && typeof value.key === 'string'
}
