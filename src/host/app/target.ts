/** What a client points at: a folder of this host, or a place on this machine that is none yet. */
import { isAbsolute } from 'node:path'
import type { Target } from '../../contract/backend.ts'
import type { FolderEntry } from './folder-entry.ts'
import type { Host } from './host.ts'
import { refused } from './errors.ts'

export interface Pointed {
  /** Absolute. */
  readonly path: string
  readonly entry: FolderEntry | null
}

export function pointedAt(host: Host, target: Target): Pointed {
  if ('path' in target) return { path: absolute(target.path), entry: null }
  const entry = host.folders.get(target.folderId)
  return { path: entry.path, entry }
}

/** A client does not know in which folder this program was started. */
export function absolute(path: string): string {
  if (isAbsolute(path)) return path
  throw refused('path', `${path} is not a whole path. Write it from the top, as in /home/me/project.`)
}
