/**
 * Which files sync, in which channel, and why: one answer for each path, for the scan, for records that
 * arrive, and for a person who asks (R12).
 *
 * Keeps nothing for each path; ask as often as needed.
 */
import { compileConflictPolicy } from './conflict-policy.ts'
import { deniedBy, deniesFolder } from './denylist.ts'
import type { DenyCategory, DenyEntry } from './denylist.ts'
import type { Channel } from './entry.ts'
import { type NamedPath, namedPaths } from './folder-patterns.ts'
import { foldedPath } from './name-table.ts'
import { pathFault } from './path.ts'
import type { PathOs } from './path.ts'
import { compilePatterns, outermost } from './patterns.ts'
import type { FolderReading, PatternSet } from './patterns.ts'
import { isWithin } from './tree.ts'
import type { ConflictPolicy, PatternEntry, PatternList, SyncConfig } from './sync-config.ts'

export type Classification =
  | {
      readonly kind: 'synced'
      readonly channel: Channel
      readonly pattern: PatternEntry
      readonly list: PatternList
      /** A private file that the shared list matches as well: it stays private, and is reported. */
      readonly alsoShared: boolean
    }
  | { readonly kind: 'denied'; readonly entry: DenyEntry }
  /** `excludedBy` is the negated pattern, of `list`, but for which it would sync. */
  | {
      readonly kind: 'unmatched'
      readonly excludedBy: PatternEntry | null
      readonly list: PatternList | null
    }
  | { readonly kind: 'private-without-user'; readonly pattern: PatternEntry; readonly alsoShared: boolean }
  /** `isMatched`: but for its name it would sync. */
  | { readonly kind: 'unsafe'; readonly reason: string; readonly isMatched: boolean }

export interface RulesInput {
  readonly config: SyncConfig
  readonly os?: PathOs
  /** Null where nobody is signed in: private files then stay here. */
  readonly userId: string | null
  /** Files that this folder's own settings name, by path: they never sync, whatever they are called. */
  readonly ownFiles?: readonly OwnFile[]
}

export interface OwnFile {
  /** Project-relative. */
  readonly path: string
  /** It may be a folder: then nothing in it syncs either. */
  readonly isTree?: boolean
  readonly category: Extract<DenyCategory, 'databases' | 'credentials' | "sync's own files">
  /** A sentence for a person. */
  readonly reason: string
}

export interface Rules {
  classify(path: string): Classification
  /** The fewest folders in which everything that may sync lies; '' is the project. */
  readonly scanBases: readonly string[]
  /** Whether a scan need not look into this folder: it is denied, or nothing below it can match. */
  prunes(folder: string): boolean
  /** What is done where both sides have changed the file. */
  conflictPolicy(path: string): ConflictPolicy
  /** Whether there are any files whose deletes are expected. */
  readonly hasExpectedDeletes: boolean
  /** Paths that patterns name; one that is a folder is told (`folder-patterns.ts`). */
  readonly namedPaths: readonly NamedPath[]
  /** The pattern that says that files like this one come and go; null where none does. */
  expectsDelete(path: string): PatternEntry | null
}

export function compileRules({ config, os = 'posix', userId, ownFiles = [] }: RulesInput): Rules {
  // Of two readings of a folder's name the stricter one: nothing is shared that may not have been meant to be.
  const shared = compileList('syncFilePatterns', config.shared, 'negated-with-below')
  const mine = compileList('privateSyncFilePatterns', config.private, 'positive-with-below')
  const expected = compilePatterns(config.expectDeletes.map(({ pattern }) => pattern))
  const own = ownFiles.map(file => [foldedPath(file.path), denyEntryOf(file)] as const)
  const byPath = new Map(own)
  const trees = own.filter((_, index) => ownFiles[index]!.isTree === true)
  const ownEntry = (path: string): DenyEntry | null => {
    const folded = foldedPath(path)
    return byPath.get(folded) ?? trees.find(([folder]) => isWithin(folder, folded))?.[1] ?? null
  }
  const denied = (path: string): DenyEntry | null => deniedBy(path) ?? ownEntry(path)
  const isDeniedFolder = (folder: string): boolean => deniesFolder(folder) || ownEntry(folder) !== null
  return {
    scanBases: outermost([...shared.set.bases, ...mine.set.bases]).filter(base => !isDeniedFolder(base)),
    prunes: folder =>
      isDeniedFolder(folder) || !(shared.set.mayContain(folder) || mine.set.mayContain(folder)),
    conflictPolicy: compileConflictPolicy(config.conflictPolicy),
    namedPaths: namedPaths(config),
    hasExpectedDeletes: config.expectDeletes.length > 0,
    expectsDelete: path => {
      const { matched, index } = expected.match(path)
      return matched ? config.expectDeletes[index!]! : null
    },
    classify: path => {
      const reason = pathFault(path, os)
      const entry = denied(path)
      if (reason !== null) {
        const isMatched = decide(shared, path).matched || decide(mine, path).matched
        return { kind: 'unsafe', reason, isMatched: isMatched && entry === null }
      }
      if (entry !== null) return { kind: 'denied', entry } // R10
      return classifyByPatterns(decide(shared, path), decide(mine, path), userId)
    },
  }
}

/** The same rules, but for what `leftOut` names: none of it syncs. Asked anew each time, for more may be found. */
export function leavingOut(rules: Rules, leftOut: { entryFor(path: string): DenyEntry | null }): Rules {
  return {
    ...rules,
    prunes: folder => rules.prunes(folder) || leftOut.entryFor(folder) !== null,
    classify: path => {
      const found = rules.classify(path)
      if (found.kind !== 'synced' && found.kind !== 'private-without-user') return found
      const entry = leftOut.entryFor(path)
      return entry === null ? found : { kind: 'denied', entry }
    },
  }
}

/** Whether the path syncs, and in this channel. */
export function syncsIn(rules: Rules, path: string, channel: Channel): boolean {
  const found = rules.classify(path)
  return found.kind === 'synced' && found.channel === channel
}

function denyEntryOf({ path, category, reason }: OwnFile): DenyEntry {
  return { pattern: path, category, reason }
}

interface CompiledList {
  readonly list: PatternList
  readonly entries: readonly PatternEntry[]
  readonly set: PatternSet
}

interface Decision {
  readonly list: PatternList
  readonly matched: boolean
  readonly pattern: PatternEntry | null
}

function compileList(
  list: PatternList,
  entries: readonly PatternEntry[],
  reading: FolderReading,
): CompiledList {
  const patterns = entries.map(entry => entry.pattern)
  return { list, entries, set: compilePatterns(patterns, reading) }
}

function decide({ list, entries, set }: CompiledList, path: string): Decision {
  const { matched, index } = set.match(path)
  return { list, matched, pattern: index === null ? null : entries[index]! }
}

/** R15: what the private list matches is private, whether or not it can sync now and whatever else matches. */
function classifyByPatterns(shared: Decision, mine: Decision, userId: string | null): Classification {
  if (mine.matched && mine.pattern !== null) {
    const { pattern, list } = mine
    const alsoShared = shared.matched
    if (userId === null) return { kind: 'private-without-user', pattern, alsoShared }
    return { kind: 'synced', channel: 'private', pattern, list, alsoShared }
  }
  if (shared.matched && shared.pattern !== null) {
    const { pattern, list } = shared
    return { kind: 'synced', channel: 'shared', pattern, list, alsoShared: false }
  }
  const excluding = shared.pattern !== null ? shared : mine
  return {
    kind: 'unmatched',
    excludedBy: excluding.pattern,
    list: excluding.pattern === null ? null : excluding.list,
  }
}
