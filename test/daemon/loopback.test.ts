/** Design, section 8, against the real daemon: who is not the person's own page gets nothing. */
import { symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/serve.ts'
import { PassRefused } from '../../src/contract/sealed-socket.ts'
import { ask, Browser, Ground, passOf, upgradeStatus } from './daemon.ts'

let ground: Ground
let daemon: Daemon
let port: number
let own: string

beforeAll(async () => {
  ground = new Ground()
  daemon = await ground.start()
  port = daemon.port
  own = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  await daemon.close()
  ground.dispose()
})

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
    ['the other loopback', '[::1]:PORT'],
    ['a name below localhost', 'x.localhost:PORT'],
    ['a trailing dot', 'localhost.:PORT'],
    ['nothing', ''],
  ])('with a wrong Host is refused: %s', async (_name, host) => {
    const headers = { Host: host.replace('PORT', String(port)) }
    expect((await ask(port, '/', { headers })).status).toBe(421)
    expect((await ask(port, '/', { method: 'POST', headers: { ...headers, Origin: own } })).status).toBe(421)
  })

  test('by localhost, whose other address any user may listen on, is led on and gets nothing', async () => {
    const Host = `localhost:${port}`
    const page = await ask(port, '/', { headers: { Host } })
    expect(page).toMatchObject({ status: 307, text: '', headers: { location: `${own}/` } })
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect((await ask(port, '/assets/main-1a2b.js', { headers: { Host } })).status).toBe(421)
    expect(
      (await ask(port, '/', { method: 'POST', headers: { Host, Origin: `http://${Host}` } })).status,
    ).toBe(421)
    expect(await upgradeStatus(port, { Host, Origin: `http://${Host}` })).toBe(421)
    const frame = { Host, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'iframe' }
    expect((await ask(port, '/', { headers: frame })).status).toBe(421)
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
    expect((await ask(port, '/', { method: 'POST', headers: { Origin } })).status).toBe(403)
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

describe('no cookie', () => {
  test('is ever set, whatever is asked for', async () => {
    for (const path of ['/', '/session', '/rpc', '/assets/main-1a2b.js', '/none']) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const { headers } = await ask(port, path, { method, headers: { Origin: own } })
        expect(headers['set-cookie']).toBeUndefined()
      }
    }
  })

  test('counts for anything', async () => {
    const browser = await Browser.enter(daemon)
    const { run } = browser.welcome
    await browser.close()
    const Cookie = `lockstep-${port}=${run.key}; lockstep=${passOf(daemon.url).key}`
    await expect(Browser.open(port, [], { headers: { Origin: own, Cookie } })).rejects.toThrow(PassRefused)
    expect((await ask(port, '/session', { headers: { Cookie } })).status).toBe(404)
  })
})

describe('a WebSocket', () => {
  test.each([
    ['a foreign origin', { Origin: 'http://evil.example' }, 403],
    ['another port', { Origin: 'http://127.0.0.1:1' }, 403],
    ['no origin', {}, 403],
    ['the origin null', { Origin: 'null' }, 403],
    ['a wrong Host', { Origin: 'http://evil.example', Host: 'evil.example' }, 421],
  ])('from %s is refused before it can say anything', async (_name, headers, status) => {
    expect(await upgradeStatus(port, headers)).toBe(status)
  })

  test('for another path is refused', async () => {
    expect(await upgradeStatus(port, { Origin: own }, '/other')).toBe(404)
  })
})

test('a development server of this machine may pass on what its pages say, and no other', async () => {
  for (const [devServer, status] of [
    ['127.0.0.1:5199', 200],
    ['evil.example:5199', 421],
    ['127.0.0.1:5199.evil.example', 421],
  ] as const) {
    const other = new Ground()
    const developed = await other.start({ env: { ...other.env, LOCKSTEP_DEV_SERVER: devServer } })
    expect((await ask(developed.port, '/', { headers: { Host: devServer } })).status).toBe(status)
    await developed.close()
    other.dispose()
  }
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
