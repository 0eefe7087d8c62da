/** What sync has overwritten or deleted in a folder, and how a version of it comes back. Needs no engine and no database. */
import { encodeContent } from '../engine/core/content.ts'
import type { StateStore } from '../engine/ports/state-store.ts'
import { Replacer } from '../engine/replace.ts'
import type { HistoryReport } from '../engine/report.ts'
import { restore, RestoreError } from '../engine/restore.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
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
    .sort((a, b) => b.time - a.time || b.id - a.id)
    .map(({ id, path, channel, time, cause, size, device, digest }) => {
      const report = { path, channel, version: id, time, reason: cause, size, device }
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
    const ports = { fs, codec: nodeCodec, state, clock: nodeClock }
    const replacer = new Replacer(fs, nodeClock, new Set())
    return restore(ports, replacer, { path, bytes, scope, channel, device: deviceName() })
  }
  throw new RestoreError(
    `There is no version ${version} of ${path}. lockstep history <folder> ${path} lists them.`,
  )
}
