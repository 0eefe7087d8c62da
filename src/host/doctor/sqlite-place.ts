/**
 * Whether the SQLite file lies in a good place: on this machine's own disk, where no other program
 * copies it about and no sync, ours included, takes it for content.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { CONFIG_NAME } from '../locate-project.ts'
import type { Project } from '../project.ts'
import { failed, ok, warning } from './check.ts'
import type { Check } from './check.ts'
import { isNetworkFileSystem, type Mount, mountOf, readMounts } from '../../platform/mount-info.ts'
import { findSyncedFolder } from './synced-folder.ts'

const ID = 'sqlite-place'

const MOVE_IT = 'Put it on a disk of this machine and set FILE_SYNC_SQLITE_PATH'

export function checkSqlitePlace(
  project: Project,
  sqlitePath: string,
  mounts: readonly Mount[] | null = readMounts(),
): Check[] {
  const findings = [
    onNetworkDisk(sqlitePath, mounts),
    inSyncedFolder(sqlitePath),
    amongOwnContent(project, sqlitePath),
    inOtherContent(project, sqlitePath),
  ].filter(check => check !== null)
  return findings.length > 0
    ? findings
    : [ok(ID, `The SQLite file ${sqlitePath} lies on a disk of this machine.`)]
}

function onNetworkDisk(sqlitePath: string, mounts: readonly Mount[] | null): Check | null {
  const mount = mounts === null ? null : mountOf(sqlitePath, mounts)
  if (mount === null || !isNetworkFileSystem(mount)) return null
  const message = `The SQLite file ${sqlitePath} lies on a network file system (${mount.type} at ${mount.point}), where SQLite cannot lock it safely.`
  return warning(`${ID}-network`, message, `${MOVE_IT}; to share between machines, use a database server.`)
}

function inSyncedFolder(sqlitePath: string): Check | null {
  const synced = findSyncedFolder(dirname(sqlitePath))
  if (synced === null) return null
  const message = `The SQLite file ${sqlitePath} lies in ${synced.folder}, which ${synced.service} copies. A copy made in the middle of a write is broken.`
  return warning(`${ID}-synced`, message, `${MOVE_IT} to a folder that nothing else syncs.`)
}

function amongOwnContent(project: Project, sqlitePath: string): Check | null {
  const path = relative(project.folder, sqlitePath).split(sep).join('/')
  if (path.startsWith('..') || project.rules.classify(path).kind !== 'synced') return null
  const message = `The SQLite file ${path} matches a pattern of ${project.configFile}, so it would sync itself.`
  return failed(
    `${ID}-pattern`,
    message,
    `Add "!${path}" to the patterns, or give it a name that ends with .db.`,
  )
}

function inOtherContent(project: Project, sqlitePath: string): Check | null {
  const own = dirname(project.configPath)
  for (let at = dirname(sqlitePath); dirname(at) !== at; at = dirname(at)) {
    if (at === own || at === project.folder) return null
    if (!existsSync(join(at, CONFIG_NAME))) continue
    const message = `The SQLite file ${sqlitePath} lies in the content folder of another project, ${at}.`
    return warning(
      `${ID}-other-content`,
      message,
      `${MOVE_IT} to a folder outside of every project's content.`,
    )
  }
  return null
}
