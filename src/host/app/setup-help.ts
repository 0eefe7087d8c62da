/** What a person does once at a database before the first sync, ready to be copied or written. */
import { setupSql } from '../../adapters/supabase/setup-sql.ts'
import type { BackendKind, SetupHelp } from '../../contract/backend.ts'

export async function setupHelp(kind: BackendKind): Promise<SetupHelp[]> {
  switch (kind) {
    case 'drizzle':
      return [
        {
          kind: 'note',
          title: 'Nothing to do',
          text: 'The file and its table are made at the first sync.',
        },
      ]
    case 'firestore':
      return FIRESTORE
    case 'supabase':
      return SUPABASE
    case 'convex':
      return [...(await convexHelp()), ...CONVEX]
    case 'custom':
      return CUSTOM
  }
}

async function convexHelp(): Promise<SetupHelp[]> {
  try {
    const { convexFiles } = await import('./setup-convex-files.ts')
    return [convexFiles()]
  } catch {
    // The build puts the files' texts in; run straight from the sources, there are none.
    return [
      {
        kind: 'code',
        title: 'Functions and schema',
        text: 'Writes them into your Convex project.',
        language: 'sh',
        code: 'lockstep setup convex .',
      },
    ]
  }
}

const FIRESTORE: SetupHelp[] = [
  {
    kind: 'note',
    title: 'A service account',
    text: 'In the Firebase console open Project settings, Service accounts, and generate a new private key. Keep the file outside of synced folders. The collection “files” makes itself.',
  },
  { kind: 'link', title: 'Firebase console', url: 'https://console.firebase.google.com/' },
]

const SUPABASE: SetupHelp[] = [
  {
    kind: 'code',
    title: 'Table, policies and realtime',
    text: 'Run this once in the project’s SQL editor. Signed-in users share the files of the shared channel, and each has private ones of their own.',
    language: 'sql',
    code: setupSql({ access: 'signed-in' }),
  },
  {
    kind: 'code',
    title: 'The same, without sign-in',
    text: 'Only for what may be public: whoever has the publishable key can then read and change all shared files.',
    language: 'sql',
    code: setupSql({ access: 'anyone' }),
  },
  { kind: 'link', title: 'Supabase dashboard', url: 'https://supabase.com/dashboard' },
]

const CONVEX: SetupHelp[] = [
  { kind: 'link', title: 'Convex dashboard', url: 'https://dashboard.convex.dev/' },
]

const ADAPTER_SKELETON = `// A record: { path, content, app, ownerId, lastUpdated, createdAt? }. Its id is given, and unique.
export default function createAdapter({ appId, userId, project, env }) {
  return {
    // All records of one app and owner: [{ id, data }]
    async query(app, owner) {},
    // { id, data } or null
    async get(id) {},
    // Writes the given fields, and makes the record if it is not there
    async set(id, record) {},
    async delete(id) {},
    // Calls onChange([{ type: 'added' | 'modified' | 'removed', id, data }]); returns how to end it
    subscribe(app, owner, onChange, onError) {
      return () => {}
    },
  }
}
`

const CUSTOM: SetupHelp[] = [
  {
    kind: 'code',
    title: 'The five methods',
    text: 'The module’s default export makes an object with these. Optional abilities make it faster and safer; docs/adapters.md has them.',
    language: 'javascript',
    code: ADAPTER_SKELETON,
  },
]
