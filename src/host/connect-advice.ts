/** What to do next when a step of the connection test has failed, by backend. */
import type { BackendSettings } from '../engine/core/settings.ts'

export type ConnectFault = 'settings' | 'offline' | 'denied' | 'schema' | 'quota' | 'feed' | 'unknown'

type Backend = BackendSettings['backend']

export function adviceFor(backend: Backend, fault: ConnectFault): string {
  return ADVICE[backend][fault] ?? GENERAL[fault]
}

const GENERAL: Readonly<Record<ConnectFault, string>> = {
  settings: 'Change FILE_SYNC_BACKEND and its settings in .env.',
  offline:
    'Check the settings in .env, the network, and whether the database runs. Edits wait until then; nothing is lost.',
  denied: 'Give this user the right to read, write and delete in the table or collection "files".',
  schema: 'Create what is missing, as the message says.',
  quota: 'Wait, or raise the limit at the provider. Sync goes on by itself then.',
  feed: 'Sync works, but a change arrives later. Look whether the database sends changes at all.',
  unknown: 'Read the message; if it does not help, look at the log of the database.',
}

const ADVICE: Readonly<Record<Backend, Partial<Record<ConnectFault, string>>>> = {
  drizzle: {
    schema: 'Set FILE_SYNC_SQLITE_PATH to another file, or put this one right.',
    denied: 'Give this user read and write access to the file and to the folder that it lies in.',
  },
  firestore: {
    settings:
      'Set GOOGLE_APPLICATION_CREDENTIALS to the service account’s JSON key file (or FIRESTORE_EMULATOR_HOST).',
    denied:
      'Give the service account the role "Cloud Datastore User" in this project, or use another key file.',
    schema: 'Create the project’s Firestore database (native mode) in the Google Cloud console.',
    feed: 'Sync works, but changes arrive later. A proxy or firewall may cut long-lived connections to Google.',
  },
  supabase: {
    settings: 'Set SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY from the project’s API settings.',
    denied:
      'Do as the message says: the key, the sign-in (SUPABASE_EMAIL and SUPABASE_PASSWORD) or the policies of the table are not as they should be.',
    schema: 'Run the SQL that "lockstep setup supabase" prints, in the project’s SQL editor.',
    feed: 'Sync works, but changes arrive later. The SQL that "lockstep setup supabase" prints adds the table to Realtime.',
  },
  convex: {
    settings: 'Set CONVEX_URL to the deployment’s URL (https://….convex.cloud).',
    denied: 'Set CONVEX_SYNC_KEY to the value that the deployment’s environment variable of that name has.',
    schema: 'Run "lockstep setup convex", then "npx convex deploy" in the project.',
    feed: 'Sync works, but changes arrive later. A proxy or firewall may cut WebSocket connections.',
  },
  custom: {
    settings:
      'Check FILE_SYNC_ADAPTER; docs/adapters.md has a complete example, and --trust-adapter agrees to run it.',
    denied: 'Check what the adapter signs in with.',
    schema: 'Create what the adapter expects in its database.',
    feed: 'Sync works, but changes arrive later. Let the adapter’s subscribe() tell of each change, deletes too.',
    unknown: 'Run the contract suite on the adapter: docs/adapters.md shows how.',
  },
}
