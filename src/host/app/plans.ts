/** Plans that were made for a client to page through: what a sync would do, with nothing done. A few are kept for a while. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PlanAction, PlanPage } from '../../contract/plan.ts'
import { plannedActions } from '../../engine/plan-report.ts'
import type { Environment } from '../../engine/core/settings.ts'
import type { Log } from '../../engine/ports/log.ts'
import type { PlanReport } from '../../engine/report.ts'
import { folderHome } from '../../platform/home.ts'
import { openStateStore } from '../../platform/state/store.ts'
import { openSession } from '../open-session.ts'
import type { Project } from '../project.ts'
import { notFound } from './errors.ts'

/** What matches nothing is told where the patterns are edited. */
type Planned = Pick<PlanReport, 'actions' | 'problems'>

const MOST_KEPT = 4
/** In milliseconds. */
const KEPT_MS = 10 * 60_000
const PROBLEMS_SHOWN = 50

interface Plan {
  readonly id: string
  readonly madeAt: number
  readonly report: Planned
}

export interface Page {
  readonly actions: readonly PlanAction[]
  readonly offset: number
  readonly limit: number
}

export class Plans {
  readonly #kept = new Map<string, Plan>()

  keep(report: Planned): string {
    const plan = { id: randomUUID(), madeAt: Date.now(), report }
    this.#kept.set(plan.id, plan)
    for (const [id, { madeAt }] of this.#kept) {
      if (this.#kept.size > MOST_KEPT || Date.now() - madeAt > KEPT_MS) this.#kept.delete(id)
    }
    return plan.id
  }

  page(id: string, { actions, offset, limit }: Page): PlanPage {
    const plan = this.#kept.get(id)
    if (plan === undefined) throw notFound('plan', 'This plan is no longer kept. Make it anew.')
    const counts: Record<PlanAction, number> = {
      push: 0,
      pull: 0,
      merge: 0,
      conflict: 0,
      'delete-local': 0,
      'delete-remote': 0,
      hold: 0,
      adopt: 0,
    }
    for (const { action } of plan.report.actions) counts[action] += 1
    const wanted = new Set(actions)
    const rows =
      wanted.size === 0 ? plan.report.actions : plan.report.actions.filter(row => wanted.has(row.action))
    const { problems } = plan.report
    return {
      planId: id,
      madeAt: plan.madeAt,
      counts,
      problemCount: problems.length,
      problems: problems.slice(0, PROBLEMS_SHOWN).map(({ code, message, path, retryAt }) => ({
        code,
        message,
        path: path ?? null,
        retryAt: retryAt ?? null,
      })),
      total: rows.length,
      rows: rows.slice(offset, offset + limit).map(({ path, channel, action, reason }) => ({
        path,
        channel,
        action,
        reason,
      })),
    }
  }
}

export interface PlanRequest {
  readonly project: Project
  readonly env: Environment
  /** LOCKSTEP_HOME. */
  readonly home: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** Of a project as it would be; neither files nor database nor state are touched. */
export async function makePlan({ project, env, home, log, signal }: PlanRequest): Promise<Planned> {
  const stored = join(folderHome(home, project.folder), 'state.db')
  // A folder that has never synced leaves no state behind by being looked at.
  const state = openStateStore(existsSync(stored) ? stored : null)
  try {
    const opened = await openSession({ project, env, state, log, signal, onEvent: () => {}, isPreview: true })
    try {
      const { session } = opened
      const actions = plannedActions(await session.preview())
      return { actions, problems: session.context.problems.list() }
    } finally {
      await opened.close()
    }
  } finally {
    state.close()
  }
}
