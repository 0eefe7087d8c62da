/** Puts one session together: the project's files, its database, the state store, and the engine between them. */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { createRemoteStore } from '../adapters/remote-store.ts'
import type { ChannelSetup } from '../engine/channel-state.ts'
import { SHARED_OWNER } from '../engine/core/record-id.ts'
import type { Environment } from '../engine/core/settings.ts'
import { AdapterError, type EngineAdapter } from '../engine/ports/adapter.ts'
import type { Log } from '../engine/ports/log.ts'
import type { RemoteStore } from '../engine/ports/remote-store.ts'
import type { ScopeId, ScopeKey, StateStore } from '../engine/ports/state-store.ts'
import { Session } from '../engine/session.ts'
import type { SessionEvent } from '../engine/status.ts'
import { lockstepHome } from '../platform/home.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { mergeThread } from '../platform/merge-thread.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { openFilesOf } from '../platform/open-files.ts'
import { openProjectAdapter } from './open-adapter.ts'
import { otherProjectsIn, requireOwnContent } from './other-projects.ts'
import { type Project, withUser } from './project.ts'
import { openSecretScanner } from './secret-scanner.ts'
import { signIn, signsIn } from './signed-in-user.ts'

/** Where sync-config.json sets none, in bytes: above this a single file would hold the event loop too long. */
const MAX_FILE_BYTES = 10 * 1024 * 1024

export interface SessionRequest {
  readonly project: Project
  /** The real environment. */
  readonly env: Environment
  /** The caller's own, which is not disposed here; the one that the settings name where it is absent. */
  readonly adapter?: EngineAdapter
  readonly state: StateStore
  readonly log: Log
  readonly signal: AbortSignal
  readonly onEvent: (event: SessionEvent) => void
  readonly isPreview: boolean
  /** Whether the project is still what its files say; absent where that is nobody's business. */
  readonly isCurrent?: () => boolean
  /** See `SessionOptions`. */
  readonly listensAtEnd?: boolean
}

export interface OpenSession {
  readonly session: Session
  close(): Promise<void>
}

/** What waits for the database when the end is asked for (a lock, say) may go on this long, in milliseconds. */
const GRACE_MS = 2_000

/**
 * Rejects with AdapterError where the database cannot even be named or loaded, with ConfigurationError where the content
 * is another project's already.
 */
export async function openSession(request: SessionRequest): Promise<OpenSession> {
  const { env, log, signal, onEvent, isPreview } = request
  const state = isPreview ? withoutWrites(request.state) : request.state
  requireOwnContent(request.project, env)
  const adapter = request.adapter ?? (await adapterOf(request.project, env, isPreview))
  const project = await withSignedInUser(request.project, adapter, env)
  const fs = openFileSystem(project.folder, {
    onUnreadableName: (folder, name) => session.noteUnreadableName(folder, name),
  })
  const session: Session = new Session({
    ports: {
      fs,
      openFiles: openFilesOf(project.folder),
      codec: nodeCodec,
      merger: mergeThread,
      secrets: openSecretScanner(lockstepHome(env)),
      clock: nodeClock,
      state,
      log,
    },
    rules: project.rules,
    contentRoot: project.contentRoot,
    device: deviceName(),
    configFile: project.configFile,
    otherProjects: otherProjectsIn(project, lockstepHome(env)),
    maxFileBytes: project.config.maxFileBytes ?? MAX_FILE_BYTES,
    channels: await channelsOf(project, adapter, state),
    signal,
    onEvent,
    isPreview,
    listensAtEnd: request.listensAtEnd ?? false,
    ...(request.isCurrent === undefined ? {} : { areRulesCurrent: request.isCurrent }),
  })
  return { session, close: request.adapter === undefined ? endOf(adapter, signal) : async () => {} }
}

/** Where the database signs a user in, the private channel is that user's. */
export async function withSignedInUser(
  project: Project,
  adapter: EngineAdapter,
  env: Environment,
): Promise<Project> {
  if (!signsIn(project.settings)) return project
  try {
    return withUser(project, await signIn(project.settings, adapter, env))
  } catch (error) {
    await adapter.dispose?.()
    throw error
  }
}

/** Disposes the adapter once: when it is called, or `GRACE_MS` after the signal, so that no wait outlives it for long. */
function endOf(adapter: EngineAdapter, signal: AbortSignal): () => Promise<void> {
  let disposed: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const dispose = (): Promise<void> => (disposed ??= adapter.dispose?.() ?? Promise.resolve())
  const onAbort = (): void => {
    timer = setTimeout(() => void dispose(), GRACE_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    return dispose()
  }
}

export function deviceName(): string {
  return hostname()
}

/** In the place of a database that is not to be touched. */
export async function emptyAdapter(): Promise<EngineAdapter> {
  const { createMemoryDatabase } = await import('../adapters/memory/memory-database.ts')
  return createMemoryDatabase().adapter()
}

async function adapterOf(project: Project, env: Environment, isPreview: boolean): Promise<EngineAdapter> {
  // A look must not make the database that a first sync will make; where that could not, it says so.
  const { sqlitePath } = project
  const isToBeMade = isPreview && sqlitePath !== null && !existsSync(sqlitePath)
  if (isToBeMade && existsSync(dirname(sqlitePath))) return emptyAdapter()
  return openProjectAdapter(project, env, isPreview)
}

async function channelsOf(
  project: Project,
  adapter: EngineAdapter,
  state: StateStore,
): Promise<ChannelSetup[]> {
  const os = process.platform === 'win32' ? 'windows' : 'posix'
  const setups: ChannelSetup[] = []
  for (const { channel, ownerId } of ownersOf(project)) {
    const remote = createRemoteStore(adapter, { appId: project.appId, ownerId }, { clock: nodeClock, os })
    const scope = await scopeAt({ ...scopeOf(project), ownerId, channel }, remote, state)
    setups.push({ channel, scope, remote })
  }
  return setups
}

/** A database may have come to another address: what was agreed with it stands (R4). */
async function scopeAt(key: ScopeKey, remote: RemoteStore, state: StateStore): Promise<ScopeId> {
  const scope = state.openScope(key)
  const watched = state.watchedScopes()
  if (watched.length === 0 || watched.includes(scope) || state.loadIdentity(scope).database !== null)
    return scope
  try {
    const database = await remote.identity()
    if (database !== null) state.adoptScope(key, database)
  } catch (error) {
    // Out of reach it is another database, as far as anybody knows; at the next start it is asked again.
    if (!(error instanceof AdapterError)) throw error
  }
  return state.openScope(key)
}

/** The channels' scopes in the state store, for what is asked without a session. */
export function scopesOf(project: Project, state: StateStore) {
  return ownersOf(project).map(({ channel, ownerId }) => ({
    channel,
    scope: state.openScope({ ...scopeOf(project), ownerId, channel }),
  }))
}

function ownersOf({ sharedOwner = SHARED_OWNER, userId }: Project) {
  const shared = sharedOwner === null ? [] : [{ channel: 'shared' as const, ownerId: sharedOwner }]
  const own = userId === null ? [] : [{ channel: 'private' as const, ownerId: userId }]
  return [...shared, ...own]
}

function scopeOf({ database, appId }: Project) {
  return { database: `${database.backend} ${database.description}`, appId }
}

function withoutWrites(state: StateStore): StateStore {
  return {
    openScope: key => state.openScope(key),
    adoptScope: (key, database) => state.adoptScope(key, database),
    scopeKey: scope => state.scopeKey(scope),
    loadIdentity: scope => state.loadIdentity(scope),
    basePages: scope => state.basePages(scope),
    watchedScopes: () => state.watchedScopes(),
    hadContent: (scope, path, digest) => state.hadContent(scope, path, digest),
    hadFile: (scope, path, digest, mtimeMs) => state.hadFile(scope, path, digest, mtimeMs),
    wasHere: (path, digest) => state.wasHere(path, digest),
    isTrusted: trust => state.isTrusted(trust),
    loadTrust: reason => state.loadTrust(reason),
    foreignBases: (scope, path) => state.foreignBases(scope, path),
    privateElsewhere: (scope, paths) => state.privateElsewhere(scope, paths),
    unflushed: scope => state.unflushed(scope),
    loadConflicts: scope => state.loadConflicts(scope),
    loadHolds: scope => state.loadHolds(scope),
    loadDecisions: scope => state.loadDecisions(scope),
    loadResolutions: scope => state.loadResolutions(scope),
    loadStaged: scope => state.loadStaged(scope),
    loadSent: scope => state.loadSent(scope),
    loadDeletes: (scope, side) => state.loadDeletes(scope, side),
    loadRetries: scope => state.loadRetries(scope),
    loadMounts: () => state.loadMounts(),
    loadStatus: () => state.loadStatus(),
    loadHistory: (scope, path) =>
      path === undefined ? state.loadHistory(scope) : state.loadHistory(scope, path),
    loadRetention: () => state.loadRetention(),
    readContent: digest => state.readContent(digest),
    hasContent: digest => state.hasContent(digest),
    commit: () => Promise.resolve(),
    startFlush: () => state.startFlush(),
    pruneHistory: () => Promise.resolve(0),
    foreignCommits: () => state.foreignCommits(),
    close: () => {},
  }
}
