/**
 * A running session as a person sees it: a line for what travels, one status line on a terminal for the
 * rest. In bulk (a first sync) single files are counted, not listed; conflicts and problems always are.
 */
import type { FileAction, SessionEvent, SessionState, Status } from '../engine/status.ts'
import type { Context } from './context.ts'
import type { Style } from './output.ts'
import { problemText } from './problem-lines.ts'
import { count, counted, printable, quoted, timeOf } from './text.ts'
import { reasonInWords } from './words.ts'

type FileEvent = Extract<SessionEvent, { type: 'file' }>
type ProblemEvent = Extract<SessionEvent, { type: 'problem' }>
type ProgressEvent = Extract<SessionEvent, { type: 'progress' }>

/** So many files are listed between two rests, then they are counted. */
const LISTED_FILES = 40
/** Without a terminal, long work is reported this often, in milliseconds. */
const PLAIN_PROGRESS_INTERVAL_MS = 5_000

const ACTIONS: Readonly<
  Record<FileAction, { readonly mark: string; readonly style: Style; readonly words: string }>
> = {
  push: { mark: '↑', style: 'cyan', words: 'sent' },
  pull: { mark: '↓', style: 'green', words: 'received' },
  merge: { mark: '⇅', style: 'green', words: 'merged' },
  'delete-local': { mark: '×', style: 'yellow', words: 'deleted here' },
  'delete-remote': { mark: '×', style: 'yellow', words: 'deleted in the database' },
  conflict: { mark: '!', style: 'red', words: 'conflict' },
  skip: { mark: '-', style: 'dim', words: 'skipped' },
  resolve: { mark: '✓', style: 'green', words: 'resolved' },
}

const STEPS: Readonly<Record<ProgressEvent['step'], string>> = {
  scan: 'reading the folder',
  heads: 'asking the database',
  compare: 'comparing',
  apply: 'syncing',
}

const PASSING: ReadonlySet<SessionState> = new Set(['starting', 'scanning', 'syncing'])

const STATES: Readonly<Record<SessionState, string>> = {
  starting: 'starting',
  scanning: 'looking at both sides',
  syncing: 'syncing',
  idle: 'in step',
  offline: 'offline',
  paused: 'paused',
  held: 'held until a person has looked',
  error: 'stopped by an error',
}

export function describeState({
  state,
  pending,
  conflicts,
}: Pick<Status, 'state' | 'pending' | 'conflicts'>): string {
  if (state !== 'idle') return STATES[state]
  if (pending > 0) return 'up, with files that are tried again'
  return conflicts > 0 ? `${STATES.idle}, but for ${counted(conflicts, 'conflict')}` : STATES.idle
}

export class SessionView {
  readonly #context: Context
  readonly #folder: string
  /** Whether a change of state is news: not for a command that ends by itself. */
  readonly #tellsStates: boolean
  #status: Status | null = null
  #progress: ProgressEvent | null = null
  #listed = 0
  /** They are told also where many other files travel. */
  #listedConflicts = 0
  #unlisted = 0
  #plainProgressAt: number
  #announced = ''
  #announcedHold = false
  #announcedConflict = false

  constructor(context: Context, folder: string, options: { readonly tellsStates: boolean }) {
    this.#context = context
    this.#folder = folder
    this.#tellsStates = options.tellsStates
    this.#plainProgressAt = context.now()
  }

  readonly show = (event: SessionEvent): void => {
    switch (event.type) {
      case 'ready':
        return
      case 'status':
        return this.#showStatus(event)
      case 'file':
        return this.#showFile(event)
      case 'problem':
        return this.#showProblem(event)
      case 'recovered':
        return this.#showRecovered(event.path)
      case 'progress':
        return this.#showProgress(event)
    }
  }

  /** Before the last words of a command. */
  end(): void {
    this.#tellUnlisted()
    this.#context.out.clearStatus()
  }

  #showStatus(status: Status): void {
    const changed = status.state !== this.#status?.state
    this.#status = status
    if (status.state !== 'syncing' && status.state !== 'scanning') this.#progress = null
    if (status.state === 'idle') this.#rest()
    if (changed) this.#announce(status)
    if (status.state === 'held' && !this.#announcedHold) this.#adviseOnHold()
    this.#announcedHold = status.state === 'held'
    this.#context.out.status(this.#statusLine())
  }

  #rest(): void {
    this.#tellUnlisted()
    this.#listed = 0
    this.#listedConflicts = 0
    this.#announcedConflict = false
  }

  /** Without a status line, coming to rest or to a stop is a line of its own; work in between is none. */
  #announce(status: Status): void {
    const { out } = this.#context
    if (!this.#tellsStates || out.json || out.hasStatusLine || PASSING.has(status.state)) return
    const text = describeState(status)
    if (text === this.#announced) return
    this.#announced = text
    out.note(text)
  }

  #adviseOnHold(): void {
    const { out } = this.#context
    out.warn(
      'Held until a person decides: what looks like a loss, would show private files to others, or holds what looks like a secret. None of that is carried out; all else goes on.',
    )
    out.warn(`  lockstep status ${quoted(this.#folder)} shows which, and what you can do.`)
  }

  #showFile(event: FileEvent): void {
    const { out } = this.#context
    const isConflict = event.action === 'conflict'
    const listed = isConflict ? this.#listedConflicts : this.#listed
    const isListed = out.verbose || listed < LISTED_FILES
    if (!isListed) this.#unlisted += 1
    else if (!out.quiet || isConflict) this.#listFile(event)
    if (isConflict && !this.#announcedConflict) this.#adviseOnConflict(event.path)
  }

  #listFile(event: FileEvent): void {
    const { out, now } = this.#context
    if (event.action === 'conflict') this.#listedConflicts += 1
    else this.#listed += 1
    const { mark, style, words } = ACTIONS[event.action]
    const time = out.style('dim', timeOf(now(), now()))
    const channel = event.channel === 'private' ? ', private' : ''
    const detail = out.style('dim', `${words}${channel}: ${reasonInWords(event.reason)}`)
    out.line(`${time} ${out.style(style, mark)} ${printable(event.path)}  ${detail}`)
  }

  /** Once for those that are found together. */
  #adviseOnConflict(path: string): void {
    const { out } = this.#context
    this.#announcedConflict = true
    out.warn(
      `  ${printable(path)} keeps what you have; the other version lies beside it in ${printable(path)}.conflict.`,
    )
    out.warn(
      `  lockstep conflicts ${quoted(this.#folder)}   shows both. Equal contents on both sides end it.`,
    )
  }

  #showProblem(problem: ProblemEvent): void {
    this.#context.out.warn(`problem: ${problemText(problem, this.#context.now())}`)
  }

  #showRecovered(path: string | undefined): void {
    if (this.#context.out.verbose)
      this.#context.out.note(`well again: ${path === undefined ? 'the folder' : printable(path)}`)
  }

  #showProgress(event: ProgressEvent): void {
    this.#progress = event
    const { out, now } = this.#context
    if (out.hasStatusLine) return out.status(this.#statusLine())
    if (now() - this.#plainProgressAt < PLAIN_PROGRESS_INTERVAL_MS) return
    this.#plainProgressAt = now()
    if (!out.json) out.note(progressText(event))
  }

  #statusLine(): string {
    const status = this.#status
    const parts = [
      this.#progress === null
        ? describeState(status ?? { state: 'starting', pending: 0, conflicts: 0 })
        : progressText(this.#progress),
    ]
    if (status !== null) {
      if (status.pending > 0 && this.#progress === null) parts.push(`${count(status.pending)} waiting`)
      const isTold = this.#progress === null && status.state === 'idle' && status.pending === 0
      if (status.conflicts > 0 && !isTold) parts.push(counted(status.conflicts, 'conflict'))
      if (status.problems > 0) parts.push(counted(status.problems, 'problem'))
      if (status.lastSyncedAt !== null)
        parts.push(`last in step ${timeOf(status.lastSyncedAt, this.#context.now())}`)
    }
    return parts.join(' · ')
  }

  #tellUnlisted(): void {
    if (this.#unlisted === 0) return
    const { out } = this.#context
    if (!out.json) out.note(`… and ${counted(this.#unlisted, 'more file')} (--verbose lists every one)`)
    this.#unlisted = 0
  }
}

function progressText({ step, done, total }: ProgressEvent): string {
  return `${STEPS[step]} ${count(done)}${total === null ? '' : ` of ${count(total)}`}`
}
