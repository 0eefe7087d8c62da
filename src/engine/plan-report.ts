/** A plan as a person reads it: what a sync would do, path by path. */
import type { ChannelState } from './channel-state.ts'
import type { Plan, Step } from './plan.ts'
import type { PlannedAction } from './report.ts'

export function plannedActions(plans: ReadonlyMap<ChannelState, Plan>): PlannedAction[] {
  const actions: PlannedAction[] = []
  for (const [{ channel, local, remote, base }, plan] of plans) {
    const add = (action: PlannedAction['action'], steps: readonly Step[]): void => {
      for (const { path, reason } of steps) actions.push({ path, channel, action, reason })
    }
    add('pull', plan.pulls)
    add('push', plan.pushes)
    add('merge', plan.merges)
    add('conflict', plan.conflicts)
    add('delete-local', plan.deleteLocal)
    add('delete-remote', plan.deleteRemote)
    for (const { path, reason } of plan.holds) actions.push({ path, channel, action: 'hold', reason })
    for (const path of plan.settle) {
      const isAdopted = local.has(path) && remote.get(path)?.etag !== base.get(path)?.etag
      if (isAdopted) actions.push({ path, channel, action: 'adopt', reason: 'equal on both sides' })
    }
  }
  return actions.sort((a, b) => (a.path < b.path ? -1 : 1))
}
