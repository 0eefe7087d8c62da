/**
 * Who may speak to the daemon (design, section 8). It listens on 127.0.0.1, but any page in a browser on this
 * machine can send requests there, and a name of its own can be made to mean 127.0.0.1 (DNS rebinding).
 *
 * So each request must name the daemon by an address on an exact list, and must not come from another origin.
 * Pure: looks at headers alone. Whether the client may do anything is then a matter of what it can prove (access.ts).
 */
import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: 400 | 403 | 421
  readonly message: string
}

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>

/** `changes`: the request may do something, so a browser's word for where it comes from is required. */
export function refusalOf(
  request: Request,
  hosts: readonly string[],
  { changes }: { changes: boolean },
): Refusal | null {
  const host = onlyValue(request, 'host')
  if (host === null || !hosts.includes(host)) {
    return { status: 421, message: `This is Lockstep at ${hosts[0] ?? ''}. Use that address.` }
  }
  if (request.url?.startsWith('/') !== true) return { status: 400, message: 'Not a path.' }
  return originRefusal(request, `http://${host}`, changes) ?? siteRefusal(request)
}

/** Browsers send it with every request that is not a plain GET of their own origin or a navigation. */
function originRefusal(request: Request, own: string, changes: boolean): Refusal | null {
  const hasOrigin = request.headers.origin !== undefined
  if (hasOrigin && onlyValue(request, 'origin') !== own) return FOREIGN
  return changes && !hasOrigin ? FOREIGN : null
}

/** A GET of another site carries no Origin, but says so here (Fetch Metadata); only a link to the page itself is fine. */
function siteRefusal({ headers, url }: Request): Refusal | null {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'none' || site === 'same-origin') return null
  const isLinkToPage =
    url === '/' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return isLinkToPage ? null : FOREIGN
}

const FOREIGN: Refusal = { status: 403, message: 'Another site may not speak to Lockstep.' }

/**
 * Not `localhost`: that is ::1 as well, where any user may listen on the same port, and a browser gives to the one what
 * it keeps for the other. `devServer`: another server of this machine that passes on what its pages say, while somebody
 * develops.
 */
export function hostsOf(port: number, devServer = ''): string[] {
  const isLocal = /^(?:127\.0\.0\.1|localhost):\d+$/.test(devServer)
  return [`127.0.0.1:${port}`, ...(isLocal ? [devServer] : [])]
}

/** A person who asks for the page of `localhost` is led on to that of 127.0.0.1. */
export function asksByLocalhost(request: Request, port: number): boolean {
  return request.url === '/' && refusalOf(request, [`localhost:${port}`], { changes: false }) === null
}

/** Null where the header is missing, and where it stands more than once. */
function onlyValue({ rawHeaders }: Request, name: string): string | null {
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
  return values.length === 1 ? values[0]! : null
}
