/**
 * The settings of a project from its environment (design, section 1): `.env`, overridden by real variables.
 *
 * Empty values count as unset. The first fault ends it and names the variable. Messages never show a
 * value that may be a secret.
 */
import { nameFault } from './record-id.ts'
import { isSecretSupabaseKey } from './supabase-key.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface CommonSettings {
  readonly enabled: boolean
  readonly appId: string
  /** The private channel's user; null where there is none (Supabase may sign one in later). */
  readonly userId: string | null
}

export interface DrizzleSettings {
  readonly backend: 'drizzle'
  /** Relative to the project; null for the default, sync.db in the content root. */
  readonly sqlitePath: string | null
}

export interface FirestoreSettings {
  readonly backend: 'firestore'
  readonly credentialsPath: string | null
  /** `host:port`. */
  readonly emulatorHost: string | null
  readonly projectId: string | null
}

export interface SupabaseSettings {
  readonly backend: 'supabase'
  readonly url: string
  readonly key: string
  readonly account: { readonly email: string; readonly password: string } | null
}

export interface ConvexSettings {
  readonly backend: 'convex'
  readonly url: string
  readonly syncKey: string | null
}

export interface CustomSettings {
  readonly backend: 'custom'
  /** The adapter's module, relative to the project. */
  readonly adapterPath: string
}

export type BackendSettings =
  | DrizzleSettings
  | FirestoreSettings
  | SupabaseSettings
  | ConvexSettings
  | CustomSettings

export type Settings = CommonSettings & BackendSettings

export interface SettingsFault {
  readonly ok: false
  readonly variable: string
  /** Sentences for a person: what is wrong, and what to do. */
  readonly reason: string
}

export type ParsedSettings = { readonly ok: true; readonly settings: Settings } | SettingsFault

/** `appName` is the name in package.json, else the folder's. */
export function parseSettings(env: Environment, defaults: { readonly appName: string }): ParsedSettings {
  try {
    const enabled = readEnabled(env)
    const appId = readAppId(env, defaults.appName)
    const userId = readUserId(env)
    return { ok: true, settings: { enabled, appId, userId, ...readBackend(env) } }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, variable: error.variable, reason: error.message }
    throw error
  }
}

/** To be asked first: what is switched off needs no other setting. A value that is neither yes nor no is a fault of the settings. */
export function isSyncEnabled(env: Environment): boolean {
  return !OFF.has(enabledValue(env) ?? '')
}

const ON: ReadonlySet<string> = new Set(['true', '1', 'yes', 'on'])
const OFF: ReadonlySet<string> = new Set(['false', '0', 'no', 'off'])

function enabledValue(env: Environment): string | null {
  return read(env, 'FILE_SYNC_ENABLED')?.toLowerCase() ?? null
}

function readEnabled(env: Environment): boolean {
  const value = enabledValue(env)
  if (value === null || ON.has(value) || OFF.has(value)) return isSyncEnabled(env)
  throw new Fault(
    'FILE_SYNC_ENABLED',
    `"${value}" is neither yes nor no. Write ${[...OFF].join(', ')} to switch sync off, or ${[...ON].join(', ')} to have it on.`,
  )
}

/** Never leaves this module. */
class Fault extends Error {
  readonly variable: string

  constructor(variable: string, reason: string) {
    super(reason)
    this.variable = variable
  }
}

function read(env: Environment, variable: string): string | null {
  const value = env[variable]?.trim()
  return value === undefined || value === '' ? null : value
}

function requireValue(env: Environment, variable: string, reason: string): string {
  const value = read(env, variable)
  if (value === null) throw new Fault(variable, reason)
  return value
}

function readAppId(env: Environment, appName: string): string {
  const given = read(env, 'FILE_SYNC_APP_ID')
  const appId = given ?? appName.replace(/^@[^/]*\//, '')
  const fault = nameFault('app', appId)
  if (fault === null) return appId
  const origin = given === null ? 'It comes from the name in package.json or of the folder. ' : ''
  throw new Fault('FILE_SYNC_APP_ID', origin + fault)
}

function readUserId(env: Environment): string | null {
  const userId = read(env, 'FILE_SYNC_USER_ID')
  const fault = userId === null ? null : nameFault('user', userId)
  if (fault !== null) throw new Fault('FILE_SYNC_USER_ID', fault)
  return userId
}

const BACKENDS: Readonly<Record<BackendSettings['backend'], (env: Environment) => BackendSettings>> = {
  drizzle: readDrizzle,
  firestore: readFirestore,
  supabase: readSupabase,
  convex: readConvex,
  custom: readCustom,
}

function readBackend(env: Environment): BackendSettings {
  const name = read(env, 'FILE_SYNC_BACKEND') ?? 'drizzle'
  const known = Object.entries(BACKENDS).find(([backend]) => backend === name.toLowerCase())
  if (known !== undefined) return known[1](env)
  const hint = /sqlite/i.test(name) ? ' For SQLite, use drizzle.' : ''
  const good = Object.keys(BACKENDS).join(', ')
  throw new Fault('FILE_SYNC_BACKEND', `There is no backend "${name}". Use one of ${good}.${hint}`)
}

function readDrizzle(env: Environment): DrizzleSettings {
  return { backend: 'drizzle', sqlitePath: read(env, 'FILE_SYNC_SQLITE_PATH') }
}

function readFirestore(env: Environment): FirestoreSettings {
  const credentialsPath = read(env, 'GOOGLE_APPLICATION_CREDENTIALS')
  const emulatorHost = read(env, 'FIRESTORE_EMULATOR_HOST')
  const projectId = read(env, 'GOOGLE_CLOUD_PROJECT')
  // With a project alone, Google's own machines supply the credentials.
  if (credentialsPath === null && emulatorHost === null && projectId === null) {
    throw new Fault(
      'GOOGLE_APPLICATION_CREDENTIALS',
      'Firestore needs a service account. Set GOOGLE_APPLICATION_CREDENTIALS to the path of its JSON key file.',
    )
  }
  return { backend: 'firestore', credentialsPath, emulatorHost, projectId }
}

function readSupabase(env: Environment): SupabaseSettings {
  const url = requireValue(
    env,
    'SUPABASE_URL',
    "Supabase needs SUPABASE_URL, the project's URL (https://….supabase.co).",
  )
  requireSafeUrl('SUPABASE_URL', url)
  const key =
    read(env, 'SUPABASE_PUBLISHABLE_KEY') ??
    read(env, 'SUPABASE_ANON_KEY') ??
    requireValue(
      env,
      'SUPABASE_PUBLISHABLE_KEY',
      "Supabase needs SUPABASE_PUBLISHABLE_KEY, from the project's API settings.",
    )
  if (isSecretSupabaseKey(key)) throw new Fault(supabaseKeyVariable(env), SECRET_SUPABASE_KEY)
  return { backend: 'supabase', url, key, account: readSupabaseAccount(env) }
}

const SECRET_SUPABASE_KEY =
  'This is a secret key of Supabase. It passes by row level security, so every private file of every user lies open to whoever has it; it belongs on servers that guard it, not in .env beside files that are shared. Use the publishable key (sb_publishable_…, or the older anon key), and withdraw this one if it has been passed on.'

function supabaseKeyVariable(env: Environment): string {
  return read(env, 'SUPABASE_PUBLISHABLE_KEY') === null ? 'SUPABASE_ANON_KEY' : 'SUPABASE_PUBLISHABLE_KEY'
}

function readSupabaseAccount(env: Environment): SupabaseSettings['account'] {
  const email = read(env, 'SUPABASE_EMAIL')
  // Spaces at the ends may belong to a password.
  const password = env['SUPABASE_PASSWORD'] ?? ''
  if (email === null && password === '') return null
  if (email === null)
    throw new Fault('SUPABASE_EMAIL', 'SUPABASE_PASSWORD is set without SUPABASE_EMAIL. Set both, or none.')
  if (password === '')
    throw new Fault(
      'SUPABASE_PASSWORD',
      'SUPABASE_EMAIL is set without SUPABASE_PASSWORD. Set both, or none.',
    )
  return { email, password }
}

function readConvex(env: Environment): ConvexSettings {
  const url = requireValue(
    env,
    'CONVEX_URL',
    "Convex needs CONVEX_URL, the deployment's URL (https://….convex.cloud).",
  )
  requireSafeUrl('CONVEX_URL', url)
  return { backend: 'convex', url, syncKey: read(env, 'CONVEX_SYNC_KEY') }
}

function readCustom(env: Environment): CustomSettings {
  const advice = 'A custom backend needs FILE_SYNC_ADAPTER, the path of its module, relative to the project.'
  return { backend: 'custom', adapterPath: requireValue(env, 'FILE_SYNC_ADAPTER', advice) }
}

/** Files and keys travel over it: https, or http to this very machine. */
function requireSafeUrl(variable: string, url: string): void {
  const isHttps = /^https:\/\/[^\s/@]+(?:\/\S*)?$/i.test(url)
  const isLoopback = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:\/\S*)?$/i.test(url)
  if (isHttps || isLoopback) return
  throw new Fault(
    variable,
    `${variable} must begin with https:// (http:// only for this machine, such as http://127.0.0.1:3210).`,
  )
}
