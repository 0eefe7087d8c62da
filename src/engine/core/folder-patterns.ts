/**
 * Patterns that name a folder and not what lies in it. Who writes `data/private` means its files: of a negation and of a
 * private pattern that is what it says here (the stricter reading), and of a shared one nothing would match.
 */
import { literalPaths } from './glob.ts'
import { isNegated, withoutNegation } from './patterns.ts'
import type { Problem } from './problem.ts'
import type { PatternEntry, PatternList, SyncConfig } from './sync-config.ts'

export interface NamedPath {
  /** Project-relative. It need not be a folder. */
  readonly path: string
  readonly list: PatternList
  readonly entry: PatternEntry
}

export function namedPaths({ shared, private: own }: SyncConfig): NamedPath[] {
  return [...named('syncFilePatterns', shared), ...named('privateSyncFilePatterns', own)]
}

function named(list: PatternList, entries: readonly PatternEntry[]): NamedPath[] {
  return entries.flatMap(entry =>
    literalPaths(withoutNegation(entry.pattern)).map(path => ({ path, list, entry })),
  )
}

/** For one that turns out to be a folder. */
export function folderPatternProblem({ path, list, entry }: NamedPath): Problem & { readonly path: string } {
  const { pattern, line } = entry
  const isCovering = isNegated(pattern) ? list === 'syncFilePatterns' : list === 'privateSyncFilePatterns'
  const what = `The pattern "${pattern}" in ${list} (line ${line}) names a folder`
  const reading = isCovering
    ? 'Here it stands for all files in it, but other servers of the same files may take it for none of them'
    : 'No file in it matches'
  return {
    code: 'folder-pattern',
    path,
    message: `${what}. ${reading}. Write "${pattern}/**".`,
  }
}
