/** Design, section 8, against the real daemon: who is not the person's own page gets nothing. */
import { symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/serve.ts'
import { type Ask, ask, Browser, enter, Ground, tokenOf, upgradeStatus } from './daemon.ts'

let ground: Ground
let daemon: Daemon
let port: number
let own: string
let token: string

beforeAll(async () => {
  ground = new Ground()
  daemon = await ground.start()
  port = daemon.port
  own = `http://127.0.0.1:${port}`
  token = tokenOf(daemon.url)
})
afterAll(async () => {
  await daemon.close()
  ground.dispose()
})

const json = { 'Content-Type': 'application/json' }

function offer(body: object, headers: Readonly<Record<string, string>>): Ask {
  return { method: 'POST', headers, body: JSON.stringify(body) }
}

describe('a page', () => {
  test('is served with a strict policy, and never framed', async () => {
    const { status, headers, text } = await ask(port, '/')
    expect(status).toBe(200)
    expect(text).toContain('<title>Lockstep')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(Object.keys(headers)).not.toContain('access-control-allow-origin')
  })

  test('has its files, which keep', async () => {
    const { status, headers } = await ask(port, '/assets/main-1a2b.js')
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' })
    expect(headers['cache-control']).toContain('immutable')
  })

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..%5csecret.txt',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/assets%00/../index.html',
    '/%00',
    '/%',
    '/assets/',
    '/.env',
    '/link.txt',
  ])('a path that leads out is refused: %s', async path => {
    if (path === '/link.txt')
      symlinkSync(join(ground.folder, 'secret.txt'), join(ground.folder, 'pages/link.txt'))
    const { status, text } = await ask(port, path)
    expect(status).toBe(404)
    expect(text).not.toContain('outside')
  })
})

describe('a request', () => {
  test.each([
    ['a name of the attacker’s own (DNS rebinding)', 'evil.example'],
    ['the same with the right port', 'evil.example:PORT'],
    ['another port', '127.0.0.1:1'],
    ['no port', '127.0.0.1'],
    ['any address', '0.0.0.0:PORT'],
    ['a trailing dot', 'localhost.:PORT'],
    ['nothing', ''],
  ])('with a wrong Host is refused: %s', async (_name, host) => {
    const headers = { Host: host.replace('PORT', String(port)) }
    expect((await ask(port, '/', { headers })).status).toBe(421)
    expect((await ask(port, '/session', offer({ token }, { ...headers, ...json, Origin: own }))).status).toBe(
      421,
    )
  })

  test('with two Hosts is refused', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4(?:00|21)/)
  })

  test('for another server is refused', async () => {
    const answer = await raw(
      `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
  })

  test.each([
    'http://evil.example',
    'null',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
  ])('from another origin is refused: %s', async given => {
    const Origin = given.replace('PORT', String(port))
    expect((await ask(port, '/', { headers: { Origin } })).status).toBe(403)
    expect((await ask(port, '/session', { headers: { Origin } })).status).toBe(403)
    expect((await ask(port, '/session', offer({ token }, { ...json, Origin }))).status).toBe(403)
  })

  test('of another site for one of our files is refused, a link to our page is not', async () => {
    const site = { 'Sec-Fetch-Site': 'cross-site' }
    const file = { headers: { ...site, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' } }
    expect((await ask(port, '/assets/main-1a2b.js', file)).status).toBe(403)
    const link = { headers: { ...site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' } }
    expect((await ask(port, '/', link)).status).toBe(200)
    const frame = { headers: { ...site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' } }
    expect((await ask(port, '/', frame)).status).toBe(403)
  })

  test.each(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'POST'])(
    'that changes something is refused: %s /',
    async method => {
      expect((await ask(port, '/', { method, headers: { Origin: own } })).status).toBe(405)
      expect((await ask(port, '/', { method })).status).toBe(403)
    },
  )
})

describe('a browser', () => {
  test('is let in by the token of this run, with a cookie that no script and no other site gets', async () => {
    const answer = await ask(port, '/session', offer({ token }, { ...json, Origin: own }))
    expect(answer.status).toBe(200)
    const [cookie] = answer.headers['set-cookie'] as string[]
    expect(cookie).toMatch(new RegExp(`^lockstep-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`))
    expect(answer.text).not.toContain(token)
  })

  test('that is inside is told so', async () => {
    const { cookie } = await enter(port, { token })
    expect((await ask(port, '/session', { headers: { Cookie: cookie } })).status).toBe(200)
    expect((await ask(port, '/session')).status).toBe(401)
  })

  test.each([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a wrong token', { token: 'x'.repeat(43) }],
    ['no text', { token: 1 }],
    ['a wrong key', { renew: '9999999999999.x' }],
    ['a key without a signature', { renew: '9999999999999' }],
  ])('is not let in by %s', async (_name, body) => {
    const answer = await ask(port, '/session', offer(body, { ...json, Origin: own }))
    expect(answer.status).toBe(401)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('is not let in by what a form of another site can send (text/plain)', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      const headers = type === '' ? { Origin: own } : { Origin: own, 'Content-Type': type }
      expect((await ask(port, '/session', offer({ token }, headers))).status).toBe(415)
    }
    const foreign = { Origin: 'http://evil.example', 'Content-Type': 'text/plain' }
    expect((await ask(port, '/session', offer({ token }, foreign))).status).toBe(403)
    expect((await ask(port, '/session', offer({ token }, json))).status).toBe(403)
  })

  test('that sends too much, or no JSON, is refused', async () => {
    const headers = { ...json, Origin: own }
    const long = { method: 'POST', headers, body: JSON.stringify({ token, more: 'x'.repeat(10_000) }) }
    expect((await ask(port, '/session', long)).status).toBe(401)
    expect((await ask(port, '/session', { method: 'POST', headers, body: '{' })).status).toBe(401)
  })
})

describe('a WebSocket', () => {
  test('opens for a browser that is inside', async () => {
    const { cookie } = await enter(port, { token })
    expect(await upgradeStatus(port, { Origin: own, Cookie: cookie })).toBe(101)
  })

  test.each([
    ['a foreign origin', { Origin: 'http://evil.example' }, 403],
    ['no origin', {}, 403],
    ['the origin null', { Origin: 'null' }, 403],
    ['a wrong Host', { Origin: 'http://evil.example', Host: 'evil.example' }, 421],
  ])('from %s is refused, whatever cookie it has', async (_name, headers, status) => {
    const { cookie } = await enter(port, { token })
    expect(await upgradeStatus(port, { ...headers, Cookie: cookie })).toBe(status)
  })

  test.each([
    ['no cookie', ''],
    ['a made-up cookie', 'lockstep-PORT=x'],
    ['the token as a cookie', 'lockstep-PORT=TOKEN'],
    ['the cookie of another port', 'lockstep-1=COOKIE'],
  ])('with %s is refused', async (_name, given) => {
    const { cookie } = await enter(port, { token })
    const Cookie = given
      .replace('PORT', String(port))
      .replace('TOKEN', token)
      .replace('COOKIE', cookie.split('=')[1]!)
    expect(await upgradeStatus(port, { Origin: own, ...(Cookie === '' ? {} : { Cookie }) })).toBe(401)
  })

  test('for another path is refused', async () => {
    const { cookie } = await enter(port, { token })
    expect(await upgradeStatus(port, { Origin: own, Cookie: cookie }, '/other')).toBe(404)
  })
})

describe('tokens, cookies and keys of an earlier run', () => {
  test('the token and the cookie are worthless, the page’s key lets it come back', async () => {
    const other = new Ground()
    try {
      const first = await other.start()
      const before = await enter(first.port, { token: tokenOf(first.url) })
      await first.close()
      const second = await other.start()
      try {
        const headers = { ...json, Origin: `http://127.0.0.1:${second.port}` }
        const stale = await ask(second.port, '/session', offer({ token: tokenOf(first.url) }, headers))
        expect(stale.status).toBe(401)
        const Cookie = before.cookie.replace(String(first.port), String(second.port))
        expect(await upgradeStatus(second.port, { Origin: headers.Origin, Cookie })).toBe(401)
        const after = await enter(second.port, { renew: before.renew })
        const browser = await Browser.open(second.port, after.cookie)
        expect((await browser.client.state.get()).state.folders).toEqual([])
        await browser.close()
      } finally {
        await second.close()
      }
    } finally {
      other.dispose()
    }
  })

  test('a key of another LOCKSTEP_HOME is worthless', async () => {
    const other = new Ground()
    const stranger = await other.start()
    const { renew } = await enter(stranger.port, { token: tokenOf(stranger.url) })
    await stranger.close()
    other.dispose()
    expect((await ask(port, '/session', offer({ renew }, { ...json, Origin: own }))).status).toBe(401)
  })
})

test('it listens on 127.0.0.1 alone', async () => {
  await expect(
    new Promise((resolve, reject) => {
      const socket = connect({ host: '::1', port }, () => resolve(socket.destroy()))
      socket.once('error', reject)
    }),
  ).rejects.toThrow()
})

/** What the daemon answers to exactly this text. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8').on('data', (some: string) => {
      answer += some
      socket.end()
    })
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
  })
}
