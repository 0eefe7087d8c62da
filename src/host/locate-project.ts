/**
 * Which folder is the project and which file configures it, given the folder that a person picked
 * (design, section 1). Goes by what lies on the disk alone; nothing is read. What has the name of a settings file and is
 * none (a pipe, a link in a circle) is found all the same: whoever reads it says so.
 */
import { lstatSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigurationError } from './errors.ts'

export const CONFIG_NAME = 'sync-config.json'
/** The content root by convention, relative to the project. */
export const DEFAULT_CONTENT_ROOT = 'data'

export interface ProjectLocation {
  /** The real path of the project. */
  readonly folder: string
  /** The folder that sync-config.json lies in, project-relative with `/`; '' is the project itself. */
  readonly configFolder: string
  /** Project-relative with `/`. */
  readonly configFile: string
}

/** Null where there is no sync-config.json. Throws ConfigurationError where there is no such folder. */
export function locateProject(picked: string): ProjectLocation | null {
  const folder = realFolder(picked)
  if (isThere(join(folder, DEFAULT_CONTENT_ROOT, CONFIG_NAME))) return location(folder, DEFAULT_CONTENT_ROOT)
  if (!isThere(join(folder, CONFIG_NAME))) return null
  const isProject = isThere(join(folder, 'package.json')) || dirname(folder) === folder
  return isProject ? location(folder, '') : location(dirname(folder), basename(folder))
}

function location(folder: string, configFolder: string): ProjectLocation {
  return {
    folder,
    configFolder,
    configFile: configFolder === '' ? CONFIG_NAME : `${configFolder}/${CONFIG_NAME}`,
  }
}

/** The picked folder with links resolved, so that a project is one project by whichever way it is reached (F24). */
export function realFolder(picked: string): string {
  const path = resolve(picked)
  try {
    const real = realpathSync.native(path)
    if (statSync(real).isDirectory()) return real
  } catch (cause) {
    throw new ConfigurationError('folder-missing', `There is no folder ${path}, or it may not be read.`, {
      cause,
    })
  }
  throw new ConfigurationError('folder-missing', `${path} is a file. Name the project's folder.`)
}

export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // A parent that is a file, say.
    return false
  }
}
