import { existsSync, readFileSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { until } from '../support/until.ts'
import { documentOf, outcomeOf, Sandbox } from './command-line.ts'
import type { Json } from './command-line.ts'

// Most of the time is spent waiting for processes.
vi.setConfig({ maxConcurrency: 4 })

const SUMMARY_KEYS = [
  'conflicts',
  'deletedLocal',
  'deletedRemote',
  'merged',
  'problems',
  'pulled',
  'pushed',
  'skipped',
]
const STATUS_KEYS = ['conflicts', 'lastSyncedAt', 'pending', 'problems', 'state', 'type']

async function twoInStep(sandbox: Sandbox, files: Readonly<Record<string, string>>): Promise<void> {
  sandbox.project('a')
  sandbox.project('b')
  for (const [path, content] of Object.entries(files)) sandbox.put(`a/${path}`, content)
  expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
  expect((await sandbox.run(['sync', 'b'])).code).toBe(0)
}

const DAY_MS = 24 * 60 * 60_000

/** For a process whose clock is so many milliseconds off. */
function clockOff(ms: number): Record<string, string> {
  const code = `const now = Date.now; Date.now = () => now() + ${ms}`
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` }
}

/** Edits one file on both sides; the second to sync finds the conflict. */
async function inConflict(sandbox: Sandbox): Promise<void> {
  await twoInStep(sandbox, { 'data/a.md': 'base\n' })
  sandbox.put('a/data/a.md', 'from a\n')
  sandbox.put('b/data/a.md', 'from b\n')
  expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
}

describe.concurrent('sync', () => {
  test('R2 --json ends with the summary, and exits 0 in step', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const outcome = await sandbox.run(['sync', 'a', '--json'])
    expect(outcome.code).toBe(0)
    const summary = documentOf(outcome)
    expect(Object.keys(summary).sort()).toEqual(SUMMARY_KEYS)
    expect(summary).toMatchObject({ pushed: 1, pulled: 0, conflicts: 0, problems: 0 })
  })

  test('R3 nothing changed: nothing is done, and a person reads that', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    const outcome = await sandbox.run(['sync', 'a'])
    expect(outcome).toMatchObject({ code: 0, stdout: 'In step: nothing had to be done.\n', stderr: '' })
  })

  test('a person reads what travelled; messages are kept apart', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const { stdout, stderr } = await sandbox.run(['sync', 'a'])
    expect(stdout).toMatch(/↑ data\/a\.md {2}sent: new here\nIn step: 1 file sent\.\n$/)
    expect(stderr).toBe('')
    expect(stdout).not.toContain('\u001b')
  })

  test('R10 a record that is refused is a problem, told on stderr; all else is in step', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(sandbox.path('shared/sync.db'))
    database.prepare(`INSERT INTO files VALUES ('bot:../x.md', '../x.md', 'x', 'bot', 'shared', 1, 1)`).run()
    database.close()
    const outcome = await sandbox.run(['sync', 'b', '--json'])
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toMatchObject({ problems: 1 })
    expect(outcome.stderr).toMatch(/problem: .*\.\./)
    expect(existsSync(sandbox.path('x.md'))).toBe(false)
  })

  test('switched off, it does nothing, and that is no error', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const outcome = await sandbox.run(['sync', 'a', '--json'], { FILE_SYNC_ENABLED: 'false' })
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toMatchObject({ pushed: 0 })
    expect(outcome.stderr).toContain('FILE_SYNC_ENABLED')
    expect(existsSync(sandbox.path('shared/sync.db'))).toBe(false)
  })

  test('R8 a content folder that was moved away is held, deletes nothing, and goes on when it is back', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a', 'data/b.md': 'b' })
    renameSync(sandbox.path('a/data'), sandbox.path('a/away'))
    for (const command of ['sync', 'status']) expect((await sandbox.run([command, 'a'])).code).toBe(3)
    expect(documentOf(await sandbox.run(['status', 'a', '--json']))).toMatchObject({ state: 'held' })
    expect(documentOf(await sandbox.run(['sync', 'b', '--json']))).toMatchObject({ deletedLocal: 0 })
    renameSync(sandbox.path('a/away'), sandbox.path('a/data'))
    expect(await sandbox.run(['sync', 'a'])).toMatchObject({
      code: 0,
      stdout: 'In step: nothing had to be done.\n',
    })
  })

  test('in bulk, files are counted and not listed', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    for (let n = 0; n < 120; n++) sandbox.put(`a/data/${n}.md`, String(n))
    const brief = await sandbox.run(['sync', 'a'])
    expect(brief.stdout.split('\n').filter(line => line.includes('↑'))).toHaveLength(40)
    expect(brief.stderr).toContain('and 80 more files')
    expect(brief.stdout).toContain('In step: 120 files sent.')
  })

  test('R6 a conflict exits 3, and says what to do', async () => {
    await using sandbox = new Sandbox()
    await inConflict(sandbox)
    const outcome = await sandbox.run(['sync', 'b'])
    expect(outcome.code).toBe(3)
    expect(outcome.stdout).toContain('Not in step')
    expect(outcome.stdout).toContain('lockstep conflicts b')
    expect(readFileSync(sandbox.path('b/data/a.md'), 'utf8')).toBe('from b\n')
    expect(readFileSync(sandbox.path('b/data/a.md.conflict'), 'utf8')).toBe('from a\n')
  })

  test('a database that cannot be reached exits 1', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/.env', 'FILE_SYNC_SQLITE_PATH=../nowhere/sync.db\n')
    sandbox.put('a/data/a.md', 'a')
    const outcome = await sandbox.run(['sync', 'a', '--json'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('nowhere')
  })
})

describe.concurrent('what is asked of a folder', () => {
  test('status: the figures, and how the database is called', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    const outcome = await sandbox.run(['status', 'a', '--json'])
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toMatchObject({
      state: 'idle',
      pending: 0,
      conflicts: 0,
      problems: 0,
      lastSyncedAt: expect.any(Number),
      folder: sandbox.path('a'),
      backend: 'drizzle',
      database: sandbox.path('shared/sync.db'),
      appId: 'bot',
      engine: null,
      holds: [],
      problemList: [],
    })
  })

  test('R6 status and conflicts exit 3 while there is a conflict', async () => {
    await using sandbox = new Sandbox()
    await inConflict(sandbox)
    await sandbox.run(['sync', 'b'])
    expect((await sandbox.run(['status', 'b'])).code).toBe(3)
    const outcome = await sandbox.run(['conflicts', 'b', '--json'])
    expect(outcome.code).toBe(3)
    const side = (content: string): Json => ({ content, lastUpdated: expect.any(Number) })
    const conflicts = documentOf<readonly Json[]>(outcome)
    expect(conflicts).toHaveLength(1)
    expect(conflicts[0]).toMatchObject({
      path: 'data/a.md',
      channel: 'shared',
      local: side('from b\n'),
      remote: side('from a\n'),
    })
    // Null where the content that both sides last agreed on is not kept on this device.
    expect([null, 'base\n']).toContain((conflicts[0]!['base'] as Json | null)?.['content'] ?? null)
    const explained = await sandbox.run(['explain', 'b', 'data/a.md', '--json'])
    expect(explained.code).toBe(3)
    expect(documentOf(explained)).toMatchObject({ state: 'conflict' })
  })

  test('conflicts of a folder in step: an empty list, exit 0', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    expect(await sandbox.run(['conflicts', 'a', '--json'])).toMatchObject({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    })
  })

  test('plan says what a sync would do, and does nothing of it', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const plan = await sandbox.run(['plan', 'a', '--json'])
    expect(plan.code).toBe(0)
    expect(documentOf(plan)).toMatchObject({
      actions: [{ path: 'data/a.md', channel: 'shared', action: 'push', reason: 'local-new' }],
    })
    expect(existsSync(sandbox.path('shared/sync.db'))).toBe(false)
    expect(documentOf(await sandbox.run(['sync', 'a', '--json']))).toMatchObject({ pushed: 1 })
  })

  test('R12 explain names the rule, the pattern and its line', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const ask = async (path: string): Promise<Json> =>
      documentOf(await sandbox.run(['explain', 'a', path, '--json']))
    expect(await ask('data/a.md')).toMatchObject({
      path: 'data/a.md',
      channel: 'shared',
      rule: { kind: 'pattern', list: 'syncFilePatterns', pattern: 'data/**/*.md', index: 1, line: 4 },
    })
    expect(await ask('data/.env')).toMatchObject({
      state: 'denied',
      channel: null,
      rule: { kind: 'denylist' },
    })
    expect(await ask(sandbox.path('a/data/b.txt'))).toMatchObject({ path: 'data/b.txt', state: 'unmatched' })
  })
})

describe.concurrent('history and restore', () => {
  test('R1 what sync replaced is listed and can be brought back', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'first\n' })
    sandbox.put('a/data/a.md', 'second\n')
    await sandbox.run(['sync', 'a'])
    await sandbox.run(['sync', 'b'])
    const history = await sandbox.run(['history', 'b', 'data/a.md', '--contents', '--json'])
    expect(history.code).toBe(0)
    const versions = documentOf<readonly Json[]>(history)
    expect(versions).toHaveLength(1)
    expect(versions[0]).toMatchObject({
      path: 'data/a.md',
      version: expect.any(Number),
      time: expect.any(Number),
      reason: 'overwritten',
      size: 6,
      content: 'first\n',
    })
    expect(documentOf<readonly Json[]>(await sandbox.run(['history', 'b', '--json']))[0]).not.toHaveProperty(
      'content',
    )
    const version = String(versions[0]!['version'])
    const restored = await sandbox.run(['restore', 'b', 'data/a.md', '--version', version, '--json'])
    expect(documentOf(restored)).toEqual({ path: 'data/a.md', version: Number(version), replaced: true })
    expect(readFileSync(sandbox.path('b/data/a.md'), 'utf8')).toBe('first\n')
  })

  test('R16.5 what a program here replaced or deleted can be brought back', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'first\n' })
    sandbox.put('a/data/a.md', 'second\n')
    await sandbox.run(['sync', 'a'])
    unlinkSync(sandbox.path('a/data/a.md'))
    await sandbox.run(['sync', 'a'])
    const versions = documentOf<readonly Json[]>(await sandbox.run(['history', 'a', '--contents', '--json']))
    expect(versions.map(({ reason, content }) => [reason, content])).toEqual([
      ['deleted-here', 'second\n'],
      ['edited-here', 'first\n'],
    ])
    for (const { version, content } of versions) {
      await sandbox.run(['restore', 'a', 'data/a.md', '--version', String(version)])
      expect(readFileSync(sandbox.path('a/data/a.md'), 'utf8')).toBe(content)
    }
    expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
    expect((await sandbox.run(['sync', 'b'])).code).toBe(0)
    expect(readFileSync(sandbox.path('b/data/a.md'), 'utf8')).toBe('first\n')
  })

  test('R16.8 a path is forgotten once a person has said so twice', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/key.md': 'hunter2\n', 'data/a.md': 'a\n' })
    for (const path of ['data/key.md', 'data/a.md']) sandbox.put(`a/${path}`, 'replaced\n')
    await sandbox.run(['sync', 'a'])
    const asked = await sandbox.run(['history', 'a', '--forget', 'data/key.md', '--json'])
    expect(asked.code).toBe(3)
    expect(documentOf(asked)).toEqual({
      what: 'data/key.md',
      versions: 1,
      isForgotten: false,
      stillIn: [],
      copies: [],
    })
    const forgotten = await sandbox.run(['history', 'a', '--forget', 'data/key.md', '--yes'])
    expect(forgotten).toMatchObject({ code: 0, stdout: '1 version of data/key.md erased for good.\n' })
    const left = documentOf<readonly Json[]>(await sandbox.run(['history', 'a', '--contents', '--json']))
    expect(left.map(({ path, content }) => [path, content])).toEqual([['data/a.md', 'a\n']])
    expect(readFileSync(sandbox.path('a/data/key.md'), 'utf8')).toBe('replaced\n')
    for (const none of ['data/key.md', 'data', 'data/*.md']) {
      const refused = await sandbox.run(['history', 'a', '--forget', none, '--yes'])
      expect(refused.code, none).toBe(1)
      expect(refused.stderr).toContain(`no version of ${none}`)
    }
  })

  test('R16.9 what a file holds now, or is in conflict, is not forgotten', async () => {
    await using sandbox = new Sandbox()
    await inConflict(sandbox)
    await sandbox.run(['sync', 'b'])
    const refused = await sandbox.run(['history', 'b', '--forget', 'data/a.md', '--yes', '--json'])
    expect(refused.code).toBe(1)
    expect(documentOf(refused)).toHaveProperty('error.message', expect.stringContaining('in conflict'))
    const [{ hash } = {}] = documentOf<readonly Json[]>(await sandbox.run(['history', 'a', '--json']))
    sandbox.put('a/data/b.md', 'base\n')
    await sandbox.run(['sync', 'a'])
    const inUse = await sandbox.run(['history', 'a', '--forget', String(hash), '--yes', '--json'])
    expect(documentOf(inUse)).toHaveProperty(
      'error.message',
      expect.stringContaining('data/b.md holds this content now'),
    )
  })

  test.each([
    ['40 days ahead', 40 * DAY_MS],
    ['in 2001', Date.UTC(2001, 0, 1) - Date.now()],
  ])('R16.6 one sync with a clock %s costs no history', async (_name, off) => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'first\n' })
    sandbox.put('a/data/a.md', 'second\n')
    await sandbox.run(['sync', 'a'])
    await sandbox.run(['sync', 'b'])
    sandbox.put('a/data/a.md', 'third\n')
    await sandbox.run(['sync', 'a'])
    expect((await sandbox.run(['sync', 'b'], clockOff(off))).code).toBe(0)
    expect((await sandbox.run(['sync', 'b'])).code).toBe(0)
    const versions = documentOf<readonly Json[]>(await sandbox.run(['history', 'b', '--contents', '--json']))
    expect(versions.map(({ content }) => content)).toEqual(['second\n', 'first\n'])
    const [wrong, right] = versions.map(({ time }) => Number(time)) as [number, number]
    expect(Math.round((wrong - right) / DAY_MS)).toBe(Math.round(off / DAY_MS))
  })

  test('a version that is not there exits 1', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    const outcome = await sandbox.run(['restore', 'a', 'data/a.md', '--version', '999', '--json'])
    expect(outcome.code).toBe(1)
    expect(documentOf(outcome)).toHaveProperty('error.message')
  })
})

describe.concurrent('R8 held deletes', () => {
  const MANY = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`data/${n}.md`, String(n)]))

  async function held(sandbox: Sandbox): Promise<void> {
    await twoInStep(sandbox, MANY)
    for (const path of Object.keys(MANY)) unlinkSync(sandbox.path(`a/${path}`))
  }

  test('exit 3, are listed, and are put back by restore-held', async () => {
    await using sandbox = new Sandbox()
    await held(sandbox)
    expect((await sandbox.run(['sync', 'a'])).code).toBe(3)
    const status = await sandbox.run(['status', 'a', '--json'])
    expect(status.code).toBe(3)
    expect(documentOf(status)).toMatchObject({ state: 'held' })
    expect(documentOf<{ holds: readonly Json[] }>(status).holds).toHaveLength(25)
    const human = await sandbox.run(['status', 'a'])
    expect(human.stdout).toContain('lockstep restore-held a')
    expect(human.stdout).toContain('lockstep approve a')
    const outcome = await sandbox.run(['restore-held', 'a', '--json'])
    expect(outcome.code).toBe(0)
    expect(documentOf<{ done: readonly Json[] }>(outcome).done).toHaveLength(25)
    expect(readFileSync(sandbox.path('a/data/7.md'), 'utf8')).toBe('7')
  })

  test('R8.9 are carried out by approve, here and on the other devices', async () => {
    await using sandbox = new Sandbox()
    await held(sandbox)
    await sandbox.run(['sync', 'a'])
    const outcome = await sandbox.run(['approve', 'a', '--json'])
    expect(documentOf<{ done: readonly Json[] }>(outcome).done).toHaveLength(25)
    expect((await sandbox.run(['sync', 'b'])).code).toBe(0)
    expect(existsSync(sandbox.path('b/data/7.md'))).toBe(false)
  })

  test('nothing held: nothing to approve', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    expect(await sandbox.run(['approve', 'a'])).toMatchObject({ code: 0, stdout: 'Nothing is held.\n' })
  })
})

describe.concurrent('watch', () => {
  test('--json prints ready once, and events of four kinds in their shapes', async () => {
    await using sandbox = new Sandbox()
    await twoInStep(sandbox, { 'data/a.md': 'a' })
    const a = await sandbox.watch('a')
    await a.until(event => event['type'] === 'ready', 'ready')
    sandbox.put('a/data/new.md', 'new')
    const file = await a.until(event => event['type'] === 'file', 'the file')
    expect(file).toEqual({
      type: 'file',
      path: 'data/new.md',
      channel: 'shared',
      action: 'push',
      reason: 'local-new',
    })
    const outcome = await a.stop()
    expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(a.events.filter(({ type }) => type === 'ready')).toHaveLength(1)
    for (const event of a.events) {
      expect(['ready', 'status', 'file', 'problem']).toContain(event['type'])
      if (event['type'] === 'status') expect(Object.keys(event).sort()).toEqual(STATUS_KEYS)
    }
  })

  test('R14 a second engine is refused with 4, and told who holds the folder', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    const a = await sandbox.watch('a')
    for (const command of ['watch', 'sync']) {
      const outcome = await sandbox.run([command, 'a', '--json'])
      expect(outcome.code).toBe(4)
      expect(documentOf(outcome)).toMatchObject({
        error: {
          code: 'folder-held',
          holder: { pid: a.child.pid, command: 'lockstep watch', startedAt: expect.any(Number) },
        },
      })
    }
    const status = await sandbox.run(['status', 'a', '--json'])
    expect(documentOf(status)).toMatchObject({ engine: { pid: a.child.pid } })
    expect((await a.stop('SIGINT')).code).toBe(0)
    expect((await sandbox.run(['sync', 'a'])).code).toBe(0)
  })

  test('a reader that goes away ends it in good order', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    const a = await sandbox.watch('a')
    a.child.stdout!.destroy()
    sandbox.put('a/data/new.md', 'new')
    expect((await a.outcome).code).toBe(0)
    rmSync(sandbox.path('a/data/new.md'))
  })

  test('for a person: what travels, and no escape sequence without a terminal', async () => {
    await using sandbox = new Sandbox()
    sandbox.project('a')
    sandbox.put('a/data/a.md', 'a')
    const child = sandbox.start(['watch', 'a'])
    const outcome = outcomeOf(child)
    let said = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await until(
      () => said.includes('data/a.md') && said.includes('in step'),
      'both lines',
      () => said,
    )
    child.kill('SIGINT')
    const { code, signal, stdout, stderr } = await outcome
    expect([code, signal]).toEqual([0, null])
    expect(stdout).toContain('↑ data/a.md  sent: new here')
    expect(stdout + stderr).not.toContain('\u001b')
  })
})
