/**
 * A state store in memory, for simulations: as atomic as the real one, and it can be cut at any commit.
 * A crash keeps what has been committed: drop the handle and go on with another from `peer`.
 */
import { type FilesBreak, graver } from '../../src/engine/core/breaks.ts'
import { isSameFileTime } from '../../src/engine/core/continuity.ts'
import type { ContentReason } from '../../src/engine/core/guard.ts'
import type { BaseEntry, Digest, Side } from '../../src/engine/core/entry.ts'
import { advance, type LifeClock } from '../../src/engine/core/life-clock.ts'
import {
  DEFAULT_RETENTION,
  FILE_TIMES,
  isRepetition,
  NEVER_IN_THE_FILE,
  OWN_ENTRY_BYTES,
  ownBytes,
  type Retention,
  surplus,
} from '../../src/engine/core/retention.ts'
import { isRecent } from '../../src/engine/recent-deletes.ts'
import type {
  ConflictRecord,
  Decision,
  FileTime,
  HistoryEntry,
  HoldRecord,
  Mount,
  RecentDelete,
  Resolution,
  RetryRecord,
  ScopeId,
  ScopeIdentity,
  ScopeKey,
  SentWrite,
  StateChange,
  StagedWrite,
  StateStore,
  StatusRecord,
  StoredHistoryEntry,
  Trust,
} from '../../src/engine/ports/state-store.ts'

export interface MemoryStateStore extends StateStore {
  /** All that has been committed. Later commits do not change it. */
  snapshot(): MemoryStateSnapshot
  /** A copy is put back, of this or of another store: where the mark beside it says that it is an older one, all is in doubt. */
  restore(snapshot: MemoryStateSnapshot): void
  /** All of it is gone, and the mark beside it. */
  lose(): void
  /** The machine was started anew: what was not flushed is in doubt. */
  reboot(): void
  /** Another handle on the same state, as another process has. */
  peer(): MemoryStateStore
}

interface ScopeState {
  key: string
  identity: ScopeIdentity
  readonly base: Map<string, MemoryBase>
  /** The last bases of what is gone on both sides, until that is flushed. */
  readonly gone: Map<string, MemoryBase>
  readonly conflicts: Map<string, ConflictRecord>
  readonly holds: Map<string, HoldRecord>
  readonly decisions: Map<string, Decision>
  readonly resolutions: Map<string, Resolution>
  staged: readonly StagedWrite[]
  sent: readonly SentWrite[]
  readonly deletes: Readonly<Record<Side, Map<string, RecentDelete>>>
  readonly retries: Map<string, RetryRecord>
}

interface MemoryBase {
  readonly entry: BaseEntry
  readonly epoch: number
}

interface HistoryRow {
  readonly scope: ScopeId
  readonly id: number
  entry: StoredHistoryEntry
  /** By the life clock. */
  readonly life: number
  readonly own: boolean
}

interface FileTimeRow {
  readonly scope: ScopeId
  readonly entry: FileTime
  readonly life: number
}

interface State {
  readonly scopes: ScopeState[]
  /** What the history, conflicts and holds name. */
  readonly contents: Map<Digest, Uint8Array>
  readonly baseContents: Map<Digest, Uint8Array>
  history: HistoryRow[]
  nextHistoryId: number
  fileTimes: FileTimeRow[]
  life: LifeClock | null
  retention: Retention
  status: StatusRecord | null
  epoch: number
  /** The newest one that a row carries. */
  newestEpoch: number
  flushedEpoch: number
  /** Which start of the machine it was last opened in. */
  boot: number
  watched: readonly ScopeId[]
  mounts: readonly Mount[]
  readonly trusted: Map<string, Trust>
}

declare const snapshotBrand: unique symbol
/** Opaque. */
export interface MemoryStateSnapshot {
  readonly [snapshotBrand]: true
}

/** What every handle on one state shares. */
interface Disk {
  state: State
  commits: number
  /** How far the state has ever come, in the file beside it. */
  highWater: number
  boot: number
}

const snapshots = new WeakMap<MemoryStateSnapshot, State>()

export function createMemoryStateStore(): MemoryStateStore {
  return new MemoryStore({ state: emptyState(), commits: 0, highWater: 0, boot: 1 })
}

class MemoryStore implements MemoryStateStore {
  readonly #disk: Disk
  #ownCommits = 0
  #commitsBefore: number
  #closed = false

  constructor(disk: Disk) {
    this.#disk = disk
    this.#commitsBefore = disk.commits
  }

  snapshot(): MemoryStateSnapshot {
    const snapshot = Object.freeze({}) as MemoryStateSnapshot
    snapshots.set(snapshot, copyOf(this.#disk.state))
    return snapshot
  }

  restore(snapshot: MemoryStateSnapshot): void {
    this.#disk.state = copyOf(snapshots.get(snapshot)!)
    this.#disk.commits++
    this.#noteBoot()
    this.#noteOlderCopy()
  }

  lose(): void {
    this.#disk.state = { ...emptyState(), boot: this.#disk.boot }
    this.#disk.commits++
    this.#disk.highWater = 0
  }

  reboot(): void {
    this.#disk.boot += 1
    this.#noteBoot()
  }

  #noteBoot(): void {
    const { state, boot } = this.#disk
    if (state.boot === boot) return
    const { scopes, flushedEpoch } = state
    for (const { base, gone } of scopes) {
      for (const [path, row] of gone) if (row.epoch > flushedEpoch && !base.has(path)) base.set(path, row)
      gone.clear()
      for (const [path, { entry, epoch }] of base)
        if (epoch > flushedEpoch) base.set(path, { entry: { ...entry, doubt: 'not-flushed' }, epoch })
    }
    state.boot = boot
    state.flushedEpoch = state.newestEpoch
    state.epoch = state.newestEpoch + 1
  }

  #noteOlderCopy(): void {
    const { state, highWater } = this.#disk
    if (state.newestEpoch >= highWater) return
    for (const scope of state.scopes) doubt(scope, [...scope.base.keys()], 'state-older')
    state.newestEpoch = highWater
    state.epoch = highWater + 1
  }

  peer(): MemoryStateStore {
    return new MemoryStore(this.#disk)
  }

  openScope(key: ScopeKey): ScopeId {
    const { scopes } = this.#state()
    const name = JSON.stringify([key.database, key.appId, key.ownerId, key.channel])
    const known = scopes.findIndex(scope => scope.key === name)
    if (known !== -1) return known + 1
    this.#countCommit()
    return scopes.push(emptyScope(name))
  }

  adoptScope(key: ScopeKey, database: string): void {
    const own = this.#scope(this.openScope(key))
    const { appId, ownerId, channel } = key
    const isAlike = (other: ScopeState): boolean => {
      const [, ...rest] = JSON.parse(other.key)
      return JSON.stringify(rest) === JSON.stringify([appId, ownerId, channel])
    }
    const moved = this.#state().scopes.find(
      other => other !== own && isAlike(other) && other.identity.database === database,
    )
    if (own.identity.database !== null || moved === undefined) return
    ;[own.key, moved.key] = [moved.key, own.key]
    this.#countCommit()
  }

  scopeKey(scope: ScopeId): ScopeKey {
    return keyOf(this.#scope(scope))
  }

  loadIdentity(scope: ScopeId): ScopeIdentity {
    return this.#scope(scope).identity
  }

  basePages(scope: ScopeId): (readonly [string, BaseEntry])[][] {
    return [[...this.#scope(scope).base].map(([path, { entry }]) => [path, entry] as const)]
  }

  watchedScopes(): ScopeId[] {
    return [...this.#state().watched]
  }

  hadContent(scope: ScopeId, path: string, digest: Digest): boolean {
    return this.#state().history.some(
      row => row.scope === scope && row.entry.path === path && row.entry.digest === digest,
    )
  }

  hadFile(scope: ScopeId, path: string, digest: Digest, mtimeMs: number): boolean {
    const { history, fileTimes } = this.#state()
    return [...history, ...fileTimes].some(
      ({ scope: of, entry }) =>
        of === scope &&
        entry.path === path &&
        entry.digest === digest &&
        entry.mtimeMs !== null &&
        isSameFileTime(entry.mtimeMs, mtimeMs),
    )
  }

  wasHere(path: string, digest: Digest): boolean {
    const { scopes, history } = this.#state()
    return (
      scopes.some(({ base }) => base.get(path)?.entry.digest === digest) ||
      history.some(
        ({ entry }) =>
          entry.path === path && entry.digest === digest && !NEVER_IN_THE_FILE.includes(entry.cause),
      )
    )
  }

  isTrusted(trust: Trust): boolean {
    return this.#state().trusted.has(trustKey(trust))
  }

  loadTrust(reason: ContentReason): string[] {
    const ofAll = [...this.#state().trusted.values()].filter(
      trust => trust.reason === reason && trust.path === null,
    )
    return ofAll.map(({ what }) => what).sort()
  }

  foreignBases(scope: ScopeId, path: string): Digest[] {
    return othersOf(this.#state(), scope).flatMap(({ base }) => base.get(path)?.entry.digest ?? [])
  }

  privateElsewhere(scope: ScopeId, paths: readonly string[]): string[] {
    const own = keyOf(this.#scope(scope))
    const others = othersOf(this.#state(), scope).filter(other => {
      const { channel, ownerId } = keyOf(other)
      return channel === 'private' && (own.channel === 'shared' || own.ownerId !== ownerId)
    })
    return paths.filter(path =>
      others.some(({ base, conflicts }) => {
        const row = base.get(path)
        return conflicts.has(path) || (row !== undefined && row.entry.doubt !== 'handed-over')
      }),
    )
  }

  unflushed(scope: ScopeId): string[] {
    const { base, gone } = this.#scope(scope)
    const { flushedEpoch } = this.#state()
    return [...base, ...gone].filter(([, { epoch }]) => epoch > flushedEpoch).map(([path]) => path)
  }

  async startFlush(): Promise<number> {
    return this.#state().epoch++
  }

  loadConflicts(scope: ScopeId): ConflictRecord[] {
    return sortedValues(this.#scope(scope).conflicts)
  }

  loadHolds(scope: ScopeId): HoldRecord[] {
    return sortedValues(this.#scope(scope).holds)
  }

  loadDecisions(scope: ScopeId): Decision[] {
    return sortedValues(this.#scope(scope).decisions)
  }

  loadResolutions(scope: ScopeId): Resolution[] {
    return sortedValues(this.#scope(scope).resolutions)
  }

  loadStaged(scope: ScopeId): readonly StagedWrite[] {
    return this.#scope(scope).staged
  }

  loadSent(scope: ScopeId): readonly SentWrite[] {
    return this.#scope(scope).sent
  }

  loadDeletes(scope: ScopeId, side: Side): RecentDelete[] {
    return sortedValues(this.#scope(scope).deletes[side])
  }

  loadRetries(scope: ScopeId): RetryRecord[] {
    return sortedValues(this.#scope(scope).retries)
  }

  loadMounts(): Mount[] {
    return [...this.#state().mounts]
  }

  loadStatus(): StatusRecord | null {
    return this.#state().status
  }

  loadHistory(scope: ScopeId, path?: string): StoredHistoryEntry[] {
    return this.#state()
      .history.filter(row => row.scope === scope && (path === undefined || row.entry.path === path))
      .map(row => row.entry)
      .sort((a, b) => b.id - a.id)
  }

  loadRetention(): Retention {
    return this.#state().retention
  }

  readContent(digest: Digest): Uint8Array | null {
    const { contents, baseContents } = this.#state()
    return contents.get(digest) ?? baseContents.get(digest) ?? null
  }

  hasContent(digest: Digest): boolean {
    return isKept(this.#state(), digest)
  }

  async commit(changes: readonly StateChange[]): Promise<void> {
    const state = this.#state()
    if (changes.length === 0) return
    for (const change of changes) apply(state, change)
    for (const change of changes)
      if (change.kind === 'flushed') this.#disk.highWater = Math.max(this.#disk.highWater, change.epoch)
    this.#countCommit()
    // So that `foreignCommits` rises.
    if (changes.some(({ kind }) => WORDS.has(kind))) this.#disk.commits++
  }

  async pruneHistory(now: number): Promise<number> {
    const count = prune(this.#state(), now)
    this.#countCommit()
    return count
  }

  foreignCommits(): number {
    return this.#disk.commits - this.#commitsBefore - this.#ownCommits
  }

  close(): void {
    this.#closed = true
  }

  #state(): State {
    if (this.#closed) throw new Error('the state store has been closed')
    return this.#disk.state
  }

  #scope(scope: ScopeId): ScopeState {
    return scopeOf(this.#state(), scope)
  }

  #countCommit(): void {
    this.#ownCommits++
    this.#disk.commits++
  }
}

function apply(state: State, change: StateChange): void {
  switch (change.kind) {
    case 'base-set':
      scopeOf(state, change.scope).base.set(change.path, { entry: change.entry, epoch: stamp(state) })
      return
    case 'base-doubt': {
      const scope = scopeOf(state, change.scope)
      doubt(scope, change.path === undefined ? [...scope.base.keys()] : [change.path], change.doubt)
      return
    }
    case 'base-handed-over':
      for (const other of othersOf(state, change.scope)) {
        if (keyOf(other).channel !== 'private') continue
        const row = other.base.get(change.path)
        if (row !== undefined)
          other.base.set(change.path, { ...row, entry: { ...row.entry, doubt: 'handed-over' } })
        other.conflicts.delete(change.path)
      }
      return
    case 'scopes-watched':
      state.watched = [...change.scopes]
      return
    case 'base-gone': {
      const { base, gone } = scopeOf(state, change.scope)
      const row = base.get(change.path)
      if (row !== undefined) gone.set(change.path, { ...row, epoch: stamp(state) })
      base.delete(change.path)
      return
    }
    case 'flushed':
      state.flushedEpoch = change.epoch
      state.newestEpoch = Math.max(state.newestEpoch, change.epoch)
      for (const { gone } of state.scopes)
        for (const [path, { epoch }] of gone) if (epoch <= change.epoch) gone.delete(path)
      return
    case 'base-delete':
      scopeOf(state, change.scope).base.delete(change.path)
      return
    case 'identity-set':
      scopeOf(state, change.scope).identity = change.identity
      return
    case 'content-put':
      if (!state.contents.has(change.digest)) state.contents.set(change.digest, Uint8Array.from(change.bytes))
      return
    case 'base-content-put':
      if (isKept(state, change.digest)) return
      state.baseContents.set(change.digest, Uint8Array.from(change.bytes))
      return
    case 'history-add': {
      state.life = advance(state.life, change.entry.time)
      const { life } = state.life
      const isOfPath = ({ scope, own, entry }: HistoryRow): boolean =>
        scope === change.scope && !own && entry.path === change.entry.path
      const last = state.history.findLast(isOfPath)
      if (last !== undefined && isRepetition({ ...last.entry, life: last.life }, { ...change.entry, life }))
        return
      addHistory(state, change.scope, change.entry, false)
      return
    }
    case 'own-history-add': {
      const { path, digest, mtimeMs } = change.entry
      const isSame = ({ scope, entry }: HistoryRow): boolean =>
        scope === change.scope &&
        entry.path === path &&
        entry.digest === digest &&
        (mtimeMs === null || entry.mtimeMs === mtimeMs)
      if (isKept(state, digest) && !state.history.some(isSame))
        addHistory(state, change.scope, change.entry, true)
      return
    }
    case 'history-replaced': {
      const { scope, path, former } = change
      const row = state.history.findLast(
        ({ scope: of, entry }) =>
          of === scope && entry.path === path && entry.digest === former.digest && entry.mtimeMs === null,
      )
      if (row !== undefined) row.entry = { ...row.entry, mtimeMs: former.mtimeMs }
      return
    }
    case 'file-time-add': {
      state.life = advance(state.life, change.entry.time)
      const isOfPath = ({ scope, entry }: FileTimeRow): boolean =>
        scope === change.scope && entry.path === change.entry.path
      const of = state.fileTimes.filter(isOfPath)
      const { digest, mtimeMs } = change.entry
      if (of.some(({ entry }) => entry.digest === digest && entry.mtimeMs === mtimeMs)) return
      const gone = new Set(of.slice(0, Math.max(0, of.length + 1 - FILE_TIMES)))
      const row = { scope: change.scope, entry: change.entry, life: state.life.life }
      state.fileTimes = [...state.fileTimes.filter(each => !gone.has(each)), row]
      return
    }
    case 'retention-set':
      state.retention = change.retention
      return
    case 'conflict-set':
      scopeOf(state, change.scope).conflicts.set(change.conflict.path, change.conflict)
      return
    case 'conflict-delete':
      scopeOf(state, change.scope).conflicts.delete(change.path)
      return
    case 'hold-set':
      scopeOf(state, change.scope).holds.set(sideKey(change.hold), change.hold)
      return
    case 'hold-delete':
      scopeOf(state, change.scope).holds.delete(sideKey(change))
      return
    case 'decision-add':
      scopeOf(state, change.scope).decisions.set(sideKey(change.decision), change.decision)
      return
    case 'decision-delete':
      scopeOf(state, change.scope).decisions.delete(sideKey(change))
      return
    case 'trust-add':
      state.trusted.set(trustKey(change.trust), change.trust)
      return
    case 'trust-delete':
      state.trusted.delete(trustKey(change.trust))
      return
    case 'resolution-set':
      scopeOf(state, change.scope).resolutions.set(change.resolution.path, change.resolution)
      return
    case 'resolution-delete':
      scopeOf(state, change.scope).resolutions.delete(change.path)
      return
    case 'staged-set':
      scopeOf(state, change.scope).staged = [...change.writes]
      return
    case 'sent-set':
      scopeOf(state, change.scope).sent = [...change.writes]
      return
    case 'recent-delete-set':
      scopeOf(state, change.scope).deletes[change.side].set(change.deleted.path, change.deleted)
      return
    case 'recent-delete-forget':
      scopeOf(state, change.scope).deletes[change.side].delete(change.path)
      return
    case 'retry-set':
      scopeOf(state, change.scope).retries.set(change.retry.path, change.retry)
      return
    case 'retry-delete':
      scopeOf(state, change.scope).retries.delete(change.path)
      return
    case 'mounts-set':
      state.mounts = [...change.mounts]
      return
    case 'status-set':
      state.status = change.status
  }
}

function othersOf({ scopes }: State, scope: ScopeId): ScopeState[] {
  return scopes.filter((_, index) => index + 1 !== scope)
}

function keyOf({ key }: ScopeState): ScopeKey {
  const parts = JSON.parse(key) as [string, string, string, ScopeKey['channel']]
  const [database, appId, ownerId, channel] = parts
  return { database, appId, ownerId, channel }
}

/** What a row is to carry that is written now. */
function stamp(state: State): number {
  state.newestEpoch = state.epoch
  return state.epoch
}

function doubt({ base }: ScopeState, paths: readonly string[], of: FilesBreak): void {
  for (const path of paths) {
    const row = base.get(path)
    if (row !== undefined)
      base.set(path, { ...row, entry: { ...row.entry, doubt: graver(row.entry.doubt, of) } })
  }
}

function isKept({ contents, baseContents }: State, digest: Digest): boolean {
  return contents.has(digest) || baseContents.has(digest)
}

function addHistory(state: State, scope: ScopeId, entry: HistoryEntry, own: boolean): void {
  state.life = advance(state.life, entry.time)
  const id = state.nextHistoryId++
  state.history.push({ scope, id, entry: { ...entry, id }, life: state.life.life, own })
}

function prune(state: State, now: number): number {
  const before = state.history.length
  state.life = advance(state.life, now)
  const { life } = state.life
  const { retention } = state
  for (const { deletes } of state.scopes)
    for (const byPath of Object.values(deletes))
      for (const [path, { at }] of byPath) if (!isRecent(at, now)) byPath.delete(path)
  thinOwn(state, life)
  const cutoff = life - retention.maxAgeMs
  state.fileTimes = state.fileTimes.filter(row => row.life >= cutoff)
  const ownRows = state.history.filter(row => row.own)
  const isOwn = (digest: Digest): boolean => state.history.some(row => row.own && row.entry.digest === digest)
  let total = ownRows.length * OWN_ENTRY_BYTES
  const sizes = new Map(ownRows.map(({ entry }) => [entry.digest, entry.size]))
  total += sum([...sizes.values()])
  forgetOldest(
    state,
    true,
    cutoff,
    () => total <= ownBytes(retention),
    ({ digest, size }) => {
      total -= OWN_ENTRY_BYTES + (isOwn(digest) ? 0 : size)
    },
  )
  total = sum([...state.contents.values()].map(bytes => bytes.length))
  forgetOldest(
    state,
    false,
    cutoff,
    () => total <= retention.maxBytes,
    ({ digest }) => {
      if (state.history.some(row => !row.own && row.entry.digest === digest)) return
      total -= state.contents.get(digest)?.length ?? 0
      release(state, digest)
    },
  )
  forgetContents(state)
  return before - state.history.length
}

function thinOwn(state: State, life: number): void {
  const byPath = Map.groupBy(
    state.history.filter(row => row.own),
    row => `${row.scope} ${row.entry.path}`,
  )
  const gone = new Set([...byPath.values()].flatMap(rows => surplus(rows, life)))
  state.history = state.history.filter(row => !gone.has(row))
}

function forgetOldest(
  state: State,
  own: boolean,
  cutoff: number,
  fits: () => boolean,
  onForgotten: (entry: HistoryEntry) => void,
): void {
  const needed = neededDigests(state)
  for (const row of state.history.filter(row => row.own === own && !needed.has(row.entry.digest))) {
    if (row.life >= cutoff && fits()) return
    state.history = state.history.filter(other => other !== row)
    onForgotten(row.entry)
  }
}

function forgetContents(state: State): void {
  const needed = neededDigests(state)
  const replaced = new Set(state.history.filter(row => !row.own).map(row => row.entry.digest))
  const named = new Set([...needed, ...state.history.map(row => row.entry.digest)])
  const packed = packedDigests(state)
  for (const digest of state.contents.keys())
    if (!needed.has(digest) && !replaced.has(digest)) release(state, digest)
  for (const digest of state.baseContents.keys()) {
    const isNeeded = packed.has(digest) || (named.has(digest) && !state.contents.has(digest))
    if (!isNeeded) state.baseContents.delete(digest)
  }
}

/** A base or an own edit that still names the content keeps it, on its own account. */
function release(state: State, digest: Digest): void {
  const bytes = state.contents.get(digest)
  if (bytes !== undefined && packedDigests(state).has(digest)) state.baseContents.set(digest, bytes)
  state.contents.delete(digest)
}

function packedDigests({ scopes, history }: State): Set<Digest> {
  const bases = scopes.flatMap(scope => [...scope.base.values()].map(({ entry }) => entry.digest))
  return new Set([...bases, ...history.filter(row => row.own).map(row => row.entry.digest)])
}

function neededDigests(state: State): Set<Digest> {
  const needed = new Set<Digest>()
  for (const scope of state.scopes) {
    for (const hold of scope.holds.values()) needed.add(hold.digest)
    for (const { digest, appendedTo, base } of scope.staged) {
      if (digest !== null && appendedTo !== undefined) needed.add(digest)
      if (base !== null) needed.add(base.digest)
    }
    for (const deletes of Object.values(scope.deletes))
      for (const { digest } of deletes.values()) needed.add(digest)
    for (const { content } of scope.resolutions.values()) if (content !== null) needed.add(content)
    for (const { base, local, remote } of scope.conflicts.values()) {
      for (const side of [base, local, remote]) if (side !== null) needed.add(side.digest)
    }
  }
  return needed
}

function emptyState(): State {
  return {
    scopes: [],
    contents: new Map(),
    baseContents: new Map(),
    history: [],
    nextHistoryId: 1,
    fileTimes: [],
    life: null,
    retention: DEFAULT_RETENTION,
    status: null,
    epoch: 1,
    newestEpoch: 0,
    flushedEpoch: 0,
    boot: 1,
    watched: [],
    mounts: [],
    trusted: new Map(),
  }
}

function emptyScope(key: string): ScopeState {
  return {
    key,
    identity: { root: null, database: null },
    base: new Map(),
    gone: new Map(),
    conflicts: new Map(),
    holds: new Map(),
    decisions: new Map(),
    resolutions: new Map(),
    staged: [],
    sent: [],
    deletes: { local: new Map(), remote: new Map() },
    retries: new Map(),
  }
}

/** Entries and contents are never changed in place, so they are shared. */
function copyOf(state: State): State {
  return {
    ...state,
    scopes: state.scopes.map(scope => ({
      ...scope,
      base: new Map(scope.base),
      gone: new Map(scope.gone),
      conflicts: new Map(scope.conflicts),
      holds: new Map(scope.holds),
      decisions: new Map(scope.decisions),
      resolutions: new Map(scope.resolutions),
      deletes: { local: new Map(scope.deletes.local), remote: new Map(scope.deletes.remote) },
      retries: new Map(scope.retries),
    })),
    contents: new Map(state.contents),
    baseContents: new Map(state.baseContents),
    history: [...state.history],
    fileTimes: [...state.fileTimes],
    trusted: new Map(state.trusted),
  }
}

function scopeOf(state: State, scope: ScopeId): ScopeState {
  const found = state.scopes[scope - 1]
  if (found === undefined) throw new Error(`there is no scope ${scope}`)
  return found
}

/** Sorts like the real store: by path, then by side. */
/** A person's. */
const WORDS: ReadonlySet<StateChange['kind']> = new Set([
  'decision-add',
  'resolution-set',
  'trust-add',
  'trust-delete',
])

function trustKey({ reason, path, what }: Trust): string {
  return JSON.stringify([reason, path, what])
}

function sideKey(at: { readonly side: string; readonly path: string }): string {
  return `${at.path}\0${at.side}`
}

function sortedValues<Value>(map: ReadonlyMap<string, Value>): Value[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
