/** Where a project that somebody else has made leads: secrets of this person's environment, other programs' databases. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { FILES_INDEX, FILES_TABLE } from '../../src/adapters/sqlite/schema.ts'
import { folderHome } from '../../src/platform/home.ts'
import { openStateStore } from '../../src/platform/state/store.ts'
import { configuredSource } from '../../src/sync/content-root.ts'
import { HostileGround } from '../support/hostile-ground.ts'
import { until } from '../support/until.ts'

let ground: HostileGround
beforeEach(() => {
  ground = new HostileGround()
})

/** Refuses whatever it is asked, and writes all of it down. */
class Listener {
  readonly heard: string[] = []
  host = ''

  async listen(): Promise<this> {
    const server = createServer((request, response) => {
      this.#note(request)
      response.writeHead(404, { 'Content-Type': 'application/json', Connection: 'close' }).end('{}')
    })
    server.on('upgrade', (request, socket) => {
      this.#note(request)
      socket.destroy()
    })
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    return this
  }

  #note(request: IncomingMessage): void {
    const index = this.heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`) - 1
    request.on('data', (some: Buffer) => (this.heard[index] += some.toString()))
  }
}

const SECRETS = {
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_canary',
  SUPABASE_EMAIL: 'me@example.org',
  SUPABASE_PASSWORD: 'canary-password',
}

const BACKENDS = [
  ['supabase', 'SUPABASE_URL', SECRETS],
  ['convex', 'CONVEX_URL', { CONVEX_SYNC_KEY: 'canary-key' }],
] as const

describe('R17.4 secrets of the environment', () => {
  let listener: Listener
  beforeEach(async () => {
    listener = await new Listener().listen()
    ground.project('theirs', `FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://${listener.host}\n`)
    Object.assign(ground.env, SECRETS)
  })

  test.each(BACKENDS)(
    'go to no host that a project names, by no command: %s',
    async (backend, address, secrets) => {
      ground.project('theirs', `FILE_SYNC_BACKEND=${backend}\n${address}=http://${listener.host}\n`)
      Object.assign(ground.env, secrets)
      for (const args of [
        ['sync', 'theirs'],
        ['status', 'theirs'],
        ['plan', 'theirs'],
        ['watch', 'theirs'],
        ['explain', 'theirs', 'data/a.md'],
        ['sync', 'theirs', '--trust-host', 'elsewhere.example.org'],
      ]) {
        const { code, stderr } = await ground.run(...args)
        expect({ args, code }).toEqual({ args, code: 2 })
        expect(stderr).toContain(listener.host)
        if (args.length < 4) expect(stderr).toContain(`--trust-host ${listener.host}`)
        if (args.length < 3) for (const name of Object.keys(secrets)) expect(stderr).toContain(name)
      }
      const doctor = await ground.run('doctor', 'theirs')
      expect(doctor.code).toBe(1)
      expect(doctor.stdout).toContain(`--trust-host ${listener.host}`)
      const init = await ground.run('init', 'theirs')
      expect(init.code).toBe(0)
      expect(init.stdout).toContain(`--trust-host ${listener.host}`)
      expect(listener.heard).toEqual([])
    },
  )

  test('go there once a person has agreed to it, for this folder, and from then on', async () => {
    const agreed = await ground.run('status', 'theirs', '--trust-host', listener.host)
    expect(agreed.stderr).toContain(`go to ${listener.host}`)
    expect(listener.heard.length).toBeGreaterThan(0)
    expect(readFileSync(join(ground.top, 'home/confirmed-places.json'), 'utf8')).not.toContain('canary')
    // R16.10: what was open to others before is closed again by the next command.
    chmodSync(join(ground.top, 'home'), 0o777)

    listener.heard.length = 0
    expect((await ground.run('status', 'theirs')).code).not.toBe(2)
    expect(listener.heard.length).toBeGreaterThan(0)
    if (process.platform !== 'win32') expect(statSync(join(ground.top, 'home')).mode & 0o777).toBe(0o700)

    listener.heard.length = 0
    ground.project('others', `FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://${listener.host}\n`)
    expect((await ground.run('status', 'others')).code).toBe(2)
    expect(listener.heard).toEqual([])
  })

  test('go to an address that comes from the environment too, and those of .env to whatever it names', async () => {
    ground.env['SUPABASE_URL'] = `http://${listener.host}`
    await ground.run('status', 'theirs')
    expect(listener.heard.length).toBeGreaterThan(0)

    const lines = Object.entries(SECRETS).map(([name, value]) => `${name}=${value}\n`)
    for (const name of ['SUPABASE_URL', ...Object.keys(SECRETS)]) delete ground.env[name]
    ground.project(
      'own',
      `FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://${listener.host}\n${lines.join('')}`,
    )
    listener.heard.length = 0
    await ground.run('status', 'own')
    expect(listener.heard.length).toBeGreaterThan(0)
  })

  test('go on to a host that the folder has synced with before', async () => {
    const home = folderHome(join(ground.top, 'home'), join(ground.top, 'theirs'))
    mkdirSync(home, { recursive: true })
    const state = openStateStore(join(home, 'state.db'))
    const scope = state.openScope({
      database: `supabase http://${listener.host}`,
      appId: 'theirs',
      ownerId: 'shared',
      channel: 'shared',
    })
    await state.commit([{ kind: 'scopes-watched', scopes: [scope] }])
    state.close()
    expect((await ground.run('status', 'theirs')).code).not.toBe(2)
    expect(listener.heard.length).toBeGreaterThan(0)
  })

  test('wait in the app for a person, who agrees to exactly what is asked', async () => {
    const { host, client, folder } = ground.host()
    host.start()
    const { id } = await client.folders.add({ path: join(ground.top, 'theirs') })
    await until(() => folder(id)?.problemList[0]?.code === 'unconfirmed', 'the question')
    const question = folder(id)?.problemList[0]?.message ?? ''
    expect(question).toContain(listener.host)
    await expect(client.folders.confirmPlace({ id, question: 'another one' })).rejects.toMatchObject({
      code: 'REFUSED',
    })
    expect(listener.heard).toEqual([])
    await client.folders.confirmPlace({ id, question })
    await until(() => listener.heard.length > 0, 'the database to be asked')
    await client.folders.remove({ id })
  })

  test('go where a person types, and to no other address of a form', async () => {
    const { client } = ground.host()
    const keep = { edit: 'keep' } as const
    const target = { path: join(ground.top, 'theirs') }
    const tried = async (fields: Record<string, { edit: 'set'; value: string }>) => {
      const draft = { kind: 'supabase' as const, fields, appId: keep, userId: keep }
      const events = []
      for await (const event of await client.backend.test({ target, draft })) events.push(event)
      return JSON.stringify(events)
    }
    expect(await tried({})).toContain(`--trust-host ${listener.host}`)
    expect(listener.heard).toEqual([])
    await tried({ SUPABASE_URL: { edit: 'set', value: `http://${listener.host}` } })
    expect(listener.heard.length).toBeGreaterThan(0)

    const draft = { kind: 'supabase' as const, fields: {}, appId: keep, userId: keep }
    const preview = await client.backend.previewSave({ target, draft })
    expect(preview.effects.join(' ')).toContain(listener.host)
    await client.backend.save({ target, draft, token: preview.token })
    expect((await ground.run('status', 'theirs')).code).not.toBe(2)
  })

  test('are agreed to for all folders of a host by serve, and for no other', async () => {
    ground.project('others', `FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=http://127.0.0.1:1\n`)
    const { host, client } = ground.host()
    await client.folders.pauseAll({ until: null })
    await client.folders.add({ path: join(ground.top, 'theirs') })
    await client.folders.add({ path: join(ground.top, 'others') })
    host.confirmHost(listener.host)
    expect((await ground.run('status', 'theirs')).code).not.toBe(2)
    expect((await ground.run('status', 'others')).code).toBe(2)
  })
})

test('R17.4 a program that embeds the library names its own project', () => {
  ground.project('own', 'FILE_SYNC_BACKEND=supabase\nSUPABASE_URL=https://a.supabase.co\n')
  const place = { contentRoot: join(ground.top, 'own/data') }
  const source = configuredSource(place, { ...ground.env, ...SECRETS }, { isShared: true, userId: undefined })
  expect(source.load().isPlaceNamed).toBe(true)
})

describe('R17.5 the database of another program', () => {
  const DATABASE = 'browser/places.sqlite'
  beforeEach(() => {
    mkdirSync(join(ground.top, 'browser'))
    const client = new Sqlite(join(ground.top, DATABASE))
    client.exec('CREATE TABLE bookmarks (url TEXT)')
    client.close()
  })

  const tables = (): string[] => {
    const client = new Sqlite(join(ground.top, DATABASE), { readonly: true })
    const names = client
      .prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .pluck()
      .all()
    client.close()
    return names
  }

  test.each([
    ['named', `FILE_SYNC_SQLITE_PATH=../${DATABASE}\n`],
    ['behind a link', 'FILE_SYNC_SQLITE_PATH=data/own.db\n'],
  ])('that is %s gets no tables before a person agrees, once', async (_how, env) => {
    ground.project('theirs', env)
    symlinkSync(join(ground.top, DATABASE), join(ground.top, 'theirs/data/own.db'))
    for (const command of ['sync', 'watch']) {
      const { code, stderr } = await ground.run(command, 'theirs')
      expect({ command, code }).toEqual({ command, code: 2 })
      expect(stderr).toContain('places.sqlite')
      expect(stderr).toContain('--trust-database')
    }
    expect((await ground.run('doctor', 'theirs')).stdout).toContain('--trust-database')
    expect((await ground.run('init', 'theirs')).stdout).toContain('--trust-database')
    expect((await ground.run('status', 'theirs')).code).toBe(0)
    expect(tables()).toEqual(['bookmarks'])

    expect((await ground.run('sync', 'theirs', '--trust-database')).code).toBe(0)
    expect(tables()).toContain('files')
    expect((await ground.run('sync', 'theirs')).code).toBe(0)
  })

  test('that lies in the project, or that a person names, is asked about by nobody', async () => {
    ground.project('own', 'FILE_SYNC_SQLITE_PATH=app.db\n')
    const client = new Sqlite(join(ground.top, 'own/app.db'))
    client.exec('CREATE TABLE users (name TEXT)')
    client.close()
    expect((await ground.run('sync', 'own')).code).toBe(0)

    ground.project('mine')
    expect((await ground.run('init', 'mine', '--sqlite', `../${DATABASE}`)).code).toBe(0)
    expect((await ground.run('sync', 'mine')).code).toBe(0)
    expect(tables()).toContain('files')
  })

  test('is one no more once it has the tables of file sync', async () => {
    const client = new Sqlite(join(ground.top, DATABASE))
    client.exec(`${FILES_TABLE} ${FILES_INDEX}`)
    client.close()
    ground.project('theirs', `FILE_SYNC_SQLITE_PATH=../${DATABASE}\n`)
    expect((await ground.run('sync', 'theirs')).code).toBe(0)
    expect(existsSync(join(ground.top, 'home/confirmed-places.json'))).toBe(false)
  })
})

describe('R17.5 a new database outside of the project', () => {
  const START = 'me/.config/autostart/helper.desktop'
  const isThere = (path: string): boolean => existsSync(join(ground.top, path))
  beforeEach(() => {
    for (const folder of ['me/.config/autostart', 'me/.bashrc.d', 'shared'])
      mkdirSync(join(ground.top, folder), { recursive: true })
  })

  const ODD: readonly (readonly [string, string, string])[] = [
    ['a program that starts with the desktop', START, START],
    ['what a shell runs', 'me/.bash_aliases', 'me/.bash_aliases'],
    ['a database in a folder that a shell runs', 'me/.bashrc.d/x.db', 'me/.bashrc.d/x.db'],
    ['no database', 'me/notes', 'me/notes'],
    ['what a link leads to that is not there yet', 'theirs/data/own.db', START],
    ['what links to links lead to', 'theirs/data/far.db', START],
  ]

  test.each(ODD)('that is called like %s is made once a person agrees', async (_what, named, place) => {
    ground.project('theirs', `FILE_SYNC_SQLITE_PATH=../${named}\n`)
    symlinkSync(`../../${START}`, join(ground.top, 'theirs/data/own.db'))
    symlinkSync('own.db', join(ground.top, 'theirs/data/far.db'))
    for (const command of ['sync', 'watch']) {
      const { code, stderr } = await ground.run(command, 'theirs')
      expect({ command, code }).toEqual({ command, code: 2 })
      expect(stderr).toContain(join(ground.top, place))
      expect(stderr).toContain('--trust-database')
    }
    await ground.run('status', 'theirs')
    await ground.run('doctor', 'theirs')
    expect(isThere(place)).toBe(false)
    expect((await ground.run('sync', 'theirs', '--trust-database')).code).toBe(0)
    expect(isThere(place)).toBe(true)
    expect((await ground.run('sync', 'theirs')).code).toBe(0)
  })

  test('an empty file of such a name is none yet', async () => {
    ground.put('me/.bash_aliases', '')
    ground.project('theirs', 'FILE_SYNC_SQLITE_PATH=../me/.bash_aliases\n')
    expect((await ground.run('sync', 'theirs')).code).toBe(2)
    expect(readFileSync(join(ground.top, 'me/.bash_aliases'), 'utf8')).toBe('')
  })

  test('is asked about by nobody where it is called like one, or the environment names it', async () => {
    ground.project('own', 'FILE_SYNC_SQLITE_PATH=../shared/team.sqlite3\n')
    expect((await ground.run('sync', 'own')).code).toBe(0)
    ground.project('inside', 'FILE_SYNC_SQLITE_PATH=data/store\n')
    expect((await ground.run('sync', 'inside')).code).toBe(0)
    ground.project('mine')
    ground.env['FILE_SYNC_SQLITE_PATH'] = join(ground.top, 'shared/store')
    expect((await ground.run('sync', 'mine')).code).toBe(0)
    expect(isThere('home/confirmed-places.json')).toBe(false)
  })

  test('is tried by the connection test without a question', async () => {
    const { client } = ground.host()
    const keep = { edit: 'keep' } as const
    const target = { path: ground.project('own', 'FILE_SYNC_SQLITE_PATH=../shared/team.db\n') }
    const draft = { kind: 'drizzle' as const, fields: {}, appId: keep, userId: keep }
    const events = []
    for await (const event of await client.backend.test({ target, draft })) events.push(event)
    const results = events.flatMap(event => (event.type === 'step' ? event.step.status : []))
    expect(new Set(results)).toEqual(new Set(['ok']))
    expect(isThere('shared/team.db')).toBe(false)
  })
})
