/** What the steps of a cycle work with, and the few things that all of them do. */
import type { AppChange } from './core/app-change.ts'
import { backoffMs } from './core/backoff.ts'
import { type Channel, type Fingerprint, provenFingerprint, sameFingerprint } from './core/entry.ts'
import type { Problem } from './core/problem.ts'
import { isRefusal } from './core/problem.ts'
import type { Rules } from './core/rules.ts'
import { isWithin } from './core/tree.ts'
import { noteBothChannels } from './both-channels.ts'
import type { ChannelState } from './channel-state.ts'
import type { KeptFiles } from './kept-files.ts'
import type { LeftOut } from './left-out.ts'
import type { LocalDirt } from './local-dirt.ts'
import type { Look, Lookout, Waits } from './look.ts'
import type { Mounts } from './mounts.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import type { FileSystem } from './ports/file-system.ts'
import type { Log } from './ports/log.ts'
import type { Merger } from './ports/merger.ts'
import type { OpenFiles } from './ports/open-files.ts'
import type { SecretScanner } from './ports/secret-scanner.ts'
import type { StateChange, StateStore } from './ports/state-store.ts'
import type { Problems } from './problems.ts'
import type { Replacer } from './replace.ts'
import type { FileAction, SessionEvent } from './status.ts'
import type { TrustedPatterns } from './trusted-patterns.ts'

export interface EnginePorts {
  readonly fs: FileSystem
  readonly openFiles: OpenFiles
  readonly codec: Codec
  readonly merger: Merger
  readonly secrets: SecretScanner
  readonly clock: Clock
  readonly state: StateStore
  readonly log: Log
}

/** Counts of what has been carried out since the session began. */
export interface Tally {
  pushed: number
  pulled: number
  merged: number
  deletedLocal: number
  deletedRemote: number
  resolved: number
}

export interface Context {
  readonly ports: EnginePorts
  readonly rules: Rules
  /** Project-relative; '' for the project itself. */
  readonly contentRoot: string
  readonly device: string
  readonly channels: readonly ChannelState[]
  readonly problems: Problems
  readonly dirt: LocalDirt
  readonly out: Lookout
  readonly waits: Waits
  readonly replacer: Replacer
  readonly kept: KeptFiles
  readonly tally: Tally
  readonly mounts: Mounts
  readonly leftOut: LeftOut
  readonly trusted: TrustedPatterns
  readonly signal: AbortSignal
  readonly emit: (event: SessionEvent) => void
  /** Paths and folders where something is that cannot be synced: nothing there counts as deleted. */
  readonly unknown: { readonly paths: Set<string>; readonly folders: Map<string, Problem> }
  /** Matched files whose names cannot be paths of records, as they were last seen. */
  readonly unfitNames: Set<string>
  /** Whether the rules are still those of the files that they were read from (R15). */
  readonly areRulesCurrent: () => boolean
  /** Everything is being looked at: what that finds to have changed, nobody has told of. */
  looksAtAll: boolean
  /** The content root's identity in this cycle; null while it is missing (R8). */
  root: string | null
  /** The app is another one than it was, and nobody has said yet that this is meant (R4.11). */
  appChange: AppChange | null
  /** Temporary files that a full scan has met; null where they are none of this session's business. */
  leftovers: string[] | null
}

/** Nothing at all is done until the content root is back, or a person has decided. */
export function isHalted({ root, appChange }: Pick<Context, 'root' | 'appChange'>): boolean {
  return root === null || appChange !== null
}

export function channelOf(context: Context, channel: Channel): ChannelState | undefined {
  return context.channels.find(state => state.channel === channel)
}

/** Why nothing can be known of what lies at the path, where a folder above it cannot be entered. */
export function unknownFolderAbove(context: Context, path: string): Problem | null {
  for (const [folder, problem] of context.unknown.folders) if (isWithin(folder, path)) return problem
  return null
}

/** Whether what lies at the path is something that nothing is known of: neither an absence nor an agreement. */
export function isUnknown(context: Context, state: ChannelState, path: string): boolean {
  const isUnreadable = context.unknown.paths.has(path) || unknownFolderAbove(context, path) !== null
  return isUnreadable || state.isAway(path)
}

/** Records what a look has found, and marks the path pending where that is news. */
export function noteLook(context: Context, state: ChannelState, path: string, look: Look): void {
  if (context.looksAtAll && state.base.has(path)) state.unseen.add(path)
  if (look.kind === 'waiting') return context.dirt.markLater(path, look.until)
  if (look.kind === 'unknown') {
    context.unknown.paths.add(path)
    return context.problems.report(look.problem)
  }
  if (context.unknown.paths.delete(path)) {
    context.problems.clearTried(path)
    markChanged(state, path)
  }
  const before = state.local.get(path)
  const base = state.base.get(path)
  if (look.kind === 'absent') {
    const wasKnown = state.local.delete(path) || base !== undefined || state.remote.has(path)
    if (!wasKnown) return
    noteBothChannels(context, state, path)
    if (context.rules.expectsDelete(path) === null) state.quiet.local.note(context.ports.clock.now())
    markChanged(state, path)
    retryNameTwins(context)
    return
  }
  state.local.set(path, look.entry)
  noteBothChannels(context, state, path)
  if (look.again !== undefined) context.dirt.markAgain(path, look.again)
  if (look.since !== undefined) state.replacements.seenChanged(path, look.entry.digest, look.since)
  // A file that is back ends its hold, though it is what both sides had agreed on.
  const isNews = (before !== undefined && before.digest !== look.entry.digest) || state.holds.has(path)
  if (isNews || base === undefined || base.digest !== look.entry.digest) return markChanged(state, path)
  if (!isSame(base.fingerprint, provenFingerprint(look.entry))) state.pending.add(path)
}

function isSame(a: Fingerprint | null, b: Fingerprint | null): boolean {
  return a === null || b === null ? a === b : sameFingerprint(a, b)
}

/** A hint that the file may have changed, from whoever saw it change. */
export function noteHint({ dirt, channels }: Context, path: string): void {
  dirt.mark(path)
  for (const { unseen } of channels) unseen.delete(path)
}

/** What has gone may have been what stood in the way of a name that this file system takes for the same. */
function retryNameTwins({ channels }: Context): void {
  for (const state of channels)
    for (const [path, { problem }] of state.refused)
      if (problem.code === 'name-collision') markChanged(state, path)
}

/** A change makes a failed path worth another try at once. */
export function markChanged(state: ChannelState, path: string): void {
  state.pending.add(path)
  const retry = state.retries.get(path)
  if (retry !== undefined) state.retries.set(path, { ...retry, nextAt: 0 })
}

/** The path could not be brought into step now: it stays pending, and is tried again later (R13). */
export function failed(
  context: Context,
  state: ChannelState,
  problem: Problem & { path: string },
): StateChange[] {
  if (isRefusal(problem)) return refused(context, state, problem)
  const attempts = (state.retries.get(problem.path)?.attempts ?? 0) + 1
  const { clock } = context.ports
  const nextAt = clock.now() + backoffMs(attempts, clock.random())
  const { path, code, message } = problem
  const retry = { path, attempts, nextAt, code, message }
  state.retries.set(path, retry)
  context.problems.report({ ...problem, retryAt: nextAt })
  return [{ kind: 'retry-set', scope: state.scope, retry }]
}

/** Noted like a failure, for whoever asks how things stand; the next session tries again. */
function refused(context: Context, state: ChannelState, problem: Problem & { path: string }): StateChange[] {
  const { path, code, message } = problem
  const isTold = state.refused.get(path)?.problem.code === code
  state.pending.delete(path)
  const etag = state.remote.get(path)?.etag ?? null
  state.refused.set(path, { problem, etag, isOfRecord: false })
  if (!isTold) announce(context, state, path, 'skip', code)
  context.problems.report(problem)
  const known = state.retries.get(path)
  if (known?.code === code && known.message === message) return []
  const retry = { path, attempts: 1, nextAt: context.ports.clock.now(), code, message }
  state.retries.set(path, retry)
  return [{ kind: 'retry-set', scope: state.scope, retry }]
}

/** The path is in step: whatever was wrong with it is over. */
export function succeeded(context: Context, state: ChannelState, path: string): StateChange[] {
  state.pending.delete(path)
  state.refused.delete(path)
  context.problems.clearTried(path)
  noteBothChannels(context, state, path)
  return state.retries.delete(path) ? [{ kind: 'retry-delete', scope: state.scope, path }] : []
}

export function announce(
  context: Context,
  state: ChannelState,
  path: string,
  action: FileAction,
  reason: string,
): void {
  context.emit({ type: 'file', path, channel: state.channel, action, reason })
}
