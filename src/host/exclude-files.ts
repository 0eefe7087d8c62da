/** Excludes single files from sync: a negation for each in sync-config.json, of which nothing else changes. */
import { compilePatterns, isNegated, patternOf } from '../engine/core/patterns.ts'
import { compileRules } from '../engine/core/rules.ts'
import { parseSyncConfig, type PatternList, type SyncConfig } from '../engine/core/sync-config.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { setPatterns } from './app/config-text.ts'
import { ConfigurationError, DecisionError } from './errors.ts'
import type { Project } from './project.ts'
import { readSettingsFile } from './settings-file.ts'

const LISTS: readonly { readonly list: PatternList; readonly field: 'shared' | 'private' }[] = [
  { list: 'syncFilePatterns', field: 'shared' },
  { list: 'privateSyncFilePatterns', field: 'private' },
]

/** Throws DecisionError where one of them does not sync anyway, or no pattern can name it: then nothing is written. */
export function excludeFiles({ configPath, configFile, userId }: Project, paths: readonly string[]): void {
  const before = readSettingsFile(configPath, configFile, 'config-invalid') ?? ''
  let text = before
  for (const path of paths) {
    const config = parsed(text, configFile)
    if (!syncs(config, userId, path)) throw new DecisionError(`"${path}" does not sync. Nothing was changed.`)
    for (const { list, field } of LISTS) {
      const patterns = config[field].map(({ pattern }) => pattern)
      // One that is excluded from the private files alone must not become a shared one.
      const isPositive = compilePatterns(patterns.filter(pattern => !isNegated(pattern))).match(path).matched
      if (isPositive) text = setPatterns(text, list, [...patterns, `!${patternOf(path)}`])
    }
    if (syncs(parsed(text, configFile), userId, path))
      throw new DecisionError(`No pattern names "${path}" alone. Exclude it in ${configFile} by hand.`)
  }
  writeFileAtomically(configPath, text)
}

function parsed(text: string, file: string): SyncConfig {
  const result = parseSyncConfig(text)
  if (result.ok) return result.config
  throw new ConfigurationError('config-invalid', result.reason, { file, line: result.line })
}

function syncs(config: SyncConfig, userId: string | null, path: string): boolean {
  const { kind } = compileRules({ config, userId }).classify(path)
  return kind === 'synced' || kind === 'private-without-user'
}
