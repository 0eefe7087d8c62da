/**
 * Which keys of Supabase are secret: `sb_secret_…`, and the older JSON web tokens of the role `service_role`, or of
 * any other role than those that row level security is made for
 * (https://supabase.com/docs/guides/getting-started/api-keys). Nothing is verified; the server does that.
 */

const OPEN_ROLES: ReadonlySet<unknown> = new Set(['anon', 'authenticated'])

export function isSecretSupabaseKey(key: string): boolean {
  if (/^sb_secret_/i.test(key)) return true
  const role = roleIn(key)
  return role !== null && !OPEN_ROLES.has(role)
}

/** Null where it is no such token, or names no role. */
function roleIn(key: string): string | null {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(key)?.[1]
  if (claims === undefined) return null
  return /"role"\s*:\s*"([^"]*)"/.exec(fromBase64Url(claims))?.[1] ?? null
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Byte for byte: the names that count are ASCII, and the core has no decoder of its own. */
function fromBase64Url(text: string): string {
  let bytes = ''
  let bits = 0
  let count = 0
  for (const character of text) {
    bits = ((bits << 6) | DIGITS.indexOf(character)) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes += String.fromCharCode((bits >> count) & 0xff)
  }
  return bytes
}
