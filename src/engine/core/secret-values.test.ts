import { expect, test } from 'vitest'
import { maskSecrets, secretValues } from './secret-values.ts'

const FILE = {
  FILE_SYNC_BACKEND: 'custom',
  FILE_SYNC_ADAPTER: 'sync/adapter.mjs',
  DB_URL: 'postgres://user:p%40ssw0rd@db.example.org/x',
  PGPASSWORD: 'abc',
  NOTE: 'plainword',
  DEBUG: 'true',
  KEY: '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----',
}

const shown = (text: string, env = {}): string => maskSecrets(text, secretValues(FILE, env))

test.each([
  ['a password', 'user "abc" refused'],
  ['a whole address', 'cannot reach postgres://user:p%40ssw0rd@db.example.org/x'],
  ['the password in an address', 'p%40ssw0rd was refused'],
  ['the same as the driver reads it', 'p@ssw0rd was refused'],
  ['whatever else the file holds', 'it is plainword'],
  ['one line of a key', 'at MIIEvQIBADANBgkqhkiG9w0 it breaks off'],
  ['a key as JSON', JSON.stringify({ key: FILE.KEY })],
])('R17.8 %s is masked', (_what, text) => {
  const masked = shown(text)
  expect(masked).toContain('••••••')
  for (const secret of ['"abc"', 'ssw0rd', 'plainword', 'MIIE']) expect(masked).not.toContain(secret)
})

test('R17.8 open settings, short words and the rest of the environment stay readable', () => {
  const env = {
    HOME: '/home/me',
    PWD: '/home/me/x',
    API_URL: 'https://api.example.org',
    API_TOKEN: 'tok3n-value',
  }
  const text = 'custom sync/adapter.mjs is true in /home/me at https://api.example.org'
  expect(shown(text, env)).toBe(text)
  expect(shown('it was tok3n-value', env)).toBe('it was ••••••')
})
