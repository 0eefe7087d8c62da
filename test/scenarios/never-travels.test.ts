/** What must not travel, and settings that were taken for something else, as a person meets them: commands and records. */
import { chmodSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 6 })

const pathsOf = (world: World): string[] => world.rows().map(({ path }) => path)

describe.concurrent('R10 settings and databases', () => {
  test('R10.1 the key that .env names stays here, whatever the backend', async () => {
    await using world = new World({ env: { a: ['GOOGLE_APPLICATION_CREDENTIALS=data/prod.json'] } })
    world.a.write('data/prod.json', '{"type":"service_account"}')
    world.a.write('data/x.json', '{}')
    await world.a.sync()
    expect(pathsOf(world)).toEqual(['data/x.json'])
  })

  test("R10.5 the folder's former database stays here, by whatever name", async () => {
    await using world = new World({ patterns: ['data/**'] })
    const { a } = world
    const env = a.read('.env')!
    a.save('.env', env.replace(/FILE_SYNC_SQLITE_PATH=.*/, 'FILE_SYNC_SQLITE_PATH=data/store.sync'))
    a.write('data/x.md', 'x\n')
    await a.sync()
    a.save('.env', env)
    for (const end of ['sqlite3', 'db3', 'duckdb', 'mdb']) a.write(`data/app.${end}`, 'of another program')
    new Sqlite(a.at('data/app.dat')).exec('CREATE TABLE t (secret)').close()
    await a.sync()
    expect(pathsOf(world)).toEqual(['data/x.md'])
    const { problemList } = await a.status()
    expect(problemList).toMatchObject([
      { code: 'denied', path: 'data/app.dat' },
      { code: 'denied', path: 'data/store.sync' },
    ])
  })

  test('R15.7 a folder that a pattern names without "/**" stays private, or here, and is told', async () => {
    await using world = new World({
      patterns: ['data/**', '!data/secrets', 'notes'],
      privatePatterns: ['data/private'],
      env: { a: ['FILE_SYNC_USER_ID=ann'] },
    })
    const { a } = world
    for (const path of ['data/private/diary.md', 'data/secrets/pw.md', 'data/a.md', 'notes/b.md'])
      a.write(path, 'x\n')
    await a.sync()
    expect(world.rows().map(({ path, owner_id }) => [path, owner_id])).toEqual([
      ['data/a.md', 'shared'],
      ['data/private/diary.md', 'ann'],
    ])
    const { problemList } = await a.status()
    expect(problemList.filter(({ code }) => code === 'folder-pattern').map(({ path }) => path)).toEqual([
      'data/secrets',
      'notes',
      'data/private',
    ])
    const doctor = await a.run('doctor')
    expect(JSON.stringify(doctor.json)).toContain(JSON.stringify('Write "notes/**"').slice(1, -1))
    expect((await a.plan()).unusedPatterns.map(({ pattern, meant }) => [pattern, meant])).toEqual([
      ['!data/secrets', '!data/secrets/**'],
      ['notes', 'notes/**'],
      ['data/private', 'data/private/**'],
    ])
  })

  test('R15.8 a pattern that matches nothing is said by plan and doctor, with the one that is like it', async () => {
    await using world = new World({ patterns: ['data/*.md', 'data/logs/*.log', '!data/none/**', 'logs/**'] })
    const { a } = world
    a.write('data/a.md', 'x\n')
    a.write('data/logs/2030/x.log', 'x\n')
    expect((await a.plan()).unusedPatterns.map(({ pattern, meant }) => [pattern, meant])).toEqual([
      ['data/logs/*.log', 'data/logs/**/*.log'],
      ['!data/none/**', null],
      ['logs/**', 'data/logs/**'],
    ])
    const checks = JSON.stringify((await a.run('doctor')).json)
    expect(checks).toContain('matches no file that is here. Perhaps \\"data/logs/**\\" is meant.')
    expect(checks).toContain(
      '\\"!data/none/**\\" in syncFilePatterns (line 5) takes out no file that is here.',
    )
  })

  test('.env in UTF-16 is an error, and no database of its own', async () => {
    await using world = new World()
    const { a } = world
    a.write('data/x.json', '{}')
    a.save('.env', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(a.read('.env')!, 'utf16le')]))
    const { code, stderr } = await a.run('sync')
    expect(code).toBe(2)
    expect(stderr).toContain('.env: It is in UTF-16')
    expect(a.has('data/sync.db')).toBe(false)
  })

  test.each(['0', 'no', 'OFF'])('FILE_SYNC_ENABLED=%s switches sync off, and is told', async value => {
    await using world = new World({ env: { a: [`FILE_SYNC_ENABLED=${value}`] } })
    const { a } = world
    a.write('data/x.json', '{}')
    const { stdout, stderr } = await a.run('sync')
    expect(stdout + stderr).toContain(`FILE_SYNC_ENABLED=${value}`)
    expect((await a.status()).state).toBe('paused')
  })
})

test('R6.1 the copy of a conflict is no more open to others than its file', async context => {
  if (process.platform === 'win32') context.skip('Windows has no such modes')
  await using world = new World({ patterns: ['data/**'] })
  const { a, b } = world
  a.write('data/s.md', 'first\n')
  chmodSync(a.at('data/s.md'), 0o600)
  await a.sync()
  await b.sync()
  b.write('data/s.md', 'of b\n')
  await b.sync()
  a.write('data/s.md', 'of a\n')
  await a.sync(3)
  expect(statSync(a.at('data/s.md.conflict')).mode & 0o777).toBe(0o600)
})

test('R2 a database that makes another content of what is written decides what all hold', async () => {
  await using world = new World({ patterns: ['data/**'] })
  const { a, b } = world
  a.write('data/x.md', 'one\n')
  await a.sync()
  world
    .database()
    .exec(
      'CREATE TRIGGER trims AFTER UPDATE OF content ON files WHEN NEW.content <> trim(NEW.content, char(10)) BEGIN UPDATE files SET content = trim(content, char(10)) WHERE id = NEW.id; END',
    )
  await b.sync()
  b.write('data/x.md', 'two\n')
  await b.sync()
  await a.sync()
  await b.sync()
  expect([a.read('data/x.md'), b.read('data/x.md'), world.rows()[0]!.content]).toEqual(['two', 'two', 'two'])
  expect(await b.sync()).toMatchObject({ pushed: 0, pulled: 0 })
})
