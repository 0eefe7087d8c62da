import { describe, expect, test } from 'vitest'
import { isSyncEnabled, parseSettings } from './settings.ts'
import type { Environment } from './settings.ts'

function parse(env: Environment, appName = 'notes') {
  return parseSettings(env, { appName })
}

describe('good settings', () => {
  test('SQLite is the default, and nothing is needed', () => {
    expect(parse({})).toEqual({
      ok: true,
      settings: { enabled: true, appId: 'notes', userId: null, backend: 'drizzle', sqlitePath: null },
    })
  })

  test.each<[string, Environment, object]>([
    [
      'SQLite elsewhere',
      { FILE_SYNC_SQLITE_PATH: '../team.db' },
      { backend: 'drizzle', sqlitePath: '../team.db' },
    ],
    [
      'Firestore with a key file',
      { FILE_SYNC_BACKEND: 'firestore', GOOGLE_APPLICATION_CREDENTIALS: 'key.json' },
      { backend: 'firestore', credentialsPath: 'key.json', emulatorHost: null, projectId: null },
    ],
    [
      'Firestore’s emulator',
      {
        FILE_SYNC_BACKEND: 'firestore',
        FIRESTORE_EMULATOR_HOST: '127.0.0.1:8080',
        GOOGLE_CLOUD_PROJECT: 'p',
      },
      { credentialsPath: null, emulatorHost: '127.0.0.1:8080', projectId: 'p' },
    ],
    [
      'Supabase with the newer key',
      {
        FILE_SYNC_BACKEND: 'supabase',
        SUPABASE_URL: 'https://x.supabase.co',
        SUPABASE_PUBLISHABLE_KEY: 'new',
        SUPABASE_ANON_KEY: 'old',
      },
      { backend: 'supabase', url: 'https://x.supabase.co', key: 'new', account: null },
    ],
    [
      'Supabase with the older key and a user',
      {
        FILE_SYNC_BACKEND: 'supabase',
        SUPABASE_URL: 'http://localhost:54321',
        SUPABASE_ANON_KEY: 'old',
        SUPABASE_EMAIL: 'a@b.c',
        SUPABASE_PASSWORD: ' secret ',
      },
      { key: 'old', account: { email: 'a@b.c', password: ' secret ' } },
    ],
    [
      'Convex',
      { FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'https://x.convex.cloud', CONVEX_SYNC_KEY: 'k' },
      { backend: 'convex', url: 'https://x.convex.cloud', syncKey: 'k' },
    ],
    [
      'Convex on this machine',
      { FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'http://127.0.0.1:3210/' },
      { url: 'http://127.0.0.1:3210/', syncKey: null },
    ],
    [
      'an adapter of one’s own',
      { FILE_SYNC_BACKEND: 'custom', FILE_SYNC_ADAPTER: './adapter.mjs' },
      { backend: 'custom', adapterPath: './adapter.mjs' },
    ],
    ['a backend in capitals', { FILE_SYNC_BACKEND: ' Drizzle ' }, { backend: 'drizzle' }],
    ['ids', { FILE_SYNC_APP_ID: 'my-app', FILE_SYNC_USER_ID: 'ann' }, { appId: 'my-app', userId: 'ann' }],
    [
      'empty values, which are none',
      { FILE_SYNC_BACKEND: '', FILE_SYNC_APP_ID: ' ', FILE_SYNC_USER_ID: '', FILE_SYNC_SQLITE_PATH: '' },
      { backend: 'drizzle', appId: 'notes', userId: null, sqlitePath: null },
    ],
  ])('%s', (_name, env, settings) => {
    expect(parse(env)).toMatchObject({ ok: true, settings })
  })

  test('the app id is the name without its scope', () => {
    expect(parse({}, '@scope/notes')).toMatchObject({ settings: { appId: 'notes' } })
  })

  test('a variable that is no setting of the backend is not looked at', () => {
    expect(parse({ CONVEX_URL: 'nonsense' })).toMatchObject({ ok: true })
  })
})

describe('R12 a fault names the variable and says what to do', () => {
  test.each<[Environment, string, string]>([
    [{ FILE_SYNC_BACKEND: 'redis' }, 'FILE_SYNC_BACKEND', 'drizzle, firestore, supabase, convex, custom'],
    [{ FILE_SYNC_BACKEND: 'sqlite' }, 'FILE_SYNC_BACKEND', 'For SQLite, use drizzle'],
    [{ FILE_SYNC_BACKEND: 'constructor' }, 'FILE_SYNC_BACKEND', 'no backend "constructor"'],
    [{ FILE_SYNC_APP_ID: 'my app' }, 'FILE_SYNC_APP_ID', 'FILE_SYNC_APP_ID=my-app'],
    [{ FILE_SYNC_USER_ID: 'a@b.c' }, 'FILE_SYNC_USER_ID', 'FILE_SYNC_USER_ID=a-b-c'],
    [{ FILE_SYNC_USER_ID: 'shared' }, 'FILE_SYNC_USER_ID', 'shared channel'],
    [{ FILE_SYNC_BACKEND: 'firestore' }, 'GOOGLE_APPLICATION_CREDENTIALS', 'key file'],
    [{ FILE_SYNC_BACKEND: 'supabase' }, 'SUPABASE_URL', 'needs SUPABASE_URL'],
    [
      { FILE_SYNC_BACKEND: 'supabase', SUPABASE_URL: 'https://x.co' },
      'SUPABASE_PUBLISHABLE_KEY',
      'API settings',
    ],
    [
      {
        FILE_SYNC_BACKEND: 'supabase',
        SUPABASE_URL: 'https://x.co',
        SUPABASE_ANON_KEY: 'k',
        SUPABASE_EMAIL: 'a@b.c',
      },
      'SUPABASE_PASSWORD',
      'Set both',
    ],
    [
      {
        FILE_SYNC_BACKEND: 'supabase',
        SUPABASE_URL: 'https://x.co',
        SUPABASE_ANON_KEY: 'k',
        SUPABASE_PASSWORD: 'p',
      },
      'SUPABASE_EMAIL',
      'Set both',
    ],
    [
      {
        FILE_SYNC_BACKEND: 'supabase',
        SUPABASE_URL: 'https://x.co',
        SUPABASE_PUBLISHABLE_KEY: 'sb_secret_x',
      },
      'SUPABASE_PUBLISHABLE_KEY',
      'secret key',
    ],
    [
      { FILE_SYNC_BACKEND: 'supabase', SUPABASE_URL: 'https://x.co', SUPABASE_ANON_KEY: 'sb_secret_x' },
      'SUPABASE_ANON_KEY',
      'row level security',
    ],
    [{ FILE_SYNC_BACKEND: 'convex' }, 'CONVEX_URL', 'needs CONVEX_URL'],
    [{ FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'x.convex.cloud' }, 'CONVEX_URL', 'https://'],
    [{ FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'http://x.convex.cloud' }, 'CONVEX_URL', 'https://'],
    [{ FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'http://127.0.0.1.evil.example' }, 'CONVEX_URL', 'https://'],
    [{ FILE_SYNC_BACKEND: 'convex', CONVEX_URL: 'http://localhost@evil.example' }, 'CONVEX_URL', 'https://'],
    [{ FILE_SYNC_BACKEND: 'custom' }, 'FILE_SYNC_ADAPTER', 'path of its module'],
  ])('%j', (env, variable, part) => {
    const parsed = parse(env)
    expect(parsed).toMatchObject({ ok: false, variable })
    expect(parsed.ok ? '' : parsed.reason).toContain(part)
  })

  test('a folder’s name that is no app id', () => {
    expect(parse({}, 'Meine Notizen')).toEqual({
      ok: false,
      variable: 'FILE_SYNC_APP_ID',
      reason: expect.stringMatching(
        /name in package\.json or of the folder.*FILE_SYNC_APP_ID=Meine-Notizen\.$/,
      ),
    })
  })

  test('no secret is shown', () => {
    const parsed = parse({
      FILE_SYNC_BACKEND: 'supabase',
      SUPABASE_URL: 'https://x.co',
      SUPABASE_PASSWORD: 'hunter2',
    })
    expect(JSON.stringify(parsed)).not.toContain('hunter2')
    expect(parsed.ok).toBe(false)
  })
})

describe('switched off', () => {
  test.each([
    ['false', false],
    ['FALSE', false],
    [' false ', false],
    ['true', true],
    ['0', false],
    ['no', false],
    ['Off', false],
    ['1', true],
    ['yes', true],
    ['ON', true],
    ['', true],
    [undefined, true],
  ])('FILE_SYNC_ENABLED=%j: %s', (value, enabled) => {
    expect(isSyncEnabled({ FILE_SYNC_ENABLED: value })).toBe(enabled)
    expect(parse({ FILE_SYNC_ENABLED: value })).toMatchObject({ settings: { enabled } })
  })

  test.each(['disabled', 'flase', '2'])('%j is neither yes nor no', value => {
    expect(parse({ FILE_SYNC_ENABLED: value })).toMatchObject({ ok: false, variable: 'FILE_SYNC_ENABLED' })
  })
})
