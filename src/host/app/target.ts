/** What a client points at: a folder of this host, or a place on this machine that is none yet. */
import type { Target } from '../../contract/backend.ts'
import type { FolderEntry } from './folder-entry.ts'
import type { Host } from './host.ts'

export interface Pointed {
  /** Absolute. */
  readonly path: string
  readonly entry: FolderEntry | null
}

export function pointedAt(host: Host, target: Target): Pointed {
  if ('path' in target) return { path: target.path, entry: null }
  const entry = host.folders.get(target.folderId)
  return { path: entry.path, entry }
}
