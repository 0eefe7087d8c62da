/**
 * `app://lockstep`: the built interface as an origin of its own, with its policy in headers. Only files of the
 * interface are there (host/app/pages.ts); no address leads outside its folder.
 */
import { net, protocol } from 'electron'
import { pageAt, safeHeaders } from '../host/app/pages.ts'

const SCHEME = 'app'
const HOST = 'lockstep'
export const APP_ORIGIN = `${SCHEME}://${HOST}`

/** Before the app is ready, or Chromium does not know the scheme. */
export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }])
}

export interface PageSource {
  /** Where the built interface lies. */
  readonly folder: string
  /** In development: where the pages come from instead, with a reload at each change. */
  readonly devServer: string | null
}

export function serveApp({ folder, devServer }: PageSource): void {
  protocol.handle(SCHEME, request => {
    const { host, pathname, search } = new URL(request.url)
    if (host !== HOST) return refusal(404, 'There is no such page.')
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Only GET here.')
    if (devServer !== null) return net.fetch(new URL(`${pathname}${search}`, devServer).href)
    const page = pageAt(folder, pathname)
    if (page === null) return refusal(404, missing(pathname))
    return new Response(new Uint8Array(page.body), { headers: { ...safeHeaders('none'), ...page.headers } })
  })
}

/** The page itself, at whatever place in it. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, pathname } = new URL(address)
  return protocol === `${SCHEME}:` && host === HOST && pathname === '/'
}

/** To be allowed to load: the interface, the developer tools, and in development the server behind it. */
export function isOwnAddress(address: string, devServer: string | null): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host } = new URL(address)
  if (protocol === `${SCHEME}:`) return host === HOST
  if (protocol === 'devtools:') return true
  return devServer !== null && host === new URL(devServer).host
}

function missing(pathname: string): string {
  return pathname === '/'
    ? 'The interface is not built. Run `npm run build` first.'
    : 'There is no such page.'
}

function refusal(status: number, message: string): Response {
  const headers = { ...safeHeaders('none'), 'Content-Type': 'text/plain; charset=utf-8' }
  return new Response(message, { status, headers })
}
