/** What a sync would do, exactly, with nothing done. Paged: a first call makes the plan, later ones name it. */
import { z } from 'zod'
import { BackendDraft, Target } from './backend.ts'
import { base, Channel, Page, Problem } from './words.ts'

/** adopt: equal on both sides. hold: a delete that waits for a person (R8). */
export const PlanAction = z.enum([
  'push',
  'pull',
  'merge',
  'conflict',
  'delete-local',
  'delete-remote',
  'hold',
  'adopt',
])
export type PlanAction = z.infer<typeof PlanAction>

const PlanRow = z.object({
  path: z.string(),
  channel: Channel,
  action: PlanAction,
  reason: z.string(),
})

/** Patterns of a folder that may not be saved yet. */
export const PatternsDraft = z.object({
  shared: z.array(z.string().max(400)).max(1_000),
  private: z.array(z.string().max(400)).max(1_000),
})
export type PatternsDraft = z.infer<typeof PatternsDraft>

const PlanRequest = z.object({
  target: Target,
  /** What would be saved first; null for the configuration as it is. */
  patterns: PatternsDraft.nullable().default(null),
  backend: BackendDraft.nullable().default(null),
  /** From an earlier answer, to page in the same plan. NOT_FOUND once it is forgotten: ask again without. */
  planId: z.string().max(64).nullable().default(null),
  /** Empty for all. */
  actions: z.array(PlanAction).max(8).default([]),
  ...Page,
})

export const PlanPage = z.object({
  planId: z.string(),
  madeAt: z.number(),
  counts: z.record(PlanAction, z.number()),
  problems: z.array(Problem),
  problemCount: z.number(),
  /** Rows that match `actions`. */
  total: z.number(),
  rows: z.array(PlanRow),
})
export type PlanPage = z.infer<typeof PlanPage>

export const plan = { preview: base.input(PlanRequest).output(PlanPage) }
