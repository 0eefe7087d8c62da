/** First run: a folder is found, looked at, configured, and started. Until `start`, nothing is written anywhere. */
import { z } from 'zod'
import { BackendDraft, Target } from './backend.ts'
import { PatternsDraft } from './plan.ts'
import { base, Channel, FileDiff, FolderId, MachinePath, Page } from './words.ts'

export const BrowseEntry = z.object({
  name: z.string(),
  path: z.string(),
  /** It has a package.json. */
  isProject: z.boolean(),
  /** It has a sync-config.json. */
  isConfigured: z.boolean(),
  /** It is one of this host's folders. */
  isAdded: z.boolean(),
})
export type BrowseEntry = z.infer<typeof BrowseEntry>

export const BrowsePage = z.object({
  path: z.string(),
  /** Null at the top. */
  parent: z.string().nullable(),
  home: z.string(),
  /** From the top to `path`. */
  crumbs: z.array(z.object({ name: z.string(), path: z.string() })),
  /** Whether `path` itself is a project, configured, added. */
  self: BrowseEntry,
  /** Folders only; projects first, then by name. */
  entries: z.array(BrowseEntry),
  /** There are more than are shown (1,000). */
  isCut: z.boolean(),
})
export type BrowsePage = z.infer<typeof BrowsePage>

/** What was found in a folder; never a value of .env. */
export const Inspection = z.object({
  /** The project's real path. */
  path: z.string(),
  name: z.string(),
  packageJson: z.object({ name: z.string().nullable(), fault: z.string().nullable() }).nullable(),
  /** The app id that would be in effect; `fault` says why it cannot be used. */
  appId: z.object({ value: z.string(), fault: z.string().nullable() }),
  /** `fault` names the line and the reason where it is broken. */
  config: z
    .object({
      file: z.string(),
      shared: z.array(z.string()),
      private: z.array(z.string()),
      fault: z.string().nullable(),
    })
    .nullable(),
  /** Where a new sync-config.json would be written, project-relative. */
  newConfigFile: z.string(),
  contentRoot: z.object({ path: z.string(), exists: z.boolean() }),
  /** Names of the variables that concern sync; never values. */
  env: z.object({ exists: z.boolean(), variables: z.array(z.string()) }),
  /** Extensions of the files below the content root, most first; `pattern` would match them. Bounded. */
  files: z.object({
    total: z.number(),
    isCut: z.boolean(),
    types: z.array(
      z.object({ extension: z.string(), count: z.number(), bytes: z.number(), pattern: z.string() }),
    ),
  }),
  /** To begin with, from what was found. */
  suggested: PatternsDraft,
  /** It is one of this host's folders already. */
  folderId: FolderId.nullable(),
  warnings: z.array(z.string()),
})
export type Inspection = z.infer<typeof Inspection>

export const PreviewKind = z.enum(['shared', 'private', 'denied', 'unmatched'])
export type PreviewKind = z.infer<typeof PreviewKind>

const PreviewedPattern = z.object({
  pattern: z.string(),
  /** Why it cannot be used. */
  fault: z.string().nullable(),
  /** How many files it matches first. */
  matches: z.number(),
  /** False where it matches no file at all, to the letter. */
  isUsed: z.boolean(),
  /** What to write instead, where it matches none and something is like it. */
  meant: z.string().nullable(),
})
export type PreviewedPattern = z.infer<typeof PreviewedPattern>

export const PatternsPreview = z.object({
  /** For each pattern as given, in order. */
  shared: z.array(PreviewedPattern),
  private: z.array(PreviewedPattern),
  counts: z.record(PreviewKind, z.number()),
  /** The folder holds more files than were looked at. */
  isCut: z.boolean(),
  total: z.number(),
  rows: z.array(
    z.object({
      path: z.string(),
      kind: PreviewKind,
      channel: Channel.nullable(),
      size: z.number(),
      /** The pattern, or the denylist's reason. */
      why: z.string(),
    }),
  ),
})
export type PatternsPreview = z.infer<typeof PatternsPreview>

export const SetupDraft = z.object({
  path: MachinePath,
  /** Null where sync-config.json stays as it is. */
  patterns: PatternsDraft.nullable(),
  backend: BackendDraft,
})
export type SetupDraft = z.infer<typeof SetupDraft>

export const setup = {
  /** Without a path: home. Folders that begin with a dot only where asked for. */
  browse: base
    .input(z.object({ path: MachinePath.nullable(), showHidden: z.boolean().default(false) }))
    .output(BrowsePage),
  inspect: base.input(z.object({ path: MachinePath })).output(Inspection),
  /** Of any folder, added or not; `kinds` empty for all. */
  previewPatterns: base
    .input(
      z.object({
        target: Target,
        patterns: PatternsDraft,
        kinds: z.array(PreviewKind).max(4).default([]),
        search: z.string().max(200).default(''),
        ...Page,
      }),
    )
    .output(PatternsPreview),
  /** What `start` would write. */
  previewStart: base.input(SetupDraft).output(z.object({ files: z.array(FileDiff), token: z.string() })),
  /** Writes sync-config.json and .env as previewed, adds the folder and starts it. */
  start: base
    .errors({ STALE: { status: 409, data: z.object({ files: z.array(FileDiff), token: z.string() }) } })
    .input(SetupDraft.extend({ token: z.string().max(128) }))
    .output(z.object({ id: FolderId })),
  /** A small project to try, made in the home folder (or in `parent`), added and started. */
  sample: base
    .input(z.object({ parent: MachinePath.nullable() }))
    .output(z.object({ id: FolderId, path: z.string() })),
}
