/** What a database holds of a project before its first sync: another project of the same name may share it. */
import { existsSync } from 'node:fs'
import { complete } from '../adapters/complete.ts'
import { pathOfId, SHARED_OWNER } from '../engine/core/record-id.ts'
import { syncsIn } from '../engine/core/rules.ts'
import { runnableBy } from '../engine/core/runnable-files.ts'
import type { Environment } from '../engine/core/settings.ts'
import { AdapterError } from '../engine/ports/adapter.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { ConfigurationError } from './errors.ts'
import { openProjectAdapter } from './open-adapter.ts'
import type { Project } from './project.ts'

export interface KnownRecords {
  readonly count: number
  /** Of those that would come here, the paths of files that programs run by themselves (R10.6). */
  readonly runnable: readonly string[]
}

/** Of the app's shared channel; null where that cannot be told now. */
export async function knownRecords(project: Project, env: Environment): Promise<KnownRecords | null> {
  const { sqlitePath, appId, settings, rules } = project
  if (!settings.enabled) return null
  if (sqlitePath !== null && !existsSync(sqlitePath)) return { count: 0, runnable: [] }
  try {
    const adapter = await openProjectAdapter(project, env, true)
    try {
      const { heads } = complete(adapter, nodeClock)
      let count = 0
      const runnable: string[] = []
      for (let after: string | null = null; ;) {
        const page = await heads(appId, SHARED_OWNER, after)
        count += page.heads.length
        for (const { id } of page.heads) {
          const path = pathOfId({ appId, ownerId: SHARED_OWNER }, id)
          if (path !== null && runnableBy(path) !== null && syncsIn(rules, path, 'shared'))
            runnable.push(path)
        }
        if (page.next === null) return { count, runnable: runnable.sort() }
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
