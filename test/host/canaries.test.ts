/**
 * R17.8: secrets with values that nothing else has go through each backend's failures. They are in what is sent to the
 * database, and in nothing that is printed, logged, stored or told to a client.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { HostileGround } from '../support/hostile-ground.ts'
import { until } from '../support/until.ts'

const CANARIES = [
  'sb_publishable_canaryA1',
  'canaryB2-password',
  'canaryC3-key',
  'canaryD4',
  'c%40naryE5',
  'c@naryE5',
]

/** Says back all that it hears, in the body and as the reason: the worst of servers. */
async function echoing(status: number): Promise<{ host: string; heard: () => string }> {
  let heard = ''
  const server = createServer((request, response) => {
    answer(request, response, status).then(
      text => (heard += text),
      () => {},
    )
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard }
}

async function answer(request: IncomingMessage, response: ServerResponse, status: number): Promise<string> {
  let text = JSON.stringify(request.headers)
  for await (const some of request) text += String(some)
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
  response.end(
    JSON.stringify({
      code: status < 404 ? '42501' : 'XX000',
      message: text,
      msg: text,
      error_description: text,
    }),
  )
  return text
}

/** Throws what it was given, in all the ways that there are. */
const ADAPTER = `
  const all = env => [env.DB_URL, env.DB_PASSWORD, env.NOTE, decodeURIComponent(env.DB_URL)].join(' ')
  export default ({ env }) => {
    const failed = async () => {
      throw Object.assign(new Error(all(env), { cause: new Error(all(env)) }), { config: { env } })
    }
    return {
      query: failed, get: failed, set: failed, delete: failed,
      subscribe: (app, owner, onChange, onError) => { onError(new Error(all(env))); return () => {} },
    }
  }`

const CUSTOM = `FILE_SYNC_BACKEND=custom
FILE_SYNC_ADAPTER=adapter.mjs
DB_URL=postgres://user:c%40naryE5@db.example.org/x
DB_PASSWORD=canaryB2-password
NOTE="canaryC3-key"
`

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})

/** With the project, and what it must have sent for the test to be one. */
const CASES: readonly (readonly [name: string, make: (ground: HostileGround) => Promise<() => string>])[] = [
  ...[400, 401, 403, 404, 500].map(
    status =>
      [
        `Supabase, which answers ${status}`,
        async (ground: HostileGround) => {
          const { host, heard } = await echoing(status)
          const account =
            status === 400 ? 'SUPABASE_EMAIL=me@example.org\nSUPABASE_PASSWORD=canaryB2-password\n' : ''
          ground.project(
            'app',
            `FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://${host}\nSUPABASE_PUBLISHABLE_KEY=sb_publishable_canaryA1\n${account}`,
          )
          return heard
        },
      ] as const,
  ),
  [
    'Supabase, which cannot be reached',
    async ground => {
      ground.project(
        'app',
        'FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://127.0.0.1:9\nSUPABASE_PUBLISHABLE_KEY=sb_publishable_canaryA1\n',
      )
      return () => 'canary'
    },
  ],
  [
    'a secret key of Supabase, which is refused',
    async ground => {
      ground.project(
        'app',
        'FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://127.0.0.1:9\nSUPABASE_PUBLISHABLE_KEY=sb_secret_canaryD4\n',
      )
      return () => 'canary'
    },
  ],
  [
    'Firestore with a key that lacks a part',
    async ground => {
      ground.project('app', 'FILE_SYNC_BACKEND=firestore\nGOOGLE_APPLICATION_CREDENTIALS=key.json\n')
      const key = {
        type: 'service_account',
        project_id: 'p',
        private_key: `${KEY.toString()}canaryD4`,
        private_key_id: 'canaryC3-key',
      }
      ground.put('app/key.json', JSON.stringify(key))
      return () => 'canary'
    },
  ],
  [
    'a custom adapter, which says all that it knows',
    async ground => {
      ground.project('app', CUSTOM)
      ground.put('app/adapter.mjs', ADAPTER)
      return () => 'canary'
    },
  ],
]

const KEY_LINE = String(KEY).split('\n')[1]!

function expectNone(text: string, where: string): void {
  for (const canary of [...CANARIES, KEY_LINE])
    expect(text.includes(canary) ? `${canary} in ${where}: ${text}` : '', where).toBe('')
}

test.each(CASES)('R17.8 nothing shows a secret: %s', async (_name, make) => {
  const ground = new HostileGround()
  const heard = await make(ground)
  for (const args of [
    ['sync', 'app', '--trust-adapter', '--verbose'],
    ['status', 'app', '--verbose', '--json'],
    ['plan', 'app', '--verbose'],
    ['doctor', 'app', '--json'],
    ['explain', 'app', 'data/a.md', '--verbose'],
  ]) {
    const { stdout, stderr } = await ground.run(...args)
    expectNone(stdout + stderr, args.join(' '))
  }
  expect(heard()).toContain('canary')

  const { host, client, folder } = ground.host()
  await client.settings.set({ logLevel: 'debug' })
  host.start()
  const { id } = await client.folders.add({ path: join(ground.top, 'app') })
  await until(
    () =>
      folder(id)?.fault !== null ||
      (folder(id)?.problemList.length ?? 0) > 0 ||
      folder(id)?.state === 'offline',
    'the failure to be told',
  )
  const target = { folderId: id }
  const told = [
    host.state(),
    await client.backend.values({ target }),
    await client.setup.inspect({ path: join(ground.top, 'app') }),
    await client.shell.diagnostics(),
    await client.shell.logs({ lines: 200 }),
    await client.activity.list({ folderId: id }).catch(String),
    await client.files.explain({ folderId: id, path: 'data/a.md' }).catch(String),
  ]
  expectNone(JSON.stringify(told), 'the answers of the contract')
  await host.close()
  const home = join(ground.top, 'home')
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) expectNone(readFileSync(join(entry.parentPath, entry.name), 'latin1'), entry.name)
})
