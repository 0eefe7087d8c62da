/** Conflicts for a client: seen with both sides, resolved through the engine, and again where others are alike. */
import { extname } from 'node:path'
import type { ConflictDetail, ConflictRow, ConflictSide, Take } from '../../contract/conflicts.ts'
import type { Channel } from '../../engine/core/entry.ts'
import type { ConflictDetail as Found, ConflictSideReport } from '../../engine/report.ts'
import { mergeThread } from '../../platform/merge-thread.ts'
import { deviceName } from '../open-session.ts'
import type { ResolveRequest } from '../resolve-conflict.ts'
import { bodyOf } from './body.ts'
import { notFound, refused, stale } from './errors.ts'
import type { FolderEntry } from './folder-entry.ts'

const OTHER = 'another device or program'
/** "For all like this" goes on with at most as many, so that one click has an end. */
const MOST_ALIKE = 10_000
/** Conflicts that are decided together. */
const AT_ONCE = 32

export interface OnePath {
  readonly path: string
  readonly channel: Channel
}

export function conflictRows(entries: readonly FolderEntry[]): ConflictRow[] {
  return entries.flatMap(entry =>
    entry.conflicts().map(({ path, channel, since, local, remote }) => ({
      folderId: entry.id,
      folderName: entry.name,
      path,
      channel,
      since,
      localChangedAt: local?.lastUpdated ?? null,
      remoteChangedAt: remote?.lastUpdated ?? null,
    })),
  )
}

/** Throws NOT_FOUND where it has ended. */
export async function conflictDetail(entry: FolderEntry, one: OnePath): Promise<ConflictDetail> {
  const found = await entry.ask(folder => folder.conflictDetail(one.path))
  if (found === null) throw notFound('conflict', `${one.path} is no longer in conflict.`)
  return toDetail(entry, found)
}

/** Throws STALE with the conflict as it is now, where it is not what the token stands for. */
export async function resolveConflict(
  entry: FolderEntry,
  one: OnePath,
  choice: Take,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const request = await requestOf(entry, one, choice, token)
  const outcome = await entry.decide(folder => folder.resolve(request, signal, () => {}))
  entry.touch('conflicts', 'files', 'activity')
  if (outcome.status === 'changed') {
    const detail = outcome.detail === null ? null : toDetail(entry, outcome.detail)
    throw stale({ detail }, `${one.path} has changed meanwhile. Look at it again; nothing was overwritten.`)
  }
}

export async function resolveAlike(
  entry: FolderEntry,
  one: OnePath,
  take: 'local' | 'remote' | 'both',
  signal: AbortSignal,
): Promise<{ resolved: number; changed: number; failed: { path: string; message: string }[] }> {
  const paths = [one.path, ...alikePaths(entry, one)].slice(0, MOST_ALIKE)
  const failed: { path: string; message: string }[] = []
  let resolved = 0
  let changed = 0
  const resolve = async (path: string): Promise<void> => {
    try {
      const outcome = await entry.decide(folder => folder.resolve({ path, take }, signal, () => {}))
      if (outcome.status === 'changed') changed += 1
      else resolved += 1
    } catch (error) {
      if (signal.aborted) throw error
      failed.push({ path, message: error instanceof Error ? error.message : String(error) })
    }
  }
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    signal.throwIfAborted()
    // The engine takes up all that it finds decided, in one cycle.
    await Promise.all(paths.slice(at, at + AT_ONCE).map(resolve))
  }
  entry.touch('conflicts', 'files', 'activity')
  return { resolved, changed, failed }
}

async function requestOf(
  entry: FolderEntry,
  { path }: OnePath,
  choice: Take,
  token: string,
): Promise<ResolveRequest> {
  switch (choice.take) {
    case 'local':
    case 'remote':
    case 'both':
    case 'merged':
      return { path, take: choice.take, token }
    case 'content':
      return { path, take: 'content', content: Buffer.from(choice.content, 'utf8'), token }
    case 'choices':
      return { path, take: 'content', content: await merged(entry, path, choice.choices), token }
  }
}

type Choices = Extract<Take, { take: 'choices' }>['choices']

/** The merge with a side chosen for each place in doubt; checked against the token afterwards, like any content. */
async function merged(entry: FolderEntry, path: string, choices: Choices): Promise<Buffer> {
  const found = await entry.ask(folder => folder.conflictDetail(path))
  if (found === null || found.local === null || found.remote === null)
    throw notFound('conflict', `${path} is no longer in conflict.`)
  const { base, local, remote, policy } = found
  const result = await mergeThread.resolve(
    { path, policy, base: base?.content ?? null, local: local.content, remote: remote.content },
    new Map(choices.map(({ pointer, side }) => [pointer, side])),
  )
  switch (result.kind) {
    case 'merged':
      return Buffer.from(result.text, 'utf8')
    case 'refused':
      throw refused('choice', `${result.id}: ${result.reason}`)
    case 'conflict': {
      const open = result.conflicts.map(({ id }) => id).join(', ')
      throw refused('choice-missing', `Choose a side for each place in doubt; open: ${open}.`)
    }
  }
}

function toDetail(entry: FolderEntry, found: Found): ConflictDetail {
  const { path, channel, since, kind, merged: text, token, doubts } = found
  return {
    folderId: entry.id,
    folderName: entry.name,
    path,
    channel,
    since,
    kind,
    base: side(found.base, 'what both sides last agreed on'),
    local: side(found.local, deviceName()),
    remote: side(found.remote, OTHER),
    merged: text,
    doubts: doubts.map(({ id, kind: of, base, local, remote, line, reason }) => ({
      pointer: id,
      kind: of,
      base,
      local,
      remote,
      line: line ?? null,
      reason: reason ?? null,
    })),
    token,
    alike: { count: alikePaths(entry, found).length, description: describeAlike(path) },
  }
}

function side(report: ConflictSideReport | null, by: string): ConflictSide | null {
  return report === null ? null : { body: bodyOf(report.content), changedAt: report.lastUpdated, by }
}

/** Alike: other conflicts of this folder and channel in files of the same type. */
function alikePaths(entry: FolderEntry, one: OnePath): string[] {
  const type = extname(one.path).toLowerCase()
  return entry
    .conflicts()
    .filter(
      ({ path, channel }) =>
        channel === one.channel && path !== one.path && extname(path).toLowerCase() === type,
    )
    .map(({ path }) => path)
}

function describeAlike(path: string): string {
  const type = extname(path).toLowerCase()
  return type === '' ? 'all files without an extension in this folder' : `all ${type} files in this folder`
}
