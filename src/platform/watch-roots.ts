/** Which folders on the disk a watcher is to be opened on: none that only a link leads to. */
import { type Stats, lstatSync } from 'node:fs'
import { join } from 'node:path'

export interface Roots {
  /** Absolute; folders that are still missing included, for the watcher waits for them. */
  readonly paths: string[]
  /** Changes when one of the folders comes, goes, or is another one. */
  readonly identity: string
}

export function findRoots(project: string, folders: readonly string[]): Roots {
  const found = folders.map(folder => ({
    path: join(project, folder),
    identity: identify(project, folder),
  }))
  return {
    paths: found.filter(root => root.identity !== LINKED).map(root => root.path),
    identity: found.map(root => root.identity).join(' '),
  }
}

const LINKED = 'linked'
const MISSING = 'missing'

function identify(project: string, folder: string): string {
  let path = project
  let stats = look(path)
  for (const name of folder === '' ? [] : folder.split('/')) {
    path = join(path, name)
    stats = look(path)
    if (stats?.isSymbolicLink() === true) return LINKED
  }
  return stats === null ? MISSING : `${stats.dev}:${stats.ino}`
}

/** Null where nothing is, or nothing that this user may see. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}
