/** What a list of patterns would match in a folder, before it is saved: live, paged, with reasons. */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { PatternsDraft } from '../../contract/plan.ts'
import type { PatternsPreview, PreviewKind } from '../../contract/setup.ts'
import { deniedBy } from '../../engine/core/denylist.ts'
import type { PatternUse } from '../../engine/core/pattern-use.ts'
import { MAX_PATTERNS_COST, patternCost, patternFault } from '../../engine/core/patterns.ts'
import { compileRules, type Rules } from '../../engine/core/rules.ts'
import type { PatternEntry } from '../../engine/core/sync-config.ts'
import { DEFAULT_CONTENT_ROOT, locateProject } from '../locate-project.ts'
import { patternUses } from '../pattern-use.ts'
import { PACKAGE_FILE } from '../project.ts'
import { Slices } from './slices.ts'
import type { WalkedFolder } from './walk.ts'

export interface PreviewRequest {
  readonly folder: string
  readonly walked: WalkedFolder
  readonly patterns: PatternsDraft
  readonly kinds: readonly PreviewKind[]
  readonly search: string
  readonly offset: number
  readonly limit: number
}

type Row = Omit<PatternsPreview['rows'][number], 'size'>

export async function previewPatterns(request: PreviewRequest): Promise<PatternsPreview> {
  const { walked, patterns, kinds, search, offset, limit, folder } = request
  const shared = checked(patterns.shared)
  const own = checked(patterns.private)
  const rules = compileUsable(shared, own)
  const counts: Record<PreviewKind, number> = { shared: 0, private: 0, denied: 0, unmatched: 0 }
  const found: Row[] = []
  const needle = search.trim().toLowerCase()
  const slices = new Slices()
  for (const path of [...walked.denied, ...walked.files]) {
    const rest = slices.tick()
    if (rest !== undefined) await rest
    const row = classify(rules, path, shared, own)
    counts[row.kind] += 1
    const isWanted = kinds.length === 0 || kinds.includes(row.kind)
    if (isWanted && (needle === '' || path.toLowerCase().includes(needle))) found.push(row)
  }
  const order: readonly PreviewKind[] = ['shared', 'private', 'denied', 'unmatched']
  const byKind = order.flatMap(kind => found.filter(row => row.kind === kind))
  const uses = await usesOf(shared, own, walked.files, folder)
  return {
    shared: shared.map((each, index) => ({ ...each, ...uses.shared[index]! })),
    private: own.map((each, index) => ({ ...each, ...uses.private[index]! })),
    counts,
    isCut: walked.isCut,
    total: byKind.length,
    rows: byKind.slice(offset, offset + limit).map(row => ({ ...row, size: sizeOf(folder, row.path) })),
  }
}

interface Checked {
  readonly pattern: string
  readonly fault: string | null
  matches: number
}

function checked(patterns: readonly string[]): Checked[] {
  let total = 0
  return patterns.map(pattern => {
    const fault = patternFault(pattern)
    if (fault === null) total += patternCost(pattern)
    const isTooMuch = fault === null && total > MAX_PATTERNS_COST
    return { pattern, fault: isTooMuch ? TOO_MUCH_WORK : fault, matches: 0 }
  })
}

const TOO_MUCH_WORK = 'with it, all patterns together would be too much work for each file'

/** What cannot be used has its fault, and nothing more is said of it. */
async function usesOf(
  shared: readonly Checked[],
  own: readonly Checked[],
  files: readonly string[],
  folder: string,
): Promise<{ shared: PatternUse[]; private: PatternUse[] }> {
  const usable = (list: readonly Checked[]): string[] =>
    list.flatMap(({ pattern, fault }) => (fault === null ? [pattern] : []))
  const contentRoot = locateProject(folder)?.configFolder ?? DEFAULT_CONTENT_ROOT
  const uses = await patternUses({ shared: usable(shared), private: usable(own) }, contentRoot, files)
  const inOrder = (list: readonly Checked[], known: PatternUse[]): PatternUse[] =>
    list.map(({ fault }) => (fault === null ? known.shift()! : { isUsed: true, meant: null }))
  return { shared: inOrder(shared, uses.shared), private: inOrder(own, uses.private) }
}

/** With the patterns that can be used, under their own numbers. */
function compileUsable(shared: readonly Checked[], own: readonly Checked[]): Rules {
  const usable = (list: readonly Checked[]): PatternEntry[] =>
    list.flatMap(({ pattern, fault }, index) => (fault === null ? [{ pattern, index, line: 1 }] : []))
  const config = {
    shared: usable(shared),
    private: usable(own),
    contentRoot: null,
    conflictPolicy: [],
    expectDeletes: [],
    maxFileBytes: null,
  }
  const os = process.platform === 'win32' ? 'windows' : 'posix'
  // Any user: whether one is set is not a matter of the patterns.
  return compileRules({ config, os, userId: 'preview', ownFiles: [PACKAGE_FILE] })
}

function classify(rules: Rules, path: string, shared: readonly Checked[], own: readonly Checked[]): Row {
  const found = rules.classify(path)
  const denied = found.kind === 'denied' ? found.entry : deniedBy(path.replace(/\/$/, ''))
  if (denied !== null) {
    return { path, kind: 'denied', channel: null, why: `${denied.category}: ${denied.reason}` }
  }
  if (found.kind === 'synced') {
    const list = found.channel === 'shared' ? shared : own
    const decided = list[found.pattern.index]
    if (decided !== undefined) decided.matches += 1
    return { path, kind: found.channel, channel: found.channel, why: found.pattern.pattern }
  }
  const why =
    found.kind === 'unsafe'
      ? found.reason
      : found.kind === 'unmatched' && found.excludedBy !== null
        ? `Excluded by ${found.excludedBy.pattern}`
        : 'No pattern matches it'
  return { path, kind: 'unmatched', channel: null, why }
}

function sizeOf(folder: string, path: string): number {
  return lstatSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0
}
