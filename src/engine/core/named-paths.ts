/** Files as a person names several at once: by path, by the folder they lie in, or by globs as in sync-config.json. */
import { compilePatterns, patternFault } from './patterns.ts'
import { isWithin } from './tree.ts'

/**
 * Why this names none of the paths, as the rest of a sentence that begins with it; null where it does. `otherwise`: where
 * nothing is wrong with the name itself.
 */
export function nameFault(name: string, paths: readonly string[], otherwise: string): string | null {
  const named = paths.some(namedBy(name, paths))
  if (named) return null
  return patternFault(name) ?? otherwise
}

/** Whether one of the paths is named. A name that is itself one of them, or a folder of theirs, is never taken for a glob. */
export function namedByAny(names: readonly string[], paths: readonly string[]): (path: string) => boolean {
  const each = names.map(name => namedBy(name, paths))
  return path => each.some(isNamed => isNamed(path))
}

function namedBy(name: string, paths: readonly string[]): (path: string) => boolean {
  const folder = name.replace(/\/+$/, '')
  const isWithinName = (path: string): boolean => isWithin(folder, path)
  if (patternFault(name) !== null || paths.some(isWithinName)) return isWithinName
  const glob = compilePatterns([name])
  return path => glob.match(path).matched
}
