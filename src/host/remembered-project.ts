/**
 * The configuration a folder was last synced with, kept with the folder's state.
 *
 * sync-config.json lies in the content root. When that is gone (a drive that is not mounted, a folder moved
 * away), so is the configuration, and without it nothing could be said but "not configured". With it, the
 * folder is known and held (R8).
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { folderHomes } from '../platform/home.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { readRegularFile, UnreadableFileError } from '../platform/regular-file.ts'
import type { ConfigurationError } from './errors.ts'
import { projectIdentity } from './project-identity.ts'
import { assembleProject, type Project } from './project.ts'

const FILE = 'last-config.json'
/** It holds a sync-config.json, escaped. */
const MOST_BYTES = 8 * 2 ** 20

/** Writes only what is new. `home` is the folder's state folder. */
export function rememberProject(home: string, project: Project): void {
  const { folder, contentRoot, configFile, configText } = project
  const configFolder = configFile.includes('/') ? configFile.slice(0, configFile.lastIndexOf('/')) : ''
  const identity = projectIdentity(folder)?.name ?? null
  const remembered: Remembered & KnownProject = {
    folder,
    identity,
    contentRoot,
    configFolder,
    configFile,
    configText,
  }
  const text = `${JSON.stringify(remembered, null, 2)}\n`
  const path = join(home, FILE)
  if (textOf(path) !== text) writeFileAtomically(path, text, { mode: 0o600 })
}

/** Where a project lay when it was last synced by an engine with this LOCKSTEP_HOME. */
export interface KnownProject {
  /** Its real path then. */
  readonly folder: string
  /** The name of its `projectIdentity`. */
  readonly identity: string | null
  /** Relative to it. */
  readonly contentRoot: string
  readonly configFile: string
}

/** All that are known, by their state folders. Those that no version has noted the place of are left out. */
export function knownProjects(home: string): ReadonlyMap<string, KnownProject> {
  const known = new Map<string, KnownProject>()
  for (const stateFolder of folderHomes(home)) {
    const project = parse(textOf(join(stateFolder, FILE)), isKnown)
    if (project !== null) known.set(stateFolder, project)
  }
  return known
}

/** The project lies elsewhere than it did. */
export function rememberPlace(stateFolder: string, folder: string): void {
  const path = join(stateFolder, FILE)
  const known = parse(textOf(path), isKnown)
  if (known !== null) writeFileAtomically(path, `${JSON.stringify({ ...known, folder }, null, 2)}\n`)
}

/** Empty where it was not synced yet, or is gone since the look around. */
function textOf(path: string): string {
  try {
    return readRegularFile(path, MOST_BYTES)?.toString('utf8') ?? ''
  } catch (error) {
    if (error instanceof UnreadableFileError) return ''
    throw error
  }
}

/** The project whose content root is missing, if that is why there is no configuration; else null. */
export function projectWithMissingRoot(
  error: ConfigurationError,
  home: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Project | null {
  if (error.code !== 'config-missing') return null
  const remembered = parse(textOf(join(home, FILE)), isRemembered)
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

function parse<Value>(text: string, isValue: (value: unknown) => value is Value): Value | null {
  try {
    const value: unknown = JSON.parse(text)
    return isValue(value) ? value : null
  } catch {
    return null
  }
}

function isRemembered(value: unknown): value is Remembered {
  return hasTexts(value, ['configFolder', 'configFile', 'configText'])
}

function isKnown(value: unknown): value is KnownProject {
  return hasTexts(value, ['folder', 'contentRoot', 'configFile'])
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every(name => typeof (value as Record<string, unknown>)[name] === 'string')
}
