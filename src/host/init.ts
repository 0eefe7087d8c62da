/**
 * Sets up a folder: sync-config.json where there is none, and lines of .env that were asked for. Nothing
 * that exists is overwritten; a setting changes only its own line.
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { literalPaths } from '../engine/core/glob.ts'
import { isNegated, patternFault, withoutNegation } from '../engine/core/patterns.ts'
import type { Environment } from '../engine/core/settings.ts'
import { createSyncConfigText, parseSyncConfig } from '../engine/core/sync-config.ts'
import { setEnvValues, withEnvValues } from './env-file.ts'
import { ConfigurationError } from './errors.ts'
import { CONFIG_NAME, DEFAULT_CONTENT_ROOT, locateProject, realFolder } from './locate-project.ts'
import type { ProjectLocation } from './locate-project.ts'
import { assembleProject, loadProject, readConfigText } from './project.ts'
import { requireWithin } from './settings-file.ts'

const DEFAULT_PATTERNS: readonly string[] = ['data/**/*.json', 'data/**/*.md']

export interface InitOptions {
  /** Empty for the default ones. */
  readonly patterns: readonly string[]
  readonly privatePatterns: readonly string[]
  /** Variables for .env. */
  readonly settings: Readonly<Record<string, string>>
}

export interface InitReport {
  readonly folder: string
  /** Project-relative with `/`. */
  readonly configFile: string
  readonly created: readonly string[]
  readonly changed: readonly string[]
  /** Devices with the same app and database share their files. */
  readonly appId: string
  readonly database: string
  /** The database is this project's own, as by default: nobody else meets it there. */
  readonly isOwnDatabase: boolean
  /** Patterns that named a folder, and were written as `folder/**` for what lies in it. */
  readonly widened: readonly string[]
}

/**
 * Throws ConfigurationError before anything is written where the folder could not sync with what was asked for;
 * and after all is written where the database still needs settings that cannot be asked for here.
 */
export function initProject(picked: string, options: InitOptions, env: Environment): InitReport {
  const asked = resolve(picked)
  const existing = existsSync(asked) ? locateProject(asked) : null
  if (existing !== null && options.patterns.length + options.privatePatterns.length > 0) {
    const message = 'It exists already and is not overwritten. Edit the patterns there.'
    throw new ConfigurationError('config-invalid', message, { file: existing.configFile })
  }
  const location = existing ?? newLocation(asked)
  const wanted = meantIn(location.folder, options)
  const configText = existing === null ? newConfigText(wanted.options) : readConfigText(existing)
  const missing = missingSetting(location, configText, options.settings, env)
  if (existing === null) requireWithin(location.folder, location.configFile)
  if (Object.keys(options.settings).length > 0) requireWithin(location.folder, '.env')
  const created: string[] = []
  const changed: string[] = []
  if (existing === null) created.push(createConfig(location, configText))
  const outcome = setEnvValues(location.folder, options.settings)
  if (outcome === 'created') created.push('.env')
  if (outcome === 'changed') changed.push('.env')
  if (missing !== null) throw incomplete(missing, [...created, ...changed])
  const { folder, configFile, appId, database, settings } = loadProject(location.folder, env)
  const isOwnDatabase = settings.backend === 'drizzle' && settings.sqlitePath === null
  return {
    folder,
    configFile,
    created,
    changed,
    appId,
    database: database.description,
    isOwnDatabase,
    widened: wanted.widened,
  }
}

function newLocation(asked: string): ProjectLocation {
  const folder = existsSync(asked) ? realFolder(asked) : asked
  const configFolder = DEFAULT_CONTENT_ROOT
  return { folder, configFolder, configFile: `${configFolder}/${CONFIG_NAME}` }
}

/**
 * Who names a folder means what lies in it. Other servers read the name to the letter, so it is written out; but for a
 * private negation, which would share what it takes out.
 */
function meantIn(folder: string, options: InitOptions): { options: InitOptions; widened: readonly string[] } {
  const widened: string[] = []
  const meant = (pattern: string): string => {
    const [path, ...others] = patternFault(pattern) === null ? literalPaths(withoutNegation(pattern)) : []
    if (path === undefined || others.length > 0 || !isFolder(join(folder, path))) return pattern
    widened.push(pattern)
    return `${pattern}/**`
  }
  const patterns = options.patterns.map(meant)
  const privatePatterns = options.privatePatterns.map(pattern =>
    isNegated(pattern) ? pattern : meant(pattern),
  )
  return { options: { ...options, patterns, privatePatterns }, widened }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function newConfigText(options: InitOptions): string {
  const patterns = options.patterns.length > 0 ? options.patterns : DEFAULT_PATTERNS
  const text = createSyncConfigText(patterns, options.privatePatterns)
  const parsed = parseSyncConfig(text)
  if (!parsed.ok) throw new ConfigurationError('config-invalid', parsed.reason)
  return text
}

/** The settings that can be asked for here, and how. */
const OPTIONS: Readonly<Record<string, string>> = {
  FILE_SYNC_APP_ID: '--app',
  FILE_SYNC_USER_ID: '--user',
  FILE_SYNC_BACKEND: '--backend',
}

/** The fault of a setting that only .env can take; null where all is well. Throws all other ConfigurationErrors. */
function missingSetting(
  location: ProjectLocation,
  configText: string,
  asked: InitOptions['settings'],
  env: Environment,
): ConfigurationError | null {
  const { text } = withEnvValues(location.folder, asked)
  try {
    assembleProject(location, configText, { ...env, ...asked }, text)
    return null
  } catch (error) {
    if (!(error instanceof ConfigurationError) || error.variable === null) throw error
    const option = OPTIONS[error.variable]
    if (option === undefined) return error
    const advice = `Give one with ${option}; nothing was written.`
    throw new ConfigurationError(error.code, `${error.message} ${advice}`, { cause: error })
  }
}

function incomplete(missing: ConfigurationError, written: readonly string[]): ConfigurationError {
  const done = written.length === 0 ? '' : ` All else is set up (${written.join(', ')}).`
  return new ConfigurationError(missing.code, `${missing.message}${done}`, { cause: missing })
}

function createConfig({ folder, configFile }: ProjectLocation, text: string): string {
  mkdirSync(dirname(join(folder, configFile)), { recursive: true })
  // Fails where somebody has just created one.
  writeFileSync(join(folder, configFile), text, { flag: 'wx' })
  return configFile
}
