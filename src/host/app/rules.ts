/** The rules of a folder for a client: sync-config.json as it is, what an edit would change, and the saving of it. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { Problem } from '../../contract/words.ts'
import type { DenyRow, PathList, RulesEdit, RulesEffect, RulesView } from '../../contract/rules.ts'
import { DENYLIST } from '../../engine/core/denylist.ts'
import { patternFault } from '../../engine/core/patterns.ts'
import type { Rules } from '../../engine/core/rules.ts'
import { parseSyncConfig } from '../../engine/core/sync-config.ts'
import type { Environment } from '../../engine/core/settings.ts'
import type { RulesChange } from '../../engine/report.ts'
import { CONFIG_NAME, DEFAULT_CONTENT_ROOT, locateProject } from '../locate-project.ts'
import { ruleChange } from '../rules-change.ts'
import { readSettingsFile } from '../settings-file.ts'
import { type Draft, type DraftChanges, draftOf, projectOf, saveDraft } from './draft.ts'
import { refused, stale } from './errors.ts'
import { fileDiff } from './file-diff.ts'
import type { ChannelFiles } from './file-index.ts'
import type { FolderEntry } from './folder-entry.ts'
import { Slices, sortInSlices } from './slices.ts'
import type { WalkedFolder, Walks } from './walk.ts'

const PATHS_SHOWN = 500
const PROBLEMS_SHOWN = 50

/** Throws ConfigurationError where the file is none that could be read. */
export function rulesView(entry: FolderEntry): RulesView {
  const { file, text } = readConfig(entry)
  const parsed = parseSyncConfig(text)
  const config = parsed.ok ? parsed.config : null
  const seen = (list: readonly { pattern: string; line: number }[] = []) =>
    list.map(({ pattern, line }) => ({ pattern, line }))
  return {
    configFile: file,
    text,
    fault: parsed.ok ? null : { reason: parsed.reason, line: parsed.line, column: parsed.column },
    shared: seen(config?.shared),
    private: seen(config?.private),
    conflictPolicy: config?.conflictPolicy.map(({ pattern, policy }) => ({ pattern, policy })) ?? [],
    expectDeletes: seen(config?.expectDeletes),
    contentRoot: config?.contentRoot ?? null,
    maxFileBytes: config?.maxFileBytes ?? null,
    userId: entry.project?.userId ?? null,
    token: tokenOf(text),
  }
}

/** `walks` finds what the new rules would take in. Never looks at the database: what it holds, the session knows. */
export async function previewRules(
  entry: FolderEntry,
  edit: RulesEdit,
  { env, walks }: { readonly env: Environment; readonly walks: Walks },
): Promise<RulesEffect> {
  const fault = faultOf(edit)
  if (fault !== null) return { ...NO_EFFECT, fault }
  const { file } = readConfig(entry)
  const draft = draftFor(entry, edit)
  const { config } = draft
  const diff = fileDiff(file, config.before, config.after)
  // A broken file is mended against nothing: there is no "before" to compare with.
  const before = config.before === null ? null : parseSyncConfig(config.before)
  if (before === null || !before.ok) {
    return { ...NO_EFFECT, diff, warnings: ['What this changes is known once the file can be read again.'] }
  }
  if (diff.kind === 'unchanged') return { ...NO_EFFECT, diff }
  const now = entry.project
  if (now === null) return { ...NO_EFFECT, diff }
  const after = projectOf(draft, env)
  const channels = await entry.channels()
  const walked = await walks.walk(after.folder)
  const shared = channels.find(({ channel }) => channel === 'shared')
  const changes: RulesChange[] = []
  const problems: Problem[] = []
  const slices = new Slices()
  for (const path of pathsOf(walked, channels)) {
    const rest = slices.tick()
    if (rest !== undefined) await rest
    if (problems.length < PROBLEMS_SHOWN && isInBoth(after.rules, path)) problems.push(inBoth(path))
    const change = ruleChange(now.rules, after.rules, path)
    if (change === null) continue
    const inShared = shared?.remote.has(path) === true || shared?.unmatched.has(path) === true
    changes.push({ path, change, inShared })
  }
  const sorted = await sortInSlices(changes, (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return { ...effectOf(sorted, diff, walked.isCut), problems }
}

function isInBoth(rules: Rules, path: string): boolean {
  const found = rules.classify(path)
  return (found.kind === 'synced' || found.kind === 'private-without-user') && found.alsoShared
}

function inBoth(path: string): Problem {
  const message = 'It matches the shared and the private patterns, so it stays private.'
  return { code: 'both-channels', message, path, retryAt: null }
}

/** What lies here, what both sides know of, and what the database holds that no pattern matches: each once. */
function* pathsOf(walked: WalkedFolder, channels: readonly ChannelFiles[]): Generator<string> {
  const seen = new Set<string>()
  const trees = channels.flatMap(({ local, base, remote, unmatched }) => [local, base, remote, unmatched])
  for (const paths of [walked.files, ...trees.map(tree => tree.keys())]) {
    for (const path of paths) {
      if (seen.has(path)) continue
      seen.add(path)
      yield path
    }
  }
}

/** Throws STALE where the file is not what the client has read; CONFIGURATION or REFUSED where it cannot be saved. */
export function saveRules(entry: FolderEntry, edit: RulesEdit, token: string): RulesView {
  const view = rulesView(entry)
  if (view.token !== token) {
    throw stale({ view }, `${view.configFile} has changed meanwhile. Look at it again; nothing was saved.`)
  }
  const fault = faultOf(edit)
  if (fault !== null) throw refused('rules', fault.reason)
  const draft = draftFor(entry, edit)
  const parsed = parseSyncConfig(draft.config.after)
  if (!parsed.ok) throw refused('rules', `Line ${parsed.line}: ${parsed.reason}`)
  saveDraft(draft)
  entry.refresh({ force: true })
  entry.note({ kind: 'saved', author: 'person', reason: `Somebody changed ${view.configFile}.` })
  return rulesView(entry)
}

export function denylist(): DenyRow[] {
  return DENYLIST.map(({ pattern, category, reason }) => ({ pattern, category, reason }))
}

const NOTHING: PathList = { total: 0, paths: [] }

const NO_EFFECT: RulesEffect = {
  fault: null,
  starts: NOTHING,
  stops: NOTHING,
  becomesPrivate: NOTHING,
  becomesShared: NOTHING,
  diff: null,
  warnings: [],
  problems: [],
}

function faultOf(edit: RulesEdit): RulesEffect['fault'] {
  if (edit.edit === 'text') {
    const parsed = parseSyncConfig(edit.text)
    return parsed.ok ? null : { reason: parsed.reason, line: parsed.line, list: null, index: null }
  }
  for (const list of ['shared', 'private'] as const) {
    for (const [index, pattern] of edit.patterns[list].entries()) {
      const fault = pattern.trim() === '' ? 'it is empty' : patternFault(pattern)
      if (fault === null) continue
      const reason = `The pattern "${pattern}" cannot be used: ${fault}.`
      return { reason, line: null, list, index }
    }
  }
  return null
}

function effectOf(changes: readonly RulesChange[], diff: RulesEffect['diff'], isCut: boolean): RulesEffect {
  const of = (change: RulesChange['change']): PathList => {
    const paths = changes.filter(each => each.change === change).map(({ path }) => path)
    return { total: paths.length, paths: paths.slice(0, PATHS_SHOWN) }
  }
  const warnings = warningsOf(changes)
  if (isCut) warnings.push('The folder is very large; not all of its files were looked at.')
  return {
    ...NO_EFFECT,
    starts: of('starts-syncing'),
    stops: of('stops-syncing'),
    becomesPrivate: of('becomes-private'),
    becomesShared: of('becomes-shared'),
    diff,
    warnings,
  }
}

function warningsOf(changes: readonly RulesChange[]): string[] {
  const waiting = changes.filter(({ change }) => change === 'needs-user').length
  const exposed = changes.filter(({ change, inShared }) => change === 'becomes-private' && inShared).length
  const published = changes.filter(({ change }) => change === 'becomes-shared').length
  const warnings: string[] = []
  if (published > 0) {
    warnings.push(
      `${counted(published)} would become shared. What is private now is held until you approve it.`,
    )
  }
  if (waiting > 0) {
    warnings.push(
      `${counted(waiting)} would be private, and no user is set, so they would stay on this device. Set FILE_SYNC_USER_ID.`,
    )
  }
  if (exposed > 0) {
    warnings.push(
      `Of ${counted(exposed)} that would become private, the database goes on holding the shared version: nothing is deleted.`,
    )
  }
  return warnings
}

function counted(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en-US')} files`
}

function draftFor(entry: FolderEntry, edit: RulesEdit): Draft {
  const changes: DraftChanges =
    edit.edit === 'text'
      ? { patterns: null, backend: null, configText: edit.text }
      : { patterns: edit.patterns, backend: null }
  return draftOf(entry.path, changes)
}

function readConfig(entry: FolderEntry): { file: string; text: string } {
  const location = locateProject(entry.path)
  const file = location?.configFile ?? `${DEFAULT_CONTENT_ROOT}/${CONFIG_NAME}`
  const path = join(location?.folder ?? entry.path, file)
  return { file, text: readSettingsFile(path, file, 'config-invalid') ?? '' }
}

function tokenOf(text: string): string {
  return hash('sha256', text, 'hex')
}
