/**
 * A configuration that may not be saved yet: what is on the disk, with a person's changes to the patterns and
 * the backend. From it come the project as it would be, the exact difference in both files, and the saving,
 * which refuses when a file has changed since it was shown.
 */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { BackendDraft, FieldEdit } from '../../contract/backend.ts'
import type { PatternsDraft } from '../../contract/plan.ts'
import type { FileDiff } from '../../contract/words.ts'
import type { Environment } from '../../engine/core/settings.ts'
import { OPEN_VARIABLES } from '../../engine/core/secret-values.ts'
import { createSyncConfigText, parseSyncConfig } from '../../engine/core/sync-config.ts'
import { EnvTextError, maskEnvText, setEnvValue } from '../env-text.ts'
import { ConfigurationError } from '../errors.ts'
import {
  CONFIG_NAME,
  DEFAULT_CONTENT_ROOT,
  locateProject,
  type ProjectLocation,
  realFolder,
} from '../locate-project.ts'
import { assembleProject, type Project } from '../project.ts'
import { readSettingsFile, requireWithin, writeSettingsFile } from '../settings-file.ts'
import { APP_VARIABLE, BACKEND_VARIABLE, fieldsOf, PLACE_VARIABLES, USER_VARIABLE } from './backend-forms.ts'
import { setPatterns } from './config-text.ts'
import { refused } from './errors.ts'
import { fileDiff } from './file-diff.ts'

/** It may hold keys and passwords. */
const ENV_MODE = 0o600

export interface DraftChanges {
  readonly patterns: PatternsDraft | null
  readonly backend: BackendDraft | null
  /** The whole text of sync-config.json, in place of patterns. */
  readonly configText?: string
}

export interface Draft {
  readonly location: ProjectLocation
  readonly config: { readonly before: string | null; readonly after: string }
  readonly env: { readonly before: string | null; readonly after: string }
  /** Stands for both files as they were read, and as they would be. */
  readonly token: string
}

/** Of a folder that may have no configuration yet. Throws ConfigurationError. */
export function draftOf(picked: string, changes: DraftChanges): Draft {
  const location = locateProject(picked) ?? newLocation(picked)
  const { folder, configFile } = location
  const configBefore = readSettingsFile(join(folder, configFile), configFile, 'config-invalid')
  const envBefore = readSettingsFile(join(folder, '.env'), '.env')
  const configAfter = changes.configText ?? changedConfig(configBefore, changes.patterns, location)
  const envAfter = changes.backend === null ? (envBefore ?? '') : changedEnv(envBefore ?? '', changes.backend)
  const token = hash('sha256', JSON.stringify([configBefore, configAfter, envBefore, envAfter]), 'hex')
  return {
    location,
    config: { before: configBefore, after: configAfter },
    env: { before: envBefore, after: envAfter },
    token,
  }
}

/** The project as it would be. Throws ConfigurationError, which names the variable or the line at fault. */
export function projectOf({ location, config, env }: Draft, environment: Environment): Project {
  return assembleProject(location, config.after, environment, env.after)
}

/** The same for whoever has just filled in the form: what they have written themselves needs no question. */
export function askedProject(draft: Draft, backend: BackendDraft | null, environment: Environment): Project {
  return { ...projectOf(draft, environment), isPlaceNamed: namesPlace(backend) }
}

/** Whether a person has written the address, or the path of the database, themselves. */
export function namesPlace(backend: BackendDraft | null): boolean {
  return PLACE_VARIABLES.some(variable => backend?.fields[variable]?.edit === 'set')
}

/** What saving changes; secrets are masked. */
export function diffOf({ location, config, env }: Draft): FileDiff[] {
  return [
    fileDiff(location.configFile, config.before, config.after),
    // An empty .env is not created.
    ...(env.before === null && env.after === ''
      ? []
      : [fileDiff('.env', env.before, env.after, text => maskEnvText(text, key => OPEN_VARIABLES.has(key)))]),
  ]
}

/** Writes what differs, or nothing. .env goes first: what sync may do is said before what it does. Throws ConfigurationError. */
export function saveDraft({ location: { folder, configFile }, config, env }: Draft): void {
  const isOtherConfig = config.after !== config.before
  if (isOtherConfig) requireWithin(folder, configFile)
  if (env.after !== (env.before ?? '')) writeSettingsFile(folder, '.env', env.after, { mode: ENV_MODE })
  if (isOtherConfig) writeSettingsFile(folder, configFile, config.after)
}

/** A project without sync-config.json gets one in its content folder. */
function newLocation(picked: string): ProjectLocation {
  const folder = realFolder(picked)
  return { folder, configFolder: DEFAULT_CONTENT_ROOT, configFile: `${DEFAULT_CONTENT_ROOT}/${CONFIG_NAME}` }
}

function changedConfig(
  before: string | null,
  patterns: PatternsDraft | null,
  { configFile }: ProjectLocation,
): string {
  if (before === null) return createSyncConfigText(patterns?.shared ?? [], patterns?.private ?? [])
  if (patterns === null) return before
  const parsed = parseSyncConfig(before)
  if (!parsed.ok)
    throw new ConfigurationError('config-invalid', parsed.reason, { file: configFile, line: parsed.line })
  return setPatterns(
    setPatterns(before, 'syncFilePatterns', patterns.shared),
    'privateSyncFilePatterns',
    patterns.private,
  )
}

function changedEnv(before: string, draft: BackendDraft): string {
  const known = new Set(fieldsOf(draft.kind).map(({ variable }) => variable))
  const strange = Object.keys(draft.fields).find(variable => !known.has(variable))
  if (strange !== undefined) throw refused('unknown-field', `${strange} is no setting of this backend.`)
  const edits: [string, FieldEdit][] = [
    [BACKEND_VARIABLE, backendEdit(before, draft)],
    ...Object.entries(draft.fields),
    [APP_VARIABLE, draft.appId],
    [USER_VARIABLE, draft.userId],
  ]
  try {
    return edits.reduce((text, [variable, edit]) => edited(text, variable, edit), before)
  } catch (cause) {
    if (!(cause instanceof EnvTextError)) throw cause
    throw new ConfigurationError('settings-invalid', cause.message, { file: '.env', cause })
  }
}

/** SQLite is the default, so a file that names no backend need not name it either. */
function backendEdit(before: string, { kind }: BackendDraft): FieldEdit {
  const named = parseEnv(before)[BACKEND_VARIABLE] ?? ''
  if (named.trim().toLowerCase() === kind || (named === '' && kind === 'drizzle')) return { edit: 'keep' }
  return { edit: 'set', value: kind }
}

function edited(text: string, variable: string, edit: FieldEdit): string {
  switch (edit.edit) {
    case 'keep':
      return text
    case 'clear':
      return (parseEnv(text)[variable] ?? '') === '' ? text : setEnvValue(text, variable, '')
    case 'set':
      return setEnvValue(text, variable, edit.value)
  }
}
