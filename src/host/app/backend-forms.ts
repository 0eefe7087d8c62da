/**
 * What each backend is good for and what it needs, as forms: the one place where a variable gets its label.
 * The settings themselves are read and checked by engine/core/settings.ts.
 */
import type { BackendField, BackendInfo, BackendKind } from '../../contract/backend.ts'
import type { BackendSettings } from '../../engine/core/settings.ts'
import { setupHelp } from './setup-help.ts'

/** The variable that names the backend. */
export const BACKEND_VARIABLE = 'FILE_SYNC_BACKEND'
export const APP_VARIABLE = 'FILE_SYNC_APP_ID'
export const USER_VARIABLE = 'FILE_SYNC_USER_ID'

/** Variables that say where the database is. */
export const PLACE_VARIABLES: readonly string[] = ['FILE_SYNC_SQLITE_PATH', 'SUPABASE_URL', 'CONVEX_URL']

const NAMES: Readonly<Record<BackendSettings['backend'], string>> = {
  drizzle: 'SQLite',
  firestore: 'Firestore',
  supabase: 'Supabase',
  convex: 'Convex',
  custom: 'Custom adapter',
}

type Form = Omit<BackendInfo, 'kind' | 'name' | 'setup'>

const FORMS: Readonly<Record<BackendKind, Form>> = {
  drizzle: {
    goodFor: 'One machine, or several accounts and programs on it. Nothing to set up.',
    notes: [
      'The database is one file on this machine. It must lie on a local disk, not on a network drive.',
      'Other machines cannot reach it: choose a server database for those.',
    ],
    fields: [
      field('FILE_SYNC_SQLITE_PATH', 'Database file', 'path', {
        help: 'Relative to the project. Empty: sync.db in the content folder, made at the first sync.',
        placeholder: 'data/sync.db',
      }),
    ],
  },
  firestore: {
    goodFor: 'Several machines that you all trust, with live changes, through Google Cloud.',
    notes: [
      'A service account may read and write everything in its project, whatever the security rules say.',
      'One file can hold up to about 1 MB.',
    ],
    fields: [
      field('GOOGLE_APPLICATION_CREDENTIALS', 'Service account file', 'path', {
        help: 'Path of the JSON key from the Firebase console. It never syncs.',
        placeholder: '/home/me/keys/my-app.json',
      }),
      field('GOOGLE_CLOUD_PROJECT', 'Project id', 'text', {
        help: 'Only where the key does not say it, or on Google’s own machines.',
        placeholder: 'my-app-1234',
        isAdvanced: true,
      }),
      field('FIRESTORE_EMULATOR_HOST', 'Emulator', 'text', {
        help: 'host:port of a local emulator, to try things out.',
        placeholder: '127.0.0.1:8080',
        isAdvanced: true,
      }),
    ],
  },
  supabase: {
    goodFor: 'Several machines and users, with sign-in and row level security, on Postgres.',
    notes: [
      'The table, its policies and realtime are set up once, with the SQL below.',
      'With a sign-in, private files belong to the signed-in user.',
      'Never use a secret key (sb_secret_…, service_role) here: the publishable key is enough.',
    ],
    fields: [
      field('SUPABASE_URL', 'Project URL', 'url', {
        help: 'Under Project Settings, API.',
        placeholder: 'https://abcdefgh.supabase.co',
        isRequired: true,
      }),
      field('SUPABASE_PUBLISHABLE_KEY', 'Publishable key', 'secret', {
        help: 'Under Project Settings, API keys.',
        placeholder: 'sb_publishable_…',
        isRequired: true,
        orVariable: 'SUPABASE_ANON_KEY',
      }),
      field('SUPABASE_ANON_KEY', 'Anon key (older projects)', 'secret', {
        help: 'Instead of the publishable key, where a project has none.',
        isAdvanced: true,
      }),
      field('SUPABASE_EMAIL', 'E-mail', 'email', {
        help: 'To sign in; the user’s id is then the private channel’s.',
        placeholder: 'me@example.org',
      }),
      field('SUPABASE_PASSWORD', 'Password', 'secret', { help: 'Goes with the e-mail.' }),
    ],
  },
  convex: {
    goodFor: 'Several machines, with live changes, on a Convex deployment that you have.',
    notes: [
      'Two small function files go into your convex folder and are deployed with it.',
      'Without a sync key anyone who knows the URL can call these functions: set one.',
      'One file can hold up to about 1 MB.',
    ],
    fields: [
      field('CONVEX_URL', 'Deployment URL', 'url', {
        help: 'From the Convex dashboard, under Settings, URL.',
        placeholder: 'https://happy-animal-123.convex.cloud',
        isRequired: true,
      }),
      field('CONVEX_SYNC_KEY', 'Sync key', 'secret', {
        help: 'Any long random text. Set the same one as CONVEX_SYNC_KEY in the deployment’s environment variables.',
      }),
    ],
  },
  custom: {
    goodFor: 'Any other database: five methods in a module of your own.',
    notes: [
      'The module runs with your rights. Lockstep asks before it runs code that it has not seen before.',
    ],
    fields: [
      field('FILE_SYNC_ADAPTER', 'Adapter module', 'path', {
        help: 'Relative to the project.',
        placeholder: 'sync/my-adapter.mjs',
        isRequired: true,
      }),
    ],
  },
}

export const BACKEND_KINDS: readonly BackendKind[] = ['drizzle', 'firestore', 'supabase', 'convex', 'custom']

export function backendName(kind: BackendSettings['backend']): string {
  return NAMES[kind]
}

export function fieldsOf(kind: BackendKind): readonly BackendField[] {
  return FORMS[kind].fields
}

export function describeBackends(): Promise<BackendInfo[]> {
  return Promise.all(
    BACKEND_KINDS.map(async kind => ({
      kind,
      name: NAMES[kind],
      ...FORMS[kind],
      setup: await setupHelp(kind),
    })),
  )
}

function field(
  variable: string,
  label: string,
  kind: BackendField['kind'],
  rest: Partial<Omit<BackendField, 'variable' | 'label' | 'kind'>>,
): BackendField {
  return {
    variable,
    label,
    kind,
    help: '',
    placeholder: '',
    isRequired: false,
    orVariable: null,
    isAdvanced: false,
    ...rest,
  }
}
