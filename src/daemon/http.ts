/** The daemon's answers to plain HTTP: the interface's files, which hold nothing of anybody's and need no right. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageAt, safeHeaders } from '../host/app/pages.ts'
import { asksByLocalhost, refusalOf } from './loopback.ts'

export interface HttpOptions {
  /** By which the daemon can be named: host and port. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where the built interface lies. */
  readonly pages: string
}

const SAFE_HEADERS = safeHeaders('self')

export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { hosts, port, pages }: HttpOptions,
): void {
  const { method, url = '' } = request
  const isReading = method === 'GET' || method === 'HEAD'
  if (isReading && asksByLocalhost(request, port)) return leadOn(response, `http://127.0.0.1:${port}/`)
  const refusal = refusalOf(request, hosts, { changes: !isReading })
  if (refusal !== null) return end(response, refusal.status, refusal.message)
  if (!isReading) return end(response, 405, 'Only GET here.')
  const found = pageAt(pages, url)
  if (found !== null) {
    response.writeHead(200, { ...SAFE_HEADERS, ...found.headers, 'Content-Length': found.body.length })
    response.end(method === 'HEAD' ? undefined : found.body)
  } else if (url === '/') {
    end(response, 503, 'The interface is not built. Run `npm run build` first.')
  } else {
    end(response, 404, 'There is no such page.')
  }
}

/** A browser takes along what stands after `#`. */
function leadOn(response: ServerResponse, address: string): void {
  response.writeHead(307, {
    ...SAFE_HEADERS,
    Location: address,
    'Cache-Control': 'no-store',
    'Content-Length': 0,
    Connection: 'close',
  })
  response.end()
}

function end(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, {
    ...SAFE_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    // Whoever was refused may try again on a connection of its own.
    Connection: 'close',
  })
  response.end(`${JSON.stringify({ error })}\n`)
}
