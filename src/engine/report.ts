/** What a person or a program asks of a folder, and what it gets: plain values that go through JSON unchanged. */
import type { Channel, Side } from './core/entry.ts'
import type { HoldReason } from './core/guard.ts'
import type { MergePolicy } from './core/merge.ts'
import type { Problem } from './core/problem.ts'
import type { ActionKind } from './core/reconcile.ts'
import type { UnusedPattern } from './core/pattern-use.ts'
import type { MaskedSecret } from './core/secrets.ts'
import type { Status } from './status.ts'

export interface PlannedAction {
  readonly path: string
  readonly channel: Channel
  readonly action: Exclude<ActionKind, 'none' | 'forget' | 'compare'> | 'merge' | 'hold'
  readonly reason: string
}

export interface PlanReport {
  readonly actions: readonly PlannedAction[]
  readonly problems: readonly Problem[]
  readonly unusedPatterns: readonly UnusedPattern[]
}

/** What another sync-config.json would change for one file. */
export interface RulesChange {
  readonly path: string
  /** `needs-user`: it would match a private pattern, and no user is set, so it would stay on this device. */
  readonly change: 'starts-syncing' | 'stops-syncing' | 'becomes-private' | 'becomes-shared' | 'needs-user'
  /** The shared channel of the database holds a version, and goes on holding it: nothing is deleted. */
  readonly inShared: boolean
}

export interface RulesPlanReport extends PlanReport {
  readonly changes: readonly RulesChange[]
}

export interface EngineHolder {
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly command: string
}

export interface StatusReport extends Status {
  readonly folder: string
  readonly backend: string
  readonly database: string
  readonly appId: string
  /** The engine that runs on this folder now, if any. Without one, the figures come from a look at both sides. */
  readonly engine: EngineHolder | null
  readonly holds: readonly HoldReport[]
  readonly problemList: readonly Problem[]
}

export interface ConflictSides {
  readonly path: string
  readonly channel: Channel
  readonly base: ConflictSideReport | null
  readonly local: ConflictSideReport | null
  readonly remote: ConflictSideReport | null
}

export interface ConflictReport extends ConflictSides {
  /** All that is not in doubt, merged, with this device's side where it is; null where nothing can be merged. */
  readonly merged: string | null
  readonly doubts: readonly ConflictDoubt[]
}

/** What a merge leaves for a person to decide: for JSON one value, for other text some lines, or the file as a whole. */
export interface ConflictDoubt {
  /** For JSON the path of the value, as in `servers[id=3].port`; `hunk 1` … for lines; `file`. */
  readonly id: string
  readonly kind: 'json' | 'text' | 'file'
  /** JSON texts or lines; null where there is no value, and where the sides themselves say it all. */
  readonly base: string | null
  readonly local: string | null
  readonly remote: string | null
  /** Where the local lines stand in `merged`, from 1. */
  readonly line?: number
  /** Why the file as a whole is in doubt (`FileConflictReason`). */
  readonly reason?: string
}

export interface ConflictDetail extends ConflictReport {
  /** When it was found, in milliseconds since the epoch. */
  readonly since: number
  readonly kind: 'json' | 'text' | 'binary'
  /** By which it was merged. */
  readonly policy: MergePolicy
  /** Names the two versions: `resolve` with it refuses when one of them has changed. */
  readonly token: string
}

/** `changed`: a side is not what the person has seen, or what was decided could not be done; the conflict stays as it is now. */
export type ResolveOutcome =
  | { readonly status: 'resolved' }
  /** The engine that runs has been told and has not come to it yet, or the database is out of reach. */
  | { readonly status: 'waiting' }
  | { readonly status: 'changed'; readonly detail: ConflictDetail | null }

/** Paths of each kind, of several conflicts; see `ResolveOutcome`. */
export interface ResolveAllOutcome {
  readonly resolved: readonly string[]
  readonly waiting: readonly string[]
  readonly changed: readonly string[]
  readonly failed: readonly { readonly path: string; readonly message: string }[]
}

/** `content` is the text column's form: text as it is, other bytes as a data URL. `lastUpdated` in ms since the epoch. */
export interface ConflictSideReport {
  readonly content: string
  readonly lastUpdated: number
}

export interface HoldReport {
  readonly path: string
  readonly channel: Channel
  /** Where the file would be deleted or changed, or has gone. */
  readonly side: Side
  /** 'gone': deleted before the others were held. 'content': one that would come to that side, and waits for its own sake. */
  readonly kind: 'delete' | 'change' | 'gone' | 'content'
  readonly reason: HoldReason
  readonly since: number
  /** Of 'secret', what it was found to hold, where the file has just been looked at. */
  readonly secrets?: readonly MaskedSecret[]
}

/** A file that waits for its content (R10.6). */
export interface WaitingFile {
  readonly path: string
  readonly channel: Channel
  /** Where it would come to. */
  readonly side: Side
  readonly reason: HoldReason
  /** A sentence for a person. */
  readonly why: string
  readonly since: number
  /** SHA-256 of the content that waits. */
  readonly hash: string
}

export interface WaitingReport extends WaitingFile {
  /** The text column's form; null where it is too large to be shown. */
  readonly content: string | null
  /** What the file holds on this device now; null where there is none. */
  readonly here: string | null
}

export interface TrustReport {
  /** Patterns of paths whose contents this device trusts, whoever they come from. */
  readonly patterns: readonly string[]
  readonly waiting: readonly WaitingReport[]
}

export interface DecisionOutcome {
  /** What was carried out. */
  readonly done: readonly { readonly path: string; readonly channel: Channel; readonly side: Side }[]
  /** What is left to a running engine that did not answer in time, or to the next one, where something has failed. */
  readonly waiting: number
  readonly problems: readonly Problem[]
  /** As what app the folder goes on, where that was what waited for a decision (R4.11). */
  readonly app?: string
}

/** Files that sync no longer, and where that is written now. */
export interface ExcludeReport {
  readonly excluded: readonly string[]
  /** Project-relative. */
  readonly file: string
}

/** What an agent-native server's private records became (R8.18). */
export interface AdoptReport {
  readonly adopted: readonly string[]
  readonly left: readonly { readonly path: string; readonly reason: string }[]
  /** False where it was only looked at. */
  readonly isDone: boolean
}

export interface HistoryReport {
  readonly path: string
  readonly channel: Channel
  /** Names this version for `restore`. */
  readonly version: number
  /** When it was put aside, in milliseconds since the epoch. */
  readonly time: number
  readonly reason: string
  readonly size: number
  readonly device: string
  /** SHA-256 of the content, by which it can be forgotten. */
  readonly hash: string
  /** Only where contents were asked for; the text column's form. */
  readonly content?: string
}

export interface ForgetReport {
  /** The path, or the content's SHA-256. */
  readonly what: string
  /** How many entries of the history. */
  readonly versions: number
  /** False: nothing was done yet, this is what would go. */
  readonly isForgotten: boolean
  /** Where the same contents are still: files that hold them now, and the history of other paths. */
  readonly stillIn: readonly string[]
  /** Files of the app's own state that were set aside as damaged and may hold it still, absolute. */
  readonly copies: readonly string[]
}

export interface Explanation {
  readonly path: string
  /** One word for the file's state: in-step, pending, conflict, held, denied, unmatched, refused, problem, absent, … */
  readonly state: string
  /** The sentence a person reads (R12). */
  readonly reason: string
  readonly channel: Channel | null
  /** What decided: the denylist's entry, or the pattern with its index (from 0) and its line in the file (from 1). */
  readonly rule:
    | {
        readonly kind: 'denylist'
        readonly pattern: string
        readonly category: string
        readonly reason: string
      }
    | {
        readonly kind: 'pattern'
        readonly list: string
        readonly pattern: string
        readonly index: number
        readonly line: number
        readonly file: string
      }
    | null
  /** The version both sides last agreed on. */
  readonly lastSyncedVersion: number | null
  readonly waiting: string | null
  readonly lastError: {
    readonly code: string
    readonly message: string
    readonly attempts: number
    readonly nextAt: number
  } | null
}
