/** What happened, kept for 30 days. Newest first. */
import { z } from 'zod'
import { Author, FileAction } from './state.ts'
import { base, Channel, FolderId, MAX_PAGE, Time } from './words.ts'

/** Besides what is done to files: problems and their end, the engine's start and stop, a person's decisions. */
export const ActivityKind = z.enum([
  ...FileAction.options,
  'problem',
  'recovered',
  'started',
  'stopped',
  'paused',
  'resumed',
  'approved',
  'restored',
  'saved',
])
export type ActivityKind = z.infer<typeof ActivityKind>

export const ActivityRow = z.object({
  /** Rises with time; also the cursor. */
  id: z.number(),
  at: Time,
  folderId: FolderId,
  /** Also of a folder that is gone. */
  folderName: z.string(),
  kind: ActivityKind,
  path: z.string().nullable(),
  channel: Channel.nullable(),
  author: Author.nullable(),
  /** Why, for a person. */
  reason: z.string(),
})
export type ActivityRow = z.infer<typeof ActivityRow>

const ActivityRequest = z.object({
  /** Null for all folders. */
  folderId: FolderId.nullable(),
  /** Empty for all. */
  kinds: z.array(ActivityKind).max(32).default([]),
  authors: z.array(Author).max(4).default([]),
  /** Occurs in the path, in any case. */
  search: z.string().max(200).default(''),
  /** Rows before this id; null for the newest. */
  before: z.number().nullable().default(null),
  limit: z.number().int().min(1).max(MAX_PAGE).default(100),
})

export const activity = {
  list: base.input(ActivityRequest).output(
    z.object({
      rows: z.array(ActivityRow),
      /** Pass as `before` for older ones; null after the last. */
      next: z.number().nullable(),
    }),
  ),
}
