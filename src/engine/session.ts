/**
 * Keeps one folder in step while it runs: waits for dirt, runs a cycle, says how things stand.
 *
 * Watchers and feeds only mark paths dirty; scans and heads know (R4). All looks happen anew at the start,
 * when the watcher or the feed may have missed something, and every RESCAN_MS.
 */
import { ChannelState, type ChannelSetup } from './channel-state.ts'
import { type Context, type EnginePorts, isHalted, noteHint } from './context.ts'
import { hasCome } from './core/backoff.ts'
import { isRefusal, type Problem } from './core/problem.ts'
import { leavingOut, type Rules } from './core/rules.ts'
import { join } from './core/tree.ts'
import { cycle, preview } from './cycle.ts'
import type { Plan } from './plan.ts'
import { FileClocks } from './file-clocks.ts'
import { Flusher } from './flush.ts'
import { followLocal, followRemote } from './follow.ts'
import { KeptFiles } from './kept-files.ts'
import { CONFIG_NAME, LeftOut } from './left-out.ts'
import { LocalDirt } from './local-dirt.ts'
import { Waits } from './look.ts'
import type { RetryRecord } from './ports/state-store.ts'
import type { Watcher } from './ports/watcher.ts'
import { Mounts } from './mounts.ts'
import { Problems } from './problems.ts'
import { RecentContents } from './recent-contents.ts'
import { KEPT_MS, Replacer } from './replace.ts'
import { isSameRoot, rootIdentity } from './root.ts'
import { isAnythingDue, isFirstLook, isInStep, isSettling, isWorkLeft, nextAt } from './schedule.ts'
import { StatusBoard } from './status-board.ts'
import type { SessionEvent, Status, SyncSummary } from './status.ts'
import { TrustedPatterns } from './trusted-patterns.ts'
import { noteUnreadableName } from './unfit-names.ts'
import { Wake } from './wake.ts'

/** Everything is looked at again after this time, in milliseconds. */
const RESCAN_MS = 5 * 60_000
/** How often the root and a person's decisions are looked for, in milliseconds. */
const HEARTBEAT_MS = 500
/** A heart that was silent for this long means that the machine slept, in milliseconds. */
const ASLEEP_MS = 30_000
/** With outdated rules nothing is done; they are asked about again after this time, in milliseconds. */
const OUTDATED_MS = 50
/** How long after a write the system may tell of it, in milliseconds. */
const LAST_EVENTS_MS = 60
/** After a stop, work that was seen before goes on for up to this time, in milliseconds. */
const FLUSH_MS = 2_000

export interface SessionOptions {
  readonly ports: EnginePorts
  readonly rules: Rules
  readonly contentRoot: string
  readonly device: string
  readonly maxFileBytes: number
  /** Project-relative; `sync-config.json` in the content root where it is absent. */
  readonly configFile?: string
  /** Folders below the project that are known to be other projects, or their content. */
  readonly otherProjects?: readonly string[]
  readonly channels: readonly ChannelSetup[]
  readonly signal: AbortSignal
  readonly onEvent: (event: SessionEvent) => void
  /** Only for `preview`: leftovers of a crash stay where they are. The state store must not write either. */
  readonly isPreview?: boolean
  /**
   * Whether the rules are still those of the configuration files. Where they are not, nothing is pushed until
   * another session has the new ones: a file may have just become private (R15).
   */
  readonly areRulesCurrent?: () => boolean
  /** Whether a stop of `watch` still takes in what was written up to that moment; it takes a little longer then. */
  readonly listensAtEnd?: boolean
}

/** The configuration has changed while a sync ran that was to end by itself. What it has done so far stands. */
export class ConfigurationChangedError extends Error {
  override readonly name = 'ConfigurationChangedError'
}

export class Session {
  readonly #context: Context
  readonly #board: StatusBoard
  readonly #wake: Wake
  readonly #stop: AbortSignal
  readonly #listensAtEnd: boolean
  readonly #flusher: Flusher
  readonly #ended = new AbortController()
  /** How long work goes on after the stop. */
  #flushMs = 0
  #foreignCommits: number
  #mayHaveDecisions = false
  #rescanAt: number
  #lastBeatAt: number

  constructor(options: SessionOptions) {
    const { contentRoot, device, maxFileBytes, onEvent } = options
    this.#flusher = new Flusher(options.ports)
    const ports = { ...options.ports, state: this.#flusher.state }
    const { fs, codec, clock, state } = ports
    const abort = new AbortController()
    const configFile = options.configFile ?? join(contentRoot, CONFIG_NAME)
    const leftOut = new LeftOut(fs, { contentRoot, configFile }, options.otherProjects ?? [])
    const rules = leavingOut(options.rules, leftOut)
    const mounts = new Mounts(fs, state.loadMounts())
    const clocks = new FileClocks()
    const lasting = new Set([contentRoot, ...rules.scanBases])
    const replacer = new Replacer({ fs, clock, codec, clocks }, lasting)
    this.#context = {
      ports,
      rules,
      contentRoot,
      device,
      channels: options.channels.map(setup => new ChannelState(setup, state, rules, mounts)),
      mounts,
      leftOut,
      trusted: new TrustedPatterns(state),
      problems: new Problems(onEvent),
      dirt: new LocalDirt(),
      out: { fs, codec, clock, clocks, maxFileBytes, recent: new RecentContents() },
      waits: new Waits(),
      replacer,
      kept: new KeptFiles(ports, replacer, device),
      tally: { pushed: 0, pulled: 0, merged: 0, deletedLocal: 0, deletedRemote: 0, resolved: 0 },
      signal: abort.signal,
      emit: event => this.#board.note(event),
      unknown: { paths: new Set(), folders: new Map() },
      unfitNames: new Set(),
      areRulesCurrent: options.areRulesCurrent ?? (() => true),
      looksAtAll: false,
      root: null,
      appChange: null,
      leftovers: options.isPreview === true ? null : [],
    }
    this.#board = new StatusBoard(this.#context, onEvent)
    this.#wake = new Wake(clock, abort.signal)
    this.#stop = options.signal
    this.#listensAtEnd = options.listensAtEnd ?? false
    this.#abortAfterStop(abort)
    this.#foreignCommits = state.foreignCommits()
    this.#rescanAt = clock.now() + RESCAN_MS
    this.#lastBeatAt = clock.now()
  }

  #abortAfterStop(abort: AbortController): void {
    const { clock } = this.#context.ports
    this.#stop.addEventListener('abort', () => {
      this.#wake.up()
      if (this.#flushMs === 0) abort.abort()
      else void clock.sleep(this.#flushMs, this.#ended.signal).then(() => abort.abort())
    })
    if (this.#stop.aborted) abort.abort()
  }

  /** Runs until the signal is aborted, and then for up to FLUSH_MS to carry out what was seen before. */
  async watch(watcher: Watcher): Promise<void> {
    const context = this.#context
    const wake = (): void => this.#wake.up()
    const closings: (() => void)[] = []
    let isSound = false
    let mountChanges = context.mounts.changes
    this.#flushMs = FLUSH_MS
    try {
      this.#board.say('starting')
      for (const state of context.channels) closings.push(followRemote(context, state, wake))
      void followLocal(context, watcher, wake)
      this.#flusher.add(context.channels.flatMap(({ scope }) => context.ports.state.unflushed(scope)))
      await this.cycle()
      while (!this.#stop.aborted) {
        this.#flusher.start()
        this.#board.sayReady()
        this.#board.sayRest()
        await this.#board.saveIfNew()
        if (context.mounts.changes !== mountChanges) void followLocal(context, watcher, wake)
        mountChanges = context.mounts.changes
        await this.#nextCycle()
      }
      // What was written just before the end is told a moment later.
      if (this.#listensAtEnd) await this.#context.ports.clock.sleep(LAST_EVENTS_MS)
      await this.#workOff()
      isSound = true
    } catch (error) {
      isSound = context.signal.aborted
      if (!isSound) throw error
    } finally {
      for (const close of closings) close()
      await watcher.close()
      await this.#end(isSound)
    }
  }

  /** Runs cycles until both sides are in step, or only a person, time or a retry can bring them there. */
  async settle(): Promise<void> {
    let isSound = false
    try {
      this.#board.say('starting')
      // Whoever asks for a sync does not want to wait for the next try.
      const now = this.#context.ports.clock.now()
      for (const { retries } of this.#context.channels) {
        for (const [path, retry] of retries) retries.set(path, { ...retry, nextAt: now })
      }
      this.#flusher.add(
        this.#context.channels.flatMap(({ scope }) => this.#context.ports.state.unflushed(scope)),
      )
      await this.cycle()
      while (isWorkLeft(this.#context)) {
        if (!this.#context.areRulesCurrent()) throw new ConfigurationChangedError()
        await this.#nextCycle()
      }
      isSound = true
    } catch (error) {
      isSound = this.#context.signal.aborted || error instanceof ConfigurationChangedError
      throw error
    } finally {
      await this.#end(isSound)
    }
  }

  async #workOff(): Promise<void> {
    const { areRulesCurrent } = this.#context
    while (isWorkLeft(this.#context) && areRulesCurrent()) await this.#nextCycle()
  }

  async #nextCycle(): Promise<void> {
    const { areRulesCurrent, ports, signal } = this.#context
    if (!areRulesCurrent()) return ports.clock.sleep(OUTDATED_MS, signal)
    await this.#wake.wait(this.#nextAt())
    this.#beat()
    if (this.isDue()) await this.cycle()
  }

  /** What a session that has failed leaves behind, the next one finds. */
  async #end(isSound: boolean): Promise<void> {
    try {
      if (isSound) await this.#lastWords()
    } finally {
      await this.#flusher.finish()
      this.#ended.abort()
    }
  }

  /** Whatever was replaced a moment ago gets its last look, so that no temporary file stays behind. */
  async #lastWords(): Promise<void> {
    const { kept, ports } = this.#context
    // What the file system does not let go by then is cleared at the next start.
    const last = ports.clock.now() + 2 * KEPT_MS
    for (let at = kept.workAt(); at !== null && at <= last; at = kept.workAt()) {
      await ports.clock.sleep(at - ports.clock.now())
      await kept.release()
    }
    await kept.lookAtOpen()
    this.#board.sayRest()
    await this.#board.save()
  }

  /** One pass, whatever is due. */
  async cycle(): Promise<void> {
    if (isFirstLook(this.#context)) this.#board.say('scanning')
    await cycle(this.#context)
    if (isInStep(this.#context)) this.#board.inStep()
  }

  /** What a cycle would do, with nothing done. */
  async preview(): Promise<Map<ChannelState, Plan>> {
    const plans = await preview(this.#context)
    while (isSettling(this.#context) && !this.#context.signal.aborted) {
      await this.#wake.wait(this.#nextAt())
      for (const [state, plan] of await preview(this.#context)) plans.set(state, plan)
    }
    return plans
  }

  /** A file in `folder` whose name is not UTF-8; `name` has a stand-in where it is not. */
  noteUnreadableName(folder: string, name: string): void {
    noteUnreadableName(this.#context, join(folder, name))
  }

  get context(): Context {
    return this.#context
  }

  get status(): Status {
    return this.#board.status
  }

  get summary(): SyncSummary {
    return this.#board.summary
  }

  /** How things stand by a preview: what it found to agree, or to wait for a person, is not pending. */
  statusAfter(plans: ReadonlyMap<ChannelState, Plan>): Status {
    for (const [state, plan] of plans) {
      for (const path of plan.settle) state.pending.delete(path)
      for (const { path } of [...plan.conflicts, ...plan.holds]) state.pending.delete(path)
      for (const retry of state.retries.values()) if (isRefusal(retry)) state.pending.delete(retry.path)
    }
    return this.#board.as(this.#board.restingState())
  }

  /** What a preview has found to be wrong, and what has failed before and is still to be done (R12). */
  problemsAfter(plans: ReadonlyMap<ChannelState, Plan>): Problem[] {
    const { channels, ports } = this.#context
    const waiting = channels.flatMap(channel => {
      const settled = new Set(plans.get(channel)?.settle)
      const isLeft = ({ path }: RetryRecord): boolean => channel.pending.has(path) && !settled.has(path)
      // As they are stored: what this look has seen changed is no news to an engine that runs.
      return ports.state.loadRetries(channel.scope).filter(isLeft)
    })
    const failures = waiting.map(({ path, code, message, nextAt }) => ({
      code,
      message,
      path,
      retryAt: nextAt,
    }))
    const known = new Set(failures.map(keyOf))
    return [...failures, ...this.#context.problems.list().filter(problem => !known.has(keyOf(problem)))]
  }

  /** A hint that files may have changed. */
  markDirty(paths: readonly string[]): void {
    for (const path of paths) noteHint(this.#context, path)
    this.#wake.up()
  }

  /** Both sides may have changed in ways nobody reported. */
  markEverything(): void {
    this.#context.dirt.markEverything()
    for (const state of this.#context.channels) state.dirtyRemote = 'everything'
    this.#wake.up()
  }

  /** What nobody tells of: a decision made by the command line, a machine that slept, the time for a rescan. */
  #beat(): void {
    const { clock, state } = this.#context.ports
    const commits = state.foreignCommits()
    if (commits !== this.#foreignCommits) this.#mayHaveDecisions = true
    this.#foreignCommits = commits
    const now = clock.now()
    // A machine that slept has missed events, and lost its connections without being told.
    const hasSlept = now - this.#lastBeatAt > ASLEEP_MS
    this.#lastBeatAt = now
    if (!hasSlept && !hasCome(this.#rescanAt, now, RESCAN_MS)) return
    this.#rescanAt = now + RESCAN_MS
    this.markEverything()
  }

  /** Whether a cycle has anything to do now. */
  isDue(): boolean {
    const { dirt, ports, root, contentRoot } = this.#context
    if (this.#mayHaveDecisions) {
      this.#mayHaveDecisions = false
      return true
    }
    const isMountNews = root !== null && this.#context.mounts.look()
    if (isMountNews || !isSameRoot(rootIdentity(ports.fs, contentRoot), root)) {
      dirt.markEverything()
      return true
    }
    return !isHalted(this.#context) && isAnythingDue(this.#context, ports.clock.now())
  }

  #nextAt(): number {
    const heartbeat = this.#context.ports.clock.now() + HEARTBEAT_MS
    const at = isHalted(this.#context) ? null : nextAt(this.#context)
    return at === null ? heartbeat : Math.min(at, heartbeat)
  }
}

function keyOf({ code, path }: Problem): string {
  return `${code} ${path ?? ''}`
}
