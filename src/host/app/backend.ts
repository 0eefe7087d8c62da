/** The backend of a folder for a client: what is set, what saving changes, whether it can be reached. */
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { BackendDraft, BackendKind, BackendSavePreview, FieldValue } from '../../contract/backend.ts'
import type { Environment } from '../../engine/core/settings.ts'
import { confirmPlace, unconfirmedPlace } from '../confirmed-places.ts'
import { ConfigurationError } from '../errors.ts'
import { locateProject, realFolder } from '../locate-project.ts'
import { loadProject, type Project } from '../project.ts'
import { readSettingsFile } from '../settings-file.ts'
import {
  APP_VARIABLE,
  BACKEND_KINDS,
  BACKEND_VARIABLE,
  backendName,
  fieldsOf,
  USER_VARIABLE,
} from './backend-forms.ts'
import { diffOf, type Draft, draftOf, namesPlace, projectOf, saveDraft } from './draft.ts'
import { stale } from './errors.ts'

export interface BackendValues {
  readonly kind: BackendKind | null
  readonly fields: FieldValue[]
  readonly appId: FieldValue
  readonly effectiveAppId: string | null
  readonly userId: FieldValue
}

/** What is set now, in .env or around it; of secrets only that they are set. */
export function backendValues(picked: string, env: Environment): BackendValues {
  const folder = locateProject(picked)?.folder ?? realFolder(picked)
  const fromFile = parseEnv(readEnv(join(folder, '.env')))
  const value = (variable: string, isSecret: boolean): FieldValue => {
    const around = env[variable]?.trim() ?? ''
    const written = fromFile[variable]?.trim() ?? ''
    const source = around !== '' ? 'environment' : written !== '' ? 'env-file' : 'none'
    const isSet = source !== 'none'
    return { variable, value: isSet && !isSecret ? around || written : null, isSet, source }
  }
  const named = (value(BACKEND_VARIABLE, false).value ?? 'drizzle').toLowerCase()
  return {
    kind: BACKEND_KINDS.find(kind => kind === named) ?? null,
    fields: BACKEND_KINDS.flatMap(kind => fieldsOf(kind)).map(field =>
      value(field.variable, field.kind === 'secret'),
    ),
    appId: value(APP_VARIABLE, false),
    effectiveAppId: projectOrNull(picked, env)?.appId ?? null,
    userId: value(USER_VARIABLE, false),
  }
}

/** Throws ConfigurationError, which names the variable that the form must change. */
export function previewBackend(picked: string, backend: BackendDraft, env: Environment): BackendSavePreview {
  return previewOf(draftOf(picked, { patterns: null, backend }), backend, env)
}

/** Throws STALE with a new preview where a file is not what the preview was made of. */
export function saveBackend(picked: string, backend: BackendDraft, token: string, env: Environment): void {
  const draft = draftOf(picked, { patterns: null, backend })
  const preview = previewOf(draft, backend, env)
  if (draft.token !== token) {
    throw stale(
      { preview },
      'A settings file has changed meanwhile. Look at the difference again; nothing was saved.',
    )
  }
  saveDraft(draft)
  // It is named in the preview that was shown.
  confirmPlace(projectOf(draft, env), env)
}

function previewOf(draft: Draft, backend: BackendDraft, env: Environment): BackendSavePreview {
  const after = projectOf(draft, env)
  const before = projectOrNull(draft.location.folder, env)
  const isOtherDatabase = before !== null && placeOf(before) !== placeOf(after)
  return {
    files: diffOf(draft),
    isOtherDatabase,
    effects: [
      ...effectsOf(before, after, isOtherDatabase),
      ...(namesPlace(backend) ? [] : questionsOf(after, env)),
    ],
    overridden: overriddenBy(backend, env),
    token: draft.token,
  }
}

function placeOf({ database, appId, userId }: Project): string {
  return JSON.stringify([database.backend, database.description, appId, userId])
}

function effectsOf(before: Project | null, after: Project, isOtherDatabase: boolean): string[] {
  const to = `${backendName(after.database.backend)} (${after.database.description})`
  if (before === null) return [`The files of ${after.contentRoot || 'the project'} sync with ${to}.`]
  if (!isOtherDatabase) return ['It is the same database, so the files go on syncing as before.']
  const from = `${backendName(before.database.backend)} (${before.database.description})`
  return [
    `From now on the files sync with ${to}, as the app “${after.appId}”.`,
    'Nothing is known there of what both sides had before, so nothing is deleted on either side.',
    'Files that only one side has are copied to the other. Files that differ become conflicts, for you to decide.',
    `What ${from} holds stays there, untouched.`,
  ]
}

function questionsOf(after: Project, env: Environment): string[] {
  const found = unconfirmedPlace(after, env)
  return found === null ? [] : [found.message]
}

function overriddenBy({ fields, appId, userId }: BackendDraft, env: Environment): string[] {
  const all = { ...fields, [APP_VARIABLE]: appId, [USER_VARIABLE]: userId }
  const changed = Object.entries(all).flatMap(([variable, { edit }]) => (edit === 'keep' ? [] : [variable]))
  return [BACKEND_VARIABLE, ...changed].filter(variable => (env[variable]?.trim() ?? '') !== '')
}

function projectOrNull(picked: string, env: Environment): Project | null {
  try {
    return loadProject(picked, env)
  } catch (error) {
    if (error instanceof ConfigurationError) return null
    throw error
  }
}

function readEnv(path: string): string {
  return (readSettingsFile(path, '.env') ?? '').replace(/^\uFEFF/, '')
}
