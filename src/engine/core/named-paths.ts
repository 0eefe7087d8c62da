/** Files as a person names several at once: by path, by the folder they lie in, or by globs as in sync-config.json. */
import { compilePatterns, patternFault } from './patterns.ts'
import { isWithin } from './tree.ts'

/**
 * Why this names none of the paths, as the rest of a sentence that begins with it; null where it does. `otherwise`: where
 * nothing is wrong with the name itself.
 */
export function nameFault(name: string, paths: readonly string[], otherwise: string): string | null {
  const named = paths.some(namedBy(name))
  if (named) return null
  return patternFault(name) ?? otherwise
}

/** Whether a path is one of those named. A name that is itself a path or a folder is never taken for a glob. */
export function namedByAny(names: readonly string[]): (path: string) => boolean {
  const each = names.map(namedBy)
  return path => each.some(isNamed => isNamed(path))
}

function namedBy(name: string): (path: string) => boolean {
  const folder = name.replace(/\/+$/, '')
  const isWithinName = (path: string): boolean => isWithin(folder, path)
  if (patternFault(name) !== null) return isWithinName
  const glob = compilePatterns([name])
  return path => isWithinName(path) || glob.match(path).matched
}
