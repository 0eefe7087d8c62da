/** Why a file is, or is not, in step (R12): one state and one reason, from a session that has looked at both sides. */
import type { ChannelState } from './channel-state.ts'
import { channelOf, type Context, unknownFolderAbove } from './context.ts'
import { appChangeProblem } from './core/app-change.ts'
import type { ContentReason } from './core/guard.ts'
import type { Classification, Rules } from './core/rules.ts'
import { runnableBy } from './core/runnable-files.ts'
import { SECRET } from './hold-secrets.ts'
import type { Plan } from './plan.ts'
import { plannedActions } from './plan-report.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { Explanation, PlannedAction } from './report.ts'

/** Where the patterns are written, for a person who wants to change one. */
export interface ExplainOptions {
  /** Project-relative. */
  readonly configFile: string
}

type Rule = Explanation['rule']
type State = Pick<Explanation, 'state' | 'reason'>

export function explain(
  context: Context,
  plans: ReadonlyMap<ChannelState, Plan>,
  path: string,
  options: ExplainOptions,
): Explanation {
  const found = context.rules.classify(path)
  const nothing = { path, channel: null, lastSyncedVersion: null, waiting: null, lastError: null }
  const rule = deciding(found, options.configFile)
  if (found.kind !== 'synced') {
    const { state, reason } = notSynced(context.rules, found)
    return { ...nothing, state, reason: reason + alsoShared(context, path), rule }
  }
  const state = channelOf(context, found.channel)
  if (state === undefined)
    return { ...nothing, rule, state: 'off', reason: `The ${found.channel} channel is not in use.` }
  const planned = plannedActions(plans).find(
    action => action.path === path && action.channel === state.channel,
  )
  const retry = state.retries.get(path)
  return {
    path,
    channel: found.channel,
    rule,
    ...withNotes(context, state, path, stateOf(context, state, path, planned)),
    lastSyncedVersion: state.base.get(path)?.version ?? null,
    waiting: planned === undefined ? null : `${planned.action} (${planned.reason})`,
    lastError:
      retry === undefined
        ? null
        : { code: retry.code, message: retry.message, attempts: retry.attempts, nextAt: retry.nextAt },
  }
}

function withNotes(context: Context, channel: ChannelState, path: string, { state, reason }: State): State {
  const bytes = isBytes(context, channel, path)
    ? ' It is not UTF-8 text: the database holds it encoded, and it is never merged.'
    : ''
  const notes = expectedDelete(context, path) + alsoShared(context, path) + serverRecord(channel, path)
  return { state, reason: reason + bytes + notes }
}

/** The same file, as a server of another kind keeps it. */
function serverRecord({ refused }: ChannelState, path: string): string {
  for (const { problem } of refused.values())
    if (problem.code === 'server-record' && problem.path?.endsWith(`:${path}`) === true)
      return ` ${problem.message}`
  return ''
}

function expectedDelete({ rules }: Context, path: string): string {
  const expected = rules.expectsDelete(path)
  if (expected === null) return ''
  return ` Its delete is expected: the pattern ${expected.pattern} of expectDeletes, line ${expected.line}, says that such files come and go.`
}

function isBytes({ ports: { fs, codec } }: Context, { local }: ChannelState, path: string): boolean {
  if (!local.has(path)) return false
  try {
    return codec.decodeUtf8(fs.read(path)) === null
  } catch (error) {
    // Gone or shut off since the look at it; that is told by its state.
    if (error instanceof FileSystemError) return false
    throw error
  }
}

/** What was shared once stays so until somebody deletes the record: narrower patterns delete nothing (R15). */
function alsoShared(context: Context, path: string): string {
  if (channelOf(context, 'shared')?.unmatched.has(path) !== true) return ''
  return ' The shared channel of the database still holds a version from before; other devices may have it.'
}

function deciding(found: Classification, file: string): Rule {
  switch (found.kind) {
    case 'denied': {
      const { pattern, category, reason } = found.entry
      return { kind: 'denylist', pattern, category, reason }
    }
    case 'synced':
      return { kind: 'pattern', list: found.list, ...found.pattern, file }
    case 'private-without-user':
      return { kind: 'pattern', list: 'privateSyncFilePatterns', ...found.pattern, file }
    case 'unmatched':
      return found.excludedBy === null
        ? null
        : { kind: 'pattern', list: 'syncFilePatterns', ...found.excludedBy, file }
    case 'unsafe':
      return null
  }
}

function notSynced(rules: Rules, found: Exclude<Classification, { kind: 'synced' }>): State {
  switch (found.kind) {
    case 'denied':
      return { state: 'denied', reason: `It never syncs: ${found.entry.reason}` }
    case 'private-without-user':
      return {
        state: 'private-without-user',
        reason: 'It matches a private pattern, and FILE_SYNC_USER_ID is not set.',
      }
    case 'unsafe':
      return { state: 'refused', reason: found.reason }
    case 'unmatched':
      if (found.excludedBy !== null)
        return { state: 'excluded', reason: `The pattern ${found.excludedBy.pattern} excludes it.` }
      return {
        state: 'unmatched',
        reason: `No pattern matches it. Patterns begin in: ${rules.scanBases.join(', ') || 'none'}.`,
      }
  }
}

function stateOf(
  context: Context,
  state: ChannelState,
  path: string,
  planned: PlannedAction | undefined,
): State {
  const problem =
    context.problems.of(path)[0] ?? state.refused.get(path)?.problem ?? unknownFolderAbove(context, path)
  if (problem?.code === SECRET) return { state: 'held', reason: problem.message }
  if (problem !== undefined && problem !== null) return { state: 'problem', reason: problem.message }
  if (context.root === null)
    return { state: 'held', reason: 'The content root is missing, so nothing is done.' }
  if (context.appChange !== null)
    return { state: 'held', reason: appChangeProblem(context.appChange).message }
  if (state.connection !== null) return { state: 'offline', reason: state.connection.problem.message }
  const hold = state.holds.get(path)
  if (hold?.kind === 'gone')
    return {
      state: 'held',
      reason: `It was deleted before others like it were held (${hold.reason}); restoring them brings it back.`,
    }
  if (hold !== undefined || planned?.action === 'hold') {
    const why = hold?.reason ?? planned?.reason ?? ''
    const waiting = WAITING[why]
    if (waiting !== undefined) return { state: 'held', reason: waiting(path) }
    if (why === 'private-elsewhere')
      return {
        state: 'held',
        reason: `It is a private file of another user, or was private until the patterns changed. It is held (${why}) until a person approves that it is sent, or sets the user or the patterns back.`,
      }
    return {
      state: 'held',
      reason: `${hold?.kind === 'change' ? 'A change of it' : 'Its delete'} is held (${why}) until a person approves it or restores the file.`,
    }
  }
  if (state.conflicts.has(path) || planned?.action === 'conflict') {
    return {
      state: 'conflict',
      reason: `Both sides have changed it differently; the other version is beside it in ${path}.conflict.`,
    }
  }
  if (planned !== undefined)
    return { state: 'pending', reason: `The next sync will ${planned.action} it (${planned.reason}).` }
  if (context.dirt.isWaiting(path)) return { state: 'settling', reason: 'It is being written right now.' }
  if (state.local.has(path)) return { state: 'in-step', reason: 'Both sides hold the same content.' }
  return { state: 'absent', reason: 'It would sync, and neither side has it.' }
}

/** Of contents that wait for their own sake (R10.6). */
const WAITING: Readonly<Record<string, (path: string) => string>> = {
  'may-run-code': (path: string) => {
    const { category, reason } = runnableBy(path)!
    return `What the database holds waits for a person, because programs run such a file by themselves (${category}). ${reason}`
  },
  [SECRET]: () =>
    'It is not sent, for it holds what looks like a secret. Allow it (lockstep approve), or exclude the file (lockstep exclude).',
} satisfies Record<ContentReason, unknown>
