/**
 * Project folders that somebody else has made: whatever has the name of a settings file, it is told with its name, nobody
 * waits for it, and no folder keeps another one from its work.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HostileGround } from '../support/hostile-ground.ts'
import { until } from '../support/until.ts'

/** What may lie where a settings file is looked for, and how it is called. */
const ODDITIES: readonly (readonly [
  name: string,
  make: (path: string) => void | Promise<void>,
  said: RegExp,
])[] = [
  ['a named pipe', path => void execFileSync('mkfifo', [path]), /is a named pipe, not a regular file/],
  ['a device', path => symlinkSync('/dev/zero', path), /is a device, not a regular file/],
  ['a folder', path => mkdirSync(path), /is a folder, not a regular file/],
  ['a socket', path => listenAt(path), /is a socket, not a regular file/],
  ['1 GB of nothing', path => sparse(path, 2 ** 30), /is larger than 1 MB/],
  ['a link in a circle', path => symlinkSync(path, path), /is a link that leads in a circle/],
  ['a link to nowhere', path => symlinkSync('nowhere', path), /is a link that leads nowhere/],
  [
    'a file of the system that has no end',
    path => symlinkSync('/proc/self/pagemap', path),
    /is larger than 1 MB|cannot be read/,
  ],
]

const NAMES = ['.env', 'package.json', 'data/sync-config.json'] as const

const KEY_ENV =
  'FILE_SYNC_BACKEND=firestore\nGOOGLE_CLOUD_PROJECT=p\nGOOGLE_APPLICATION_CREDENTIALS=key.json\n'
const ADAPTER_ENV = 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=adapter.mjs\n'

async function listenAt(path: string): Promise<void> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => server.listen(path, resolve))
}

function sparse(path: string, bytes: number): void {
  writeFileSync(path, '')
  truncateSync(path, bytes)
}

const COMMANDS = [
  ['sync', 'bad'],
  ['status', 'bad'],
  ['plan', 'bad'],
  ['explain', 'bad', 'data/a.md'],
  ['watch', 'bad'],
] as const

describe.skipIf(process.platform === 'win32')('R17.1 in the place of a settings file', () => {
  for (const [what, make, said] of ODDITIES) {
    test(`${what} is an error of each command that names the file`, async () => {
      const ground = new HostileGround()
      for (const name of NAMES) {
        const place = join(ground.project('bad'), name)
        rmSync(place)
        await make(place)
        for (const args of COMMANDS) {
          const { code, stderr } = await ground.run(...args)
          expect({ args, code }).toEqual({ args, code: 2 })
          expect(stderr).toContain(`${name}: It`)
          expect(stderr).toMatch(said)
        }
        const doctor = await ground.run('doctor', 'bad')
        expect(doctor.code).toBe(1)
        expect(doctor.stdout).toContain(`${name}: It`)
        const init = await ground.run('init', 'bad', '--user', 'me')
        expect({ name, code: init.code }).toEqual({ name, code: 2 })
        expect(init.stderr).toContain(`${name}: It`)
        rmSync(join(ground.top, 'bad'), { recursive: true })
      }
    })

    test(`${what} is an error of a key file and of an adapter`, async () => {
      const ground = new HostileGround()
      await make(join(ground.project('keyed', KEY_ENV), 'key.json'))
      const keyed = await ground.run('status', 'keyed')
      expect(keyed.code).toBe(1)
      expect(keyed.stdout).toMatch(/GOOGLE_APPLICATION_CREDENTIALS names \S+key\.json, which/)
      expect(keyed.stdout).toMatch(said)

      await make(join(ground.project('custom', ADAPTER_ENV), 'adapter.mjs'))
      const custom = await ground.run('sync', 'custom', '--trust-adapter')
      expect(custom.code).toBe(2)
      expect(custom.stderr).toMatch(/FILE_SYNC_ADAPTER: .*adapter\.mjs/)
    })
  }

  test('each is the fault of its folder in the app, at its start too, while the others run', async () => {
    const ground = new HostileGround()
    const { host, client } = ground.host()
    const good = await client.folders.add({ path: ground.project('good') })
    const bad: { readonly id: string; readonly name: string; readonly said: RegExp }[] = []
    for (const [index, [, make, said]] of ODDITIES.entries()) {
      for (const name of NAMES) {
        const path = ground.project(`bad-${index}-${name.length}`)
        const { id } = await client.folders.add({ path })
        bad.push({ id, name, said })
        rmSync(join(path, name))
        await make(join(path, name))
        expect(JSON.stringify(await client.setup.inspect({ path }))).toMatch(said)
      }
    }
    await host.close()

    const { host: again, folder } = ground.host()
    again.start()
    await until(() => folder(good.id)?.state === 'idle', 'the good folder to be in step')
    for (const { id, name, said } of bad) {
      expect(folder(id)?.fault?.message).toContain(`${name}: It`)
      expect(folder(id)?.fault?.message).toMatch(said)
    }
  })
})

test('R17.3 a sync-config.json nested deeper than 100 is the fault of its folder alone, with the line', async () => {
  const ground = new HostileGround()
  const { host, client, folder } = ground.host()
  host.start()
  const bad = await client.folders.add({ path: ground.project('bad') })
  const good = await client.folders.add({ path: ground.project('good') })
  ground.put('bad/data/sync-config.json', `{\n"x":\n${'['.repeat(100_000)}`)
  await until(() => (folder(bad.id)?.fault ?? null) !== null, 'the fault')
  expect(folder(bad.id)?.fault).toMatchObject({ code: 'config-invalid', line: 3 })
  expect(folder(bad.id)?.fault?.message).toContain('nested deeper than 100')
  await until(() => folder(good.id)?.state === 'idle', 'the good folder to be in step')

  ground.put('bad/data/sync-config.json', '{ "syncFilePatterns": ["data/**/*.md"] }')
  await until(() => folder(bad.id)?.state === 'idle', 'the mended folder to be in step')
  expect(folder(bad.id)?.fault).toBeNull()

  ground.put('bad/package.json', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
  expect((await ground.run('explain', 'bad', 'data/a.md')).code).toBe(0)
})

test('R17.3 whatever fails while a folder is looked at is the fault of that folder', async () => {
  const ground = new HostileGround()
  const { host, client } = ground.host()
  const bad = await client.folders.add({ path: ground.project('bad') })
  await client.folders.add({ path: ground.project('good') })
  await client.folders.pauseAll({ until: null })
  const entry = host.folders.get(bad.id)
  entry.configuration.refresh = () => {
    throw new RangeError('out of order')
  }
  entry.look()
  const [first, second] = host.state().folders
  expect(first?.fault).toMatchObject({ code: 'failed', message: 'out of order' })
  expect(second?.fault).toBeNull()
})
