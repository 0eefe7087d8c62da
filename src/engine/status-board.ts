/** What a session says of itself: to whoever listens, at every change, and to the state store, now and then. */
import type { ChannelState } from './channel-state.ts'
import { type Context, isHalted } from './context.ts'
import { isFolderHeld } from './core/guard.ts'
import { isFirstLook, isOnlyRetrying, pendingCount } from './schedule.ts'
import type { SessionEvent, SessionState, Status, SyncSummary } from './status.ts'

/** The status is written down at most this often, in milliseconds. */
const SAVE_STATUS_MS = 1_000

export class StatusBoard {
  readonly #context: Context
  readonly #onEvent: (event: SessionEvent) => void
  #status: Status | null = null
  #isReady = false
  #lastSyncedAt: number | null
  #saved = { figures: '', at: 0 }

  constructor(context: Context, onEvent: (event: SessionEvent) => void) {
    this.#context = context
    this.#onEvent = onEvent
    this.#lastSyncedAt = context.ports.state.loadStatus()?.lastSyncedAt ?? null
  }

  get status(): Status {
    return this.#status ?? this.as('starting')
  }

  get summary(): SyncSummary {
    const { tally, channels, problems } = this.#context
    const { resolved, ...travelled } = tally
    const waiting = channels.reduce((sum, state) => sum + waitingIn(state), 0)
    return {
      ...travelled,
      ...(resolved === 0 ? {} : { resolved }),
      ...(waiting === 0 ? {} : { waiting }),
      conflicts: channels.reduce((sum, state) => sum + state.conflicts.size, 0),
      skipped: channels.reduce((sum, state) => sum + state.refused.size + state.holds.size, 0),
      problems: problems.size,
    }
  }

  inStep(): void {
    this.#lastSyncedAt = this.#context.ports.clock.now()
  }

  say(state: SessionState): void {
    const status = this.as(state)
    const known = this.#status
    this.#status = status
    const isSame =
      known !== null &&
      known.state === status.state &&
      known.pending === status.pending &&
      known.conflicts === status.conflicts &&
      known.problems === status.problems
    if (!isSame) this.#onEvent({ type: 'status', ...status })
  }

  sayRest(): void {
    this.say(this.restingState())
  }

  /** Once, when both sides have been looked at. */
  sayReady(): void {
    if (this.#isReady || isHalted(this.#context) || isFirstLook(this.#context)) return
    this.#isReady = true
    this.#onEvent({ type: 'ready' })
  }

  /** Looking around is not yet syncing; carrying something out is. Bulk work is counted batch by batch. */
  note(event: SessionEvent): void {
    const isFirst = event.type === 'file' && this.#status?.state !== 'syncing'
    const isBatch = event.type === 'progress' && event.step === 'apply'
    if (isFirst || isBatch) this.say('syncing')
    this.#onEvent(event)
  }

  restingState(): SessionState {
    const { channels } = this.#context
    if (isHalted(this.#context) || channels.some(isHeld)) return 'held'
    const connection = channels.find(state => state.connection !== null)?.connection
    if (connection) return connection.isLasting ? 'error' : 'offline'
    return isOnlyRetrying(this.#context) ? 'idle' : 'syncing'
  }

  as(state: SessionState): Status {
    const { conflicts, problems } = this.summary
    return {
      state,
      pending: pendingCount(this.#context),
      conflicts,
      problems,
      lastSyncedAt: this.#lastSyncedAt,
    }
  }

  /** Not more than once a second, and only if something is different (R3). */
  async saveIfNew(): Promise<void> {
    const { state, pending, conflicts, problems } = this.status
    const { pushed, pulled, merged, deletedLocal, deletedRemote } = this.#context.tally
    const done = pushed + pulled + merged + deletedLocal + deletedRemote
    const figures = [state, pending, conflicts, problems, done].join(' ')
    const now = this.#context.ports.clock.now()
    if (figures === this.#saved.figures || Math.abs(now - this.#saved.at) < SAVE_STATUS_MS) return
    this.#saved = { figures, at: now }
    await this.save()
  }

  async save(): Promise<void> {
    const { state, clock } = this.#context.ports
    await state.commit([{ kind: 'status-set', status: { ...this.status, at: clock.now() } }])
  }
}

function isHeld({ holds }: ChannelState): boolean {
  return [...holds.values()].some(({ reason }) => isFolderHeld(reason))
}

function waitingIn({ holds }: ChannelState): number {
  let count = 0
  for (const { reason } of holds.values()) if (!isFolderHeld(reason)) count += 1
  return count
}
