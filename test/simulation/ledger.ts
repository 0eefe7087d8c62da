/**
 * Watches everything that happens in a simulation and knows what may not be lost (R1), invented (R9) or
 * replaced unseen (R4). It judges by contents alone, and shares no code with what it judges.
 *
 * A content is owed from the moment at which sync takes it off a path, or out of a record that it had not
 * agreed on: from then on it must be somewhere. What a program overwrites or deletes itself is owed where both sides had
 * agreed on it (R16); the rest is no loss.
 */
import type { ConditionalWrite, FileRecord, WriteResult } from '../../src/engine/ports/adapter.ts'
import type { BaseEntry } from '../../src/engine/core/entry.ts'
import { decodeContent } from '../../src/engine/core/content.ts'
import { nodeCodec } from '../../src/platform/node-codec.ts'
import type { DatabaseCopy, MemoryDatabase } from '../../src/adapters/memory/memory-database.ts'
import { MASS_DELETE_FILES, MASS_DELETE_SHARE } from '../../src/engine/core/guard.ts'
import type { HoldRecord, Resolution, StateChange } from '../../src/engine/ports/state-store.ts'
import type { Actor, Inode } from '../fakes/fake-disk.ts'
import { digestOf } from './contents.ts'
import type { Device } from './device.ts'
import { isMergeOf, type Sides } from './merge-oracle.ts'
import { type FileMark, Provenance, type RecordMark } from './provenance.ts'

/** A content that has rested this long is one that a program meant, in milliseconds. */
const AT_REST_MS = 25
/** So long after sync has replaced a file programs may go on writing what they had read before, in milliseconds. */
const OVERTAKEN_MS = 1_000
/** How names of files end that sync had not yet put in place: a power cut, or a copy, may bring them back. */
const UNPLACED = '-new'
/** Within it, deletes that nobody has approved are a mass, in milliseconds. */
const MASS_MS = 50_000

/** What the ledger knows of a database when somebody makes a copy of it. */
export interface RecordsCopy {
  readonly database: DatabaseCopy
  readonly marks: ReadonlyMap<string, RecordMark>
}

export class Ledger {
  readonly violations: string[] = []
  readonly #databases: ReadonlyMap<string, MemoryDatabase>
  readonly #devices: () => readonly Device[]
  readonly #now: () => number
  /** Every content that a program has ever shown. */
  readonly #written = new Set<string>()
  /** Half-written contents, and when they were there: no look that comes so soon may take them for the file. */
  readonly #transient = new Map<string, number>()
  readonly #owed = new Map<string, string>()
  /** What programs have replaced of what was agreed on (R16), by device. */
  readonly #ownOwed = new Map<Device, Map<string, string>>()
  readonly #provenance = new Provenance()
  /** By device and path: what it holds now. */
  readonly #shown = new Map<string, string>()
  /** By device and path: it need not be what anybody has made of it last. */
  readonly #leftByPowerCut = new Map<string, string>()
  /** By device and path: what is known of files that are away with a drive, or lie beneath it. */
  readonly #hidden = new Map<string, FileMark[]>()
  /** By device and path: the contents that have been there. */
  readonly #had = new Map<string, Set<string>>()
  readonly #lastProgramChange = new Map<string, number>()
  /** By database and id: the contents it has had. */
  readonly #recordHad = new Map<string, Set<string>>()
  /** By database and id: since when there has been one, in milliseconds since the epoch. */
  readonly #recordSince = new Map<string, number>()
  /** By database and id: who wrote it last. */
  readonly #recordBy = new Map<string, string>()
  readonly #bytes = new Map<string, Uint8Array>()
  /** Files whose last name sync has taken, by where that was. */
  readonly #letGo = new WeakMap<Inode, string>()
  /** Contents that the engine has merged, and from which records, by device and path. */
  readonly #mergedFrom = new Map<string, Set<string>>()
  readonly #merged = new Set<string>()
  /** Contents that a person has put together to end a conflict. */
  readonly #byHand = new Set<string>()
  /** Contents taken off their path in this very call, though they were not what both sides had agreed on. */
  readonly #unseen = new Map<string, { readonly digest: string; readonly what: string }>()
  /** What sync has last taken off a path, and all that it has put in the place of what, by device and path. */
  readonly #former = new Map<string, string>()
  readonly #replacements = new Map<
    string,
    { readonly former: string; readonly shown: string; readonly at: number }[]
  >()
  /** What programs have written into files that had lost their names, by device. */
  readonly #late = new Map<string, Set<string>>()
  /** What people have decided, by device and path: which contents may be replaced by which. */
  readonly #resolved = new Map<string, { readonly local: Set<string>; readonly remote: Set<string> }>()
  /** A delete is a program's change as well, and after a kill what it removed may come back. */
  readonly #deletedByProgram = new Set<string>()
  /** Where a policy has decided against the record: its content is the next base. */
  readonly #losing = new Map<string, string>()
  readonly #given = new Set<string>()
  readonly #approved = new Set<string>()
  /** By device and path: the contents that a person has let go, as they were shown. */
  readonly #approvedAt = new Map<string, Set<string>>()
  /** By database and id: records whose last delete a person has approved, on whatever device. */
  readonly #meant = new Set<string>()
  /** By device and side: which files sync has deleted there, and when. */
  readonly #deletes = new Map<string, Map<string, number>>()
  /** Conflicts that no two edits account for: no program has changed the file, or nobody else the record. */
  readonly bogusConflicts: string[] = []
  /** Files that sync has brought back though a program had deleted them, and nobody has changed them since. */
  readonly undoneDeletes: string[] = []

  constructor(
    databases: ReadonlyMap<string, MemoryDatabase>,
    devices: () => readonly Device[],
    now: () => number,
  ) {
    this.#databases = databases
    this.#devices = devices
    this.#now = now
  }

  transient(content: string | Uint8Array): void {
    this.#transient.set(digestOf(content), this.#now())
  }

  programWrote(inode: Inode): void {
    this.#written.add(digestOf(inode.bytes))
    const path = this.#letGo.get(inode)
    if (path !== undefined && inode.names === 0)
      this.violations.push(`R1 ${path} was let go while a program had it open: ${shown(inode.bytes)}`)
  }

  content(device: Device, path: string, inode: Inode, by: Actor): void {
    const digest = this.#known(inode.bytes)
    const key = keyOf(device, path)
    if (by === 'program') {
      this.#oweOwn(device, path, digest)
      this.#written.add(digest)
      if (!isVisible(path)) added(this.#late, device.name, digest)
      this.#lastProgramChange.set(key, this.#now())
    } else if (isVisible(path)) this.#shownByEngine(device, path, inode, digest)
    added(this.#had, key, digest)
    this.#shown.set(key, digest)
    const isByEngine = by === 'engine' && !inode.writtenByProgram
    const under = isByEngine ? device.recordKey(path) : device.watchedAs(path)
    this.#provenance.noteFile(key, { by: isByEngine ? 'engine' : 'program', digest, under })
  }

  /** R16.1: until the base gives way, and from then on in the history. */
  #oweOwn(device: Device, path: string, next: string | null): void {
    const key = keyOf(device, path)
    const shown = this.#shown.get(key)
    if (shown === undefined || shown === next || shown !== device.baseOf(path)?.digest) return
    if (device.content(shown) === null) return
    const owed = this.#ownOwed.get(device) ?? new Map<string, string>()
    this.#ownOwed.set(device, owed.set(shown, `${key}, replaced here`))
  }

  /** Sync may show what somebody wrote, or a merge of the file, the base and one of the record's contents. */
  #shownByEngine(device: Device, path: string, { bytes }: Inode, digest: string): void {
    const key = keyOf(device, path)
    const unseen = this.#unseen.get(key)
    const isNew = !this.#written.has(digest)
    const former = this.#former.get(key)
    this.#checkPull(device, path, digest)
    if (this.#provenance.isUndone(key, device.recordKey(path), device.baseOf(path)))
      this.undoneDeletes.push(`R8.13 ${key} has come back, though it was deleted here`)
    const isMerge =
      (unseen !== undefined || isNew) &&
      former !== undefined &&
      (this.#noteMerge(device, path, digest, former) || this.#isOvertaken(device, path, digest, former))
    if (former !== undefined) {
      const replacement = { former, shown: digest, at: this.#now() }
      this.#replacements.set(key, [...(this.#replacements.get(key) ?? []), replacement])
    }
    if (isMerge || (unseen !== undefined && this.#mayReplace(device, path, unseen.digest)))
      this.#unseen.delete(key)
    if (isNew && !isMerge) {
      this.violations.push(`R9 ${key} shows a content that nobody wrote: ${shown(bytes)}`)
    }
  }

  /** Whether `merged` is `local` merged with a content that the record has had; with which is noted. */
  #noteMerge(device: Device, path: string, merged: string, local: string): boolean {
    const base = device.baseOf(path)
    if (base === undefined) return false
    let isMerge = false
    for (const remote of this.#recordHad.get(device.recordKey(path)) ?? []) {
      if (!isMergeOf(path, this.#text(merged), this.#sides(base.digest, local, remote))) continue
      added(this.#mergedFrom, keyOf(device, path), remote)
      isMerge = true
    }
    if (isMerge) {
      this.#written.add(merged)
      this.#merged.add(merged)
    }
    return isMerge
  }

  /** A program had read what sync was replacing: its write is merged with what sync has put there, or what has come since. */
  #isOvertaken(device: Device, path: string, merged: string, former: string): boolean {
    const key = keyOf(device, path)
    const late = [...(this.#late.get(device.name) ?? [])]
    const isOne = (this.#replacements.get(key) ?? []).some(replacement => {
      const isSoon = (this.#lastProgramChange.get(key) ?? 0) - replacement.at < OVERTAKEN_MS
      const sides = late.map(edit => this.#sides(replacement.former, edit, former))
      if (isSoon) sides.push(this.#sides(replacement.former, former, replacement.shown))
      return sides.some(each => isMergeOf(path, this.#text(merged), each))
    })
    if (!isOne) return false
    this.#written.add(merged)
    this.#merged.add(merged)
    return true
  }

  /** By a policy or a person. */
  #mayReplace(device: Device, path: string, digest: string): boolean {
    const policy = device.rules.conflictPolicy(path)
    if (policy === 'newest' || policy === 'remote') return true
    if (this.#approvedAt.get(keyOf(device, path))?.has(digest) === true) return true
    return this.#resolved.get(keyOf(device, path))?.local.has(digest) === true
  }

  programDeleted(device: Device, path: string): void {
    const key = keyOf(device, path)
    this.#deletedByProgram.add(key)
    this.#lastProgramChange.set(key, this.#now())
    if (device.disk.get(path) !== undefined) return
    this.#oweOwn(device, path, null)
    this.#shown.delete(key)
    this.#provenance.noteFile(key, { by: 'program', digest: null, under: device.watchedAs(path) })
  }

  /** A program has said anew that the file is meant to be as it is. */
  touched(device: Device, path: string): void {
    const mark = this.#provenance.file(keyOf(device, path))
    if (mark !== undefined) this.#provenance.noteFile(keyOf(device, path), { ...mark, by: 'program' })
  }

  /** A drive has come or gone, and with it what lay at the path; each file comes back as it went. */
  driveMoved(device: Device, path: string, inode: Inode | undefined): void {
    const key = keyOf(device, path)
    const digest = inode === undefined ? null : this.#known(inode.bytes)
    const marks = this.#hidden.get(key) ?? []
    const former = this.#provenance.file(key)
    if (digest === null) {
      this.#shown.delete(key)
      if (former !== undefined) this.#hidden.set(key, [...marks, former])
    } else this.#shown.set(key, digest)
    const mark = digest === null ? undefined : marks.find(each => each.digest === digest)
    this.#provenance.noteFile(key, mark ?? { by: 'break', digest, under: null })
  }

  /** A power cut has made the path what it is now. */
  broken(device: Device, path: string, inode: Inode | undefined): void {
    const key = keyOf(device, path)
    const digest = inode === undefined ? null : this.#known(inode.bytes)
    const base = device.baseOf(path)
    const isWrittenSince = (inode?.mtimeMs ?? 0) > (base?.fingerprint?.mtimeMs ?? Infinity)
    const isUnseen = isWrittenSince || (this.#shown.get(key) ?? null) !== (base?.digest ?? null)
    const isByProgram = this.#provenance.file(key)?.by === 'program'
    if (digest === null) this.#shown.delete(key)
    else {
      this.#shown.set(key, digest)
      this.#written.add(digest)
      added(this.#had, key, digest)
    }
    if (digest !== null) this.#leftByPowerCut.set(key, digest)
    // What a program had not yet shown to anybody is its own to lose.
    const by = isUnseen && isByProgram ? 'program' : 'break'
    this.#provenance.noteFile(key, { by, digest, under: null })
  }

  /** A copy of files with their times was put back, while nobody looked: these have come, those have gone. */
  filesPutBack(device: Device, come: readonly string[], gone: readonly string[]): void {
    for (const path of come) {
      const inode = device.disk.get(path)
      if (inode === undefined) continue
      const key = keyOf(device, path)
      const digest = digestOf(inode.bytes)
      // Where a clock was wrong, the copy may be the later one.
      const isOlder = inode.mtimeMs < (device.baseOf(path)?.fingerprint?.mtimeMs ?? 0)
      if (isOlder && this.#provenance.hadFile(key, digest, inode.mtimeMs))
        this.#provenance.noteFile(key, { by: 'break', digest, under: null })
    }
    for (const path of gone)
      this.#provenance.noteFile(keyOf(device, path), { by: 'break', digest: null, under: null })
  }

  copyRecords(name: string): RecordsCopy {
    return {
      database: this.#databases.get(name)!.copy(),
      marks: this.#provenance.copyRecords(`${name} `),
    }
  }

  /** After another database, or a copy, has come in its place; `isKnown`: devices can tell. */
  recordsPutBack(name: string, copy: RecordsCopy['marks'], isKnown: boolean): void {
    const records = this.#databases.get(name)!.records()
    for (const key of this.#recordSince.keys())
      if (key.startsWith(`${name} `) && !records.has(key.slice(name.length + 1)))
        this.#recordSince.delete(key)
    for (const id of records.keys()) {
      const key = `${name} ${id}`
      if (!this.#recordSince.has(key)) this.#recordSince.set(key, this.#now())
      this.#recordBy.set(key, 'foreign')
      this.#meant.delete(key)
    }
    if (isKnown) return this.#provenance.putBackRecords(`${name} `, copy)
    for (const key of this.#provenance.copyRecords(`${name} `).keys())
      if (!records.has(key.slice(name.length + 1))) this.#provenance.noteRecord(key, null, 0)
    for (const [id, { content, lastUpdated }] of records)
      this.#provenance.noteRecord(`${name} ${id}`, digestOfColumn(content), lastUpdated)
  }

  /** Sync has taken a file off its path. */
  nameLost(device: Device, path: string, inode: Inode): void {
    if (!isVisible(path)) return
    const digest = digestOf(inode.bytes)
    // A conflict copy shows the record, whose writer may overwrite it; only what a program put there is owed.
    if (path.endsWith('.conflict') && !inode.writtenByProgram) return
    this.#former.set(keyOf(device, path), digest)
    // A file that a program wrote late goes back in the place of what sync had put over it.
    if (!inode.writtenByProgram && device.disk.get(path)?.writtenByProgram === true) return
    const changed = this.#lastProgramChange.get(keyOf(device, path)) ?? 0
    const wasAtRest = this.#now() - changed >= AT_REST_MS
    // What is still being written is not yet a content; what becomes of it is owed when its last name goes.
    if (wasAtRest) this.#owe(digest, `${keyOf(device, path)} ${shown(inode.bytes)}`)
    if (path.endsWith('.conflict')) return
    const isGone = device.disk.get(path) === undefined
    if (isGone) {
      this.#checkPull(device, path, null)
      this.#shown.delete(keyOf(device, path))
      const mark = { by: 'engine', digest: null, under: device.recordKey(path) } as const
      this.#provenance.noteFile(keyOf(device, path), mark)
    }
    if (
      isGone &&
      wasAtRest &&
      this.#now() - (this.#recordSince.get(device.recordKey(path)) ?? this.#now()) > device.latencyMs
    ) {
      this.violations.push(
        `R8 ${keyOf(device, path)} was deleted though its record is there: ${shown(inode.bytes)}`,
      )
    }
    if (isGone && !this.#meant.has(device.recordKey(path))) this.#noteDelete(device, 'local', path)
    const isKnown =
      this.#recordNow(device, path) === digest ||
      device.hasAgreedOn(path, digest) ||
      isLikeLost(device.baseOf(path), inode) ||
      this.#leftByPowerCut.get(keyOf(device, path)) === digest ||
      this.#provenance.file(keyOf(device, path))?.by === 'break'
    if (!wasAtRest || isKnown) return
    const what = `R4 ${keyOf(device, path)} was replaced though it was not the base: ${shown(inode.bytes)}`
    // What has come in its place may explain it, and follows in the same call.
    this.#unseen.set(keyOf(device, path), { digest, what })
  }

  /** What a break alone has made of the record replaces and removes no file. */
  #checkPull(device: Device, path: string, digest: string | null): void {
    const former = this.#shown.get(keyOf(device, path))
    if (former === undefined || former === digest || this.#recordNow(device, path) !== digest) return
    const base = device.baseOf(path)
    const fault = this.#provenance.faultOfPull(keyOf(device, path), device.recordKey(path), digest, base)
    if (fault !== null) this.violations.push(`R8.11 ${keyOf(device, path)} was replaced or deleted ${fault}`)
  }

  /** R8.2: so many different files, within so short a time, are never deleted unasked. */
  #noteDelete(device: Device, side: 'local' | 'remote', path: string): void {
    const key = `${device.name} ${side}`
    const deletes = this.#deletes.get(key) ?? new Map<string, number>()
    this.#deletes.set(key, deletes.set(path, this.#now()))
    const gone = [...deletes].filter(
      ([each, at]) => at > this.#now() - MASS_MS && (each === path || device.disk.get(each) === undefined),
    )
    const had = device.disk.paths().length + gone.length
    const isMass = gone.length >= MASS_DELETE_FILES && gone.length > had * MASS_DELETE_SHARE
    if (isMass && !this.#approved.has(device.name)) {
      this.violations.push(
        `R8 ${device.name} deleted ${gone.length} of ${had} files on the ${side} side unasked`,
      )
    }
  }

  /** A person has answered a conflict; `own` is what they have put together. */
  resolved(device: Device, { path, take, localDigest }: Resolution, remote: string, own: Uint8Array): void {
    const allowed = this.#allowedAt(keyOf(device, path))
    if (take !== 'local') allowed.local.add(localDigest)
    if (take === 'local' || take === 'content') allowed.remote.add(remote)
    if (take !== 'content') return
    const content = this.#known(own)
    this.#written.add(content)
    this.#byHand.add(content)
  }

  #allowedAt(key: string): { readonly local: Set<string>; readonly remote: Set<string> } {
    const allowed = this.#resolved.get(key) ?? { local: new Set(), remote: new Set() }
    this.#resolved.set(key, allowed)
    return allowed
  }

  /** A conflict has ended; where the record's content has lost, it is owed from now on. */
  ended(device: Device, path: string, reason: string): void {
    const key = keyOf(device, path)
    // A policy is told of before the record becomes the base, a person's decision after.
    if (/^policy .*local$/.test(reason)) this.#losing.set(key, reason)
    if (reason !== 'by hand: local' && reason !== 'by hand: content') return
    const base = device.baseOf(path)
    const bytes = device.disk.get(path)?.bytes
    if (base === undefined || bytes === undefined || digestOf(bytes) === base.digest) return
    if (this.#recordNow(device, path) === base.digest) {
      this.#owe(base.digest, `${key} the record that lost: ${reason}`)
    }
  }

  decided(device: Device, { path, digest }: HoldRecord, decision: 'approve' | 'restore'): void {
    const key = keyOf(device, path)
    this.#provenance.allow(key)
    if (decision === 'approve') {
      this.#approved.add(device.name)
      added(this.#approvedAt, key, digest)
    } else this.#given.add(keyOf(device, path))
  }

  /** What is lost with a device's state is lost by nobody's fault. */
  losing(device: Device, lose: () => void): void {
    const before = [...device.kept(), ...device.agreed()]
    lose()
    this.#excuse(before)
    this.#ownOwed.delete(device)
    this.#provenance.forgetAgreedFiles(device.name)
  }

  /** What was only in files that the power cut has taken is lost by nobody's fault. */
  losingFiles(device: Device, lose: () => void): void {
    const before = device.disk.paths().map(path => digestOf(device.disk.get(path)!.bytes))
    lose()
    this.#excuse(before)
  }

  /** The clock leaps, and own edits are thinned by it (R16.4). */
  forgetOwn(): void {
    this.#ownOwed.clear()
  }

  #excuse(lost: readonly string[]): void {
    const lasting = this.#lasting()
    for (const digest of lost) if (!lasting.has(digest)) this.#owed.delete(digest)
  }

  /** Sync has appended to a file: what it held is a part of what it holds. */
  appended(device: Device, path: string, before: Uint8Array): void {
    this.#former.set(keyOf(device, path), this.#known(before))
  }

  freed(device: Device, path: string, inode: Inode): void {
    // Without hard links nothing can be kept.
    if (device.disk.hardLinks) this.#letGo.set(inode, keyOf(device, path))
    if (inode.writtenByProgram && !path.endsWith(UNPLACED))
      this.#owe(digestOf(inode.bytes), `${keyOf(device, path)} ${shown(inode.bytes)}`)
  }

  /** Around a commit of sync: each record that it replaces must hold what the device had agreed on. */
  async commit(
    device: Device,
    writes: readonly ConditionalWrite[],
    carryOut: () => Promise<WriteResult[]>,
  ): Promise<WriteResult[]> {
    const before = this.#recordsOf(device)
    const results = await carryOut()
    for (const [index, write] of writes.entries()) {
      if (results[index]!.status !== 'done') continue
      this.#checkChannel(device, write)
      const record = before.get(write.id)
      if (record !== undefined) this.#replaced(device, record, write)
    }
    for (const [index, write] of writes.entries()) {
      if (results[index]!.status === 'done')
        this.#recordBy.set(device.keyOfRecord(write.id), this.#writerOf(device, write))
    }
    return results
  }

  /** Of a merge both sides are the writers. */
  #writerOf(device: Device, write: ConditionalWrite): string {
    const isMerge = write.type === 'set' && this.#merged.has(digestOfColumn(write.data.content))
    return isMerge ? 'several' : device.name
  }

  /** R15: judged by the patterns that the device has at this moment. R8: what is here is not gone. */
  #checkChannel(device: Device, write: ConditionalWrite): void {
    const path = write.id.slice(write.id.indexOf(':') + 1)
    if (device.recordId(path) !== write.id || device.channelOf(path) === null) {
      this.violations.push(`R15 ${device.name} wrote ${write.id}, where ${path} does not belong`)
    }
    if (write.type !== 'delete') return
    if (write.word === 'meant') this.#meant.add(device.keyOfRecord(write.id))
    this.#noteDelete(device, 'remote', path)
    const fault = this.#provenance.faultOfRemoteDelete(keyOf(device, path), device.keyOfRecord(write.id))
    if (fault !== null) this.violations.push(`R4.5 ${device.name} deleted ${write.id} ${fault}`)
    const changed = this.#lastProgramChange.get(keyOf(device, path)) ?? 0
    const isHere = device.disk.get(path)?.kind === 'file'
    if (isHere && this.#now() - changed > device.latencyMs) {
      this.violations.push(`R8 ${device.name} deleted ${write.id} though its file is there`)
    }
  }

  /** `id`: of the database and the record, here and below. */
  recordGone(id: string): void {
    this.#recordSince.delete(id)
    this.#provenance.noteRecord(id, null, 0)
  }

  foreignWrite(id: string): void {
    this.#recordBy.set(id, 'foreign')
  }

  record(id: string, data: FileRecord, by: 'device' | 'foreign'): void {
    const digest = this.#known(bytesOfColumn(data.content))
    if (by === 'foreign') this.#written.add(digest)
    else if (!this.#written.has(digest))
      this.violations.push(`R9 ${id} holds a content that nobody wrote: ${data.content}`)
    if (by === 'device' && this.#now() - (this.#transient.get(digest) ?? 0) < AT_REST_MS) {
      this.violations.push(`R9 ${id} holds half a file: ${JSON.stringify(data.content)}`)
    }
    added(this.#recordHad, id, digest)
    this.#provenance.noteRecord(id, digest, data.lastUpdated)
    this.#meant.delete(id)
    if (!this.#recordSince.has(id)) this.#recordSince.set(id, this.#now())
  }

  /** A base may only name what the device and the record have both had. */
  stateCommit(device: Device, changes: readonly StateChange[]): void {
    for (const change of changes) {
      if (change.kind !== 'base-set') continue
      const { path, entry } = change
      const key = keyOf(device, path)
      if (entry.fingerprint !== null)
        this.#provenance.noteAgreedFile(key, entry.digest, entry.fingerprint.mtimeMs)
      const lost = this.#losing.get(key)
      if (lost !== undefined) this.#owe(entry.digest, `${key} the record that lost: ${lost}`)
      this.#losing.delete(key)
      if (
        this.#had.get(key)?.has(entry.digest) !== true &&
        !this.#isAccountedFor(device, path, entry.digest)
      ) {
        this.violations.push(`R4 the base of ${key} names a content that was never there`)
      }
      // As if the file's own content had been agreed on: so a person has decided about a held change.
      if (this.#given.has(key)) continue
      if (this.#recordHad.get(device.recordKey(path))?.has(entry.digest) !== true) {
        this.violations.push(`R4 the base of ${key} names a content that its record never had`)
      }
    }
  }

  /** A base may also be a record that the file has taken in, or that a policy or a person has decided against. */
  #isAccountedFor(device: Device, path: string, digest: string): boolean {
    const key = keyOf(device, path)
    if (this.#given.has(key) || this.#mergedFrom.get(key)?.has(digest) === true) return true
    const policy = device.rules.conflictPolicy(path)
    if (policy === 'newest' || policy === 'local' || this.#resolved.get(key)?.remote.has(digest) === true)
      return true
    const bytes = device.disk.get(path)?.bytes
    if (bytes === undefined) return false
    const local = digestOf(bytes)
    return this.#noteMerge(device, path, local, local) && this.#mergedFrom.get(key)!.has(digest)
  }

  /** A conflict is real if a program, or a person, wrote the file, and somebody else the record. */
  conflict(device: Device, path: string): void {
    const key = keyOf(device, path)
    const inode = device.disk.get(path)
    const isByProgram =
      inode === undefined ||
      inode.writtenByProgram ||
      inode.namedByProgram ||
      this.#deletedByProgram.has(key) ||
      this.#merged.has(digestOf(inode.bytes)) ||
      this.#byHand.has(digestOf(inode.bytes))
    const isOwnRecord = this.#recordBy.get(device.recordKey(path)) === device.name
    if (!isByProgram || isOwnRecord) this.bogusConflicts.push(`R6 ${key} has a conflict that is none`)
  }

  /** Nothing that is owed is gone. */
  check(): void {
    for (const { what } of this.#unseen.values()) this.violations.push(what)
    this.#unseen.clear()
    if (this.#owed.size > 0) this.#checkOwed('R1', this.#owed, this.#present())
  }

  /** At rest: what has once gone out of the history does not come back. */
  checkOwn(): void {
    const present = this.#present()
    for (const owed of this.#ownOwed.values()) this.#checkOwed('R16.1', owed, present)
  }

  #checkOwed(rule: string, owed: ReadonlyMap<string, string>, present: ReadonlySet<string>): void {
    for (const [digest, what] of owed) if (!present.has(digest)) this.violations.push(`${rule} lost: ${what}`)
  }

  #replaced(device: Device, record: FileRecord, write: ConditionalWrite): void {
    const digest = digestOfColumn(record.content)
    if (write.type === 'set' && digestOfColumn(write.data.content) === digest) return
    if (write.type === 'set') this.#checkPush(device, record.path, digestOfColumn(write.data.content))
    const base = device.baseOf(record.path)
    if (base?.digest === digest) return
    // A person has said what becomes of what was held.
    const key = keyOf(device, record.path)
    if (this.#given.has(key) || this.#approvedAt.get(key)?.has(digest) === true)
      return this.#owe(digest, `${write.id} ${record.content}, as a person has decided`)
    this.violations.push(`R4 ${device.name} replaced ${write.id} unseen: ${record.content}`)
    this.#owe(digest, `${write.id} ${record.content}`)
  }

  /** By a policy, the file wins whatever it is. */
  #checkPush(device: Device, path: string, digest: string): void {
    const policy = device.rules.conflictPolicy(path)
    const isOwnChoice = this.#merged.has(digest) || this.#byHand.has(digest)
    if (policy === 'local' || policy === 'newest' || isOwnChoice) return
    if (this.#resolved.has(keyOf(device, path))) return
    const fault = this.#provenance.faultOfPush(keyOf(device, path), device.recordKey(path), digest)
    if (fault !== null) this.violations.push(`R4.5 ${keyOf(device, path)} has replaced its record ${fault}`)
  }

  #recordsOf(device: Device): ReadonlyMap<string, FileRecord> {
    return this.#databases.get(device.databaseName)!.records()
  }

  #recordNow(device: Device, path: string): string | null {
    const record = this.#recordsOf(device).get(device.recordId(path))
    return record === undefined ? null : digestOfColumn(record.content)
  }

  #text(digest: string): string {
    return Buffer.from(this.#bytes.get(digest) ?? []).toString()
  }

  #sides(base: string, local: string, remote: string): Sides {
    return { base: this.#text(base), local: this.#text(local), remote: this.#text(remote) }
  }

  #known(bytes: Uint8Array): string {
    const digest = digestOf(bytes)
    if (!this.#bytes.has(digest)) this.#bytes.set(digest, bytes)
    return digest
  }

  #owe(digest: string, what: string): void {
    if (!this.#owed.has(digest)) this.#owed.set(digest, what)
  }

  #present(): Set<string> {
    const present = this.#lasting()
    for (const device of this.#devices()) {
      for (const path of device.disk.paths()) present.add(digestOf(device.disk.get(path)!.bytes))
      for (const digest of device.kept()) present.add(digest)
      for (const digest of device.agreed()) present.add(digest)
    }
    return present
  }

  /** What a conflict shows, or a base names, goes when others go on, and a program may write anew what it has written. */
  #lasting(): Set<string> {
    const lasting = new Set<string>()
    for (const database of this.#databases.values())
      for (const record of database.records().values()) lasting.add(digestOfColumn(record.content))
    for (const device of this.#devices()) {
      for (const path of device.disk.paths()) {
        const inode = device.disk.get(path)!
        if (!inode.writtenByProgram && !path.endsWith('.conflict')) lasting.add(digestOf(inode.bytes))
      }
      for (const digest of device.history()) lasting.add(digest)
    }
    return lasting
  }
}

/** R4.6: after a power cut an older file that a program has moved there looks like what the disk has lost. */
function isLikeLost(base: BaseEntry | undefined, { mtimeMs }: Inode): boolean {
  return base?.doubt === 'not-flushed' && base.fingerprint !== null && mtimeMs <= base.fingerprint.mtimeMs
}

const columns = new Map<string, Uint8Array>()

function bytesOfColumn(content: string): Uint8Array {
  let bytes = columns.get(content)
  if (bytes === undefined) {
    bytes = decodeContent(content, nodeCodec) ?? Buffer.from(`undecodable ${content}`)
    columns.set(content, bytes)
  }
  return bytes
}

export function digestOfColumn(content: string): string {
  return digestOf(bytesOfColumn(content))
}

/** Temporary names are not what programs look at. */
function isVisible(path: string): boolean {
  return !path.includes('_tmp-lockstep-')
}

function keyOf(device: Device, path: string): string {
  return `${device.name}:${path}`
}

function added(sets: Map<string, Set<string>>, key: string, item: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([item]))
  else set.add(item)
}

function shown(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'))
}
