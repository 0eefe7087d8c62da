/** What is known of a folder whose engine does not run: from its state store, opened for a moment. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { syncsIn } from '../../engine/core/rules.ts'
import type { Retention } from '../../engine/core/retention.ts'
import type { ConflictRecord, HoldRecord, StateStore } from '../../engine/ports/state-store.ts'
import { folderHome } from '../../platform/home.ts'
import { readBasePages } from '../../platform/state/base-pages.ts'
import {
  type HistoryPageQuery,
  type HistoryPageRow,
  readHistoryPage,
} from '../../platform/state/history-pages.ts'
import { openStateStore } from '../../platform/state/store.ts'
import { scopesOf } from '../open-session.ts'
import type { Project } from '../project.ts'
import type { ChannelFiles } from './file-index.ts'

export type InChannel<Item> = Item & { readonly channel: 'shared' | 'private' }

export interface StoredFolder {
  readonly conflicts: readonly InChannel<ConflictRecord>[]
  readonly holds: readonly InChannel<HoldRecord>[]
  readonly lastSyncedAt: number | null
}

export const NOTHING_STORED: StoredFolder = { conflicts: [], holds: [], lastSyncedAt: null }

/** `home` is LOCKSTEP_HOME. */
export function readStoredFolder(project: Project, home: string): StoredFolder {
  if (!existsSync(storePath(project, home))) return NOTHING_STORED
  return withStore(project, home, state => {
    const scopes = scopesOf(project, state)
    return {
      conflicts: scopes.flatMap(({ scope, channel }) =>
        state.loadConflicts(scope).map(record => ({ ...record, channel })),
      ),
      holds: scopes.flatMap(({ scope, channel }) =>
        state
          .loadHolds(scope)
          .filter(({ path }) => syncsIn(project.rules, path, channel))
          .map(record => ({ ...record, channel })),
      ),
      lastSyncedAt: state.loadStatus()?.lastSyncedAt ?? null,
    }
  })
}

export async function readStoredChannels(project: Project, home: string): Promise<ChannelFiles[]> {
  const path = storePath(project, home)
  if (!existsSync(path)) return []
  const channels = withStore(project, home, state =>
    scopesOf(project, state).map(({ scope, channel }) => ({
      scope,
      channel,
      conflicts: byPath(state.loadConflicts(scope)),
      holds: byPath(state.loadHolds(scope)),
      retries: byPath(state.loadRetries(scope)),
    })),
  )
  return Promise.all(
    channels.map(async ({ scope, ...known }) => ({
      ...known,
      base: await readBasePages(path, scope),
      local: new Map<string, never>(),
      remote: new Map<string, never>(),
      refused: new Map<string, never>(),
      pending: new Set<string>(),
      blocked: new Set<string>(),
      unmatched: new Set<string>(),
    })),
  )
}

/** Null where this version is not kept (any more). */
export function readHistoryContent(
  project: Project,
  home: string,
  path: string,
  version: number,
): Uint8Array | null {
  if (!existsSync(storePath(project, home))) return null
  return withStore(project, home, state => {
    for (const { scope } of scopesOf(project, state)) {
      const entry = state.loadHistory(scope, path).find(({ id }) => id === version)
      if (entry !== undefined) return state.readContent(entry.digest)
    }
    return null
  })
}

/** Newest first. */
export function readHistory(
  project: Project,
  home: string,
  query: Omit<HistoryPageQuery, 'scopes'>,
): { total: number; rows: HistoryPageRow[] } {
  const path = storePath(project, home)
  if (!existsSync(path)) return { total: 0, rows: [] }
  const scopes = withStore(project, home, state => scopesOf(project, state).map(({ scope }) => scope))
  return readHistoryPage(path, { ...query, scopes })
}

/** A folder that has never synced is told when it does. */
export async function storeRetention(project: Project, home: string, retention: Retention): Promise<void> {
  const path = storePath(project, home)
  if (!existsSync(path)) return
  const state = openStateStore(path)
  try {
    await keepRetention(state, retention)
  } finally {
    state.close()
  }
}

export async function keepRetention(state: StateStore, retention: Retention): Promise<void> {
  const { maxAgeMs, maxBytes } = state.loadRetention()
  if (maxAgeMs === retention.maxAgeMs && maxBytes === retention.maxBytes) return
  await state.commit([{ kind: 'retention-set', retention }])
}

function withStore<Result>(project: Project, home: string, read: (state: StateStore) => Result): Result {
  const state = openStateStore(storePath(project, home))
  try {
    return read(state)
  } finally {
    state.close()
  }
}

function storePath(project: Project, home: string): string {
  return join(folderHome(home, project.folder), 'state.db')
}

function byPath<Item extends { readonly path: string }>(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map(item => [item.path, item]))
}
