/** Files that both sides have changed (R6): seen, resolved, revalidated at that moment. */
import { z } from 'zod'
import { base, Body, Channel, FolderId, MAX_TEXT, Page, ProjectPath, Time } from './words.ts'

const ConflictKind = z.enum(['json', 'text', 'binary'])

export const ConflictRow = z.object({
  folderId: FolderId,
  folderName: z.string(),
  path: z.string(),
  channel: Channel,
  since: Time,
  /** Null where that side has none. */
  localChangedAt: Time.nullable(),
  remoteChangedAt: Time.nullable(),
})
export type ConflictRow = z.infer<typeof ConflictRow>

export const ConflictSide = z.object({
  body: Body,
  /** Local: the file's time. Remote: the record's version. Base: the version both last agreed on. */
  changedAt: Time,
  /** Whose change it is, for a person: this device's name, or "another device or program". */
  by: z.string(),
})
export type ConflictSide = z.infer<typeof ConflictSide>

/** What the merge leaves to a person: one value of a JSON file, some lines of a text, or the file as a whole. */
export const Doubt = z.object({
  /** Names it: for JSON the value's path as in `servers[id=3].port`; `hunk 1` … for lines; `file`. */
  pointer: z.string(),
  kind: z.enum(['json', 'text', 'file']),
  /** JSON texts or lines; null where there is no value, and where the sides themselves say it all. */
  base: z.string().nullable(),
  local: z.string().nullable(),
  remote: z.string().nullable(),
  /** For lines: where the local ones stand in `merged`, from 1. */
  line: z.number().nullable(),
  /** Why the file as a whole is in doubt: no-base, not-json, duplicate-key, imprecise-number, too-deep, unreadable-merge, merge-failed. */
  reason: z.string().nullable(),
})
export type Doubt = z.infer<typeof Doubt>

export const ConflictDetail = z.object({
  folderId: FolderId,
  folderName: z.string(),
  path: z.string(),
  channel: Channel,
  since: Time,
  kind: ConflictKind,
  base: ConflictSide.nullable(),
  local: ConflictSide.nullable(),
  remote: ConflictSide.nullable(),
  /** All that is not in doubt merged, the local side where it is; null where nothing can be merged. */
  merged: z.string().nullable(),
  doubts: z.array(Doubt),
  /** Stands for both contents as they are shown here. */
  token: z.string(),
  /** The other open conflicts of this folder that "for all like this" would resolve the same way. */
  alike: z.object({ count: z.number(), description: z.string() }),
})
export type ConflictDetail = z.infer<typeof ConflictDetail>

/** `both` keeps the remote version as a file of its own beside it. `merged`: the merge, where nothing is in doubt. */
export const Take = z.discriminatedUnion('take', [
  z.object({ take: z.literal('local') }),
  z.object({ take: z.literal('remote') }),
  z.object({ take: z.literal('both') }),
  z.object({ take: z.literal('merged') }),
  /** A choice for each doubt, by pointer; a doubt without one makes it REFUSED. `both` is for lines alone. */
  z.object({
    take: z.literal('choices'),
    choices: z
      .array(z.object({ pointer: z.string().max(8_192), side: z.enum(['local', 'remote', 'base', 'both']) }))
      .max(10_000),
  }),
  z.object({ take: z.literal('content'), content: z.string().max(MAX_TEXT) }),
])
export type Take = z.infer<typeof Take>

const OneConflict = z.object({ folderId: FolderId, path: ProjectPath, channel: Channel })

export const conflicts = {
  /** Oldest first; of all folders where none is given. */
  list: base
    .input(z.object({ folderId: FolderId.nullable(), ...Page }))
    .output(z.object({ total: z.number(), rows: z.array(ConflictRow) })),
  /** NOT_FOUND where it has ended meanwhile. */
  get: base.input(OneConflict).output(ConflictDetail),
  /**
   * STALE where a side is no longer what `token` stands for: nothing was done, `detail` is the conflict as it
   * is now, null where it has ended.
   */
  resolve: base
    .errors({ STALE: { status: 409, data: z.object({ detail: ConflictDetail.nullable() }) } })
    .input(OneConflict.extend({ token: z.string().max(256), choice: Take })),
  /** The given one and all like it. Those that changed meanwhile stay open and are counted. */
  resolveAlike: base.input(OneConflict.extend({ take: z.enum(['local', 'remote', 'both']) })).output(
    z.object({
      resolved: z.number(),
      changed: z.number(),
      failed: z.array(z.object({ path: z.string(), message: z.string() })),
    }),
  ),
}
