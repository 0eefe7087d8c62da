/** The SQL that makes a Supabase project ready, and what to say beside it to whoever is going to run it. */
import { setupSql, type SetupOptions } from '../adapters/supabase/setup-sql.ts'
import type { Environment } from '../engine/core/settings.ts'
import { loadProject } from './project.ts'

export interface SupabaseSetup extends SetupOptions {
  readonly sql: string
  /** Sentences: where to run it, and what is still missing. */
  readonly notes: readonly string[]
}

/** `folder`: a project whose settings tell which Supabase project it is; null for any. Throws ConfigurationError. */
export function supabaseSetup(
  folder: string | null,
  { access }: SetupOptions,
  env: Environment,
): SupabaseSetup {
  const place = folder === null ? null : placeOf(folder, env)
  const notes = [
    `Run it in the SQL editor of your project: ${sqlEditor(place?.url ?? '')}`,
    access === 'anyone' ? ANYONE : SIGN_UPS,
    ...(access === 'signed-in' && place !== null && !place.isSignedIn ? [NOBODY_SIGNS_IN] : []),
  ]
  return { access, sql: setupSql({ access }), notes }
}

const ANYONE =
  'With it, anyone who has the publishable key can read, change and delete the shared files. Leave --without-sign-in out to let in only users who sign in.'

const SIGN_UPS =
  'It lets in every user of the project. So that nobody becomes one by himself, switch off "Allow new users to sign up" in the dashboard (Authentication, Sign In / Providers).'

const NOBODY_SIGNS_IN =
  'It lets in only users who sign in, and this project signs nobody in yet: make a user in the dashboard (Authentication, Users) and set SUPABASE_EMAIL and SUPABASE_PASSWORD in .env.'

function placeOf(folder: string, env: Environment): { url: string; isSignedIn: boolean } | null {
  const { settings } = loadProject(folder, env)
  if (settings.backend !== 'supabase') return null
  return { url: settings.url, isSignedIn: settings.account !== null }
}

function sqlEditor(url: string): string {
  const project = /^https:\/\/([a-z0-9]+)\.supabase\./.exec(url)?.[1] ?? '_'
  return `https://supabase.com/dashboard/project/${project}/sql/new`
}
