/** What a database holds of a project before its first sync: another project of the same name may share it. */
import { existsSync } from 'node:fs'
import { complete } from '../adapters/complete.ts'
import { SHARED_OWNER } from '../engine/core/record-id.ts'
import type { Environment } from '../engine/core/settings.ts'
import { AdapterError } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { ConfigurationError } from './errors.ts'
import { openProjectAdapter } from './open-adapter.ts'
import type { Project } from './project.ts'

/** How many records of the app's shared channel there are; null where that cannot be told now. */
export async function knownRecords(project: Project, env: Environment): Promise<number | null> {
  const { sqlitePath, appId, settings } = project
  if (!settings.enabled) return null
  if (sqlitePath !== null && !existsSync(sqlitePath)) return 0
  try {
    const adapter = await openProjectAdapter(project, env, true)
    try {
      const { heads } = complete(adapter, nodeClock)
      let count = 0
      for (let after: string | null = null; ;) {
        const page = await heads(appId, SHARED_OWNER, after)
        count += page.heads.length
        if (page.next === null) return count
        after = page.next
      }
    } finally {
      await adapter.dispose?.()
    }
  } catch (error) {
    if (error instanceof AdapterError || error instanceof ConfigurationError) return null
    throw error
  }
}
