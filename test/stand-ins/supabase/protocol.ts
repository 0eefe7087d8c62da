/** What a test asks of the server process, and what it answers: over the channel that Node opens between the two. */
import type { RealtimeFaults } from './realtime.ts'

/** How the next requests end, instead of being answered. */
export type RestFault =
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string }
  /** No answer at all. */
  | { readonly kind: 'hang' }
  /** The line is cut in the middle of it. */
  | { readonly kind: 'cut' }

export type Command =
  /** Runs it as the owner of everything; the table's shape may have changed after it. */
  | { readonly do: 'sql'; readonly sql: string; readonly parameters?: readonly unknown[] }
  | { readonly do: 'realtime'; readonly faults: Partial<RealtimeFaults> }
  | { readonly do: 'cut-realtime' }
  /** `count`: how many requests; `matching`: a part of their paths. */
  | { readonly do: 'rest'; readonly fault: RestFault; readonly count: number; readonly matching?: string }
  /** At most so many rows in an answer. */
  | { readonly do: 'max-rows'; readonly rows: number }
  | { readonly do: 'status' }

export interface Status {
  /** Requests so far, as `METHOD /path`. */
  readonly requests: readonly string[]
  /** Characters of the longest URL so far. */
  readonly longestUrl: number
  /** Realtime channels that are told changes. */
  readonly listeners: number
  /** Messages of changes that were sent so far. */
  readonly told: number
  /** Realtime channels so far that will never be told any. */
  readonly unanswered: number
  readonly connections: number
}

export interface Ready {
  readonly port: number
}

/** Of one command; `id` is the command's. */
export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }

export const PUBLISHABLE_KEY = 'sb_publishable_standin_1234567890'
export const SECRET_KEY = 'sb_secret_standin_1234567890'
export const JWT_SECRET = 'a-secret-of-the-stand-in-that-is-long-enough'
