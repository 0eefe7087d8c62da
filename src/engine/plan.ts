/** What a cycle is going to do with one channel, path by path. */
import type { PolicyReason } from './core/conflict-policy.ts'
import type { Doubt } from './core/continuity.ts'
import type { Standing } from './core/guard.ts'
import type { Reason } from './core/reconcile.ts'
import type { HoldRecord } from './ports/state-store.ts'

/** Why: as the trees say, or by which policy a conflict ends. */
export type StepReason = Reason | PolicyReason

export interface Step {
  readonly path: string
  readonly reason: StepReason
  /** What it comes from is in doubt: it is held (R8). */
  readonly doubt?: Doubt
}

export interface DeleteStep extends Step {
  /** Whether the guard counts it. */
  readonly standing: Standing
}

export interface Plan {
  readonly pulls: Step[]
  readonly pushes: Step[]
  readonly conflicts: Step[]
  /** Only of a preview: conflicts that would settle themselves. */
  readonly merges: Step[]
  readonly deleteLocal: DeleteStep[]
  readonly deleteRemote: DeleteStep[]
  /** Equal on both sides, or gone on both: only the base is to be brought up to date. */
  readonly settle: string[]
  /** Deletes and changes that the guard has stopped in this cycle. */
  readonly holds: HoldRecord[]
}

export function emptyPlan(): Plan {
  return {
    pulls: [],
    pushes: [],
    conflicts: [],
    merges: [],
    deleteLocal: [],
    deleteRemote: [],
    settle: [],
    holds: [],
  }
}
