/** Opens the database that a project's settings name; a custom adapter only where its code is trusted. */
import { join } from 'node:path'
import { openAdapter } from '../adapters/registry.ts'
import type { Environment } from '../engine/core/settings.ts'
import type { EngineAdapter } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import type { Project } from './project.ts'
import { requireTrust } from './trust.ts'

/**
 * `env` is the real environment. Rejects with AdapterError where the database cannot even be named or loaded, with
 * ConfigurationError where a custom adapter is missing or untrusted.
 */
export async function openProjectAdapter(
  project: Project,
  env: Environment,
  isPreview = false,
): Promise<EngineAdapter> {
  const { settings, sqlitePath, appId, userId, folder, contentRoot } = project
  const code = requireTrust(project, env)
  const options = {
    appId,
    userId,
    project: folder,
    contentRoot: join(folder, contentRoot),
    env: project.env,
  }
  const custom = code === null ? null : { code, options }
  const isOwnSqlite = settings.backend === 'drizzle' && settings.sqlitePath === null
  return openAdapter(settings, {
    sqlitePath,
    isOwnSqlite,
    clock: nodeClock,
    projectFolder: folder,
    custom,
    isPreview,
  })
}
