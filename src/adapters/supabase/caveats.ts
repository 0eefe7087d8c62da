/** What a person should know of a Supabase project as a place for files, as it stands now. */

export interface Circumstances {
  readonly isSignedIn: boolean
  /** Our SQL has not been run, or an older one. */
  readonly lacksFunctions: boolean
  /** Why Realtime tells nothing now; null while it does. */
  readonly silence: string | null
}

export function caveatsOf({ isSignedIn, lacksFunctions, silence }: Circumstances): string[] {
  return [
    ...(isSignedIn ? [] : [OPEN]),
    ...(lacksFunctions ? [PLAIN] : []),
    silence === null ? FEED : `Supabase Realtime does not answer now (${silence}). ${POLLED}`,
    DELETES,
  ]
}

const OPEN =
  'Nobody signs in here: whatever the publishable key may do, everybody who has that key may do, and it is in each app and page that uses the project. If your policies let it, anyone can read, change and delete these files. Set SUPABASE_EMAIL and SUPABASE_PASSWORD to sign in.'

const PLAIN =
  'The SQL that lockstep setup supabase prints has not been run here: each change takes a request of its own, and whether the database was exchanged for another one is told by its address alone.'

const POLLED = 'Changes made elsewhere are found by asking, at intervals of 5 seconds to 1 minute.'

const FEED = `Where Supabase Realtime does not answer (it is switched off, say, or its quota is used up): ${POLLED[0]!.toLowerCase()}${POLLED.slice(1)}`

const DELETES =
  'Realtime tells the id of a deleted record, and so its path, to every listener of the project, whatever the row level security says; contents it never tells to those who may not see them.'
