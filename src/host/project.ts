/**
 * A project as it is configured on the disk: sync-config.json, .env, package.json and the environment,
 * read and checked as a whole (design, section 1).
 *
 * Relies on nothing that outlives the call; whoever wants changes live polls `projectFingerprint` and
 * loads again. Throws ConfigurationError, which names file, line and reason.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { projectOfKey } from '../adapters/firestore/credentials.ts'
import { compileRules } from '../engine/core/rules.ts'
import type { OwnFile, Rules } from '../engine/core/rules.ts'
import { secretValues } from '../engine/core/secret-values.ts'
import { isSyncEnabled, parseSettings } from '../engine/core/settings.ts'
import type { Environment, FirestoreSettings, Settings } from '../engine/core/settings.ts'
import { parseSyncConfig } from '../engine/core/sync-config.ts'
import type { SyncConfig } from '../engine/core/sync-config.ts'
import { isWithin, join as joinPath, parentOf } from '../engine/core/tree.ts'
import { holdsState } from '../engine/left-out.ts'
import { HOME_ENTRIES, lockstepHome } from '../platform/home.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { adapterCode } from './adapter-agreements.ts'
import { envLineOf } from './env-text.ts'
import { ConfigurationError } from './errors.ts'
import { CONFIG_NAME, DEFAULT_CONTENT_ROOT, locateProject, realFolder } from './locate-project.ts'
import type { ProjectLocation } from './locate-project.ts'
import { pathWithin } from './path-within.ts'
import { readSettingsFile, readSettingsText } from './settings-file.ts'
import { rememberedUser, signsIn } from './signed-in-user.ts'

export interface Project {
  /** The project's real path. */
  readonly folder: string
  /** Project-relative with `/`; '' is the project itself. */
  readonly contentRoot: string
  /** Project-relative with `/`. */
  readonly configFile: string
  readonly configPath: string
  /** What was read there. */
  readonly configText: string
  /** Need not exist. */
  readonly envPath: string
  readonly config: SyncConfig
  /** What the settings name and what must not sync, therefore, wherever it lies (R10). */
  readonly ownFiles: readonly OwnFile[]
  readonly rules: Rules
  readonly settings: Settings
  /** What the settings were read from: .env, and over it the real environment. Holds secrets. */
  readonly env: Environment
  /** Values of it that are never shown, longest first. */
  readonly secrets: readonly string[]
  readonly appId: string
  /** The private channel's user; null where there is none. */
  readonly userId: string | null
  /**
   * The owner of the shared channel's records, where a program that embeds the library chose another one than
   * `shared`; null where it runs the private channel alone.
   */
  readonly sharedOwner?: string | null
  readonly database: ProjectDatabase
  /** Whoever asks has named host and database themselves just now, so no question about them is left (R17.4, R17.5). */
  readonly isPlaceNamed?: boolean
  /** Absolute; null where the database is no SQLite file. */
  readonly sqlitePath: string | null
}

/** Where a project's configuration comes from, for programs that give a part of it themselves. */
export interface ProjectSource {
  /** Throws ConfigurationError. */
  load(): Project
  /** Changes whenever `load` may give another project; cheap enough to poll. */
  fingerprint(): string
}

export interface ProjectDatabase {
  readonly backend: Settings['backend']
  /** The place, for a person to read and for the base to be bound to; never a secret. */
  readonly description: string
}

export function loadProject(picked: string, env: Environment): Project {
  const location = locateProject(picked)
  if (location === null) throw missingConfig(picked)
  return assembleProject(location, readConfigText(location), env)
}

/**
 * A project at a known place with a known sync-config.json, which need not be there any more, or not yet;
 * the same goes for .env where `envText` is given.
 */
export function assembleProject(
  location: ProjectLocation,
  configText: string,
  env: Environment,
  envText?: string,
): Project {
  const { folder, configFile } = location
  const configPath = join(folder, configFile)
  const envPath = join(folder, '.env')
  const config = parseConfig(configText, configFile)
  const contentRoot = config.contentRoot ?? location.configFolder
  const variables = envText ?? readSettingsFile(envPath, '.env') ?? ''
  const settings = readSettings(location, variables, env)
  const { appId } = settings
  const userId = signsIn(settings) ? rememberedUser(settings, env) : settings.userId
  const sqlitePath = sqlitePathOf(settings, folder, contentRoot)
  const merged = mergedEnvironment(variables, env)
  const ownFiles = [
    PACKAGE_FILE,
    ...ownFilesOf(merged, folder, sqlitePath),
    ...adapterFilesOf(merged, folder, env),
    ...stateFilesOf(folder, contentRoot, env),
  ]
  return {
    folder,
    contentRoot,
    configFile,
    configPath,
    configText,
    envPath,
    config,
    settings,
    env: merged,
    secrets: secretValues(parseEnv(withoutMark(variables)), env),
    appId,
    userId,
    sqlitePath,
    ownFiles,
    rules: rulesOf({ config, userId, ownFiles }),
    database: { backend: settings.backend, description: describeDatabase(settings, folder, sqlitePath) },
  }
}

/** The same project for another user of the private channel: who has signed in. */
export function withUser(project: Project, userId: string | null): Project {
  return userId === project.userId ? project : { ...project, userId, rules: rulesOf({ ...project, userId }) }
}

export function rulesOf({
  config,
  userId,
  ownFiles,
}: Pick<Project, 'config' | 'userId' | 'ownFiles'>): Rules {
  return compileRules({ config, userId, ownFiles, os: process.platform === 'win32' ? 'windows' : 'posix' })
}

/**
 * Changes whenever one of the files that `loadProject` reads may have changed. Costs a few stat calls, so
 * it can be polled; also answers while the configuration is broken or gone.
 */
export function projectFingerprint(picked: string): string {
  try {
    return placeFingerprint(locateProject(picked) ?? { folder: realFolder(picked), configFile: CONFIG_NAME })
  } catch {
    return 'missing'
  }
}

/** The same for a project whose place is known. */
export function placeFingerprint({
  folder,
  configFile,
}: Pick<ProjectLocation, 'folder' | 'configFile'>): string {
  const files = [configFile, '.env', 'package.json']
  return [folder, ...files.map(file => `${file}:${stamp(join(folder, file))}`)].join('\n')
}

function stamp(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? '-' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
  } catch {
    return '-'
  }
}

export function missingConfig(picked: string): ConfigurationError {
  const message =
    `There is no ${CONFIG_NAME} in ${join(picked, DEFAULT_CONTENT_ROOT)} or ${picked}. ` +
    `lockstep init ${picked} creates one; if the folder has been moved away, put it back.`
  return new ConfigurationError('config-missing', message)
}

export function readConfigText({ folder, configFile: file }: ProjectLocation): string {
  const text = readSettingsFile(join(folder, file), file, 'config-invalid')
  if (text !== null) return text
  // It was there a moment ago.
  throw new ConfigurationError('config-missing', `${file} has just been removed.`, { file })
}

function parseConfig(text: string, file: string): SyncConfig {
  const parsed = parseSyncConfig(text)
  if (parsed.ok) return parsed.config
  throw new ConfigurationError('config-invalid', parsed.reason, { file, line: parsed.line })
}

function readSettings(
  { folder, configFolder }: ProjectLocation,
  envText: string,
  env: Environment,
): Settings {
  const text = withoutMark(envText)
  const merged = mergedEnvironment(text, env)
  const isNamed = (merged['FILE_SYNC_APP_ID'] ?? '').trim() !== ''
  const appName = isNamed ? '' : appNameOf(folder, configFolder)
  const parsed = parseSettings(merged, { appName })
  if (parsed.ok) return parsed.settings
  if (!isSyncEnabled(merged)) return SWITCHED_OFF
  const line = env[parsed.variable] ? null : envLineOf(text, parsed.variable)
  const place = line === null ? {} : { file: '.env', line }
  const { variable, reason } = parsed
  throw new ConfigurationError('settings-invalid', `${variable}: ${reason}`, { ...place, variable })
}

/** By .env and the real environment alone, whatever else is wrong with the project. Throws ConfigurationError. */
export function isSwitchedOff(folder: string, env: Environment): boolean {
  const text = readSettingsFile(join(folder, '.env'), '.env') ?? ''
  return !isSyncEnabled(mergedEnvironment(text, env))
}

/** What is switched off needs no settings that work. */
const SWITCHED_OFF: Settings = {
  enabled: false,
  appId: 'off',
  userId: null,
  backend: 'drizzle',
  sqlitePath: null,
}

function mergedEnvironment(envText: string, env: Environment): Environment {
  return { ...parseEnv(withoutMark(envText)), ...withoutEmpty(env) }
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '')
}

/** An empty variable counts as unset, so it does not hide what .env says. */
function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
}

/**
 * The name in package.json, else the folder's. A package.json that cannot be read must not pass for one
 * without a name: the files would go to another app's records.
 */
function appNameOf(folder: string, configFolder: string): string {
  const text = readSettingsFile(join(folder, 'package.json'), 'package.json')
  const folderName = basename(folder)
  if (text === null) return folderName
  try {
    const parsed: unknown = JSON.parse(withoutMark(text))
    if (typeof parsed !== 'object' || parsed === null || !('name' in parsed)) return folderName
    return typeof parsed.name === 'string' && parsed.name !== '' ? parsed.name : folderName
  } catch (cause) {
    const message =
      'It is not JSON, so the app has no name. Mend it, or set FILE_SYNC_APP_ID in .env' +
      (configFolder === '' ? '.' : ` beside ${configFolder}/.`)
    throw new ConfigurationError('settings-invalid', message, { file: 'package.json', cause })
  }
}

function sqlitePathOf(settings: Settings, folder: string, contentRoot: string): string | null {
  if (settings.backend !== 'drizzle') return null
  return realPlace(folder, settings.sqlitePath ?? join(contentRoot, 'sync.db'))
}

/** Of every project, whatever its settings (R10.8). */
export const PACKAGE_FILE: OwnFile = {
  path: 'package.json',
  category: "sync's own files",
  reason: 'It names the app, by which devices find each other. Git, or whatever keeps the code, keeps it.',
}

/** What the settings name, those of other backends too: who tries another database leaves the lines of the first one. */
function ownFilesOf(merged: Environment, folder: string, sqlitePath: string | null): OwnFile[] {
  const named = merged['FILE_SYNC_SQLITE_PATH'] ?? null
  const databases = [sqlitePath, named === null ? null : realPlace(folder, named)]
  return [
    ...[...new Set(databases)].flatMap(path => databaseFiles(folder, path)),
    ...keyFiles(folder, merged),
  ]
}

const KEY_VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS'
/** Variables of whatever program, by their names. */
const NAMES_A_SECRET = /CREDENTIAL|KEY|SECRET|TOKEN|PASS|CERT|KUBECONFIG|SERVICE_?ACCOUNT/i

/** Of our own variable the file need not be there yet. What others hold is a file only where one is there: most hold the secret itself. */
function keyFiles(folder: string, merged: Environment): OwnFile[] {
  return Object.entries(merged).flatMap(([variable, value]) => {
    if (value === undefined || !NAMES_A_SECRET.test(variable)) return []
    const why = {
      category: 'credentials',
      reason: `It holds a secret: ${variable}, in .env or the environment, names it.`,
    } as const
    const files = ownFile(folder, realPlace(folder, value), why)
    return variable === KEY_VARIABLE ? files : files.filter(({ path }) => isRegularFile(join(folder, path)))
  })
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    // No name that a file can have.
    return false
  }
}

function databaseFiles(folder: string, path: string | null): OwnFile[] {
  const why = { category: 'databases', reason: 'It is the database that this folder syncs with.' } as const
  return ['', '-wal', '-shm', '-journal'].flatMap(log =>
    ownFile(folder, path === null ? null : path + log, why),
  )
}

/** All of a custom adapter's code: nobody else's edit of it may come here, and ours is nobody else's to run. */
function adapterFilesOf(merged: Environment, folder: string, env: Environment): OwnFile[] {
  const named = merged['FILE_SYNC_ADAPTER'] ?? null
  if (named === null) return []
  const paths = [realPlace(folder, named), ...codePaths(folder, named, env)]
  const reason =
    'It is code of the adapter that FILE_SYNC_ADAPTER names; it runs here once somebody has agreed.'
  return [...new Set(paths)].flatMap(path => ownFile(folder, path, { category: "sync's own files", reason }))
}

function codePaths(folder: string, named: string, env: Environment): string[] {
  try {
    return adapterCode(lockstepHome(env), folder, named).map(({ path }) => path)
  } catch {
    // What is wrong with it is told when it is to run.
    return []
  }
}

/** None where it lies elsewhere. */
function ownFile(folder: string, path: string | null, why: Omit<OwnFile, 'path'>): OwnFile[] {
  const inside = path === null ? null : pathWithin(folder, path)
  return inside === null ? [] : [{ path: inside, ...why }]
}

/** LOCKSTEP_HOME, by whatever links it is reached; where the content itself lies in one, what is Lockstep's by name. */
function stateFilesOf(folder: string, contentRoot: string, env: Environment): OwnFile[] {
  const home = lockstepHome(env)
  const inside = homeWithin(folder, home)
  const own =
    inside === null || isWithin(inside, contentRoot)
      ? HOME_ENTRIES.map(name => pathWithin(folder, join(realParent(home), name)))
      : [inside]
  const reason = 'Lockstep keeps its own state there (LOCKSTEP_HOME); that belongs to one machine.'
  return [...own, ...otherStateFiles(folder, contentRoot)].flatMap(path =>
    path === null ? [] : [{ path, isTree: true, category: "sync's own files", reason }],
  )
}

/** The place in the project of LOCKSTEP_HOME, by whatever links; null where it does not lie there. */
export function homeWithin(folder: string, home: string): string | null {
  return pathWithin(folder, realParent(home))
}

/** Of a LOCKSTEP_HOME that is another device's, or was one before: where the content lies in it, it is not left out as a whole. */
function otherStateFiles(folder: string, contentRoot: string): string[] {
  // One that `init` is about to make.
  if (!existsSync(folder)) return []
  const fs = openFileSystem(folder)
  const places = [contentRoot]
  for (let place = contentRoot; place !== ''; places.push(place)) place = parentOf(place)
  return places
    .filter(place => holdsState(fs, place))
    .flatMap(place => HOME_ENTRIES.map(name => joinPath(place, name)))
}

function keyFileOf({ credentialsPath }: FirestoreSettings, folder: string): string | null {
  return credentialsPath === null ? null : realPlace(folder, credentialsPath)
}

/** But for a link that is the file itself. */
export function realPlace(folder: string, named: string): string {
  const path = resolve(folder, named)
  return join(realParent(dirname(path)), basename(path))
}

/** One database must have one name, by whichever links it is reached; what does not exist yet has no links. */
function realParent(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch {
    const parent = dirname(folder)
    return parent === folder ? folder : join(realParent(parent), basename(folder))
  }
}

function describeDatabase(settings: Settings, folder: string, sqlitePath: string | null): string {
  switch (settings.backend) {
    case 'drizzle':
      return sqlitePath ?? ''
    case 'firestore':
      return describeFirestore(settings, folder)
    case 'supabase':
    case 'convex':
      return withoutCredentials(settings.url)
    case 'custom':
      return `adapter ${settings.adapterPath}`
  }
}

function describeFirestore(settings: FirestoreSettings, folder: string): string {
  const { projectId, emulatorHost } = settings
  const keyFile = keyFileOf(settings, folder)
  const ofKey = keyFile === null ? null : projectOfKey(keyFile, readSettingsText)
  const project = projectId ?? ofKey ?? 'default project'
  return emulatorHost === null ? `Firestore ${project}` : `Firestore ${project} at ${emulatorHost}`
}

function withoutCredentials(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1').replace(/[?#].*$/, '')
}
