/**
 * The words that every part of the contract uses. A path is project-relative with `/`; a folder on this
 * machine is absolute; times are milliseconds since the epoch; sizes are bytes.
 *
 * Errors are typed: what a person can mend has a code and data, everything else is an internal error.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import type { Channel as CoreChannel, Side as CoreSide } from '../engine/core/entry.ts'

/** Longest path any client may send, in UTF-16 units. */
const MAX_PATH = 4_096
/** Most rows that one call returns. */
export const MAX_PAGE = 500
/** Longest text of one file that a client may send back, in UTF-16 units: above the engine's file limit. */
export const MAX_TEXT = 16 * 1024 * 1024

/** What a string points at, by which docs/contract.md and its test know what a procedure takes. */
export const FolderId = z.string().min(1).max(64).describe('folder')

export const ProjectPath = z.string().min(1).max(MAX_PATH).describe('file')
export const MachinePath = z.string().min(1).max(MAX_PATH).describe('place')

export const Channel = z.enum(['shared', 'private'] satisfies CoreChannel[])
export type Channel = z.infer<typeof Channel>

export const Side = z.enum(['local', 'remote'] satisfies CoreSide[])
export type Side = z.infer<typeof Side>

export const Time = z.number()

export const Page = {
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(MAX_PAGE).default(100),
}

/** A problem of one file or of the whole folder (path null). */
export const Problem = z.object({
  code: z.string(),
  /** One or two sentences: what is wrong, and what to do. */
  message: z.string(),
  path: z.string().nullable(),
  /** When it is tried again; null where only a change can help. */
  retryAt: Time.nullable(),
})
export type Problem = z.infer<typeof Problem>

/**
 * What stands in a file, for a person: text, or why it is not shown. Texts above 2 MB are 'large': they can
 * be taken as a whole, but not shown or edited here.
 */
export const Body = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), size: z.number() }),
  z.object({ kind: z.literal('binary'), size: z.number() }),
  z.object({ kind: z.literal('large'), size: z.number() }),
])
export type Body = z.infer<typeof Body>

/** The lines that a change of a small settings file touches, with some around them. Secrets are masked. */
export const FileDiff = z.object({
  /** Project-relative. */
  file: z.string(),
  kind: z.enum(['created', 'changed', 'unchanged']),
  lines: z.array(
    z.object({
      kind: z.enum(['same', 'add', 'remove', 'gap']),
      text: z.string(),
      /** From 1; null where the line is not in that version. */
      before: z.number().nullable(),
      after: z.number().nullable(),
    }),
  ),
})
export type FileDiff = z.infer<typeof FileDiff>

export const Holder = z.object({ pid: z.number(), startedAt: Time, command: z.string() })
export type Holder = z.infer<typeof Holder>

/** Each procedure may answer with these. `message` is for a person and complete. */
export const base = oc.errors({
  /** There is no such folder, file, version, conflict … (any more). */
  NOT_FOUND: { status: 404, data: z.object({ what: z.string() }) },
  /** Something on the disk must be mended first: sync-config.json, .env, the folder itself. */
  CONFIGURATION: {
    status: 422,
    data: z.object({ code: z.string(), file: z.string().nullable(), line: z.number().nullable() }),
  },
  /** The database said no, or is not reachable. */
  BACKEND: { status: 502, data: z.object({ code: z.string(), retryable: z.boolean() }) },
  /** Another engine holds the folder (R14). */
  HELD: { status: 423, data: z.object({ holder: Holder.nullable() }) },
  /** The request makes no sense as it is; `message` says what to do instead. */
  REFUSED: { status: 409, data: z.object({ code: z.string() }) },
  /** The operating system said no. */
  SYSTEM: { status: 500, data: z.object({ code: z.string() }) },
})
