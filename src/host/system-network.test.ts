/**
 * In a process of its own: the certificates and the proxy are settings of a whole process. Behind the proxy of a company,
 * whose certificate the machine trusts and Node does not know, a name that only the proxy can resolve.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { proxyOf } from './system-network.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-network-'))
const servers: Server[] = []
/** What the proxy was asked for. */
const asked: string[] = []

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

const PROBE = `
import grpc from '@grpc/grpc-js'
import { followSystemNetwork, reachNetwork } from ${JSON.stringify(join(import.meta.dirname, 'system-network.ts'))}
const told = error => error.cause?.code ?? error.code ?? error.message
const byFetch = address => fetch(address).then(answer => answer.text(), told)
const bySocket = () => new Promise(done => {
  const socket = new WebSocket('wss://db.invalid/')
  socket.onmessage = ({ data }) => { socket.close(); done(data) }
  socket.onerror = () => done('no connection')
})
const byGrpc = () => new Promise(done => {
  const client = new grpc.Client('grpc.invalid:443', grpc.credentials.createSsl())
  const same = value => value
  client.makeUnaryRequest('/Any/thing', same, same, Buffer.alloc(0), error => done(error.code))
})
const before = await byFetch('https://db.invalid/')
followSystemNetwork(process.env)
await reachNetwork()
console.log(JSON.stringify({
  before,
  fetch: await byFetch('https://db.invalid/'),
  socket: await bySocket(),
  grpc: await byGrpc(),
  emulator: await byFetch(process.argv[1]),
}))
process.exit()
`

test('the system’s certificates and proxy lead to a database: fetch, WebSocket and gRPC', async ({
  skip,
}) => {
  if (process.platform !== 'linux' || !hasOpenssl())
    skip('needs Linux and openssl, to be a machine of a company')
  makeCertificates()
  const files = { key: readFileSync(join(folder, 'leaf.key')), cert: readFileSync(join(folder, 'leaf.pem')) }
  const https = createHttpsServer(files, (_request, response) => response.end('reached'))
  new WebSocketServer({ server: https }).on('connection', socket => socket.send('reached'))
  const http2 = createSecureServer(files)
  // gRPC's own word for a call that the server does not have.
  http2.on('stream', stream =>
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
      { endStream: true },
    ),
  )
  const emulator = createServer((_request, response) => response.end('reached'))
  const ports = { 'db.invalid:443': await listen(https), 'grpc.invalid:443': await listen(http2) }
  const proxy = await listen(proxyTo(ports))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', PROBE, `http://127.0.0.1:${await listen(emulator)}/`],
    {
      cwd: import.meta.dirname,
      env: { SSL_CERT_FILE: join(folder, 'ca.pem'), https_proxy: `http://127.0.0.1:${proxy}` },
    },
  )
  expect(JSON.parse(stdout)).toEqual({
    before: 'ENOTFOUND',
    fetch: 'reached',
    socket: 'reached',
    grpc: 12,
    emulator: 'reached',
  })
  expect(new Set(asked)).toEqual(new Set(Object.keys(ports)))
})

test.each([
  [{}, null],
  [{ HTTPS_PROXY: '' }, null],
  [{ HTTPS_PROXY: 'http://proxy:1' }, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'localhost,127.0.0.1,::1' }],
  [
    { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1', no_proxy: 'intern, localhost' },
    { HTTPS_PROXY: 'http://small:1', NO_PROXY: 'intern,localhost,127.0.0.1,::1' },
  ],
  [{ http_proxy: 'http://proxy:1' }, { HTTP_PROXY: 'http://proxy:1', NO_PROXY: 'localhost,127.0.0.1,::1' }],
])('%j names the proxy %j', (env, proxy) => {
  expect(proxyOf(env)).toEqual(proxy)
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function makeCertificates(): void {
  const make = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:db.invalid,DNS:grpc.invalid\n')
  make('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Company', '-days', '2')
  make('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=db.invalid')
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  make('x509', '-req', '-in', 'leaf.csr', ...authority, '-out', 'leaf.pem', '-days', '2', '-extfile', 'names')
}

/** Answers CONNECT alone, and knows these names alone. */
function proxyTo(ports: Readonly<Record<string, number>>): Server {
  const proxy = createServer((_request, response) => response.writeHead(403).end())
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    const port = ports[url]
    if (port === undefined) {
      socket.destroy()
      return
    }
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    for (const end of [far, socket]) end.on('error', () => end.destroy())
  })
  return proxy
}

function listen(server: Server): Promise<number> {
  servers.push(server)
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
