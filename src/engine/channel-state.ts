/**
 * What a session knows of one channel: its three trees, and what stands in the way of being in step.
 *
 * `pending` holds the paths that may have something to do. A path enters it when a side has changed, and
 * leaves it when the sides agree, or when a conflict or a hold has taken it over.
 */
import { type FilesBreak, graver } from './core/breaks.ts'
import { type Continuity, continuityOf, isOfAnotherBase } from './core/continuity.ts'
import type { BaseEntry, Channel, LocalEntry, RemoteEntry, Side } from './core/entry.ts'
import type { Problem } from './core/problem.ts'
import { type Action, reconcilePath } from './core/reconcile.ts'
import { type Rules, syncsIn } from './core/rules.ts'
import type { Tree } from './core/tree.ts'
import type { MaskedSecret } from './core/secrets.ts'
import type { RemoteHead, RemoteStore } from './ports/remote-store.ts'
import type {
  ConflictRecord,
  Decision,
  HoldRecord,
  RecentDelete,
  Resolution,
  RetryRecord,
  ScopeId,
  ScopeIdentity,
  SentWrite,
  StagedWrite,
  StateChange,
  StateStore,
} from './ports/state-store.ts'
import { Losses } from './losses.ts'
import type { Mounts } from './mounts.ts'
import { OwnWrites } from './own-writes.ts'
import { RecentDeletes } from './recent-deletes.ts'
import { Quiet } from './quiet.ts'
import { type LateWrite, Replacements } from './replacements.ts'
import { isSameRoot } from './root.ts'
import type { Slice } from './slice.ts'

export interface ChannelSetup {
  readonly channel: Channel
  readonly scope: ScopeId
  readonly remote: RemoteStore
}

/** What a hint said of a remote path: its new head or why it is refused, null for gone, undefined for no more than "look". */
export type RemoteHintHead = RemoteHead | Problem | null | undefined

export interface Refusal {
  readonly problem: Problem
  readonly etag: string | null
  /** The record is unfit, so it is not in the remote tree, and yet not gone; otherwise a write was refused. */
  readonly isOfRecord: boolean
}

export interface Outage {
  readonly problem: Problem
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
  /** Waiting will hardly help: a person has to change something. It is tried again all the same. */
  readonly isLasting: boolean
}

/** Bases marked in one transaction. */
const DOUBT_BATCH = 500

export interface BaseLoading {
  readonly store: StateStore
  readonly rules: Rules
  readonly slice: Slice
  /** The content root's identity. */
  readonly root: string | null
  /** Of files that synced until now and are denied, which is told once: nobody watches over them from here on. */
  readonly onDenied: (paths: readonly string[]) => void
}

export class ChannelState {
  readonly channel: Channel
  readonly scope: ScopeId
  readonly store: RemoteStore
  readonly base: Tree<BaseEntry> = new Map()
  #isBaseLoaded = false
  readonly #mounts: Pick<Mounts, 'isAway'>
  readonly #state: Pick<StateStore, 'foreignBases' | 'hadContent' | 'hadFile'>
  /** Paths whose base the database's log does not know of any more, as when it was last asked. */
  readonly forgotten = new Set<string>()
  readonly local: Tree<LocalEntry> = new Map()
  readonly remote: Tree<RemoteEntry> = new Map()
  /** Paths that a look at everything has met, and nobody has told of since: if they differ, nobody saw who changed them. */
  readonly unseen = new Set<string>()
  readonly pending = new Set<string>()
  readonly retries: Map<string, RetryRecord>
  readonly conflicts: Map<string, ConflictRecord>
  /** Conflicts whose copies beside the files may be those of conflicts with another database, or as another user. */
  readonly staleCopies = new Set<string>()
  readonly holds: Map<string, HoldRecord>
  /** What is held for what it holds, as this session has found it. */
  readonly secrets = new Map<string, readonly MaskedSecret[]>()
  /** What a person has decided about held deletes, and what has not been carried out yet. */
  readonly decisions = new Map<string, Decision>()
  /** What a person has decided about conflicts, and what has not been carried out yet. */
  resolutions: readonly Resolution[] = []
  /** What was being written when the engine was killed, until it is known whether it was written. */
  readonly staged: Map<string, StagedWrite>
  /** What was sent to the database and not answered, until it is known what the records hold. */
  sent: readonly SentWrite[]
  /** What programs wrote into files that sync had replaced, where something newer stands by now. */
  readonly lateWrites: LateWrite[] = []
  /** What sync has replaced of late, for writes by programs that it has overtaken. */
  readonly replacements = new Replacements()
  /** Versions that do not merge, as this session has found out: `mergeKey` by path. */
  readonly unmergeable = new Map<string, string>()
  /** Remote records that must not become files here, by the path or id they claim, and as what they were seen. */
  readonly refused = new Map<string, Refusal>()
  /** Paths that would have something to do, if the folder they lie in could be entered. */
  readonly blocked = new Set<string>()
  /** Paths of the channel's records that do not sync in it: no pattern matches them, or those of the other channel. */
  readonly unmatched = new Set<string>()
  /** Since when files have been going missing, by the side that lacks them. */
  readonly quiet: Readonly<Record<Side, Quiet>> = { local: new Quiet(), remote: new Quiet() }
  /** Deletes that wait for quiet, and until when, in milliseconds since the epoch. */
  readonly postponed = new Map<string, number>()
  readonly recentDeletes: Readonly<Record<Side, RecentDeletes>>
  readonly losses = new Losses()
  readonly ownWrites: Readonly<Record<Side, OwnWrites>> = { local: new OwnWrites(), remote: new OwnWrites() }
  identity: ScopeIdentity
  /** The identity of the database that is connected now. */
  databaseNow: string | null = null
  /** Whether all heads have been read since the connection was made. */
  remoteKnown = false
  /** Which sides this cycle has looked at as a whole: what it finds there happened while nobody looked. */
  comparedAll: Readonly<Record<Side, boolean>> = { local: false, remote: false }
  /** The root and the database that were last compared with the base as a whole. */
  comparedWith: ScopeIdentity = { root: null, database: null }
  dirtyRemote: 'everything' | Map<string, RemoteHintHead> = 'everything'
  /** The last failure of the connection, if it has not worked since. */
  connection: Outage | null = null

  constructor(setup: ChannelSetup, state: StateStore, rules: Rules, mounts: Pick<Mounts, 'isAway'>) {
    this.channel = setup.channel
    this.scope = setup.scope
    this.store = setup.remote
    this.identity = state.loadIdentity(setup.scope)
    this.#state = state
    this.#mounts = mounts
    this.retries = byPath(state.loadRetries(setup.scope))
    this.staged = byPath(state.loadStaged(setup.scope))
    this.sent = state.loadSent(setup.scope)
    this.recentDeletes = {
      local: new RecentDeletes(state.loadDeletes(setup.scope, 'local')),
      remote: new RecentDeletes(state.loadDeletes(setup.scope, 'remote')),
    }
    this.conflicts = byPath(state.loadConflicts(setup.scope))
    this.holds = byPath(state.loadHolds(setup.scope))
    this.#forgetWhatNoLongerSyncs(rules)
  }

  /**
   * What both sides last agreed on, before the first look: with many files it takes longer than one turn may. What
   * does not sync is not watched from now on, whatever becomes of it: its base says so if it ever comes back (R4).
   */
  async loadBase({ store: state, rules, slice, root, onDenied }: BaseLoading): Promise<void> {
    if (this.#isBaseLoaded) return
    const unwatched: StateChange[] = []
    const denied: string[] = []
    const watched = state.watchedScopes()
    const wasElsewhere = watched.length > 0 && !watched.includes(this.scope)
    const isExchanged = this.identity.root !== null && !isSameRoot(this.identity.root, root)
    const doubts: FilesBreak[] = []
    if (isExchanged) doubts.push('root-exchanged')
    if (wasElsewhere) {
      doubts.push('elsewhere')
      for (const path of this.conflicts.keys()) this.staleCopies.add(path)
    }
    const [doubt] = doubts
    if (doubt !== undefined) await this.#doubtAll(state, doubt, root)
    for (const page of state.basePages(this.scope)) {
      for (const [path, stored] of page) {
        if (slice.isOver()) await slice.yield()
        // A preview has not committed it.
        const entry: BaseEntry =
          doubt === undefined ? stored : { ...stored, doubt: graver(stored.doubt, doubt) }
        const found = rules.classify(path)
        if (found.kind === 'synced' && found.channel === this.channel) this.base.set(path, entry)
        else {
          const known = graver(entry.doubt, found.kind === 'synced' ? 'elsewhere' : 'unwatched')
          if (known === entry.doubt) continue
          unwatched.push({ kind: 'base-doubt', scope: this.scope, path, doubt: known })
          if (found.kind === 'denied' && found.entry.category !== 'other projects') denied.push(path)
        }
      }
    }
    for (const { path, side } of state.loadHolds(this.scope))
      if (!this.#syncs(rules, path)) unwatched.push({ kind: 'hold-delete', scope: this.scope, side, path })
    if (denied.length > 0) onDenied(denied)
    for (let from = 0; from < unwatched.length; from += DOUBT_BATCH)
      await state.commit(unwatched.slice(from, from + DOUBT_BATCH))
    this.#isBaseLoaded = true
  }

  /** More may sync than before. */
  loadBaseAnew(): void {
    this.#isBaseLoaded = false
  }

  /** With the root of today, which is then the one of the base: what is in doubt is noted with each file. */
  async #doubtAll(store: StateStore, doubt: FilesBreak, root: string | null): Promise<void> {
    const { scope } = this
    this.identity = { ...this.identity, root: root ?? this.identity.root }
    await store.commit([
      { kind: 'base-doubt', scope, doubt },
      { kind: 'identity-set', scope, identity: this.identity },
    ])
  }

  /**
   * If the patterns match it again, its base is there. Conflicts stay, to be ended with their copies: what they are
   * about lies in the database, and is found again.
   */
  #forgetWhatNoLongerSyncs(rules: Rules): void {
    for (const tree of [this.retries, this.staged, this.holds]) {
      for (const path of tree.keys()) if (!this.#syncs(rules, path)) tree.delete(path)
    }
    this.sent = this.sent.filter(({ path }) => this.#syncs(rules, path))
  }

  #syncs(rules: Rules, path: string): boolean {
    return syncsIn(rules, path, this.channel)
  }

  /** It is missing, and the drive that it lay on is away. */
  isAway(path: string): boolean {
    return !this.local.has(path) && this.#mounts.isAway(path)
  }

  /** In the folder of a drive that is away, which will lie over it when it is back. */
  isBeneath(path: string): boolean {
    return this.#mounts.isAway(path)
  }

  /** To be committed at once. */
  doubt(path: string, doubt: FilesBreak): StateChange {
    const base = this.base.get(path)!
    this.base.set(path, { ...base, doubt: graver(base.doubt, doubt) })
    return { kind: 'base-doubt', scope: this.scope, path, doubt }
  }

  reconcile(path: string): Action {
    const base = this.base.get(path) ?? null
    const local = this.local.get(path) ?? null
    const remote = this.remote.get(path) ?? null
    return reconcilePath(base, local, remote, this.#continuity(path))
  }

  /** What a merge may begin from: the base, if what lies here was made from it (R5). */
  mergeBase(path: string): BaseEntry | undefined {
    const base = this.base.get(path)
    if (base === undefined || isOfAnotherBase(base, this.#continuity(path))) return undefined
    return base
  }

  /** Of records that are others than the base's, or missing: whether they come after it, or from an older copy. */
  async askTheLog(paths: Iterable<string>): Promise<void> {
    const asked: { readonly path: string; readonly etag: string }[] = []
    for (const path of paths) {
      const etag = this.base.get(path)?.etag
      if (etag !== undefined && this.remote.get(path)?.etag !== etag) asked.push({ path, etag })
    }
    if (asked.length === 0) return
    const verdicts = await this.store.remembers(asked)
    for (const [index, { path }] of asked.entries()) {
      if (verdicts[index] === false) this.forgotten.add(path)
      else this.forgotten.delete(path)
    }
  }

  /** Whether what the database holds there is of a time before the base, as far as is known without its content. */
  isRecordOlder(path: string): boolean {
    return this.remote.has(path) && this.#continuity(path).records !== null
  }

  #continuity(path: string): Continuity {
    const local = this.local.get(path) ?? null
    return continuityOf(this.base.get(path) ?? null, local, this.remote.get(path) ?? null, {
      foreign: () => this.#state.foreignBases(this.scope, path),
      orderOf: etag => this.store.orderOf(etag),
      isForgotten: this.forgotten.has(path),
      isAway: this.isAway(path),
      isBeneath: this.isBeneath(path),
      isOldCopy: () => this.#isOldCopy(path, local),
      hadContent: digest => this.#state.hadContent(this.scope, path, digest),
    })
  }

  /** Who watches has seen a program put it there. */
  #isOldCopy(path: string, local: LocalEntry | null): boolean {
    if (local === null || !this.unseen.has(path)) return false
    return this.#state.hadFile(this.scope, path, local.digest, local.fingerprint.mtimeMs)
  }

  /** Takes note of a hint; a head that says nothing new is the echo of our own write (R3). */
  hint(path: string, head: RemoteHintHead): boolean {
    if (this.dirtyRemote === 'everything') return true
    if (!this.dirtyRemote.has(path) && this.#isKnown(path, head)) return false
    this.dirtyRemote.set(path, head)
    return true
  }

  #isKnown(path: string, head: RemoteHintHead): boolean {
    if (head === undefined) return false
    const refusal = this.refused.get(path)
    if (head !== null && 'code' in head) return refusal?.problem.code === head.code
    return refusal === undefined && head?.etag === this.remote.get(path)?.etag
  }

  /** A delete that sync has carried out and that the guard goes on counting; to be committed with it. */
  noteDelete(side: Side, deleted: RecentDelete): StateChange {
    this.recentDeletes[side].note(deleted)
    return { kind: 'recent-delete-set', scope: this.scope, side, deleted }
  }

  /** Deletes that still count at `now`, in milliseconds since the epoch: the file has not come back. */
  deletedOfLate(side: Side, now: number): RecentDelete[] {
    return this.recentDeletes[side].counted(now, path => this.isThere(path))
  }

  /** To be committed with new deletes: those that count no longer. */
  forgetDeletes(side: Side, now: number): StateChange[] {
    const paths = this.recentDeletes[side].forget(now, path => this.isThere(path))
    return paths.map(path => ({ kind: 'recent-delete-forget', scope: this.scope, side, path }))
  }

  /** On any side, or agreed on. */
  isThere(path: string): boolean {
    return this.base.has(path) || this.local.has(path) || this.remote.has(path)
  }
}

function byPath<Item extends { readonly path: string }>(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map(item => [item.path, item]))
}
