/**
 * The private channel's user where a database signs one in (Supabase): known only once it has answered, so it is
 * remembered for each account. A device that starts offline then has its private channel all the same.
 */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameFault } from '../engine/core/record-id.ts'
import type { BackendSettings, Environment } from '../engine/core/settings.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { lockstepHome } from '../platform/home.ts'
import { makeFolder } from '../platform/make-folder.ts'

const FILE = 'signed-in-users.json'
/** How long a start waits for the database where the user is remembered, in milliseconds. */
const SIGN_IN_PATIENCE_MS = 5_000

/** Whether the settings name an account, whose user takes the place of FILE_SYNC_USER_ID. */
export function signsIn(settings: BackendSettings): boolean {
  return settings.backend === 'supabase' && settings.account !== null
}

/** Null where nobody has signed in yet on this machine. `env` is the real environment. */
export function rememberedUser(settings: BackendSettings, env: Environment): string | null {
  return load(env)[keyOf(settings)] ?? null
}

/**
 * Signs in. Rejects with AdapterError where that fails, unless the user is remembered: then the database may be
 * offline, and every call tells so.
 */
export async function signIn(
  settings: BackendSettings,
  adapter: EngineAdapter,
  env: Environment,
): Promise<string | null> {
  const known = rememberedUser(settings, env)
  if (adapter.signedInUser === undefined) return known
  const asked = adapter.signedInUser()
  const userId = known === null ? await asked : await patiently(asked, known)
  if (userId === null) return null
  const fault = nameFault('user', userId)
  if (fault !== null) throw new AdapterError('invalid', fault, { retryable: false })
  if (userId !== known) remember(settings, userId, env)
  return userId
}

async function patiently(asked: Promise<string | null>, known: string): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(known), SIGN_IN_PATIENCE_MS)
  })
  try {
    return await Promise.race([asked.catch(() => known), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Of place and account, not of the password: nothing that is written here opens anything. */
function keyOf(settings: BackendSettings): string {
  if (settings.backend !== 'supabase' || settings.account === null) return ''
  return hash('sha256', JSON.stringify([settings.url, settings.account.email]), 'hex')
}

function load(env: Environment): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(lockstepHome(env), FILE), 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch {
    // Missing or broken: then it is asked anew.
    return {}
  }
}

function remember(settings: BackendSettings, userId: string, env: Environment): void {
  const home = lockstepHome(env)
  makeFolder(home)
  const users = { ...load(env), [keyOf(settings)]: userId }
  writeFileAtomically(join(home, FILE), `${JSON.stringify(users, null, 2)}\n`, { mode: 0o600 })
}
