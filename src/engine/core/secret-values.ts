/**
 * Which values of a folder's settings are secret, and how they are kept out of what is shown (R17.8). Of what an adapter of
 * the user's own says nobody knows what is in it.
 */
import type { Environment } from './settings.ts'

/** Variables of which everybody may know the value: all others of a `.env` are masked wherever they would be shown. */
export const OPEN_VARIABLES: ReadonlySet<string> = new Set([
  'FILE_SYNC_ENABLED',
  'FILE_SYNC_BACKEND',
  'FILE_SYNC_APP_ID',
  'FILE_SYNC_USER_ID',
  'FILE_SYNC_SQLITE_PATH',
  'FILE_SYNC_ADAPTER',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CLOUD_PROJECT',
  'FIRESTORE_EMULATOR_HOST',
  'SUPABASE_URL',
  'SUPABASE_EMAIL',
  'CONVEX_URL',
])

const SECRET_NAME = /key|token|secret|passw|credential|auth|private|dsn|conn|ur[il]$/i
/** The real environment is full of other things, so that there the name's end must say it. */
const SECRET_ENDING = /(?:key|token|secret|password|passwd|passphrase|credentials?|dsn|ur[il])$/i
/** Shorter ones are words as they stand in any text; a name that says "secret" makes also a short one a secret. */
const LEAST_LENGTH = 6
const LEAST_NAMED_LENGTH = 3
/** Of a value of several lines, a key say, each line of this length counts. */
const LEAST_LINE_LENGTH = 16

/** `file`: the variables of .env. `env`: the real environment, whose other variables are nobody's secret. */
export function secretValues(file: Environment, env: Environment): readonly string[] {
  const values = [
    ...Object.entries(file).flatMap(([name, value = '']) =>
      OPEN_VARIABLES.has(name) ? [] : valuesIn(value, SECRET_NAME.test(name)),
    ),
    ...Object.entries(env).flatMap(([name, value = '']) =>
      OPEN_VARIABLES.has(name) || !SECRET_ENDING.test(name) || isPlainAddress(value)
        ? []
        : valuesIn(value, true),
    ),
  ]
  return [...new Set(values)].toSorted((a, b) => b.length - a.length)
}

/** The text without them, in whatever of the usual ways they are written. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, MASK), text)
}

const MASK = '••••••'

function valuesIn(written: string, isNamed: boolean): string[] {
  const value = written.trim()
  const least = isNamed ? LEAST_NAMED_LENGTH : LEAST_LENGTH
  const password = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*?:([^/?#]*)@/i.exec(value)?.[1] ?? ''
  const lines = value.split(/\r?\n|\\n/).filter(line => line.length >= LEAST_LINE_LENGTH)
  return [value, ...lines, password, decoded(password)]
    .filter(each => each.length >= (each === value ? least : LEAST_NAMED_LENGTH))
    .flatMap(each => [each, encodeURIComponent(each.toWellFormed()), JSON.stringify(each).slice(1, -1)])
}

/** Without user, password or parameters. */
function isPlainAddress(value: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\/[^@?#\s]*$/i.test(value.trim())
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
