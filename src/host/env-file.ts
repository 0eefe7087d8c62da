/**
 * Saves settings in a project's .env (design, section 1): only the lines that must change do, the write
 * is atomic, the file's mode stays, and a new file is for its owner alone.
 */
import { join } from 'node:path'
import { EnvTextError, setEnvValue } from './env-text.ts'
import { ConfigurationError } from './errors.ts'
import { readSettingsFile, writeSettingsFile } from './settings-file.ts'

/** It may hold keys and passwords. */
const NEW_FILE_MODE = 0o600

export type EnvFileOutcome = 'unchanged' | 'created' | 'changed'

export function setEnvValues(folder: string, values: Readonly<Record<string, string>>): EnvFileOutcome {
  const { before, text } = withEnvValues(folder, values)
  if (text === (before ?? '')) return 'unchanged'
  writeSettingsFile(folder, '.env', text, { mode: NEW_FILE_MODE })
  return before === null ? 'created' : 'changed'
}

/** What `setEnvValues` would write, with nothing written; `before` is null where there is no file. */
export function withEnvValues(
  folder: string,
  values: Readonly<Record<string, string>>,
): { readonly before: string | null; readonly text: string } {
  const before = readSettingsFile(join(folder, '.env'), '.env')
  let text = before ?? ''
  try {
    for (const [key, value] of Object.entries(values)) text = setEnvValue(text, key, value)
  } catch (cause) {
    if (!(cause instanceof EnvTextError)) throw cause
    throw new ConfigurationError('settings-invalid', cause.message, { file: '.env', cause })
  }
  return { before, text }
}
