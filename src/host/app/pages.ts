/**
 * The built interface as files: those that lie in its folder and no others. Nothing in it is secret; what it can
 * do is decided where it asks (the daemon's handshake, the app's port).
 */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Page {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * With every answer: no inline script or style, nothing from elsewhere, no frames. `connect` is 'self' where the
 * page speaks with its server, which holds for its WebSocket, too; over a MessagePort it needs nothing.
 */
export function safeHeaders(connect: 'self' | 'none'): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src '${connect}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
}

/** Names under assets/ carry a digest of what they hold. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/** `target` is the request's path as it came; null where there is no such page. */
export function pageAt(folder: string, target: string): Page | null {
  const path = pathOf(target)
  const type = path === null ? undefined : TYPES[extname(path)]
  if (path === null || type === undefined) return null
  const body = readInside(folder, path)
  if (body === null) return null
  const cache = path.startsWith('assets/') ? FOR_EVER : 'no-store'
  return { body, headers: { 'Content-Type': type, 'Cache-Control': cache } }
}

/** Relative, decoded once; null for anything but plain names with `/` between them. */
function pathOf(target: string): string | null {
  const [encoded = ''] = target.split(/[?#]/, 1)
  try {
    const path = decodeURIComponent(encoded).replace(/^\//, '')
    if (path === '') return 'index.html'
    const isPlain = path.split('/').every(name => /^[\w-][\w.-]*$/.test(name))
    return isPlain ? path : null
  } catch {
    // A broken escape.
    return null
  }
}

function readInside(folder: string, path: string): Buffer | null {
  try {
    const root = realpathSync.native(folder)
    const real = realpathSync.native(join(root, path))
    return real.startsWith(root + sep) ? bodyOf(real) : null
  } catch {
    // Not there, or a folder.
    return null
  }
}

/** By real paths. Each is in memory once, however many ask for it and leave it unread. */
const bodies = new Map<string, { readonly stamp: string; readonly body: Buffer }>()

function bodyOf(file: string): Buffer {
  const { ino, size, mtimeMs } = statSync(file)
  const stamp = `${ino} ${size} ${mtimeMs}`
  const known = bodies.get(file)
  if (known?.stamp === stamp) return known.body
  const body = readFileSync(file)
  bodies.set(file, { stamp, body })
  return body
}

/** Where the build has put the interface, seen from the bundle (out/main) and from the sources. */
export function rendererFolder(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['LOCKSTEP_RENDERER'] ?? ''
  if (chosen !== '') return chosen
  const isBundle = !import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(isBundle ? '../renderer' : '../../../out/renderer', import.meta.url))
}
