/** Other projects that engines of this machine know, and that lie in this one (R10): each syncs by itself. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../engine/core/settings.ts'
import { isWithin } from '../engine/core/tree.ts'
import { lockstepHome } from '../platform/home.ts'
import { ConfigurationError } from './errors.ts'
import { pathWithin } from './path-within.ts'
import { loadProject, type Project } from './project.ts'
import { knownProjects } from './remembered-project.ts'

/**
 * Two projects on one content root, with the same app in the same database, would feed each other for ever: what one
 * calls `data/a.md` is `a.md` for the other. Throws ConfigurationError.
 */
export function requireOwnContent(project: Project, env: Environment): void {
  const { folder, contentRoot, appId, database } = project
  for (const known of knownProjects(lockstepHome(env)).values()) {
    if (known.folder === folder || join(known.folder, known.contentRoot) !== join(folder, contentRoot))
      continue
    const other = projectAt(known.folder, env)
    if (other?.appId !== appId || other.database.description !== database.description) continue
    const message = `The files in ${join(folder, contentRoot)} are synced as the project ${other.folder} already. Sync that one, or give this one an app of its own: FILE_SYNC_APP_ID.`
    throw new ConfigurationError('settings-invalid', message)
  }
}

/** Null where there is none any longer. */
function projectAt(folder: string, env: Environment): Project | null {
  try {
    const project = loadProject(folder, env)
    return project.folder === folder ? project : null
  } catch (error) {
    if (error instanceof ConfigurationError) return null
    throw error
  }
}

/** Their folders, or of one whose folder holds this project its content root: project-relative, with `/`. */
export function otherProjectsIn({ folder, contentRoot }: Project, home: string): string[] {
  return [...knownProjects(home).values()].flatMap(other => {
    if (other.folder === folder || !existsSync(join(other.folder, other.configFile))) return []
    const places = [other.folder, join(other.folder, other.contentRoot)]
    const inside = places.map(place => pathWithin(folder, place))
    return inside.find(place => place !== null && !isWithin(place, contentRoot)) ?? []
  })
}
