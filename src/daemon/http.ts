/** The daemon's answers to plain HTTP: the interface's files, and letting a browser in. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageAt, safeHeaders } from '../host/app/pages.ts'
import type { Access } from './access.ts'
import { refusalOf } from './loopback.ts'

export interface HttpOptions {
  readonly port: number
  readonly access: Access
  /** Where the built interface lies. */
  readonly pages: string
}

const SAFE_HEADERS = safeHeaders('self')

/** What a browser sends to be let in, in bytes. */
const MOST_BODY = 4_096

export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const { method, url = '' } = request
  const isReading = method === 'GET' || method === 'HEAD'
  const refusal = refusalOf(request, options.port, { changes: !isReading })
  if (refusal !== null) return end(response, refusal.status, { error: refusal.message })
  if (url === '/session') return session(request, response, options)
  if (!isReading) return end(response, 405, { error: 'Only GET here.' })
  page(request, response, options)
}

async function session(
  request: IncomingMessage,
  response: ServerResponse,
  { access }: HttpOptions,
): Promise<void> {
  if (request.method === 'GET') {
    if (access.isInside(request.headers.cookie)) return end(response, 200, { renew: access.renewalKey() })
    return end(response, 401, NOT_INSIDE)
  }
  if (request.method !== 'POST') return end(response, 405, { error: 'Only GET and POST here.' })
  // Forms of other sites can send text/plain and the like without being asked; this one they cannot.
  if (request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    return end(response, 415, { error: 'Send JSON.' })
  }
  const offer = parseOffer(await readBody(request))
  const cookie = offer === null ? null : access.enter(offer)
  if (cookie === null) return end(response, 401, NOT_INSIDE)
  response.setHeader('Set-Cookie', cookie)
  end(response, 200, { renew: access.renewalKey() })
}

const NOT_INSIDE = { error: 'Open Lockstep with the address that `lockstep serve` prints.' }

function page(request: IncomingMessage, response: ServerResponse, { pages }: HttpOptions): void {
  const found = pageAt(pages, request.url ?? '')
  if (found === null) {
    const isMissing = request.url === '/'
    const message = isMissing
      ? 'The interface is not built. Run `npm run build` first.'
      : 'There is no such page.'
    return end(response, isMissing ? 503 : 404, { error: message })
  }
  response.writeHead(200, { ...SAFE_HEADERS, ...found.headers, 'Content-Length': found.body.length })
  response.end(request.method === 'HEAD' ? undefined : found.body)
}

function parseOffer(text: string | null): { token?: unknown; renew?: unknown } | null {
  try {
    const offer: unknown = JSON.parse(text ?? '')
    return typeof offer === 'object' && offer !== null ? offer : null
  } catch {
    return null
  }
}

/** Null where it is too long, or breaks off. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length
      if (size > MOST_BODY) return null
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  } catch {
    return null
  }
}

function end(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    ...SAFE_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    // Whoever was refused may try again on a connection of its own.
    ...(status >= 400 ? { Connection: 'close' } : {}),
  })
  response.end(text)
}
