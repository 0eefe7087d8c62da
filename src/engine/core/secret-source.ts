/**
 * Where secrets come from, and where they go (R17.4). Settings are merged variable by variable, so an address from the
 * `.env` of somebody's project may meet a password from this person's own environment.
 *
 * The key of a service account is in no danger: it goes to Google alone, never to an emulator. A custom adapter is code
 * that a person has agreed to, and gets all of them.
 */
import type { Environment, Settings } from './settings.ts'

interface Route {
  /** The variable that says where. */
  readonly address: string
  readonly secrets: readonly string[]
}

const ROUTES: Readonly<Record<Settings['backend'], Route | null>> = {
  drizzle: null,
  firestore: null,
  supabase: {
    address: 'SUPABASE_URL',
    secrets: ['SUPABASE_PUBLISHABLE_KEY', 'SUPABASE_ANON_KEY', 'SUPABASE_EMAIL', 'SUPABASE_PASSWORD'],
  },
  convex: { address: 'CONVEX_URL', secrets: ['CONVEX_SYNC_KEY'] },
  custom: null,
}

/** Secrets of the real environment, `env`, that go to an address which is not from there. */
export function secretsSentElsewhere({ backend }: Settings, env: Environment): readonly string[] {
  const route = ROUTES[backend]
  const isFromThere = (variable: string): boolean => (env[variable]?.trim() ?? '') !== ''
  return route === null || isFromThere(route.address) ? [] : route.secrets.filter(isFromThere)
}
