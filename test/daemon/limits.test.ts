/** No client can stop the others: not by many connections, slow ones, large or deep messages, or by not reading. */
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SealedSocket } from '../../src/contract/sealed-socket.ts'
import { isTooDeep } from '../../src/daemon/nesting.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { until } from '../support/until.ts'
import { ask, Browser, Ground } from './daemon.ts'

const MEGABYTE = 1024 * 1024

let ground: Ground
let daemon: Daemon
let browser: Browser
const logged: string[] = []

beforeEach(async () => {
  ground = new Ground()
  logged.length = 0
  const note = (message: string): void => void logged.push(message)
  daemon = await ground.start({ log: { error: note, info: note, debug: note } })
  browser = await Browser.enter(daemon)
})
afterEach(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
})

function opened(port: number): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, {
    headers: { Origin: `http://127.0.0.1:${port}` },
  })
  socket.on('error', () => {})
  return socket
}

async function answers(): Promise<void> {
  expect((await browser.client.settings.get()).theme).toBe('system')
  expect((await ask(daemon.port, '/')).status).toBe(200)
}

describe('connections', () => {
  test('of whoever has proven nothing make way for others, the oldest first', async () => {
    const strangers: Socket[] = []
    const gone: Socket[] = []
    for (let number = 0; number < 300; number++) {
      const socket = connect(daemon.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.on('close', () => gone.push(socket))
      strangers.push(socket)
    }
    await until(() => gone.length >= 300 - 128, 'those over the limit to be cut off')
    await answers()
    const second = await Browser.enter(daemon)
    expect((await second.client.state.get()).state.folders).toEqual([])
    await second.close()
    for (const socket of strangers) socket.destroy()
  })

  test('of whoever takes too long over a request, or a proof, end', async () => {
    const other = new Ground()
    const impatient = await other.start({ patienceMs: 300 })
    const endless = [
      '',
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ',
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n',
    ]
    const sockets = endless.map(said => {
      const socket = connect(impatient.port, '127.0.0.1', () => socket.write(said))
      socket.on('error', () => {})
      return socket.resume()
    })
    await Promise.all([...sockets, opened(impatient.port)].map(socket => once(socket, 'close')))
    await impatient.close()
    other.dispose()
  })
})

describe('answers', () => {
  const path = '/assets/large-1a2b.js'
  const size = 2 * MEGABYTE

  beforeEach(() => void ground.write(`pages${path}`, 'x'.repeat(size)))

  test('are not made ahead of their reader: who asks on is cut off', async () => {
    const socket = connect(daemon.port, '127.0.0.1').pause()
    socket.on('error', () => {})
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\n\r\n`
    socket.write(request.repeat(900))
    await answers()
    let read = 0
    socket.on('data', (some: Buffer) => (read += some.length))
    const closing = once(socket, 'close')
    socket.resume()
    await closing
    expect(read).toBeLessThan(2 * size)
  })

  test('follow each other on one connection, as a browser asks', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sizes = await Promise.all(
      Array.from({ length: 50 }, () => sizeOf({ port: daemon.port, path, agent })),
    )
    agent.destroy()
    expect(new Set(sizes)).toEqual(new Set([size]))
  })
})

describe('messages', () => {
  test('of whoever is not in are small', async () => {
    const socket = opened(daemon.port)
    await once(socket, 'open')
    // Within one message: it is not kept until it is whole.
    socket.send('x'.repeat(MEGABYTE))
    await once(socket, 'close')
    await answers()
  })

  test('are not nested deeper than any request is', async () => {
    const socket = opened(daemon.port)
    const host = `127.0.0.1:${daemon.port}`
    const { socket: sealed } = await SealedSocket.enter(socket, host, [browser.welcome.run])
    const closing = once(socket, 'close')
    await sealed.send(`{"i":"1","p":{"u":"/settings/get","b":${'['.repeat(65)}${']'.repeat(65)}}}`)
    expect((await closing)[0]).toBe(1007)
    await answers()
  })

  test.each([
    ['[[]]', 2, false],
    ['[[[]]]', 2, true],
    ['[{"a":[]}]', 2, true],
    ['[],[],[]', 1, false],
    ['["[[[[", "\\"[[[["]', 1, false],
    ['["\\\\", [[]]]', 2, true],
    ['["\\\\\\"[[[["]', 1, false],
    ['"[[[[', 1, false],
    ['['.repeat(1_000_000), 64, true],
  ])('nesting is told without parsing (%#)', (text, most, expected) => {
    expect(isTooDeep(text, most)).toBe(expected)
  })
})

test('a client that does not read is cut off, and others are answered meanwhile', async () => {
  const path = ground.project('large', { 'data/large.md': `${'x'.repeat(2 * MEGABYTE - 1)}\n` })
  const { id } = await browser.client.folders.add({ path })
  const deaf = await Browser.open(daemon.port, [browser.welcome.run])
  const content = () => deaf.client.files.content({ folderId: id, path: 'data/large.md' })
  expect((await content()).body).toMatchObject({ kind: 'text' })
  const closing = once(deaf.socket, 'close')
  deaf.socket.pause()
  const asked = Array.from({ length: 40 }, () => content().catch(() => null))
  await answers()
  await until(() => logged.includes('a client that does not read is cut off'), 'it to be cut off')
  await answers()
  deaf.socket.resume()
  await closing
  expect((await Promise.all(asked)).filter(answer => answer === null).length).toBeGreaterThan(0)
})

/** Of what is answered. */
function sizeOf(options: { port: number; path: string; agent: Agent }): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', ...options }, response => {
      let size = 0
      response.on('data', (some: Buffer) => (size += some.length))
      response.on('end', () => resolve(size))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}
