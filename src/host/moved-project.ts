/**
 * A project folder that was moved or renamed keeps its state (R4.13): what both sides agreed on, the history, the holds.
 *
 * The state lies under the project's path. A move is proved by the folder itself: it is the very one that was known at
 * another path, which does not lead to it any longer. A copy is another folder, and begins anew.
 */
import { existsSync, renameSync, rmdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { engineHolder } from '../platform/engine-lock.ts'
import { folderHome } from '../platform/home.ts'
import { openStateStore } from '../platform/state/store.ts'
import { FolderHeldError } from './errors.ts'
import { projectIdentity } from './project-identity.ts'
import { type KnownProject, knownProjects, rememberPlace } from './remembered-project.ts'

const STATE_FILE = 'state.db'

/** The project's state folder, brought along where the project was moved. Throws FolderHeldError. */
export function stateFolderOf(home: string, folder: string): string {
  const place = folderHome(home, folder)
  if (!existsSync(join(place, STATE_FILE))) followMove(home, folder, place)
  return folderHome(home, folder)
}

function followMove(home: string, folder: string, place: string): void {
  const identity = projectIdentity(folder)
  // Moving it has changed it last.
  if (identity === null || !identity.isStable) return
  for (const [former, known] of knownProjects(home)) {
    if (known.identity !== identity.name || !isGone(known) || !existsSync(join(former, STATE_FILE))) continue
    const holder = engineHolder(former)
    if (holder !== null) throw new FolderHeldError(known.folder, holder)
    renameDatabases(former, known.folder, folder)
    // Whoever has only looked has made it.
    if (existsSync(place)) rmdirSync(place)
    renameSync(former, place)
    // It may be moved again before it is synced.
    rememberPlace(place, folder)
    return
  }
}

function isGone({ folder, identity }: KnownProject): boolean {
  return projectIdentity(folder)?.name !== identity
}

/** A database that lies in the project is known by its path, which is another one now. Before the move: it can be repeated. */
function renameDatabases(stateFolder: string, from: string, to: string): void {
  const state = openStateStore(join(stateFolder, STATE_FILE))
  try {
    state.renameDatabases(from + sep, to + sep)
  } finally {
    state.close()
  }
}
