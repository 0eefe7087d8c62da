/**
 * The project around a content root that a program names, as agent-native servers do: its parent folder.
 * Paths and patterns are relative to that.
 */
import { basename, dirname, relative, resolve, sep } from 'node:path'
import type { Environment } from '../engine/core/settings.ts'
import { CONFIG_NAME, type ProjectLocation, realFolder } from '../host/locate-project.ts'
import {
  assembleProject,
  isSwitchedOff,
  placeFingerprint,
  type Project,
  type ProjectSource,
  readConfigText,
  rulesOf,
} from '../host/project.ts'

export interface ContentRoot {
  readonly contentRoot: string
  /** `<contentRoot>/sync-config.json` where it is absent. */
  readonly syncConfigPath?: string | undefined
}

/** Which channels run. */
export interface Channels {
  readonly isShared: boolean
  /** The private channel's user; null where it does not run; undefined for the one that the settings name. */
  readonly userId: string | null | undefined
}

function locateContentRoot({ contentRoot, syncConfigPath }: ContentRoot): ProjectLocation {
  const root = resolve(contentRoot)
  const folder = realFolder(dirname(root))
  const configFolder = basename(root)
  const configFile =
    syncConfigPath === undefined
      ? `${configFolder}/${CONFIG_NAME}`
      : relative(folder, resolve(syncConfigPath)).split(sep).join('/')
  return { folder, configFolder, configFile }
}

/** Whatever else is wrong there; `env` is the real environment. Throws ConfigurationError. */
export function isRootSwitchedOff(place: ContentRoot, env: Environment): boolean {
  return isSwitchedOff(locateContentRoot(place).folder, env)
}

/** `env` is the real environment; the project's .env counts below it. */
export function configuredSource(place: ContentRoot, env: Environment, channels: Channels): ProjectSource {
  return source(
    place,
    location => {
      const { userId } = channels
      const chosen = userId === undefined ? env : { ...env, FILE_SYNC_USER_ID: userId ?? '' }
      // The program runs in its own project, with its own .env.
      return { ...assembleProject(location, readConfigText(location), chosen), isPlaceNamed: true }
    },
    channels,
  )
}

export interface GivenDatabase {
  readonly appId: string
  readonly ownerId: string
  /** Names the database, for a person to read and for the base to be bound to (R4). */
  readonly description: string
}

/** The program gives app, owner and adapter itself: no .env is asked. `home`: LOCKSTEP_HOME, where it is set. */
export function givenSource(
  place: ContentRoot,
  given: GivenDatabase,
  home: string | undefined,
  channels: Channels,
): ProjectSource {
  const env = {
    LOCKSTEP_HOME: home,
    FILE_SYNC_APP_ID: given.appId,
    FILE_SYNC_BACKEND: 'custom',
    FILE_SYNC_ADAPTER: given.description,
    ...(typeof channels.userId === 'string' ? { FILE_SYNC_USER_ID: channels.userId } : {}),
  }
  return source(
    place,
    location => ({
      ...assembleProject(location, readConfigText(location), env, ''),
      sharedOwner: given.ownerId,
      database: { backend: 'custom', description: given.description },
    }),
    channels,
  )
}

function source(
  place: ContentRoot,
  load: (location: ProjectLocation) => Project,
  { isShared }: Channels,
): ProjectSource {
  return {
    load: () => {
      const project = load(locateContentRoot(place))
      return isShared ? project : withoutShared(project)
    },
    fingerprint: () => {
      try {
        return placeFingerprint(locateContentRoot(place))
      } catch {
        return 'missing'
      }
    },
  }
}

function withoutShared(project: Project): Project {
  const config = { ...project.config, shared: [] }
  return { ...project, sharedOwner: null, rules: rulesOf({ ...project, config }) }
}
