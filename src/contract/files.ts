/** The files of a folder's sync set, with one state each (R12), and the history of each. */
import { z } from 'zod'
import { base, Body, Channel, FolderId, Page, ProjectPath, Side, Time } from './words.ts'

export const FileState = z.enum(['in-step', 'pending', 'conflict', 'held', 'problem'])
export type FileState = z.infer<typeof FileState>

export const FileRow = z.object({
  path: z.string(),
  channel: Channel,
  state: FileState,
  /** Of the local file, or of what both sides last agreed on; null where neither is known. */
  size: z.number().nullable(),
  /** When the local file was changed last, or the record where there is no file. */
  changedAt: Time.nullable(),
  /** A few words for what is not in step; null for what is. */
  note: z.string().nullable(),
})
export type FileRow = z.infer<typeof FileRow>

const FilesRequest = z.object({
  folderId: FolderId,
  /** Every word must occur in the path, in any case. */
  search: z.string().max(200).default(''),
  /** Empty for all. */
  states: z.array(FileState).max(5).default([]),
  ...Page,
})

export const FilesPage = z.object({
  /** Compare with `revisions.files` of the folder's state: a higher one there means that this is old. */
  revision: z.number(),
  /** Rows that match search and states. */
  total: z.number(),
  offset: z.number(),
  rows: z.array(FileRow),
  /** Files for each state that match the search. */
  counts: z.record(FileState, z.number()),
  /** False until the engine has looked at both sides: what is there is from the last run. */
  isComplete: z.boolean(),
})
export type FilesPage = z.infer<typeof FilesPage>

const Rule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('denylist'), pattern: z.string(), category: z.string(), reason: z.string() }),
  z.object({
    kind: z.literal('pattern'),
    list: z.string(),
    pattern: z.string(),
    /** From 0. */
    index: z.number(),
    /** From 1. */
    line: z.number(),
    file: z.string(),
  }),
])

export const Explanation = z.object({
  path: z.string(),
  /** in-step, pending, settling, conflict, held, problem, denied, excluded, unmatched, private-without-user, refused, absent, offline, off */
  state: z.string(),
  reason: z.string(),
  channel: Channel.nullable(),
  rule: Rule.nullable(),
  lastSyncedVersion: Time.nullable(),
  waiting: z.string().nullable(),
  lastError: z
    .object({ code: z.string(), message: z.string(), attempts: z.number(), nextAt: Time })
    .nullable(),
  /** Sizes and times of what is there now; null where there is nothing. */
  local: z.object({ size: z.number(), changedAt: Time }).nullable(),
  remote: z.object({ version: Time }).nullable(),
})
export type Explanation = z.infer<typeof Explanation>

export const HistoryVersion = z.object({
  path: z.string(),
  channel: Channel,
  version: z.number(),
  /** When it was put aside. */
  time: Time,
  /** overwritten, deleted, merged, lost-conflict, replaced-by-restore, conflict-copy, recovered, edited-here, deleted-here */
  reason: z.string(),
  size: z.number(),
  device: z.string(),
})
export type HistoryVersion = z.infer<typeof HistoryVersion>

const OnePath = z.object({ folderId: FolderId, path: ProjectPath })
const OneVersion = OnePath.extend({ version: z.number().int() })

export const files = {
  list: base.input(FilesRequest).output(FilesPage),
  /** For any path, also one that does not sync or does not exist. */
  explain: base.input(OnePath).output(Explanation),
  /** The file as it is now; null where there is none. */
  content: base.input(OnePath).output(z.object({ body: Body.nullable() })),
  /** Newest first. Without a path, of the whole folder. */
  history: base
    .input(z.object({ folderId: FolderId, path: ProjectPath.nullable(), ...Page }))
    .output(z.object({ total: z.number(), versions: z.array(HistoryVersion) })),
  historyContent: base.input(OneVersion).output(z.object({ body: Body })),
  /** Writes the version over the current file, which goes into the history itself. */
  restore: base.input(OneVersion).output(z.object({ replaced: z.boolean() })),
}

const HoldKind = z.enum(['delete', 'change', 'gone', 'content'])

/** A value that looks like a secret, as far as anybody may see it. */
const FoundSecret = z.object({
  /** What it looks like, for a person. */
  name: z.string(),
  /** From 1. */
  line: z.number(),
  /** Its first characters, four at most, and its length. */
  masked: z.string(),
})

export const HoldRow = z.object({
  folderId: FolderId,
  path: z.string(),
  channel: Channel,
  /**
   * `change`: not a delete, but another content would come over the one that is there. `gone`: deleted before the
   * others were held; restoring brings it back.
   */
  kind: HoldKind,
  /** Where the file would be deleted or changed, or has gone. */
  side: Side,
  /** mass-delete, mass-change, local-emptied, database-emptied, root-exchanged, folder-restored, mount-away, database-exchanged, database-restored, server-deletes, private-elsewhere, secret */
  reason: z.string(),
  since: Time,
  /** Of `secret`, what was found; empty while no engine has looked at the file. */
  secrets: z.array(FoundSecret),
})
export type HoldRow = z.infer<typeof HoldRow>

/** All holds of one folder with the same kind, side and reason. */
export const HoldGroup = z.object({
  kind: HoldKind,
  side: Side,
  reason: z.string(),
  /** What happened, and what approving does, for a person. */
  message: z.string(),
  count: z.number(),
  since: Time,
})
export type HoldGroup = z.infer<typeof HoldGroup>

const HoldOutcome = z.object({
  done: z.number(),
  /** Left to a running engine that has not answered yet. */
  waiting: z.number(),
})

const Decide = z.object({
  folderId: FolderId,
  token: z.string().max(128),
  /** Paths, folders or globs: of what is held only these. */
  only: z.array(ProjectPath).min(1).max(1_000).optional(),
})
const HoldsStale = { STALE: { status: 409, data: z.object({ token: z.string(), total: z.number() }) } }

/** A file that waits for its content (R10.6): all else goes on without it. */
export const WaitingRow = z.object({
  path: z.string(),
  channel: Channel,
  /** Where it would come to. */
  side: Side,
  /** may-run-code */
  reason: z.string(),
  /** A sentence for a person. */
  why: z.string(),
  since: Time,
})
export type WaitingRow = z.infer<typeof WaitingRow>

/** Names the content that was shown. */
const Hash = z.string().min(1).max(128)

/** A glob as in sync-config.json, on this device alone. */
const TrustPattern = z.string().min(1).max(1_000)
const TrustPatterns = z.array(TrustPattern).max(100).default([])
const Trusted = z.object({ patterns: z.array(z.string()) })

export const holds = {
  /** `token` stands for exactly what is held now. */
  list: base.input(z.object({ folderId: FolderId, ...Page })).output(
    z.object({
      token: z.string(),
      total: z.number(),
      groups: z.array(HoldGroup),
      rows: z.array(HoldRow),
    }),
  ),
  /** Carries out exactly what was shown, or of that what `only` names; STALE where something else is held by now. */
  approve: base.errors(HoldsStale).input(Decide).output(HoldOutcome),
  /** In the same way puts the files back where they are missing, and keeps those that would be changed. */
  restore: base.errors(HoldsStale).input(Decide).output(HoldOutcome),
  /** Takes files that are held for secrets in them out of what syncs, in sync-config.json. They stay where they are. */
  exclude: base
    .errors(HoldsStale)
    .input(Decide.required({ only: true }))
    .output(z.object({ excluded: z.number() })),
  /** None of these is among what `list` gives. */
  waiting: base
    .input(z.object({ folderId: FolderId, ...Page }))
    .output(z.object({ total: z.number(), rows: z.array(WaitingRow) })),
  /** What waits, null where it is too large to be shown, and what the file holds on this device; NOT_FOUND where nothing waits. */
  content: base.input(OnePath).output(
    WaitingRow.extend({
      hash: Hash,
      /** Matches this path alone. */
      pattern: z.string(),
      content: Body.nullable(),
      here: Body.nullable(),
    }),
  ),
  /** Lets exactly this content come; STALE where another one waits by now. */
  allow: base
    .errors({ STALE: { status: 409, data: z.object({}) } })
    .input(OnePath.extend({ hash: Hash }))
    .output(HoldOutcome),
  /** Patterns of paths whose contents this device trusts, whoever they come from (R10.7). */
  trusted: base.input(z.object({ folderId: FolderId })).output(Trusted),
  /** What waits at such a path comes with the next look. */
  trust: base
    .input(z.object({ folderId: FolderId, add: TrustPatterns, remove: TrustPatterns }))
    .output(Trusted),
}
