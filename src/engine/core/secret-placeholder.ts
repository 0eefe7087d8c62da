/**
 * Values that have the form of a secret and are none: what documentation shows, what a template leaves open, what opens
 * nothing but the machine that it is used on. Of these nobody is asked (R10.12).
 */

/** As documentation masks a token that keeps its length. */
const MASKED = /[xX]{8}|\*{3}|\.{3}|…|•|_{8}/

export function isMasked(value: string): boolean {
  return MASKED.test(value)
}

interface Address {
  readonly user: string
  readonly password: string
  readonly host: string
}

const ADDRESS = /^[^:]+:\/\/([^:@/\s]*):([^@/\s]+)@(\[[\d:a-f.]+\]|[\w.~%+*$[\]{}-]*)/i

/** Null where it is no address with a password in it. */
export function addressIn(text: string): (Address & { readonly whole: string }) | null {
  const [whole, user, password, host] = ADDRESS.exec(text) ?? []
  if (whole === undefined) return null
  return { whole, user: user!, password: password!, host: host! }
}

const WORDS = new Set(
  'secret token postgres mysql mongo mongodb redis root admin user username test guest demo example sample dummy foo bar changeme change-me change_me placeholder redacted mysecretpassword secretpassword s3cret hunter2 x-oauth-basic'.split(
    ' ',
  ),
)
const PHRASE =
  /^(some|my|your|the|db|user|strong)?[-_]?(password|passwd|pass|pwd|pw)$|^(your|my|the|some|insert|replace|example)[-_ ]|placeholder|redacted|change-?_?me|[-_]here$/i
/** $X, ${x}, {x}, {{x}}, %X%, [x], (x), :x */
const VARIABLE = /^[[{(:]|[\]})]$|\$[\w({]|%[A-Z_]{2,}%|\{\w+\}/
const ONE_CHARACTER = /^(.)\1*$/

export function isPlaceholderPassword(password: string): boolean {
  const tests = [PHRASE, VARIABLE, ONE_CHARACTER, MASKED]
  return WORDS.has(password.toLowerCase()) || tests.some(test => test.test(password))
}

/** This very machine, names that lead nowhere (RFC 6761), and what documentation writes in a host's place. */
const NOWHERE =
  /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0|host\.docker\.internal|host(name)?|(your|my)[-_]?(host|server|hostname|domain|db|database)(\..*)?)$|\.(test|invalid|localhost)$|[*$[{]|\.{3}/i
/** What an address has to escape: between quotes or brackets a text ended before. */
const NEVER_IN_USER = /["'`{}|^\\]/

export function isPlaceholderAddress({ user, password, host }: Address): boolean {
  if (user === password || isPlaceholderPassword(password)) return true
  return NEVER_IN_USER.test(user) || VARIABLE.test(user) || NOWHERE.test(host)
}
