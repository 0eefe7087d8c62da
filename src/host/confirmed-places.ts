/**
 * What a person has agreed to once for a project (R17.4, R17.5): that secrets of this machine's environment go to the host
 * that its settings name, and that tables are made in another program's database, or a database where nobody would look
 * for one. Lies in LOCKSTEP_HOME, never in the project. A host or a database that the person has just named needs no question.
 */
import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { isForeignDatabase } from '../adapters/sqlite/foreign-database.ts'
import { isSqliteName } from '../engine/core/denylist.ts'
import { runnableBy } from '../engine/core/runnable-files.ts'
import { secretsSentElsewhere } from '../engine/core/secret-source.ts'
import type { Environment } from '../engine/core/settings.ts'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { folderHome, lockstepHome } from '../platform/home.ts'
import { makeFolder } from '../platform/make-folder.ts'
import { readRegularFile } from '../platform/regular-file.ts'
import { openStateStore } from '../platform/state/store.ts'
import { ConfigurationError } from './errors.ts'
import { pathWithin } from './path-within.ts'
import { type Project, realPlace } from './project.ts'

const SQLITE_VARIABLE = 'FILE_SYNC_SQLITE_PATH'
/** As Linux follows. */
const MOST_LINKS = 40

/** What waits for a person's word. */
export interface Unconfirmed {
  readonly kind: 'host' | 'database'
  /** The host (with its port where it has one), or the database's real path. */
  readonly place: string
  /** Sentences: what would happen, without what to do. */
  readonly message: string
}

/** `env` is the real environment. `isPreview`: the database is only looked at. */
export function unconfirmedPlace(project: Project, env: Environment, isPreview = false): Unconfirmed | null {
  if (project.isPlaceNamed === true || !project.settings.enabled) return null
  return unconfirmedHost(project, env) ?? (isPreview ? null : unconfirmedDatabase(project, env))
}

/** Throws ConfigurationError 'unconfirmed', which says how to agree. */
export function requireConfirmedPlace(project: Project, env: Environment, isPreview = false): void {
  const found = unconfirmedPlace(project, env, isPreview)
  if (found !== null) throw new ConfigurationError('unconfirmed', questionOf(found))
}

/** What a person reads before they agree. */
export function questionOf({ kind, place, message }: Unconfirmed): string {
  const option = kind === 'host' ? `--trust-host ${place}` : '--trust-database'
  return `${message} If that is meant, give the command once more with ${option}, or agree in the app; it is remembered for this folder.`
}

/**
 * Agrees to the host that a person has named; false where there is nothing to agree to. Throws ConfigurationError where the
 * folder uses another one: it is misspelt, or they look at another folder than they think.
 */
export function confirmHost(project: Project, env: Environment, named: string): boolean {
  const host = hostOf(project)
  if (host === null || hostIn(named) !== host) {
    const message = `This folder syncs with ${host ?? project.database.description}, not with ${named}. Nothing was agreed to.`
    throw new ConfigurationError('settings-invalid', message)
  }
  if (unconfirmedHost(project, env) === null) return false
  remember(project, env, host)
  return true
}

/** The database of another program, or of an odd name, that the settings name; null where there is nothing to agree to. */
export function confirmDatabase(project: Project, env: Environment): string | null {
  const found = unconfirmedDatabase(project, env)
  if (found !== null) remember(project, env, found.place)
  return found?.place ?? null
}

/** Agrees to whatever waits for it: the person has named the place, or has read about it. */
export function confirmPlace(project: Project, env: Environment): void {
  const found = unconfirmedPlace(project, env)
  if (found !== null) remember(project, env, found.place)
}

/** Whether the folder is one that syncs with this host. */
export function usesHost(project: Project, named: string): boolean {
  return hostOf(project) === hostIn(named)
}

function unconfirmedHost(project: Project, env: Environment): Unconfirmed | null {
  const { settings } = project
  const secrets = secretsSentElsewhere(settings, env)
  const host = hostOf(project)
  if (secrets.length === 0 || host === null || isRemembered(project, env, host)) return null
  if (hasSyncedWith(project, env, host)) {
    remember(project, env, host)
    return null
  }
  const message = `${secrets.join(', ')} of this machine's environment would be sent to ${host}, which only the project's .env names.`
  return { kind: 'host', place: host, message }
}

/** Within the project it is the project's own. */
function unconfirmedDatabase(project: Project, env: Environment): Unconfirmed | null {
  const { sqlitePath, folder } = project
  if (sqlitePath === null) return null
  const place = linkedPlace(sqlitePath)
  if (pathWithin(folder, place) !== null || isRemembered(project, env, place)) return null
  const message = isEmptyPlace(place) ? oddName(place, env) : otherProgram(place)
  return message === null ? null : { kind: 'database', place, message }
}

function otherProgram(place: string): string | null {
  if (!isForeignDatabase(place)) return null
  return `${place} is the database of another program, and sync would make its tables and triggers in it.`
}

/** A file that holds what a project syncs, by a name that some program looks for: what starts with the desktop, say. */
function oddName(place: string, env: Environment): string | null {
  // Then it is no project that has named it.
  if ((env[SQLITE_VARIABLE] ?? '').trim() !== '') return null
  if (isSqliteName(basename(place)) && runnableBy(place.replaceAll(sep, '/')) === null) return null
  return `${place} lies outside of the project and is not called like a database, and sync would make one there.`
}

function isEmptyPlace(place: string): boolean {
  return (statSync(place, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** SQLite follows links to what is not there yet, too. */
function linkedPlace(path: string, hops = MOST_LINKS): string {
  if (existsSync(path)) return realpathSync.native(path)
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  return isLink && hops > 0 ? linkedPlace(realPlace(dirname(path), readlinkSync(path)), hops - 1) : path
}

function hostOf({ settings }: Project): string | null {
  return 'url' in settings ? hostIn(settings.url) : null
}

/** With its port where that is not the usual one; also of what a person writes without `https://`. */
function hostIn(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`
  return URL.canParse(url) ? new URL(url).host : text
}

/** With the version that did not ask, say, or at the place where the folder lay before. */
function hasSyncedWith({ folder, settings }: Project, env: Environment, host: string): boolean {
  const path = join(folderHome(lockstepHome(env), folder), 'state.db')
  if (!existsSync(path)) return false
  const state = openStateStore(path)
  try {
    return state.watchedScopes().some(scope => {
      const [backend, ...place] = state.scopeKey(scope).database.split(' ')
      return backend === settings.backend && hostIn(place.join(' ')) === host
    })
  } finally {
    state.close()
  }
}

interface Confirmed {
  /** The project's real path. */
  readonly project: string
  readonly place: string
}

const FILE = 'confirmed-places.json'
const MOST_BYTES = 8 * 2 ** 20

function isRemembered({ folder }: Project, env: Environment, place: string): boolean {
  return load(lockstepHome(env)).some(each => each.project === folder && each.place === place)
}

function remember({ folder }: Project, env: Environment, place: string): void {
  const home = lockstepHome(env)
  makeFolder(home)
  const places = [...load(home), { project: folder, place }]
  writeFileAtomically(join(home, FILE), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 })
}

function load(home: string): Confirmed[] {
  try {
    const text = readRegularFile(join(home, FILE), MOST_BYTES)?.toString('utf8') ?? '[]'
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isConfirmed) : []
  } catch {
    // Damaged: then the person is asked again.
    return []
  }
}

function isConfirmed(value: unknown): value is Confirmed {
  if (typeof value !== 'object' || value === null) return false
  return (
    'project' in value &&
    typeof value.project === 'string' &&
    'place' in value &&
    typeof value.place === 'string'
  )
}
