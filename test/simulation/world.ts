/** All devices, the database between them, the programs on each, and whoever else writes into the database. */
import { createMemoryDatabase, type MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { SHARED_OWNER } from '../../src/engine/core/record-id.ts'
import { FileSystemError } from '../../src/engine/ports/file-system.ts'
import type { FileRecord } from '../../src/engine/ports/adapter.ts'
import { VirtualTime } from '../fakes/fake-clock.ts'
import { isChanging } from '../fakes/fake-file-system.ts'
import { createRandom, type Random } from '../fakes/random.ts'
import { binaryContent, columnOf, edited, MANY_PATHS, PATHS, poolContent, uniqueContent } from './contents.ts'
import { APP, Device, DRIVE } from './device.ts'
import { Ledger, type RecordsCopy } from './ledger.ts'
import type { Act, Content, Mass, Plan, ProgramAct, Step } from './steps.ts'

/** The databases that devices may be set up with; all begin with the first. */
const DATABASES = ['main', 'other'] as const
export type DatabaseName = (typeof DATABASES)[number]
const [MAIN] = DATABASES

/** Partial contents that last no longer than this must never be taken for the file, in milliseconds. */
const TRANSIENT_MS = 15

export class World {
  readonly time = new VirtualTime()
  /** The first, in which others write as well. */
  readonly database: MemoryDatabase
  readonly devices: Device[]
  readonly ledger: Ledger
  readonly #random: Random
  readonly #roots = new Map<Device, () => void>()
  readonly #databases: ReadonlyMap<string, MemoryDatabase>
  readonly #hasLog: boolean
  #snapshot: ReadonlyMap<string, FileRecord> | null = null
  #copy: RecordsCopy | null = null
  #isForeign = false
  /** Nobody writes: what is told of is what a copy holds. */
  #isPutBack = false

  constructor(plan: Plan) {
    this.#random = createRandom(plan.seed ^ 0x5bd1e995)
    const { isFiveMethods, hardLinks, callMs, tickMs = 4, stateMs = 0 } = plan
    const { policy = 'merge', hasLog = false } = plan
    const options = { limits: { batchItems: 3 }, pageSize: 3, hasLog }
    const databases = new Map<string, MemoryDatabase>(
      DATABASES.map(name => [name, createMemoryDatabase({ ...options, name })]),
    )
    this.#databases = databases
    this.#hasLog = hasLog
    this.database = databases.get(MAIN)!
    this.ledger = new Ledger(
      databases,
      () => this.devices,
      () => this.time.now,
    )
    for (const name of databases.keys())
      for (const owner of [SHARED_OWNER, 'ann', 'bob']) this.#watchRecords(name, owner)
    const { time, ledger } = this
    this.devices = Array.from({ length: plan.devices }, (_, index) => {
      const random = this.#random.fork()
      const user = index === 2 ? 'bob' : 'ann'
      return new Device({
        name: 'ABC'[index]!,
        user,
        time,
        databases,
        ledger,
        random,
        isFiveMethods,
        hardLinks,
        tickMs,
        callMs,
        stateMs,
        policy,
      })
    })
    if (plan.hasDrive === true) this.devices[0]!.mountDrive(DRIVE)
  }

  async step(step: Step): Promise<void> {
    await this.time.advance(step.afterMs)
    await this.#carryOut(step)
    this.ledger.check()
  }

  /** Everything works again: connections, disks, feeds; who was down is up. */
  heal(): void {
    for (const device of this.devices) {
      Object.assign(device.remoteFaults, {
        slowMs: 0,
        failing: 0,
        lostAnswers: 0,
        failingWrites: 0,
        isOffline: false,
      })
      Object.assign(device.remoteFaults.hints, { lost: 0, doubled: 0, delayMs: 0 })
      Object.assign(device.watcherFaults, { lost: 0, doubled: 0, delayMs: 5 })
      device.disk.quotaBytes = Number.POSITIVE_INFINITY
      device.failCall = null
      device.ambush = null
      device.crashPlan = null
      device.disk.allowEverything()
      this.#roots.get(device)?.()
      this.#roots.delete(device)
      device.moveDrive(true)
      // Where a program has made a folder of a file's name, the file is tried again for as long as it is there.
      for (const path of PATHS) if (device.disk.get(path)?.kind === 'directory') device.disk.delete(path)
      device.start()
    }
  }

  records(): ReadonlyMap<string, FileRecord> {
    return this.database.records()
  }

  /** Of the database that the device has now. */
  recordsOf(device: Device): ReadonlyMap<string, FileRecord> {
    return this.#databases.get(device.databaseName)!.records()
  }

  programAct(device: Device, act: ProgramAct): void {
    try {
      this.#programAct(device, act)
    } catch (error) {
      // A program too meets folders where it wants a file: then it does nothing.
      if (!(error instanceof FileSystemError)) throw error
    }
  }

  async foreignSet(
    path: string,
    content: string | Uint8Array,
    version: number,
    ownerId = SHARED_OWNER,
  ): Promise<void> {
    const id = ownerId === SHARED_OWNER ? `${APP}:${path}` : `${APP}@${ownerId}:${path}`
    await this.#asForeign(async () => {
      const record = { path, app: APP, ownerId, content: columnOf(content), lastUpdated: version }
      this.ledger.foreignWrite(`${MAIN} ${id}`)
      await this.database.adapter().set(id, record)
    })
  }

  async foreignDelete(id: string): Promise<void> {
    await this.#asForeign(() => this.database.adapter().delete(id))
  }

  async #asForeign(write: () => Promise<void>): Promise<void> {
    this.#isForeign = true
    try {
      await write()
    } finally {
      this.#isForeign = false
    }
  }

  #watchRecords(name: string, owner: string): void {
    this.#databases
      .get(name)!
      .adapter()
      .subscribe(
        APP,
        owner,
        changes => {
          if (this.#isPutBack) return
          for (const { type, id, data } of changes) {
            const key = `${name} ${id}`
            if (type === 'removed') this.ledger.recordGone(key)
            else this.ledger.record(key, data, this.#isForeign ? 'foreign' : 'device')
          }
        },
        () => {},
      )
  }

  async #carryOut(act: Act): Promise<void> {
    switch (act.act) {
      case 'wait':
        return
      case 'foreign-set': {
        const ownerId = act.path.startsWith('data/mine/') ? 'ann' : SHARED_OWNER
        const former = this.records().get(
          ownerId === SHARED_OWNER ? `${APP}:${act.path}` : `${APP}@ann:${act.path}`,
        )
        const version =
          act.isSameVersion && former !== undefined ? former.lastUpdated : Math.floor(this.time.now)
        return this.foreignSet(act.path, bytesOf(act.content), version, ownerId)
      }
      case 'foreign-mass':
        for (const [at, path] of MANY_PATHS.entries())
          await this.#foreignMassAct(path, act.what, act.serial + at)
        return
      case 'foreign-delete':
        return this.foreignDelete(`${APP}:${act.path}`)
      case 'snapshot':
        this.#snapshot = this.records()
        return
      case 'restore-snapshot':
        return this.#restoreSnapshot()
      case 'empty-database':
        for (const id of this.records().keys()) await this.foreignDelete(id)
        return
      case 'exchange-database':
        return this.#putBack(new Map(), true, () =>
          this.database.exchange(`other-${Math.floor(this.time.now)}`),
        )
      case 'copy-database':
        this.#copy = this.ledger.copyRecords(MAIN)
        return
      case 'put-database-back': {
        const copy = this.#copy
        // Without a log a copy looks like edits and deletes.
        if (copy !== null) this.#putBack(copy.marks, this.#hasLog, () => this.database.putBack(copy.database))
        return
      }
      default:
        return this.#onDevice(this.devices[act.device]!, act)
    }
  }

  #putBack(marks: RecordsCopy['marks'], isKnown: boolean, carryOut: () => void): void {
    this.#isPutBack = true
    carryOut()
    this.#isPutBack = false
    this.ledger.recordsPutBack(MAIN, marks, isKnown)
  }

  async #foreignMassAct(path: string, what: Mass, serial: number): Promise<void> {
    const id = `${APP}:${path}`
    const isThere = this.records().has(id)
    if (what === 'delete') return isThere ? this.foreignDelete(id) : undefined
    if (what === 'make' || isThere)
      return this.foreignSet(path, `mass ${serial}\n`, Math.floor(this.time.now))
  }

  async #restoreSnapshot(): Promise<void> {
    const snapshot = this.#snapshot
    if (snapshot === null) return
    for (const id of this.records().keys()) if (!snapshot.has(id)) await this.foreignDelete(id)
    for (const [, record] of snapshot) {
      await this.#asForeign(async () => {
        const id =
          record.ownerId === SHARED_OWNER
            ? `${APP}:${record.path}`
            : `${APP}@${record.ownerId}:${record.path}`
        this.ledger.foreignWrite(`${MAIN} ${id}`)
        await this.database.adapter().set(id, record)
      })
    }
  }

  async #onDevice(device: Device, act: Extract<Act, { device: number }>): Promise<void> {
    switch (act.act) {
      case 'ambush': {
        let left = act.changes
        device.ambush = call => {
          // Between the last look and a rename over the path lie microseconds that no call of Node can close.
          if (call.name === 'rename' && !call.newPath!.includes('_tmp-')) return false
          left -= 1
          if (left <= 0) this.programAct(device, act.what)
          return left === 0
        }
        return
      }
      case 'unmount-root':
        if (!this.#roots.has(device)) this.#roots.set(device, device.disk.unmount('data'))
        return
      case 'mount-root':
        this.#roots.get(device)?.()
        this.#roots.delete(device)
        return
      case 'crash':
        device.crashPlan = { call: device.calls + act.calls, when: act.when }
        return
      case 'power-cut': {
        const { calls, when, names, contents } = act
        if (calls === 0 || !device.isRunning) device.losePower({ names, contents })
        else device.crashPlan = { call: device.calls + calls, when, powerCut: { names, contents } }
        return
      }
      case 'reboot':
        return device.reboot()
      case 'copy-files':
        return device.copyFiles()
      case 'put-files-back':
        return device.putFilesBack(act.how, act.areTimesKept)
      case 'drive':
        return device.moveDrive(act.isThere)
      case 'copy-state':
        return device.copyState()
      case 'put-state-back':
        return device.putStateBack()
      case 'start':
        return device.start()
      case 'stop':
        return device.stop()
      case 'offline':
        device.remoteFaults.isOffline = act.isOffline
        return
      case 'faults':
        Object.assign(device.remoteFaults, {
          failing: act.share,
          failingWrites: act.share,
          slowMs: act.slowMs,
        })
        return
      case 'lost-answers':
        device.remoteFaults.lostAnswers = act.share
        return
      case 'hints':
        Object.assign(device.remoteFaults.hints, {
          lost: act.lost,
          doubled: act.doubled,
          delayMs: act.delayMs,
        })
        return
      case 'watcher':
        Object.assign(device.watcherFaults, { lost: act.lost, delayMs: act.delayMs })
        return
      case 'overflow':
        return device.overflowWatcher()
      case 'full-disk':
        device.disk.quotaBytes = device.disk.usedBytes() + act.bytes
        return
      case 'bad-disk':
        return this.#failDisk(device, act.share)
      case 'deny':
        return device.disk.deny(act.path, act.right)
      case 'allow':
        return device.disk.allowEverything()
      case 'jump-clock':
        return device.jumpClock(act.ms)
      case 'decide':
        await device.decideHolds(act.decision)
        return
      case 'configure':
        return device.setUp({ configuration: act.configuration })
      case 'use-database':
        return device.setUp({ databaseName: act.database })
      case 'use-user':
        return device.setUp({ user: act.user })
      case 'lose-state':
        return device.loseState()
      case 'resolve':
        await device.resolve(act.take, bytesOf(act.content))
        return
      case 'mass':
        for (const [at, path] of MANY_PATHS.entries()) this.#massAct(device, path, act.what, act.serial + at)
        return
      case 'rescan':
        return device.session?.markEverything()
      default:
        return this.programAct(device, act)
    }
  }

  #massAct(device: Device, path: string, what: Mass, serial: number): void {
    const isThere = device.disk.get(path)?.kind === 'file'
    if (what === 'delete') this.programAct(device, { act: 'delete', path })
    else if (what === 'make' || isThere) device.disk.writeByRename(path, `mass ${serial}\n`)
  }

  #failDisk(device: Device, share: number): void {
    const random = this.#random.fork()
    device.failCall =
      share === 0
        ? null
        : call =>
            isChanging(call) && random.chance(share)
              ? new FileSystemError('EIO', call.path, 'input/output error')
              : null
  }

  #programAct(device: Device, act: ProgramAct): void {
    const { disk } = device
    switch (act.act) {
      case 'save':
        if (disk.get(act.path)?.kind === 'directory') return
        return disk.writeByRename(act.path, bytesOf(act.content))
      case 'write':
        return this.#writeInPlace(
          device,
          act.path,
          bytesOf(act.content),
          act.gapMs,
          act.content.kind === 'unique',
        )
      case 'edit': {
        if (disk.get(act.path)?.kind === 'directory') return
        const next = edited(act.path, disk.text(act.path), act.kind, act.where, act.serial)
        if (act.gapMs === undefined) return disk.writeByRename(act.path, next)
        return this.#writeInPlace(device, act.path, Buffer.from(next), act.gapMs, false)
      }
      case 'append':
        return disk.append(act.path, bytesOf(act.content))
      case 'delete':
        return disk.delete(act.path)
      case 'recreate':
        disk.delete(act.path)
        return this.#later(act.gapMs, () =>
          this.programAct(device, { act: 'save', path: act.path, content: act.content }),
        )
      case 'move': {
        const isPossible = disk.get(act.path) !== undefined && disk.get(act.to)?.kind !== 'directory'
        // A folder that a drive lies over is busy.
        if (disk.isMounted(act.path) || disk.isMounted(act.to)) return
        const isWithinItself = act.to.startsWith(`${act.path}/`) || act.path.startsWith(`${act.to}/`)
        if (isPossible && !isWithinItself && act.path !== act.to) disk.move(act.path, act.to)
        return
      }
      case 'touch':
        if (disk.get(act.path)?.kind !== 'file') return
        this.ledger.touched(device, act.path)
        return disk.touch(act.path, this.time.now - act.backMs)
      case 'folder':
        return disk.makeFolders(act.path)
      case 'late-write': {
        if (disk.get(act.path)?.kind !== 'file') return
        const file = disk.open(act.path)
        return this.#later(act.gapMs, () => {
          file.write(bytesOf(act.content))
          file.close()
        })
      }
      case 'late-append': {
        if (disk.get(act.path)?.kind !== 'file') return
        const file = disk.open(act.path, 'appending')
        return this.#later(act.gapMs, () => {
          file.append(`late ${act.serial}\n`)
          this.#later(act.gapMs, () => {
            file.append(`later ${act.serial}\n`)
            file.close()
          })
        })
      }
    }
  }

  /** Half of a unique content is unique too; halves of others are common to many, some of which last. */
  #writeInPlace(device: Device, path: string, bytes: Uint8Array, gapMs: number, isUnique: boolean): void {
    const file = device.disk.open(path)
    const half = bytes.subarray(0, bytes.length >> 1)
    const isTransient = isUnique && gapMs * 2 <= TRANSIENT_MS
    file.truncate()
    this.#later(gapMs, () => {
      if (isTransient) this.ledger.transient(half)
      file.write(half)
      this.#later(gapMs, () => {
        file.write(bytes)
        file.close()
      })
    })
  }

  #later(ms: number, act: () => void): void {
    if (ms === 0) act()
    else this.time.after(ms, act)
  }
}

function bytesOf(content: Content): Uint8Array {
  switch (content.kind) {
    case 'pool':
      return Buffer.from(poolContent(content.index))
    case 'unique':
      return Buffer.from(uniqueContent(content.serial))
    case 'binary':
      return binaryContent(content.serial)
    case 'broken':
      return Buffer.from(`{"broken":${content.serial}`)
  }
}
