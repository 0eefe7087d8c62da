import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { documentOf, Sandbox } from './command-line.ts'

let sandbox: Sandbox

beforeEach(() => {
  sandbox = new Sandbox()
})

afterEach(() => {
  sandbox.remove()
})

const COMMANDS = [
  'init',
  'watch',
  'sync',
  'status',
  'plan',
  'explain',
  'conflicts',
  'approve',
  'restore-held',
  'adopt',
  'history',
  'restore',
  'doctor',
  'resolve',
  'serve',
]

describe('help', () => {
  test('lists every command', async () => {
    const { code, stdout, stderr } = await sandbox.run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(stdout).toContain('Exit codes:')
  })

  test.each(COMMANDS)('of %s has examples and takes --json', async command => {
    const { code, stdout } = await sandbox.run([command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples:\n {2}\$ lockstep /)
    expect(stdout).toContain('--json')
  })

  test('the version is that of the package', async () => {
    expect(await sandbox.run(['--version'])).toMatchObject({
      code: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    })
  })
})

describe('wrong usage exits 2 and says so on stderr', () => {
  test.each([
    ['no command', [], /Usage:/],
    ['an unknown command', ['wacth', '.'], /Did you mean watch/],
    ['a missing folder', ['sync'], /missing required argument/],
    ['an unknown option', ['status', '.', '--nonsense'], /unknown option/],
    ['one argument too many', ['sync', '.', 'x'], /too many arguments/],
    ['a version that is no number', ['restore', '.', 'data/a.md', '--version', 'x'], /must be a number/],
    ['a digest that is none', ['approve', '.', 'data/a.md', '--content', '3f2a'], /must be the SHA-256/],
    ['no version', ['restore', '.', 'data/a.md'], /--version/],
  ])('%s', async (_name, args, message) => {
    const outcome = await sandbox.run(args)
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
    expect(outcome.stderr).toMatch(message)
  })

  // As a shell gives it for `*` in a folder that somebody else has made.
  test.each(['--\u001b]8;;http://evil.example\u001b\\x', 'x\u001b[8m\u009b31m\u202ey'])(
    'R12.5 a name in the place of an option moves no terminal: %j',
    async name => {
      for (const args of [[name], ['sync', '.', name], ['status', '.', '--json', name]]) {
        const { code, stdout, stderr } = await sandbox.run(args)
        expect(code).toBe(2)
        // oxlint-disable-next-line no-control-regex -- what a terminal would act on
        expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      }
    },
  )

  test.each([[['--json']], [['sync', '--json']], [['nonsense', '--json']]])(
    '%j ends with a JSON document',
    async args => {
      const outcome = await sandbox.run(args)
      expect(outcome.code).toBe(2)
      expect(documentOf(outcome)).toEqual({ error: { code: 'usage', message: expect.stringMatching(/./) } })
    },
  )
})

describe('wrong configuration exits 2', () => {
  const FOLDER_COMMANDS: readonly (readonly string[])[] = [
    ['watch', 'bot'],
    ['sync', 'bot'],
    ['status', 'bot'],
    ['plan', 'bot'],
    ['explain', 'bot', 'data/a.md'],
    ['conflicts', 'bot'],
    ['approve', 'bot'],
    ['restore-held', 'bot'],
    ['history', 'bot'],
    ['restore', 'bot', 'data/a.md', '--version', '1'],
  ]

  test.each(FOLDER_COMMANDS)('%s %s names file and line of what is broken', async (...args) => {
    sandbox.project('bot')
    sandbox.put('bot/data/sync-config.json', '{\n  "syncFilePatterns": "data/**"\n}\n')
    const outcome = await sandbox.run([...args, '--json'])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toContain('data/sync-config.json, line 2: ')
    expect(documentOf(outcome)).toEqual({
      error: {
        code: 'config-invalid',
        file: 'data/sync-config.json',
        line: 2,
        message: expect.stringContaining('must be a list'),
      },
    })
  })

  test('a folder without configuration says how to set it up', async () => {
    sandbox.put('bot/package.json', '{}')
    const outcome = await sandbox.run(['sync', 'bot'])
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
    expect(outcome.stderr).toContain(`lockstep init ${sandbox.path('bot')}`)
  })

  test('a custom adapter that is not there says where it is looked for', async () => {
    sandbox.project('bot')
    sandbox.put('bot/.env', 'FILE_SYNC_BACKEND=custom\nFILE_SYNC_ADAPTER=lib/none.mjs\n')
    const outcome = await sandbox.run(['sync', 'bot'])
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
    expect(outcome.stderr).toContain('FILE_SYNC_ADAPTER: there is no file lib/none.mjs')
  })

  test('a bad app id says how to set a good one', async () => {
    sandbox.project('bot')
    sandbox.put('bot/.env', 'FILE_SYNC_APP_ID=my bot\n')
    const outcome = await sandbox.run(['sync', 'bot'])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/\.env, line 1: FILE_SYNC_APP_ID: .*FILE_SYNC_APP_ID=my-bot/)
  })
})

describe('init', () => {
  test('sets up a folder that then syncs', async () => {
    const { code, stdout, stderr } = await sandbox.run(['init', 'bot', '--sqlite', '../x.db', '--app', 'bot'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('created data/sync-config.json')
    expect(stdout).toContain('lockstep watch bot')
    sandbox.put('bot/data/a.md', 'a')
    const sync = await sandbox.run(['sync', 'bot', '--json'])
    expect(documentOf(sync)).toMatchObject({ pushed: 1, problems: 0 })
  })

  test('--json lists what it created', async () => {
    const args = [
      'init',
      'bot',
      '--json',
      '--pattern',
      'data/*.md',
      'data/*.txt',
      '--private',
      'data/own/**',
      '--user',
      'ann',
    ]
    expect(documentOf(await sandbox.run(args))).toEqual({
      folder: sandbox.path('bot'),
      configFile: 'data/sync-config.json',
      created: ['data/sync-config.json', '.env'],
      changed: [],
      appId: 'bot',
      database: sandbox.path('bot/data/sync.db'),
      isOwnDatabase: true,
      widened: [],
      records: 0,
      trusted: [],
      waiting: [],
    })
  })

  test('refuses to overwrite patterns', async () => {
    sandbox.project('bot')
    expect((await sandbox.run(['init', 'bot', '--pattern', 'x'])).code).toBe(2)
  })
})

describe('doctor', () => {
  interface Report {
    readonly checks: readonly {
      readonly id: string
      readonly status: string
      readonly advice: string | null
    }[]
  }

  const statusOf = (report: Report, id: string): string | undefined =>
    report.checks.find(check => check.id === id)?.status

  test('of the machine alone', async () => {
    const outcome = await sandbox.run(['doctor', '--json'])
    expect(outcome.code).toBe(0)
    expect(documentOf<Report>(outcome).checks.map(({ id }) => id)).toEqual(['node', 'state-folder'])
  })

  test('of a good project, before and after its first sync', async () => {
    sandbox.project('bot')
    sandbox.put('bot/data/a.md', 'a')
    for (const moment of ['before', 'after']) {
      const outcome = await sandbox.run(['doctor', 'bot', '--json'])
      const report = documentOf<Report>(outcome)
      expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
      expect(outcome.code).toBe(0)
      expect(statusOf(report, 'database-reachable')).toBe('ok')
      expect(statusOf(report, 'database-writable')).toBe(moment === 'before' ? undefined : 'ok')
      if (moment === 'before') await sandbox.run(['sync', 'bot'])
    }
    const sync = documentOf(await sandbox.run(['sync', 'bot', '--json']))
    expect(sync, 'the probe has left nothing behind').toMatchObject({ pulled: 0, problems: 0, skipped: 0 })
  })

  test('a broken project fails with advice, and exits 1', async () => {
    sandbox.project('bot')
    sandbox.put('bot/.env', 'FILE_SYNC_SQLITE_PATH=../nowhere/sync.db\n')
    const outcome = await sandbox.run(['doctor', 'bot', '--json'])
    expect(outcome.code).toBe(1)
    const check = documentOf<Report>(outcome).checks.find(({ id }) => id === 'database-reachable')
    expect(check).toMatchObject({
      status: 'failed',
      advice: expect.stringContaining('FILE_SYNC_SQLITE_PATH'),
    })
  })
})
