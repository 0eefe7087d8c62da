import { expect, test } from 'vitest'
import { isSecretSupabaseKey } from './supabase-key.ts'

function token(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`
}

test.each([
  ['sb_secret_abc', true],
  ['SB_SECRET_abc', true],
  ['sb_publishable_abc', false],
  [token({ iss: 'supabase', ref: 'abcdefgh', role: 'service_role', exp: 2_000_000_000 }), true],
  [token({ role: 'supabase_admin' }), true],
  [token({ iss: 'supabase', ref: 'abcdefgh', role: 'anon', exp: 2_000_000_000 }), false],
  [token({ role: 'authenticated', sub: 'a' }), false],
  [token({ name: 'Zoë ünïcödé', role: 'service_role' }), true],
  [token({ iss: 'someone' }), false],
  ['three.words.here', false],
  ['', false],
])('R15 the key %s is secret: %s', (key, isSecret) => {
  expect(isSecretSupabaseKey(key)).toBe(isSecret)
})
