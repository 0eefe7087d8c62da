/** A file as a person names it on the command line, as the project-relative path that the engine uses. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/**
 * Relative to the project as a rule. Where the project has no such file, a path that leads into the project from
 * `cwd` is taken, as the shell completes it; absolute ones always. Anything else is passed on as it is: what is
 * wrong with a path is the engine's to say (R11).
 */
export function toProjectPath(projectFolder: string, named: string, cwd: string): string {
  const inside = insideOf(projectFolder, resolve(cwd, named))
  const asNamed =
    isAbsolute(named) || isMeantFromHere(projectFolder, named, inside) ? (inside ?? named) : named
  const slashed = sep === '\\' ? asNamed.replaceAll('\\', '/') : asNamed
  return slashed.replace(/^(?:\.\/+)+/, '')
}

/** A file that is gone is known by its folder. */
function isMeantFromHere(projectFolder: string, named: string, inside: string | null): boolean {
  if (inside === null || existsSync(join(projectFolder, named))) return false
  if (existsSync(join(projectFolder, inside))) return true
  return existsSync(dirname(join(projectFolder, inside))) && !existsSync(dirname(join(projectFolder, named)))
}

/** Project-relative; null for what lies elsewhere, and for the project itself. */
function insideOf(projectFolder: string, path: string): string | null {
  for (const way of [path, realWay(path)]) {
    const inside = relative(projectFolder, way)
    if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
      return inside
  }
  return null
}

/** Links above the file resolved: the project is known by its real path. The file itself may be a link, or gone. */
function realWay(path: string): string {
  const folder = dirname(path)
  if (folder === path) return path
  try {
    return join(realpathSync.native(folder), basename(path))
  } catch {
    return join(realWay(folder), basename(path))
  }
}
