/**
 * One simulated machine: a disk, a state store, and a session that may crash at any call to the outside.
 *
 * A crash kills the process's clock and all its ports for good; what it was doing is never heard of again.
 * The disk and what the state store has committed survive.
 */
import type { MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { createRemoteStore } from '../../src/adapters/remote-store.ts'
import type { BaseEntry, Channel } from '../../src/engine/core/entry.ts'
import { recordId, SHARED_OWNER } from '../../src/engine/core/record-id.ts'
import type { Rules } from '../../src/engine/core/rules.ts'
import { isWithin } from '../../src/engine/core/tree.ts'
import type { ConflictPolicy } from '../../src/engine/core/sync-config.ts'
import type { FileSystemError } from '../../src/engine/ports/file-system.ts'
import type {
  ConflictRecord,
  HoldRecord,
  Resolution,
  ScopeKey,
  StateStore,
} from '../../src/engine/ports/state-store.ts'
import { decidedDigest } from '../../src/engine/hold-back.ts'
import { Session } from '../../src/engine/session.ts'
import type { SessionEvent } from '../../src/engine/status.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import { mergeHere } from '../support/merge-here.ts'
import { FakeClock, type VirtualTime } from '../fakes/fake-clock.ts'
import { FakeDisk, type FolderCopy, type PowerCut, type PutBack } from '../fakes/fake-disk.ts'
import { createFakeFileSystem, type FileSystemCall, isChanging } from '../fakes/fake-file-system.ts'
import { FakeWatcher, type WatcherFaults } from '../fakes/fake-watcher.ts'
import {
  createFaultyAdapter,
  noRemoteFaults,
  onlyFiveMethods,
  type RemoteFaults,
} from '../fakes/faulty-adapter.ts'
import {
  createMemoryStateStore,
  type MemoryStateSnapshot,
  type MemoryStateStore,
} from '../fakes/memory-state-store.ts'
import type { Random } from '../fakes/random.ts'
import { type Configuration, rulesFor } from './configurations.ts'
import { digestOf } from './contents.ts'
import type { Ledger } from './ledger.ts'
import { wholeBase } from '../support/whole-base.ts'
import { secretScanner } from '../fakes/secret-scanner.ts'

export const APP = 'app'
/** Where a device may have a drive of its own. */
export const DRIVE = 'data/notes'
const MAX_FILE_BYTES = 1_000_000
/** A clock that is set so far thins own edits (R16.4), in milliseconds. */
const LEAP_MS = 30 * 60_000

class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash'
}

export interface CrashPlan {
  /** Counts calls of the file system, the database and the state store's commit, from 1. */
  readonly call: number
  readonly when: 'before' | 'midway' | 'after'
  /** The whole machine goes down, and loses so much of what was not flushed. */
  readonly powerCut?: PowerCut
}

/** What a person sets: which files sync, with which database, and as whom. */
interface Setup {
  readonly configuration: Configuration
  readonly databaseName: string
  readonly user: string
}

export interface DeviceOptions {
  readonly name: string
  readonly user: string
  readonly time: VirtualTime
  /** By name; a device begins with the first. */
  readonly databases: ReadonlyMap<string, MemoryDatabase>
  readonly random: Random
  readonly ledger: Ledger
  readonly isFiveMethods: boolean
  readonly hardLinks: boolean
  /** How coarsely its file system keeps times, in milliseconds. */
  readonly tickMs: number
  /** What a call of the file system takes, in milliseconds. */
  readonly callMs: number
  /** Longest time of a commit of the state store, in milliseconds. */
  readonly stateMs: number
  readonly policy: ConflictPolicy
}

/** What a person may choose; 'content' is one of their own. */
export type Take = Resolution['take']

interface Life {
  readonly clock: FakeClock
  readonly session: Session
  readonly watcher: FakeWatcher
  readonly end: AbortController
  readonly over: Promise<void>
  isDead: boolean
  calls: number
}

export class Device {
  readonly name: string
  readonly disk: FakeDisk
  rules: Rules
  readonly remoteFaults: RemoteFaults = noRemoteFaults()
  readonly watcherFaults: WatcherFaults = { lost: 0, doubled: 0, delayMs: 20 }
  /** What a file system call throws instead of being carried out. */
  failCall: ((call: FileSystemCall) => FileSystemError | null) | null = null
  /** Something that happens just before the engine's next changes of the disk; true: it is used up. */
  ambush: ((call: FileSystemCall) => boolean) | null = null
  /** Before each read; what it throws, the read throws. */
  onRead: ((path: string) => void) | null = null
  crashPlan: CrashPlan | null = null
  /** As the command line's engine: a stop takes in what was written up to that moment. From the next start on. */
  listensAtEnd = false
  readonly events: SessionEvent[] = []
  crashes = 0
  powerCuts = 0
  /** How often older copies of files came back with their times. */
  putBacks = 0
  lostStates = 0
  writes = { disk: 0, remote: 0, state: 0 }
  readonly #options: DeviceOptions
  readonly #state: MemoryStateStore
  readonly #peer: MemoryStateStore
  readonly #random: Random
  /** Of all scopes that were ever opened. */
  readonly #keys = new Map<string, ScopeKey>()
  #setup: Setup
  #stateCopy: MemoryStateSnapshot | null = null
  #filesCopy: FolderCopy | null = null
  #bringDriveBack: (() => void) | null = null
  #offsetMs = 0
  #life: Life | null = null

  constructor(options: DeviceOptions) {
    const { name, user, time, ledger, policy } = options
    this.#options = options
    this.#random = options.random.fork()
    this.name = name
    this.#setup = { configuration: 'usual', databaseName: [...options.databases.keys()][0]!, user }
    this.rules = rulesFor(user, 'usual', policy)
    const { hardLinks, tickMs } = options
    this.disk = new FakeDisk({ now: () => time.now + this.#offsetMs, hardLinks, tickMs })
    this.disk.listeners.add({
      onWritten: inode => ledger.programWrote(inode),
      onAppended: (path, before) => ledger.appended(this, path, before),
      onContent: (path, inode, by) => ledger.content(this, path, inode, by),
      onNameLost: (path, inode, by) =>
        by === 'engine' ? ledger.nameLost(this, path, inode) : ledger.programDeleted(this, path),
      onFreed: (inode, path, by) => by === 'engine' && ledger.freed(this, path, inode),
      onBreak: (path, inode, by) =>
        by === 'drive' ? ledger.driveMoved(this, path, inode) : ledger.broken(this, path, inode),
    })
    this.disk.makeFolders('data')
    this.#state = createMemoryStateStore()
    this.#peer = this.#state.peer()
  }

  get databaseName(): string {
    return this.#setup.databaseName
  }

  get #scopes(): Record<Channel, number> {
    return { shared: this.#openScope('shared'), private: this.#openScope('private') }
  }

  get isRunning(): boolean {
    return this.#life !== null && !this.#life.isDead
  }

  get session(): Session | null {
    return this.isRunning ? this.#life!.session : null
  }

  /** How old what was read a moment ago may be, in milliseconds. */
  get latencyMs(): number {
    return 100 + 2 * this.remoteFaults.slowMs + 100 * this.#options.callMs + 6 * this.#options.stateMs
  }

  get calls(): number {
    return this.#life?.calls ?? 0
  }

  start(): void {
    if (this.isRunning) return
    const { time, random } = this.#options
    const clock = new FakeClock(time, { random: random.fork(), yields: 'timer' })
    clock.jump(this.#offsetMs)
    void this.#peer.pruneHistory(clock.now())
    const watcher = new FakeWatcher(this.disk, time, random.fork(), this.watcherFaults, clock)
    const end = new AbortController()
    const calls = new PortCalls(this, clock)
    const session = this.#createSession(clock, calls, end.signal)
    // Not before the life is known: the first calls come at once.
    const over = Promise.resolve()
      .then(() => session.watch(watcher))
      .catch((error: unknown) => {
        if (error instanceof SimulatedCrash) return
        this.#options.ledger.violations.push(
          `${this.name}: the session ended: ${String(error instanceof Error ? error.stack : error)}`,
        )
      })
    const life: Life = { clock, session, watcher, end, over, isDead: false, calls: 0 }
    calls.life = life
    this.#life = life
  }

  /** Ends the session in order. */
  async stop(): Promise<void> {
    const life = this.#life
    if (life === null || life.isDead) return
    life.end.abort()
    const end = { isOver: false }
    void life.over.then(() => (end.isOver = true))
    const isDone = (): boolean => end.isOver || life.isDead
    for (let tries = 0; !isDone() && tries < 100; tries += 1) await this.#options.time.advance(100)
    if (!isDone()) this.#options.ledger.violations.push(`${this.name}: the session does not end`)
    this.crash()
  }

  /** The process is killed where it stands. */
  crash(): void {
    const life = this.#life
    if (life === null || life.isDead) return
    life.isDead = true
    life.clock.kill()
    this.#life = null
  }

  jumpClock(ms: number): void {
    this.#offsetMs += ms
    this.#life?.clock.jump(ms)
    if (Math.abs(ms) >= LEAP_MS) this.#options.ledger.forgetOwn()
  }

  /** As an edit of sync-config.json or .env does: the session ends, and another one begins with what is set now. */
  async setUp(changes: Partial<Setup>): Promise<void> {
    const wasRunning = this.isRunning
    await this.stop()
    this.#setup = { ...this.#setup, ...changes }
    const { user, configuration } = this.#setup
    this.rules = rulesFor(user, configuration, this.#options.policy)
    if (wasRunning) this.start()
  }

  /** The folder of the app's own state is gone: base, history, conflicts, all of it. */
  loseState(): void {
    this.crash()
    this.lostStates += 1
    this.#options.ledger.losing(this, () => this.#state.lose())
  }

  copyState(): void {
    this.#stateCopy = this.#state.snapshot()
  }

  /** The app's own state comes back from a copy, while no engine runs. */
  putStateBack(): void {
    const copy = this.#stateCopy
    if (copy === null) return
    this.crash()
    this.lostStates += 1
    this.#options.ledger.losing(this, () => this.#state.restore(copy))
  }

  /** The machine goes down where it stands, and with it what was not flushed. */
  losePower(cut: PowerCut): void {
    this.crash()
    this.powerCuts += 1
    this.#options.ledger.losingFiles(this, () => this.disk.powerCut(this.#random, cut))
    this.#state.reboot()
  }

  /** Shut down in order, and started again. */
  async reboot(): Promise<void> {
    const wasRunning = this.isRunning
    await this.stop()
    this.disk.flushEverything()
    this.#state.reboot()
    if (wasRunning) this.start()
  }

  copyFiles(): void {
    this.#filesCopy = this.disk.copyOf('data')
  }

  /** With the times of the copy, or as files that are made anew: those are edits. */
  putFilesBack(how: PutBack, areTimesKept: boolean): void {
    const { ledger } = this.#options
    const copy = this.#filesCopy
    if (copy === null || this.disk.get('data') === undefined) return
    if (!areTimesKept) {
      for (const [path, { bytes }] of copy)
        if (!isTemporary(path) && this.disk.get(path)?.kind !== 'directory')
          this.disk.writeByRename(path, bytes)
      return
    }
    this.putBacks += 1
    const before = this.disk.paths()
    // What a drive lies in cannot be moved away.
    const isExchange = how === 'exchange' && !this.disk.isMounted(DRIVE)
    const come = this.disk.putBack('data', copy, how === 'exchange' && !isExchange ? 'over' : how)
    // Who watches has seen a program put them there.
    if (this.isRunning) return
    const gone = before.filter(path => this.disk.get(path) === undefined)
    ledger.filesPutBack(this, come, isExchange ? gone : [])
  }

  /** A drive lies over a folder from now on. */
  mountDrive(folder: string): void {
    this.disk.makeFolders(folder)
    this.disk.mount(folder)
  }

  /** It goes once something that lies on it was agreed on: until then the folder is any other. */
  moveDrive(isThere: boolean): void {
    if (isThere) {
      this.#bringDriveBack?.()
      this.#bringDriveBack = null
    } else if (this.disk.isMounted(DRIVE) && this.#hasAgreedOnDrive())
      this.#bringDriveBack = this.disk.unmountDrive(DRIVE)
  }

  #hasAgreedOnDrive(): boolean {
    return this.#allScopes().some(scope =>
      [...wholeBase(this.#peer, scope).keys()].some(path => isWithin(DRIVE, path)),
    )
  }

  overflowWatcher(): void {
    this.#life?.watcher.overflow()
  }

  /** Null where the path does not sync now. */
  channelOf(path: string): Channel | null {
    const found = this.rules.classify(path)
    return found.kind === 'synced' ? found.channel : null
  }

  recordId(path: string): string {
    const ownerId = this.#ownerOf(this.channelOf(path) ?? 'shared')
    return recordId({ appId: APP, ownerId }, path)
  }

  /** Of the database that the device has now, and the record in it. */
  keyOfRecord(id: string): string {
    return `${this.databaseName} ${id}`
  }

  recordKey(path: string): string {
    return this.keyOfRecord(this.recordId(path))
  }

  /** The record that sync keeps the path in step with; null where nobody watches, or not all was compared yet. */
  watchedAs(path: string): string | null {
    const state = this.session?.status.state
    if (state !== 'idle' && state !== 'held') return null
    return this.channelOf(path) === null ? 'outside of the rules' : this.recordKey(path)
  }

  baseOf(path: string): BaseEntry | undefined {
    const channel = this.channelOf(path)
    return channel === null ? undefined : wholeBase(this.#peer, this.#scopes[channel]).get(path)
  }

  /** Whether the path held this when it was last agreed on, with whatever database, user or channel. */
  hasAgreedOn(path: string, digest: string): boolean {
    return this.#allScopes().some(scope => wholeBase(this.#peer, scope).get(path)?.digest === digest)
  }

  content(digest: string): Uint8Array | null {
    return this.#peer.readContent(digest)
  }

  /** Digests of all that history and conflict records hold. */
  kept(): string[] {
    const digests: string[] = []
    for (const scope of this.#allScopes())
      for (const { remote } of this.#peer.loadConflicts(scope))
        if (remote !== null) digests.push(remote.digest)
    return [...this.history(), ...this.#readable(digests)]
  }

  /** Digests of what only retention takes. */
  history(): string[] {
    return this.#readable(
      this.#allScopes().flatMap(scope => this.#peer.loadHistory(scope).map(({ digest }) => digest)),
    )
  }

  #readable(digests: readonly string[]): string[] {
    return digests.filter(digest => this.#peer.readContent(digest) !== null)
  }

  /** Digests of what was agreed on, where the contents are kept for it. */
  agreed(): string[] {
    const digests: string[] = []
    for (const scope of this.#allScopes())
      for (const { digest } of wholeBase(this.#peer, scope).values()) digests.push(digest)
    return this.#readable(digests)
  }

  /** Those of files that sync now. */
  conflicts(): ConflictRecord[] {
    return this.#inScopes((scope, channel) =>
      this.#peer.loadConflicts(scope).filter(({ path }) => this.channelOf(path) === channel),
    )
  }

  /** Whether there is one with any database and as any user: it waits there. */
  hasConflictAnywhere(path: string): boolean {
    return this.#allScopes().some(scope =>
      this.#peer.loadConflicts(scope).some(conflict => conflict.path === path),
    )
  }

  holds(): (HoldRecord & { readonly scope: number })[] {
    return this.#inScopes((scope, channel) =>
      this.#peer
        .loadHolds(scope)
        .filter(({ path }) => this.channelOf(path) === channel)
        .map(hold => ({ ...hold, scope })),
    )
  }

  /** As the command line does it: through the state store, from another process. */
  async decideHolds(
    decision: 'approve' | 'restore',
    isMeant: (hold: HoldRecord) => boolean = () => true,
  ): Promise<number> {
    const holds = this.holds().filter(isMeant)
    for (const hold of holds) {
      const { scope, channel, side, path } = hold
      this.#options.ledger.decided(this, hold, decision)
      const decided = { channel, side, path, digest: decidedDigest(hold), decision }
      await this.#peer.commit([{ kind: 'decision-add', scope, decision: decided }])
    }
    return holds.length
  }

  /** The first conflict of which nothing is just being changed is answered; whether there was one. */
  async resolve(take: Take, own: Uint8Array): Promise<boolean> {
    for (const { path, local, remote } of this.conflicts()) {
      const bytes = this.disk.get(path)?.bytes
      if (bytes === undefined || remote === null || digestOf(bytes) !== local?.digest) continue
      const scope = this.#scopes[this.channelOf(path)!]
      const content = take === 'content' ? digestOf(own) : null
      const resolution: Resolution = {
        path,
        take,
        localDigest: local.digest,
        remoteEtag: remote.etag,
        content,
        copyPath: take === 'both' ? this.#copyPath(path) : null,
      }
      this.#options.ledger.resolved(this, resolution, remote.digest, own)
      await this.#peer.commit([
        ...(content === null ? [] : [{ kind: 'content-put', digest: content, bytes: own } as const]),
        { kind: 'resolution-set', scope, resolution },
      ])
      return true
    }
    return false
  }

  /** Takes decisions back that nobody has seen yet. */
  async withdraw(
    decisions: readonly {
      readonly scope: number
      readonly side: 'local' | 'remote'
      readonly path: string
    }[],
  ): Promise<void> {
    await this.#peer.commit(
      decisions.map(({ scope, side, path }) => ({ kind: 'decision-delete', scope, side, path })),
    )
  }

  #inScopes<Item>(itemsOf: (scope: number, channel: Channel) => Item[]): Item[] {
    return (['shared', 'private'] as const).flatMap(channel => itemsOf(this.#scopes[channel], channel))
  }

  #copyPath(path: string): string {
    for (let number = 1; ; number += 1) {
      const copy = path.replace(/(?=\.[a-z]+$)/, ` (${this.name}, 2026-01-05 ${number})`)
      if (this.disk.get(copy) === undefined) return copy
    }
  }

  #openScope(channel: Channel): number {
    const { databaseName: database } = this
    const key = { database, appId: APP, ownerId: this.#ownerOf(channel), channel }
    this.#keys.set(`${database} ${key.ownerId}`, key)
    return this.#state.openScope(key)
  }

  #allScopes(): number[] {
    return [...this.#keys.values()].map(key => this.#state.openScope(key))
  }

  #ownerOf(channel: Channel): string {
    return channel === 'shared' ? SHARED_OWNER : this.#setup.user
  }

  #createSession(clock: FakeClock, calls: PortCalls, signal: AbortSignal): Session {
    const { databases, random, isFiveMethods, ledger } = this.#options
    const database = databases.get(this.databaseName)!
    const scopes = this.#scopes
    const faulty = createFaultyAdapter(database.adapter(), clock, random.fork(), this.remoteFaults, {
      before: () => calls.before(),
      after: () => calls.after(),
      onCommit: (writes, carryOut) => {
        this.writes.remote += writes.length
        return ledger.commit(this, writes, carryOut)
      },
    })
    const adapter = isFiveMethods ? onlyFiveMethods(faulty) : faulty
    const channels = (['shared', 'private'] as const).map(channel => {
      const remote = createRemoteStore(adapter, { appId: APP, ownerId: this.#ownerOf(channel) }, { clock })
      return { channel, scope: scopes[channel], remote }
    })
    const fs = createFakeFileSystem(this.disk, {
      before: call => this.#beforeCall(call, calls),
      midway: () => calls.midway(),
      after: () => calls.after(),
    })
    const log = { debug: () => {}, info: () => {}, error: () => {} }
    return new Session({
      ports: {
        fs,
        openFiles: this.disk.openFiles,
        codec: nodeCodec,
        merger: mergeHere,
        secrets: secretScanner,
        clock,
        state: this.#stateFor(calls, clock),
        log,
      },
      rules: this.rules,
      contentRoot: 'data',
      device: this.name,
      maxFileBytes: MAX_FILE_BYTES,
      channels,
      signal,
      onEvent: event => this.#note(event),
      listensAtEnd: this.listensAtEnd,
    })
  }

  #beforeCall(call: FileSystemCall, calls: PortCalls): void {
    calls.before()
    this.#options.time.pass(this.#options.callMs)
    if (call.name === 'read') this.onRead?.(call.path)
    if (!isChanging(call)) return
    if (this.ambush?.(call) === true) this.ambush = null
    const error = this.failCall?.(call)
    if (error !== null && error !== undefined) throw error
    this.writes.disk += 1
  }

  #stateFor(calls: PortCalls, clock: FakeClock): StateStore {
    const state = this.#state.peer()
    const { ledger, stateMs, random: chance } = this.#options
    const random = chance.fork()
    const pause = async (): Promise<void> => {
      if (stateMs > 0) await clock.sleep(random.next() * stateMs)
    }
    const commit = async (changes: Parameters<StateStore['commit']>[0]): Promise<void> => {
      calls.before()
      // What a status says to others is no part of what is kept in step.
      if (changes.some(({ kind }) => kind !== 'status-set')) this.writes.state += 1
      await pause()
      ledger.stateCommit(this, changes)
      await state.commit(changes)
      calls.after()
      await pause()
    }
    return new Proxy(state, {
      get: (target, name) => {
        if (name === 'commit') return commit
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  #note(event: SessionEvent): void {
    this.events.push(event)
    if (event.type !== 'file') return
    if (event.action === 'conflict') this.#options.ledger.conflict(this, event.path)
    if (event.action === 'resolve') this.#options.ledger.ended(this, event.path, event.reason)
  }
}

/** Counts the calls of one life and ends it where the plan says so. */
class PortCalls {
  life: Life | null = null
  readonly #device: Device
  readonly #clock: FakeClock
  #calls = 0

  constructor(device: Device, clock: FakeClock) {
    this.#device = device
    this.#clock = clock
  }

  before(): void {
    this.#requireLife()
    this.#calls += 1
    if (this.life !== null) this.life.calls = this.#calls
    this.#crashIf('before')
  }

  midway(): void {
    this.#crashIf('midway')
  }

  after(): void {
    this.#requireLife()
    this.#crashIf('after')
  }

  #crashIf(when: CrashPlan['when']): void {
    const plan = this.#device.crashPlan
    if (plan === null || plan.when !== when || this.#calls < plan.call) return
    this.#device.crashPlan = null
    this.#device.crashes += 1
    this.#device.crash()
    this.#clock.kill()
    if (plan.powerCut !== undefined) this.#device.losePower(plan.powerCut)
    throw new SimulatedCrash()
  }

  #requireLife(): void {
    if (this.life?.isDead === true) throw new SimulatedCrash()
  }
}

function isTemporary(path: string): boolean {
  return path.includes('_tmp-lockstep-')
}
