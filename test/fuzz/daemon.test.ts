/**
 * The daemon against what nobody would send: HTTP over raw sockets, WebSocket messages before and after the
 * handshake, and payloads of the contract. It goes on answering, gives nothing away, and writes nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, relative } from 'node:path'
import { ORPCError } from '@orpc/client'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { contract } from '../../src/contract/contract.ts'
import type { Pass } from '../../src/contract/handshake.ts'
import { SealedSocket } from '../../src/contract/sealed-socket.ts'
import type { Daemon } from '../../src/daemon/serve.ts'
import { ask, Browser, Ground } from '../daemon/daemon.ts'
import { times } from '../support/long.ts'

const MESSAGES = times({ short: 1_000, long: 100_000 })
/** So many at a time, and then a look at the daemon and the disk. */
const BATCH = 50
const RUNS = { numRuns: MESSAGES / BATCH, endOnFailure: true }

const CANARY = 'CANARY-51e0'

let ground: Ground
let daemon: Daemon
let browser: Browser
let id: string
let tree: ReadonlyMap<string, string>

beforeAll(async () => {
  ground = new Ground()
  // What is made where no place is named is made in the home folder.
  vi.stubEnv('HOME', join(ground.folder, 'user'))
  ground.write('user/.profile', CANARY)
  ground.write('secret.txt', CANARY)
  ground.write('other/package.json', `{ "name": "other", "private": "${CANARY}" }`)
  const path = ground.project('app', { 'data/a.md': 'a\n', '.env': `SUPABASE_PASSWORD=${CANARY}\n` })
  daemon = await ground.start()
  browser = await Browser.enter(daemon)
  await browser.follow()
  id = (await browser.client.folders.add({ path })).id
  await browser.inStep(id)
  tree = treeOf()
})
afterAll(async () => {
  await browser.close()
  await daemon.close()
  ground.dispose()
  vi.unstubAllEnvs()
})
beforeEach(() => {
  // oRPC tells there of each message that it cannot read.
  vi.spyOn(console, 'error').mockImplementation(() => {})
})

/** After each batch. */
async function stands(): Promise<void> {
  expect((await ask(daemon.port, '/')).status).toBe(200)
  expect((await browser.client.state.get()).state.folders.map(folder => folder.id)).toContain(id)
  expect([...treeOf()].filter(([path, content]) => tree.get(path) !== content)).toEqual([])
  expect(treeOf().size).toBe(tree.size)
}

function treeOf(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(ground.folder, { recursive: true, withFileTypes: true })) {
    const path = relative(ground.folder, join(entry.parentPath, entry.name))
    // The daemon's own, and what it may make in a project that was added (docs/contract.md).
    if (/^home(?:\/|$)|sync\.db|^app\/convex/.test(path)) continue
    found.set(path, entry.isFile() ? readFileSync(join(ground.folder, path), 'utf8') : 'folder')
  }
  return found
}

const odd = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '..',
    '\0',
    '\r\n',
    ' ',
    '%00',
    '127.0.0.1',
    'x'.repeat(9_000),
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
)

const target = fc.oneof(
  fc.constantFrom('/', '/rpc', '/session', '/assets/main-1a2b.js', '/../secret.txt', '/%2e%2e/secret.txt'),
  fc.constantFrom('//', '*', 'http://evil.example/', '/assets/..%2f..%2fsecret.txt', '/..\\secret.txt'),
  odd.map(text => `/${text}`),
  odd,
)
const header = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      'Host',
      'Origin',
      'Cookie',
      'Connection',
      'Upgrade',
      'Sec-WebSocket-Key',
      'Content-Length',
    ),
    fc.constantFrom('Transfer-Encoding', 'Sec-WebSocket-Version', 'Sec-Fetch-Site', 'Expect', 'Content-Type'),
    odd,
  ),
  fc.oneof(
    fc.constantFrom('HOST', 'http://HOST', 'evil.example', 'null', 'chunked', 'websocket', 'Upgrade', '13'),
    fc.constantFrom('-1', '99999999999999999999', '5', '0', 'keep-alive', '100-continue', 'a=b; c=d'),
    fc.constant('dGhlIHNhbXBsZSBub25jZQ=='),
    odd,
  ),
)
const request = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'get') },
      odd,
    ),
    target,
    fc.oneof(
      { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
      fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
    ),
    fc.oneof(fc.array(header, { maxLength: 2 }), fc.array(header, { maxLength: 12 })),
    fc.oneof(fc.constant(''), odd),
    fc.oneof({ weight: 9, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r')),
  )
  .map(([method, url, version, headers, body, line]) =>
    Buffer.from(
      [
        `${method} ${url} ${version}`,
        'Host: HOST',
        ...headers.map(([name, value]) => `${name}: ${value}`),
        '',
        body,
      ]
        .join(line)
        .replaceAll('HOST', `127.0.0.1:${daemon.port}`),
    ),
  )
const bytes = fc.oneof(
  { weight: 9, arbitrary: request },
  fc.uint8Array({ maxLength: 2_000 }).map(some => Buffer.from(some)),
)

test('HTTP', async () => {
  const statuses = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: BATCH, maxLength: BATCH }), async batch => {
      for (const answer of await Promise.all(batch.map(said))) {
        expect(answer).not.toContain(CANARY)
        expect(answer.toLowerCase()).not.toContain('set-cookie')
        statuses.add(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'nothing')
      }
      await stands()
    }),
    RUNS,
  )
  for (const status of ['200', '400', '403', '404', '421']) expect(statuses).toContain(status)
  for (const status of ['500', '502', '504']) expect(statuses).not.toContain(status)
})

/** All that is answered to it. A WebSocket that it opens ends with it. */
function said(some: Buffer): Promise<string> {
  return new Promise(done => {
    let answer = ''
    const socket = connect(daemon.port, '127.0.0.1', () => socket.end(some))
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part
    })
    socket.on('error', () => {})
    socket.on('close', () => done(answer))
  })
}

const nested = fc.nat({ max: 200 }).map(depth => `${'['.repeat(depth)}${']'.repeat(depth)}`)
const url = fc.constantFrom(
  '/state/get',
  '/files/content',
  '/setup/browse',
  '/__proto__/x',
  '/nothing',
  'x',
  'http://[',
)
/** As oRPC has them, more or less. */
const call = fc
  .record(
    {
      i: fc.oneof(fc.constantFrom('1', '__proto__', 'x'.repeat(2_000)), fc.anything()),
      t: fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, -1), fc.anything()),
      p: fc.oneof(
        fc.record(
          {
            u: fc.oneof(url, fc.anything()),
            b: fc.oneof(fc.record({ json: fc.jsonValue(), meta: fc.jsonValue() }), fc.jsonValue()),
            h: fc.oneof(fc.dictionary(odd, odd), fc.jsonValue()),
            m: fc.oneof(fc.constantFrom('GET', 'POST'), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  )
  .map(value => safeJson(value))
const message = fc.oneof(call, nested, fc.json(), odd)

const offer = fc.oneof(
  fc
    .record(
      {
        id: fc.oneof(
          fc.constantFrom('token', 'run.x', 'later.9999999999999.x', 'code.1'),
          odd,
          fc.jsonValue(),
        ),
        nonce: fc.oneof(fc.constant('ab'.repeat(32)), fc.jsonValue()),
        proof: fc.oneof(fc.constant('cd'.repeat(32)), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    .map(value => JSON.stringify(value)),
  message,
  fc.constant('x'.repeat(20_000)),
)

test('WebSocket messages before the handshake', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(offer, { minLength: 10, maxLength: 10 }), { minLength: 5, maxLength: 5 }),
      async batch => {
        for (const answers of await Promise.all(batch.map(offered))) {
          const [first = '', ...rest] = answers
          expect(first).toMatch(/^\{"nonce":"[0-9a-f]{64}"\}$/)
          for (const answer of rest) expect(answer).toBe('{"refused":true}')
        }
        await stands()
      },
    ),
    RUNS,
  )
})

/** All that the daemon says until it ends the connection. */
function offered(messages: readonly string[]): Promise<string[]> {
  return new Promise(done => {
    const answers: string[] = []
    const socket = new WebSocket(`ws://127.0.0.1:${daemon.port}/rpc`, own())
    socket.on('error', () => {})
    socket.on('message', data => answers.push((data as Buffer).toString()))
    socket.on('open', () => {
      for (const each of messages) socket.send(each)
    })
    socket.on('close', () => done(answers))
  })
}

function own() {
  return { headers: { Origin: `http://127.0.0.1:${daemon.port}` } }
}

test('WebSocket messages of a client that is in', async () => {
  let closed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: BATCH, maxLength: BATCH }), async batch => {
      let client = await entered(browser.welcome.run)
      for (const each of batch) {
        if (client.readyState !== WebSocket.OPEN) {
          closed += 1
          client = await entered(browser.welcome.run)
        }
        await client.send(each).catch(() => {})
      }
      client.close()
      await stands()
    }),
    RUNS,
  )
  expect(closed, 'what is nested too deep ends the connection').toBeGreaterThan(0)
})

test('unsealed messages of a client that is in end its connection', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${daemon.port}/rpc`, own())
  await SealedSocket.enter(socket, `127.0.0.1:${daemon.port}`, [browser.welcome.run])
  const closing = new Promise<number>(done => socket.on('close', done))
  socket.send('{"i":"1","p":{"u":"/state/get"}}')
  expect(await closing).toBe(4401)
  await stands()
})

async function entered(pass: Pass): Promise<SealedSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${daemon.port}/rpc`, own())
  socket.on('error', () => {})
  return (await SealedSocket.enter(socket, `127.0.0.1:${daemon.port}`, [pass])).socket
}

const place = fc.oneof(
  fc.constantFrom(
    'FOLDER/none',
    'FOLDER/secret.txt',
    'FOLDER/other/package.json',
    '/dev/null',
    '/dev/zero',
    '/proc/self/environ',
  ),
  // From the top of the disk anything might be somebody's.
  odd.map(text => text.replace(/^\//, '.')),
)
const path = fc.oneof(
  fc.constantFrom(
    '../secret.txt',
    'data/../../secret.txt',
    '.env',
    'data/a.md',
    '/etc/passwd',
    'data/sync-config.json',
  ),
  odd,
)
const text = fc.oneof(odd, path)
const folder = fc.oneof(fc.constant('ID'), odd)
const draft = fc.record({
  kind: fc.constantFrom('drizzle', 'firestore', 'supabase', 'convex', 'custom', 'none'),
  fields: fc.dictionary(odd, fc.record({ edit: fc.constantFrom('keep', 'clear', 'set'), value: text })),
})
const patterns = fc.record({
  shared: fc.array(text, { maxLength: 5 }),
  private: fc.array(text, { maxLength: 5 }),
})
/** What the contract's inputs are made of; each has some of it, of the kind that is asked for or of another one. */
const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  id: folder,
  folderId: folder,
  ids: fc.array(folder, { maxLength: 3 }),
  path: fc.oneof(path, place),
  parent: place,
  target: fc.oneof(fc.record({ folderId: folder }), fc.record({ path: place })),
  draft,
  backend: draft,
  patterns,
  token: odd,
  version: fc.oneof(fc.integer(), fc.double()),
  channel: fc.constantFrom('shared', 'private', 'x'),
  choice: fc.record({ take: fc.constantFrom('local', 'content', 'choices', 'x'), content: odd }),
  take: fc.constantFrom('local', 'remote', 'both'),
  only: fc.array(path, { maxLength: 3 }),
  edit: fc.record({
    edit: fc.constantFrom('text', 'patterns'),
    text: odd,
    shared: fc.array(text),
    private: fc.array(text),
  }),
  code: fc.record({ path: text, hash: odd, imports: fc.constant([]) }),
  kind: fc.constantFrom('convex', 'drizzle', 'x'),
  offset: fc.integer(),
  limit: fc.integer(),
  search: odd,
  url: fc.oneof(fc.webUrl(), odd),
  lines: fc.integer(),
  showHidden: fc.boolean(),
  planId: fc.oneof(fc.constant(null), odd),
  before: fc.oneof(fc.constant(null), fc.double()),
  states: fc.array(odd, { maxLength: 2 }),
  kinds: fc.array(odd, { maxLength: 2 }),
}
/** They end, or change, what the other requests need. */
const LEFT_OUT = new Set(['folders.remove', 'state.watch', 'state.notices'])
const procedures = namesOf(contract).filter(name => !LEFT_OUT.has(name))
const payload = fc.tuple(
  fc.constantFrom(...procedures),
  fc.oneof(
    { weight: 5, arbitrary: fc.record(fields) },
    { weight: 3, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    fc.jsonValue(),
  ),
)

test('payloads of the contract', async () => {
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { minLength: BATCH, maxLength: BATCH }), async batch => {
      for (const [name, input] of batch) {
        const { outcome, answer } = await outcomeOf(name, here(input))
        expect(answer, `${name} ${safeJson(input)}`).not.toContain(CANARY)
        expect(outcome, `${name} ${safeJson(input)} ${answer}`).not.toBe('INTERNAL_SERVER_ERROR')
        outcomes.add(outcome)
      }
      await stands()
    }),
    RUNS,
  )
  for (const outcome of ['answer', 'BAD_REQUEST', 'NOT_FOUND', 'REFUSED', 'CONFIGURATION'])
    expect(outcomes).toContain(outcome)
})

async function outcomeOf(name: string, input: unknown): Promise<{ outcome: string; answer: string }> {
  const procedure = name
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], browser.client)
  try {
    const answer = await (procedure as (input: unknown) => Promise<unknown>)(input)
    if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer))
      return { outcome: 'answer', answer: JSON.stringify(answer) ?? '' }
    const events: unknown[] = []
    for await (const event of answer as AsyncIterable<unknown>) events.push(event)
    return { outcome: 'answer', answer: JSON.stringify(events) }
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error
    return { outcome: String(error.code), answer: JSON.stringify(error) }
  }
}

/** With the names of this run's folder in it. */
function here(input: unknown): unknown {
  const there = JSON.stringify(ground.folder).slice(1, -1)
  return JSON.parse(safeJson(input).replaceAll('FOLDER', there).replaceAll('"ID"', JSON.stringify(id)))
}

function namesOf(value: object, name = ''): string[] {
  if ('~orpc' in value) return [name]
  return Object.entries(value).flatMap(([key, inner]) =>
    namesOf(inner as object, name === '' ? key : `${name}.${key}`),
  )
}

/** Of what JSON cannot hold, what it can. */
function safeJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? Number(each) : each)) ??
      'null'
    )
  } catch {
    return 'null'
  }
}
