/** Opens the database that a project's settings name; a custom adapter only where its code is trusted. */
import { join } from 'node:path'
import { openAdapter } from '../adapters/registry.ts'
import { maskSecrets } from '../engine/core/secret-values.ts'
import type { Environment } from '../engine/core/settings.ts'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { requireConfirmedPlace } from './confirmed-places.ts'
import type { Project } from './project.ts'
import { readSettingsText } from './settings-file.ts'
import { reachNetwork } from './system-network.ts'
import { requireTrust } from './trust.ts'

/**
 * `env` is the real environment. Rejects with AdapterError where the database cannot even be named or loaded, with
 * ConfigurationError where a custom adapter is missing or untrusted, or where the settings lead waits for a person's word.
 */
export async function openProjectAdapter(
  project: Project,
  env: Environment,
  isPreview = false,
): Promise<EngineAdapter> {
  const { settings, sqlitePath, appId, userId, folder, contentRoot, secrets } = project
  const code = requireTrust(project, env)
  requireConfirmedPlace(project, env, isPreview)
  const options = {
    appId,
    userId,
    project: folder,
    contentRoot: join(folder, contentRoot),
    env: project.env,
  }
  if (settings.backend !== 'drizzle') await reachNetwork()
  const custom = code === null ? null : { code, options }
  const isOwnSqlite = settings.backend === 'drizzle' && settings.sqlitePath === null
  return openAdapter(settings, {
    sqlitePath,
    isOwnSqlite,
    clock: nodeClock,
    readKeyFile: readSettingsText,
    mask: text => maskSecrets(text, secrets),
    projectFolder: folder,
    custom,
    isPreview,
  })
}
