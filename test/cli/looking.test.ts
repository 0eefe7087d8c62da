/** Commands that only look: they leave the user's database alone, and say what is so. */
import Sqlite from 'better-sqlite3'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { FILES_INDEX, FILES_TABLE } from '../../src/adapters/sqlite/schema.ts'
import { eventually } from '../support/eventually.ts'
import { documentOf, Sandbox } from './command-line.ts'
import type { Json } from './command-line.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 4 })

const LOOKS = [
  ['plan', 'a'],
  ['plan', 'a', '--config', 'a/data/sync-config.json'],
  ['status', 'a'],
  ['explain', 'a', 'data/theirs.md'],
  ['conflicts', 'a'],
  ['history', 'a'],
]

/** As an agent-native app leaves it: in a rollback journal, with nothing of ours in it. */
function foreignDatabase(sandbox: Sandbox, sql: string): void {
  const client = new Sqlite(sandbox.path('shared/sync.db'))
  client.pragma('journal_mode = DELETE')
  client.exec(sql)
  client.close()
}

function databaseAsItIs(sandbox: Sandbox) {
  const bytes = readFileSync(sandbox.path('shared/sync.db')).toString('base64')
  const client = new Sqlite(sandbox.path('shared/sync.db'), { readonly: true })
  try {
    const journal: unknown = client.pragma('journal_mode', { simple: true })
    const schema = client.prepare('SELECT name, sql FROM sqlite_master').all()
    return { bytes, journal, schema, files: readdirSync(sandbox.path('shared')) }
  } finally {
    client.close()
  }
}

describe.concurrent('R3 looking changes nothing in the database', () => {
  test.each(LOOKS)('of another program: %s %s', async (...args) => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/mine.md', 'mine')
    foreignDatabase(
      sandbox,
      `${FILES_TABLE} ${FILES_INDEX} INSERT INTO files VALUES ('bot:data/theirs.md', 'data/theirs.md', 'theirs', 'bot', 'shared', 1000, 1000)`,
    )
    const before = databaseAsItIs(sandbox)
    const outcome = await sandbox.run([...args, '--json'])
    expect(databaseAsItIs(sandbox)).toEqual(before)
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    if (args[0] === 'plan')
      expect(documentOf(outcome)['actions']).toMatchObject([
        { path: 'data/mine.md', action: 'push' },
        { path: 'data/theirs.md', action: 'pull' },
      ])
    if (args[0] === 'status') expect(documentOf(outcome)).toMatchObject({ pending: 2, problems: 0 })
    if (args[0] === 'explain') expect(documentOf(outcome)).toMatchObject({ state: 'pending' })
  })

  test.each(LOOKS)('with another table files: %s %s', async (...args) => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/mine.md', 'mine')
    foreignDatabase(sandbox, 'CREATE TABLE files (name TEXT)')
    const before = databaseAsItIs(sandbox)
    const outcome = await sandbox.run([...args, '--json'])
    expect(databaseAsItIs(sandbox)).toEqual(before)
    if (args[0] === 'conflicts' || args[0] === 'history') return expect(documentOf(outcome)).toEqual([])
    expect(outcome.stdout).toContain('is not the one of file sync')
  })
})

describe.concurrent('R12 FILE_SYNC_ENABLED=false', () => {
  const REASON = /^FILE_SYNC_ENABLED=false in \.env: nothing syncs here/

  function switchedOff(): Sandbox {
    const sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    sandbox.put('a/.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\nFILE_SYNC_ENABLED=false\n')
    return sandbox
  }

  test('status says paused, and by what', async () => {
    await using sandbox = switchedOff()
    const problem = { code: 'switched-off', message: expect.stringMatching(REASON) as string }
    const outcome = await sandbox.run(['status', 'a', '--json'])
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toMatchObject({ state: 'paused', engine: null, problemList: [problem] })
    const human = await sandbox.run(['status', 'a'], { FILE_SYNC_ENABLED: 'false' })
    expect(human.stdout).toMatch(/^state +paused$/m)
    expect(human.stdout).toContain('FILE_SYNC_ENABLED=false in the environment')
  })

  test('plan does nothing and says why; explain gives the reason', async () => {
    await using sandbox = switchedOff()
    const plan = await sandbox.run(['plan', 'a', '--json'])
    expect(plan.code).toBe(0)
    expect(documentOf(plan)).toMatchObject({ actions: [], problems: [{ code: 'switched-off' }] })
    expect((await sandbox.run(['plan', 'a'])).stdout).toContain('A sync would do nothing')
    expect(documentOf(await sandbox.run(['explain', 'a', 'data/a.md', '--json']))).toMatchObject({
      state: 'paused',
      reason: expect.stringMatching(REASON) as string,
      rule: { pattern: 'data/**/*.md' },
    })
    expect(readdirSync(sandbox.path('shared'))).toEqual([])
  })

  test('status beside the paused engine says paused', async () => {
    await using sandbox = switchedOff()
    const { child } = await sandbox.begin('a')
    const status = documentOf(await sandbox.run(['status', 'a', '--json']))
    expect(status).toMatchObject({ state: 'paused', engine: { pid: child.pid } })
  })
})

test.concurrent('R12 status says paused also where only the engine’s own environment switches it off', async () => {
  await using sandbox = new Sandbox()
  sandbox.project('a')
  const watching = await sandbox.begin('a', { FILE_SYNC_ENABLED: 'false' })
  const status = async (): Promise<Json> => documentOf(await sandbox.run(['status', 'a', '--json']))
  await eventually(status).toMatchObject({
    state: 'paused',
    problemList: [{ message: expect.stringContaining('in its environment') as string }],
  })
  await watching.stop()
  expect(await status()).not.toMatchObject({ state: 'paused' })
})

describe.concurrent('R8 without the content root', () => {
  test('plan and approve say so, and exit 3', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
    renameSync(sandbox.path('a/data'), sandbox.path('a/away'))
    for (const command of ['plan', 'approve', 'restore-held']) {
      const outcome = await sandbox.run([command, 'a'])
      expect(outcome.code, command).toBe(3)
      expect(outcome.stdout).toContain('The content root data is not there.')
      expect(outcome.stdout).not.toMatch(/Nothing to do|Nothing is held/)
    }
    expect(documentOf(await sandbox.run(['plan', 'a', '--json']))).toMatchObject({
      actions: [],
      problems: [{ code: 'root-missing' }],
    })
  })
})

describe.concurrent('what a person names', () => {
  test.each([
    [['plan', 'a', '--config', 'nope.json'], /--config: the file .*nope\.json is not there/],
    [['plan', 'a', '--config', 'a/package.json'], /a\/package\.json is no sync-config\.json/],
    [['resolve', 'a', 'data/a.md', '--take', 'file=nope.md'], /--take: the file .*nope\.md is not there/],
  ])('%j is refused with 2', async (args, reason) => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    const outcome = await sandbox.run([...args, '--json'])
    expect(outcome.code).toBe(2)
    expect(documentOf(outcome)).toEqual({
      error: { code: 'usage', message: expect.stringMatching(reason) as string },
    })
  })

  test.each(['a/package.json', 'a/package.json/home'])('LOCKSTEP_HOME=%s is refused with 2', async home => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    const outcome = await sandbox.run(['status', 'a'], { LOCKSTEP_HOME: sandbox.path(home) })
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/LOCKSTEP_HOME: .*package\.json is a file/)
  })

  test('explain takes a path as the shell completes it', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const outcome = await sandbox.run(['explain', 'a', 'a/data/a.md', '--json'])
    expect(documentOf(outcome)).toMatchObject({ path: 'data/a.md', state: 'pending' })
  })
})

describe.concurrent('conflicts in words', () => {
  async function inConflict(
    sandbox: Sandbox,
    name: string,
    here: string | Uint8Array,
    there: string | Uint8Array,
  ) {
    for (const folder of ['a', 'b']) sandbox.project(folder, { syncFilePatterns: ['data/**'] })
    sandbox.put(`a/data/${name}`, there)
    sandbox.put(`b/data/${name}`, here)
    expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
    expect((await sandbox.run(['sync', 'b'])).code).toBe(3)
  }

  test('R6 of bytes: their size, why nothing merges, and what status calls it', async () => {
    await using sandbox = new Sandbox()
    await inConflict(sandbox, 'x.bin', new Uint8Array(300).fill(0xff), new Uint8Array(200).fill(0xfe))
    const { stdout } = await sandbox.run(['conflicts', 'b'])
    expect(stdout).toMatch(/here +300 B/)
    expect(stdout).toMatch(/database +200 B/)
    expect(stdout).toContain('The file as a whole is in doubt: it is not text.')
    const refused = await sandbox.run(['resolve', 'b', 'data/x.bin', '--take', 'merged'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('can be merged: it is not text.')
    expect((await sandbox.run(['status', 'b'])).stdout).toMatch(/^state +in step, but for 1 conflict$/m)
  })

  test('R6 of texts without a common version, and what a choice is called', async () => {
    await using sandbox = new Sandbox()
    await inConflict(sandbox, 'x.md', 'here', 'there')
    const { stdout } = await sandbox.run(['conflicts', 'b'])
    expect(stdout).toContain('in doubt: there is no common version to merge from.')
    const resolved = await sandbox.run(['resolve', 'b', 'data/x.md', '--take', 'local'])
    expect(resolved.stdout).toContain('resolved: this device’s version was chosen')
  })
})

test.concurrent('R12 a call of a custom adapter that is never answered ends with 1 and says so', async () => {
  await using sandbox = new Sandbox()
  sandbox.project('a')
  sandbox.put('a/.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=adapter.mjs\n')
  sandbox.put(
    'a/adapter.mjs',
    `const never = () => new Promise(() => {})
     export default () => ({ query: never, get: never, set: never, delete: never, subscribe: () => () => {} })`,
  )
  const outcome = await sandbox.run(['sync', 'a', '--trust-adapter', '--json'])
  expect(outcome.code).toBe(1)
  expect(documentOf<{ error: Json }>(outcome).error['message']).toContain('was never answered')
})

test.concurrent('R8 a hold of changes is not called a delete', async () => {
  await using sandbox = new Sandbox()
  for (const folder of ['a', 'b']) sandbox.project(folder)
  for (let n = 0; n < 30; n++) sandbox.put(`a/data/${n}.md`, `first ${n}`)
  for (const folder of ['a', 'b']) expect((await sandbox.run(['sync', folder])).code).toBe(0)
  for (let n = 0; n < 30; n++) sandbox.put(`a/data/${n}.md`, `second ${n}`)
  const outcome = await sandbox.run(['sync', 'a'])
  expect(outcome.code).toBe(3)
  expect(outcome.stdout + outcome.stderr).not.toMatch(/delete|missing/i)
  expect(outcome.stdout).toContain('held: nearly all files were changed at once')
})
