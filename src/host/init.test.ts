import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setEnvValues } from './env-file.ts'
import { ConfigurationError } from './errors.ts'
import { initProject } from './init.ts'
import type { InitOptions } from './init.ts'

let top: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-init-')))
})

afterEach(() => {
  rmSync(top, { recursive: true, force: true })
})

const NOTHING_ASKED: InitOptions = { patterns: [], privatePatterns: [], settings: {} }

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('init', () => {
  test('creates sync-config.json with the default patterns, and no .env', () => {
    const report = initProject(join(top, 'bot'), NOTHING_ASKED, {})
    expect(report).toEqual({
      folder: join(top, 'bot'),
      configFile: 'data/sync-config.json',
      created: ['data/sync-config.json'],
      changed: [],
      appId: 'bot',
      database: join(top, 'bot/data/sync.db'),
      isOwnDatabase: true,
      widened: [],
    })
    expect(JSON.parse(readFileSync(join(top, 'bot/data/sync-config.json'), 'utf8'))).toEqual({
      syncFilePatterns: ['data/**/*.json', 'data/**/*.md'],
      privateSyncFilePatterns: [],
    })
    expect(readdirSync(join(top, 'bot'))).toEqual(['data'])
  })

  test('takes patterns and settings; .env is for its owner alone', () => {
    const settings = { FILE_SYNC_SQLITE_PATH: '../shared/my sync.db', FILE_SYNC_USER_ID: 'ann' }
    const report = initProject(
      top,
      { patterns: ['data/*.md'], privatePatterns: ['data/own/**'], settings },
      { FILE_SYNC_APP_ID: 'x' },
    )
    expect(report.created).toEqual(['data/sync-config.json', '.env'])
    expect(readFileSync(join(top, '.env'), 'utf8')).toBe(
      'FILE_SYNC_SQLITE_PATH=../shared/my sync.db\nFILE_SYNC_USER_ID=ann\n',
    )
    expect(modeOf(join(top, '.env'))).toBe(0o600)
    expect(JSON.parse(readFileSync(join(top, 'data/sync-config.json'), 'utf8'))).toEqual({
      syncFilePatterns: ['data/*.md'],
      privateSyncFilePatterns: ['data/own/**'],
    })
  })

  test('R15.7 the name of a folder is written for what lies in it, but for what would share something private', () => {
    const folder = join(top, 'bot')
    for (const name of ['notes', 'secrets', 'own/public'])
      mkdirSync(join(folder, 'data', name), { recursive: true })
    const report = initProject(
      folder,
      {
        patterns: ['data/notes', 'data/new', '!data/secrets', 'data/a.md'],
        privatePatterns: ['data/own', '!data/own/public'],
        settings: { FILE_SYNC_USER_ID: 'ann' },
      },
      {},
    )
    expect(report.widened).toEqual(['data/notes', '!data/secrets', 'data/own'])
    expect(JSON.parse(readFileSync(join(folder, 'data/sync-config.json'), 'utf8'))).toEqual({
      syncFilePatterns: ['data/notes/**', 'data/new', '!data/secrets/**', 'data/a.md'],
      privateSyncFilePatterns: ['data/own/**', '!data/own/public'],
    })
  })

  test('run twice changes nothing', () => {
    initProject(join(top, 'bot'), { ...NOTHING_ASKED, settings: { FILE_SYNC_USER_ID: 'ann' } }, {})
    const before = statSync(join(top, 'bot/.env'))
    const report = initProject(
      join(top, 'bot'),
      { ...NOTHING_ASKED, settings: { FILE_SYNC_USER_ID: 'ann' } },
      {},
    )
    expect(report).toMatchObject({ created: [], changed: [] })
    expect(statSync(join(top, 'bot/.env')).ino).toBe(before.ino)
  })

  test('never overwrites patterns that are there', () => {
    mkdirSync(join(top, 'bot/data'), { recursive: true })
    writeFileSync(join(top, 'bot/data/sync-config.json'), '{ "mine": true }')
    expect(() => initProject(join(top, 'bot'), { ...NOTHING_ASKED, patterns: ['x'] }, {})).toThrow(
      ConfigurationError,
    )
    initProject(join(top, 'bot'), NOTHING_ASKED, {})
    expect(readFileSync(join(top, 'bot/data/sync-config.json'), 'utf8')).toBe('{ "mine": true }')
  })

  test('a pattern that cannot be used is refused before anything is created', () => {
    expect(() =>
      initProject(join(top, 'bot'), { ...NOTHING_ASKED, patterns: ['x'.repeat(201)] }, {}),
    ).toThrow(/200/)
    expect(readdirSync(top)).toEqual([])
  })

  test('a folder whose name cannot be the app says how to set one', () => {
    expect(() => initProject(join(top, 'my bot'), NOTHING_ASKED, {})).toThrow(/FILE_SYNC_APP_ID.*--app/)
    expect(readdirSync(top)).toEqual([])
    const settings = { FILE_SYNC_APP_ID: 'my-bot' }
    expect(initProject(join(top, 'my bot'), { ...NOTHING_ASKED, settings }, {}).appId).toBe('my-bot')
  })

  test.each([{ FILE_SYNC_APP_ID: 'bad id' }, { FILE_SYNC_USER_ID: 'shared' }])(
    '%j is refused before anything is created or changed, whatever the environment says',
    settings => {
      const env = { FILE_SYNC_APP_ID: 'good', FILE_SYNC_USER_ID: 'ann' }
      const ask = (folder: string) => () =>
        initProject(join(top, folder), { ...NOTHING_ASKED, settings }, env)
      expect(ask('new')).toThrow(/nothing was written/)
      initProject(join(top, 'bot'), NOTHING_ASKED, {})
      writeFileSync(join(top, 'bot/.env'), 'A=1\n')
      expect(ask('bot')).toThrow(ConfigurationError)
      expect(readdirSync(top)).toEqual(['bot'])
      expect(readFileSync(join(top, 'bot/.env'), 'utf8')).toBe('A=1\n')
    },
  )

  test('a broken sync-config.json is told before .env is touched', () => {
    mkdirSync(join(top, 'bot/data'), { recursive: true })
    writeFileSync(join(top, 'bot/data/sync-config.json'), '{')
    const settings = { FILE_SYNC_APP_ID: 'bot' }
    expect(() => initProject(join(top, 'bot'), { ...NOTHING_ASKED, settings }, {})).toThrow(/line 1/)
    expect(readdirSync(join(top, 'bot'))).toEqual(['data'])
  })

  test('settings that only .env can take are missing afterwards, and all else is set up', () => {
    const settings = { FILE_SYNC_BACKEND: 'supabase' }
    expect(() => initProject(join(top, 'bot'), { ...NOTHING_ASKED, settings }, {})).toThrow(
      /SUPABASE_URL.*All else is set up \(data\/sync-config\.json, \.env\)/,
    )
    expect(readFileSync(join(top, 'bot/.env'), 'utf8')).toBe('FILE_SYNC_BACKEND=supabase\n')
  })
})

describe('saving settings', () => {
  test('keeps the mode of a file that is there', () => {
    const path = join(top, '.env')
    writeFileSync(path, '# mine\nA=1')
    chmodSync(path, 0o640)
    expect(setEnvValues(top, { A: '2', B: 'x' })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('# mine\nA=2\nB=x')
    expect(modeOf(path)).toBe(0o640)
    expect(readdirSync(top)).toEqual(['.env'])
  })

  test('writes through a link and leaves it one', () => {
    writeFileSync(join(top, 'real.env'), 'A=1\n')
    symlinkSync('real.env', join(top, '.env'))
    setEnvValues(top, { A: '2' })
    expect(lstatSync(join(top, '.env')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(top, 'real.env'), 'utf8')).toBe('A=2\n')
  })

  test('R17.2 a link that leads out of the project is not written through', () => {
    const project = join(top, 'project')
    mkdirSync(project)
    writeFileSync(join(top, 'bashrc'), 'export A=1\n')
    symlinkSync('../bashrc', join(project, '.env'))
    const settings = { FILE_SYNC_USER_ID: 'me' }
    const init = () => initProject(project, { patterns: [], privatePatterns: [], settings }, {})
    expect(init).toThrow(/^\.env: It leads out of the project, to .*bashrc/)
    expect(readFileSync(join(top, 'bashrc'), 'utf8')).toBe('export A=1\n')
    expect(readdirSync(project)).toEqual(['.env'])

    rmSync(join(project, '.env'))
    mkdirSync(join(top, 'elsewhere'))
    symlinkSync('../elsewhere', join(project, 'data'))
    expect(init).toThrow(/^data\/sync-config\.json: It leads out of the project, to .*elsewhere/)
    expect(readdirSync(join(top, 'elsewhere'))).toEqual([])
    expect(readdirSync(project)).toEqual(['data'])
  })

  test('what cannot be written is refused, and nothing is', () => {
    writeFileSync(join(top, '.env'), 'A=1\n')
    expect(() => setEnvValues(top, { B: 'x', A: `x'"\`#` })).toThrow(ConfigurationError)
    expect(readFileSync(join(top, '.env'), 'utf8')).toBe('A=1\n')
  })
})

test('F23 says when the database is the project’s own, where nobody else meets it', () => {
  const own = initProject(join(top, 'own'), { patterns: [], privatePatterns: [], settings: {} }, {})
  expect(own.isOwnDatabase).toBe(true)
  const settings = { FILE_SYNC_SQLITE_PATH: '../shared.db' }
  const shared = initProject(join(top, 'shared'), { patterns: [], privatePatterns: [], settings }, {})
  expect(shared.isOwnDatabase).toBe(false)
})
