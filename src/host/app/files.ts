/** One file for a client: why it is in its state, what it holds, what it held, and where it lies. */
import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { ORPCError } from '@orpc/server'
import type { Explanation, HistoryVersion } from '../../contract/files.ts'
import type { Body } from '../../contract/words.ts'
import { pathFault } from '../../engine/core/path.ts'
import { explain } from '../../engine/explain.ts'
import type { Explanation as Found } from '../../engine/report.ts'
import type { Session } from '../../engine/session.ts'
import { errorCode } from '../../platform/os-error.ts'
import { bodyOfBytes } from './body.ts'
import { notFound, refused } from './errors.ts'
import type { FolderEntry } from './folder-entry.ts'

/** From the running session, which knows both sides; where none runs, from a look at both. */
export async function explainFile(
  entry: FolderEntry,
  path: string,
  signal: AbortSignal,
): Promise<Explanation> {
  const { session } = entry.engine
  const configFile = entry.project?.configFile ?? ''
  const found =
    session !== null && entry.engine.isReady
      ? explainRunning(session, path, configFile)
      : await entry.ask(folder => folder.explain(path, signal))
  const remote = session?.context.channels.find(({ channel }) => channel === found.channel)?.remote.get(path)
  return {
    ...found,
    local: localOf(entry, path),
    remote: remote === undefined ? null : { version: remote.version },
  }
}

function explainRunning(session: Session, path: string, configFile: string): Found {
  const found = explain(session.context, new Map(), path, { configFile })
  const state = session.context.channels.find(({ channel }) => channel === found.channel)
  if (found.state !== 'in-step' && found.state !== 'absent') return found
  if (state?.pending.has(path) !== true) return found
  return {
    ...found,
    state: 'pending',
    reason: 'It has changed, and waits for the next sync.',
    waiting: 'sync',
  }
}

function localOf(entry: FolderEntry, path: string): Explanation['local'] {
  if (entry.project === null || pathFault(path) !== null) return null
  const stat = lstatSync(join(entry.project.folder, path), { throwIfNoEntry: false })
  return stat?.isFile() === true ? { size: stat.size, changedAt: stat.mtimeMs } : null
}

export function fileContent(entry: FolderEntry, path: string): Body | null {
  // Also what does not sync may be asked about, but only what may sync is ever shown.
  if (entry.project?.rules.classify(path).kind === 'denied') {
    throw refused('denied', `${path} is on the denylist, so it is not shown.`)
  }
  try {
    const place = safePlace(entry, path)
    const stat = lstatSync(place)
    if (!stat.isFile()) return null
    return stat.size > MOST_READ ? { kind: 'large', size: stat.size } : bodyOfBytes(readFileSync(place))
  } catch (error) {
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return null
    throw error
  }
}

/** A file of this size is read in a few milliseconds. */
const MOST_READ = 10 * 1024 * 1024

/** The absolute path of something inside the project; throws REFUSED for what leads out of it. */
export function safePlace(entry: FolderEntry, path: string | null): string {
  const folder = entry.project?.folder ?? entry.path
  if (path === null) return folder
  const fault = pathFault(path, process.platform === 'win32' ? 'windows' : 'posix')
  if (fault !== null) throw refused('path', fault)
  const place = join(folder, path)
  try {
    const real = realpathSync.native(place)
    if (real === folder || real.startsWith(folder + sep)) return real
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error
    throw notFound('file', `There is no file ${path} here.`)
  }
  throw refused('path', `${path} leads out of the folder through a link.`)
}

export function historyOf(
  entry: FolderEntry,
  path: string | null,
  { offset, limit }: { offset: number; limit: number },
): { total: number; versions: HistoryVersion[] } {
  const { total, rows } = entry.history({ path, offset, limit })
  return { total, versions: rows.map(({ id, cause, ...row }) => ({ ...row, version: id, reason: cause })) }
}

export function historyContent(entry: FolderEntry, path: string, version: number): Body {
  const bytes = entry.historyContent(path, version)
  if (bytes === null) throw notFound('version', `Version ${version} of ${path} is no longer kept.`)
  return bodyOfBytes(bytes)
}
