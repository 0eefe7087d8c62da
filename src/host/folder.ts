/**
 * One project folder, with everything that can be asked of it and done to it.
 *
 * Opening takes no lock and no connection. What changes files or records takes the engine lock (R14) for as
 * long as it runs; what only looks may run beside an engine.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { conflictDetail, conflictReports } from '../engine/conflict-report.ts'
import { type AppChange, appChangeOf, appChangeProblem } from '../engine/core/app-change.ts'
import type { ChannelState } from '../engine/channel-state.ts'
import type { Channel } from '../engine/core/entry.ts'
import type { UnusedPattern } from '../engine/core/pattern-use.ts'
import { privateElsewhereProblem } from '../engine/core/private-elsewhere.ts'
import { waitingContentsProblem } from '../engine/core/waiting-contents.ts'
import { syncsIn } from '../engine/core/rules.ts'
import { namedByAny, nameFault } from '../engine/core/named-paths.ts'
import { isFailure, type Problem } from '../engine/core/problem.ts'
import { decidedDigest } from '../engine/hold-back.ts'
import { explain } from '../engine/explain.ts'
import { plannedActions } from '../engine/plan-report.ts'
import type { Log } from '../engine/ports/log.ts'
import type { ConflictRecord, HoldRecord, ScopeId } from '../engine/ports/state-store.ts'
import type {
  AdoptReport,
  ConflictDetail,
  ConflictReport,
  DecisionOutcome,
  ExcludeReport,
  Explanation,
  ForgetReport,
  HistoryReport,
  HoldReport,
  PlanReport,
  ResolveAllOutcome,
  ResolveOutcome,
  RulesPlanReport,
  StatusReport,
  TrustReport,
  WaitingFile,
  WaitingReport,
} from '../engine/report.ts'
import { rootIdentity, rootMissingProblem } from '../engine/root.ts'
import { ConfigurationChangedError, type Session } from '../engine/session.ts'
import type { SessionEvent, Status, SyncSummary } from '../engine/status.ts'
import { engineHolder, engineProblems } from '../platform/engine-lock.ts'
import { lockstepHome } from '../platform/home.ts'
import { mergeThread } from '../platform/merge-thread.ts'
import { nodeCodec } from '../platform/node-codec.ts'
import { openFileSystem } from '../platform/node-file-system.ts'
import { openProjectAdapter } from './open-adapter.ts'
import { openStateStore, type OpenedStateStore } from '../platform/state/store.ts'
import { nodeClock } from '../platform/node-clock.ts'
import { adoptRecords } from './adopt-records.ts'
import { EngineSeat } from './engine-seat.ts'
import { excludeFiles } from './exclude-files.ts'
import { ConfigurationError, DecisionError } from './errors.ts'
import { forgetVersions, historyReports, restoreVersion } from './folder-history.ts'
import { keepEngine } from './keep-engine.ts'
import { locateProject, realFolder } from './locate-project.ts'
import {
  deviceName,
  emptyAdapter,
  type OpenSession,
  openSession,
  scopesOf,
  withSignedInUser,
} from './open-session.ts'
import { assembleProject, loadProject, missingConfig, type Project, projectFingerprint } from './project.ts'
import { unusedPatterns } from './pattern-use.ts'
import { pruneHistory } from './prune-history.ts'
import { projectWithMissingRoot, rememberProject } from './remembered-project.ts'
import { stateFolderOf } from './moved-project.ts'
import {
  fileResolution,
  type ResolveAllRequest,
  ResolveError,
  type ResolveRequest,
} from './resolve-conflict.ts'
import { rulesChanges } from './rules-change.ts'
import { stateFailure } from './state-failure.ts'
import { requireStateHome } from './state-home.ts'
import { engineOff, switchedOffProblem, whileOff } from './switched-off.ts'
import { changeTrust, type TrustChange, waitingFiles, withContents } from './waiting-contents.ts'

export interface FolderOptions {
  readonly folder: string
  /** The real environment: its variables win over the project's .env; LOCKSTEP_HOME counts here alone. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Says who holds the folder, to whoever finds it held. */
  readonly command: string
  readonly log: Log
}

type OnEvent = (event: SessionEvent) => void

/** How long a running engine is given to carry out a decision, in milliseconds. */
const DECISION_PATIENCE_MS = 15_000
const DECISION_POLL_MS = 100

export interface SyncOutcome extends SyncSummary {
  readonly status: Status
  readonly problemList: readonly Problem[]
}

export interface DecisionRequest {
  readonly decision: 'approve' | 'restore'
  /** Paths, folders and globs, relative to the project; null for all that is held but what waits for its content. */
  readonly names: readonly string[] | null
  /** Only where this is the content that waits. */
  readonly digest?: string
}

export class Folder {
  readonly project: Project
  readonly #options: FolderOptions
  /** Of the files that the project was read from, taken before. */
  readonly #fingerprint: string
  readonly #home: string
  #opened: OpenedStateStore | null = null

  private constructor(
    options: FolderOptions,
    { project, fingerprint }: { readonly project: Project; readonly fingerprint: string },
  ) {
    this.#options = options
    this.project = project
    this.#fingerprint = fingerprint
    this.#home = stateFolderOf(lockstepHome(options.env), project.folder)
  }

  /** Throws ConfigurationError. */
  static async open(options: FolderOptions): Promise<Folder> {
    requireStateHome(options.env)
    const folder = realFolder(options.folder)
    const fingerprint = projectFingerprint(options.folder)
    return new Folder(options, { project: loadOrRemember(options, folder), fingerprint })
  }

  /** Opened when it is first needed, and anew where it was exchanged. Throws StateStoreError where it belongs to a newer version. */
  get #state(): OpenedStateStore {
    if (this.#opened?.isInPlace() === true) return this.#opened
    this.#opened?.close()
    this.#opened = openStateStore(join(this.#home, 'state.db'))
    const { notice } = this.#opened
    if (notice !== null) this.#options.log.error(notice.message, { error: notice.code })
    return this.#opened
  }

  /** Why nothing syncs here; null where sync is on. */
  get switchedOff(): Problem | null {
    return switchedOffProblem(this.project, this.#options.env)
  }

  /** Runs until the signal is aborted; edits of the configuration take effect live. Throws FolderHeldError. */
  async watch(signal: AbortSignal, onEvent: OnEvent): Promise<void> {
    const { env, log, folder } = this.#options
    const home = lockstepHome(env)
    const first = this.project
    await this.#seated(seat =>
      keepEngine({ folder, env, log, home, first, seat, signal, onEvent, refuses: true, listensAtEnd: true }),
    )
  }

  async sync(signal: AbortSignal, onEvent: OnEvent): Promise<SyncOutcome> {
    return this.#seated(async seat => {
      await seat.take(this.project.folder)
      return this.#withSession(signal, onEvent, false, async ({ session }) => {
        if (this.switchedOff !== null)
          return { ...session.summary, problemList: [], status: { ...session.status, state: 'paused' } }
        await settle(session)
        signal.throwIfAborted()
        rememberProject(this.#home, this.project)
        await pruneHistory(this.#state, this.#options.log)
        return { ...session.summary, problemList: session.context.problems.list(), status: session.status }
      })
    })
  }

  async plan(signal: AbortSignal): Promise<PlanReport> {
    const off = this.switchedOff
    if (off !== null) return { actions: [], problems: [off], unusedPatterns: [] }
    return this.#withSession(
      signal,
      () => {},
      true,
      async ({ session }) => {
        const actions = plannedActions(await session.preview())
        const problems = session.context.problems.list()
        return { actions, problems, unusedPatterns: await unusedIn(this.project, session) }
      },
    )
  }

  /** What a sync would do with another sync-config.json. Throws ConfigurationError where that one is broken. */
  async planWith(configText: string, signal: AbortSignal): Promise<RulesPlanReport> {
    const { env, folder } = this.#options
    const location = locateProject(folder)
    if (location === null) throw missingConfig(folder)
    const next = assembleProject(location, configText, env)
    const look = <Result>(project: Project, work: (session: Session) => Promise<Result>): Promise<Result> =>
      this.#withSession(
        signal,
        () => {},
        true,
        ({ session }) => work(session),
        project,
      )
    return look(this.project, async before => {
      await before.preview()
      return look(next, async after => {
        const actions = plannedActions(await after.preview())
        const problems = after.context.problems.list()
        const changes = rulesChanges(before, after)
        const off = this.switchedOff
        if (off !== null) return { actions: [], problems: [off], changes, unusedPatterns: [] }
        return { actions, problems, changes, unusedPatterns: await unusedIn(next, after) }
      })
    })
  }

  async status(signal: AbortSignal): Promise<StatusReport> {
    try {
      return await this.#statusNow(signal)
    } catch (error) {
      const message = stateFailure(error, this.#options.env)
      if (message === null) throw error
      return this.#statusWithoutState({ code: 'state-failed', message })
    }
  }

  /** A full disk may not even let the state be opened; what the engine says of it can be read all the same. */
  #statusWithoutState(problem: Problem): StatusReport {
    const problemList = joined([problem], engineProblems(this.#home))
    return {
      ...this.#place(),
      state: 'error',
      pending: 0,
      conflicts: 0,
      problems: problemList.length,
      lastSyncedAt: null,
      engine: engineHolder(this.#home),
      holds: [],
      problemList,
    }
  }

  #place(): Pick<StatusReport, 'folder' | 'backend' | 'database' | 'appId'> {
    const { folder, database, appId } = this.project
    return { folder, backend: database.backend, database: database.description, appId }
  }

  async #statusNow(signal: AbortSignal): Promise<StatusReport> {
    const place = this.#place()
    const off = this.switchedOff ?? this.#engineSwitchedOff()
    if (off !== null) return { ...place, ...this.#statusWhileOff(), problemList: [off] }
    return this.#withSession(
      signal,
      () => {},
      true,
      async ({ session }) => {
        const plans = await session.preview()
        const conflicts = plannedActions(plans).filter(action => action.action === 'conflict').length
        const problemList = joined(session.problemsAfter(plans), engineProblems(this.#home))
        return {
          ...session.statusAfter(plans),
          conflicts,
          problems: problemList.length,
          ...place,
          engine: engineHolder(this.#home),
          holds: this.#holds(session.context.channels),
          problemList,
        }
      },
    )
  }

  /** The engine that runs here may have another environment than whoever asks. */
  #engineSwitchedOff(): Problem | null {
    const engine = engineHolder(this.#home)
    return engine !== null && this.#state.loadStatus()?.state === 'paused' ? engineOff(engine) : null
  }

  /** As it was when sync was switched off; neither side is looked at. */
  #statusWhileOff() {
    const state = this.#state
    const scopes = scopesOf(this.project, state)
    return {
      state: 'paused' as const,
      pending: 0,
      conflicts: scopes.reduce((sum, { scope }) => sum + state.loadConflicts(scope).length, 0),
      problems: 1,
      lastSyncedAt: state.loadStatus()?.lastSyncedAt ?? null,
      engine: engineHolder(this.#home),
      holds: this.#holds(),
    }
  }

  async explain(path: string, signal: AbortSignal): Promise<Explanation> {
    const { configFile } = this.project
    const off = this.switchedOff
    return this.#withSession(
      signal,
      () => {},
      true,
      async ({ session }) => {
        if (off !== null) return whileOff(explain(session.context, new Map(), path, { configFile }), off)
        return explain(session.context, await session.preview(), path, { configFile })
      },
    )
  }

  async conflicts(): Promise<ConflictReport[]> {
    const ports = this.#mergingPorts()
    const reports: ConflictReport[] = []
    for (const { scope, channel } of scopesOf(this.project, this.#state))
      reports.push(...(await conflictReports(ports, scope, channel)))
    return reports
  }

  /** Null where the path is not in conflict. */
  async conflictDetail(path: string): Promise<ConflictDetail | null> {
    const ports = this.#mergingPorts()
    for (const { scope, channel } of scopesOf(this.project, this.#state)) {
      const detail = await conflictDetail(ports, scope, channel, path)
      if (detail !== null) return detail
    }
    return null
  }

  /** Ends a conflict as a person has decided: through the engine that runs, otherwise here. Throws ResolveError. */
  async resolve(request: ResolveRequest, signal: AbortSignal, onEvent: OnEvent): Promise<ResolveOutcome> {
    const { path } = request
    const place = this.#openConflicts().find(({ record }) => record.path === path)
    if (place === undefined) throw new ResolveError(`${path} is not in conflict.`)
    const { fs, state } = this.#ports()
    const { project } = this
    const filed = await fileResolution(
      { project, fs, state, ...place, device: deviceName() },
      place.record,
      request,
    )
    if (filed !== null) {
      const [ended, waiting] = await this.#carryOutResolutions([place], signal, onEvent)
      if (ended.length > 0) return { status: 'resolved' }
      if (waiting.length > 0) return { status: 'waiting' }
    }
    return { status: 'changed', detail: await this.conflictDetail(path) }
  }

  /** The same for several, or all, in one go. Throws ResolveError where a name is of no conflict. */
  async resolveAll(
    { take, names }: ResolveAllRequest,
    signal: AbortSignal,
    onEvent: OnEvent,
  ): Promise<ResolveAllOutcome> {
    const open = this.#openConflicts()
    const isMeant = conflictsMeantBy(
      names,
      open.map(({ record }) => record.path),
    )
    const { fs, state } = this.#ports()
    const { project } = this
    const filed: OpenConflict[] = []
    const changed: string[] = []
    const failed: { path: string; message: string }[] = []
    for (const place of open.filter(({ record }) => isMeant(record.path))) {
      const { path } = place.record
      try {
        const at = { project, fs, state, ...place, device: deviceName() }
        const isFiled = (await fileResolution(at, place.record, { path, take })) !== null
        if (isFiled) filed.push(place)
        else changed.push(path)
      } catch (error) {
        if (!(error instanceof ResolveError)) throw error
        failed.push({ path, message: error.message })
      }
    }
    if (filed.length === 0) return { resolved: [], waiting: [], changed, failed }
    const [resolved, waiting, stale] = await this.#carryOutResolutions(filed, signal, onEvent)
    return { resolved, waiting, changed: [...changed, ...stale], failed }
  }

  isInConflict(path: string): boolean {
    return this.#openConflicts().some(({ record }) => record.path === path)
  }

  #openConflicts(): OpenConflict[] {
    return scopesOf(this.project, this.#state).flatMap(place =>
      this.#state.loadConflicts(place.scope).map(record => ({ ...place, record })),
    )
  }

  /** The paths of those that have ended, that the engine has yet to come to, and that could not be ended so. */
  async #carryOutResolutions(
    filed: readonly OpenConflict[],
    signal: AbortSignal,
    onEvent: OnEvent,
  ): Promise<[ended: string[], waiting: string[], changed: string[]]> {
    const keyOf = (scope: ScopeId, path: string): string => `${scope} ${path}`
    const asked = new Set(filed.map(({ scope, record }) => keyOf(scope, record.path)))
    const scopes = [...new Set(filed.map(({ scope }) => scope))]
    const waitingNow = (): Set<string> =>
      new Set(
        scopes.flatMap(scope => this.#state.loadResolutions(scope).map(({ path }) => keyOf(scope, path))),
      )
    if (engineHolder(this.#home) === null) await this.sync(signal, onEvent)
    else await this.#waitForEngine(signal, () => [...waitingNow()].every(key => !asked.has(key)))
    const waiting = waitingNow()
    const left = new Set(this.#openConflicts().map(({ scope, record }) => keyOf(scope, record.path)))
    const [ended, later, changed]: [string[], string[], string[]] = [[], [], []]
    for (const { scope, record } of filed) {
      const key = keyOf(scope, record.path)
      const list = left.has(key) ? (waiting.has(key) ? later : changed) : ended
      list.push(record.path)
    }
    return [ended, later, changed]
  }

  /**
   * Approves or restores exactly what is held now, or of that what `names` say: paths, folders, globs. A running engine carries it out; otherwise
   * it is carried out here. Where the content root is missing nothing is decided: what is held then is all of it.
   */
  async decide(request: DecisionRequest, signal: AbortSignal, onEvent: OnEvent): Promise<DecisionOutcome> {
    const { decision, names } = request
    if (rootIdentity(this.#ports().fs, this.project.contentRoot) === null)
      return { done: [], waiting: 0, problems: [rootMissingProblem(this.project.contentRoot)] }
    const change = this.#appChange()
    if (change !== null) return this.#decideOnApp(change, { decision, names }, signal, onEvent)
    const held = this.#held()
    const isMeant = meantBy(
      names,
      held.map(({ path }) => path),
    )
    const meant = held.filter(({ path }) => isMeant(path))
    const holds = meant.filter(hold => canDecide(request, hold))
    const problems = undecidedProblems(
      meant.filter(hold => !canDecide(request, hold)),
      request.digest === undefined ? decision : 'other',
    )
    if (holds.length === 0) return { done: [], waiting: 0, problems }
    await this.#state.commit(
      holds.map(hold => {
        const { scope, channel, side, path } = hold
        const decided = { channel, side, path, digest: decidedDigest(hold), decision }
        return { kind: 'decision-add', scope, decision: decided }
      }),
    )
    const failures = await this.#carryOut(signal, onEvent)
    const left = new Set(this.#holds().map(key))
    const done = holds.filter(hold => !left.has(key(hold)))
    return {
      done: done.map(({ path, channel, side }) => ({ path, channel, side })),
      waiting: holds.length - done.length,
      problems: done.length === holds.length ? problems : [...problems, ...failures],
    }
  }

  /** What a person has decided: by the engine that runs, otherwise here. What has failed here. */
  async #carryOut(signal: AbortSignal, onEvent: OnEvent): Promise<readonly Problem[]> {
    if (engineHolder(this.#home) === null)
      return (await this.sync(signal, onEvent)).problemList.filter(isFailure)
    await this.#waitForEngine(signal, () => this.#areDecisionsTaken())
    return []
  }

  #appChange(): AppChange | null {
    const watched = this.#state.watchedScopes().map(scope => this.#state.scopeKey(scope))
    const now = scopesOf(this.project, this.#state).map(({ scope }) => this.#state.scopeKey(scope))
    return appChangeOf(watched, now)
  }

  /** Nobody watched these scopes until now: what was agreed on as this app before is in doubt (R4.8). */
  async #decideOnApp(
    change: AppChange,
    { decision, names }: DecisionRequest,
    signal: AbortSignal,
    onEvent: OnEvent,
  ): Promise<DecisionOutcome> {
    if (decision === 'restore' || names !== null)
      return { done: [], waiting: 0, problems: [appChangeProblem(change)] }
    const scopes = scopesOf(this.project, this.#state).map(({ scope }) => scope)
    await this.#state.commit([
      ...scopes.map(scope => ({ kind: 'base-doubt' as const, scope, doubt: 'elsewhere' as const })),
      { kind: 'scopes-watched', scopes },
    ])
    return { done: [], waiting: 0, problems: await this.#carryOut(signal, onEvent), app: change.to }
  }

  /** Takes files out of what syncs. An engine that runs takes it in like any edit of sync-config.json. Throws DecisionError. */
  exclude(paths: readonly string[]): ExcludeReport {
    excludeFiles(this.project, paths)
    return { excluded: paths, file: this.project.configFile }
  }

  /** What waits for its content, and which paths are trusted. */
  trust(): TrustReport {
    const waiting = this.waiting().map(file => withContents(this.#ports(), file))
    return { patterns: this.#state.loadTrust('may-run-code'), waiting }
  }

  waiting(): WaitingFile[] {
    const scopes = scopesOf(this.project, this.#state).map(({ scope }) => scope)
    return waitingFiles(this.#state, this.project.rules, scopes)
  }

  /** Null where nothing waits. */
  waitingAt(path: string): WaitingReport | null {
    const file = this.waiting().find(each => each.path === path)
    return file === undefined ? null : withContents(this.#ports(), file)
  }

  /** What waits and is trusted by it comes with the next sync; a running engine sees to it. Throws DecisionError. */
  async changeTrust(change: TrustChange): Promise<TrustReport> {
    await changeTrust(this.#state, change)
    return this.trust()
  }

  async history(path: string | null, { contents }: { contents: boolean }): Promise<HistoryReport[]> {
    return historyReports(this.project, this.#state, { path, contents })
  }

  /** Writes a version from the history over the current file, which goes into the history itself. Throws RestoreError. */
  async restore(
    path: string,
    version: number,
  ): Promise<{ path: string; version: number; replaced: boolean }> {
    const replaced = await restoreVersion(this.project, this.#state, { path, version })
    return { path, version, replaced }
  }

  /** Takes a path, or a content by its SHA-256, out of the history for good. Throws ForgetError. */
  async forget(what: string, options: { readonly isConfirmed: boolean }): Promise<ForgetReport> {
    return forgetVersions(this.project, this.#state, what, options)
  }

  /** Takes over what an agent-native server keeps of the user's private files; beside an engine, too. */
  async adopt({ isConfirmed }: { isConfirmed: boolean }): Promise<AdoptReport> {
    const { env } = this.#options
    const off = this.switchedOff
    if (off !== null) throw new DecisionError(off.message)
    const adapter = await openProjectAdapter(this.project, env)
    const { userId, ...project } = await withSignedInUser(this.project, adapter, env)
    try {
      if (userId === null)
        throw new DecisionError('No user is set: private files have an owner, FILE_SYNC_USER_ID in .env.')
      return await adoptRecords({ ...project, userId }, adapter, nodeClock, { isConfirmed })
    } finally {
      await adapter.dispose?.()
    }
  }

  async close(): Promise<void> {
    this.#opened?.close()
    this.#opened = null
  }

  /** `channels`: of a session that has looked at the files. */
  #holds(channels: readonly ChannelState[] = []): HoldReport[] {
    const found = new Map(channels.map(({ channel, secrets }) => [channel, secrets]))
    return this.#held().map(({ path, channel, side, kind, reason, since }) => {
      const secrets = found.get(channel)?.get(path)
      const report = { path, channel, side, kind, reason, since }
      return secrets === undefined ? report : { ...report, secrets }
    })
  }

  #held(): (HoldRecord & { readonly scope: ScopeId })[] {
    const { rules } = this.project
    return scopesOf(this.project, this.#state).flatMap(({ scope }) =>
      this.#state
        .loadHolds(scope)
        .filter(({ path, channel }) => syncsIn(rules, path, channel))
        .map(hold => ({ ...hold, scope })),
    )
  }

  #areDecisionsTaken(): boolean {
    return scopesOf(this.project, this.#state).every(
      ({ scope }) => this.#state.loadDecisions(scope).length === 0,
    )
  }

  #ports() {
    return { fs: openFileSystem(this.project.folder), codec: nodeCodec, state: this.#state }
  }

  #mergingPorts() {
    return { ...this.#ports(), merger: mergeThread, rules: this.project.rules }
  }

  async #waitForEngine(signal: AbortSignal, isTaken: () => boolean): Promise<void> {
    const until = Date.now() + DECISION_PATIENCE_MS
    while (!isTaken() && Date.now() < until && !signal.aborted) await sleep(DECISION_POLL_MS)
  }

  async #seated<Result>(work: (seat: EngineSeat) => Promise<Result>): Promise<Result> {
    const seat = new EngineSeat(lockstepHome(this.#options.env), this.#options.command)
    try {
      return await work(seat)
    } finally {
      seat.release()
    }
  }

  async #withSession<Result>(
    signal: AbortSignal,
    onEvent: OnEvent,
    isPreview: boolean,
    work: (opened: OpenSession) => Promise<Result>,
    project: Project = this.project,
  ): Promise<Result> {
    const opened = await openSession({
      project,
      // What is switched off is not connected to.
      ...(this.switchedOff === null ? {} : { adapter: await emptyAdapter() }),
      env: this.#options.env,
      state: this.#state,
      log: this.#options.log,
      signal,
      onEvent,
      isPreview,
      ...(isPreview
        ? {}
        : { isCurrent: () => projectFingerprint(this.#options.folder) === this.#fingerprint }),
    })
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  }
}

/** Of what is only not sent, or has not come, there is nothing to put back; a content is approved by name alone. */
function canDecide({ decision, names, digest }: DecisionRequest, hold: HoldRecord): boolean {
  const { kind, reason } = hold
  if (digest !== undefined && digest !== hold.digest) return false
  if (decision === 'restore') return kind !== 'content' && reason !== 'private-elsewhere'
  return kind !== 'content' || names !== null
}

function undecidedProblems(
  undecided: readonly HoldRecord[],
  decision: DecisionRequest['decision'] | 'other',
): Problem[] {
  const contents = undecided.filter(({ kind }) => kind === 'content').map(({ path }) => path)
  const others = undecided.length - contents.length
  return [
    ...(others > 0 ? [privateElsewhereProblem(others)] : []),
    ...(contents.length > 0 ? [waitingContentsProblem(contents, decision)] : []),
  ]
}

interface OpenConflict {
  readonly scope: ScopeId
  readonly channel: Channel
  readonly record: ConflictRecord
}

/** Throws ResolveError where a name is of no conflict: then nothing is resolved. */
function conflictsMeantBy(
  names: readonly string[] | null,
  paths: readonly string[],
): (path: string) => boolean {
  if (names === null) return () => true
  for (const name of names) {
    const fault = nameFault(name, paths, 'it is not in conflict')
    if (fault !== null) throw new ResolveError(`"${name}": ${fault}. Nothing was resolved.`)
  }
  return namedByAny(names, paths)
}

/** Throws DecisionError where a name is none of anything held: then nothing is decided. */
function meantBy(names: readonly string[] | null, paths: readonly string[]): (path: string) => boolean {
  if (names === null) return () => true
  for (const name of names) {
    const fault = nameFault(name, paths, 'nothing of it is held')
    if (fault !== null) throw new DecisionError(`"${name}": ${fault}. Nothing was decided.`)
  }
  return namedByAny(names, paths)
}

async function settle(session: Session): Promise<void> {
  try {
    await session.settle()
  } catch (cause) {
    if (!(cause instanceof ConfigurationChangedError)) throw cause
    const message =
      'The configuration has changed during the sync, which has ended therefore. Run it again; nothing is lost.'
    throw new ConfigurationError('config-changed', message, { cause })
  }
}

/** A content root that is gone takes its configuration along: what was last known of it still says "held" (R8). */
function loadOrRemember(options: FolderOptions, folder: string): Project {
  try {
    return loadProject(options.folder, options.env)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const stateFolder = stateFolderOf(lockstepHome(options.env), folder)
    const remembered = projectWithMissingRoot(error, stateFolder, folder, options.env)
    if (remembered === null) throw error
    return remembered
  }
}

/** The engine that runs knows when it tries again. */
function joined(found: readonly Problem[], told: readonly Problem[]): Problem[] {
  const codes = new Set(told.map(({ code }) => code))
  return [...told, ...found.filter(({ code, path }) => path !== undefined || !codes.has(code))]
}

/** What the database holds, and what both sides agreed on, counts as what lies here. */
function unusedIn({ folder, config, contentRoot }: Project, { context }: Session): Promise<UnusedPattern[]> {
  const others = context.channels.flatMap(({ base, remote }) => [...base.keys(), ...remote.keys()])
  return unusedPatterns(folder, config, contentRoot, others)
}

function key(hold: HoldReport): string {
  return `${hold.channel} ${hold.side} ${hold.path}`
}
