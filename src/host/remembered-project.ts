/**
 * The configuration a folder was last synced with, kept with the folder's state.
 *
 * sync-config.json lies in the content root. When that is gone (a drive that is not mounted, a folder moved
 * away), so is the configuration, and without it nothing could be said but "not configured". With it, the
 * folder is known and held (R8).
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import type { ConfigurationError } from './errors.ts'
import { assembleProject, type Project } from './project.ts'

const FILE = 'last-config.json'

/** Writes only what is new. `home` is the folder's state folder. */
export function rememberProject(home: string, project: Project): void {
  const { configFile, configText } = project
  const configFolder = configFile.includes('/') ? configFile.slice(0, configFile.lastIndexOf('/')) : ''
  const text = `${JSON.stringify({ configFolder, configFile, configText }, null, 2)}\n`
  const path = join(home, FILE)
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileAtomically(path, text)
}

/** The project whose content root is missing, if that is why there is no configuration; else null. */
export function projectWithMissingRoot(
  error: ConfigurationError,
  home: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Project | null {
  if (error.code !== 'config-missing' || !existsSync(join(home, FILE))) return null
  const remembered = parse(readFileSync(join(home, FILE), 'utf8'))
  if (remembered === null) return null
  const { configFolder, configFile, configText } = remembered
  const project = assembleProject({ folder, configFolder, configFile }, configText, env)
  return existsSync(join(folder, project.contentRoot)) ? null : project
}

interface Remembered {
  readonly configFolder: string
  readonly configFile: string
  readonly configText: string
}

function parse(text: string): Remembered | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRemembered(value) ? value : null
  } catch {
    return null
  }
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false
  return ['configFolder', 'configFile', 'configText'].every(
    name => typeof (value as Record<string, unknown>)[name] === 'string',
  )
}
