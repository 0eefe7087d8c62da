/**
 * Design, section 8: who comes in, by what, and what somebody learns who listens in the daemon's place, passes on
 * what a page says, or reads the list of processes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHmac } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Pass } from '../../src/contract/handshake.ts'
import { PassRefused } from '../../src/contract/sealed-socket.ts'
import { Access } from '../../src/daemon/access.ts'
import { isOwnUser } from '../../src/daemon/peer-user.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { entryCode, keyOfCode } from '../../src/host/app/entry-code.ts'
import { wayIn } from '../../src/host/app/way-in.ts'
import { Browser, Ground, passOf } from './daemon.ts'

let ground: Ground
let daemon: Daemon

beforeEach(async () => {
  ground = new Ground()
  daemon = await ground.start()
})
afterEach(async () => {
  await daemon.close()
  ground.dispose()
})

const secondsLater = (seconds: number) => Date.now() + seconds * 1_000
const running = () => readFileSync(join(ground.env['LOCKSTEP_HOME']!, 'running.json'), 'utf8')

async function comesIn(pass: Pass, to = daemon): Promise<boolean> {
  try {
    const browser = await Browser.open(to.port, [pass])
    await browser.close()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(PassRefused)
    return false
  }
}

describe('the token', () => {
  test('lets in once, and then there is another one for the person’s eyes alone', async () => {
    const first = passOf(daemon.url)
    expect(running()).toContain(first.key)
    expect(await comesIn(first)).toBe(true)
    expect(await comesIn(first)).toBe(false)
    const second = passOf(daemon.url)
    expect(second.key).not.toBe(first.key)
    expect(running()).toContain(second.key)
    expect(running()).not.toContain(first.key)
    expect(statSync(join(ground.env['LOCKSTEP_HOME']!, 'running.json')).mode & 0o777).toBe(0o600)
    expect(await comesIn(second)).toBe(true)
  })

  test('lets in one of many who offer it at the same time', async () => {
    const pass = passOf(daemon.url)
    const all = await Promise.all(Array.from({ length: 12 }, () => comesIn(pass)))
    expect(all.filter(Boolean)).toEqual([true])
  })

  test.each([
    ['another key', { id: 'token', key: 'x'.repeat(43) }],
    ['no key', { id: 'token', key: ' ' }],
    ['another kind', { id: 'cookie', key: 'TOKEN' }],
    ['a run that was not given', { id: 'run.x', key: 'TOKEN' }],
    ['a later run that was not given', { id: 'later.9999999999999.x', key: 'TOKEN' }],
    ['a code made of nothing', { id: 'code.1', key: 'TOKEN' }],
    ['a word of the language', { id: '__proto__', key: 'TOKEN' }],
  ])('is not replaced by %s', async (_name, { id, key }) => {
    expect(await comesIn({ id, key: key.replace('TOKEN', passOf(daemon.url).key) })).toBe(false)
  })
})

describe('a page', () => {
  test('comes in again after a reload by what it has stored, and by nothing of it after the daemon has ended', async () => {
    const browser = await Browser.enter(daemon)
    const { run, later } = browser.welcome
    await browser.close()
    expect(await comesIn(run)).toBe(true)
    expect(await comesIn(run)).toBe(true)
    await daemon.close()
    daemon = await ground.start()
    expect(await comesIn(run)).toBe(false)
    expect(await comesIn(later), 'what it has in its memory').toBe(true)
  })

  test('does not come in by what belongs to another LOCKSTEP_HOME, another id, or a day that is over', async () => {
    const other = new Ground()
    const stranger = await other.start()
    const { welcome, ...browser } = await Browser.enter(stranger)
    browser.socket.close()
    await stranger.close()
    other.dispose()
    expect(await comesIn(welcome.later)).toBe(false)

    const mine = await Browser.enter(daemon)
    const { later } = mine.welcome
    await mine.close()
    const [kind, until = '', random] = later.id.split('.')
    const longer = `${kind}.${Number(until) + 1}.${random}`
    expect(await comesIn({ id: longer, key: later.key })).toBe(false)
    const access = new Access({ home: ground.env['LOCKSTEP_HOME']!, onNewToken: () => {} })
    expect(access.keyOf('later.1.x')).toBeNull()
    expect(access.keyOf(later.id)).toBe(later.key)
  })
})

describe.skipIf(process.platform === 'win32')('a LOCKSTEP_HOME that others could write', () => {
  test('tells them nothing: what they have put there is neither written into nor believed', async () => {
    const other = new Ground()
    const home = other.env['LOCKSTEP_HOME']!
    const outside = other.write('outside.json', 'theirs')
    mkdirSync(home)
    symlinkSync(outside, join(home, 'running.json'))
    symlinkSync(outside, join(home, 'open.html'))
    const known = 'A'.repeat(43)
    const key = other.write('home/daemon.key', `${known}\n`)
    chmodSync(key, 0o666)
    const theirs = await other.start()
    expect((await wayIn({ env: { PATH: '/nonexistent' }, home, url: theirs.url }))?.kind).toBe('page')
    expect(readFileSync(outside, 'utf8')).toBe('theirs')
    for (const name of ['running.json', 'open.html', 'daemon.key']) {
      const stat = lstatSync(join(home, name))
      expect([name, stat.isFile(), stat.mode & 0o777]).toEqual([name, true, 0o600])
    }
    const id = `later.${secondsLater(60)}.x`
    const guessed = createHmac('sha256', Buffer.from(known, 'base64url')).update(`pass ${id}`)
    expect(await comesIn({ id, key: guessed.digest('base64url') }, theirs)).toBe(false)
    await theirs.close()
    other.dispose()
  })
})

describe('a code', () => {
  test.runIf(process.platform === 'linux')(
    'lets in once, and so ends the token that it is made of',
    async () => {
      const token = passOf(daemon.url)
      const code = entryCode(token.key, Date.now())
      expect(await comesIn(code)).toBe(true)
      expect(await comesIn(code)).toBe(false)
      expect(await comesIn(token)).toBe(false)
    },
  )

  test('is good for seconds, for no other moment, and for this user alone', () => {
    const { id, key } = entryCode('token', 1_000_000)
    expect(keyOfCode(id, 'token', 1_009_999)).toBe(key)
    expect(keyOfCode(id, 'token', 1_060_000)).toBeNull()
    expect(keyOfCode(id, 'token', 999_999)).toBeNull()
    expect(keyOfCode('code.1000001', 'token', 1_009_999)).not.toBe(key)
    const access = new Access({ home: ground.env['LOCKSTEP_HOME']!, onNewToken: () => {} })
    const mine = entryCode(access.token, Date.now())
    expect(access.keyOf(mine.id)).toBe(mine.key)
    expect(access.keyOf(entryCode(access.token, secondsLater(60)).id)).toBeNull()
    expect(access.use(mine, () => false)).toBe(false)
    expect(access.use(mine, () => true)).toBe(true)
    expect(access.use(mine, () => true)).toBe(false)
  })

  test.runIf(process.platform === 'linux')('knows whose program is at the other end', async context => {
    if (process.getuid?.() !== 0) context.skip('only root may start a program of another user')
    const server = createServer()
    const port = await listen(server)
    const whose = async (start: () => { kill(): unknown }): Promise<boolean> => {
      const accepted = once(server, 'connection') as Promise<[Socket]>
      const client = start()
      const [socket] = await accepted
      const isOwn = isOwnUser(socket)
      client.kill()
      socket.destroy()
      return isOwn
    }
    const own = await whose(() => {
      const socket = connect(port, '127.0.0.1')
      return { kill: () => socket.destroy() }
    })
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -u 3`
    const foreign = await whose(() => spawn('/bin/bash', ['-c', script], { uid: 65_534, cwd: '/' }))
    server.close()
    expect([own, foreign]).toEqual([true, false])
  })

  // The system gives root as the owner of a socket whose program has closed it.
  test.runIf(process.platform === 'linux')('takes nobody who has hung up for this user', async () => {
    const server = createServer({ allowHalfOpen: true })
    const port = await listen(server)
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const exited = once(spawn('/bin/bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]), 'exit')
    const [socket] = await accepted
    const ended = once(socket.resume(), 'end')
    await Promise.all([ended, exited])
    const isOwn = isOwnUser(socket)
    socket.destroy()
    server.close()
    expect(isOwn).toBe(false)
  })
})

describe('somebody in the daemon’s place', () => {
  test('learns nothing with which they come in, and cannot pass for the daemon', async () => {
    const browser = await Browser.enter(daemon)
    const { run, later } = browser.welcome
    await browser.close()
    const { port } = daemon
    const passes = [passOf(daemon.url), run, later]
    await daemon.close()

    const squatter = await Squatter.on(port)
    await expect(Browser.open(port, passes)).rejects.toThrow('another program answers')
    squatter.answer = { refused: true }
    await expect(Browser.open(port, passes)).rejects.toThrow(PassRefused)
    const heard = squatter.heard.join('\n')
    await squatter.close()
    for (const { key } of passes) expect(heard).not.toContain(key)
    expect(squatter.heard.length).toBe(4)

    daemon = await ground.start({ port })
    for (const offer of squatter.heard) expect(await refused(port, offer)).toBe(true)
  })

  test('on another port cannot pass on what the daemon asks', async () => {
    // Its page believes to be at the squatter's address, whatever nonce it is given.
    const elsewhere = { host: `127.0.0.1:${daemon.port + 1}` }
    const pass = passOf(daemon.url)
    await expect(Browser.open(daemon.port, [pass], elsewhere)).rejects.toThrow(PassRefused)
    await expect(Browser.open(daemon.port, [pass], { host: 'evil.example' })).rejects.toThrow(PassRefused)
    // The page of localhost is another one than that of 127.0.0.1.
    await expect(Browser.open(daemon.port, [pass], { host: `localhost:${daemon.port}` })).rejects.toThrow(
      PassRefused,
    )
    expect(await comesIn(pass), 'and it was not used up by that').toBe(true)
  })

  test('who passes everything on reads nothing, changes nothing, and repeats nothing', async () => {
    const path = ground.project('secret-project', { 'data/a.md': 'a\n' })
    const relay = await Relay.to(daemon.port)
    const there = {
      host: `127.0.0.1:${daemon.port}`,
      headers: { Origin: `http://127.0.0.1:${daemon.port}`, Host: `127.0.0.1:${daemon.port}` },
    }
    const browser = await Browser.open(relay.port, [passOf(daemon.url)], there)
    await browser.client.folders.add({ path })
    expect(JSON.stringify(await browser.client.state.get())).toContain('secret-project')
    expect(relay.seen()).not.toContain('secret-project')
    expect(relay.seen()).not.toContain('folders')
    relay.isChanging = true
    const asked = browser.client.state.get()
    await expect(asked).rejects.toThrow()
    await browser.close()
    await relay.close()
  })

  test('finds no page of the way in once somebody came in, and no other user can read it before', async () => {
    const home = ground.env['LOCKSTEP_HOME']!
    const env = { PATH: '/nonexistent' }
    const way = await wayIn({ env, home, url: daemon.url })
    if (way?.kind !== 'page') throw new Error('there is no page')
    expect(statSync(way.path).mode & 0o777).toBe(0o600)
    expect(readFileSync(way.path, 'utf8')).toContain(daemon.url)
    expect(await comesIn(passOf(daemon.url))).toBe(true)
    expect(existsSync(way.path)).toBe(false)
  })
})

/** A server on the daemon's port that takes what it gets. */
class Squatter {
  readonly heard: string[] = []
  answer: object = { proof: '0'.repeat(64) }
  readonly #server: WebSocketServer

  private constructor(port: number) {
    this.#server = new WebSocketServer({ port, host: '127.0.0.1' })
    this.#server.on('connection', socket => {
      socket.send(JSON.stringify({ nonce: 'ab'.repeat(32) }))
      socket.on('message', data => {
        this.heard.push((data as Buffer).toString())
        socket.send(JSON.stringify(this.answer))
      })
    })
  }

  static async on(port: number): Promise<Squatter> {
    const squatter = new Squatter(port)
    await once(squatter.#server, 'listening')
    return squatter
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    await new Promise<void>(done => this.#server.close(() => done()))
  }
}

/** Between a page and the daemon: sees each byte, and may change them. */
class Relay {
  port = 0
  isChanging = false
  readonly #bytes: Buffer[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  private constructor(to: number) {
    this.#server = createServer(page => {
      const daemon = connect(to, '127.0.0.1')
      for (const socket of [page, daemon]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
      }
      page.on('data', some => daemon.write(this.#pass(some)))
      daemon.on('data', some => page.write(this.#note(some)))
      page.on('close', () => daemon.destroy())
      daemon.on('close', () => page.destroy())
    })
  }

  static async to(port: number): Promise<Relay> {
    const relay = new Relay(port)
    relay.port = await listen(relay.#server)
    return relay
  }

  /** What both have said, the page's masks taken off by what stands before them. */
  seen(): string {
    return Buffer.concat(this.#bytes).toString('latin1')
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(done => this.#server.close(() => done()))
  }

  #pass(some: Buffer): Buffer {
    const frame = this.#note(Buffer.from(some))
    if (this.isChanging) frame[frame.length - 1]! ^= 1
    return frame
  }

  #note(some: Buffer): Buffer {
    this.#bytes.push(unmasked(some))
    return some
  }
}

/** RFC 6455, section 5.3: what a client sends is masked by four bytes of its own. */
function unmasked(frame: Buffer): Buffer {
  const size = frame[1]! & 0x7f
  if ((frame[1]! & 0x80) === 0 || frame[0]! < 0x80) return Buffer.from(frame)
  const start = 2 + (size === 126 ? 2 : size === 127 ? 8 : 0)
  const mask = frame.subarray(start, start + 4)
  return Buffer.from(frame.subarray(start + 4).map((byte, index) => byte ^ mask[index % 4]!))
}

/** Whether the daemon refuses this very message, which a page has once sent. */
async function refused(port: number, offer: string): Promise<boolean> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, {
    headers: { Origin: `http://127.0.0.1:${port}` },
  })
  await once(socket, 'message')
  socket.send(offer)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.terminate()
  return answer.toString() === '{"refused":true}'
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}
