/**
 * Looks for what may keep a folder from syncing, and says what to do about each finding. Changes nothing:
 * probes are removed again, and a database that does not exist yet is not made.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { SETUP } from '../adapters/supabase/errors.ts'
import { setupSql, type SetupOptions } from '../adapters/supabase/setup-sql.ts'
import { folderPatternProblem, type NamedPath } from '../engine/core/folder-patterns.ts'
import { unusedPatternText } from '../engine/core/pattern-use.ts'
import type { Environment } from '../engine/core/settings.ts'
import { isWithin } from '../engine/core/tree.ts'
import { engineHolder } from '../platform/engine-lock.ts'
import { folderHome, lockstepHome } from '../platform/home.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { errorMessage } from '../platform/os-error.ts'
import { failed, ok, warning } from './doctor/check.ts'
import type { Check } from './doctor/check.ts'
import { checkDatabase } from './doctor/database.ts'
import { checkContentRoot, checkHardLinks, checkStateFolder } from './doctor/disk.ts'
import { checkSqlitePlace } from './doctor/sqlite-place.ts'
import { checkWatchLimits } from './doctor/watch-limits.ts'
import { adviceFor } from './connect-advice.ts'
import { ConfigurationError } from './errors.ts'
import { openProjectAdapter } from './open-adapter.ts'
import { otherProjectsIn } from './other-projects.ts'
import { unusedPatterns } from './pattern-use.ts'
import { homeWithin, loadProject } from './project.ts'
import type { Project } from './project.ts'
import { signsIn } from './signed-in-user.ts'

export interface DoctorReport {
  readonly folder: string | null
  readonly checks: readonly Check[]
  /** What to run in the database, where a table or a right is missing that SQL gives; null otherwise. */
  readonly sql: string | null
}

/** Without a folder, the checks of the machine alone. `access`: whom the SQL would let in. */
export async function examine(
  folder: string | null,
  env: Environment,
  access: SetupOptions['access'] = 'signed-in',
): Promise<DoctorReport> {
  const home = lockstepHome(env)
  const machine = [checkNode(process.versions.node), checkStateFolder(home)]
  if (folder === null) return { folder, checks: machine, sql: null }
  try {
    const project = loadProject(folder, env)
    const checks = await checkProject(project, env, home)
    return {
      folder: project.folder,
      checks: [...machine, ...checks],
      sql: missingSql(project, checks, access),
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const advice = 'Then run doctor again: it looks at the rest.'
    return { folder, checks: [...machine, failed(error.code, error.message, advice)], sql: null }
  }
}

async function checkProject(project: Project, env: Environment, home: string): Promise<Check[]> {
  const contentRoot = join(project.folder, project.contentRoot)
  const checks = [
    ok('config', `${project.configFile} and the settings are fine; the app is ${project.appId}.`),
    checkEnabled(project),
    checkPatterns(project),
    ...checkFolderPatterns(project),
    ...(await checkUnusedPatterns(project)),
    checkStatePlace(project, home),
    checkOtherProjects(project, home),
    checkContentRoot(contentRoot),
    checkHardLinks(contentRoot),
    checkWatchLimits(project.folder, project.rules),
    checkEngine(project, home),
    ...(project.sqlitePath === null ? [] : checkSqlitePlace(project, project.sqlitePath)),
    ...(await openAndCheckDatabase(project, env)),
  ]
  return checks.filter(check => check !== null)
}

/** Of Supabase: the table, its rights, its policies; null where SQL would mend nothing. */
function missingSql(
  { settings }: Project,
  checks: readonly Check[],
  access: SetupOptions['access'],
): string | null {
  const isMissing = checks.some(({ status, message }) => status === 'failed' && message.includes(SETUP))
  return settings.backend === 'supabase' && isMissing ? setupSql({ access }) : null
}

function checkNode(version: string): Check {
  const wanted = packageJson.engines.node.replace('>=', '')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor))
    return ok('node', `Node ${version}.`)
  return failed(
    'node',
    `This is Node ${version}; ${wanted} or later is needed.`,
    'Install a newer one from https://nodejs.org.',
  )
}

function checkEnabled({ settings }: Project): Check | null {
  if (settings.enabled) return null
  return warning(
    'enabled',
    'FILE_SYNC_ENABLED is false, so nothing syncs here.',
    'Remove it from .env, or from the environment, to switch sync on.',
  )
}

function checkPatterns({ config, configFile, userId, settings }: Project): Check | null {
  if (config.shared.length + config.private.length === 0) {
    return warning(
      'patterns',
      `${configFile} has no patterns, so no file syncs.`,
      'Add some, such as "data/**/*.md", to "syncFilePatterns".',
    )
  }
  // Who signs in is known once that has happened.
  if (config.private.length === 0 || userId !== null || signsIn(settings)) return null
  const message = 'There are private patterns, but no user, so private files do not sync.'
  return warning(
    'private-without-user',
    message,
    settings.backend === 'supabase'
      ? 'Set SUPABASE_EMAIL and SUPABASE_PASSWORD in .env: who signs in is the user.'
      : 'Set FILE_SYNC_USER_ID in .env, the same on all of your devices.',
  )
}

function isFolder(folder: string, { path }: NamedPath): boolean {
  return statSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory() === true
}

function checkFolderPatterns({ folder, rules }: Project): Check[] {
  return rules.namedPaths
    .filter(named => isFolder(folder, named))
    .map(named =>
      warning(
        'folder-pattern',
        folderPatternProblem(named).message,
        'Then all readers agree on what it means.',
      ),
    )
}

/** Beside those that name a folder. A pattern for files that are yet to come is none the worse for it. */
async function checkUnusedPatterns({
  folder,
  config,
  configFile,
  contentRoot,
  rules,
}: Project): Promise<Check[]> {
  const folders = new Set(
    rules.namedPaths.filter(named => isFolder(folder, named)).map(({ entry }) => entry.pattern),
  )
  const unused = await unusedPatterns(folder, config, contentRoot)
  return unused
    .filter(({ pattern }) => !folders.has(pattern))
    .map(each => {
      const text = unusedPatternText(each)
      if (each.meant === null) return ok('unused-pattern', text)
      return warning('unused-pattern', text, `If so, write it in ${configFile}.`)
    })
}

/** In a container with one volume, say. */
function checkStatePlace({ folder, ownFiles, contentRoot }: Project, home: string): Check | null {
  const inside = homeWithin(folder, home)
  const advice = 'Set LOCKSTEP_HOME to a folder outside of the content.'
  const copied =
    'It never syncs, but other programs that copy the content take it along, with keys and history.'
  if (inside !== null && isWithin(contentRoot, inside))
    return warning(
      'state-folder-inside',
      `LOCKSTEP_HOME, ${home}, lies in the content folder. ${copied}`,
      advice,
    )
  const left = ownFiles.find(
    ({ category, path }) => category === "sync's own files" && isWithin(contentRoot, path),
  )
  if (left === undefined) return null
  return warning(
    'state-folder-inside',
    `State of another LOCKSTEP_HOME lies in the content folder itself. ${copied}`,
    `${advice} Where nothing works with it any longer, remove it.`,
  )
}

function checkOtherProjects(project: Project, home: string): Check | null {
  const others = otherProjectsIn(project, home)
  if (others.length === 0) return null
  return warning(
    'other-projects',
    `Projects of their own lie in this one, so it leaves them out: ${others.join(', ')}.`,
    'Each syncs by itself. Move them out if that is not meant.',
  )
}

function checkEngine({ folder }: Project, home: string): Check {
  const id = 'engine'
  try {
    const holder = engineHolder(folderHome(home, folder))
    if (holder === null) return ok(id, 'No engine runs on this folder now.')
    return ok(id, `Process ${holder.pid} (${holder.command}) keeps this folder in step.`)
  } catch (error) {
    return failed(
      id,
      `The lock of this folder cannot be read: ${errorMessage(error)}.`,
      `Check the permissions of ${home}.`,
    )
  }
}

async function openAndCheckDatabase(project: Project, env: Environment): Promise<Check[]> {
  const { settings, sqlitePath } = project
  if (!settings.enabled) return []
  if (sqlitePath !== null && !existsSync(sqlitePath)) return [checkFolderOfNewDatabase(sqlitePath)]
  try {
    const adapter = await openProjectAdapter(project, env)
    const other = await openProjectAdapter(project, env)
    try {
      return await checkDatabase(project, adapter, other, nodeClock)
    } finally {
      await adapter.dispose?.()
      await other.dispose?.()
    }
  } catch (error) {
    if (error instanceof ConfigurationError) {
      const advice = 'Then run doctor again: it looks at the rest.'
      return [failed(error.code, error.message, advice)]
    }
    const message = `The database cannot be opened: ${errorMessage(error)}`
    return [failed('database-reachable', message, adviceFor(settings.backend, 'settings'))]
  }
}

function checkFolderOfNewDatabase(sqlitePath: string): Check {
  try {
    accessSync(dirname(sqlitePath), constants.W_OK | constants.X_OK)
    return ok(
      'database-reachable',
      `The database ${sqlitePath} does not exist yet; the first sync creates it.`,
    )
  } catch {
    const message = `The database ${sqlitePath} does not exist yet, and its folder is missing or may not be written.`
    return failed(
      'database-reachable',
      message,
      `Create the folder ${dirname(sqlitePath)}, or set FILE_SYNC_SQLITE_PATH.`,
    )
  }
}
