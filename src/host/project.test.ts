import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigurationError } from './errors.ts'
import { loadProject, projectFingerprint } from './project.ts'

let top: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-project-')))
})

afterEach(() => {
  rmSync(top, { recursive: true, force: true })
})

function put(path: string, text = '{}'): string {
  const full = join(top, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}

function faultOf(folder: string, env: Record<string, string> = {}): ConfigurationError {
  try {
    loadProject(folder, env)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('expected a ConfigurationError')
}

describe('which folder is the project', () => {
  test('the content root is data/ by convention', () => {
    put('bot/package.json')
    put('bot/data/sync-config.json')
    const project = loadProject(join(top, 'bot'), {})
    expect(project).toMatchObject({
      folder: join(top, 'bot'),
      contentRoot: 'data',
      configFile: 'data/sync-config.json',
    })
    expect(project.sqlitePath).toBe(join(top, 'bot/data/sync.db'))
  })

  test('picking the content root means its parent', () => {
    put('bot/package.json')
    put('bot/data/sync-config.json')
    expect(loadProject(join(top, 'bot/data'), {})).toMatchObject({
      folder: join(top, 'bot'),
      contentRoot: 'data',
    })
  })

  test('a content root of any name can be picked', () => {
    put('bot/state/sync-config.json')
    expect(loadProject(join(top, 'bot/state'), {})).toMatchObject({
      folder: join(top, 'bot'),
      contentRoot: 'state',
      configFile: 'state/sync-config.json',
    })
  })

  test('a project that holds sync-config.json itself is its own content root', () => {
    put('bot/package.json')
    put('bot/sync-config.json')
    const project = loadProject(join(top, 'bot'), {})
    expect(project).toMatchObject({
      folder: join(top, 'bot'),
      contentRoot: '',
      configFile: 'sync-config.json',
    })
    expect(project.sqlitePath).toBe(join(top, 'bot/sync.db'))
  })

  test('contentRoot in sync-config.json wins over where the file lies', () => {
    put('bot/package.json')
    put('bot/sync-config.json', '{ "contentRoot": "state/live" }')
    expect(loadProject(join(top, 'bot'), {}).contentRoot).toBe('state/live')
    expect(loadProject(join(top, 'bot'), {}).sqlitePath).toBe(join(top, 'bot/state/live/sync.db'))
  })

  test('F24 a project reached through a symbolic link is the same project', () => {
    put('bot/data/sync-config.json')
    symlinkSync(join(top, 'bot'), join(top, 'link'))
    expect(loadProject(join(top, 'link'), {}).folder).toBe(join(top, 'bot'))
  })

  test('a folder without sync-config.json says how to get one', () => {
    mkdirSync(join(top, 'bot'))
    const fault = faultOf(join(top, 'bot'))
    expect(fault.code).toBe('config-missing')
    expect(fault.message).toContain(`lockstep init ${join(top, 'bot')}`)
  })

  test('R8 a content folder that was moved away is a missing configuration, not an empty one', () => {
    put('bot/data/sync-config.json')
    loadProject(join(top, 'bot'), {})
    renameSync(join(top, 'bot/data'), join(top, 'bot/elsewhere'))
    expect(faultOf(join(top, 'bot')).code).toBe('config-missing')
  })

  test('a folder that is not there, and a file in its place', () => {
    expect(faultOf(join(top, 'nothing')).code).toBe('folder-missing')
    expect(faultOf(put('file.txt')).message).toContain('is a file')
  })
})

describe('sync-config.json', () => {
  test('a broken file is an error that names file, line and reason', () => {
    put('bot/data/sync-config.json', '{\n  "syncFilePatterns": [\n    "data/**",\n  ]\n}\n')
    const fault = faultOf(join(top, 'bot'))
    expect(fault).toMatchObject({ code: 'config-invalid', file: 'data/sync-config.json', line: 4 })
    expect(fault.message).toMatch(/^data\/sync-config\.json, line 4: There is a comma/)
  })

  test('an unreadable file is an error', ({ skip }) => {
    skip(process.getuid?.() === 0, 'root reads every file')
    chmodSync(put('bot/data/sync-config.json'), 0o000)
    expect(faultOf(join(top, 'bot')).code).toBe('config-invalid')
  })

  test('a folder of its name is told', () => {
    mkdirSync(join(top, 'bot/data/sync-config.json'), { recursive: true })
    expect(faultOf(join(top, 'bot'))).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('data/sync-config.json: It is a folder') as unknown,
    })
  })

  test('R12 patterns keep their lines', () => {
    put('bot/data/sync-config.json', '{\n  "syncFilePatterns": [\n    "data/**/*.md"\n  ]\n}\n')
    const project = loadProject(join(top, 'bot'), {})
    expect(project.config.shared).toEqual([{ pattern: 'data/**/*.md', index: 0, line: 3 }])
    expect(project.rules.classify('data/a.md').kind).toBe('synced')
    expect(project.rules.classify('data/.env').kind).toBe('denied')
  })
})

describe('settings', () => {
  beforeEach(() => {
    put('bot/data/sync-config.json')
  })

  const load = (env: Record<string, string> = {}): ReturnType<typeof loadProject> =>
    loadProject(join(top, 'bot'), env)

  test('the app is the name in package.json without its scope, else the folder', () => {
    expect(load().appId).toBe('bot')
    put('bot/package.json', '{ "name": "@acme/mail-bot" }')
    expect(load().appId).toBe('mail-bot')
    put('bot/package.json', '{ "private": true }')
    expect(load().appId).toBe('bot')
  })

  test('.env counts, and real variables win over it', () => {
    put('bot/.env', 'FILE_SYNC_APP_ID=from-file\nFILE_SYNC_USER_ID="ann"\n')
    expect(load()).toMatchObject({ appId: 'from-file', userId: 'ann' })
    expect(load({ FILE_SYNC_APP_ID: 'from-environment' })).toMatchObject({
      appId: 'from-environment',
      userId: 'ann',
    })
    expect(load({ FILE_SYNC_APP_ID: '' }).appId).toBe('from-file')
  })

  test('the SQLite path is relative to the project', () => {
    put('bot/.env', 'FILE_SYNC_SQLITE_PATH=../shared/sync.db\n')
    expect(load().sqlitePath).toBe(join(top, 'shared/sync.db'))
    expect(load().database).toEqual({ backend: 'drizzle', description: join(top, 'shared/sync.db') })
    expect(load({ FILE_SYNC_SQLITE_PATH: join(top, 'x.db') }).sqlitePath).toBe(join(top, 'x.db'))
  })

  test('R4 one database has one name, by whichever link it is reached', () => {
    mkdirSync(join(top, 'shared'))
    symlinkSync(join(top, 'shared'), join(top, 'way'))
    expect(load({ FILE_SYNC_SQLITE_PATH: '../way/sync.db' }).sqlitePath).toBe(join(top, 'shared/sync.db'))
  })

  test('a bad setting names its line in .env and how to set a good one', () => {
    put('bot/.env', '# the app\nFILE_SYNC_APP_ID=my app\n')
    expect(faultOf(join(top, 'bot'))).toMatchObject({ code: 'settings-invalid', file: '.env', line: 2 })
    expect(faultOf(join(top, 'bot')).message).toMatch(/^\.env, line 2: FILE_SYNC_APP_ID: /)
    expect(faultOf(join(top, 'bot'), { FILE_SYNC_APP_ID: 'a b' }).file).toBeNull()
  })

  test('a broken package.json does not pass for one without a name', () => {
    put('bot/package.json', '{ "name": ')
    expect(faultOf(join(top, 'bot'))).toMatchObject({ code: 'settings-invalid', file: 'package.json' })
    expect(load({ FILE_SYNC_APP_ID: 'bot' }).appId).toBe('bot')
  })

  test('what is switched off needs no other setting', () => {
    put('bot/.env', 'FILE_SYNC_ENABLED=false\nFILE_SYNC_BACKEND=nonsense\n')
    expect(load().settings.enabled).toBe(false)
  })

  test.each([
    ['false', false],
    ['0', false],
    ['No', false],
    ['off', false],
    ['true', true],
    ['1', true],
    ['yes', true],
    ['ON', true],
  ])('FILE_SYNC_ENABLED=%s', (value, isOn) => {
    put('bot/.env', `FILE_SYNC_ENABLED=${value}\n`)
    expect(load().settings.enabled).toBe(isOn)
    put('bot/.env', '')
    expect(load({ FILE_SYNC_ENABLED: value }).settings.enabled).toBe(isOn)
  })

  test('FILE_SYNC_ENABLED that is neither yes nor no is an error, and not a yes', () => {
    put('bot/.env', 'FILE_SYNC_ENABLED=nope\n')
    expect(faultOf(join(top, 'bot'))).toMatchObject({
      code: 'settings-invalid',
      file: '.env',
      line: 1,
      message: expect.stringContaining('"nope" is neither yes nor no'),
    })
  })

  test.each([
    ['with its mark', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('A=1\n', 'utf16le')])],
    ['big-endian', Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from('A=1\n', 'utf16le').swap16()])],
    ['without a mark', Buffer.from('FILE_SYNC_SQLITE_PATH=x.db\n', 'utf16le')],
  ])('.env in UTF-16, %s, is an error, and not empty', (_, bytes) => {
    put('bot/.env', '')
    writeFileSync(join(top, 'bot/.env'), bytes)
    expect(faultOf(join(top, 'bot'))).toMatchObject({
      code: 'settings-invalid',
      file: '.env',
      message: expect.stringContaining('UTF-16'),
    })
  })

  test('.env that is no regular file, or too large, is an error, and nobody waits for it', () => {
    mkdirSync(join(top, 'bot/.env'))
    expect(faultOf(join(top, 'bot')).message).toContain('It is a folder, not a regular file')
    rmSync(join(top, 'bot/.env'), { recursive: true })
    put('bot/.env', `A=${'x'.repeat(1024 * 1024)}\n`)
    expect(faultOf(join(top, 'bot')).message).toContain('larger than 1 MB')
  })

  test.skipIf(process.platform === 'win32')(
    '.env that is a pipe is an error, and nobody waits for it',
    () => {
      execFileSync('mkfifo', [join(top, 'bot/.env')])
      expect(faultOf(join(top, 'bot')).message).toContain('It is a named pipe, not a regular file')
    },
  )

  test('R10.1 what .env names for another backend than the one in use does not sync either', () => {
    put('bot/data/sync-config.json', '{"syncFilePatterns":["data/**"]}')
    put('bot/.env', 'GOOGLE_APPLICATION_CREDENTIALS=data/prod.json\nFILE_SYNC_SQLITE_PATH=data/store.sync\n')
    const kinds = (env: Record<string, string>): string[] =>
      ['data/prod.json', 'data/store.sync', 'data/store.sync-wal', 'data/x.json'].map(
        path => load(env).rules.classify(path).kind,
      )
    const convex = { FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'https://x.convex.cloud' }
    for (const env of [{}, convex]) expect(kinds(env)).toEqual(['denied', 'denied', 'denied', 'synced'])
  })

  test('R10.1 files that other variables name for what they log in with do not sync; secrets themselves name none', () => {
    put('bot/data/sync-config.json', '{"syncFilePatterns":["data/**"]}')
    put(
      'bot/.env',
      ['TLS_CERT_FILE=data/tls.txt', 'JWT_SECRET=word', '#OLD_KEY=data/old.txt', 'THEME=data/x.json'].join(
        '\n',
      ),
    )
    for (const name of ['tls.txt', 'pg.txt', 'old.txt', 'x.json', 'word']) put(`bot/data/${name}`)
    const { rules, ownFiles } = load({ PGPASSFILE: join(top, 'bot/data/pg.txt'), API_TOKEN: 'data/none.txt' })
    const denied = ['tls.txt', 'pg.txt', 'old.txt', 'x.json', 'word', 'none.txt'].filter(
      name => rules.classify(`data/${name}`).kind === 'denied',
    )
    expect(denied).toEqual(['tls.txt', 'pg.txt'])
    expect(JSON.stringify(ownFiles)).not.toContain('word')
  })

  test('R4 a Firestore database is named by its project, which the key file tells', () => {
    put('bot/key.json', JSON.stringify({ type: 'service_account', project_id: 'my-files' }))
    const nameOf = (env: Record<string, string>): string =>
      load({ FILE_SYNC_BACKEND: 'firestore', ...env }).database.description
    expect(nameOf({ GOOGLE_APPLICATION_CREDENTIALS: 'key.json' })).toBe('Firestore my-files')
    expect(nameOf({ GOOGLE_APPLICATION_CREDENTIALS: 'key.json', GOOGLE_CLOUD_PROJECT: 'p' })).toBe(
      'Firestore p',
    )
    expect(nameOf({ FIRESTORE_EMULATOR_HOST: '127.0.0.1:8080', GOOGLE_CLOUD_PROJECT: 'p' })).toBe(
      'Firestore p at 127.0.0.1:8080',
    )
  })

  test('a description holds no secret', () => {
    const env = {
      FILE_SYNC_BACKEND: 'convex',
      CONVEX_URL: 'https://x.convex.cloud/p?key=SECRET',
      CONVEX_SYNC_KEY: 'SECRET',
    }
    expect(load(env).database.description).toBe('https://x.convex.cloud/p')
    expect(load(env).sqlitePath).toBeNull()
  })
})

describe('the fingerprint for live reload', () => {
  test('changes with each file that is read, and stays otherwise', () => {
    const folder = join(top, 'bot')
    put('bot/data/sync-config.json')
    const seen = [projectFingerprint(folder)]
    const expectNew = (): void => {
      const now = projectFingerprint(folder)
      expect(seen).not.toContain(now)
      expect(projectFingerprint(folder)).toBe(now)
      seen.push(now)
    }
    put('bot/.env', 'FILE_SYNC_ENABLED=false\n')
    expectNew()
    put('bot/package.json', '{ "name": "x" }')
    expectNew()
    put('bot/data/sync-config.json', '{ "syncFilePatterns": [] }')
    expectNew()
    rmSync(join(folder, 'data'), { recursive: true })
    expectNew()
    rmSync(folder, { recursive: true })
    expectNew()
    expect(seen.at(-1)).toBe('missing')
  })

  test('stays when other files change', () => {
    put('bot/data/sync-config.json')
    const before = projectFingerprint(join(top, 'bot'))
    put('bot/data/note.md', 'x')
    put('.env', 'A=1')
    expect(projectFingerprint(join(top, 'bot'))).toBe(before)
  })
})
