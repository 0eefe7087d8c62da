/** What was overwritten or deleted in a folder, how a version of it comes back, and how it is forgotten. Needs no engine and no database. */
import { encodeContent } from '../engine/core/content.ts'
import type { StateStore } from '../engine/ports/state-store.ts'
import { FileClocks } from '../engine/file-clocks.ts'
import { Replacer } from '../engine/replace.ts'
import type { ForgetReport, HistoryReport } from '../engine/report.ts'
import { restore, RestoreError } from '../engine/restore.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { openFilesOf } from '../platform/open-files.ts'
import type { Erasure, Use } from '../platform/state/erase.ts'
import type { OpenedStateStore } from '../platform/state/store.ts'
import { deviceName, scopesOf } from './open-session.ts'
import type { Project } from './project.ts'

export interface HistoryRequest {
  /** Null for all paths. */
  readonly path: string | null
  readonly contents: boolean
}

/** Of both channels, newest first. */
export function historyReports(
  project: Project,
  state: StateStore,
  { path, contents }: HistoryRequest,
): HistoryReport[] {
  const entries = scopesOf(project, state).flatMap(({ scope }) =>
    path === null ? state.loadHistory(scope) : state.loadHistory(scope, path),
  )
  return entries
    .sort((a, b) => b.id - a.id)
    .map(({ id, path, channel, time, cause, size, device, digest }) => {
      const report = { path, channel, version: id, time, reason: cause, size, device, hash: digest }
      const bytes = contents ? state.readContent(digest) : null
      return bytes === null ? report : { ...report, content: encodeContent(bytes, nodeCodec) }
    })
}

/** Whether a file was there and has been replaced. Throws RestoreError where there is no such version. */
export async function restoreVersion(
  project: Project,
  state: StateStore,
  { path, version }: { readonly path: string; readonly version: number },
): Promise<boolean> {
  for (const { scope, channel } of scopesOf(project, state)) {
    const entry = state.loadHistory(scope, path).find(({ id }) => id === version)
    if (entry === undefined) continue
    const bytes = state.readContent(entry.digest)
    if (bytes === null) throw new RestoreError(`The content of version ${version} is no longer kept.`)
    const fs = openFileSystem(project.folder)
    const openFiles = openFilesOf(project.folder)
    const ports = { fs, openFiles, codec: nodeCodec, state, clock: nodeClock }
    const replacer = new Replacer({ ...ports, clocks: new FileClocks() }, new Set())
    return restore(ports, replacer, { path, bytes, scope, channel, device: deviceName() })
  }
  throw new RestoreError(
    `There is no version ${version} of ${path}. lockstep history <folder> ${path} lists them.`,
  )
}

/** What a person wants forgotten cannot be now; the message says what to do first. */
class ForgetError extends Error {
  override readonly name = 'ForgetError'
}

const HASH = /^[0-9a-f]{64}$/i

/**
 * Takes all versions of a path, or a content by its SHA-256 in whatever path, out of the history for good. Without
 * `isConfirmed` it only tells what would go. Throws ForgetError.
 */
export async function forgetVersions(
  project: Project,
  state: OpenedStateStore,
  what: string,
  { isConfirmed }: { readonly isConfirmed: boolean },
): Promise<ForgetReport> {
  const erasure: Erasure = HASH.test(what) ? { digest: what.toLowerCase() } : { path: what }
  const scopes = scopesOf(project, state).map(({ scope }) => scope)
  const { entries, uses } = state.lookErasure(erasure, scopes)
  if (uses.length > 0) throw new ForgetError(usesInWords(uses))
  if (entries === 0)
    throw new ForgetError(
      `The history has no version of ${what}, so nothing was forgotten. Name one file, or a content by its SHA-256.`,
    )
  if (!isConfirmed) return { what, versions: entries, isForgotten: false, stillIn: [], copies: [] }
  const erased = await state.erase(erasure, scopes)
  if ('uses' in erased) throw new ForgetError(usesInWords(erased.uses))
  const { entries: versions, stillIn, copies } = erased
  return { what, versions, isForgotten: true, stillIn, copies }
}

const FIRST: Readonly<Record<Use['by'], string>> = {
  conflict: 'is in conflict, and this is one of its versions. Resolve it first.',
  hold: 'is held, and this is what it holds. Approve it or restore it first.',
  file: 'holds this content now, and so does the database. Change or delete the file, and sync, first.',
}

function usesInWords(uses: readonly Use[]): string {
  const [{ path, by }] = uses as readonly [Use]
  const others = uses.length === 1 ? '' : ` (And ${uses.length - 1} more.)`
  return `Nothing was forgotten: ${path} ${FIRST[by]}${others}`
}
