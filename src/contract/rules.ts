/** Which files sync: sync-config.json, edited with its effect shown first, and the denylist, which nobody edits. */
import { z } from 'zod'
import { PatternsDraft } from './plan.ts'
import { base, FileDiff, FolderId, Problem } from './words.ts'

export const RulesView = z.object({
  /** Project-relative. */
  configFile: z.string(),
  /** The whole file; '' where there is none. */
  text: z.string(),
  /** Why the file cannot be used; then the lists are empty. */
  fault: z.object({ reason: z.string(), line: z.number(), column: z.number() }).nullable(),
  shared: z.array(z.object({ pattern: z.string(), line: z.number() })),
  private: z.array(z.object({ pattern: z.string(), line: z.number() })),
  conflictPolicy: z.array(z.object({ pattern: z.string(), policy: z.string() })),
  /** Files that come and go: their deletes are never counted (R8.6). */
  expectDeletes: z.array(z.object({ pattern: z.string(), line: z.number() })),
  contentRoot: z.string().nullable(),
  maxFileBytes: z.number().nullable(),
  /** The private channel's user; null: private files stay on this device. */
  userId: z.string().nullable(),
  /** Stands for the text. */
  token: z.string(),
})
export type RulesView = z.infer<typeof RulesView>

/** Two lists, which change nothing else in the file; or the whole text, to mend a broken one. */
export const RulesEdit = z.discriminatedUnion('edit', [
  z.object({ edit: z.literal('patterns'), patterns: PatternsDraft }),
  z.object({ edit: z.literal('text'), text: z.string().max(256 * 1024) }),
])
export type RulesEdit = z.infer<typeof RulesEdit>

/** The first 500 paths, and how many there are. */
export const PathList = z.object({ total: z.number(), paths: z.array(z.string()) })
export type PathList = z.infer<typeof PathList>

export const RulesEffect = z.object({
  /** Why it cannot be saved; then the rest is empty. `list` and `index` (from 0) name the pattern, where it is one's fault. */
  fault: z
    .object({
      reason: z.string(),
      line: z.number().nullable(),
      list: z.enum(['shared', 'private']).nullable(),
      index: z.number().nullable(),
    })
    .nullable(),
  starts: PathList,
  /** They stay where they are, on all sides; only syncing stops. */
  stops: PathList,
  becomesPrivate: PathList,
  becomesShared: PathList,
  diff: FileDiff.nullable(),
  warnings: z.array(z.string()),
  /** Files that match both lists: they stay private (R15). At most 50. */
  problems: z.array(Problem),
})
export type RulesEffect = z.infer<typeof RulesEffect>

export const DenyRow = z.object({ pattern: z.string(), category: z.string(), reason: z.string() })
export type DenyRow = z.infer<typeof DenyRow>

const Edited = z.object({ folderId: FolderId, edit: RulesEdit, token: z.string().max(128) })

export const rules = {
  get: base.input(z.object({ folderId: FolderId })).output(RulesView),
  previewChange: base.input(Edited).output(RulesEffect),
  /** STALE where the file has changed since it was read; nothing was written. */
  save: base
    .errors({ STALE: { status: 409, data: z.object({ view: RulesView }) } })
    .input(Edited)
    .output(RulesView),
  /** Every entry of the denylist (R10). The same for all folders. */
  denylist: base.output(z.array(DenyRow)),
}
