/**
 * A list of globs, as sync-config.json has them: a file is in if some positive pattern matches it and no
 * negated one (`!…`) does. The order does not matter.
 */
import { compileGlob, globCost, globFault, MAX_NAME_LENGTH } from './glob.ts'
import type { Glob } from './glob.ts'
import { isWithin } from './tree.ts'

/** In UTF-16 units, with the `!`. */
const MAX_PATTERN_LENGTH = 200
/** In UTF-16 units: what Linux, which takes the longest, opens at most in bytes. */
const MAX_PATH_LENGTH = 4096

export interface PatternMatch {
  readonly matched: boolean
  /** What decided: the first positive pattern that matches, or the negated one that takes the file out. */
  readonly index: number | null
}

export interface PatternSet {
  match(path: string): PatternMatch
  /** The fewest folders in which every match lies, sorted; '' is the project. Empty where nothing can match. */
  readonly bases: readonly string[]
  /** False only where no file below this folder can ever match. */
  mayContain(folder: string): boolean
}

/** Why this pattern cannot be used, as the rest of a sentence that begins with it; null where it can. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `it is longer than ${MAX_PATTERN_LENGTH} characters`
  if (pattern.startsWith('!!')) return 'it is negated twice'
  return globFault(withoutNegation(pattern))
}

/** The pattern that matches this path and no other, whatever is in its names. */
export function patternOf(path: string): string {
  return path.replace(/[*?[{( ]/g, character => `[${character}]`).replace(/^!/, '@(!)')
}

/**
 * Of all patterns of a file together, in steps for each character of a path: well under a second for the longest path
 * that there can be. A thousand ordinary patterns take a tenth of it.
 */
export const MAX_PATTERNS_COST = 100_000

/** Steps for each character of a path, at most. Of a pattern without fault. */
export function patternCost(pattern: string): number {
  return globCost(withoutNegation(pattern))
}

/**
 * Whether a pattern that ends with a name, and not with a wildcard, stands for a folder's files as well: where the
 * stricter of two readings is the safer one.
 */
export type FolderReading = 'literal' | 'positive-with-below' | 'negated-with-below'

/** Expects patterns without fault. */
export function compilePatterns(patterns: readonly string[], reading: FolderReading = 'literal'): PatternSet {
  const positive: IndexedGlob[] = []
  const negated: IndexedGlob[] = []
  for (const [index, pattern] of patterns.entries()) {
    if (isNegated(pattern))
      negated.push({
        index,
        glob: compileGlob(pattern.slice(1), { withBelow: reading === 'negated-with-below' }),
      })
    else
      positive.push({ index, glob: compileGlob(pattern, { withBelow: reading === 'positive-with-below' }) })
  }
  return {
    bases: outermost(positive.flatMap(({ glob }) => glob.bases)),
    match: path => {
      const names = positive.length === 0 ? null : namesOf(path)
      if (names === null) return { matched: false, index: null }
      const included = positive.find(({ glob }) => glob.matches(names))
      if (included === undefined) return { matched: false, index: null }
      const excluded = negated.find(({ glob }) => glob.matches(names))
      return excluded === undefined
        ? { matched: true, index: included.index }
        : { matched: false, index: excluded.index }
    },
    mayContain: folder => {
      const names = folder === '' ? [] : folder.split('/')
      return (
        positive.some(({ glob }) => glob.mayContain(names)) &&
        !negated.some(({ glob }) => glob.containsAll(names))
      )
    },
  }
}

/** Null where no file can have this path, so that the work has a bound. */
function namesOf(path: string): string[] | null {
  if (path.length > MAX_PATH_LENGTH) return null
  const names = path.split('/')
  const isTooLong = path.length > MAX_NAME_LENGTH && names.some(name => name.length > MAX_NAME_LENGTH)
  return isTooLong ? null : names
}

interface IndexedGlob {
  readonly index: number
  readonly glob: Glob
}

/** `!(a|b)` is a group, not a negation. */
export function isNegated(pattern: string): boolean {
  return pattern.startsWith('!') && pattern[1] !== '('
}

export function withoutNegation(pattern: string): string {
  return isNegated(pattern) ? pattern.slice(1) : pattern
}

/** Without folders that lie in another one of the list. */
export function outermost(folders: readonly string[]): string[] {
  const sorted = [...new Set(folders)].sort()
  return sorted.filter(folder => !sorted.some(other => other !== folder && isWithin(other, folder)))
}
