/** Opens the adapter that the settings name, and loads no other: each brings a driver or an SDK along. */
import { resolve } from 'node:path'
import type {
  BackendSettings,
  ConvexSettings,
  FirestoreSettings,
  SupabaseSettings,
} from '../engine/core/settings.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { CustomAdapterModule } from './custom/load.ts'
import type { ReadKeyFile } from './firestore/credentials.ts'
import { type Mask, masked } from './masked.ts'

export interface AdapterContext {
  readonly clock: Clock
  readonly readKeyFile: ReadKeyFile
  /** Takes secrets out of what an error says. */
  readonly mask: Mask
  /** The SQLite file's absolute path; null with another backend. */
  readonly sqlitePath: string | null
  /** Nobody has named that place: the file that is made there is for its owner alone. */
  readonly isOwnSqlite?: boolean
  /** The custom adapter's module, which the user has agreed to run; null with another backend. */
  readonly custom?: CustomAdapterModule | null
  /** What relative paths in the settings are relative to; without it, the working directory. */
  readonly projectFolder?: string | null
  /** Only looked at: an adapter that keeps something of its own in the database must not write it. */
  readonly isPreview?: boolean
}

/** Connects at the first call, not here. Rejects with `AdapterError` 'invalid' for a backend that is not there. */
export async function openAdapter(
  settings: BackendSettings,
  context: AdapterContext,
): Promise<EngineAdapter> {
  return masked(await openUnmasked(settings, context), context.mask)
}

function openUnmasked(settings: BackendSettings, context: AdapterContext): Promise<EngineAdapter> {
  switch (settings.backend) {
    case 'drizzle':
      return openSqlite(context)
    case 'firestore':
      return openFirestore(settings, context)
    case 'supabase':
      return openSupabase(settings, context)
    case 'convex':
      return openConvex(settings, context)
    case 'custom':
      return openCustom(context)
  }
}

async function openSqlite({
  sqlitePath,
  clock,
  isPreview = false,
  isOwnSqlite = false,
}: AdapterContext): Promise<EngineAdapter> {
  if (sqlitePath === null) throw invalid('SQLite needs the path of its file. Set FILE_SYNC_SQLITE_PATH.')
  const { createSqliteAdapter } = await import('./sqlite/adapter.ts')
  return createSqliteAdapter({ path: sqlitePath, clock, isPreview, isPrivate: isOwnSqlite })
}

async function openFirestore(
  { credentialsPath, emulatorHost, projectId }: FirestoreSettings,
  { clock, readKeyFile, projectFolder, isPreview = false }: AdapterContext,
): Promise<EngineAdapter> {
  const { createFirestoreAdapter } = await import('./firestore/adapter.ts')
  const keyFile = credentialsPath === null ? null : resolve(projectFolder ?? '.', credentialsPath)
  return createFirestoreAdapter({
    credentialsPath: keyFile,
    readKeyFile,
    emulatorHost,
    projectId,
    clock,
    isPreview,
  })
}

async function openSupabase(
  { url, key, account }: SupabaseSettings,
  { clock }: AdapterContext,
): Promise<EngineAdapter> {
  const { createSupabaseAdapter } = await import('./supabase/adapter.ts')
  return createSupabaseAdapter({ url, key, account, clock })
}

async function openConvex(
  { url, syncKey }: ConvexSettings,
  { clock, isPreview = false }: AdapterContext,
): Promise<EngineAdapter> {
  const { createConvexAdapter } = await import('./convex/adapter.ts')
  return createConvexAdapter({ url, syncKey, clock, isPreview })
}

async function openCustom({ custom = null, mask }: AdapterContext): Promise<EngineAdapter> {
  if (custom === null) throw invalid('A custom adapter needs its module. Set FILE_SYNC_ADAPTER.')
  const { loadCustomAdapter } = await import('./custom/load.ts')
  return loadCustomAdapter(custom, mask)
}

function invalid(message: string): AdapterError {
  return new AdapterError('invalid', message, { retryable: false })
}
