/**
 * Files that sync has replaced or removed, kept for as long as a program may still be writing into them (R1.2): a
 * moment at least, then while somebody has them open for writing. What was written late is given back its place, on top
 * of the base it was made from.
 */
import type { BaseEntry, Digest, LocalEntry } from './core/entry.ts'
import type { ChannelState } from './channel-state.ts'
import { putAside } from './history.ts'
import type { Clock } from './ports/clock.ts'
import type { Codec } from './ports/codec.ts'
import { FileSystemError } from './ports/file-system.ts'
import type { Log } from './ports/log.ts'
import type { OpenFiles, Writers } from './ports/open-files.ts'
import type { StateChange, StateStore } from './ports/state-store.ts'
import type { LateWrite } from './replacements.ts'
import { type Kept, KEPT_MS, type LateContent, type Replacer } from './replace.ts'

/** Looks come at multiples of this, so that one look at all processes serves many files. Milliseconds. */
const TOGETHER_MS = 50
/** When a kept file is tried again that could not be looked at or removed, in milliseconds. */
const TRY_AGAIN_MS = 5_000
/** How long a file is kept where nobody tells who has it open, in milliseconds. */
export const UNKNOWN_KEPT_MS = 2 * 60_000
/** A file that is open is looked at after twice the time each time, up to this, in milliseconds. */
const LONGEST_LOOK_MS = 2_000
/** And whether it is open is asked up to so seldom: that is a look at all processes. Milliseconds. */
const LONGEST_ASK_MS = 60_000
/** The ticks of all file clocks are over then: from there on its times prove a content (R9.1). Milliseconds. */
const TICKS_MS = 2_000

export interface KeptChange {
  /** The base before the change: what a late write was an edit of. Null where there was none, or it is not known any more. */
  readonly base: BaseEntry | null
  /** What sync put in the kept file's place; null for a delete, and where it is not known any more. */
  readonly written: LocalEntry | null
}

interface Waiting extends KeptChange {
  readonly kept: Kept
  readonly state: ChannelState
  /** By the monotonic clock, here and below: whatever the other shows meanwhile, a late write is looked for all that time. */
  readonly since: number
  /** When it is looked at. */
  readonly until: number
  readonly lookMs: number
  /** When it is asked who has it open. */
  readonly askAt: number
  readonly askMs: number
}

interface Ports {
  readonly clock: Clock
  readonly codec: Codec
  readonly state: StateStore
  readonly openFiles: OpenFiles
  readonly log: Log
}

export class KeptFiles {
  readonly #ports: Ports
  readonly #replacer: Replacer
  readonly #device: string
  /** Those that have just been put aside; later ones come later. */
  readonly #fresh: Waiting[] = []
  /** Those that somebody has open, or may have. */
  #open: Waiting[] = []
  /** Those that the file system would not let go. */
  #stuck: Waiting[] = []

  constructor(ports: Ports, replacer: Replacer, device: string) {
    this.#ports = ports
    this.#replacer = replacer
    this.#device = device
  }

  add(kept: Kept, state: ChannelState, change: KeptChange): void {
    this.#fresh.push(this.#waiting(kept, state, change, KEPT_MS))
  }

  /** One that an earlier session has left behind, because somebody had it open. */
  adopt(kept: Kept, state: ChannelState, change: KeptChange): void {
    this.#fresh.unshift(this.#waiting(kept, state, change, 0))
  }

  #waiting(kept: Kept, state: ChannelState, change: KeptChange, ms: number): Waiting {
    const since = this.#ports.clock.monotonic()
    const at = Math.ceil((since + ms) / TOGETHER_MS) * TOGETHER_MS
    const { base, written } = change
    return { kept, state, base, written, since, until: at, lookMs: KEPT_MS, askAt: at, askMs: KEPT_MS }
  }

  /** When a look is due, in milliseconds since the epoch; null where nothing waits. */
  nextAt(): number | null {
    return this.#earliest([...this.#fresh.slice(0, 1), ...this.#open, ...this.#stuck])
  }

  /** The same for those that will soon be over: nobody waits for a program to close its files. */
  workAt(): number | null {
    return this.#earliest([...this.#fresh.slice(0, 1), ...this.#stuck])
  }

  #earliest(waiting: readonly Waiting[]): number | null {
    const { clock } = this.#ports
    if (waiting.length === 0) return null
    const until = Math.min(...waiting.map(one => one.until))
    return clock.now() + Math.max(0, until - clock.monotonic())
  }

  /** The temporary names that are in use. */
  temporaries(): Set<string> {
    const all = [...this.#fresh, ...this.#open, ...this.#stuck]
    return new Set(all.map(({ kept }) => kept.temporary))
  }

  /** Looks at what is due, and lets go what nobody can write into; returns the paths where a late write was found. */
  async release(): Promise<string[]> {
    const now = this.#ports.clock.monotonic()
    const due = this.#takeDue(now)
    // Who has a file open is asked first: once nobody has, nothing comes after the look.
    const asked = due.filter(({ askAt }) => askAt <= now)
    const writers = await this.#writersOf(asked)
    return this.#lookAtEach(due, writers, now)
  }

  /** At the end: those that are open stay under their temporary names, for the next start. */
  async lookAtOpen(): Promise<string[]> {
    return this.#lookAtEach(this.#open.splice(0), new Map(), this.#ports.clock.monotonic())
  }

  #takeDue(now: number): Waiting[] {
    const isDue = ({ until }: Waiting): boolean => until <= now
    const due = [...this.#open, ...this.#stuck].filter(isDue)
    this.#open = this.#open.filter(waiting => !isDue(waiting))
    this.#stuck = this.#stuck.filter(waiting => !isDue(waiting))
    const firstLater = this.#fresh.findIndex(waiting => !isDue(waiting))
    return [...due, ...this.#fresh.splice(0, firstLater === -1 ? this.#fresh.length : firstLater)]
  }

  async #writersOf(asked: readonly Waiting[]): Promise<Map<Waiting, Writers>> {
    if (asked.length === 0) return new Map()
    const answers = await this.#ports.openFiles.writersOf(asked.map(({ kept }) => kept.temporary))
    return new Map(asked.map((waiting, index) => [waiting, answers[index]!]))
  }

  async #lookAtEach(
    due: readonly Waiting[],
    writers: ReadonlyMap<Waiting, Writers>,
    now: number,
  ): Promise<string[]> {
    const found: string[] = []
    for (const waiting of due) {
      const later = laterLook(waiting, writers.get(waiting), now)
      if (await this.#lookOrKeep(waiting, later, now)) found.push(waiting.kept.path)
    }
    return found
  }

  async #lookOrKeep(waiting: Waiting, later: Waiting | null, now: number): Promise<boolean> {
    try {
      return await this.#look(waiting, later)
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error
      this.#ports.log.info('a kept file could not be released', {
        path: waiting.kept.temporary,
        code: error.code,
      })
      this.#stuck.push({ ...waiting, until: now + TRY_AGAIN_MS, askAt: now + TRY_AGAIN_MS })
      return false
    }
  }

  /** Whether something was written late. `later`: how it waits on if it stays; null where nobody has it open. */
  async #look(waiting: Waiting, later: Waiting | null): Promise<boolean> {
    const { kept } = waiting
    const found = this.#replacer.lookAtKept(kept)
    if (found === 'gone') return false
    if (found === 'as it was') {
      if (later === null) this.#replacer.drop(kept)
      else this.#open.push(later)
      return false
    }
    const digest = this.#ports.codec.digest(found.bytes)
    if ((await this.#giveBack(waiting, found, digest)) === 'back') return true
    if (later === null) {
      this.#replacer.drop(kept)
      return true
    }
    // What is written next is an edit of what was written now.
    const former = { digest, fingerprint: found.fingerprint, isUnproven: true } as const
    const next = this.#waiting({ ...kept, former }, waiting.state, waiting, KEPT_MS)
    this.#open.push({ ...next, askAt: later.askAt, askMs: later.askMs })
    return true
  }

  async #giveBack(waiting: Waiting, late: LateContent, digest: Digest): Promise<'back' | 'taken'> {
    const { kept, state, base } = waiting
    this.#ports.log.info('a program wrote into a file that sync had replaced', { path: kept.path })
    // The edit was made on the old base, so the base goes back first: after a crash here the remote version
    // is fetched and compared again, and nothing is pushed over it unseen.
    const current = state.base.get(kept.path) ?? null
    const written = replaceable(waiting)
    const changes = restoreBase(state, kept.path, base)
    changes.push(
      ...putAside(state, kept.path, late.bytes, {
        digest,
        version: null,
        cause: 'recovered',
        time: this.#ports.clock.now(),
        device: this.#device,
      }),
    )
    await this.#ports.state.commit(changes)
    const back = written === null ? this.#replacer.putBack(kept) : this.#replacer.putBackOver(kept, written)
    if (typeof back === 'object' && back.kept !== null)
      this.add(back.kept, state, { base: current, written: { digest, fingerprint: late.fingerprint } })
    if (back === 'taken') {
      // The path holds something newer by now, with a base of its own. The late write is put on top of that.
      await this.#ports.state.commit(restoreBase(state, kept.path, current))
      this.#noteLate(state, { path: kept.path, former: kept.former.digest, bytes: late.bytes })
    }
    state.pending.add(kept.path)
    return back === 'taken' ? 'taken' : 'back'
  }

  /** One that goes on where another one, which waits still, has ended is one write with it. */
  #noteLate({ lateWrites }: ChannelState, late: LateWrite): void {
    const { codec } = this.#ports
    const at = lateWrites.findIndex(
      ({ path, bytes }) => path === late.path && codec.digest(bytes) === late.former,
    )
    const begun = lateWrites[at]
    if (begun === undefined) lateWrites.push(late)
    else lateWrites[at] = { ...late, former: begun.former }
  }
}

/** `writers`: undefined where it was not asked. Null: it need not be looked at any more. */
function laterLook(waiting: Waiting, writers: Writers | undefined, now: number): Waiting | null {
  if (writers === 'none' || (writers === 'unknown' && now - waiting.since >= UNKNOWN_KEPT_MS)) return null
  const looked = { until: now + waiting.lookMs, lookMs: Math.min(2 * waiting.lookMs, LONGEST_LOOK_MS) }
  const asked = { askAt: now + waiting.askMs, askMs: Math.min(2 * waiting.askMs, LONGEST_ASK_MS) }
  const { digest, fingerprint } = waiting.kept.former
  const isProven = now - waiting.since >= TICKS_MS
  const kept = isProven ? { ...waiting.kept, former: { digest, fingerprint } } : waiting.kept
  return { ...waiting, ...looked, ...(writers === undefined ? {} : asked), kept }
}

/** What stands in the file's place and may give way to it, being in the database or made of what is; null where nothing may. */
function replaceable({ kept, state, base, written }: Waiting): LocalEntry | null {
  if (kept.removed) return null
  const local = state.local.get(kept.path)
  if (local === undefined || local.digest !== state.base.get(kept.path)?.digest) return written
  // Both sides agree on it. Where the file was an edit of the base, that is a part of it, and not to be merged again.
  return base?.digest === kept.former.digest ? local : null
}

/**
 * The file is looked at again, so its fingerprint is not trusted: it saves no read. After a power cut none does, and
 * then its times tell what the cut has left from what somebody has written since (R4.6).
 */
function restoreBase(state: ChannelState, path: string, base: BaseEntry | null): StateChange[] {
  const { scope } = state
  if (base === null) {
    state.base.delete(path)
    return [{ kind: 'base-delete', scope, path }]
  }
  const entry = base.doubt === 'not-flushed' ? base : { ...base, fingerprint: null }
  state.base.set(path, entry)
  return [{ kind: 'base-set', scope, path, entry }]
}
