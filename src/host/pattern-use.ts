/** Which patterns of a project match nothing that lies there, and what was meant by them. */
import { deniedBy } from '../engine/core/denylist.ts'
import { type PatternUse, PatternUses, type UnusedPattern } from '../engine/core/pattern-use.ts'
import { isNegated } from '../engine/core/patterns.ts'
import type { PatternEntry, PatternList, SyncConfig } from '../engine/core/sync-config.ts'
import { Slices } from './app/slices.ts'
import { Walks } from './app/walk.ts'

export interface PatternLists<Pattern> {
  readonly shared: readonly Pattern[]
  readonly private: readonly Pattern[]
}

/** Of patterns without fault, in their order. `paths`: all files; what is denied is matched by none. */
export async function patternUses(
  { shared, private: own }: PatternLists<string>,
  contentRoot: string,
  paths: readonly string[],
): Promise<{ shared: PatternUse[]; private: PatternUse[] }> {
  const lists = [new PatternUses(shared, contentRoot), new PatternUses(own, contentRoot)] as const
  const free = await filtered(paths, path => deniedBy(path) === null)
  await each(free, path => lists.forEach(list => list.note(path)))
  // Not every: each has to begin.
  if (lists.map(list => list.startGuessing()).includes(true))
    await each(free, path => lists.forEach(list => list.guess(path)))
  return { shared: lists[0].result(), private: withoutPublishing(own, lists[1].result()) }
}

/** What a private negation takes out may be shared from then on: nobody is led to that. */
function withoutPublishing(patterns: readonly string[], uses: readonly PatternUse[]): PatternUse[] {
  return uses.map((use, index) => (isNegated(patterns[index]!) ? { ...use, meant: null } : use))
}

/** Those of a project that match nothing in it, nor any of `others`, with their lines. */
export async function unusedPatterns(
  folder: string,
  config: SyncConfig,
  contentRoot: string,
  others: readonly string[] = [],
): Promise<UnusedPattern[]> {
  const { files } = await new Walks().walk(folder)
  const texts = (entries: readonly PatternEntry[]): string[] => entries.map(({ pattern }) => pattern)
  const lists = { shared: texts(config.shared), private: texts(config.private) }
  const uses = await patternUses(lists, contentRoot, [...files, ...others])
  return [
    ...unusedOf('syncFilePatterns', config.shared, uses.shared),
    ...unusedOf('privateSyncFilePatterns', config.private, uses.private),
  ]
}

function unusedOf(
  list: PatternList,
  entries: readonly PatternEntry[],
  uses: readonly PatternUse[],
): UnusedPattern[] {
  return entries.flatMap(({ pattern, line }, index) => {
    const { isUsed, meant } = uses[index]!
    return isUsed ? [] : [{ list, pattern, line, meant }]
  })
}

async function each(paths: readonly string[], work: (path: string) => void): Promise<void> {
  const slices = new Slices()
  for (const path of paths) {
    const rest = slices.tick()
    if (rest !== undefined) await rest
    work(path)
  }
}

async function filtered(paths: readonly string[], isWanted: (path: string) => boolean): Promise<string[]> {
  const wanted: string[] = []
  await each(paths, path => {
    if (isWanted(path)) wanted.push(path)
  })
  return wanted
}
